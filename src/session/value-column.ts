/**
 * Values of a map that is read again and again, as numbers without an object each. What has not changed since the last
 * reading is the same array.
 */

import type { Type } from '../semantics/types.ts';
import type { Value } from './snapshot.ts';

/** Merges one value out of its slots: `offset` is where the first lies. */
type ValueMerger = (view: DataView, bytes: Uint8Array, offset: number, stride: number, count: number) => Value;

/** Where values lie: `stride` bytes apart, each of `slots` slots that are `slotStride` bytes apart. */
export interface ValuePlaces {
  readonly stride: number;
  readonly slotStride: number;
  readonly slots: number;
}

const TWO_32 = 0x1_0000_0000;

/** ValueColumn reads values of one type. */
export class ValueColumn {
  readonly #merge: ValueMerger;
  readonly #places: ValuePlaces;
  readonly #isCounter: boolean;
  #bytes = Buffer.alloc(0);
  #values: Float64Array | readonly Value[] = new Float64Array(0);

  constructor(type: Type, merge: ValueMerger, places: ValuePlaces) {
    this.#merge = merge;
    this.#places = places;
    this.#isCounter = type.kind === 'count' || (type.kind === 'sum' && !type.isSigned);
  }

  /** read gives the first `count` values: numbers where all of them are. */
  read(view: DataView, bytes: Buffer, count: number): Float64Array | readonly Value[] {
    const length = count * this.#places.stride;
    if (count === this.#values.length && this.#bytes.compare(bytes, 0, length, 0, length) === 0) return this.#values;
    this.#values =
      (this.#isCounter && view.byteOffset % 4 === 0 ? this.#counters(view, count) : undefined) ??
      this.#merged(view, bytes, count);
    if (this.#bytes.length < length || this.#bytes.length > 4 * length + 65_536) this.#bytes = Buffer.alloc(length * 2);
    bytes.copy(this.#bytes, 0, 0, length);
    return this.#values;
  }

  /** Sums of unsigned 64-bit slots; undefined if one is beyond what a number holds. */
  #counters(view: DataView, count: number): Float64Array | undefined {
    const words = new Uint32Array(view.buffer, view.byteOffset, view.byteLength >> 2);
    const { slots } = this.#places;
    const stride = this.#places.stride >> 2;
    const slotStride = this.#places.slotStride >> 2;
    const numbers = new Float64Array(count);
    let largest = 0;
    for (let index = 0; index < count; index++) {
      let total = 0;
      let at = index * stride;
      for (let slot = 0; slot < slots; slot++, at += slotStride)
        total += (words[at + 1] as number) * TWO_32 + (words[at] as number);
      numbers[index] = total;
      if (total > largest) largest = total;
    }
    return largest > Number.MAX_SAFE_INTEGER ? undefined : numbers;
  }

  #merged(view: DataView, bytes: Buffer, count: number): Float64Array | readonly Value[] {
    const { stride, slotStride, slots } = this.#places;
    const values: Value[] = [];
    let areNumbers = true;
    for (let index = 0; index < count; index++) {
      const value = this.#merge(view, bytes, index * stride, slotStride, slots);
      areNumbers &&= typeof value === 'number';
      values.push(value);
    }
    return areNumbers ? Float64Array.from(values as number[]) : values;
  }
}
