/**
 * Parameters of the script: `$1`, `$#`. A parameter is a literal, as if it stood in the text.
 */

import type { ParameterCount, PositionalParameter } from '../../language/ast.ts';
import type { Checker } from '../checker.ts';
import type { TypedExpression } from '../program.ts';
import { fits, INT64_MIN, UINT64 } from '../promote.ts';
import { literal, text } from './constants.ts';

export function checkPositional(checker: Checker, node: PositionalParameter): TypedExpression {
  const written = checker.options.positional[node.index - 1];
  if (written === undefined) return literal(0n, node.span);
  const value = parameterInteger(written);
  return value === undefined ? text(written, node.span) : literal(value, node.span);
}

export function checkParameterCount(checker: Checker, node: ParameterCount): TypedExpression {
  return literal(BigInt(checker.options.positional.length), node.span);
}

/** parameterInteger reads a parameter as an integer if it is one in 64 bits. */
export function parameterInteger(written: string): bigint | undefined {
  const match = /^(-?)(0[xX][0-9a-fA-F]+|[0-9]+)$/.exec(written);
  if (match === null) return undefined;
  const digits = match[2] ?? '0';
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = match[1] === '-' ? -magnitude : magnitude;
  return value >= INT64_MIN && (value < 0n || fits(value, UINT64)) ? value : undefined;
}
