/**
 * The grammar of statements and blocks. Each statement recovers on its own: an error skips to the next `;` or the
 * closing brace and leaves an `ErrorNode`. Whether the last expression is a block's value is known only by its place,
 * so blocks are read neutrally and turned into statements or values afterwards.
 */

import type {
  AssignmentOperator,
  Block,
  BlockExpression,
  ErrorNode,
  Expression,
  If,
  Range,
  Statement,
  Variable,
} from './ast.ts';
import {
  apply,
  behind,
  choose,
  errorNode,
  fail,
  isAtEnd,
  keyword,
  kind,
  many,
  nested,
  type P,
  parser,
  punctuation,
  rangeSpan,
  recoverUntil,
  resultOf,
  sequence,
  skipTo,
  spanFrom,
  succeed,
  tokenSpan,
} from './combinators.ts';
import { expression, setBlockParsers } from './grammar-expressions.ts';
import { TYPE } from './grammar-types.ts';
import { LIMITS } from './limits.ts';
import { ASSIGNMENT_OPS } from './operators.ts';
import { parseState } from './parse-state.ts';
import type { ScriptToken } from './tokens.ts';

/** A statement with the knowledge whether a `;` closed it. */
interface Line {
  readonly statement: Statement;
  readonly isTerminated: boolean;
}

interface RawBlock {
  readonly lines: readonly Line[];
  readonly span: Block['span'];
}

const isOpenBrace = (token: ScriptToken) => token.kind === 'punctuation' && token.text === '{';

const isCloseBrace = (token: ScriptToken) => token.kind === 'punctuation' && token.text === '}';

// ---- simple statements -----------------------------------------------------------------------------------------

const VARIABLE: P<Variable> = apply(
  kind('variable', 'variable'),
  (token): Variable => ({
    kind: 'Variable',
    span: tokenSpan(token),
    name: token.text,
  }),
);

/** maybe reads the inner parser behind a mark, where the mark is there. */
function maybe<T>(mark: string, inner: P<T>): P<T | undefined> {
  const committed = behind(punctuation(mark), inner);
  return parser<T | undefined>((token) => {
    if (token.kind === 'punctuation' && token.text === mark) return committed.parse(token);
    parseState().expect(token, `'${mark}'`);
    return succeed(token, token, undefined);
  });
}

const LET: P<Statement> = apply(
  sequence(keyword('let'), VARIABLE, maybe(':', TYPE), maybe('=', expression)),
  ({ 1: variable, 2: type, 3: value }, range): Statement => ({
    kind: 'Let',
    span: rangeSpan(range),
    variable,
    ...(type && { type }),
    ...(value && { value }),
  }),
);

const BREAK: P<Statement> = apply(keyword('break'), (token): Statement => ({ kind: 'Break', span: tokenSpan(token) }));

const CONTINUE: P<Statement> = apply(
  keyword('continue'),
  (token): Statement => ({ kind: 'Continue', span: tokenSpan(token) }),
);

const isStatementEnd = (token: ScriptToken) =>
  isAtEnd(token) || (token.kind === 'punctuation' && (token.text === ';' || token.text === '}'));

const RETURN_VALUE: P<Expression | undefined> = parser<Expression | undefined>((token) =>
  isStatementEnd(token) ? succeed(token, token, undefined) : expression.parse(token),
);

const RETURN: P<Statement> = apply(
  sequence(keyword('return'), RETURN_VALUE),
  ({ 1: value }, range): Statement => ({
    kind: 'Return',
    span: rangeSpan(range),
    ...(value && { value }),
  }),
);

const IMPORT: P<Statement> = apply(
  sequence(keyword('import'), kind('string', 'string')),
  ({ 1: path }, range): Statement => ({
    kind: 'ImportStatement',
    span: rangeSpan(range),
    path: String(path.value),
  }),
);

interface AssignmentTail {
  readonly operator: AssignmentOperator;
  readonly value: Expression;
}

const isAssignmentOperator = (text: string): text is AssignmentOperator =>
  (ASSIGNMENT_OPS as ReadonlySet<string>).has(text);

const ASSIGNMENT_TAIL: P<AssignmentTail | undefined> = parser<AssignmentTail | undefined>((token) => {
  if (token.kind !== 'punctuation' || !isAssignmentOperator(token.text) || !token.next) {
    parseState().expect(token, 'assignment');
    return succeed(token, token, undefined);
  }
  const value = resultOf(expression.parse(token.next));
  return value ? succeed(token, value.next, { operator: token.text, value: value.result }) : fail();
});

/** The expression is read once; what it may be assigned to is for the semantic stage to say. */
const EXPRESSION_OR_ASSIGNMENT: P<Statement> = apply(
  sequence(expression, ASSIGNMENT_TAIL),
  ({ 0: target, 1: tail }, range): Statement => {
    const span = rangeSpan(range);
    if (!tail) return { kind: 'ExpressionStatement', span, expression: target };
    if (tail.operator === '=' && target.kind === 'Identifier' && target.name === '_')
      return { kind: 'Discard', span, value: tail.value };
    return {
      kind: 'Assignment',
      span,
      target,
      operator: tail.operator,
      value: tail.value,
    };
  },
);

// ---- blocks ----------------------------------------------------------------------------------------------------

/** Silent: where a statement may begin, a `;` is not what is missing. */
const SEMICOLONS: P<undefined> = parser<undefined>((first) => {
  let token = first;
  while (token.kind === 'punctuation' && token.text === ';' && token.next) token = token.next;
  return succeed(first, token, undefined);
});

/** A missing brace is reported and taken as given, so that what was read is not lost. */
const CLOSE_BRACE: P<ScriptToken> = parser((token) => {
  if (isCloseBrace(token)) return succeed(token, token.next, token);
  const state = parseState();
  state.expect(token, "'}'");
  if (!isAtEnd(token) || state.isAborted) return fail();
  state.report();
  return succeed(token, token.kind === 'end' ? token : token.next, token);
});

const OPEN_BRACE = punctuation('{');

const RAW_BLOCK: P<RawBlock> = nested(
  apply(
    sequence(OPEN_BRACE, SEMICOLONS, many(parser((token) => recoveringLine(token))), CLOSE_BRACE),
    ({ 2: lines }, range): RawBlock => ({ lines, span: rangeSpan(range) }),
  ),
);

/** BLOCK reads `{ … }` whose statements have no value. */
export const BLOCK: P<Block> = apply(RAW_BLOCK, toBlock);

/** BLOCK_EXPRESSION reads `{ …; e }`. */
export const BLOCK_EXPRESSION: P<BlockExpression> = apply(RAW_BLOCK, toBlockExpression);

/** Blocks that end without a `;`: where a block ends with one of them, its value is the outer one's, too. */
const BLOCKS_WITH_VALUE = new WeakMap<Block, BlockExpression>();

function toBlock(raw: RawBlock): Block {
  const block: Block = {
    kind: 'Block',
    span: raw.span,
    statements: raw.lines.map((line) => asStatement(line.statement)),
  };
  const last = raw.lines.at(-1);
  if (last && !last.isTerminated && blockValue(last.statement)) BLOCKS_WITH_VALUE.set(block, toBlockExpression(raw));
  return block;
}

function toBlockExpression({ lines, span }: RawBlock): BlockExpression {
  const last = lines.at(-1);
  const value = last && !last.isTerminated && blockValue(last.statement);
  return {
    kind: 'BlockExpression',
    span,
    statements: (value ? lines.slice(0, -1) : lines).map((line) => asStatement(line.statement)),
    ...(value && { value }),
  };
}

/** The value of a block's last statement, if it has one. */
function blockValue(statement: Statement): Expression | undefined {
  if (statement.kind === 'ExpressionStatement') return statement.expression;
  if (statement.kind === 'If' && hasValue(statement)) return statement;
  return statement.kind === 'Block' ? BLOCKS_WITH_VALUE.get(statement) : undefined;
}

function hasValue(branch: If | BlockExpression): boolean {
  for (let node: If | BlockExpression | undefined = branch; node; ) {
    if (node.kind === 'BlockExpression') return node.value !== undefined;
    if (node.consequent.value === undefined) return false;
    node = node.alternate;
  }
  return false;
}

/** An `if` that stands as a statement has no value: the last expressions of its blocks are statements, too. */
function asStatement(statement: Statement): Statement {
  return statement.kind === 'If' ? withoutValue(statement) : statement;
}

function withoutValue(node: If): If;
function withoutValue(node: BlockExpression): BlockExpression;
function withoutValue(node: If | BlockExpression): If | BlockExpression;
function withoutValue(node: If | BlockExpression): If | BlockExpression {
  if (node.kind === 'If')
    return {
      ...node,
      consequent: withoutValue(node.consequent),
      ...(node.alternate && { alternate: withoutValue(node.alternate) }),
    };
  const { value, ...rest } = node;
  if (!value) return node;
  return { ...rest, statements: [...node.statements, statementOf(value)] };
}

function statementOf(value: Expression): Statement {
  if (value.kind === 'If') return withoutValue(value);
  if (value.kind === 'BlockExpression')
    return { kind: 'Block', span: value.span, statements: withoutValue(value).statements };
  return { kind: 'ExpressionStatement', span: value.span, expression: value };
}

// ---- compound statements ---------------------------------------------------------------------------------------

/** What stands before the braces; an error in it is skipped, so that the block is still read. */
const CONDITION = recoverUntil<Expression>(
  parser((token) => {
    if (!isOpenBrace(token)) return expression.parse(token);
    parseState().expect(token, 'expression');
    return fail();
  }),
  isOpenBrace,
  "'{'",
);

const isKeyword = (token: ScriptToken, text: string) => token.kind === 'identifier' && token.text === text;

interface Branch {
  readonly condition: Expression;
  readonly isComptime: boolean;
  readonly consequent: BlockExpression;
  readonly span: Block['span'];
}

/** `comptime` belongs to the `if`, not to its condition. */
const BRANCH: P<Branch> = apply(
  sequence(
    keyword('if'),
    parser<boolean>((token) =>
      isKeyword(token, 'comptime') ? succeed(token, token.next, true) : succeed(token, token, false),
    ),
    CONDITION,
    BLOCK_EXPRESSION,
  ),
  ({ 1: isComptime, 2: condition, 3: consequent }, range): Branch => ({
    condition,
    isComptime,
    consequent,
    span: rangeSpan(range),
  }),
);

/** Read in a loop, not by recursion: chains of `else if` are long. */
const IF: P<If> = parser((first) => {
  const branches: Branch[] = [];
  let last: BlockExpression | undefined;
  let token = first;
  for (;;) {
    const branch = resultOf(BRANCH.parse(token));
    if (!branch) return fail();
    branches.push(branch.result);
    token = branch.next;
    if (branches.length > LIMITS.nesting) {
      parseState().abort('nesting-limit', `syntax: more than ${LIMITS.nesting} branches of one if`, tokenSpan(first));
      return fail();
    }
    if (!isKeyword(token, 'else') || !token.next) {
      parseState().expect(token, "'else'");
      break;
    }
    if (isKeyword(token.next, 'if')) {
      token = token.next;
      continue;
    }
    const block = resultOf(BLOCK_EXPRESSION.parse(token.next));
    if (!block) return fail();
    last = block.result;
    token = block.next;
    break;
  }
  const end = spanFrom(first, token).end;
  let node: If | BlockExpression | undefined = last;
  for (const { span, ...branch } of branches.toReversed())
    node = {
      kind: 'If',
      span: { ...span, end },
      ...branch,
      ...(node && { alternate: node }),
    } satisfies If;
  return node?.kind === 'If' ? succeed(first, token, node) : fail();
});

const WHILE: P<Statement> = apply(
  sequence(keyword('while'), CONDITION, BLOCK),
  ({ 1: condition, 2: body }, range): Statement => ({
    kind: 'While',
    span: rangeSpan(range),
    condition,
    body,
  }),
);

const UNROLL: P<Statement> = apply(
  sequence(keyword('unroll'), CONDITION, BLOCK),
  ({ 1: count, 2: body }, range): Statement => ({
    kind: 'Unroll',
    span: rangeSpan(range),
    count,
    body,
  }),
);

/** Kinds of expressions that stand for one value only within parentheses. */
const COMPOUND: ReadonlySet<Expression['kind']> = new Set(['Binary', 'Ternary']);

/** A bound is read as what it was meant to be, and refused if it is more than one value without parentheses around it. */
function refuseCompound(first: ScriptToken, { result, next }: { result: Expression; next: ScriptToken }): void {
  if (!COMPOUND.has(result.kind) || behindParentheses(first) === next) return;
  const { span } = result;
  parseState().diagnostics.error('range-bound', 'syntax: a bound of a range is a single value', span, {
    hints: [`put it in parentheses: (${span.source.text.slice(span.start, span.end)})`],
  });
}

/** What follows the bracket that closes this one, if it is one. */
function behindParentheses(first: ScriptToken): ScriptToken | undefined {
  let depth = 0;
  for (let token: ScriptToken | undefined = first; token; token = token.next) {
    if (token.kind === 'punctuation' && token.text === '(') depth++;
    else if (token.kind === 'punctuation' && token.text === ')') depth--;
    if (depth === 0) return token === first ? undefined : token.next;
  }
  return undefined;
}

const RANGE_OR_EXPRESSION: P<Range | Expression> = parser<Range | Expression>((token) => {
  const start = resultOf(expression.parse(token));
  if (!start) return fail();
  const mark = start.next;
  if (mark.kind !== 'punctuation' || mark.text !== '..' || !mark.next) {
    parseState().expect(mark, "'..'");
    return succeed<Expression>(token, mark, start.result);
  }
  const end = resultOf(expression.parse(mark.next));
  if (!end) return fail();
  refuseCompound(token, start);
  refuseCompound(mark.next, end);
  return succeed<Range>(token, end.next, {
    kind: 'Range',
    span: spanFrom(token, end.next),
    start: start.result,
    end: end.result,
  });
});

type ForHead = readonly [Variable, Range | Expression];

const FOR_HEAD: P<ForHead> = apply(
  sequence(VARIABLE, behind(punctuation(':'), RANGE_OR_EXPRESSION)),
  ({ 0: variable, 1: iterable }): ForHead => [variable, iterable],
);

const FOR_HEAD_IN_PARENTHESES: P<ForHead> = apply(
  sequence(punctuation('('), FOR_HEAD, punctuation(')')),
  ({ 1: head }) => head,
);

const ANY_FOR_HEAD: P<ForHead | ErrorNode> = recoverUntil<ForHead>(
  choose<ForHead>({
    punctuation: new Map([['(', FOR_HEAD_IN_PARENTHESES]]),
    kinds: new Map([['variable', FOR_HEAD]]),
    label: 'variable',
  }),
  isOpenBrace,
  "'{'",
);

const FOR: P<Statement> = apply(
  sequence(keyword('for'), ANY_FOR_HEAD, BLOCK),
  ({ 1: head, 2: body }, range): Statement => {
    const span = rangeSpan(range);
    return 'kind' in head
      ? { kind: 'ErrorNode', span }
      : { kind: 'For', span, variable: head[0], iterable: head[1], body };
  },
);

// ---- lines -----------------------------------------------------------------------------------------------------

/** `;`, or the end of the block without one. */
const TERMINATOR: P<boolean> = parser((token) => {
  if (token.kind === 'punctuation' && token.text === ';') return succeed(token, token.next, true);
  if (isCloseBrace(token)) return succeed(token, token, false);
  const state = parseState();
  state.expect(token, "';'");
  state.expect(token, "'}'");
  return isAtEnd(token) ? succeed(token, token, false) : fail();
});

/** Behind a brace no `;` is needed. */
const OPTIONAL_TERMINATOR: P<boolean> = parser((token) =>
  token.kind === 'punctuation' && token.text === ';' ? succeed(token, token.next, true) : succeed(token, token, false),
);

function line(statement: P<Statement>, terminator: P<boolean>): P<Line> {
  return apply(
    sequence(statement, terminator, SEMICOLONS),
    ({ 0: result, 1: isTerminated }): Line => ({ statement: result, isTerminated }),
  );
}

const widen = (inner: P<Statement>) => inner;

/** `{ … }` as a statement is a block, unless something follows that makes it an operand. */
const BLOCK_STATEMENT: P<Statement> = parser<Statement>((token) => BLOCK.parse(token));

const LINE: P<Line> = choose<Line>({
  words: new Map([
    ...(
      [
        ['let', LET],
        ['break', BREAK],
        ['continue', CONTINUE],
        ['return', RETURN],
        ['import', IMPORT],
      ] as const
    ).map(({ 0: word, 1: statement }) => [word, line(statement, TERMINATOR)] as const),
    ...(
      [
        ['if', widen(IF as P<Statement>)],
        ['while', WHILE],
        ['unroll', UNROLL],
        ['for', FOR],
      ] as const
    ).map(({ 0: word, 1: statement }) => [word, line(statement, OPTIONAL_TERMINATOR)] as const),
  ]),
  punctuation: new Map([['{', line(BLOCK_STATEMENT, OPTIONAL_TERMINATOR)]]),
  otherwise: line(EXPRESSION_OR_ASSIGNMENT, TERMINATOR),
  label: 'statement',
});

function recoveringLine(token: ScriptToken) {
  const state = parseState();
  if (isCloseBrace(token) || isAtEnd(token) || state.isAborted) return fail();
  const output = LINE.parse(token);
  if (output.successful) return output;
  state.report();
  if (state.isAborted) return fail();
  let stop = skipTo(token, () => false);
  const node = errorNode(token, stop);
  if (stop.kind === 'punctuation' && stop.text === ';' && stop.next) stop = stop.next;
  if (stop === token) return fail();
  return succeed<Line>(token, stop, { statement: node, isTerminated: true });
}

setBlockParsers({ blockExpression: BLOCK_EXPRESSION, ifExpression: IF });
