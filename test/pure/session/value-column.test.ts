/** Values in columns: what merging each by itself gives, and the same array while nothing changes. */

import { expect, test } from 'vitest';
import type { AggregateType } from '../../../src/semantics/types.ts';
import { mergerOf } from '../../../src/session/aggregates.ts';
import { ValueColumn } from '../../../src/session/value-column.ts';

const COUNT: AggregateType = { kind: 'count' };
const SIGNED: AggregateType = { kind: 'sum', isSigned: true };

/** Two CPUs' slots of eight bytes for each value. */
function column(type: AggregateType) {
  const merge = mergerOf(type, { wallClockNs: (ns) => ns });
  const values = new ValueColumn(type, (view, _, ...rest) => merge(view, ...rest), {
    stride: 16,
    slotStride: 8,
    slots: 2,
  });
  return (slots: readonly bigint[], count = slots.length / 2) => {
    const bytes = Buffer.from(new BigInt64Array(slots).buffer);
    return values.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), bytes, count);
  };
}

test.each([
  ['counts', COUNT, [1n, 2n, 0n, 0n, 1n << 40n, 1n], [3, 0, 2 ** 40 + 1]],
  ['sums below zero', SIGNED, [-1n, -2n, 5n, -1n], [-3, 4]],
  ['counts beyond what a number holds', COUNT, [1n << 60n, 1n, 2n, 0n], [(1n << 60n) + 1n, 2]],
])('%s', (_, type, slots, expected) => {
  expect([...column(type)(slots)]).toEqual(expected);
});

test('values that have not changed are the same array', () => {
  const read = column(COUNT);
  const first = read([1n, 2n, 3n, 4n]);
  expect(read([1n, 2n, 3n, 4n])).toBe(first);
  expect(read([1n, 2n, 3n, 5n])).toEqual(Float64Array.of(3, 8));
  expect(read([1n, 2n, 3n, 5n], 1)).toEqual(Float64Array.of(3));
});
