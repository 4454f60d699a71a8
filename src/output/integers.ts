/**
 * Integers come as `number` where exact and as `bigint` beyond. Comparing works across both; arithmetic goes through
 * BigInt only where a number would lose digits.
 */

import type { Value } from '../session/snapshot.ts';

export type Integer = number | bigint;

/** toInteger reads any integer-like value: numbers, booleans, enums and pointers. */
export function toInteger(value: Value): Integer {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'object':
      if ('kind' in value) {
        if (value.kind === 'enum') return value.value;
        if (value.kind === 'pointer' || value.kind === 'symbol') return value.address;
        if (value.kind === 'average') return value.average;
        if (value.kind === 'text' && typeof value.raw !== 'string') return value.raw;
      }
  }
  return 0;
}

/** divideInteger truncates towards zero; a divisor of 0 means "do not divide". */
export function divideInteger(value: Integer, divisor: bigint): Integer {
  if (divisor === 0n || divisor === 1n) return value;
  return narrow(BigInt(value) / divisor);
}

/** narrow turns a bigint back into a number where that is exact. */
export function narrow(value: bigint): Integer {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** asUnsigned64 reads the bits of an integer as unsigned. */
export function asUnsigned64(value: Integer): Integer {
  return value < 0 ? narrow(BigInt.asUintN(64, BigInt(value))) : value;
}

/** asSigned64 reads the bits of an integer as signed. */
export function asSigned64(value: Integer): Integer {
  return value > 0x7fffffffffffffffn ? narrow(BigInt.asIntN(64, BigInt(value))) : value;
}

/** compareIntegers orders ascending, numbers and bigints mixed. */
export function compareIntegers(left: Integer, right: Integer): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
