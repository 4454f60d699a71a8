/**
 * Buckets of `hist` and `lhist`: their bounds, their labels, and the bar chart. Text, JSON, CSV and the dashboard all
 * ask here, so that they can never disagree about a bound.
 */

import { lhistBuckets } from '../semantics/layout.ts';
import type { AggregateType } from '../semantics/types.ts';
import type { HistogramValue } from '../session/snapshot.ts';

export type HistogramType = Extract<AggregateType, { readonly kind: 'hist' | 'lhist' }>;

export interface Bucket {
  /** Lowest value that falls in; absent: no lower bound. */
  readonly min?: bigint;
  /** Lowest value above; absent: no upper bound. */
  readonly end?: bigint;
  /** `[2, 4)`, `[512, 1K)`, `(..., 0)`. */
  readonly label: string;
}

/** bucketOf describes the bucket with that index. */
export function bucketOf(type: HistogramType, index: number): Bucket {
  return type.kind === 'hist' ? logBucket(type.bits, index) : linearBucket(type, index);
}

export interface HistogramRow extends Bucket {
  readonly count: number;
}

/** histogramRows lists the buckets from the first to the last that is not empty; counts divided by `div`. */
export function histogramRows(type: HistogramType, histogram: HistogramValue, div = 1n): readonly HistogramRow[] {
  const divisor = type.kind === 'lhist' || div === 0n ? 1 : Number(div);
  const counts = histogram.counts;
  let first = 0;
  let last = counts.length - 1;
  while (first <= last && !counts[first]) first++;
  while (last >= first && !counts[last]) last--;
  const rows: HistogramRow[] = [];
  for (let index = first; index <= last; index++) {
    rows.push({
      ...bucketOf(type, histogram.first + index),
      count: Math.trunc((counts[index] ?? 0) / divisor),
    });
  }
  return rows;
}

const BAR_WIDTH = 52;

/** histogramText draws the rows, each with its line end. */
export function histogramText(rows: readonly HistogramRow[]): string {
  const max = rows.reduce((largest, row) => Math.max(largest, row.count), 0);
  let text = '';
  for (const row of rows) {
    const width = max === 0 ? 0 : Math.trunc(Math.fround(Math.fround(row.count / max) * BAR_WIDTH));
    text += `${row.label.padEnd(16)}${String(row.count).padStart(8)} |${'@'.repeat(width).padEnd(BAR_WIDTH)}|\n`;
  }
  return text;
}

/** Index 0: negative values. Then single values below 2^bits, then 2^bits buckets for each power of two. */
function logBucket(bits: number, index: number): Bucket {
  if (index === 0) return { end: 0n, label: '(..., 0)' };
  const low = logBound(bits, index);
  const high = logBound(bits, index + 1);
  const isSingle = high.value - low.value === 1n;
  return {
    min: low.value,
    end: high.value,
    label: isSingle ? `[${low.value}]` : `[${low.label}, ${high.label})`,
  };
}

const SUFFIXES = ['', 'K', 'M', 'G', 'T', 'P', 'E'];

function logBound(bits: number, index: number): { value: bigint; label: string } {
  const position = index - 1;
  const perPower = 1 << bits;
  if (position < perPower) return { value: BigInt(position), label: String(position) };
  const shift = (position >> bits) - 1;
  const mantissa = perPower + (position & (perPower - 1));
  return {
    value: BigInt(mantissa) << BigInt(shift),
    label: `${mantissa * 2 ** (shift % 10)}${SUFFIXES[Math.trunc(shift / 10)] ?? ''}`,
  };
}

/** Index 0: below min. Then one step each, then everything from max on. */
function linearBucket(type: Extract<HistogramType, { readonly kind: 'lhist' }>, index: number): Bucket {
  const label = (value: bigint): string => linearLabel(value, type.step);
  if (index === 0) return { end: type.min, label: `(..., ${label(type.min)})` };
  if (index >= lhistBuckets(type) - 1) return { min: type.max, label: `[${label(type.max)}, ...)` };
  const min = type.min + BigInt(index - 1) * type.step;
  const end = min + type.step;
  return {
    min,
    end,
    label: type.step === 1n ? `[${min}]` : `[${label(min)}, ${label(end)})`,
  };
}

/** K and M stand only where every bound is a multiple of 1024. */
function linearLabel(value: bigint, step: bigint): string {
  if (step % 1024n !== 0n || value === 0n) return String(value);
  if (value % 1048576n === 0n) return `${value / 1048576n}M`;
  return value % 1024n === 0n ? `${value / 1024n}K` : String(value);
}
