import { describe, expect, test } from 'vitest';
import type { CComposite, CInteger } from '../../../src/ctype/ctype.ts';
import type { Type } from '../../../src/semantics/types.ts';
import { type DecodeContext, fixedReader, joinReader, packedReader, readerOf } from '../../../src/session/decode.ts';
import { RawResolver } from '../../../src/session/raw-resolver.ts';
import { U32, U64 } from '../../support/objects.ts';

const CONTEXT: DecodeContext = {
  resolver: { ...RawResolver, username: (uid) => ({ kind: 'text', text: uid === 0 ? 'root' : '', raw: uid }) },
  strTruncTrailer: '..',
  probeNames: ['begin', 'tracepoint:a:b'],
  validity: { untilMs: 0 },
  stackFrames: (_, id) => [{ address: BigInt(id) }],
};

const integer = (bits: 8 | 16 | 32 | 64, isSigned = false): Type => ({ kind: 'integer', bits, isSigned });
const string = (capacity: number): Type => ({ kind: 'string', capacity });
const C_INT: CInteger = { kind: 'integer', name: 'int', size: 4, isSigned: true, encoding: 'integer' };
const C_CHAR: CInteger = { kind: 'integer', name: 'char', size: 1, isSigned: true, encoding: 'char' };

const COMPOSITE: CComposite = {
  kind: 'struct',
  name: 's',
  size: 16,
  members: [
    { name: 'a', type: C_INT, bitOffset: 0 },
    {
      name: '',
      bitOffset: 32,
      type: {
        kind: 'union',
        name: '',
        size: 4,
        members: [
          { name: 'low', type: C_INT, bitOffset: 0, bitSize: 3 },
          { name: 'next', type: { ...C_INT, isSigned: false }, bitOffset: 3, bitSize: 7 },
        ],
      },
    },
    { name: 'name', type: { kind: 'array', element: C_CHAR, length: 4 }, bitOffset: 64 },
    { name: 'two', type: { kind: 'array', element: { ...C_INT, size: 2 }, length: 2 }, bitOffset: 96 },
  ],
};

const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('readerOf', () => {
  test.each<[string, Type, Buffer, unknown]>([
    ['u8', integer(8), hex('ff'), 255],
    ['i8', integer(8, true), hex('ff'), -1],
    ['u16', integer(16), hex('fffe'), 0xfeff],
    ['i16', integer(16, true), hex('feff'), -2],
    ['u32', integer(32), hex('ffffffff'), 4294967295],
    ['i32', integer(32, true), hex('ffffffff'), -1],
    ['u64 small', U64, hex('2a00000000000000'), 42],
    ['u64 exact', U64, hex('ffffffffffff1f00'), Number.MAX_SAFE_INTEGER],
    ['u64 beyond', U64, hex('0000000000002000'), 2n ** 53n],
    ['u64 largest', U64, hex('ffffffffffffffff'), 2n ** 64n - 1n],
    ['i64 -1', integer(64, true), hex('ffffffffffffffff'), -1],
    ['i64 smallest exact', integer(64, true), hex('010000000000e0ff'), -Number.MAX_SAFE_INTEGER],
    ['i64 smallest', integer(64, true), hex('0000000000000080'), -(2n ** 63n)],
    ['bool', { kind: 'bool' }, hex('02'), true],
    ['string', string(8), bytes('abc', [0, 7, 7, 7, 7]), 'abc'],
    ['string cut', string(3), bytes('abc'), 'abc..'],
    ['string without room', string(0), bytes('abc'), ''],
    ['string utf-8', string(8), bytes([0xc3, 0xa4, 0, 0, 0, 0, 0, 0]), 'ä'],
    ['string broken', string(4), bytes([0x61, 0xff, 0, 0]), 'a\udcff'],
    ['string long', string(40), bytes('x'.repeat(39), [0]), 'x'.repeat(39)],
    ['string long cut', string(40), bytes('x'.repeat(40)), `${'x'.repeat(40)}..`],
    ['buffer', { kind: 'buffer', capacity: 4 }, hex('02000000 0102 ffff'), Buffer.from([1, 2])],
    ['array', { kind: 'array', element: integer(16), length: 3 }, hex('010002000300'), [1, 2, 3]],
    ['tuple', { kind: 'tuple', elements: [integer(8), U32, string(2)] }, hex('07000000 08000000 6100'), [7, 8, 'a']],
    [
      'record',
      { kind: 'record', fields: [{ name: 'a', type: integer(8) }] },
      hex('07'),
      { kind: 'record', fields: [{ name: 'a', value: 7 }] },
    ],
    [
      'enum',
      { kind: 'enum', name: 'e', bits: 32, isSigned: true, values: [{ name: 'MINUS', value: -1n }] },
      hex('ffffffff'),
      { kind: 'enum', value: -1, name: 'MINUS' },
    ],
    [
      'enum unnamed',
      { kind: 'enum', name: 'e', bits: 8, isSigned: false, values: [] },
      hex('05'),
      { kind: 'enum', value: 5 },
    ],
    [
      'pointer',
      { kind: 'pointer', target: U64, space: 'kernel' },
      hex('ffffffffffffffff'),
      { kind: 'pointer', address: 2n ** 64n - 1n },
    ],
    ['ksym', { kind: 'ksym' }, hex('ff00000000000000'), { kind: 'symbol', address: 255n, text: '0xff' }],
    ['ksym 0', { kind: 'ksym' }, hex('0000000000000000'), { kind: 'symbol', address: 0n, text: '0' }],
    [
      'usym',
      { kind: 'usym' },
      hex('ff00000000000000 01000000 00000000'),
      { kind: 'symbol', address: 255n, text: '0xff' },
    ],
    [
      'inet 4',
      { kind: 'inet' },
      hex(`04000000 7f000001 ${'00'.repeat(12)}`),
      { kind: 'text', text: '127.0.0.1', raw: '127.0.0.1' },
    ],
    ['inet 6', { kind: 'inet' }, hex(`10000000 ${'00'.repeat(15)}01`), { kind: 'text', text: '::1', raw: '::1' }],
    [
      'mac',
      { kind: 'mac' },
      hex('0a1b2c3d4e5f'),
      { kind: 'text', text: '0A:1B:2C:3D:4E:5F', raw: '0A:1B:2C:3D:4E:5F' },
    ],
    ['username', { kind: 'username' }, hex('0000000000000000'), { kind: 'text', text: 'root', raw: 0 }],
    ['probe', { kind: 'probeName' }, hex('0100000000000000'), { kind: 'text', text: 'tracepoint:a:b', raw: 1 }],
    [
      'stack',
      { kind: 'stack', isUser: true, mode: 'bpftrace', depth: 127 },
      hex('05000000 07000000'),
      { kind: 'stack', isUser: true, pid: 7, frames: [{ address: 5n }] },
    ],
    [
      'struct',
      { kind: 'struct', composite: COMPOSITE },
      hex('feffffff 0f020000 61620000 0100ffff'),
      {
        kind: 'record',
        fields: [
          { name: 'a', value: -2 },
          { name: 'low', value: -1 },
          { name: 'next', value: 65 },
          { name: 'name', value: 'ab' },
          { name: 'two', value: [1, -1] },
        ],
      },
    ],
    [
      'struct with a text that fills its array',
      { kind: 'struct', composite: { ...COMPOSITE, members: COMPOSITE.members.slice(2, 3) } },
      hex('feffffff 0f020000 61626364 0100ffff'),
      { kind: 'record', fields: [{ name: 'name', value: 'abcd..' }] },
    ],
    ['count', { kind: 'count' }, hex('0500000000000000'), 5],
  ])('%s', (_, type, memory, value) => {
    const shifted = Buffer.concat([Buffer.alloc(8, 0xee), memory, Buffer.alloc(0)]);
    const view = new DataView(shifted.buffer, shifted.byteOffset, shifted.length);
    const result = readerOf(type, CONTEXT)(view, shifted, 8);
    expect(result instanceof Uint8Array ? Buffer.from(result) : result).toEqual(value);
  });
});

test('arguments lie as tupleLayout has them', () => {
  const memory = hex('01 000000 02000000 0300000000000000 6869 00');
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  const read = fixedReader([integer(8), integer(32), U64, string(3)], CONTEXT);
  expect(read(view, memory, 0)).toEqual([1, 2, 3, 'hi']);
});

test.each<[string, readonly Type[], Buffer, readonly unknown[]]>([
  ['nothing', [], hex(''), []],
  ['text, then a number at its alignment', [string(64), U32], hex('0200 6869 2a000000'), ['hi', 42]],
  ['text cut', [string(3)], hex('0300 616263'), ['abc..']],
  ['lengths lie at even places', [string(9), string(9)], hex('0100 61 ff 0100 62'), ['a', 'b']],
  ['a buffer', [{ kind: 'buffer', capacity: 8 }], hex('0200 0102'), [new Uint8Array([1, 2])]],
  ['empty text', [string(3), string(4)], hex('0000 0100 78'), ['', 'x']],
])('packed: %s', (_, types, memory, values) => {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  expect(packedReader(types, CONTEXT)(view, memory, 0)).toEqual(values);
});

test('join is a count and the strings', () => {
  const memory = hex('0200 0300 616263 ff 0100 78');
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  const type: Type = { kind: 'array', element: string(64), length: 16 };
  expect(joinReader([type], CONTEXT)(view, memory, 0)).toEqual([['abc', 'x']]);
});

test('names from the script are data, not code', () => {
  const name = "'+process.exit(9)+'";
  const type: Type = { kind: 'record', fields: [{ name, type: integer(8) }] };
  const memory = Buffer.from([1]);
  const view = new DataView(memory.buffer, memory.byteOffset, 1);
  expect(readerOf(type, CONTEXT)(view, memory, 0)).toEqual({ kind: 'record', fields: [{ name, value: 1 }] });
});

test('bytes outlive the memory they were read from', () => {
  const memory = hex('0200 0102');
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  const values = packedReader([{ kind: 'buffer', capacity: 8 }], CONTEXT)(view, memory, 0);
  memory.fill(0);
  expect(values).toEqual([new Uint8Array([1, 2])]);
});
