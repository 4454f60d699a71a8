/**
 * Time series as text: time runs down, the value across. Columns, frame and the choice of the time's unit are those
 * of the bpftrace command line.
 */

import type { AggregateType } from '../semantics/types.ts';
import type { TimeSeriesValue } from '../session/snapshot.ts';

export type TimeSeriesType = Extract<AggregateType, { readonly kind: 'tseries' }>;

const WIDTH = 53;

/** timeSeriesText draws the series, each line with its line end. */
export function timeSeriesText(type: TimeSeriesType, series: TimeSeriesValue): string {
  const { points } = series;
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return '<no data>\n';
  let min = BigInt(first.value);
  let max = min;
  for (const point of points) {
    const value = BigInt(point.value);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min === max) {
    min--;
    max++;
  }
  const unit = timeUnit(points.length > 1 ? type.intervalNs : 1n);
  const margin = clock(first.startNs, unit.digits).length + 1;
  const bounds = `${' '.repeat(margin)}${min}${String(max).padStart(WIDTH - String(min).length)}\n`;
  const rule = '_'.repeat(WIDTH - 2);
  let text = `${bounds}${`hh:mm:ss${unit.label}`.padEnd(margin)}|${rule}|\n`;
  const values = new Map(points.map((point) => [point.startNs, point.value]));
  for (let start = first.startNs; start <= last.startNs; start += type.intervalNs) {
    const value = values.get(start);
    text += `${clock(start, unit.digits)} ${row(value, min, max)} ${value ?? '-'}\n`;
  }
  return `${text}${' '.repeat(margin)}v${rule}v\n${bounds}`;
}

/** isoTime gives `YYYY-MM-DD HH:MM:SS.nnnnnnnnn` in UTC, as JSON records have it. */
export function isoTime(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString();
  return `${seconds.slice(0, 10)} ${seconds.slice(11, 19)}.${fraction(ns, 9)}`;
}

function row(value: number | bigint | undefined, min: bigint, max: bigint): string {
  const cells: string[] = new Array(WIDTH).fill(' ');
  cells[0] = '|';
  cells[WIDTH - 1] = '|';
  if (min < 0n && max > 0n) cells[Number((BigInt(WIDTH) * -min) / (max - min))] = '.';
  if (value !== undefined) cells[Number((BigInt(WIDTH - 1) * (BigInt(value) - min)) / (max - min))] = '*';
  return cells.join('');
}

function timeUnit(intervalNs: bigint): {
  label: string;
  digits: 0 | 3 | 6 | 9;
} {
  if (intervalNs >= 1_000_000_000n) return { label: '', digits: 0 };
  if (intervalNs >= 1_000_000n) return { label: '.ms', digits: 3 };
  if (intervalNs >= 1000n) return { label: '.μs', digits: 6 };
  return { label: '.ns', digits: 9 };
}

function clock(ns: bigint, digits: number): string {
  const date = new Date(Number(ns / 1_000_000n));
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return time.join(':') + (digits === 0 ? '' : `.${fraction(ns, digits)}`);
}

function fraction(ns: bigint, digits: number): string {
  return String(ns % 1_000_000_000n)
    .padStart(9, '0')
    .slice(0, digits);
}
