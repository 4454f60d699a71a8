/**
 * Tokens in typescript-parsec's public shape, as plain linked objects: building 4,000 of them takes a millisecond, and
 * backtracking is holding on to one. A token is its own position; rows and columns are counted only when asked for.
 */

import type { Token, TokenPosition } from 'typescript-parsec';

export type TokenKind =
  | 'identifier'
  | 'variable'
  | 'map'
  | 'positional'
  | 'parameterCount'
  | 'integer'
  | 'string'
  | 'punctuation'
  | 'attachPoint'
  | 'predicateStart'
  | 'predicateEnd'
  | 'definition'
  /** Already reported by the lexer. */
  | 'invalid'
  /** Stands where a block must have been meant to end: a new probe begins at the start of a line. */
  | 'unclosed'
  | 'end';

/** ScriptToken is one token with the offsets the spans need. */
export class ScriptToken implements Token<TokenKind>, TokenPosition {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** End of the token before: where the span of what came before ends. */
  readonly previousEnd: number;
  /** Of integers, strings (escapes resolved), parameters; of `end` and `unclosed` the offset of the open brace. */
  readonly value: bigint | string | undefined;
  next: ScriptToken | undefined = undefined;
  readonly #input: string;

  constructor(
    input: string,
    kind: TokenKind,
    text: string,
    start: number,
    end: number,
    previousEnd: number,
    value: bigint | string | undefined,
  ) {
    this.#input = input;
    this.kind = kind;
    this.text = text;
    this.start = start;
    this.end = end;
    this.previousEnd = previousEnd;
    this.value = value;
  }

  get pos(): TokenPosition {
    return this;
  }

  get index(): number {
    return this.start;
  }

  get rowBegin(): number {
    return rowOf(this.#input, this.start);
  }

  get columnBegin(): number {
    return columnOf(this.#input, this.start);
  }

  get rowEnd(): number {
    return rowOf(this.#input, this.end);
  }

  get columnEnd(): number {
    return columnOf(this.#input, this.end);
  }
}

function rowOf(input: string, offset: number): number {
  let row = 1;
  for (let at = input.indexOf('\n'); at >= 0 && at < offset; at = input.indexOf('\n', at + 1)) row++;
  return row;
}

function columnOf(input: string, offset: number): number {
  return offset - input.lastIndexOf('\n', offset - 1);
}
