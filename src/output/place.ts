/** Where a run-time message belongs, as text. */

import type { Span } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';

/** placeText is `stdin:1:17-25`, or `stdin:1-3` for several lines. */
export function placeText(span: Span): string {
  const { line, column, endLine, endColumn } = locate(span);
  return line === endLine
    ? `${span.source.name}:${line}:${column}-${endColumn}`
    : `${span.source.name}:${line}-${endLine}`;
}
