/**
 * Painter draws into a rectangle of a cell buffer and never outside it. All text is sanitised on the way in, so a view
 * may pass traced text as it is.
 */

import { type CellBuffer, CONTINUATION, type Rect } from './cell-buffer.ts';
import { asciiOnly, sanitize, shownWidth } from './sanitize.ts';
import { type Token, withBackground } from './style.ts';
import { codePointWidth, isPlain } from './width.ts';

const BLANK = 0x20;
/** So many cells are written one by one sooner than by a call that fills them. */
const FEW = 24;

export class Painter {
  readonly buffer: CellBuffer;
  readonly rect: Rect;
  /** Untrusted text is reduced to ASCII (`--ascii`). */
  readonly isAscii: boolean;

  constructor(buffer: CellBuffer, rect?: Rect, isAscii = false) {
    this.buffer = buffer;
    this.rect = clipRect(rect ?? { x: 0, y: 0, width: buffer.width, height: buffer.height }, buffer);
    this.isAscii = isAscii;
  }

  get width(): number {
    return this.rect.width;
  }

  get height(): number {
    return this.rect.height;
  }

  /** A painter for a part of this one; coordinates are relative to it. */
  sub(x: number, y: number, width: number, height: number): Painter {
    const left = Math.max(0, x);
    const top = Math.max(0, y);
    return new Painter(
      this.buffer,
      {
        x: this.rect.x + left,
        y: this.rect.y + top,
        width: Math.max(0, Math.min(x + width, this.width) - left),
        height: Math.max(0, Math.min(y + height, this.height) - top),
      },
      this.isAscii,
    );
  }

  /** Writes one line of text and returns the column behind it. Cuts at `maxWidth` and at the right edge. */
  text(x: number, y: number, text: string, style: number, maxWidth = Number.POSITIVE_INFINITY): number {
    const end = Math.min(this.width, x + maxWidth);
    if (y < 0 || y >= this.height || x >= end) return x;
    if (isPlain(text)) return this.#plain(x, y, text, style, end);
    const clean = sanitize(text);
    const shown = this.isAscii ? asciiOnly(clean) : clean;
    let column = x;
    for (const character of shown) {
      const code = character.codePointAt(0) ?? 0x20;
      const width = codePointWidth(code);
      if (column + width > end) break;
      if (column >= 0) this.#put(column, y, code, style, width);
      column += width;
    }
    return column;
  }

  /** The style of a cell; none outside. */
  styleAt(x: number, y: number): number {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return 0;
    return this.buffer.styles[(this.rect.y + y) * this.buffer.width + this.rect.x + x] ?? 0;
  }

  /** Writes text that ends at `right` (exclusive), cut at the left by `maxWidth`. */
  textRight(right: number, y: number, text: string, style: number, maxWidth: number): void {
    const width = shownWidth(text);
    this.text(right - (width < maxWidth ? width : maxWidth), y, text, style, maxWidth);
  }

  /** A row of glyphs of ours, narrow and of one unit each. */
  glyphs(x: number, y: number, glyphs: string, style: number): void {
    const end = Math.min(this.width, x + glyphs.length);
    if (y < 0 || y >= this.height || x < 0 || x >= end) return;
    const start = this.#run(x, y, end - x, style, BLANK);
    const { codes } = this.buffer;
    for (let at = 0; at < end - x; at++) codes[start + at] = glyphs.charCodeAt(at);
  }

  /** One cell with a glyph of ours (narrow). */
  cell(x: number, y: number, glyph: string, style: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    this.#put(x, y, glyph.codePointAt(0) ?? 0x20, style, 1);
  }

  fill(x: number, y: number, width: number, height: number, style: number, glyph = ' '): void {
    const code = glyph.codePointAt(0) ?? BLANK;
    const left = Math.max(0, x);
    const right = Math.min(this.width, x + width);
    const bottom = Math.min(this.height, y + height);
    for (let row = Math.max(0, y); row < bottom && left < right; row++) this.#run(left, row, right - left, style, code);
  }

  /** Gives a row of cells a background, keeping what is written there. */
  background(x: number, y: number, width: number, token: Token): void {
    if (y < 0 || y >= this.height) return;
    const end = Math.min(this.width, x + width);
    for (let column = Math.max(0, x); column < end; column++) {
      const index = (this.rect.y + y) * this.buffer.width + this.rect.x + column;
      this.buffer.styles[index] = withBackground(this.buffer.styles[index] ?? 0, token);
    }
  }

  /** Printable ASCII, one cell per character. */
  #plain(x: number, y: number, text: string, style: number, end: number): number {
    const from = Math.max(0, x);
    const to = Math.min(end, x + text.length);
    if (from < to) {
      const start = this.#run(from, y, to - from, style, BLANK);
      const { codes } = this.buffer;
      for (let column = from; column < to; column++) codes[start + column - from] = text.charCodeAt(column - x);
    }
    return Math.max(x, to);
  }

  /** Gives narrow cells of a row, all inside, one content; returns the index of the first. */
  #run(x: number, y: number, length: number, style: number, code: number): number {
    const { codes, styles, width } = this.buffer;
    const row = (this.rect.y + y) * width;
    const start = row + this.rect.x + x;
    const end = start + length;
    // Overwriting half of a wide character leaves a blank where its other half was.
    if (codes[start] === CONTINUATION && start > row) codes[start - 1] = BLANK;
    if (end < row + width && codes[end] === CONTINUATION) codes[end] = BLANK;
    if (length > FEW) {
      codes.fill(code, start, end);
      styles.fill(style, start, end);
    } else
      for (let at = start; at < end; at++) {
        codes[at] = code;
        styles[at] = style;
      }
    return start;
  }

  #put(x: number, y: number, code: number, style: number, width: 1 | 2): void {
    const { codes, styles } = this.buffer;
    const row = (this.rect.y + y) * this.buffer.width;
    const index = row + this.rect.x + x;
    // Overwriting half of a wide character leaves a blank where its other half was.
    if (codes[index] === CONTINUATION && index > row) codes[index - 1] = 0x20;
    const next = index + width;
    if (next < row + this.buffer.width && codes[next] === CONTINUATION) codes[next] = 0x20;
    codes[index] = code;
    styles[index] = style;
    if (width === 2) {
      codes[index + 1] = CONTINUATION;
      styles[index + 1] = style;
    }
  }
}

/** clipRect gives the part of a rectangle that lies in a buffer. */
export function clipRect(rect: Rect, buffer: CellBuffer): Rect {
  const x = Math.max(0, Math.floor(rect.x));
  const y = Math.max(0, Math.floor(rect.y));
  return {
    x,
    y,
    width: Math.max(0, Math.min(Math.floor(rect.width), buffer.width - x)),
    height: Math.max(0, Math.min(Math.floor(rect.height), buffer.height - y)),
  };
}
