/** The grammar of types: a base, then suffixes from left to right (`int32*[4]` is an array of pointers). */

import { rule } from 'typescript-parsec';
import type { Expression, NamedType, TypeExpression, TypeOf } from './ast.ts';
import {
  apply,
  behind,
  between,
  choose,
  commaList,
  fail,
  keyword,
  kind,
  nested,
  type P,
  parser,
  punctuation,
  rangeSpan,
  repeatWhile,
  resultOf,
  separated,
  sequence,
  spanFrom,
  succeed,
  tokenSpan,
} from './combinators.ts';
import { LIMITS } from './limits.ts';
import { isQualifier, isTag, isTypeOperand } from './shape.ts';
import type { ScriptToken, TokenKind } from './tokens.ts';
import { C_INTEGER_WORDS } from './type-names.ts';

/** Set by grammar-expressions.ts: types hold expressions (`string[n]`, `typeof(e)`) and the other way round. */
export const expression = rule<TokenKind, Expression>();

/** TYPE reads a type expression. */
export const TYPE = rule<TokenKind, TypeExpression>();

const IDENTIFIER = kind('identifier', 'type');

const TAGGED: P<NamedType> = parser((token) => {
  const name = token.next;
  if (!isTag(token) || !name) return fail();
  const step = resultOf(kind('identifier', 'name').parse(name));
  if (!step) return fail();
  return succeed<NamedType>(token, step.next, {
    kind: 'NamedType',
    span: spanFrom(token, step.next),
    tag: token.text as 'struct' | 'union' | 'enum',
    name: step.result.text,
  });
});

/** `unsigned long` is one name; everything else is one word. */
const NAMED: P<NamedType> = parser((token) => {
  const step = resultOf(IDENTIFIER.parse(token));
  if (!step) return fail();
  let next = step.next;
  let name = step.result.text;
  if (C_INTEGER_WORDS.has(name))
    while (next.kind === 'identifier' && C_INTEGER_WORDS.has(next.text) && next.next) {
      name += ` ${next.text}`;
      next = next.next;
    }
  return succeed<NamedType>(token, next, {
    kind: 'NamedType',
    span: spanFrom(token, next),
    name,
  });
});

const QUALIFIERS: P<undefined> = parser((first) => {
  let token = first;
  while (isQualifier(token) && token.next) token = token.next;
  return succeed(first, token, undefined);
});

/** TYPE_OPERAND reads `T` or `e` behind `sizeof(` and its like. */
export const TYPE_OPERAND: P<Expression | TypeExpression> = parser<Expression | TypeExpression>((token) =>
  isTypeOperand(token) ? TYPE.parse(token) : expression.parse(token),
);

/** TYPE_OF reads `typeof(T|e)`. */
export const TYPE_OF: P<TypeOf> = apply(
  sequence(keyword('typeof'), between(punctuation('('), TYPE_OPERAND, punctuation(')'))),
  ({ 1: operand }, range): TypeOf => ({
    kind: 'TypeOf',
    span: rangeSpan(range),
    operand,
  }),
);

const RECORD_FIELD = apply(
  sequence(kind('identifier', 'name'), behind(punctuation(':'), TYPE)),
  ({ 0: name, 1: type }) => ({
    name: name.text,
    type,
  }),
);

const RECORD: P<TypeExpression> = apply(
  between(punctuation('('), separated(RECORD_FIELD, ','), punctuation(')')),
  (fields, range): TypeExpression => ({
    kind: 'RecordType',
    span: rangeSpan(range),
    fields,
  }),
);

const TUPLE: P<TypeExpression> = apply(
  between(punctuation('('), commaList(TYPE, ')'), punctuation(')')),
  ({ items }, range): TypeExpression => ({
    kind: 'TupleType',
    span: rangeSpan(range),
    elements: items,
  }),
);

const TUPLE_OR_RECORD: P<TypeExpression> = parser((open) =>
  open.next?.kind === 'identifier' && open.next.next?.text === ':' ? RECORD.parse(open) : TUPLE.parse(open),
);

const BASE: P<TypeExpression> = choose<TypeExpression>({
  words: new Map<string, P<TypeExpression>>([
    ['struct', TAGGED],
    ['union', TAGGED],
    ['enum', TAGGED],
    ['typeof', TYPE_OF],
  ]),
  punctuation: new Map([['(', TUPLE_OR_RECORD]]),
  kinds: new Map([['identifier', NAMED]]),
  label: 'type',
});

type Suffix = { readonly token: ScriptToken; readonly end: number } & (
  | { readonly kind: 'pointer' }
  | { readonly kind: 'array'; readonly length: Expression | undefined }
);

const POINTER: P<Suffix> = apply(
  sequence(punctuation('*'), QUALIFIERS),
  ({ 0: token }): Suffix => ({ kind: 'pointer', token, end: token.end }),
);

const ARRAY: P<Suffix> = apply(
  sequence(punctuation('['), commaList(expression, ']'), punctuation(']')),
  ({ 0: token, 1: { items }, 2: close }): Suffix => ({
    kind: 'array',
    token,
    end: close.end,
    length: items[0],
  }),
);

const SUFFIX: P<Suffix> = choose<Suffix>({
  punctuation: new Map([
    ['*', POINTER],
    ['[', ARRAY],
  ]),
  label: 'postfix',
});

TYPE.setPattern(
  nested(
    apply(
      sequence(
        QUALIFIERS,
        BASE,
        QUALIFIERS,
        repeatWhile(
          {
            test: (token) => token.text === '*' || token.text === '[',
            label: 'postfix',
            limit: LIMITS.nesting,
            what: 'suffixes of one type',
          },
          SUFFIX,
        ),
      ),
      ({ 1: base, 3: suffixes }) => suffixes.reduce(addSuffix, base),
    ),
  ),
);

function addSuffix(type: TypeExpression, suffix: Suffix): TypeExpression {
  const span = {
    ...tokenSpan(suffix.token),
    start: type.span.start,
    end: suffix.end,
  };
  return suffix.kind === 'pointer'
    ? { kind: 'PointerType', span, target: type }
    : {
        kind: 'ArrayType',
        span,
        element: type,
        ...(suffix.length && { length: suffix.length }),
      };
}
