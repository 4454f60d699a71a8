/**
 * Diagnostics as text: place, severity and message; the source line; tildes under the span; notes and hints behind.
 */

import type { Diagnostic, Severity, Span } from '../diagnostics/diagnostic.ts';
import { placeOf, placeText } from './place.ts';

export interface DiagnosticStyle {
  readonly isColored: boolean;
}

/** renderDiagnostic gives one finding with its line end. */
export function renderDiagnostic(diagnostic: Diagnostic, style: DiagnosticStyle = { isColored: false }): string {
  const { severity, message, span } = diagnostic;
  const [first = '', ...rest] = message.split('\n');
  let text = colored(`${span ? `${placeText(span)}: ` : ''}${LABELS[severity]}: ${first}`, severity, style);
  for (const line of rest) text += `\n${line}`;
  text += `\n${span ? excerpt(span, severity, style) : ''}`;
  for (let outer = span?.expandedFrom; outer; outer = outer.expandedFrom) {
    text += `${placeText(outer)}: expanded from\n${excerpt(outer, severity, style)}`;
  }
  for (const note of diagnostic.notes) {
    text += note.span
      ? `${placeText(note.span)}: ${LABELS[severity]}: ${note.message}\n${excerpt(note.span, severity, style)}`
      : `NOTE: ${note.message}\n`;
  }
  for (const hint of diagnostic.hints) text += `HINT: ${hint}\n`;
  return text;
}

/** renderDiagnostics gives all errors first, then the warnings. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], style?: DiagnosticStyle): string {
  const of = (severity: Severity): readonly Diagnostic[] => diagnostics.filter((item) => item.severity === severity);
  return [...of('error'), ...of('warning')].map((diagnostic) => renderDiagnostic(diagnostic, style)).join('');
}

const LABELS: { readonly [S in Severity]: string } = { error: 'ERROR', warning: 'WARNING' };
const COLORS: { readonly [S in Severity]: string } = { error: '\x1b[31m', warning: '\x1b[33m' };

/** Source lines with tabs as four blanks; one line is underlined, several are not. */
function excerpt(span: Span, severity: Severity, style: DiagnosticStyle): string {
  const place = placeOf(span);
  const lines = span.source.text.split('\n').slice(place.line - 1, place.endLine);
  const shown = lines.map((line) => `${line.replaceAll('\t', '    ')}\n`).join('');
  if (place.line !== place.endLine) return shown;
  const line = lines[0] ?? '';
  const indent = widthOf(line.slice(0, place.column - 1));
  const width = Math.max(1, widthOf(line.slice(place.column - 1, place.endColumn - 1)));
  return `${shown}${' '.repeat(indent)}${colored('~'.repeat(width), severity, style)}\n`;
}

function widthOf(text: string): number {
  return text.replaceAll('\t', '    ').length;
}

function colored(text: string, severity: Severity, style: DiagnosticStyle): string {
  return style.isColored ? `${COLORS[severity]}${text}\x1b[0m` : text;
}
