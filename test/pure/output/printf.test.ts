import { describe, expect, test } from 'vitest';
import { printfFormatter } from '../../../src/output/printf.ts';
import { RAW_STYLE, TERMINAL_STYLE } from '../../../src/output/style.ts';
import type { Type } from '../../../src/semantics/types.ts';
import type { Value } from '../../../src/session/snapshot.ts';
import * as t from './support.ts';

type Row = readonly [format: string, type: Type, value: Value, text: string];

const ROWS: readonly Row[] = [
  ['%d', t.int(), 5, '5'],
  ['%d', t.int(), 4294967295, '-1'],
  ['%d', t.uint(), 5_000_000_000, '705032704'],
  ['%d', t.int(), -9223372036854775808n, '0'],
  ['%ld', t.int(), -9223372036854775808n, '-9223372036854775808'],
  ['%lld', t.uint(), 18446744073709551615n, '-1'],
  ['%lu', t.int(), -1, '18446744073709551615'],
  ['%u', t.int(), -1, '4294967295'],
  ['%hu', t.int(), -1, '65535'],
  ['%hhd', t.int(), 200, '-56'],
  ['%hd', t.int(), 40000, '-25536'],
  ['%x', t.int(), -1, 'ffffffff'],
  ['%lx', t.int(), -1, 'ffffffffffffffff'],
  ['%X', t.uint(), 0xabc, 'ABC'],
  ['%#x', t.uint(), 255, '0xff'],
  ['%#x', t.uint(), 0, '0'],
  ['%#X', t.uint(), 255, '0XFF'],
  ['%o', t.uint(), 8, '10'],
  ['%#o', t.uint(), 8, '010'],
  ['%c', t.int(), 65, 'A'],
  ['%c', t.int(), 255, '\udcff'],
  ['%p', t.pointer, t.address(0xffffn), '0xffff'],
  ['%p', t.uint(), 0, '0'],
  ['%+d', t.int(), 5, '+5'],
  ['%+d', t.int(), -5, '-5'],
  ['%5d', t.int(), 42, '   42'],
  ['%-5d|', t.int(), 42, '42   |'],
  ['%05d', t.int(), -42, '-0042'],
  ['%#06x', t.uint(), 255, '0x00ff'],
  ['%.3d', t.int(), 7, '7'],
  ['%s', t.string, 'sh', 'sh'],
  ['%-4s|', t.string, 'sh', 'sh  |'],
  ['%4s', t.string, 'sh', '  sh'],
  ['%.1s', t.string, 'sh', 'sh'],
  ['%5s', t.string, 'é', '   é'],
  ['%s', t.int(), -3, '-3'],
  ['%s', t.bool, true, 'true'],
  ['%d', t.bool, true, '1'],
  ['%s', t.enumType, { kind: 'enum', value: 2, name: 'RED' }, 'RED'],
  ['%d', t.enumType, { kind: 'enum', value: 2, name: 'RED' }, '2'],
  ['%s', t.tuple(t.int(), t.string), [1, 'a'], '(1, a)'],
  ['%r', t.buffer, Uint8Array.of(1, 65), '\\x01A'],
  ['%rx', t.buffer, Uint8Array.of(1, 65), '\\x01\\x41'],
  ['%rh', t.buffer, Uint8Array.of(1, 65), '01 41'],
  ['%gr', t.uint(), 0xcc0, 'GFP_KERNEL'],
  ['%gr', t.uint(), 0xdc0, 'GFP_KERNEL|__GFP_ZERO'],
  ['[%s]', t.stackType(), t.stack('f+1'), '[\n        f+1\n]'],
  ['%%%d%%', t.int(), 1, '%1%'],
];

describe('printf', () => {
  test.each(ROWS)('%s', (format, type, value, text) => {
    expect(printfFormatter(t.format(format), [type], RAW_STYLE)([value])).toBe(text);
  });

  test('several arguments, literal quotes and backslashes', () => {
    const format = printfFormatter(t.format('"%s"\\ %d\n%d`x`'), [t.string, t.int(), t.int()], RAW_STYLE);
    expect(format(['a', 1, 2])).toBe('"a"\\ 1\n2`x`');
  });

  test('numbers side by side are not added', () => {
    expect(printfFormatter(t.format('%ld%ld'), [t.int(), t.int()], RAW_STYLE)([1, 2])).toBe('12');
  });

  test('without arguments, and without anything', () => {
    expect(printfFormatter(t.format('hi\n'), [], RAW_STYLE)([])).toBe('hi\n');
    expect(printfFormatter(t.format(''), [], RAW_STYLE)([])).toBe('');
  });

  test('on a terminal traced text is escaped, the script’s own is not', () => {
    const format = printfFormatter(t.format('\x1b[1m%s\x1b[0m\n'), [t.string], TERMINAL_STYLE);
    expect(format(['\x1b[2Jx'])).toBe('\x1b[1m\\x1b[2Jx\x1b[0m\n');
  });
});
