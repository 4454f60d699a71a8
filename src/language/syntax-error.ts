/**
 * From "these would have fitted here" to a message for people: the expected set collapsed to what helps, notes for
 * braces without a partner, and hints where the text shows the habit of another tool.
 */

import {
  createDiagnostic,
  type Diagnostic,
  type DiagnosticNote,
  type Source,
  type Span,
} from '../diagnostics/diagnostic.ts';
import { syntaxHints } from './habits.ts';
import type { ScriptToken } from './tokens.ts';

/** What only would have continued something complete; not worth naming beside what ends it. */
const CONTINUATIONS: ReadonlySet<string> = new Set([
  'operator',
  'postfix',
  'assignment',
  "'?'",
  "'else'",
  "'*'",
  "'['",
  "'('",
  "'='",
]);

/** ROOT_LET_MAP is expected behind a `let` outside of blocks, where only maps are declared. */
export const ROOT_LET_MAP = 'map of a root-level let';

/** More than this many alternatives help nobody. */
const MAX_NAMED = 4;

/** describeSyntaxError makes the finding for the furthest token reached. */
export function describeSyntaxError(source: Source, token: ScriptToken, expected: readonly string[]): Diagnostic {
  const isEnd = token.kind === 'end' || token.kind === 'unclosed';
  const names = collapse(expected, isEnd);
  const notes: DiagnosticNote[] = [];
  if (isEnd && typeof token.value === 'bigint' && names.includes("'}'")) {
    const start = Number(token.value);
    notes.push({
      message: "unbalanced '{' is here",
      span: { source, start, end: start + 1 },
    });
  }
  if (names.includes(ROOT_LET_MAP))
    return createDiagnostic(
      'error',
      'root-let',
      'root-level let statements need to be map declarations',
      placeOf(source, token, names),
      { hints: ['for example let @name = hash(100);'] },
    );
  const text = joinNames(names);
  return createDiagnostic(
    'error',
    'syntax',
    text === '' ? 'syntax: unexpected text' : `syntax: expected ${text}`,
    placeOf(source, token, names),
    { notes, hints: syntaxHints(source.text, token, names) },
  );
}

function collapse(expected: readonly string[], isEnd: boolean): string[] {
  let names = [...new Set(expected)];
  const ends = names.filter((name) => !CONTINUATIONS.has(name));
  if (ends.length > 0) names = ends;
  if (names.includes("';'") && names.includes("'}'")) names = names.filter((name) => name !== (isEnd ? "';'" : "'}'"));
  if (names.includes("';'")) return ["';'"];
  if (names.includes("'}'") && isEnd) return ["'}'"];
  if (names.includes('statement')) return ['statement'];
  return names.slice(0, MAX_NAMED);
}

function joinNames(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
}

/** What is missing at the end of a line is shown there, not at the start of the next. */
function placeOf(source: Source, token: ScriptToken, names: readonly string[]): Span {
  const between = source.text.slice(token.previousEnd, token.start);
  const isClosing = names.every((name) => /^'[;)\]},]'$/.test(name));
  if (token.kind === 'end' || token.kind === 'unclosed' || (isClosing && between.includes('\n'))) {
    const end = Math.min(token.previousEnd, source.text.length);
    return { source, start: Math.max(end - 1, 0), end: Math.max(end, 0) };
  }
  return { source, start: token.start, end: token.end };
}
