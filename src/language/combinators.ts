/**
 * Our own parsers beside typescript-parsec's, all by its public `Parser` interface: terminals that note what they
 * expected, a dispatcher that looks one token ahead instead of trying alternatives, linear repetition, and recovery.
 */

import type { ParseResult, Parser, ParserOutput, Token } from 'typescript-parsec';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { ErrorNode } from './ast.ts';
import { LIMITS } from './limits.ts';
import { parseState } from './parse-state.ts';
import type { ScriptToken, TokenKind } from './tokens.ts';

export type P<T> = Parser<TokenKind, T>;
export type Output<T> = ParserOutput<TokenKind, T>;
type AnyToken = Token<TokenKind> | undefined;

/** One object for all failures: ours are told by the parse state, not by the library's error. */
const FAILED: {
  successful: false;
  error: { kind: 'Error'; pos: undefined; message: string };
} = {
  successful: false,
  error: { kind: 'Error', pos: undefined, message: 'syntax error' },
};

/** fail is the failure of any of our parsers. */
export function fail(): typeof FAILED {
  return FAILED;
}

const CANDIDATE: { firstToken: AnyToken; nextToken: AnyToken; result: unknown } = {
  firstToken: undefined,
  nextToken: undefined,
  result: undefined,
};

/**
 * One object for all successes, too: it holds the latest one, and whoever calls a parser takes the result out before it calls
 * another. Three objects at each of a dozen layers per token were most of what a cold parse allocates.
 */
const SUCCEEDED = { candidates: [CANDIDATE], successful: true as const, error: undefined };

/** succeed is a success with one result, to be read at once. */
export function succeed<T>(first: ScriptToken, next: ScriptToken | undefined, result: T): Output<T> {
  CANDIDATE.firstToken = first;
  CANDIDATE.nextToken = next;
  CANDIDATE.result = result;
  return SUCCEEDED as Output<T>;
}

/**
 * parser makes a parser of a function. The chain ends in an `end` token that nothing consumes, so there always is a token; looking
 * for it at each parser would be a quarter of the calls of a cold parse.
 */
export function parser<T>(parse: (token: ScriptToken) => Output<T>): P<T> {
  return { parse: parse as P<T>['parse'] };
}

/** The only candidate, which the next success overwrites: every parser of the grammar succeeds by `succeed`. */
function candidateOf<T>(output: Output<T>): ParseResult<TokenKind, T> | undefined {
  return output.successful && CANDIDATE.nextToken !== undefined ? (CANDIDATE as ParseResult<TokenKind, T>) : undefined;
}

/** resultOf gives the only candidate, to be kept. */
export function resultOf<T>(output: Output<T>): { result: T; next: ScriptToken } | undefined {
  const candidate = candidateOf(output);
  return candidate && { result: candidate.result, next: candidate.nextToken as ScriptToken };
}

/** spanFrom covers the tokens consumed, from the first to the one before `next`. */
export function spanFrom(first: ScriptToken, next: ScriptToken): Span {
  return {
    source: parseState().source,
    start: first.start,
    end: Math.max(next.previousEnd, first.start),
  };
}

/** rangeSpan is `spanFrom` for the range that `apply` passes. */
export function rangeSpan(range: readonly [AnyToken, AnyToken]): Span {
  return spanFrom(range[0] as ScriptToken, range[1] as ScriptToken);
}

/** tokenSpan covers one token. */
export function tokenSpan(token: ScriptToken): Span {
  return { source: parseState().source, start: token.start, end: token.end };
}

/** punctuation accepts one spelling. */
export function punctuation(text: string, label = `'${text}'`): P<ScriptToken> {
  return parser((token) => {
    if (token.kind === 'punctuation' && token.text === text) return succeed(token, token.next, token);
    parseState().expect(token, label);
    return FAILED;
  });
}

/** keyword accepts a word. */
export function keyword(text: string): P<ScriptToken> {
  return parser((token) => {
    if (token.kind === 'identifier' && token.text === text) return succeed(token, token.next, token);
    parseState().expect(token, `'${text}'`);
    return FAILED;
  });
}

/** kind accepts any token of a kind. */
export function kind(name: TokenKind, label: string): P<ScriptToken> {
  return parser((token) => {
    if (token.kind === name) return succeed(token, token.next, token);
    parseState().expect(token, label);
    return FAILED;
  });
}

/** oneOf accepts punctuation out of a set. */
export function oneOf(set: { has(text: string): boolean }, label: string): P<ScriptToken> {
  return parser((token) => {
    if (token.kind === 'punctuation' && set.has(token.text)) return succeed(token, token.next, token);
    parseState().expect(token, label);
    return FAILED;
  });
}

/** lookAhead succeeds without consuming where the test holds. */
export function lookAhead(test: (token: ScriptToken) => boolean, label?: string): P<undefined> {
  return parser((token) => {
    if (test(token)) return succeed(token, token, undefined);
    if (label !== undefined) parseState().expect(token, label);
    return FAILED;
  });
}

export interface Choices<T> {
  /** By spelling. */
  readonly punctuation?: ReadonlyMap<string, P<T>>;
  /** By word; others go to `kinds.identifier`. */
  readonly words?: ReadonlyMap<string, P<T>>;
  readonly kinds?: ReadonlyMap<TokenKind, P<T>>;
  readonly otherwise?: P<T>;
  readonly label: string;
}

/** choose picks the one alternative that the next token allows. */
export function choose<T>(choices: Choices<T>): P<T> {
  return parser((token) => {
    const chosen =
      (token.kind === 'punctuation'
        ? choices.punctuation?.get(token.text)
        : token.kind === 'identifier'
          ? choices.words?.get(token.text)
          : undefined) ??
      choices.kinds?.get(token.kind) ??
      choices.otherwise;
    if (chosen) return chosen.parse(token);
    parseState().expect(token, choices.label);
    return FAILED;
  });
}

/** sequence is typescript-parsec's `seq` for parsers with one result each: a third of its time, as nothing is copied. */
export function sequence<T extends readonly unknown[]>(...parsers: { readonly [K in keyof T]: P<T[K]> }): P<T> {
  const steps = parsers as readonly P<unknown>[];
  return parser((first) => {
    const results = new Array<unknown>(steps.length);
    let token: AnyToken = first;
    // By index: code that runs a few hundred times is interpreted, and there an iterator costs more than the steps.
    for (let at = 0; at < steps.length; at++) {
      const candidate: ParseResult<TokenKind, unknown> | undefined = candidateOf(
        (steps[at] as P<unknown>).parse(token),
      );
      if (!candidate) return FAILED;
      results[at] = candidate.result;
      token = candidate.nextToken;
    }
    return succeed(first, token as ScriptToken, results as unknown as T);
  });
}

/** apply is typescript-parsec's for parsers with one result: half of its time, as nothing is mapped and collected. */
export function apply<A, B>(inner: P<A>, make: (result: A, range: readonly [ScriptToken, ScriptToken]) => B): P<B> {
  return parser((first) => {
    const candidate = candidateOf(inner.parse(first));
    if (!candidate) return FAILED;
    const next = candidate.nextToken as ScriptToken;
    return succeed(first, next, make(candidate.result, [first, next]));
  });
}

/** between reads what stands between two marks. */
export function between<T>(open: P<unknown>, inner: P<T>, close: P<unknown>): P<T> {
  return apply(sequence(open, inner, close), ({ 1: result }) => result);
}

/** behind reads what follows a mark. */
export function behind<T>(mark: P<unknown>, inner: P<T>): P<T> {
  return apply(sequence(mark, inner), ({ 1: result }) => result);
}

/** many repeats as often as it succeeds and makes progress; linear, unlike the library's. */
export function many<T>(item: P<T>): P<readonly T[]> {
  return parser((first) => {
    const results: T[] = [];
    let token = first;
    for (;;) {
      const candidate = candidateOf(item.parse(token));
      if (!candidate || candidate.nextToken === token) break;
      results.push(candidate.result);
      token = candidate.nextToken as ScriptToken;
    }
    return succeed(first, token, results);
  });
}

export interface Repetition {
  /** Where it holds, the item must follow: its failure is the failure of the whole, so nothing is read twice. */
  readonly test: (token: ScriptToken) => boolean;
  readonly label: string;
  readonly limit: number;
  /** What there are too many of, for the message. */
  readonly what: string;
}

/** repeatWhile reads items as long as the next token begins one. */
export function repeatWhile<T>({ test, label, limit, what }: Repetition, item: P<T>): P<readonly T[]> {
  return parser((first) => {
    const results: T[] = [];
    let token = first;
    while (test(token)) {
      const candidate = candidateOf(item.parse(token));
      if (!candidate) return FAILED;
      results.push(candidate.result);
      token = candidate.nextToken as ScriptToken;
      if (results.length > limit) {
        parseState().abort('nesting-limit', `syntax: more than ${limit} ${what}`, tokenSpan(token));
        return FAILED;
      }
    }
    parseState().expect(token, label);
    return succeed(first, token, results);
  });
}

/** optionalAt reads the inner parser where the next token is `text`, and then it must succeed. */
export function optionalAt<T>(text: string, label: string, inner: P<T>): P<T | undefined> {
  return parser<T | undefined>((token) => {
    if (token.kind === 'punctuation' && token.text === text) return inner.parse(token);
    parseState().expect(token, label);
    return succeed(token, token, undefined);
  });
}

export interface CommaList<T> {
  readonly items: readonly T[];
  readonly endsInComma: boolean;
}

/** commaList reads what stands between brackets: `a, b`, nothing, or with a comma at the end. */
export function commaList<T>(item: P<T>, closer: string): P<CommaList<T>> {
  const comma = punctuation(',');
  return parser((first) => {
    const items: T[] = [];
    let endsInComma = false;
    let token = first;
    while (!(token.kind === 'punctuation' && token.text === closer)) {
      const candidate = candidateOf(item.parse(token));
      if (!candidate) {
        parseState().expect(token, `'${closer}'`);
        return FAILED;
      }
      items.push(candidate.result);
      token = candidate.nextToken as ScriptToken;
      const mark = candidateOf(comma.parse(token));
      endsInComma = mark !== undefined;
      if (!mark) break;
      token = mark.nextToken as ScriptToken;
    }
    return succeed(first, token, { items, endsInComma });
  });
}

/** separated reads `item (separator item)*`, optionally with a separator at the end. */
export function separated<T>(item: P<T>, separator: string, mayTrail = false): P<readonly T[]> {
  const mark = punctuation(separator);
  return parser((first) => {
    const results: T[] = [];
    let token = first;
    for (;;) {
      const candidate = candidateOf(item.parse(token));
      if (!candidate) {
        if (results.length > 0 && mayTrail) break;
        return FAILED;
      }
      results.push(candidate.result);
      token = candidate.nextToken as ScriptToken;
      const comma = candidateOf(mark.parse(token));
      if (!comma) break;
      token = comma.nextToken as ScriptToken;
    }
    return succeed(first, token, results);
  });
}

/** nested counts recursion and gives up before the stack does. */
export function nested<T>(inner: P<T>): P<T> {
  return parser((token) => {
    const state = parseState();
    if (state.isAborted) return FAILED;
    if (state.depth >= LIMITS.nesting) {
      state.abort('nesting-limit', `syntax: nested deeper than ${LIMITS.nesting} levels`, tokenSpan(token));
      return FAILED;
    }
    state.depth++;
    const output = inner.parse(token);
    state.depth--;
    return output;
  });
}

/** isAtEnd is true where a block or the program is over. */
export function isAtEnd(token: ScriptToken): boolean {
  return token.kind === 'end' || token.kind === 'unclosed';
}

/**
 * recoverUntil parses something that must be followed by what `isStop` accepts. If it is not, that is reported and
 * the tokens up to there are skipped; a `;` or a brace that closes the surroundings is never skipped.
 */
export function recoverUntil<T>(inner: P<T>, isStop: (token: ScriptToken) => boolean, label: string): P<T | ErrorNode> {
  return parser<T | ErrorNode>((first) => {
    const state = parseState();
    const step = resultOf(inner.parse(first));
    if (step && isStop(step.next)) return succeed(first, step.next, step.result);
    if (step) state.expect(step.next, label);
    state.report();
    if (state.isAborted) return FAILED;
    const stop = skipTo(first, (token) => isStop(token));
    if (!isStop(stop)) return FAILED;
    return succeed(first, stop, errorNode(first, stop));
  });
}

/** skipTo gives the first token at this depth that stops, or where the surroundings end: `;`, `}`, the end. */
export function skipTo(first: ScriptToken, isStop: (token: ScriptToken) => boolean): ScriptToken {
  const furthest = parseState().furthest?.start ?? -1;
  let depth = 0;
  let token = first;
  for (;;) {
    if (isAtEnd(token)) return token;
    if (depth === 0 && isStop(token) && token.start >= furthest) return token;
    if (token.kind === 'punctuation') {
      if (token.text === '{') depth++;
      else if (token.text === '}') {
        if (depth === 0) return token;
        depth--;
      } else if (token.text === ';' && depth === 0 && token.start >= furthest) return token;
    }
    if (!token.next) return token;
    token = token.next;
  }
}

/** errorNode stands for the skipped tokens. */
export function errorNode(first: ScriptToken, next: ScriptToken): ErrorNode {
  return { kind: 'ErrorNode', span: spanFrom(first, next) };
}
