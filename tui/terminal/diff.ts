/**
 * The bytes that turn what is on the screen into what should be: differing runs of cells, row by row, with short gaps
 * rewritten rather than jumped over.
 */

import { type CellBuffer, CONTINUATION } from '../cells/cell-buffer.ts';
import { codePointWidth } from '../cells/width.ts';
import type { StyleEncoder } from '../theme/sgr.ts';

/** A jump costs about this many bytes, so smaller gaps are written through. */
const MERGE_GAP = 6;

/** Below this, every terminal agrees on one cell, or it is a character that we draw with ourselves. */
const WIDE_FROM = 0x2e80;

/**
 * encodeDiff brings `screen` up to `next` and returns the sequence to write; empty if nothing differs. Rows that are known
 * to be the same are not looked at.
 */
export function encodeDiff(
  screen: CellBuffer,
  next: CellBuffer,
  encoder: StyleEncoder,
  isStale?: ArrayLike<number>,
): string {
  const { width, height } = next;
  // Characters of one look are one text: added one by one, each would be an object.
  const codes = new Uint16Array(width);
  let output = '';
  let style = -1;
  for (let y = 0; y < height; y++) {
    if (isStale?.[y] === 0 || isSameRow(screen, next, y)) continue;
    const row = y * width;
    let x = 0;
    while (x < width) {
      if (isSame(screen, next, row + x)) {
        x++;
        continue;
      }
      let start = x;
      while (start > 0 && next.codes[row + start] === CONTINUATION) start--;
      const end = runEnd(screen, next, row, x, width);
      output += `\x1b[${y + 1};${start + 1}H`;
      let length = 0;
      for (let column = start; column < end; column++) {
        const index = row + column;
        const code = next.codes[index] ?? 0x20;
        if (code === CONTINUATION) continue;
        const packed = next.styles[index] ?? 0;
        if (packed !== style) {
          output += textOf(codes, length) + encoder.encode(packed);
          length = 0;
          style = packed;
        }
        if (code < WIDE_FROM) codes[length++] = code;
        else {
          output += textOf(codes, length) + placed(code, column);
          length = 0;
        }
      }
      output += textOf(codes, length);
      x = end;
    }
    screen.copyRow(next, y);
  }
  return output === '' ? '' : `${output}\x1b[0m`;
}

function textOf(codes: Uint16Array, length: number): string {
  if (length <= 1) return length === 0 ? '' : String.fromCharCode(codes[0] ?? 0);
  return String.fromCharCode.apply(null, codes.subarray(0, length) as unknown as number[]);
}

/**
 * Terminals disagree about the width of many characters. Both cells are blanked and the column is set behind it, so that
 * a different opinion spoils one character and not the rest of the row.
 */
function placed(code: number, column: number): string {
  const width = codePointWidth(code);
  const character = String.fromCodePoint(code);
  return width === 1 ? `${character}\x1b[${column + 2}G` : `  \x1b[${column + 1}G${character}\x1b[${column + 3}G`;
}

/** Most rows are the same: two comparisons of memory tell. */
function isSameRow(screen: CellBuffer, next: CellBuffer, y: number): boolean {
  const bytes = next.width * Uint32Array.BYTES_PER_ELEMENT;
  const from = y * bytes;
  const to = from + bytes;
  return (
    screen.codeBytes.compare(next.codeBytes, from, to, from, to) === 0 &&
    screen.styleBytes.compare(next.styleBytes, from, to, from, to) === 0
  );
}

function isSame(screen: CellBuffer, next: CellBuffer, index: number): boolean {
  return screen.codes[index] === next.codes[index] && screen.styles[index] === next.styles[index];
}

/** One past the last differing cell of the run that starts at `x`. */
function runEnd(screen: CellBuffer, next: CellBuffer, row: number, x: number, width: number): number {
  let end = x + 1;
  for (let column = x + 1; column < width; column++) {
    if (!isSame(screen, next, row + column)) end = column + 1;
    else if (column - end >= MERGE_GAP) break;
  }
  // A wide character is written whole.
  while (end < width && next.codes[row + end] === CONTINUATION) end++;
  return end;
}
