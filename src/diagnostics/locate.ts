/** From offsets to lines and columns, and back to the text of a line. Lines and columns count from 1. */

import type { Source, Span } from './diagnostic.ts';

export interface Location {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** Exclusive. */
  readonly endColumn: number;
}

/** lineStarts gives the offset of each line; kept per source, as a run reports many findings on one text. */
const LINE_STARTS = new WeakMap<Source, readonly number[]>();

/** locate gives where a span lies. */
export function locate(span: Span): Location {
  const starts = lineStartsOf(span.source);
  const line = lineAt(starts, span.start);
  // A span that ends with a line's end does not reach into the next line.
  const lastOffset = Math.max(span.start, span.end - 1);
  const endLine = lineAt(starts, lastOffset);
  return {
    line,
    column: span.start - (starts[line - 1] ?? 0) + 1,
    endLine,
    endColumn: Math.max(span.end, span.start) - (starts[endLine - 1] ?? 0) + 1,
  };
}

/** lineText gives a line without its end. */
export function lineText(source: Source, line: number): string {
  const starts = lineStartsOf(source);
  const start = starts[line - 1] ?? source.text.length;
  const end = starts[line] === undefined ? source.text.length : (starts[line] ?? 0) - 1;
  return source.text.slice(start, end).replace(/\r$/, '');
}

function lineStartsOf(source: Source): readonly number[] {
  const known = LINE_STARTS.get(source);
  if (known) return known;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1)) starts.push(at + 1);
  LINE_STARTS.set(source, starts);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
