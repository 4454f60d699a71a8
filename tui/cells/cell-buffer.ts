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

  /** Copies one rectangle, which lies in both, from a buffer of the same size. */
  copyRect(source: CellBuffer, { x, y, width, height }: Rect): void {
    for (let row = y; row < y + height && width > 0; row++) {
      const start = row * this.width + x;
      const end = start + width;
      // Unlike `set`, this makes no object of the part.
      source.codeBytes.copy(this.codeBytes, start * BYTES, start * BYTES, end * BYTES);
      source.styleBytes.copy(this.styleBytes, start * BYTES, start * BYTES, end * BYTES);
      this.#repairEdge(x, row);
      this.#repairEdge(x + width, row);
    }
  }

  /** Blanks one rectangle, which lies in the buffer. */
  clearRect({ x, y, width, height }: Rect): void {
    for (let row = y; row < y + height; row++) {
      const start = row * this.width + x;
      this.codes.fill(BLANK, start, start + width);
      this.styles.fill(0, start, start + width);
    }
  }

  /** Half of a wide character that lost its other half becomes a blank. */
  #repairEdge(x: number, y: number): void {
    const index = y * this.width + x;
    if (x > 0 && x < this.width && this.codes[index] === CONTINUATION) {
      const before = this.codes[index - 1] ?? BLANK;
      if (before < 0x1100) this.codes[index] = BLANK;
    }
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
