/**
 * Arithmetic on histogram values: what a bucket's bounds are, percentiles with the error that buckets bring, sums over
 * keys and differences over time. Indices are those of `semantics/layout.ts`.
 */

import type { AggregateType } from '../semantics/types.ts';
import type { HistogramValue } from '../session/snapshot.ts';

export type HistogramType = Extract<AggregateType, { kind: 'hist' | 'lhist' }>;

export interface Bounds {
  /** Inclusive; -Infinity for what lies below the range. */
  readonly low: number;
  /** Exclusive; Infinity for what lies above. */
  readonly high: number;
}

/** bucketBounds gives the values that a bucket of this index holds. */
export function bucketBounds(type: HistogramType, index: number): Bounds {
  if (type.kind === 'lhist') {
    const min = Number(type.min);
    const max = Number(type.max);
    const step = Number(type.step);
    if (index === 0) return { low: Number.NEGATIVE_INFINITY, high: min };
    const low = min + (index - 1) * step;
    return low >= max ? { low: max, high: Number.POSITIVE_INFINITY } : { low, high: Math.min(low + step, max) };
  }
  if (index === 0) return { low: Number.NEGATIVE_INFINITY, high: 0 };
  const position = index - 1;
  const perPower = 2 ** type.bits;
  if (position < perPower) return { low: position, high: position + 1 };
  const shift = Math.floor(position / perPower) - 1;
  const low = (perPower + (position % perPower)) * 2 ** shift;
  return { low, high: low + 2 ** shift };
}

export interface Percentile {
  readonly value: number;
  readonly bounds: Bounds;
}

/** percentile estimates the value below which `share` (0..1) of the samples lie, within its bucket's bounds. */
export function percentile(type: HistogramType, histogram: HistogramValue, share: number): Percentile | undefined {
  if (histogram.total <= 0) return undefined;
  const wanted = share * histogram.total;
  let seen = 0;
  for (let index = 0; index < histogram.counts.length; index++) {
    const count = histogram.counts[index] ?? 0;
    if (count > 0 && seen + count >= wanted) {
      const bounds = bucketBounds(type, histogram.first + index);
      if (!Number.isFinite(bounds.low)) return { value: bounds.high, bounds };
      if (!Number.isFinite(bounds.high)) return { value: bounds.low, bounds };
      const isExact = bounds.high - bounds.low === 1;
      const inside = isExact ? 0 : (wanted - seen) / count;
      return { value: bounds.low + inside * (bounds.high - bounds.low), bounds };
    }
    seen += count;
  }
  return undefined;
}

export const EMPTY_HISTOGRAM: HistogramValue = { kind: 'histogram', first: 0, counts: [], total: 0 };

/** addHistograms sums the buckets of several histograms of one type. */
export function addHistograms(histograms: readonly HistogramValue[]): HistogramValue {
  if (histograms.length === 1) return histograms[0] ?? EMPTY_HISTOGRAM;
  return combine(histograms.map((histogram) => ({ histogram, sign: 1 })));
}

/** subtractHistograms gives what came between two snapshots; a cleared map counts from zero. */
export function subtractHistograms(now: HistogramValue, before: HistogramValue): HistogramValue {
  if (now.total < before.total) return now;
  return combine([
    { histogram: now, sign: 1 },
    { histogram: before, sign: -1 },
  ]);
}

function combine(parts: readonly { readonly histogram: HistogramValue; readonly sign: number }[]): HistogramValue {
  const used = parts.filter(({ histogram }) => histogram.counts.length > 0);
  if (used.length === 0) return EMPTY_HISTOGRAM;
  let first = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const { histogram } of used) {
    first = Math.min(first, histogram.first);
    end = Math.max(end, histogram.first + histogram.counts.length);
  }
  const counts = new Array<number>(end - first).fill(0);
  for (const { histogram, sign } of used)
    for (const [index, count] of histogram.counts.entries()) {
      const at = histogram.first + index - first;
      counts[at] = Math.max(0, (counts[at] ?? 0) + sign * count);
    }
  return trimmed(first, counts);
}

function trimmed(first: number, counts: readonly number[]): HistogramValue {
  let start = 0;
  let end = counts.length;
  while (start < end && counts[start] === 0) start++;
  while (end > start && counts[end - 1] === 0) end--;
  const kept = counts.slice(start, end);
  return {
    kind: 'histogram',
    first: kept.length === 0 ? 0 : first + start,
    counts: kept,
    total: kept.reduce((sum, count) => sum + count, 0),
  };
}
