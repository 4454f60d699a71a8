import { describe, expect, test } from 'vitest';
import { bucketOf, type HistogramType } from '../../../src/output/histogram.ts';
import { quote } from '../../../src/output/json.ts';
import { mapRecord } from '../../../src/output/map-json.ts';
import { mapText } from '../../../src/output/map-text.ts';
import { RAW_STYLE } from '../../../src/output/style.ts';
import * as t from './support.ts';

const label = (type: unknown, index: number): string => bucketOf(type as HistogramType, index).label;

describe('histograms', () => {
  test('log2, as in the reference', () => {
    const half = '@'.repeat(26).padEnd(52);
    expect(mapText(t.scalar('@h', t.hist(), t.histogram(0, 1, 1, 1, 2, 1, 0, 1, 0, 0)), RAW_STYLE)).toBe(
      [
        '@h:',
        `(..., 0)               1 |${half}|`,
        `[0]                    1 |${half}|`,
        `[1]                    1 |${half}|`,
        `[2, 4)                 2 |${'@'.repeat(52)}|`,
        `[4, 8)                 1 |${half}|`,
        `[8, 16)                0 |${' '.repeat(52)}|`,
        `[16, 32)               1 |${half}|`,
        '\n',
      ].join('\n'),
    );
  });

  test('keyed: a title and an empty line per key', () => {
    const bar = '@'.repeat(52);
    expect(
      mapText(t.keyed('@a', t.string, t.hist(), ['y', t.histogram(1, 1)], ['x', t.histogram(2, 2)]), RAW_STYLE),
    ).toBe(`@a[y]:\n[0]                    1 |${bar}|\n\n@a[x]:\n[1]                    2 |${bar}|\n\n`);
  });

  test('without samples: title and empty line', () => {
    expect(mapText(t.scalar('@h', t.hist(), t.histogram(0)), RAW_STYLE)).toBe('@h:\n\n');
  });

  test.each<readonly [number, number, string]>([
    [0, 11, '[512, 1K)'],
    [0, 12, '[1K, 2K)'],
    [0, 22, '[1M, 2M)'],
    [0, 65, '[8E, 16E)'],
    [2, 4, '[3]'],
    [2, 8, '[7]'],
    [2, 9, '[8, 10)'],
    [2, 11, '[12, 14)'],
    [2, 23, '[96, 112)'],
    [2, 38, '[1280, 1536)'],
    [2, 45, '[4K, 5K)'],
    [5, 32, '[31]'],
    [5, 65, '[64, 66)'],
  ])('hist with %d bits, bucket %d: %s', (bits, index, text) => {
    expect(label(t.hist(bits), index)).toBe(text);
  });

  test.each<readonly [number, number, number, number, string]>([
    [0, 100, 10, 0, '(..., 0)'],
    [0, 100, 10, 1, '[0, 10)'],
    [0, 100, 10, 11, '[100, ...)'],
    [0, 10, 1, 6, '[5]'],
    [0, 10240, 1024, 1, '[0, 1K)'],
    [0, 10240, 1024, 3, '[2K, 3K)'],
    [0, 4194304, 1048576, 2, '[1M, 2M)'],
    [-20, 20, 10, 1, '[-20, -10)'],
  ])('lhist from %d to %d by %d, bucket %d: %s', (min, max, step, index, text) => {
    expect(label(t.lhist(min, max, step), index)).toBe(text);
  });

  test('JSON has closed intervals, without the missing bound', () => {
    expect(mapRecord(t.scalar('@h', t.hist(), t.histogram(4, 1)), quote)).toEqual({
      type: 'hist',
      data: '{"@h": [{"min": 4, "max": 7, "count": 1}]}',
    });
    expect(
      mapRecord(t.keyed('@h2', t.tuple(t.int(), t.string), t.hist(), [[1, 'a'], t.histogram(0, 1, 0, 2)]), quote)?.data,
    ).toBe(
      '{"@h2": {"1,a": [{"max": -1, "count": 1},{"min": 0, "max": 0, "count": 0},{"min": 1, "max": 1, "count": 2}]}}',
    );
    expect(mapRecord(t.keyed('@l2', t.string, t.lhist(0, 10, 5), ['z', t.histogram(3, 1)]), quote)?.data).toBe(
      '{"@l2": {"z": [{"min": 10, "count": 1}]}}',
    );
  });
});
