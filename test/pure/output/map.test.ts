import { describe, expect, test } from 'vitest';
import { quote } from '../../../src/output/json.ts';
import { mapRecord } from '../../../src/output/map-json.ts';
import { type MapPrintOptions, mapText } from '../../../src/output/map-text.ts';
import { RAW_STYLE } from '../../../src/output/style.ts';
import type { MapSnapshot } from '../../../src/session/snapshot.ts';
import * as t from './support.ts';

const json = (map: MapSnapshot, options: MapPrintOptions = {}): string => {
  const record = mapRecord(map, quote, options);
  return record ? `${record.type} ${record.data}` : '';
};

const count = { kind: 'count' } as const;
const avg = { kind: 'avg', isSigned: true } as const;
const stats = { kind: 'stats', isSigned: true } as const;

type Row = readonly [title: string, map: MapSnapshot, text: string, json: string];

const ROWS: readonly Row[] = [
  ['scalar', t.scalar('@c', t.int(), 5), '@c: 5\n', 'map {"@c": 5}'],
  ['one key', t.keyed('@a', t.int(), t.int(), [1, 1], [2, 3]), '@a[1]: 1\n@a[2]: 3\n', 'map {"@a": {"1": 1, "2": 3}}'],
  [
    'multi-part key',
    t.keyed('@b', t.tuple(t.string, t.int()), t.int(), [['x', 2], 1]),
    '@b[x, 2]: 1\n',
    'map {"@b": {"x,2": 1}}',
  ],
  [
    'nested tuple in the key, array value',
    t.keyed('@k2', t.tuple(t.tuple(t.int(), t.int()), t.string), t.array(t.int(), 2), [
      [[1, 2], 's'],
      [3, 4],
    ]),
    '@k2[(1, 2), s]: [3,4]\n',
    'map {"@k2": {"(1,2),s": [3,4]}}',
  ],
  [
    'parentheses of a string key go, too',
    t.keyed('@par', t.string, t.int(), ['(x)', 1]),
    '@par[x]: 1\n',
    'map {"@par": {"x": 1}}',
  ],
  ['blanks go from JSON keys', t.keyed('@s', t.string, t.int(), ['a b', 1]), '@s[a b]: 1\n', 'map {"@s": {"ab": 1}}'],
  [
    'tuple value',
    t.keyed('@p', t.tuple(t.int(), t.string), t.tuple(t.int(), t.int()), [
      [1, 'a'],
      [2, 3],
    ]),
    '@p[1, a]: (2, 3)\n',
    'map {"@p": {"1,a": [2,3]}}',
  ],
  [
    'record key',
    t.keyed('@r', t.recordType({ a: t.int(), b: t.string }), t.int(), [t.record({ a: 1, b: 'z' }), 2]),
    '@r[{ .a = 1, .b = z }]: 2\n',
    'map {"@r": {"{.a=1,.b=z}": 2}}',
  ],
  [
    'array key',
    t.keyed('@arr', t.array(t.int(), 2), t.int(), [[2, 1], 1]),
    '@arr[[2,1]]: 1\n',
    'map {"@arr": {"[2,1]": 1}}',
  ],
  ['pointer key', t.keyed('@p', t.pointer, t.int(), [t.address(32n), 1]), '@p[0x20]: 1\n', 'map {"@p": {"0x20": 1}}'],
  ['bool key', t.keyed('@bo', t.bool, t.int(), [true, 1]), '@bo[true]: 1\n', 'map {"@bo": {"true": 1}}'],
  [
    'symbol key',
    t.keyed('@ks', { kind: 'ksym' }, t.int(), [t.symbol('vfs_read'), 1]),
    '@ks[vfs_read]: 1\n',
    'map {"@ks": {"vfs_read": 1}}',
  ],
  [
    'stats',
    t.scalar('@st', stats, t.average(1, 4, 4)),
    '@st: { .count = 1, .average = 4, .total = 4 }\n',
    'stats {"@st": {"count": 1, "average": 4, "total": 4}}',
  ],
  [
    'keyed stats',
    t.keyed('@st2', t.string, stats, ['k', t.average(1, 4, 4)]),
    '@st2[k]: { .count = 1, .average = 4, .total = 4 }\n',
    'stats {"@st2": {"k": {"count": 1, "average": 4, "total": 4}}}',
  ],
  ['avg', t.scalar('@av', avg, t.average(1, 4, 4)), '@av: 4\n', 'stats {"@av": 4}'],
  ['keyed avg', t.keyed('@av2', t.int(), avg, [1, t.average(1, 4, 4)]), '@av2[1]: 4\n', 'stats {"@av2": {"1": 4}}'],
  ['empty keyed map', t.keyed('@e', t.int(), t.int()), '', ''],
  ['cleared scalar', t.scalar('@z', t.int()), '@z: 0\n', 'map {"@z": 0}'],
  [
    'cleared stats',
    t.scalar('@st', stats),
    '@st: { .count = 0, .average = 0, .total = 0 }\n',
    'stats {"@st": {"count": 0, "average": 0, "total": 0}}',
  ],
  [
    'stack value',
    t.scalar('@m', t.stackType(), t.stack('f+0', 'main+58')),
    '@m: \n        f+0\n        main+58\n\n',
    'map {"@m": "\\n        f+0\\n        main+58\\n"}',
  ],
  [
    'stack key',
    t.keyed('@n', t.stackType(), count, [t.stack('f+0'), 3]),
    '@n[\n        f+0\n]: 3\n',
    'map {"@n": {"\\nf+0\\n": 3}}',
  ],
  [
    'stack and name',
    t.keyed('@n', t.tuple(t.stackType(), t.string), count, [[t.stack('f+0'), 'sh'], 1]),
    '@n[\n        f+0\n, sh]: 1\n',
    'map {"@n": {"\\nf+0\\n,sh": 1}}',
  ],
];

describe('maps', () => {
  test.each(ROWS)('%s', (_, map, text, record) => {
    expect(mapText(map, RAW_STYLE)).toBe(text);
    expect(json(map)).toBe(record);
  });

  test('an empty scalar map prints nothing at the end', () => {
    expect(mapText(t.scalar('@z', t.int()), RAW_STYLE, { isFinal: true })).toBe('');
    expect(json(t.scalar('@z', t.int()), { isFinal: true })).toBe('');
  });

  test.each<readonly [string, MapSnapshot, MapPrintOptions, string]>([
    ['top and div', t.keyed('@x', t.int(), t.int(), [1, 5], [2, 3]), { top: 1, div: 2n }, '@x[1]: 2\n'],
    ['div of a negative value', t.scalar('@x', t.int(), -7), { div: 2n }, '@x: -3\n'],
    [
      'div of stats: average only',
      t.scalar('@x', stats, t.average(2, 10, 20)),
      { div: 5n },
      '@x: { .count = 2, .average = 2, .total = 20 }\n',
    ],
    [
      'div of hist counts',
      t.scalar('@h', t.hist(), t.histogram(1, 4)),
      { div: 2n },
      `@h:\n[0]                    2 |${'@'.repeat(52)}|\n\n`,
    ],
    [
      'not of lhist counts',
      t.scalar('@h', t.lhist(0, 2, 1), t.histogram(1, 4)),
      { div: 2n },
      `@h:\n[0]                    4 |${'@'.repeat(52)}|\n\n`,
    ],
  ])('%s', (_, map, options, text) => {
    expect(mapText(map, RAW_STYLE, options)).toBe(text);
  });
});

test('a map that is read in place prints the same, and none of its entries is made', () => {
  const map = t.keyed('@m', t.tuple(t.string, t.int()), t.int(), [['b', 1], 7], [['a', 2], 3], [['c', 3], 7]);
  const { entries } = map;
  const rows = {
    count: entries.length,
    key: (index: number) => entries[index]?.key,
    value: (index: number) => entries[index]?.value ?? 0,
  };
  const inPlace: MapSnapshot = {
    ...map,
    rows,
    get entries(): never {
      throw new Error('entries were made');
    },
  };
  expect(mapText(inPlace, RAW_STYLE)).toBe('@m[a, 2]: 3\n@m[b, 1]: 7\n@m[c, 3]: 7\n');
  expect(mapText(inPlace, RAW_STYLE, { top: 1 })).toBe('@m[c, 3]: 7\n');
});

describe('order of entries', () => {
  const keys = (map: MapSnapshot): readonly string[] => mapText(map, RAW_STYLE).match(/(?<=^@\[)[^\]]*(?=\])/gm) ?? [];

  test.each<readonly [string, MapSnapshot, string]>([
    ['integers by value', t.keyed('@', t.string, t.int(), ['a', 3], ['b', -1], ['c', 2]), 'b c a'],
    [
      'values far apart',
      t.keyed('@', t.string, t.int(), ['a', 2 ** 52], ['b', -(2 ** 52)], ['c', 0], ['d', 0]),
      'b c d a',
    ],
    ['ties in the order of the map', t.keyed('@', t.string, t.int(), ['z', 1], ['a', 1]), 'z a'],
    ['numbers and bigints mixed', t.keyed('@', t.string, t.uint(), ['a', 2n ** 63n], ['b', 5]), 'b a'],
    ['min and max as unsigned', t.keyed('@', t.string, { kind: 'max', isSigned: true }, ['a', -1], ['b', 5]), 'b a'],
    ['avg by average', t.keyed('@', t.string, avg, ['a', t.average(1, 9, 9)], ['b', t.average(9, 1, 9)]), 'b a'],
    [
      'histograms by total',
      t.keyed('@', t.string, t.hist(), ['a', t.histogram(1, 2)], ['b', t.histogram(3, 1)]),
      'b a',
    ],
    ['strings by key', t.keyed('@', t.string, t.string, ['b', ''], ['B', ''], ['a', '']), 'B a b'],
    [
      'keys bytewise, damaged bytes last',
      t.keyed('@', t.string, t.string, ['\udcff', ''], ['\ue000', ''], ['😀', ''], ['a', '']),
      'a \ue000 😀 \udcff',
    ],
    [
      'integer keys as signed',
      t.keyed('@', t.uint(), t.string, [1, ''], [2n ** 64n - 1n, '']),
      '18446744073709551615 1',
    ],
    [
      'tuple keys element by element',
      t.keyed('@', t.tuple(t.int(), t.string), t.string, [[2, 'a'], ''], [[1, 'b'], ''], [[1, 'a'], '']),
      '1, a 1, b 2, a',
    ],
    ['other keys as they come', t.keyed('@', t.pointer, t.string, [t.address(2n), ''], [t.address(1n), '']), '0x2 0x1'],
  ])('%s', (_, map, order) => {
    expect(keys(map).join(' ')).toBe(order);
  });
});
