/**
 * Findings as text, in the format that bpftrace's users and editors know: location, severity, message; the source
 * line; `~~~` under the columns; then notes, the places a macro was expanded from, and hints.
 */

import type { Diagnostic, Severity, Span } from './diagnostic.ts';
import { lineText, locate } from './locate.ts';
import { visibleLine, visibleText } from './visible.ts';

export interface RenderOptions {
  readonly isColored?: boolean;
}

const COLORS: ReadonlyMap<Severity, string> = new Map([
  ['error', '\x1b[31m'],
  ['warning', '\x1b[33m'],
]);
const RESET = '\x1b[0m';

const LABELS: ReadonlyMap<Severity, string> = new Map([
  ['error', 'ERROR'],
  ['warning', 'WARNING'],
]);

/** Longer lines are cut to the surroundings of the span: a script may be one line of 100 kB. */
const LONGEST_LINE = 1000;
const CONTEXT = 100;
/** Lines shown of a span over many. */
const MOST_LINES = 20;

/** renderDiagnostics gives all findings: errors first, then warnings, each in the order of the script. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  return sortBySeverity(diagnostics)
    .map((diagnostic) => renderDiagnostic(diagnostic, options))
    .join('');
}

/** sortBySeverity puts errors before warnings, each in the order of the script, whatever stage found them. */
export function sortBySeverity(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length < 2) return diagnostics;
  const sources = [...new Set(diagnostics.map((diagnostic) => diagnostic.span?.source))];
  const rank = ({ severity }: Diagnostic) => (severity === 'error' ? 0 : 1);
  return diagnostics.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      sources.indexOf(one.span?.source) - sources.indexOf(other.span?.source) ||
      (one.span?.start ?? -1) - (other.span?.start ?? -1),
  );
}

/** renderDiagnostic gives one finding, each line ended. */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const color = options.isColored ? (COLORS.get(diagnostic.severity) ?? '') : '';
  const paint = (text: string) => (color === '' ? text : `${color}${text}${RESET}`);
  const label = LABELS.get(diagnostic.severity) ?? '';
  const lines = block(`${label}: ${diagnostic.message}`, diagnostic.span, paint);
  lines.push(...expansions(diagnostic.span, paint));
  for (const note of diagnostic.notes)
    lines.push(...block(`${note.span ? label : 'NOTE'}: ${note.message}`, note.span, note.span ? paint : identity));
  for (const hint of diagnostic.hints) lines.push(`HINT: ${visibleMessage(hint)}`);
  return `${lines.join('\n')}\n`;
}

/** renderExpansions gives the places that a macro's text was expanded from, innermost first. */
export function renderExpansions(span: Span): string {
  return expansions(span, identity)
    .map((line) => `${line}\n`)
    .join('');
}

function expansions(span: Span | undefined, paint: (text: string) => string): string[] {
  const lines: string[] = [];
  for (let outer = span?.expandedFrom; outer; outer = outer.expandedFrom)
    lines.push(...block('expanded from', outer, paint));
  return lines;
}

function block(message: string, span: Span | undefined, paint: (text: string) => string): string[] {
  const text = visibleMessage(message);
  if (!span) return [paint(text)];
  const name = visibleText(span.source.name);
  const { line, column, endLine, endColumn } = locate(span);
  if (line === endLine)
    return [
      paint(`${name}:${line}:${column}-${endColumn}: ${text}`),
      ...underlinedLine(lineText(span.source, line), column - 1, endColumn - 1, paint),
    ];
  const last = Math.min(endLine, line + MOST_LINES - 1);
  const shown = [paint(`${name}:${line}-${endLine}: ${text}`)];
  for (let current = line; current <= last; current++)
    shown.push(visibleLine(lineText(span.source, current).slice(0, LONGEST_LINE)).text);
  if (last < endLine) shown.push('...');
  return shown;
}

function underlinedLine(line: string, start: number, end: number, paint: (text: string) => string): string[] {
  const isCut = line.length > LONGEST_LINE;
  const from = isCut ? Math.max(start - CONTEXT, 0) : 0;
  const to = isCut ? Math.min(Math.max(end, start) + CONTEXT, from + LONGEST_LINE, line.length) : line.length;
  const before = from > 0 ? '...' : '';
  const after = to < line.length ? '...' : '';
  const { text, columns } = visibleLine(line.slice(from, to));
  const width = columns.at(-1) ?? 0;
  const first = columns[start - from] ?? width;
  const last = Math.max(columns[end - from] ?? width, first + 1);
  return [`${before}${text}${after}`, `${' '.repeat(before.length + first)}${paint('~'.repeat(last - first))}`];
}

/** A message may hold line ends of its own (a verifier log); other control characters are escaped. */
function visibleMessage(message: string): string {
  return message.split('\n').map(visibleText).join('\n');
}

function identity(text: string): string {
  return text;
}
