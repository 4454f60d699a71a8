/**
 * A screenful of cells: code points and packed styles, row by row. The second cell of a wide character holds
 * `CONTINUATION`. Only `Painter` writes text here, so nothing unclean ever gets in.
 */

export const CONTINUATION = 0;
const BLANK = 0x20;
const BYTES = Uint32Array.BYTES_PER_ELEMENT;

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** CellBuffer is a rectangle of cells in two typed arrays. */
export class CellBuffer {
  readonly width: number;
  readonly height: number;
  readonly codes: Uint32Array;
  readonly styles: Uint32Array;
  /** The same memory, to be compared and copied. */
  readonly codeBytes: Buffer;
  readonly styleBytes: Buffer;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.codes = new Uint32Array(width * height).fill(BLANK);
    this.styles = new Uint32Array(width * height);
    this.codeBytes = Buffer.from(this.codes.buffer);
    this.styleBytes = Buffer.from(this.styles.buffer);
  }

  clear(style = 0): void {
    this.codes.fill(BLANK);
    this.styles.fill(style);
  }

  copyFrom(source: CellBuffer): void {
    this.codes.set(source.codes);
    this.styles.set(source.styles);
  }

  /** Copies one row from a buffer of the same size. */
  copyRow(source: CellBuffer, y: number): void {
    const from = y * this.width * BYTES;
    const to = from + this.width * BYTES;
    source.codeBytes.copy(this.codeBytes, from, from, to);
    source.styleBytes.copy(this.styleBytes, from, from, to);
  }

  /** Copies one rectangle, which lies in both, from a buffer of the same size. */
  copyRect(source: CellBuffer, { x, y, width, height }: Rect): void {
    for (let row = y; row < y + height && width > 0; row++) {
      const start = row * this.width + x;
      const end = start + width;
      this.#cutEdges(start, end, row);
      // Unlike `set`, this makes no object of the part.
      source.codeBytes.copy(this.codeBytes, start * BYTES, start * BYTES, end * BYTES);
      source.styleBytes.copy(this.styleBytes, start * BYTES, start * BYTES, end * BYTES);
      if (source.codes[start] === CONTINUATION) this.codes[start] = BLANK;
      if (x + width < this.width && source.codes[end] === CONTINUATION) this.codes[end - 1] = BLANK;
    }
  }

  /** Blanks one rectangle, which lies in the buffer. */
  clearRect({ x, y, width, height }: Rect): void {
    for (let row = y; row < y + height && width > 0; row++) {
      const start = row * this.width + x;
      this.#cutEdges(start, start + width, row);
      this.codes.fill(BLANK, start, start + width);
      this.styles.fill(0, start, start + width);
    }
  }

  /** A wide character that loses one half to what is written between two places becomes a blank. */
  #cutEdges(start: number, end: number, row: number): void {
    const { codes } = this;
    if (start > row * this.width && codes[start] === CONTINUATION) codes[start - 1] = BLANK;
    if (end < (row + 1) * this.width && codes[end] === CONTINUATION) codes[end] = BLANK;
  }

  /** The rows as plain text, without trailing blanks. */
  toText(): string {
    const rows: string[] = [];
    for (let y = 0; y < this.height; y++) {
      let row = '';
      for (let x = 0; x < this.width; x++) {
        const code = this.codes[y * this.width + x] ?? BLANK;
        if (code !== CONTINUATION) row += String.fromCodePoint(code);
      }
      rows.push(row.trimEnd());
    }
    return rows.join('\n');
  }
}
