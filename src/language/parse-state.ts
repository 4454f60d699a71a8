/**
 * What one parse accumulates beside its result: the furthest place where something was expected, and the findings.
 * The combinators are built once and shared, so the running parse is held here; parsing is synchronous.
 */

import type { Diagnostic, DiagnosticList, Source, Span } from '../diagnostics/diagnostic.ts';
import { LIMITS } from './limits.ts';
import { describeSyntaxError } from './syntax-error.ts';
import type { ScriptToken } from './tokens.ts';

/** ParseState belongs to one parse of one source. */
export class ParseState {
  readonly source: Source;
  readonly diagnostics: DiagnosticList;
  depth = 0;
  /** No further parsing: a limit was met or there are too many errors. */
  isAborted = false;

  #furthest: ScriptToken | undefined = undefined;
  #furthestStart = -1;
  #expected: string[] = [];
  #reportedUpTo = -1;
  #errorCount = 0;

  constructor(source: Source, diagnostics: DiagnosticList) {
    this.source = source;
    this.diagnostics = diagnostics;
  }

  get furthest(): ScriptToken | undefined {
    return this.#furthest;
  }

  /** Notes that `label` would have fitted at the token. */
  expect(token: ScriptToken, label: string): void {
    if (token.start < this.#furthestStart) return;
    if (token !== this.#furthest) {
      // A token without text (end, unclosed) may share its offset with the one before.
      this.#furthest = token;
      this.#furthestStart = token.start;
      this.#expected = [];
    }
    this.#expected.push(label);
  }

  /** Reports what was expected at the furthest token, once per place. */
  report(): void {
    const token = this.#furthest;
    if (!token || this.isAborted || token.start <= this.#reportedUpTo) return;
    this.#reportedUpTo = token.start;
    if (token.kind === 'invalid') return;
    // What was never ended took the rest with it, a string the rest of its line.
    const isTaken = ({ code, span }: Diagnostic) =>
      code.startsWith('unterminated-') && (token.kind === 'end' || span?.end === token.previousEnd);
    if (this.diagnostics.items.some(isTaken)) return;
    this.diagnostics.add(describeSyntaxError(this.source, token, this.#expected));
    this.#errorCount++;
    if (this.#errorCount >= LIMITS.syntaxErrors)
      this.abort('too-many-errors', 'syntax: too many errors, giving up here', {
        source: this.source,
        start: token.start,
        end: token.end,
      });
  }

  abort(code: string, message: string, span: Span): void {
    if (this.isAborted) return;
    this.isAborted = true;
    this.diagnostics.error(code, message, span);
  }
}

let current: ParseState | undefined;

/** parseState is the running parse; only combinators ask for it. */
export function parseState(): ParseState {
  if (!current) throw new Error('no parse is running');
  return current;
}

/** withParseState runs a parse. */
export function withParseState<T>(state: ParseState, run: () => T): T {
  const outer = current;
  current = state;
  try {
    return run();
  } finally {
    current = outer;
  }
}
