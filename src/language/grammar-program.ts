/**
 * The grammar outside of blocks: probes, config, imports, map declarations, macros, functions. An item that cannot be
 * read is skipped up to the next one; its block is still read where there is one.
 */

import type {
  AttachPoint,
  CDefinition,
  ConfigEntry,
  ErrorNode,
  Expression,
  FunctionParameter,
  MacroParameter,
  Probe,
  RootItem,
} from './ast.ts';
import { readAttachPoint } from './attach-point.ts';
import {
  apply,
  behind,
  between,
  choose,
  commaList,
  errorNode,
  fail,
  isAtEnd,
  keyword,
  kind,
  many,
  type P,
  parser,
  punctuation,
  rangeSpan,
  recoverUntil,
  resultOf,
  separated,
  sequence,
  succeed,
  tokenSpan,
} from './combinators.ts';
import { expression } from './grammar-expressions.ts';
import { BLOCK, BLOCK_EXPRESSION } from './grammar-statements.ts';
import { TYPE } from './grammar-types.ts';
import { parseState } from './parse-state.ts';
import { ROOT_LET_MAP } from './syntax-error.ts';
import type { ScriptToken } from './tokens.ts';

const isOpenBrace = (token: ScriptToken) => token.kind === 'punctuation' && token.text === '{';

// ---- probes ----------------------------------------------------------------------------------------------------

/** Set for the length of a parse by parser.ts: attach points are the one place where parameters are text. */
let positionalParameters: readonly string[] = [];

/** setPositionalParameters gives the words that `$1`… stand for in attach points. */
export function setPositionalParameters(words: readonly string[]): void {
  positionalParameters = words;
}

const ATTACH_POINT: P<AttachPoint> = apply(kind('attachPoint', 'probe'), (token) =>
  readAttachPoint(token, tokenSpan(token), positionalParameters),
);

const PREDICATE: P<Expression | undefined> = parser<Expression | undefined>((token) => {
  if (token.kind !== 'predicateStart') {
    parseState().expect(token, "'/'");
    return succeed(token, token, undefined);
  }
  return FULL_PREDICATE.parse(token);
});

const FULL_PREDICATE: P<Expression | undefined> = parser<Expression | undefined>((token) => {
  if (!token.next) return fail();
  const step = resultOf(PREDICATE_EXPRESSION.parse(token.next));
  if (!step) return fail();
  const next = step.next.kind === 'predicateEnd' && step.next.next ? step.next.next : step.next;
  return succeed<Expression | undefined>(token, next, step.result);
});

const UP_TO_SLASH = recoverUntil<Expression>(expression, (next) => next.kind === 'predicateEnd', "'/'");

/** A block without the closing `/` before it is an error, but then it is the block. */
const PREDICATE_EXPRESSION: P<Expression | ErrorNode> = parser<Expression | ErrorNode>((token) => {
  const strict = UP_TO_SLASH.parse(token);
  if (strict.successful) return strict;
  let next = token;
  while (!isAtEnd(next) && !isOpenBrace(next) && next.next) next = next.next;
  return isOpenBrace(next) ? succeed<Expression | ErrorNode>(token, next, errorNode(token, next)) : fail();
});

const HEAD_PARTS = sequence(separated(ATTACH_POINT, ',', true), PREDICATE);

/** What stands before a probe's block is read up to it, whatever it is. */
const HEAD: P<{
  readonly attachPoints: readonly AttachPoint[];
  readonly predicate: Expression | undefined;
}> = parser((first) => {
  const step = resultOf(HEAD_PARTS.parse(first));
  const attachPoints = step?.result[0] ?? [];
  const predicate = step?.result[1];
  if (step && isOpenBrace(step.next)) return succeed(first, step.next, { attachPoints, predicate });
  const state = parseState();
  if (step) {
    state.expect(step.next, "','");
    state.expect(step.next, "'{'");
  }
  state.report();
  let token = step?.next ?? first;
  while (!isAtEnd(token) && !isOpenBrace(token) && token.kind !== 'definition') {
    if (token.text === '}' || token.text === ';' || !token.next) return fail();
    token = token.next;
  }
  return isOpenBrace(token) ? succeed(first, token, { attachPoints, predicate }) : fail();
});

const PROBE: P<RootItem> = apply(
  sequence(HEAD, BLOCK),
  ({ 0: { attachPoints, predicate }, 1: body }, range): Probe => ({
    kind: 'Probe',
    span: rangeSpan(range),
    attachPoints,
    ...(predicate && { predicate }),
    body,
  }),
);

// ---- config, imports, declarations -----------------------------------------------------------------------------

const CONFIG_VALUE = choose<ScriptToken>({
  kinds: new Map([
    ['identifier', kind('identifier', 'value')],
    ['integer', kind('integer', 'value')],
    ['string', kind('string', 'value')],
  ]),
  label: 'value',
});

const CONFIG_ENTRY: P<ConfigEntry> = apply(
  sequence(kind('identifier', 'name'), behind(punctuation('='), CONFIG_VALUE)),
  ({ 0: name, 1: value }, range): ConfigEntry => ({
    kind: 'ConfigEntry',
    span: rangeSpan(range),
    name: name.text,
    value: configValue(value),
    isQuoted: value.kind === 'string',
    valueSpan: tokenSpan(value),
  }),
);

function configValue(token: ScriptToken): bigint | string | boolean {
  if (token.kind === 'identifier') return token.text === 'true' ? true : token.text === 'false' ? false : token.text;
  return token.value ?? '';
}

const isConfigEntryEnd = (token: ScriptToken) =>
  token.kind === 'punctuation' && (token.text === ';' || token.text === '}');

/** An entry and its `;`, which only the last may lack. */
const CONFIG_LINE: P<ConfigEntry | ErrorNode> = parser<ConfigEntry | ErrorNode>((token) => {
  if (token.text === '}' || isAtEnd(token)) return fail();
  const step = resultOf(recoverUntil<ConfigEntry>(CONFIG_ENTRY, isConfigEntryEnd, "';'").parse(token));
  if (!step) return fail();
  const next = step.next.text === ';' && step.next.next ? step.next.next : step.next;
  return succeed<ConfigEntry | ErrorNode>(token, next, step.result);
});

const CONFIG: P<RootItem> = apply(
  sequence(keyword('config'), punctuation('='), between(punctuation('{'), many(CONFIG_LINE), punctuation('}'))),
  ({ 2: entries }, range): RootItem => ({
    kind: 'ConfigBlock',
    span: rangeSpan(range),
    entries: entries.filter((entry) => entry.kind === 'ConfigEntry'),
  }),
);

const IMPORT: P<RootItem> = apply(
  sequence(keyword('import'), kind('string', 'string')),
  ({ 1: path }, range): RootItem => ({
    kind: 'RootImport',
    span: rangeSpan(range),
    path: String(path.value),
  }),
);

const MAP_DECLARATION: P<RootItem> = apply(
  sequence(
    keyword('let'),
    kind('map', ROOT_LET_MAP),
    punctuation('='),
    kind('identifier', 'map type'),
    between(punctuation('('), commaList(expression, ')'), punctuation(')')),
  ),
  ({ 1: name, 3: mapKind, 4: args }, range): RootItem => ({
    kind: 'MapDeclaration',
    span: rangeSpan(range),
    name: name.text,
    mapKind: mapKind.text,
    args: args.items,
  }),
);

// ---- macros and functions --------------------------------------------------------------------------------------

const MACRO_PARAMETER = choose<MacroParameter>({
  kinds: new Map(
    (['variable', 'map', 'identifier'] as const).map((name) => [
      name,
      apply(
        kind(name, 'parameter'),
        (token): MacroParameter => ({
          kind: 'MacroParameter',
          span: tokenSpan(token),
          name: token.text,
        }),
      ),
    ]),
  ),
  label: 'parameter',
});

const MACRO: P<RootItem> = apply(
  sequence(
    keyword('macro'),
    kind('identifier', 'name'),
    between(punctuation('('), commaList(MACRO_PARAMETER, ')'), punctuation(')')),
    BLOCK_EXPRESSION,
  ),
  ({ 1: name, 2: parameters, 3: body }, range): RootItem => ({
    kind: 'Macro',
    span: rangeSpan(range),
    name: name.text,
    nameSpan: tokenSpan(name),
    parameters: parameters.items,
    body,
  }),
);

const FUNCTION_PARAMETER: P<FunctionParameter> = apply(
  sequence(kind('variable', 'parameter'), behind(punctuation(':'), TYPE)),
  ({ 0: name, 1: type }, range): FunctionParameter => ({
    kind: 'FunctionParameter',
    span: rangeSpan(range),
    name: name.text,
    type,
  }),
);

const FUNCTION: P<RootItem> = apply(
  sequence(
    keyword('fn'),
    kind('identifier', 'name'),
    between(punctuation('('), commaList(FUNCTION_PARAMETER, ')'), punctuation(')')),
    behind(punctuation(':'), TYPE),
    BLOCK,
  ),
  ({ 1: name, 2: parameters, 3: returnType, 4: body }, range): RootItem => ({
    kind: 'FunctionDefinition',
    span: rangeSpan(range),
    name: name.text,
    nameSpan: tokenSpan(name),
    parameters: parameters.items,
    returnType,
    body,
  }),
);

// ---- the program -----------------------------------------------------------------------------------------------

const DEFINITION: P<CDefinition> = apply(
  kind('definition', 'definition'),
  (token): CDefinition => ({
    kind: 'CDefinition',
    span: tokenSpan(token),
    text: token.text,
  }),
);

export type AnyItem = CDefinition | RootItem;

const ITEM: P<AnyItem> = choose<AnyItem>({
  kinds: new Map<ScriptToken['kind'], P<AnyItem>>([
    ['definition', DEFINITION],
    ['attachPoint', PROBE],
  ]),
  words: new Map<string, P<AnyItem>>([
    ['config', CONFIG],
    ['import', IMPORT],
    ['let', MAP_DECLARATION],
    ['macro', MACRO],
    ['fn', FUNCTION],
  ]),
  label: 'probe',
});

const isSemicolon = (token: ScriptToken) => token.kind === 'punctuation' && token.text === ';';

const RECOVERING_ITEM: P<AnyItem | undefined> = parser<AnyItem | undefined>((token) => {
  const state = parseState();
  if (token.kind === 'end' || state.isAborted) return fail();
  if (isSemicolon(token) || token.kind === 'unclosed') return succeed(token, token.next, undefined);
  const output = ITEM.parse(token);
  if (output.successful) return output;
  state.report();
  if (state.isAborted) return fail();
  const stop = skipItem(token);
  return succeed<AnyItem | undefined>(token, stop, errorNode(token, stop));
});

/** Behind the item's block, or before what can only begin another one. */
function skipItem(first: ScriptToken): ScriptToken {
  const furthest = parseState().furthest?.start ?? -1;
  let depth = 0;
  let token = first;
  while (token.kind !== 'end' && token.next) {
    const isOpen = isOpenBrace(token);
    const isClose = token.kind === 'punctuation' && token.text === '}';
    if (isOpen) depth++;
    else if (isClose) depth = Math.max(depth - 1, 0);
    const previous: ScriptToken = token;
    token = token.next;
    if (depth > 0 || token.start < furthest) continue;
    if (isClose || isSemicolon(previous)) return token;
    if (
      token.kind === 'definition' ||
      (token.kind === 'attachPoint' && previous.kind !== 'attachPoint' && previous.text !== ',')
    )
      return token;
  }
  return token;
}

/** PROGRAM reads all items. */
export const PROGRAM: P<readonly AnyItem[]> = apply(many(RECOVERING_ITEM), (items) =>
  items.filter((item) => item !== undefined),
);
