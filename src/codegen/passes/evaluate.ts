/**
 * What the integer operations of eBPF yield, on 64-bit patterns held as unsigned bigints.
 */

import type { BinaryOperator, Comparison } from '../ir/ir.ts';

/** evaluateBinary computes one operation; undefined where the kernel's answer is not the language's (zero divisor). */
export function evaluateBinary(operator: BinaryOperator, left: bigint, right: bigint): bigint | undefined {
  const a = BigInt.asUintN(64, left);
  const b = BigInt.asUintN(64, right);
  switch (operator) {
    case 'add':
      return BigInt.asUintN(64, a + b);
    case 'subtract':
      return BigInt.asUintN(64, a - b);
    case 'multiply':
      return BigInt.asUintN(64, a * b);
    case 'divide':
      return b === 0n ? undefined : a / b;
    case 'remainder':
      return b === 0n ? undefined : a % b;
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
    case 'shiftLeft':
      return BigInt.asUintN(64, a << (b & 63n));
    case 'shiftRight':
      return a >> (b & 63n);
    case 'shiftRightSigned':
      return BigInt.asUintN(64, BigInt.asIntN(64, a) >> (b & 63n));
  }
}

/** evaluateComparison decides a branch. */
export function evaluateComparison(comparison: Comparison, left: bigint, right: bigint): boolean {
  const a = BigInt.asUintN(64, left);
  const b = BigInt.asUintN(64, right);
  const signedA = BigInt.asIntN(64, left);
  const signedB = BigInt.asIntN(64, right);
  switch (comparison) {
    case 'equal':
      return a === b;
    case 'notEqual':
      return a !== b;
    case 'less':
      return a < b;
    case 'lessOrEqual':
      return a <= b;
    case 'greater':
      return a > b;
    case 'greaterOrEqual':
      return a >= b;
    case 'lessSigned':
      return signedA < signedB;
    case 'lessOrEqualSigned':
      return signedA <= signedB;
    case 'greaterSigned':
      return signedA > signedB;
    case 'greaterOrEqualSigned':
      return signedA >= signedB;
    case 'test':
      return (a & b) !== 0n;
  }
}

/** The comparison that holds exactly when the other does not; `test` has none. */
export const NEGATED: Readonly<Record<Exclude<Comparison, 'test'>, Comparison>> = {
  equal: 'notEqual',
  notEqual: 'equal',
  less: 'greaterOrEqual',
  lessOrEqual: 'greater',
  greater: 'lessOrEqual',
  greaterOrEqual: 'less',
  lessSigned: 'greaterOrEqualSigned',
  lessOrEqualSigned: 'greaterSigned',
  greaterSigned: 'lessOrEqualSigned',
  greaterOrEqualSigned: 'lessSigned',
};

/** The comparison with its operands exchanged. */
export const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  equal: 'equal',
  notEqual: 'notEqual',
  test: 'test',
  less: 'greater',
  lessOrEqual: 'greaterOrEqual',
  greater: 'less',
  greaterOrEqual: 'lessOrEqual',
  lessSigned: 'greaterSigned',
  lessOrEqualSigned: 'greaterOrEqualSigned',
  greaterSigned: 'lessSigned',
  greaterOrEqualSigned: 'lessOrEqualSigned',
};

/** fitsImmediate tells whether a 64-bit pattern is the sign extension of 32 bits, as instructions hold it. */
export function fitsImmediate(value: bigint): boolean {
  const signed = BigInt.asIntN(64, value);
  return signed >= -0x80000000n && signed <= 0x7fffffffn;
}
