/**
 * Expansion of C macros in a list of tokens. A macro is not expanded within itself; arguments are expanded before
 * they are put in, except where they are pasted or quoted. The size of the result is bounded.
 */

import { type CToken, makeToken, tokenizeC } from './tokens.ts';

export interface MacroDefinition {
  readonly name: string;
  /** Absent for an object-like macro; the last may be `...`. */
  readonly parameters?: readonly string[];
  readonly body: readonly CToken[];
}

export type MacroTable = ReadonlyMap<string, MacroDefinition>;

const MOST_TOKENS = 500_000;
const DEEPEST = 200;

/** expandTokens expands all macros in the list. */
export function expandTokens(tokens: readonly CToken[], macros: MacroTable): readonly CToken[] {
  if (!tokens.some((token) => token.kind === 'identifier' && macros.has(token.text))) return tokens;
  return new Expansion(macros).run(tokens, new Set(), 0);
}

class Expansion {
  readonly #macros: MacroTable;
  #count = 0;

  constructor(macros: MacroTable) {
    this.#macros = macros;
  }

  run(tokens: readonly CToken[], active: ReadonlySet<string>, depth: number): CToken[] {
    const out: CToken[] = [];
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at];
      if (!token) break;
      const macro = token.kind === 'identifier' && !active.has(token.text) ? this.#macros.get(token.text) : undefined;
      if (!macro || depth > DEEPEST || this.#count > MOST_TOKENS) {
        this.#count++;
        out.push(token);
        continue;
      }
      const inner = new Set(active).add(macro.name);
      if (!macro.parameters) {
        this.#emit(this.run(paste(macro.body), inner, depth + 1), out);
        continue;
      }
      const call = readArguments(tokens, at + 1, macro.parameters.length);
      if (!call) {
        out.push(token);
        continue;
      }
      const body = this.#substitute(macro, macro.parameters, call.args, active, depth);
      this.#emit(this.run(body, inner, depth + 1), out);
      at = call.end;
    }
    return out;
  }

  #emit(tokens: readonly CToken[], out: CToken[]): void {
    for (const token of tokens) out.push(token);
  }

  #substitute(
    macro: MacroDefinition,
    parameters: readonly string[],
    args: readonly (readonly CToken[])[],
    active: ReadonlySet<string>,
    depth: number,
  ): readonly CToken[] {
    const out: CToken[] = [];
    const { body } = macro;
    const indexOf = (token: CToken | undefined) =>
      token?.kind === 'identifier' ? parameters.indexOf(token.text === '__VA_ARGS__' ? '...' : token.text) : -1;
    for (let at = 0; at < body.length; at++) {
      const token = body[at];
      if (!token) break;
      const quoted = token.text === '#' ? indexOf(body[at + 1]) : -1;
      if (quoted >= 0) {
        out.push(makeToken('string', JSON.stringify((args[quoted] ?? []).map((part) => part.text).join(' '))));
        at++;
        continue;
      }
      const index = indexOf(token);
      if (index < 0) {
        out.push(token);
        continue;
      }
      const argument = args[index] ?? [];
      const isPasted = body[at + 1]?.text === '##' || body[at - 1]?.text === '##';
      if (this.#count > MOST_TOKENS) return out;
      this.#count += argument.length;
      this.#emit(
        isPasted ? (argument.length > 0 ? argument : [PLACE_MARKER]) : this.run(argument, active, depth + 1),
        out,
      );
    }
    return paste(out).filter((token) => token !== PLACE_MARKER);
  }
}

/** Stands for an empty argument beside `##`. */
const PLACE_MARKER: CToken = makeToken('punctuation', '');

function paste(tokens: readonly CToken[]): readonly CToken[] {
  if (!tokens.some((token) => token.text === '##')) return tokens;
  const out: CToken[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (!token) break;
    const left = out.at(-1);
    const right = tokens[at + 1];
    if (token.text !== '##' || !left || !right) {
      out.push(token);
      continue;
    }
    out.pop();
    const text = left.text + right.text;
    if (text === '') out.push(PLACE_MARKER);
    else for (const part of tokenizeC(text)) out.push({ ...part, isFirst: false, hasSpace: left.hasSpace });
    at++;
  }
  return out;
}

interface MacroCall {
  readonly args: readonly (readonly CToken[])[];
  /** Of the closing parenthesis. */
  readonly end: number;
}

function readArguments(tokens: readonly CToken[], start: number, parameterCount: number): MacroCall | undefined {
  if (tokens[start]?.text !== '(') return undefined;
  const args: CToken[][] = [];
  let current: CToken[] = [];
  let depth = 1;
  for (let at = start + 1; at < tokens.length; at++) {
    const token = tokens[at];
    if (!token) break;
    if (token.text === '(' || token.text === '[' || token.text === '{') depth += token.text === '(' ? 1 : 0;
    else if (token.text === ')' && --depth === 0) {
      args.push(current);
      return { args, end: at };
    }
    // The last parameter takes all that is left, as `...` does.
    if (token.text === ',' && depth === 1 && args.length < parameterCount - 1) {
      args.push(current);
      current = [];
    } else current.push(token);
  }
  return undefined;
}
