/**
 * The grammar of expressions. Binary operators are read as a flat list and grouped by the table of operators.ts; the
 * next token alone decides between alternatives, so nothing is read twice at any depth.
 */

import type { BinaryOperator, Call, Expression, MapAccess, RecordField, TypeExpression, UnaryOperator } from './ast.ts';
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
  oneOf,
  optionalAt,
  type P,
  parser,
  punctuation,
  rangeSpan,
  repeatWhile,
  separated,
  sequence,
  succeed,
  tokenSpan,
} from './combinators.ts';
import { expression, TYPE, TYPE_OF, TYPE_OPERAND } from './grammar-types.ts';
import { LIMITS } from './limits.ts';
import { BINARY_LEVELS, UNARY_OPS } from './operators.ts';
import { parseState } from './parse-state.ts';
import { isCast, isTag } from './shape.ts';
import type { ScriptToken, TokenKind } from './tokens.ts';

export { expression } from './grammar-types.ts';

/** Set by grammar-statements.ts. */
export interface BlockParsers {
  readonly blockExpression: P<Expression>;
  readonly ifExpression: P<Expression>;
}

let blocks: BlockParsers | undefined;

/** setBlockParsers closes the circle: expressions hold blocks, blocks hold expressions. */
export function setBlockParsers(parsers: BlockParsers): void {
  blocks = parsers;
}

const BLOCK: P<Expression> = parser((token) => (blocks ? blocks.blockExpression.parse(token) : fail()));
const IF: P<Expression> = parser((token) => (blocks ? blocks.ifExpression.parse(token) : fail()));

const EXPRESSION = 'expression';

// ---- primary ---------------------------------------------------------------------------------------------------

/** What one token is by itself; words and maps only where nothing follows that belongs to them. */
const LEAVES: ReadonlyMap<TokenKind, (token: ScriptToken) => Expression> = new Map<
  TokenKind,
  (token: ScriptToken) => Expression
>([
  [
    'integer',
    (token) => ({ kind: 'IntegerLiteral', span: tokenSpan(token), value: token.value as bigint, text: token.text }),
  ],
  ['string', (token) => ({ kind: 'StringLiteral', span: tokenSpan(token), value: token.value as string })],
  ['variable', (token) => ({ kind: 'Variable', span: tokenSpan(token), name: token.text })],
  ['positional', (token) => ({ kind: 'PositionalParameter', span: tokenSpan(token), index: Number(token.value) })],
  ['parameterCount', (token) => ({ kind: 'ParameterCount', span: tokenSpan(token) })],
  ['identifier', (token) => ({ kind: 'Identifier', span: tokenSpan(token), name: token.text })],
  ['map', (token) => ({ kind: 'MapAccess', span: tokenSpan(token), name: token.text, nameSpan: tokenSpan(token) })],
]);

function leaf(name: TokenKind): P<Expression> {
  const build = LEAVES.get(name);
  if (!build) throw new Error(`no leaf: ${name}`);
  return apply(kind(name, EXPRESSION), build);
}

const BOOLEAN: P<Expression> = apply(
  kind('identifier', EXPRESSION),
  (token): Expression => ({ kind: 'BooleanLiteral', span: tokenSpan(token), value: token.text === 'true' }),
);

const KEYS = between(punctuation('[', 'postfix'), separated(expression, ','), punctuation(']'));

const MAP: P<Expression> = apply(
  sequence(kind('map', EXPRESSION), optionalAt('[', 'postfix', KEYS)),
  ({ 0: token, 1: keys }, range): MapAccess => ({
    kind: 'MapAccess',
    span: rangeSpan(range),
    name: token.text,
    nameSpan: tokenSpan(token),
    ...(keys && { keys }),
  }),
);

const ARGUMENT: P<Expression | TypeExpression> = parser<Expression | TypeExpression>((token) =>
  isTag(token) ? TYPE.parse(token) : expression.parse(token),
);

const ARGUMENTS = between(punctuation('('), commaList(ARGUMENT, ')'), punctuation(')'));

const NAME: P<Expression> = apply(
  sequence(kind('identifier', EXPRESSION), optionalAt('(', 'postfix', ARGUMENTS)),
  ({ 0: token, 1: args }, range): Expression =>
    args
      ? ({
          kind: 'Call',
          span: rangeSpan(range),
          name: token.text,
          nameSpan: tokenSpan(token),
          args: args.items,
        } satisfies Call)
      : { kind: 'Identifier', span: tokenSpan(token), name: token.text },
);

const SIZE_OF: P<Expression> = apply(
  sequence(keyword('sizeof'), between(punctuation('('), TYPE_OPERAND, punctuation(')'))),
  ({ 1: operand }, range): Expression => ({
    kind: 'SizeOf',
    span: rangeSpan(range),
    operand,
  }),
);

const TYPE_INFO: P<Expression> = apply(
  sequence(keyword('typeinfo'), between(punctuation('('), TYPE_OPERAND, punctuation(')'))),
  ({ 1: operand }, range): Expression => ({
    kind: 'TypeInfo',
    span: rangeSpan(range),
    operand,
  }),
);

const PATH_FIELD: P<string | Expression> = behind(
  punctuation('.'),
  apply(kind('identifier', 'field'), (token): string | Expression => token.text),
);

const PATH_INDEX: P<string | Expression> = apply(
  sequence(punctuation('['), expression, punctuation(']')),
  ({ 1: index }): string | Expression => index,
);

const PATH_STEP = choose<string | Expression>({
  punctuation: new Map([
    ['.', PATH_FIELD],
    ['[', PATH_INDEX],
  ]),
  label: 'postfix',
});

const OFFSET_OF: P<Expression> = apply(
  sequence(
    keyword('offsetof'),
    behind(punctuation('('), TYPE_OPERAND),
    behind(punctuation(','), kind('identifier', 'field')),
    repeatWhile(
      {
        test: (token) => token.text === '.' || token.text === '[',
        label: 'postfix',
        limit: LIMITS.chain,
        what: 'fields',
      },
      PATH_STEP,
    ),
    punctuation(')'),
  ),
  ({ 1: operand, 2: first, 3: rest }, range): Expression => ({
    kind: 'OffsetOf',
    span: rangeSpan(range),
    operand,
    path: [first.text, ...rest],
  }),
);

const COMPTIME: P<Expression> = apply(
  sequence(keyword('comptime'), expression),
  ({ 1: operand }, range): Expression => ({
    kind: 'Comptime',
    span: rangeSpan(range),
    operand,
  }),
);

const RECORD_FIELD: P<RecordField> = apply(
  sequence(kind('identifier', 'field'), behind(punctuation('='), expression)),
  ({ 0: name, 1: value }, range): RecordField => ({
    kind: 'RecordField',
    span: rangeSpan(range),
    name: name.text,
    value,
  }),
);

const isRecordStart = (open: ScriptToken) =>
  open.next?.kind === 'identifier' && open.next.next?.kind === 'punctuation' && open.next.next.text === '=';

const RECORD: P<Expression> = apply(
  between(punctuation('('), separated(RECORD_FIELD, ',', true), punctuation(')')),
  (fields, range): Expression => ({
    kind: 'Record',
    span: rangeSpan(range),
    fields,
  }),
);

/** `()`, `(e)`, `(e,)` and `(e, f)`. A parenthesised expression keeps its node, with the span of the parentheses. */
const PARENTHESIS: P<Expression> = apply(
  between(punctuation('('), commaList(expression, ')'), punctuation(')')),
  ({ items, endsInComma }, range): Expression => {
    const [first] = items;
    const span = rangeSpan(range);
    return first && items.length === 1 && !endsInComma ? { ...first, span } : { kind: 'Tuple', span, elements: items };
  },
);

const PARENTHESISED: P<Expression> = parser((token) =>
  isRecordStart(token) ? RECORD.parse(token) : PARENTHESIS.parse(token),
);

const WORDS: ReadonlyMap<string, P<Expression>> = new Map([
  ['true', BOOLEAN],
  ['false', BOOLEAN],
  ['if', IF],
  ['sizeof', SIZE_OF],
  ['offsetof', OFFSET_OF],
  ['typeof', TYPE_OF as P<Expression>],
  ['typeinfo', TYPE_INFO],
  ['comptime', COMPTIME],
]);

const PRIMARY: P<Expression> = choose<Expression>({
  words: WORDS,
  punctuation: new Map([
    ['(', PARENTHESISED],
    ['{', BLOCK],
  ]),
  kinds: new Map<TokenKind, P<Expression>>([
    ['integer', leaf('integer')],
    ['string', leaf('string')],
    ['variable', leaf('variable')],
    ['map', MAP],
    ['identifier', NAME],
    ['positional', leaf('positional')],
    ['parameterCount', leaf('parameterCount')],
  ]),
  label: EXPRESSION,
});

// ---- postfix and prefix ----------------------------------------------------------------------------------------

type Postfix = { readonly end: number } & (
  | {
      readonly kind: 'field';
      readonly isArrow: boolean;
      readonly name: ScriptToken;
    }
  | { readonly kind: 'index'; readonly index: Expression }
  | { readonly kind: 'step'; readonly operator: '++' | '--' }
);

const FIELD_NAME = choose<ScriptToken>({
  kinds: new Map([
    ['identifier', kind('identifier', 'field')],
    ['integer', kind('integer', 'field')],
  ]),
  label: 'field',
});

const FIELD: P<Postfix> = apply(
  sequence(oneOf(new Set(['.', '->']), 'postfix'), FIELD_NAME),
  ({ 0: mark, 1: name }): Postfix => ({
    kind: 'field',
    isArrow: mark.text === '->',
    name,
    end: name.end,
  }),
);

const INDEX: P<Postfix> = apply(
  sequence(punctuation('['), expression, punctuation(']')),
  ({ 1: index, 2: close }): Postfix => ({ kind: 'index', index, end: close.end }),
);

const STEP: P<Postfix> = apply(
  oneOf(new Set(['++', '--']), 'postfix'),
  (token): Postfix => ({
    kind: 'step',
    operator: token.text as '++' | '--',
    end: token.end,
  }),
);

const POSTFIX: P<Postfix> = choose<Postfix>({
  punctuation: new Map([
    ['.', FIELD],
    ['->', FIELD],
    ['[', INDEX],
    ['++', STEP],
    ['--', STEP],
  ]),
  label: 'postfix',
});

const POSTFIX_STARTS: ReadonlySet<string> = new Set(['.', '->', '[', '++', '--']);

const POSTFIXED: P<Expression> = apply(
  sequence(
    PRIMARY,
    repeatWhile(
      {
        test: (token) => token.kind === 'punctuation' && POSTFIX_STARTS.has(token.text),
        label: 'postfix',
        limit: LIMITS.chain,
        what: 'fields and indices in a row',
      },
      POSTFIX,
    ),
  ),
  ({ 0: object, 1: steps }) => steps.reduce(addPostfix, object),
);

function addPostfix(object: Expression, postfix: Postfix): Expression {
  const span = { ...object.span, end: postfix.end };
  switch (postfix.kind) {
    case 'index':
      return { kind: 'Index', span, object, index: postfix.index };
    case 'step':
      return {
        kind: 'IncrementDecrement',
        span,
        operator: postfix.operator,
        isPrefix: false,
        operand: object,
      };
    case 'field': {
      const { name, isArrow } = postfix;
      return name.kind === 'integer'
        ? {
            kind: 'TupleElement',
            span,
            object,
            index: Number(name.value),
            isArrow,
          }
        : {
            kind: 'Member',
            span,
            object,
            name: name.text,
            nameSpan: tokenSpan(name),
            isArrow,
          };
    }
  }
}

type Prefix = { readonly start: ScriptToken } & (
  | { readonly kind: 'unary'; readonly operator: UnaryOperator }
  | { readonly kind: 'addressOf' }
  | { readonly kind: 'step'; readonly operator: '++' | '--' }
  | { readonly kind: 'cast'; readonly type: TypeExpression }
);

const UNARY: P<Prefix> = apply(
  oneOf(UNARY_OPS, EXPRESSION),
  (start): Prefix => ({
    kind: 'unary',
    start,
    operator: start.text as UnaryOperator,
  }),
);

const ADDRESS_OF: P<Prefix> = apply(punctuation('&', EXPRESSION), (start): Prefix => ({ kind: 'addressOf', start }));

const PREFIX_STEP: P<Prefix> = apply(
  oneOf(new Set(['++', '--']), EXPRESSION),
  (start): Prefix => ({
    kind: 'step',
    start,
    operator: start.text as '++' | '--',
  }),
);

const CAST_TYPE: P<Prefix> = apply(
  sequence(punctuation('('), TYPE, punctuation(')')),
  ({ 0: start, 1: type }): Prefix => ({ kind: 'cast', start, type }),
);

const PREFIX: P<Prefix> = choose<Prefix>({
  punctuation: new Map([
    ...[...UNARY_OPS].map((operator) => [operator, UNARY] as const),
    ['&', ADDRESS_OF] as const,
    ['++', PREFIX_STEP] as const,
    ['--', PREFIX_STEP] as const,
    ['(', CAST_TYPE] as const,
  ]),
  label: EXPRESSION,
});

const PREFIX_STARTS: ReadonlySet<string> = new Set([...UNARY_OPS, '&', '++', '--']);

const FULL_UNARY: P<Expression> = apply(
  sequence(
    repeatWhile(
      {
        test: (token) =>
          token.kind === 'punctuation' && (token.text === '(' ? isCast(token) : PREFIX_STARTS.has(token.text)),
        label: EXPRESSION,
        limit: LIMITS.nesting,
        what: 'prefix operators in a row',
      },
      PREFIX,
    ),
    POSTFIXED,
  ),
  ({ 0: prefixes, 1: operand }) => prefixes.reduceRight(addPrefix, operand),
);

/** Behind these no operand goes on. */
const OPERAND_ENDS: ReadonlySet<string> = new Set([...BINARY_LEVELS.keys(), '?', ',', ')', ';', ']', '}']);
/** Behind these no expression goes on. */
const EXPRESSION_ENDS: ReadonlySet<string> = new Set([',', ')', ';', ']', '}']);

/**
 * Most operands are one token, and the one behind it says so: they skip the layers that would find nothing. Those
 * layers would only note that an operator might have followed, which no message names.
 */
function quickly(ends: ReadonlySet<string>, inner: P<Expression>): P<Expression> {
  return parser((token) => {
    const { next } = token;
    if (next?.kind !== 'punctuation' || !ends.has(next.text)) return inner.parse(token);
    if (token.kind === 'identifier' && WORDS.has(token.text)) return inner.parse(token);
    const build = LEAVES.get(token.kind);
    return build && !parseState().isAborted ? succeed(token, next, build(token)) : inner.parse(token);
  });
}

const UNARY_EXPRESSION = quickly(OPERAND_ENDS, FULL_UNARY);

function addPrefix(operand: Expression, prefix: Prefix): Expression {
  const span = { ...operand.span, start: prefix.start.start };
  switch (prefix.kind) {
    case 'unary':
      return { kind: 'Unary', span, operator: prefix.operator, operand };
    case 'addressOf':
      return { kind: 'AddressOf', span, operand };
    case 'step':
      return {
        kind: 'IncrementDecrement',
        span,
        operator: prefix.operator,
        isPrefix: true,
        operand,
      };
    case 'cast':
      return { kind: 'Cast', span, type: prefix.type, operand };
  }
}

// ---- binary and ternary ----------------------------------------------------------------------------------------

const BINARY: P<Expression> = apply(
  sequence(
    UNARY_EXPRESSION,
    repeatWhile(
      {
        test: (token) => token.kind === 'punctuation' && BINARY_LEVELS.has(token.text),
        label: 'operator',
        limit: LIMITS.chain,
        what: 'operators in one expression',
      },
      sequence(oneOf(BINARY_LEVELS, 'operator'), UNARY_EXPRESSION),
    ),
  ),
  ({ 0: first, 1: rest }) => (rest.length === 0 ? first : group(first, rest)),
);

/** Precedence climbing without recursion: operands wait until an operator that binds no tighter comes. */
function group(first: Expression, rest: readonly (readonly [ScriptToken, Expression])[]): Expression {
  const operands: Expression[] = [first];
  const waiting: { token: ScriptToken; level: number }[] = [];
  const reduce = () => {
    const top = waiting.pop();
    const right = operands.pop();
    const left = operands.pop();
    if (!top || !left || !right) return;
    operands.push({
      kind: 'Binary',
      span: { ...left.span, end: right.span.end },
      operator: top.token.text as BinaryOperator,
      operatorSpan: tokenSpan(top.token),
      left,
      right,
    });
  };
  for (const [token, operand] of rest) {
    const level = BINARY_LEVELS.get(token.text)?.level ?? 0;
    while ((waiting.at(-1)?.level ?? 0) >= level) reduce();
    waiting.push({ token, level });
    operands.push(operand);
  }
  while (waiting.length > 0) reduce();
  return operands[0] ?? first;
}

const CONSEQUENT: P<Expression | undefined> = parser<Expression | undefined>((token) =>
  token.kind === 'punctuation' && token.text === ':' ? succeed(token, token, undefined) : expression.parse(token),
);

const BRANCHES = sequence(punctuation('?'), CONSEQUENT, behind(punctuation(':'), expression));

expression.setPattern(
  quickly(
    EXPRESSION_ENDS,
    nested(
      apply(sequence(BINARY, optionalAt('?', "'?'", BRANCHES)), ({ 0: condition, 1: branches }): Expression => {
        if (!branches) return condition;
        const [, consequent, alternate] = branches;
        return {
          kind: 'Ternary',
          span: { ...condition.span, end: alternate.span.end },
          condition,
          ...(consequent && { consequent }),
          alternate,
        };
      }),
    ),
  ),
);
