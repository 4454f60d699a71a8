/**
 * Lines of maps whose keys and values are integers and strings, which nearly all large ones are: made as bytes out of the
 * bytes that the kernel gave, without a value or a text per entry. What an entry has beyond that (an integer of more than
 * 53 bits, a control character for a terminal) is made as in all other maps. Layout: semantics/layout.ts.
 */

import { tupleLayout } from '../semantics/layout.ts';
import type { Type } from '../semantics/types.ts';
import type { MapSnapshot, RowMemory } from '../session/snapshot.ts';
import { decodeBytes, encodeText } from '../text/bytes.ts';
import { type PlainNumber, plainNumberAt, plainNumberOf, plainValues } from './plain-numbers.ts';
import { putBytes, putNumber } from './put-bytes.ts';
import type { TextStyle } from './style.ts';

/** PlainMap is a map that can be written this way. */
export interface PlainMap {
  /** The values, as the order of the lines needs them, too. */
  readonly values: Float64Array;
  /** Hands out the lines of the entries at these places, in chunks. */
  write(order: Uint32Array, send: (chunk: Uint8Array) => void): void;
}

/** What a key is made of: text, or an integer or a string at a place in it. */
type Piece =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | { readonly kind: 'integer'; readonly offset: number; readonly number: PlainNumber }
  | { readonly kind: 'string'; readonly offset: number; readonly capacity: number };

const CHUNK_BYTES = 128 * 1024;
const LONGEST_LINE = CHUNK_BYTES / 8;
/** Few enough that V8 takes over optimized code between two portions, rather than compile it for the one that runs. */
const LINES_AT_ONCE = 256;
const LONGEST_INTEGER = 20;
/** Bytes that a control character is shown by. */
const LONGEST_SHOWN = 4;

const MIDDLE = Buffer.from(']: ', 'latin1');
const LINE_END = 0x0a;
const OPEN = 0x28;
const CLOSE = 0x29;

/** plainMapOf gives a map's lines as bytes; undefined if its types or its values ask for more than that. */
export function plainMapOf(map: MapSnapshot, style: TextStyle): PlainMap | undefined {
  const memory = map.rows?.memory;
  if (!memory || !map.rows || !map.keyType) return undefined;
  const pieces = keyPieces(map.keyType);
  const values = pieces && plainValues(map.valueType, memory, map.rows.count);
  if (!pieces || !values) return undefined;
  const lines = new Lines(map, memory, pieces, style);
  return lines.longest > LONGEST_LINE
    ? undefined
    : { values, write: (order, send) => lines.write(order, values, send) };
}

function keyPieces(type: Type): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  if (type.kind !== 'tuple') return addPieces(type, 0, pieces) ? pieces : undefined;
  // The outermost parentheses are left out.
  return addElements(type.elements, 0, pieces) ? pieces : undefined;
}

function addPieces(type: Type, offset: number, pieces: Piece[]): boolean {
  if (type.kind === 'tuple') {
    pieces.push(literal('('));
    const isPlain = addElements(type.elements, offset, pieces);
    pieces.push(literal(')'));
    return isPlain;
  }
  if (type.kind === 'string') {
    pieces.push({ kind: 'string', offset, capacity: type.capacity });
    return true;
  }
  const number = type.kind === 'integer' ? plainNumberOf(type) : undefined;
  if (number) pieces.push({ kind: 'integer', offset, number });
  return number !== undefined;
}

function addElements(elements: readonly Type[], offset: number, pieces: Piece[]): boolean {
  const { offsets } = tupleLayout(elements);
  return elements.every((element, index) => {
    if (index > 0) pieces.push(literal(', '));
    return addPieces(element, offset + (offsets[index] ?? 0), pieces);
  });
}

function literal(text: string): Piece {
  return { kind: 'literal', bytes: Buffer.from(text, 'latin1') };
}

class Lines {
  /** Bytes that a line may take. */
  readonly longest: number;
  readonly #memory: RowMemory;
  readonly #pieces: readonly Piece[];
  readonly #style: TextStyle;
  readonly #isRaw: boolean;
  readonly #trailer: Uint8Array;
  readonly #head: Uint8Array;
  readonly #hasStringKey: boolean;
  #chunk = new Uint8Array(0);
  #at = 0;

  constructor(map: MapSnapshot, memory: RowMemory, pieces: readonly Piece[], style: TextStyle) {
    this.#memory = memory;
    this.#pieces = pieces;
    this.#style = style;
    this.#isRaw = style.isRaw;
    this.#trailer = encodeText(style.traced(memory.strTruncTrailer));
    this.#head = encodeText(`${map.name}[`);
    this.#hasStringKey = map.keyType?.kind === 'string';
    const shown = style.isRaw ? 1 : LONGEST_SHOWN;
    const sizes = pieces.map((piece) => {
      if (piece.kind === 'literal') return piece.bytes.length;
      return piece.kind === 'integer' ? LONGEST_INTEGER : piece.capacity * shown + this.#trailer.length;
    });
    this.longest = sizes.reduce((sum, size) => sum + size, this.#head.length + MIDDLE.length + LONGEST_INTEGER + 1);
  }

  write(order: Uint32Array, values: Float64Array, send: (chunk: Uint8Array) => void): void {
    const some = Math.min(LINES_AT_ONCE, Math.floor(CHUNK_BYTES / this.longest));
    this.#begin(order.length);
    for (let start = 0; start < order.length; start += some) {
      const end = Math.min(start + some, order.length);
      if (this.#at + (end - start) * this.longest > this.#chunk.length) {
        if (this.#at > 0) send(this.#chunk.subarray(0, this.#at));
        this.#begin(order.length - start);
      }
      this.#lines(order, values, start, end);
    }
    if (this.#at > 0) send(this.#chunk.subarray(0, this.#at));
  }

  /** One function, so that V8 optimizes it once and not again within each of its callers. */
  #lines(order: Uint32Array, values: Float64Array, first: number, end: number): void {
    const pieces = this.#pieces;
    const { keyStride } = this.#memory;
    for (let place = first; place < end; place++) {
      const index = order[place] as number;
      this.#copy(this.#head);
      const start = this.#at;
      for (let part = 0; part < pieces.length; part++) {
        const piece = pieces[part] as Piece;
        if (piece.kind === 'integer') this.#integer(index * keyStride + piece.offset, piece.number);
        else if (piece.kind === 'literal') this.#copy(piece.bytes);
        else this.#string(index * keyStride + piece.offset, piece.capacity);
      }
      if (this.#hasStringKey) this.#dropParentheses(start);
      this.#copy(MIDDLE);
      const at = putNumber(this.#chunk, this.#at, values[index] as number);
      this.#chunk[at] = LINE_END;
      this.#at = at + 1;
    }
  }

  #begin(lines: number): void {
    this.#chunk = new Uint8Array(Math.min(CHUNK_BYTES, lines * this.longest));
    this.#at = 0;
  }

  #copy(bytes: Uint8Array): void {
    this.#at = putBytes(this.#chunk, this.#at, bytes);
  }

  #integer(offset: number, number: PlainNumber): void {
    const { keyView } = this.#memory;
    const value = plainNumberAt(keyView, offset, number);
    if (!Number.isNaN(value)) {
      this.#at = putNumber(this.#chunk, this.#at, value);
      return;
    }
    const exact = number.isSigned ? keyView.getBigInt64(offset, true) : keyView.getBigUint64(offset, true);
    this.#copy(encodeText(String(exact)));
  }

  /** Up to the NUL; without one the text was cut and gets the trailer. */
  #string(start: number, capacity: number): void {
    const { keys } = this.#memory;
    const chunk = this.#chunk;
    const end = start + capacity;
    let from = start;
    let at = this.#at;
    for (; from < end; from++) {
      const byte = keys[from] as number;
      if (byte === 0) break;
      if (!this.#isRaw && (byte < 0x20 || byte > 0x7e)) {
        this.#shownString(start, end);
        return;
      }
      chunk[at++] = byte;
    }
    this.#at = at;
    if (from === end && capacity > 0) this.#copy(this.#trailer);
  }

  #shownString(start: number, end: number): void {
    const nul = this.#memory.keys.indexOf(0, start);
    const isCut = nul < 0 || nul >= end;
    const text = decodeBytes(this.#memory.keys.subarray(start, isCut ? end : nul));
    this.#copy(encodeText(this.#style.traced(text)));
    if (isCut) this.#copy(this.#trailer);
  }

  /** As `withoutParentheses` does. */
  #dropParentheses(start: number): void {
    const chunk = this.#chunk;
    if (chunk[start] !== OPEN || chunk[this.#at - 1] !== CLOSE || this.#at - start < 2) return;
    chunk.copyWithin(start, start + 1, this.#at - 1);
    this.#at -= 2;
  }
}
