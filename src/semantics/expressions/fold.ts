/**
 * Constant folding of integer literals: exact arithmetic, refused where the result leaves 64 bits; C's rules for
 * division and shifts, which differ from the run-time ones (language.md §18).
 */

import type { BinaryOperator } from '../../language/ast.ts';
import { INT64_MIN, UINT64_MAX } from '../promote.ts';

/** foldIntegers gives the exact result, `undefined` if there is none in 64 bits; comparisons give a boolean. */
export function foldIntegers(operator: BinaryOperator, left: bigint, right: bigint): bigint | boolean | undefined {
  const compare = COMPARE[operator];
  if (compare !== undefined) return compare(left, right);
  const compute = COMPUTE[operator];
  const result = compute?.(left, right);
  return result === undefined || result < INT64_MIN || result > UINT64_MAX ? undefined : result;
}

const COMPARE: Partial<Record<BinaryOperator, (left: bigint, right: bigint) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '&&': (left, right) => left !== 0n && right !== 0n,
  '||': (left, right) => left !== 0n || right !== 0n,
};

const COMPUTE: Partial<Record<BinaryOperator, (left: bigint, right: bigint) => bigint | undefined>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0n ? undefined : left / right),
  '%': (left, right) => (right === 0n ? undefined : left % right),
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => (right < 0n || right > 63n ? undefined : left << right),
  '>>': (left, right) => (right < 0n || right > 63n ? undefined : left >> right),
};
