/**
 * Where a span lies, in lines and columns from 1. Run-time messages and JSON records name places with it.
 */

import type { Span } from '../diagnostics/diagnostic.ts';

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** Exclusive. */
  readonly endColumn: number;
}

/** placeOf finds line and column of a span's start and end. */
export function placeOf(span: Span): Place {
  const { name, text } = span.source;
  const lineStart = startOfLine(text, span.start);
  const endLineStart = startOfLine(text, span.end);
  return {
    file: name,
    line: lineNumber(text, lineStart),
    column: span.start - lineStart + 1,
    endLine: lineNumber(text, endLineStart),
    endColumn: span.end - endLineStart + 1,
  };
}

/** placeText is `stdin:1:17-25`, or `stdin:1-3` for several lines. */
export function placeText(span: Span): string {
  const place = placeOf(span);
  return place.line === place.endLine
    ? `${place.file}:${place.line}:${place.column}-${place.endColumn}`
    : `${place.file}:${place.line}-${place.endLine}`;
}

function startOfLine(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function lineNumber(text: string, lineStart: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < lineStart; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
