/**
 * Constant expressions: how they are built and recognised. A literal integer stays sign-flexible (see `promote.ts`)
 * until it meets a type.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import { encodeText } from '../../text/bytes.ts';
import type { TypedExpression } from '../program.ts';
import { BOOL, literalType, stringType, UINT64 } from '../promote.ts';
import type { Type } from '../types.ts';

export function literal(value: bigint, span: Span): TypedExpression {
  return { kind: 'integer', value, type: literalType(value), span };
}

export function constant(value: bigint, type: Type, span: Span): TypedExpression {
  return { kind: 'integer', value, type, span };
}

export function uint64(value: bigint, span: Span): TypedExpression {
  return constant(value, UINT64, span);
}

export function boolean(value: boolean, span: Span): TypedExpression {
  return constant(value ? 1n : 0n, BOOL, span);
}

/** A string literal has exactly the room it needs. */
export function text(value: string, span: Span): TypedExpression {
  return {
    kind: 'string',
    value,
    type: stringType(encodeText(value).length + 1),
    span,
  };
}

/** constantInteger gives the value of an integer, bool or enum constant. */
export function constantInteger(expression: TypedExpression): bigint | undefined {
  if (expression.kind !== 'integer') return undefined;
  const { kind } = expression.type;
  return kind === 'integer' || kind === 'bool' || kind === 'enum' ? expression.value : undefined;
}

/** wrap brings a value into the range of an integer type, as a C cast does. */
export function wrap(value: bigint, type: { readonly bits: number; readonly isSigned: boolean }): bigint {
  return type.isSigned ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}
