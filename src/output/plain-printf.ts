/**
 * printf of integers and strings, which is what floods consist of: bytes straight from the record of the event, without a
 * value or a text per argument. Any other format takes the way of `printf.ts`, whose results these are byte by byte.
 */

import type { ActionSpec } from '../codegen/object.ts';
import { alignOf, sizeOf, tupleLayout } from '../semantics/layout.ts';
import type { FormatConversion } from '../semantics/program.ts';
import type { Type } from '../semantics/types.ts';
import type { RecordPrinter } from '../session/session.ts';
import { encodeText } from '../text/bytes.ts';
import { type PlainNumber, plainNumberAt, plainNumberOf } from './plain-numbers.ts';
import { conversionBits, fitsAsIs } from './printf.ts';
import { putAscii, putBytes, putNumber, putPadded, putString } from './put-bytes.ts';

/** `align`: of packed records, whose arguments follow each other; `offset`: of fixed ones. */
interface Place {
  readonly offset: number;
  readonly align: number;
  readonly size: number;
}

type Part =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | ({
      readonly kind: 'integer';
      readonly number: PlainNumber;
      readonly radix: 8 | 10 | 16;
      readonly isUpper: boolean;
    } & Field)
  | ({ readonly kind: 'string'; readonly capacity: number } & Field);

interface Field {
  readonly place: Place;
  readonly width: number;
  readonly isLeft: boolean;
}

const LENGTH_SIZE = 2;
/** 64 bits in octal digits. */
const LONGEST_INTEGER = 22;
const LONGEST = 1 << 16;
const RADIXES: { readonly [conversion: string]: 8 | 10 | 16 | undefined } = {
  d: 10,
  i: 10,
  u: 10,
  s: 10,
  o: 8,
  x: 16,
  X: 16,
};

/** plainPrintf gives the printer of an action's records; undefined where its format asks for more. */
export function plainPrintf({ action, encoding }: ActionSpec, strTruncTrailer: string): RecordPrinter | undefined {
  if (action.kind !== 'printf') return undefined;
  const { offsets } = tupleLayout(action.args);
  const parts: Part[] = [];
  let argument = 0;
  for (const piece of action.format.pieces) {
    if (typeof piece === 'string') {
      parts.push({ kind: 'literal', bytes: encodeText(piece) });
      continue;
    }
    const type = action.args[argument];
    const part = type && fieldOf(piece, type, offsets[argument] ?? 0);
    if (!part) return undefined;
    parts.push(part);
    argument++;
  }
  const printer = new PlainPrinter(parts, encoding === 'packed', encodeText(strTruncTrailer));
  return argument === action.args.length && printer.longest <= LONGEST ? printer : undefined;
}

function fieldOf(conversion: FormatConversion, type: Type, offset: number): Part | undefined {
  const { flags, width = 0 } = conversion;
  if (flags.plus || flags.zero || flags.alternate) return undefined;
  const place = { offset, align: alignOf(type), size: sizeOf(type) };
  const field: Field = { place, width, isLeft: flags.left };
  if (type.kind === 'string') {
    return conversion.conversion === 's' ? { kind: 'string', capacity: type.capacity, ...field } : undefined;
  }
  const radix = RADIXES[conversion.conversion];
  const number = radix && numberOf(conversion, type);
  return number && { kind: 'integer', number, radix, isUpper: conversion.conversion === 'X', ...field };
}

/** The bits that the conversion shows: all of the integer or, as it lies with its low bytes first, the first of them. */
function numberOf({ conversion, length }: FormatConversion, type: Type): PlainNumber | undefined {
  const number = type.kind === 'integer' ? plainNumberOf(type) : undefined;
  if (!number || conversion === 's') return number;
  const bits = conversionBits(length);
  const isSigned = conversion === 'd' || conversion === 'i';
  if (fitsAsIs(type, bits, isSigned)) return number;
  return number.bits >= bits ? { bits, isSigned } : undefined;
}

class PlainPrinter implements RecordPrinter {
  readonly longest: number;
  readonly #parts: readonly Part[];
  readonly #isPacked: boolean;
  readonly #trailer: Uint8Array;

  constructor(parts: readonly Part[], isPacked: boolean, trailer: Uint8Array) {
    this.#parts = parts;
    this.#isPacked = isPacked;
    this.#trailer = trailer;
    const sizes = parts.map((part) => {
      if (part.kind === 'literal') return part.bytes.length;
      const size = part.kind === 'integer' ? LONGEST_INTEGER : part.capacity + trailer.length;
      return Math.max(part.width, size);
    });
    this.longest = sizes.reduce((sum, size) => sum + size, 0);
  }

  print(view: DataView, bytes: Uint8Array, offset: number, out: Uint8Array, start: number): number {
    const parts = this.#parts;
    let at = start;
    let next = 0;
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index] as Part;
      if (part.kind === 'literal') {
        at = putBytes(out, at, part.bytes);
        continue;
      }
      const { place, width } = part;
      const begin = at;
      if (part.kind === 'integer') {
        let from = place.offset;
        if (this.#isPacked) {
          from = (next + place.align - 1) & -place.align;
          next = from + place.size;
        }
        at = putInteger(out, at, view, offset + from, part.number, part.radix, part.isUpper);
      } else if (this.#isPacked) {
        const from = (next + 1) & -LENGTH_SIZE;
        const length = view.getUint16(offset + from, true);
        at = putString(out, at, bytes, offset + from + LENGTH_SIZE, length);
        if (length >= part.capacity && part.capacity > 0) at = putBytes(out, at, this.#trailer);
        next = from + LENGTH_SIZE + length;
      } else {
        at = putString(out, at, bytes, offset + place.offset, part.capacity);
        if (at - begin === part.capacity && part.capacity > 0) at = putBytes(out, at, this.#trailer);
      }
      if (width > 0) at = putPadded(out, begin, at, width, part.isLeft);
    }
    return at;
  }
}

function putInteger(
  out: Uint8Array,
  at: number,
  view: DataView,
  offset: number,
  number: PlainNumber,
  radix: 8 | 10 | 16,
  isUpper: boolean,
): number {
  const value = plainNumberAt(view, offset, number);
  if (radix === 10 && !Number.isNaN(value)) return putNumber(out, at, value);
  const exact = Number.isNaN(value) ? bigAt(view, offset, number.isSigned) : value;
  const text = exact.toString(radix);
  return putAscii(out, at, isUpper ? text.toUpperCase() : text);
}

function bigAt(view: DataView, offset: number, isSigned: boolean): bigint {
  return isSigned ? view.getBigInt64(offset, true) : view.getBigUint64(offset, true);
}
