/**
 * Keys of a map that is read again and again: who watches a map reads the same keys every second. The kernel lists them in
 * the order of its hash, so that those of the last reading are found by comparing memory, not key by key, and are the same
 * objects, which those who keep snapshots tell keys apart by. Stacks are asked for again when they may have got names.
 */

import type { Type } from '../semantics/types.ts';
import { type DecodeContext, type Reader, readerOf } from './decode.ts';
import type { Value } from './snapshot.ts';
import { bytesAsText } from './text-reader.ts';
import { uptimeMs } from './uptime.ts';

/** Entries that are looked through for the next known key: some are gone. */
const LOOK_AHEAD = 16;
/** After so many keys in a row that are new, all known ones are looked through by a table: others have gone in a great number. */
const MAX_UNKNOWN = 64;

/** isLasting tells whether the bytes of a key, and the names of stacks, say all that the key is. */
export function isLasting(type: Type): boolean {
  if (type.kind === 'tuple') return type.elements.every(isLasting);
  return type.kind === 'integer' || type.kind === 'string' || type.kind === 'bool' || type.kind === 'stack';
}

/** KeyColumn reads keys of `size` bytes. */
export class KeyColumn {
  readonly #readKey: Reader;
  readonly #validity: DecodeContext['validity'];
  readonly #size: number;
  #keys: readonly Value[] = [];
  /** A copy of what was read, with some room. */
  #bytes = Buffer.alloc(0);
  /** By position: when the key is to be read again. */
  #untilMs = new Float64Array(0);
  #earliestMs = Number.POSITIVE_INFINITY;

  constructor(type: Type, context: DecodeContext, size: number) {
    this.#readKey = readerOf(type, context);
    this.#validity = context.validity;
    this.#size = size;
  }

  /** read gives the keys in the first `count` places of `bytes`: the same array if nothing has changed. */
  read(bytes: Buffer, count: number): readonly Value[] {
    if (this.#isSame(bytes, count)) return this.renewed();
    this.#take(bytes, count);
    return this.#keys;
  }

  /** renewed reads those keys again that may have got names since. */
  renewed(): readonly Value[] {
    const now = uptimeMs();
    if (now < this.#earliestMs) return this.#keys;
    const keys = [...this.#keys];
    const untilMs = this.#untilMs;
    const view = viewOf(this.#bytes);
    this.#earliestMs = Number.POSITIVE_INFINITY;
    for (let place = 0; place < keys.length; place++) {
      if ((untilMs[place] ?? 0) <= now) keys[place] = this.#decode(view, this.#bytes, place);
      else this.#earliestMs = Math.min(this.#earliestMs, untilMs[place] ?? 0);
    }
    this.#keys = keys;
    return keys;
  }

  /** forget has all keys read anew: the same bytes may stand for another stack from now on. */
  forget(): void {
    this.#keys = [];
  }

  #isSame(bytes: Buffer, count: number): boolean {
    return count === this.#keys.length && this.#isEqual(bytes, 0, 0, count);
  }

  /** Keys that were there come over by runs, the others are decoded. */
  #take(bytes: Buffer, count: number): void {
    const before = this.#keys;
    const untilBefore = this.#untilMs;
    // As many as there will be: a list that grows leaves twice its size behind.
    const keys = new Array<Value>(count);
    const view = viewOf(bytes);
    const now = uptimeMs();
    const untilMs = new Float64Array(count);
    this.#untilMs = untilMs;
    let from = 0;
    let unknown = 0;
    let places: ReadonlyMap<string, number> | undefined;
    for (let at = 0; at < count; ) {
      const run = this.#runLength(bytes, at, from, Math.min(count - at, before.length - from));
      if (run > 0) {
        unknown = 0;
        untilMs.set(untilBefore.subarray(from, from + run), at);
        for (const end = from + run; from < end; from++, at++) {
          const isLasting = now < (untilBefore[from] ?? 0);
          keys[at] = isLasting ? (before[from] as Value) : this.#decode(view, bytes, at);
        }
        continue;
      }
      if (unknown++ === MAX_UNKNOWN) places ??= this.#placesByKey(before.length);
      const found = places?.get(this.#textOf(bytes, at)) ?? this.#ahead(bytes, at, from, before.length);
      if (found >= 0) from = found;
      else {
        keys[at] = this.#decode(view, bytes, at);
        at++;
      }
    }
    this.#keys = keys;
    this.#keep(bytes, count);
    let earliestMs = Number.POSITIVE_INFINITY;
    for (let at = 0; at < count; at++) if ((untilMs[at] as number) < earliestMs) earliestMs = untilMs[at] as number;
    this.#earliestMs = earliestMs;
  }

  #decode(view: DataView, bytes: Buffer, place: number): Value {
    this.#validity.untilMs = Number.POSITIVE_INFINITY;
    const key = this.#readKey(view, bytes, place * this.#size);
    this.#untilMs[place] = this.#validity.untilMs;
    this.#earliestMs = Math.min(this.#earliestMs, this.#validity.untilMs);
    return key;
  }

  #keep(bytes: Buffer, count: number): void {
    const length = count * this.#size;
    if (this.#bytes.length < length || this.#bytes.length > 4 * length + 65_536) this.#bytes = Buffer.alloc(length * 2);
    bytes.copy(this.#bytes, 0, 0, length);
  }

  /** How many keys from `at` on are those that were from `from` on: in steps that grow, and shrink at the first difference. */
  #runLength(bytes: Buffer, at: number, from: number, limit: number): number {
    let length = 0;
    let step = 1;
    while (length + step <= limit && this.#isEqual(bytes, at + length, from + length, step)) {
      length += step;
      step *= 2;
    }
    for (; step >= 1; step >>= 1)
      if (length + step <= limit && this.#isEqual(bytes, at + length, from + length, step)) length += step;
    return length;
  }

  #isEqual(bytes: Buffer, at: number, from: number, count: number): boolean {
    const size = this.#size;
    return this.#bytes.compare(bytes, at * size, (at + count) * size, from * size, (from + count) * size) === 0;
  }

  #ahead(bytes: Buffer, at: number, from: number, count: number): number {
    const end = Math.min(count, from + LOOK_AHEAD);
    for (let place = from + 1; place < end; place++) if (this.#isEqual(bytes, at, place, 1)) return place;
    return -1;
  }

  #placesByKey(count: number): ReadonlyMap<string, number> {
    const places = new Map<string, number>();
    for (let place = 0; place < count; place++) places.set(this.#textOf(this.#bytes, place), place);
    return places;
  }

  #textOf(bytes: Buffer, place: number): string {
    return bytesAsText(bytes, place * this.#size, (place + 1) * this.#size);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
