/**
 * Merges the per-CPU slots of an aggregation into one value, as layout.ts lays them out. A slot is read while programs
 * write it: a total and its count may be one event apart, as in any tool that reads without stopping the kernel.
 */

import { histBuckets, lhistBuckets, sizeOf } from '../semantics/layout.ts';
import type { AggregateType, Type } from '../semantics/types.ts';
import { addExact, divideExact, readI64, readU64 } from './integers.ts';
import type { Resolver } from './resolver.ts';
import type { Value } from './snapshot.ts';

/** Merger reads `count` slots, `stride` bytes apart from `offset` on. */
export type Merger = (view: DataView, offset: number, stride: number, count: number) => Value;

type Integer = number | bigint;
type OfKind<K extends AggregateType['kind']> = Extract<AggregateType, { readonly kind: K }>;

const AGGREGATES: ReadonlySet<Type['kind']> = new Set<AggregateType['kind']>([
  'count',
  'sum',
  'min',
  'max',
  'avg',
  'stats',
  'hist',
  'lhist',
  'tseries',
]);

/** isAggregate tells the types that are kept per CPU. */
export function isAggregate(type: Type): type is AggregateType {
  return AGGREGATES.has(type.kind);
}

/** WallClock turns time since boot into time of day. */
export type WallClock = Pick<Resolver, 'wallClockNs'>;

/** mergerOf gives the way to merge a type. */
export function mergerOf(type: AggregateType, clock: WallClock): Merger {
  switch (type.kind) {
    case 'count':
      return sumMerger(false);
    case 'sum':
      return sumMerger(type.isSigned);
    case 'min':
    case 'max':
      return extremeMerger(type);
    case 'avg':
    case 'stats':
      return averageMerger(type);
    case 'hist':
      return histogramMerger(histBuckets(type.bits));
    case 'lhist':
      return histogramMerger(lhistBuckets(type));
    case 'tseries':
      return timeSeriesMerger(type, clock);
  }
}

function readerOf(isSigned: boolean): (view: DataView, offset: number) => Integer {
  return isSigned ? readI64 : readU64;
}

function sumMerger(isSigned: boolean): Merger {
  const read = readerOf(isSigned);
  return (view, offset, stride, count) => {
    let total: Integer = 0;
    for (let slot = 0; slot < count; slot++) total = addExact(total, read(view, offset + slot * stride), isSigned);
    return total;
  };
}

function extremeMerger(type: OfKind<'min' | 'max'>): Merger {
  const read = readerOf(type.isSigned);
  return (view, offset, stride, count) => {
    let best: Integer | undefined;
    for (let slot = 0; slot < count; slot++) {
      const at = offset + slot * stride;
      if (readU64(view, at + 8) === 0) continue;
      const value = read(view, at);
      if (best === undefined || (type.kind === 'min' ? value < best : value > best)) best = value;
    }
    return best ?? 0;
  };
}

function averageMerger(type: OfKind<'avg' | 'stats'>): Merger {
  const read = readerOf(type.isSigned);
  return (view, offset, stride, slots) => {
    let total: Integer = 0;
    let count: Integer = 0;
    for (let slot = 0; slot < slots; slot++) {
      const at = offset + slot * stride;
      total = addExact(total, read(view, at), type.isSigned);
      count = addExact(count, readU64(view, at + 8), false);
    }
    const average = Number(count) === 0 ? 0 : divideExact(total, count);
    return { kind: 'average', count, average, total };
  };
}

function histogramMerger(buckets: number): Merger {
  return (view, offset, stride, slots) => {
    const sums = new Array<number>(buckets).fill(0);
    let first = buckets;
    let last = -1;
    let total = 0;
    for (let slot = 0; slot < slots; slot++) {
      const start = offset + slot * stride;
      for (let bucket = 0; bucket < buckets; bucket++) {
        const count = Number(readU64(view, start + bucket * 8));
        if (count === 0) continue;
        sums[bucket] = (sums[bucket] ?? 0) + count;
        total += count;
        if (bucket < first) first = bucket;
        if (bucket > last) last = bucket;
      }
    }
    if (last < 0) return { kind: 'histogram', first: 0, counts: [], total: 0 };
    return { kind: 'histogram', first, counts: sums.slice(first, last + 1), total };
  };
}

/** What an interval of a time series has come to, over the CPUs seen so far. */
interface Interval {
  value: Integer;
  count: Integer;
}

const TIME_SERIES_STEP = 24;

function timeSeriesMerger(type: OfKind<'tseries'>, clock: WallClock): Merger {
  const read = readerOf(type.isSigned);
  const combine: Record<typeof type.aggregation, (a: Integer, b: Integer) => Integer> = {
    none: (_, b) => b,
    avg: (a, b) => addExact(a, b, type.isSigned),
    sum: (a, b) => addExact(a, b, type.isSigned),
    min: (a, b) => pick(b < a, b, a),
    max: (a, b) => pick(b > a, b, a),
  };
  const slotSize = sizeOf(type);
  return (view, offset, stride, slots) => {
    const intervals = new Map<bigint, Interval>();
    for (let slot = 0; slot < slots; slot++) {
      const start = offset + slot * stride;
      for (let at = start; at < start + slotSize; at += TIME_SERIES_STEP) {
        const count = readU64(view, at + 16);
        if (count === 0) continue;
        const number = view.getBigUint64(at, true);
        const value = read(view, at + 8);
        const seen = intervals.get(number);
        if (!seen) intervals.set(number, { value, count });
        else {
          seen.value = combine[type.aggregation](seen.value, value);
          seen.count = addExact(seen.count, count, false);
        }
      }
    }
    const numbers = [...intervals.keys()].sort((a, b) => (a < b ? -1 : 1));
    // CPUs that have been idle still hold intervals that the window has left behind.
    const oldest = (numbers.at(-1) ?? 0n) - BigInt(type.intervals) + 1n;
    const points = numbers
      .filter((number) => number >= oldest)
      .map((number) => {
        const { value, count } = intervals.get(number) as Interval;
        return {
          startNs: clock.wallClockNs(number * type.intervalNs),
          value: type.aggregation === 'avg' ? divideExact(value, count) : value,
        };
      });
    return { kind: 'timeSeries', points };
  };
}

/** Math.min and Math.max do not take bigints. */
function pick(isFirst: boolean, first: Integer, second: Integer): Integer {
  return isFirst ? first : second;
}
