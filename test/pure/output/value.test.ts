import { describe, expect, test } from 'vitest';
import { quote } from '../../../src/output/json.ts';
import { RAW_STYLE, TERMINAL_STYLE } from '../../../src/output/style.ts';
import { jsonFormatter } from '../../../src/output/value-json.ts';
import { textFormatter } from '../../../src/output/value-text.ts';
import type { Type } from '../../../src/semantics/types.ts';
import type { Value } from '../../../src/session/snapshot.ts';
import * as t from './support.ts';

type Row = readonly [title: string, type: Type, value: Value, text: string, json: string];

const ROWS: readonly Row[] = [
  ['int', t.int(), -5, '-5', '-5'],
  ['uint64 beyond a double', t.uint(), 18446744073709551615n, '18446744073709551615', '"18446744073709551615"'],
  ['uint64 that a double holds', t.uint(), 9223372036854775808n, '9223372036854775808', '9223372036854775808'],
  ['bool', t.bool, true, 'true', 'true'],
  ['enum with a name', t.enumType, { kind: 'enum', value: 2, name: 'RED' }, 'RED', '2'],
  ['enum without', t.enumType, { kind: 'enum', value: 7 }, '7', '7'],
  ['pointer', t.pointer, t.address(0x20n), '0x20', '32'],
  ['null pointer', t.pointer, t.address(0n), '0x0', '0'],
  ['string', t.string, 'a"b\\\n\r\t\x01', 'a"b\\\n\r\t\x01', '"a\\"b\\\\\\n\\r\\t\\u0001"'],
  ['buffer', t.buffer, Uint8Array.of(65, 0, 255), 'A\\x00\\xff', '[65,0,-1]'],
  [
    'array',
    t.array(t.array(t.int(), 2), 2),
    [
      [1, 2],
      [3, 4],
    ],
    '[[1,2],[3,4]]',
    '[[1,2],[3,4]]',
  ],
  ['tuple', t.tuple(t.int(), t.string, t.tuple(t.int(), t.int())), [1, 'a', [2, 3]], '(1, a, (2, 3))', '[1,"a",[2,3]]'],
  ['tuple of one', t.tuple(t.int()), [1], '(1)', '[1]'],
  [
    'record',
    t.recordType({ a: t.int(), b: t.recordType({ c: t.int() }) }),
    t.record({ a: 1, b: t.record({ c: 2 }) }),
    '{ .a = 1, .b = { .c = 2 } }',
    '{"a": 1, "b": {"c": 2}}',
  ],
  [
    'struct',
    t.struct,
    t.record({ s: 'x', p: t.address(16n), n: [1, 2], e: { kind: 'enum', value: 0, name: 'OFF' } }),
    '{ .s = x, .p = 0x10, .n = [1,2], .e = OFF }',
    '{"s": "x", "p": 16, "n": [1,2], "e": 0}',
  ],
  ['empty struct', t.struct, t.record({}), '{}', '{}'],
  ['symbol', { kind: 'ksym' }, t.symbol('vfs_read'), 'vfs_read', '"vfs_read"'],
  ['inet', { kind: 'inet' }, t.text('::1'), '::1', '"::1"'],
  ['mac', { kind: 'mac' }, t.text('0A:1B:2C:3D:4E:5F'), '0A:1B:2C:3D:4E:5F', '"0A:1B:2C:3D:4E:5F"'],
  ['username', { kind: 'username' }, t.text(''), '', '""'],
  [
    'stats',
    { kind: 'stats', isSigned: true },
    t.average(1, 3, 3),
    '{ .count = 1, .average = 3, .total = 3 }',
    '{"count": 1, "average": 3, "total": 3}',
  ],
  ['none', { kind: 'none' }, 0, '', 'null'],
  [
    'stack',
    t.stackType(),
    t.stack('f+0', 'main+58', '0x7f11'),
    '\n        f+0\n        main+58\n        0x7f11\n',
    '"\\n        f+0\\n        main+58\\n        0x7f11\\n"',
  ],
  ['empty stack', t.stackType(), t.stack(), '\n', '"\\n"'],
];

describe('values', () => {
  test.each(ROWS)('%s', (_, type, value, text, json) => {
    expect(textFormatter(type, RAW_STYLE)(value)).toBe(text);
    expect(jsonFormatter(type, quote)(value)).toBe(json);
  });

  test.each<readonly [string, Value, string]>([
    ['control characters', 'a\x1b]0;x\x07\n', 'a\\x1b]0;x\\x07\\x0a'],
    ['C1 controls, as their bytes', '\u009b1m', '\\xc2\\x9b1m'],
    ['bytes that are no UTF-8', 'a\udcff', 'a\\xff'],
    ['other characters stay', 'é😀', 'é😀'],
  ])('a terminal is shown %s', (_, value, text) => {
    expect(textFormatter(t.string, TERMINAL_STYLE)(value)).toBe(text);
  });
});

describe('stack modes', () => {
  const named = { address: 0x401136n, symbol: 'main', offset: 58, module: '/bin/a' };
  const inlined = { address: 0x401136n, symbol: 'in', isInlined: true, location: 'a.c:3' };
  const unknown = { address: 0x7f11n };

  test.each<readonly [Parameters<typeof t.stackType>[0], string]>([
    ['bpftrace', '\n        [inlined] in@a.c:3\n        main+58\n        0x7f11\n'],
    ['perf', '\n\t401136 in (inlined)\n\t401136 main+58 (/bin/a)\n\t7f11 0x7f11 ([unknown])\n'],
    ['raw', '\n401136\n401136\n7f11\n'],
  ])('%s', (mode, text) => {
    expect(textFormatter(t.stackType(mode), RAW_STYLE)(t.stack(inlined, named, unknown))).toBe(text);
  });

  test('build_id', () => {
    const id = '0123456789abcdef0123456789abcdef01234567';
    const frames = t.stack({ address: 1n, buildId: { id, offset: 0x1136n } }, unknown);
    expect(textFormatter(t.stackType('build_id'), RAW_STYLE)(frames)).toBe(`\n${id} 0x1136\n7f11\n`);
  });
});
