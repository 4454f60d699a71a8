/** Findings for machines: stable codes, lines and columns, the repair as a text edit. */

import type { Diagnostic, Span } from './diagnostic.ts';
import { locate } from './locate.ts';
import { sortBySeverity } from './render.ts';

export interface JsonSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** Exclusive. */
  readonly endColumn: number;
  /** UTF-16 offsets into the source. */
  readonly start: number;
  readonly end: number;
}

export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly span?: JsonSpan;
  readonly expandedFrom?: readonly JsonSpan[];
  readonly notes: readonly { readonly message: string; readonly span?: JsonSpan }[];
  readonly hints: readonly string[];
  readonly fix?: { readonly span: JsonSpan; readonly text: string };
}

/** diagnosticToJson gives one finding as plain data. */
export function diagnosticToJson(diagnostic: Diagnostic): JsonDiagnostic {
  const { code, severity, message, span, notes, hints, fix } = diagnostic;
  const outer: JsonSpan[] = [];
  for (let from = span?.expandedFrom; from; from = from.expandedFrom) outer.push(spanToJson(from));
  return {
    code,
    severity,
    message,
    ...(span && { span: spanToJson(span) }),
    ...(outer.length > 0 && { expandedFrom: outer }),
    notes: notes.map((note) => ({
      message: note.message,
      ...(note.span && { span: spanToJson(note.span) }),
    })),
    hints,
    ...(fix && { fix: { span: spanToJson(fix.span), text: fix.text } }),
  };
}

/** diagnosticsToJson gives all findings, errors first, as one JSON document. */
export function diagnosticsToJson(diagnostics: readonly Diagnostic[]): string {
  return JSON.stringify({ diagnostics: sortBySeverity(diagnostics).map(diagnosticToJson) });
}

function spanToJson(span: Span): JsonSpan {
  return { file: span.source.name, ...locate(span), start: span.start, end: span.end };
}
