import { expect, test } from 'vitest';
import { quote } from '../../../src/output/json.ts';
import { mapRecord } from '../../../src/output/map-json.ts';
import { mapText } from '../../../src/output/map-text.ts';
import { RAW_STYLE } from '../../../src/output/style.ts';
import type { Type } from '../../../src/semantics/types.ts';
import type { Value } from '../../../src/session/snapshot.ts';
import * as t from './support.ts';

const MS = 1_000_000n;
const series = (intervalNs: bigint): Type => ({
  kind: 'tseries',
  intervalNs,
  intervals: 10,
  aggregation: 'none',
  isSigned: true,
});
/** 2026-11-22 08:35:49.400 UTC */
const START = 1_795_336_549_400n * MS;
const points = (step: bigint, ...values: readonly (number | undefined)[]): Value => ({
  kind: 'timeSeries',
  points: values.flatMap((value, index) =>
    value === undefined ? [] : [{ startNs: START + BigInt(index) * step, value }],
  ),
});
/** Local time differs between machines: the hour is masked. */
const text = (type: Type, value: Value): string =>
  mapText(t.scalar('@ts', type, value), RAW_STYLE).replace(/^\d\d:\d\d:/gm, 'HH:MM:');

test('the series of the reference', () => {
  expect(text(series(200n * MS), points(200n * MS, 3, 0, 4, 1, 5))).toBe(
    `@ts:
             0                                                   5
hh:mm:ss.ms  |___________________________________________________|
HH:MM:49.400 |                              *                    | 3
HH:MM:49.600 *                                                   | 0
HH:MM:49.800 |                                        *          | 4
HH:MM:50.000 |         *                                         | 1
HH:MM:50.200 |                                                   * 5
             v___________________________________________________v
             0                                                   5

`,
  );
});

test('intervals without data, a zero line, one value only', () => {
  const lines = text(series(1000n * MS), points(1000n * MS, -10, undefined, 10)).split('\n');
  expect(lines[2]).toBe(`hh:mm:ss |${'_'.repeat(51)}|`);
  expect(lines[3]).toBe(`HH:MM:49 *${' '.repeat(25)}.${' '.repeat(25)}| -10`);
  expect(lines[4]).toBe(`HH:MM:50 |${' '.repeat(25)}.${' '.repeat(25)}| -`);
  const single = text(series(1000n * MS), points(1000n * MS, 5)).split('\n');
  expect(single[1]).toBe(`                   4${'6'.padStart(52)}`);
  expect(single[3]).toBe(`HH:MM:49.400000000 |${' '.repeat(25)}*${' '.repeat(25)}| 5`);
});

test('nothing recorded', () => {
  expect(text(series(MS), points(MS))).toBe('@ts:\n<no data>\n\n');
});

test('JSON leaves out intervals without data', () => {
  expect(mapRecord(t.scalar('@d', series(1000n * MS), points(1000n * MS, 5, undefined, 7)), quote)).toEqual({
    type: 'tseries',
    data: '{"@d": [{"interval_start":"2026-11-22 08:35:49.400000000","value":5},{"interval_start":"2026-11-22 08:35:51.400000000","value":7}]}',
  });
});
