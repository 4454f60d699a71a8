/** printf straight from records says, byte by byte, what the same format says of decoded arguments. */

import { describe, expect, test } from 'vitest';
import type { ActionSpec } from '../../../src/codegen/object.ts';
import { plainPrintf } from '../../../src/output/plain-printf.ts';
import { printfFormatter } from '../../../src/output/printf.ts';
import { RAW_STYLE } from '../../../src/output/style.ts';
import { alignOf, alignUp, sizeOf, tupleLayout } from '../../../src/semantics/layout.ts';
import type { Type } from '../../../src/semantics/types.ts';
import { fixedReader, packedReader } from '../../../src/session/decode.ts';
import { encodeText } from '../../../src/text/bytes.ts';
import * as t from './support.ts';

const TRAILER = '..';
const short: Type = { kind: 'string', capacity: 8 };

function specOf(format: string, types: readonly Type[], encoding: 'fixed' | 'packed'): ActionSpec {
  const action = { kind: 'printf', id: 0, format: t.format(format), args: types, span: t.spanOf('', '') } as const;
  return { action, encoding } as unknown as ActionSpec;
}

function integerBytes(value: number | bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(64, BigInt(value));
  for (let byte = 0; byte < size; byte++, rest >>= 8n) bytes[byte] = Number(rest & 0xffn);
  return bytes;
}

/** As the programs lay records out. */
function record(types: readonly Type[], values: readonly (number | bigint | string)[], isPacked: boolean): Buffer {
  const bytes = Buffer.alloc(4096);
  const { offsets } = tupleLayout(types);
  let next = 0;
  for (const [index, type] of types.entries()) {
    const value = values[index] ?? 0;
    const isText = type.kind === 'string';
    let content = isText
      ? encodeText(String(value)).subarray(0, type.capacity)
      : integerBytes(value as number, sizeOf(type));
    let at = offsets[index] ?? 0;
    if (isPacked) {
      at = alignUp(next, isText ? 2 : alignOf(type));
      if (isText) content = Buffer.concat([integerBytes(content.length, 2), content]);
      next = at + content.length;
    }
    bytes.set(content, 8 + at);
  }
  return bytes;
}

function printed(format: string, types: readonly Type[], values: readonly (number | bigint | string)[]): string[][] {
  return ([false, true] as const).map((isPacked) => {
    const bytes = record(types, values, isPacked);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const spec = specOf(format, types, isPacked ? 'packed' : 'fixed');
    const printer = plainPrintf(spec, TRAILER);
    if (!printer) throw new Error('no printer');
    const out = new Uint8Array(printer.longest + 5);
    const end = printer.print(view, bytes, 8, out, 5);
    const context = { strTruncTrailer: TRAILER } as Parameters<typeof fixedReader>[1];
    const args = (isPacked ? packedReader : fixedReader)(types, context)(view, bytes, 8);
    const text = printfFormatter(t.format(format), types, RAW_STYLE)(args);
    return [Buffer.from(out.subarray(5, end)).toString('latin1'), Buffer.from(encodeText(text)).toString('latin1')];
  });
}

type Row = readonly [format: string, types: readonly Type[], ...values: readonly (number | bigint | string)[]];

const ROWS: readonly Row[] = [
  ['no argument at all é\n', []],
  ['%d %s %d\n', [t.uint(32), short, t.int()], 42, 'sh', -7],
  ['%s', [short], '12345678'],
  ['%s|%s', [short, short], '', 'é\udcff'],
  ['%-10s|%10s|', [short, short], 'ab', 'cd'],
  ['%-3s|%3s|', [short, short], 'abcdef', 'é'],
  ['%6d|%-6d|%2d', [t.int(), t.int(), t.int()], -42, 42, 12_345],
  ['%d %u', [t.int(), t.uint()], 2n ** 40n + 7n, 2n ** 63n + 9n],
  ['%ld %lu %lld', [t.int(), t.uint(), t.uint()], -(2n ** 63n), 2n ** 64n - 1n, 2n ** 64n - 2n],
  ['%ld %ld', [t.int(), t.int()], 2 ** 31, -(2 ** 40)],
  ['%hhd %hd %hu', [t.int(), t.int(32), t.uint(32)], 300, 70_000, 70_000],
  ['%d %d %u', [t.int(8), t.uint(16), t.uint(8)], -1, 65_535, 255],
  ['%x %X %lx %o', [t.uint(), t.uint(32), t.uint(), t.uint(32)], 2n ** 40n + 255n, 0xabcdef, 2n ** 64n - 1n, 8],
  ['%8x|%-8x|', [t.uint(32), t.uint(32)], 0xff, 0xff],
  ['%s %s', [t.int(), t.uint(8)], -(2n ** 60n), 200],
  ['%i%s%d', [t.int(8), short, t.int()], 1, 'abc', 2],
];

describe('printf out of records', () => {
  for (const row of ROWS) {
    const [format, types, ...values] = row;
    test(`${JSON.stringify(format)} of ${values.join(', ')}`, () => {
      for (const [bytes, text] of printed(format, types, values)) expect(bytes).toBe(text);
    });
  }

  const UNFIT: readonly (readonly [format: string, types: readonly Type[]])[] = [
    ['%+d', [t.int()]],
    ['%05d', [t.int()]],
    ['%#x', [t.int()]],
    ['%c', [t.int()]],
    ['%p', [t.pointer]],
    ['%u', [t.int(8)]],
    ['%s', [t.bool]],
    ['%d', [t.enumType]],
    ['%r', [t.buffer]],
    ['%d', [short]],
    ['%d', []],
    ['nothing', [t.int()]],
    ['%s', [{ kind: 'string', capacity: 1 << 20 }]],
  ];
  test.each(UNFIT)('not for %s of %j', (format, types) => {
    expect(plainPrintf(specOf(format, types, 'fixed'), TRAILER)).toBeUndefined();
  });
});
