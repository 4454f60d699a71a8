/**
 * Reading of literals: integers with their many spellings, and the escapes of strings. Pure functions that yield the
 * value and, where the text is wrong, the message; the value is then a stand-in, so that parsing goes on.
 */

import { decodeBytes } from '../text/bytes.ts';

/** DURATIONS maps a duration suffix to nanoseconds. */
export const DURATIONS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
]);

const MAX_U64 = (1n << 64n) - 1n;

/** Largest value by C suffix; upper case means the same. */
const C_SUFFIXES: ReadonlyMap<string, bigint> = new Map([
  ['u', (1n << 32n) - 1n],
  ['l', (1n << 63n) - 1n],
  ['ll', (1n << 63n) - 1n],
  ['ul', MAX_U64],
  ['ull', MAX_U64],
]);

const INTEGER = /^(?:0[xX]([0-9a-fA-F_]+)|([0-9][0-9_]*)(?:[eE]([0-9][0-9_]*))?)([a-zA-Z]*)$/;

export interface IntegerReading {
  readonly value: bigint;
  readonly error?: string;
}

/** readInteger gives the value of an integer literal as written. */
export function readInteger(text: string): IntegerReading {
  const plain = simpleInteger(text);
  if (plain !== undefined) return { value: plain };
  const match = INTEGER.exec(text);
  if (!match) return { value: 0n, error: `invalid integer '${text}'` };
  const [, hex, decimal = '', exponent, suffix = ''] = match;
  const digits = hex ?? exponent ?? decimal;
  if (digits.endsWith('_') || decimal.endsWith('_')) return { value: 0n, error: `trailing '_' in integer '${text}'` };
  let value: bigint;
  if (hex !== undefined) {
    const clean = hex.replaceAll('_', '');
    if (clean.length === 0) return { value: 0n, error: `invalid integer '${text}'` };
    if (clean.length > 40) return overflow(text);
    value = BigInt(`0x${clean}`);
  } else {
    const clean = decimal.replaceAll('_', '');
    if (clean.length > 40) return overflow(text);
    if (exponent !== undefined) {
      if (!/^[1-9]$/.test(clean))
        return {
          value: 0n,
          error: 'coefficient part of scientific literal must be 1-9',
        };
      const power = exponent.replaceAll('_', '');
      if (power.length > 3 || Number(power) > 19)
        return {
          value: 0n,
          error: `exponent will overflow integer range: ${power}`,
        };
      value = BigInt(clean) * 10n ** BigInt(power);
    } else if (/^0[0-9]/.test(clean)) {
      if (/[89]/.test(clean)) return { value: 0n, error: `invalid digit in octal integer '${text}'` };
      value = BigInt(`0o${clean.slice(1)}`);
    } else {
      value = BigInt(clean);
    }
  }
  return withSuffix(text, value, suffix);
}

function withSuffix(text: string, value: bigint, suffix: string): IntegerReading {
  if (suffix === '') return value > MAX_U64 ? overflow(text) : { value };
  const factor = DURATIONS.get(suffix);
  if (factor !== undefined) {
    const product = value * factor;
    return product > MAX_U64 ? overflow(text) : { value: product };
  }
  const limit = C_SUFFIXES.get(suffix.toLowerCase());
  if (limit === undefined) return { value, error: `invalid integer suffix '${suffix}'` };
  return value > limit ? overflow(text) : { value };
}

function overflow(text: string): IntegerReading {
  const shown = text.length > 40 ? `${text.slice(0, 37)}...` : text;
  return {
    value: 0n,
    error: `integer overflow: '${shown}' does not fit its type`,
  };
}

/** Short decimal numbers, which are nearly all there are, without the regular expression. */
function simpleInteger(text: string): bigint | undefined {
  if (text.length > 15) return undefined;
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (text.length > 1 && text.charCodeAt(0) === 48) return undefined;
  return BigInt(value);
}

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['"', '"'],
  ['\\', '\\'],
]);

export interface StringReading {
  readonly value: string;
  /** Offsets are relative to the text given. */
  readonly errors: readonly {
    readonly message: string;
    readonly start: number;
    readonly end: number;
  }[];
}

/** readString resolves the escapes of what stands between the quotes. */
export function readString(body: string): StringReading {
  if (!body.includes('\\')) return { value: body, errors: [] };
  const errors: { message: string; start: number; end: number }[] = [];
  const bytes: (number | string)[] = [];
  let index = 0;
  while (index < body.length) {
    const slash = body.indexOf('\\', index);
    if (slash < 0) {
      bytes.push(body.slice(index));
      break;
    }
    if (slash > index) bytes.push(body.slice(index, slash));
    const next = body[slash + 1] ?? '';
    const simple = SIMPLE_ESCAPES.get(next);
    if (simple !== undefined) {
      bytes.push(simple);
      index = slash + 2;
      continue;
    }
    const numeric = /^(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2}))/.exec(body.slice(slash + 1, slash + 4));
    if (!numeric) {
      errors.push({
        message: `invalid escape character '\\${next}'`,
        start: slash,
        end: Math.min(slash + 2, body.length),
      });
      index = slash + 2;
      continue;
    }
    const code = Number.parseInt(numeric[1] ?? numeric[2] ?? '', numeric[1] === undefined ? 16 : 8);
    const end = slash + 1 + numeric[0].length;
    if (code > 255)
      errors.push({
        message: `octal escape sequence out of range '\\${numeric[0]}'`,
        start: slash,
        end,
      });
    else bytes.push(code);
    index = end;
  }
  return { value: joinBytes(bytes), errors };
}

/** Bytes made by escapes that together are valid UTF-8 become text; others the surrogates of src/text/bytes.ts. */
function joinBytes(parts: readonly (number | string)[]): string {
  let value = '';
  let index = 0;
  while (index < parts.length) {
    const part = parts[index] ?? '';
    if (typeof part === 'string') {
      value += part;
      index++;
      continue;
    }
    const run: number[] = [];
    for (let byte = parts[index]; typeof byte === 'number'; byte = parts[++index]) run.push(byte);
    value += decodeBytes(Uint8Array.from(run));
  }
  return value;
}
