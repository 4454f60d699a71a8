/**
 * How values lie in memory: map keys, map values and event records. Natural alignment, padding zeroed by whoever
 * writes. The one place that knows these sizes; codegen writes by it, the session's decoders read by it.
 */

import type { AggregateType, Type } from './types.ts';

/** sizeOf gives the bytes that a value of the type takes; 0 for none and void. */
export function sizeOf(type: Type): number {
  switch (type.kind) {
    case 'none':
    case 'void':
      return 0;
    case 'bool':
      return 1;
    case 'integer':
    case 'enum':
      return type.bits / 8;
    case 'pointer':
    case 'ksym':
    case 'username':
    case 'timestamp':
    case 'cgroupPath':
    case 'probeName':
    case 'stack':
      return 8;
    case 'usym':
      return 16; // u64 address, u32 tgid, u32 0 or, without an address, 1 + the probe's name id
    case 'inet':
      return 20; // u32 address length (4 or 16), 16 bytes in network order
    case 'mac':
      return 6;
    case 'string':
      return type.capacity;
    case 'buffer':
      return 4 + type.capacity;
    case 'array':
      return sizeOf(type.element) * type.length;
    case 'tuple':
      return tupleLayout(type.elements).size;
    case 'record':
      return tupleLayout(type.fields.map((field) => field.type)).size;
    case 'struct':
      return type.composite.size;
    default:
      return aggregateSize(type);
  }
}

/** alignOf gives the natural alignment of a type in bytes: 1, 2, 4 or 8. */
export function alignOf(type: Type): number {
  switch (type.kind) {
    case 'string':
    case 'mac':
      return 1;
    case 'buffer':
    case 'inet':
    case 'stack':
      return 4;
    case 'array':
      return alignOf(type.element);
    case 'tuple':
      return tupleLayout(type.elements).align;
    case 'record':
      return tupleLayout(type.fields.map((field) => field.type)).align;
    case 'struct':
      return powerOfTwoDivisor(type.composite.size);
    default:
      return Math.max(1, Math.min(8, sizeOf(type)));
  }
}

export interface TupleLayout {
  readonly offsets: readonly number[];
  readonly size: number;
  readonly align: number;
}

/** tupleLayout places elements one after the other, each at its alignment; the size is a multiple of the largest. */
export function tupleLayout(elements: readonly Type[]): TupleLayout {
  const offsets: number[] = [];
  let size = 0;
  let align = 1;
  for (const element of elements) {
    const elementAlign = alignOf(element);
    size = alignUp(size, elementAlign);
    offsets.push(size);
    size += sizeOf(element);
    align = Math.max(align, elementAlign);
  }
  return { offsets, size: alignUp(size, align), align };
}

export function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

/** Buckets of `hist(n, bits)`: index 0 for negative values, then 2^bits per power of two. */
export function histBuckets(bits: number): number {
  return ((65 - bits) << bits) + 1;
}

/** Buckets of `lhist`: one below min, one at or above max. */
export function lhistBuckets(type: { readonly min: bigint; readonly max: bigint; readonly step: bigint }): number {
  return Number((type.max - type.min + type.step - 1n) / type.step) + 2;
}

/** Bytes of one per-CPU slot of an aggregation. All members are 64 bits wide. */
function aggregateSize(type: AggregateType): number {
  switch (type.kind) {
    case 'count': // count
    case 'sum': // sum
      return 8;
    case 'min': // value, is set
    case 'max': // value, is set
    case 'avg': // total, count
    case 'stats': // total, count
      return 16;
    case 'hist':
      return histBuckets(type.bits) * 8;
    case 'lhist':
      return lhistBuckets(type) * 8;
    case 'tseries': // per interval: number of the interval since boot, value or total, count
      return type.intervals * 24;
  }
}

function powerOfTwoDivisor(size: number): number {
  for (const align of [8, 4, 2]) {
    if (size % align === 0) return align;
  }
  return 1;
}
