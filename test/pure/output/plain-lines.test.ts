/** Maps written as bytes straight from the kernel's bytes say what the same map says value by value. */

import { describe, expect, test } from 'vitest';
import { type MapPrintOptions, mapText, writeMap } from '../../../src/output/map-text.ts';
import { plainMapOf } from '../../../src/output/plain-lines.ts';
import { RAW_STYLE, TERMINAL_STYLE, type TextStyle } from '../../../src/output/style.ts';
import { sizeOf, tupleLayout } from '../../../src/semantics/layout.ts';
import type { Type } from '../../../src/semantics/types.ts';
import { readerOf } from '../../../src/session/decode.ts';
import type { MapSnapshot, Value } from '../../../src/session/snapshot.ts';
import { encodeText } from '../../../src/text/bytes.ts';
import * as t from './support.ts';

const TRAILER = '..';
const count: Type = { kind: 'count' };
const sum: Type = { kind: 'sum', isSigned: true };

/** A map as it was read: bytes, and rows that decode them. `slots` are the parts of a value, one per CPU. */
function readMap(keyType: Type, valueType: Type, ...pairs: readonly (readonly [Value, Value])[]): MapSnapshot {
  const slotCount = Math.max(1, ...pairs.map(([, value]) => (Array.isArray(value) ? value.length : 1)));
  const keyStride = sizeOf(keyType);
  const slotStride = sizeOf(valueType);
  const valueStride = slotStride * slotCount;
  const keys = Buffer.alloc(keyStride * pairs.length);
  const values = Buffer.alloc(valueStride * pairs.length);
  for (const [index, [key, value]] of pairs.entries()) {
    put(keys, index * keyStride, keyType, key);
    const slots = Array.isArray(value) ? value : [value];
    for (const [slot, part] of slots.entries()) put(values, index * valueStride + slot * slotStride, valueType, part);
  }
  const keyView = new DataView(keys.buffer, keys.byteOffset, keys.length);
  const valueView = new DataView(values.buffer, values.byteOffset, values.length);
  const context = { strTruncTrailer: TRAILER } as Parameters<typeof readerOf>[1];
  const readKey = readerOf(keyType, context);
  const asInteger: Type = valueType.kind === 'integer' ? valueType : t.int();
  const readValue = readerOf(asInteger, context);
  const entries = pairs.map((_, index) => {
    const slots = Array.from({ length: slotCount }, (_, slot) =>
      BigInt(readValue(valueView, values, index * valueStride + slot * slotStride) as number | bigint),
    );
    const total = slots.reduce((left, right) => left + right, 0n);
    const value = total === BigInt(Number(total)) ? Number(total) : total;
    return { key: readKey(keyView, keys, index * keyStride), value };
  });
  return {
    name: '@m',
    keyType,
    valueType,
    entries,
    rows: {
      count: entries.length,
      key: (index) => entries[index]?.key,
      value: (index) => entries[index]?.value ?? 0,
      memory: { keys, keyView, keyStride, valueView, valueStride, slotStride, slotCount, strTruncTrailer: TRAILER },
    },
    maxEntries: 4096,
    refusedUpdates: 0,
  };
}

function put(bytes: Buffer, offset: number, type: Type, value: Value): void {
  if (type.kind === 'tuple') {
    const { offsets } = tupleLayout(type.elements);
    for (const [index, element] of type.elements.entries()) {
      put(bytes, offset + (offsets[index] ?? 0), element, (value as readonly Value[])[index] ?? 0);
    }
  } else if (type.kind === 'string') {
    bytes.set(encodeText(String(value)).subarray(0, type.capacity), offset);
  } else {
    let rest = BigInt.asUintN(64, BigInt(value as number | bigint));
    for (let byte = 0; byte < sizeOf(type); byte++, rest >>= 8n) bytes[offset + byte] = Number(rest & 0xffn);
  }
}

function writtenAsBytes(map: MapSnapshot, style: TextStyle, options: MapPrintOptions): string {
  const chunks: Uint8Array[] = [];
  writeMap(map, style, options, { write: () => undefined, writeBytes: (bytes) => chunks.push(bytes) });
  return Buffer.concat(chunks).toString('latin1');
}

const text = (map: MapSnapshot, style: TextStyle, options: MapPrintOptions): string =>
  Buffer.from(encodeText(mapText(map, style, options))).toString('latin1');

const short: Type = { kind: 'string', capacity: 8 };
const integers = [0, 1, 9, 10, 99, 100, 12_345, 2 ** 31 - 1, 2 ** 31, 1e9, 999_999_999_999, 1e12, 2 ** 53 - 1];
const signed = [...integers, ...integers.map((value) => -value)];
const beyond = [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)];

const ROWS: readonly (readonly [title: string, map: MapSnapshot])[] = [
  ['nothing', readMap(t.int(), t.int())],
  ['integers of all lengths', readMap(t.int(), t.int(), ...signed.map((value) => [value, 1] as const))],
  [
    'values of all lengths',
    readMap(t.int(), t.int(), ...signed.slice(0, -1).map((value, index) => [index, value] as const)),
  ],
  ['keys beyond exact numbers', readMap(t.int(), t.int(), ...beyond.map((value, index) => [value, index] as const))],
  ['unsigned keys beyond', readMap(t.uint(), t.int(), [2n ** 64n - 1n, 1], [2n ** 63n, 2], [7, 3])],
  ...([8, 16, 32] as const).flatMap((bits) => [
    [`${bits} bits, signed`, readMap(t.int(bits), t.int(bits), [-1, -2], [100, 101])] as const,
    [`${bits} bits, unsigned`, readMap(t.uint(bits), t.uint(bits), [-1, -2], [100, 101])] as const,
  ]),
  ['strings', readMap(short, count, ['sh', 3], ['', 2], ['é', 1], ['a\udcffb', 4])],
  ['a string without end', readMap(short, count, ['12345678', 3], ['1234567', 2])],
  [
    'what a terminal must not see',
    readMap(short, count, ['\x1b[2J', 3], ['a\tb', 2], ['\udc80\x7f', 1], ['\u0085', 4]),
  ],
  ['a cut string of such letters', readMap(short, count, ['\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b', 3])],
  ['parentheses of strings', readMap(short, count, ['(x)', 1], ['()', 2], ['(', 3], [')', 4], ['((a))', 5], ['(a', 6])],
  ['tuples', readMap(t.tuple(short, t.int(32)), sum, [['sh', 1], 3], [['(a)', -2], -4])],
  [
    'tuples in tuples',
    readMap(t.tuple(t.tuple(t.int(8), short), t.tuple(t.int()), short), count, [[[1, 'a'], [5], 'b'], 2]),
  ],
  ['one element', readMap(t.tuple(short), count, [['(x)'], 2])],
  ['slots of CPUs', readMap(t.int(), sum, [1, [1, 2, 3]], [2, [-5, 0, 2]], [3, [0, 0, 0]])],
  ['ties keep their order', readMap(t.int(), t.int(), [5, 1], [3, 1], [4, 0], [1, 1], [2, 0])],
  [
    'ranks far apart',
    readMap(t.int(), t.int(), [1, 2 ** 52], [2, -(2 ** 51)], [3, 5], [4, 2 ** 40], [5, 4], [6, 2048]),
  ],
  [
    'many lines',
    readMap(
      t.int(),
      t.int(),
      ...Array.from({ length: 20_000 }, (_, index) => [index, (index * 7919) % 10_007] as const),
    ),
  ],
];

describe('lines out of bytes', () => {
  for (const [title, map] of ROWS) {
    test(title, () => {
      expect(plainMapOf(map, RAW_STYLE)).toBeDefined();
      for (const style of [RAW_STYLE, TERMINAL_STYLE]) {
        for (const options of [{}, { top: 2 }, { div: 1n }]) {
          expect(writtenAsBytes(map, style, options)).toBe(text(map, style, options));
        }
      }
    });
  }

  const UNFIT: readonly (readonly [title: string, map: MapSnapshot])[] = [
    ['a value beyond exact numbers', readMap(t.int(), t.int(), [1, 2n ** 60n])],
    ['the last value before those', readMap(t.int(), t.int(), [1, -(2 ** 53 - 1)])],
    ['slots whose sum only looks exact', readMap(t.int(), sum, [1, [2n ** 60n + 1n, -(2n ** 60n)]])],
    ['slots of integers that are not added up', readMap(t.int(), t.int(32), [1, [1, 2]])],
    ['other values', readMap(t.int(), { kind: 'min', isSigned: true })],
    ['other keys', readMap(t.bool, t.int())],
    ['other keys in a tuple', readMap(t.tuple(t.int(), t.pointer), t.int())],
    ['keys that are larger than a line may be', readMap({ kind: 'string', capacity: 1 << 20 }, t.int())],
    ['rows that lie in no one place', t.keyed('@m', t.int(), t.int(), [1, 1])],
  ];
  test.each(UNFIT)('not for %s', (_, map) => expect(plainMapOf(map, RAW_STYLE)).toBeUndefined());

  test('a divisor is for values one by one', () => {
    expect(writtenAsBytes(readMap(t.int(), t.int(), [1, 5]), RAW_STYLE, { div: 2n })).toBe('');
  });
});
