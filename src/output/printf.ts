/**
 * printf: one JavaScript function generated per format string, so that a flood of events costs a few string
 * concatenations each. The generated source holds numbers, indices and JSON-quoted literals only; everything that
 * depends on a value's type is a helper passed in.
 */

import type { FormatConversion, FormatString } from '../semantics/program.ts';
import type { Type } from '../semantics/types.ts';
import type { Value } from '../session/snapshot.ts';
import { hexByte } from '../text/visible.ts';
import { gfpFlagsText } from './gfp-flags.ts';
import { type Integer, toInteger } from './integers.ts';
import type { TextStyle } from './style.ts';
import { bufferText, type TextFormatter, textFormatter } from './value-text.ts';

export type PrintfFormatter = (args: readonly Value[]) => string;

/** printfFormatter builds the formatter of one format string for arguments of the given types. */
export function printfFormatter(format: FormatString, types: readonly Type[], style: TextStyle): PrintfFormatter {
  const helpers: TextFormatter[] = [];
  const terms: string[] = [];
  let argument = 0;
  for (const piece of format.pieces) {
    if (typeof piece === 'string') {
      terms.push(JSON.stringify(piece));
      continue;
    }
    const type = types[argument] ?? { kind: 'none' };
    const value = `a[${argument++}]`;
    const helper = conversionFormatter(piece, type, style);
    if (helper) terms.push(`h${helpers.push(helper) - 1}(${value})`);
    else terms.push(`(${value})`);
  }
  if (terms.length === 0) return () => '';
  const names = helpers.map((_, index) => `h${index}`);
  // The leading empty string makes `+` a concatenation whatever the first value is.
  const build = new Function(...names, `"use strict"; return (a) => "" + ${terms.join(' + ')};`);
  return build(...helpers) as PrintfFormatter;
}

/** Nothing if the value's own text is the result already, so that the generated code concatenates it directly. */
function conversionFormatter(conversion: FormatConversion, type: Type, style: TextStyle): TextFormatter | undefined {
  const convert = CONVERSIONS[conversion.conversion](conversion, type, style);
  const { width } = conversion;
  if (!width) return convert;
  const format = convert ?? ((value: Value) => String(value));
  const isNumber = NUMERIC.has(conversion.conversion);
  if (conversion.flags.left) return (value) => pad(format(value), width, true);
  if (conversion.flags.zero && isNumber) return (value) => padZeros(format(value), width);
  return (value) => pad(format(value), width, false);
}

const NUMERIC: ReadonlySet<string> = new Set(['d', 'i', 'u', 'o', 'x', 'X', 'p']);

type Converter = (conversion: FormatConversion, type: Type, style: TextStyle) => TextFormatter | undefined;

const signed: Converter = ({ length, flags }, type) => {
  const bits = LENGTH_BITS[length];
  if (!flags.plus && fitsAsIs(type, bits, true)) return undefined;
  const truncate = signedTruncation(bits);
  if (!flags.plus) return (value) => String(truncate(toInteger(value)));
  return (value) => {
    const result = truncate(toInteger(value));
    return result < 0 ? String(result) : `+${result}`;
  };
};

const unsigned =
  (radix: 8 | 10 | 16, prefix: string, isUpper = false): Converter =>
  ({ length, flags }, type) => {
    const bits = LENGTH_BITS[length];
    if (radix === 10 && fitsAsIs(type, bits, false)) return undefined;
    const truncate = unsignedTruncation(bits);
    return (value) => {
      const integer = truncate(toInteger(value));
      const digits = integer.toString(radix);
      const text = flags.alternate && digits !== '0' ? prefix + digits : digits;
      return isUpper ? text.toUpperCase() : text;
    };
  };

const buffer =
  (render: (bytes: Uint8Array) => string): Converter =>
  (_, type, style) => {
    const fallback = textFormatter(type, style);
    return (value) => (value instanceof Uint8Array ? render(value) : fallback(value));
  };

const CONVERSIONS: { readonly [C in FormatConversion['conversion']]: Converter } = {
  d: signed,
  i: signed,
  u: unsigned(10, ''),
  o: unsigned(8, '0'),
  x: unsigned(16, '0x'),
  X: unsigned(16, '0X', true),
  c: (_, __, style) => (value) => style.traced(byteCharacter(Number(toInteger(value)) & 0xff)),
  p: () => (value) => {
    const address = BigInt.asUintN(64, BigInt(toInteger(value)));
    return address === 0n ? '0' : `0x${address.toString(16)}`;
  },
  s: (_, type, style) => {
    if (type.kind === 'string' && style.isRaw) return undefined;
    return isPlainInteger(type) ? undefined : textFormatter(type, style);
  },
  r: buffer(bufferText),
  rx: buffer((bytes) => Array.from(bytes, hexByte).join('')),
  rh: buffer((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')),
  gr: () => (value) => gfpFlagsText(BigInt.asUintN(64, BigInt(toInteger(value)))),
};

const LENGTH_BITS: { readonly [L in FormatConversion['length']]: 8 | 16 | 32 | 64 } = {
  '': 32,
  hh: 8,
  h: 16,
  l: 64,
  ll: 64,
  j: 64,
  z: 64,
  t: 64,
};

/** conversionBits is how many bits of an integer a conversion shows. */
export function conversionBits(length: FormatConversion['length']): 8 | 16 | 32 | 64 {
  return LENGTH_BITS[length];
}

/** fitsAsIs says whether every value of the type prints unchanged: as wide as the conversion, of its sign or narrower. */
export function fitsAsIs(type: Type, bits: number, isSigned: boolean): boolean {
  if (type.kind !== 'integer') return false;
  return type.isSigned === isSigned ? type.bits <= bits : !type.isSigned && type.bits < bits;
}

function isPlainInteger(type: Type): boolean {
  return type.kind === 'integer';
}

function signedTruncation(bits: 8 | 16 | 32 | 64): (value: Integer) => Integer {
  if (bits === 64) return (value) => (isSafe(value) ? value : BigInt.asIntN(64, BigInt(value)));
  const shift = 32 - bits;
  return (value) => (low32(value) << shift) >> shift;
}

function unsignedTruncation(bits: 8 | 16 | 32 | 64): (value: Integer) => Integer {
  if (bits === 64) {
    return (value) => (isSafe(value) && value >= 0 ? value : BigInt.asUintN(64, BigInt(value)));
  }
  const shift = 32 - bits;
  return (value) => (low32(value) << shift) >>> shift;
}

function isSafe(value: Integer): boolean {
  return typeof value === 'number';
}

/** The low 32 bits as a signed number; exact for all integers a value can hold. */
function low32(value: Integer): number {
  return typeof value === 'number' ? value | 0 : Number(BigInt.asIntN(32, value));
}

function byteCharacter(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}

/** Widths count bytes, as C's printf does. */
function pad(text: string, width: number, isLeft: boolean): string {
  const target = /^[\x20-\x7e]*$/.test(text) ? width : width - Buffer.byteLength(text) + text.length;
  return isLeft ? text.padEnd(target) : text.padStart(target);
}

function padZeros(text: string, width: number): string {
  const sign = /^(?:[-+]|0[xX])/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
