/** Lines of text in several tones, broken at blanks where they are too long; what goes on stands under where it began. */

import { sanitize, shownWidth } from '../cells/sanitize.ts';
import type { TextLine } from '../state/overlay.ts';

type Span = TextLine[number];

/** wrapSpans breaks one line into as many as a width asks for. */
export function wrapSpans(line: TextLine, width: number): readonly TextLine[] {
  if (line.reduce((sum, { text }) => sum + shownWidth(text), 0) <= width) return [line];
  const indent = indentOf(line, width);
  const rows: Span[][] = [];
  let row: Span[] = [];
  let used = 0;
  for (const { text, tone } of line)
    for (const word of text.match(/\s*\S+|\s+$/g) ?? []) {
      let rest = word;
      if (used > indent && used + shownWidth(rest) > width) {
        rows.push(row);
        row = [{ text: ' '.repeat(indent), tone }];
        used = indent;
        rest = rest.trimStart();
      }
      for (; used + shownWidth(rest) > width; used = indent) {
        const head = cut(rest, width - used);
        rows.push([...row, { text: head, tone }]);
        row = [{ text: ' '.repeat(indent), tone }];
        rest = rest.slice(head.length);
      }
      row.push({ text: rest, tone });
      used += shownWidth(rest);
    }
  return [...rows, row];
}

/** Behind the first of several spans, which is a title or a key; else under the first letter. */
function indentOf(line: TextLine, width: number): number {
  const [first] = line;
  const text = first?.text ?? '';
  const wanted = line.length > 1 ? shownWidth(text) : text.length - text.trimStart().length;
  return wanted <= width / 2 ? wanted : 0;
}

/** The longest beginning that fits; at least one character. */
function cut(text: string, width: number): string {
  let head = '';
  for (const character of text) {
    if (head !== '' && shownWidth(sanitize(head + character)) > width) break;
    head += character;
  }
  return head;
}
