import { expect, test } from 'vitest';
import { sizeOf } from '../../../src/semantics/layout.ts';
import type { AggregateType } from '../../../src/semantics/types.ts';
import { mergerOf } from '../../../src/session/aggregates.ts';

const signed = <K extends string>(kind: K) => ({ kind, isSigned: true }) as const;
const series = (aggregation: 'none' | 'avg' | 'sum' | 'min' | 'max'): AggregateType => ({
  kind: 'tseries',
  intervalNs: 100n,
  intervals: 2,
  aggregation,
  isSigned: true,
});

/** Slots of two CPUs as 64-bit words, 8 bytes of something else between them. */
function merge(type: AggregateType, first: readonly (number | bigint)[], second: readonly (number | bigint)[]) {
  const stride = sizeOf(type) + 8;
  const memory = new DataView(new ArrayBuffer(16 + 2 * stride));
  for (const [cpu, words] of [first, second].entries()) {
    for (const [index, word] of words.entries()) memory.setBigInt64(16 + cpu * stride + index * 8, BigInt(word), true);
    memory.setBigInt64(16 + cpu * stride + sizeOf(type), -1n, true);
  }
  return mergerOf(type, { wallClockNs: (ns) => ns + 7n })(memory, 16, stride, 2);
}

const buckets = (counts: Record<number, number>, length: number) =>
  Array.from({ length }, (_, index) => counts[index] ?? 0);

test.each<[string, AggregateType, readonly (number | bigint)[], readonly (number | bigint)[], unknown]>([
  ['count', { kind: 'count' }, [3], [4], 7],
  ['sum beyond 2^53', { kind: 'sum', isSigned: false }, [2n ** 53n - 1n], [2], 2n ** 53n + 1n],
  ['sum wraps as in the kernel', { kind: 'sum', isSigned: false }, [-1], [2], 1],
  ['sum signed', signed('sum'), [-5], [2], -3],
  ['min', signed('min'), [5, 1], [-2, 1], -2],
  ['min of the CPUs that saw one', { kind: 'min', isSigned: false }, [0, 0], [9, 1], 9],
  ['max unsigned', { kind: 'max', isSigned: false }, [-1, 1], [5, 1], 2n ** 64n - 1n],
  ['max signed', signed('max'), [-7, 1], [-5, 1], -5],
  ['max of none', signed('max'), [0, 0], [0, 0], 0],
  ['avg', signed('avg'), [-7, 1], [2, 1], { kind: 'average', count: 2, average: -2, total: -5 }],
  ['avg of none', signed('avg'), [0, 0], [0, 0], { kind: 'average', count: 0, average: 0, total: 0 }],
  ['stats', signed('stats'), [10, 2], [5, 1], { kind: 'average', count: 3, average: 5, total: 15 }],
  [
    'hist',
    { kind: 'hist', bits: 0 },
    buckets({ 3: 1 }, 66),
    buckets({ 3: 1, 5: 2 }, 66),
    { kind: 'histogram', first: 3, counts: [2, 0, 2], total: 4 },
  ],
  ['hist of none', { kind: 'hist', bits: 0 }, [], [], { kind: 'histogram', first: 0, counts: [], total: 0 }],
  [
    'lhist with its outer buckets',
    { kind: 'lhist', min: 0n, max: 10n, step: 5n },
    [1, 0, 0, 2],
    [0, 0, 0, 1],
    { kind: 'histogram', first: 0, counts: [1, 0, 0, 3], total: 4 },
  ],
  [
    'tseries avg over CPUs',
    series('avg'),
    [4, 10, 1, 5, 8, 2],
    [4, 20, 3, 0, 0, 0],
    {
      kind: 'timeSeries',
      points: [
        { startNs: 407n, value: 7 },
        { startNs: 507n, value: 4 },
      ],
    },
  ],
  [
    'tseries leaves old intervals out',
    series('sum'),
    [9, 1, 1, 0, 0, 0],
    [7, 5, 1, 0, 0, 0],
    { kind: 'timeSeries', points: [{ startNs: 907n, value: 1 }] },
  ],
  [
    'tseries min',
    series('min'),
    [4, -1, 1, 0, 0, 0],
    [4, -2, 1, 0, 0, 0],
    { kind: 'timeSeries', points: [{ startNs: 407n, value: -2 }] },
  ],
])('%s', (_, type, first, second, value) => {
  expect(merge(type, first, second)).toEqual(value);
});
