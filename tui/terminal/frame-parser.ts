/**
 * Reads a frame that Ink has serialised back into cells. The only escape sequences it knows are the ones our own
 * components put in (`styled` below: a 256-colour code whose number is a style's index in a table); everything else that
 * looks like a sequence is dropped, so no text can smuggle one through.
 */

import type { CellBuffer } from '../cells/cell-buffer.ts';
import { Painter } from '../cells/painter.ts';

/** Styles used by components, by the number that stands for them in Ink's text. 8 bits, so at most 256. */
const STYLE_BY_CODE: number[] = [0];
const CODE_BY_STYLE = new Map<number, number>([[0, 0]]);

/** styled wraps text so that it comes out of Ink's layout with this packed style. */
export function styled(text: string, style: number): string {
  let code = CODE_BY_STYLE.get(style);
  if (code === undefined) {
    code = STYLE_BY_CODE.length;
    if (code > 255) return text;
    STYLE_BY_CODE.push(style);
    CODE_BY_STYLE.set(style, code);
  }
  return `\x1b[38;5;${code}m${text}\x1b[39m`;
}

const SEQUENCE = /\x1b\[([0-9;]*)m|\x1b[^a-zA-Z]*[a-zA-Z]?|[\x00-\x08\x0b-\x1f]/g;

/** parseFrame paints a frame into `target`, which is cleared first. */
export function parseFrame(frame: string, target: CellBuffer, isAscii = false): void {
  target.clear();
  const painter = new Painter(target, undefined, isAscii);
  let style = 0;
  const lines = frame.split('\n');
  for (let y = 0; y < lines.length && y < target.height; y++) {
    const line = lines[y] ?? '';
    if (line.trimEnd() !== '') style = paintStyled(painter, y, line, style).style;
  }
}

/** paintStyled paints one line of what `styled` has made; returns the column behind it and the last style. */
export function paintStyled(
  painter: Painter,
  y: number,
  line: string,
  style = 0,
): { readonly column: number; readonly style: number } {
  let column = 0;
  let start = 0;
  let current = style;
  SEQUENCE.lastIndex = 0;
  for (let match = SEQUENCE.exec(line); match !== null; match = SEQUENCE.exec(line)) {
    column = painter.text(column, y, line.slice(start, match.index), current);
    start = match.index + match[0].length;
    if (match[1] !== undefined) current = styleAfter(match[1], current);
  }
  return { column: painter.text(column, y, line.slice(start), current), style: current };
}

/** withoutStyles is the text alone. */
export function withoutStyles(line: string): string {
  return line.replace(SEQUENCE, '');
}

function styleAfter(parameters: string, current: number): number {
  const colour = /(?:^|;)38;5;(\d+)/.exec(parameters);
  if (colour !== null) return STYLE_BY_CODE[Number(colour[1])] ?? 0;
  if (parameters === '' || parameters === '0' || parameters === '39') return 0;
  return current;
}
