/**
 * Pointers: scaled arithmetic, following, the size of what they point to.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import { type Checker, isPoison } from '../checker.ts';
import { sizeOf } from '../layout.ts';
import type { TypedExpression } from '../program.ts';
import { INT64, settle, UINT64 } from '../promote.ts';
import { typeName } from '../type-names.ts';
import { pointerTo } from '../type-source.ts';
import type { AddressSpace, Type } from '../types.ts';
import { castTo, isIntegral, isSignedType } from './coerce.ts';
import { constant, constantInteger } from './constants.ts';

/** stepOf is by how many bytes a pointer moves per unit; a pointer to void moves by one. */
export function stepOf(type: Type): bigint {
  if (type.kind !== 'pointer') return 1n;
  return BigInt(Math.max(1, sizeOf(type.target)));
}

/** addToPointer moves a pointer by a number of elements. */
export function addToPointer(
  pointer: TypedExpression,
  count: TypedExpression,
  isNegative: boolean,
  span: Span,
): TypedExpression {
  const step = stepOf(pointer.type);
  const wide = isSignedType(settle(count.type)) ? INT64 : UINT64;
  const known = constantInteger(count);
  const offset: TypedExpression =
    known !== undefined
      ? constant(BigInt.asUintN(64, known * step), UINT64, count.span)
      : castTo(
          step === 1n
            ? castTo(count, wide)
            : {
                kind: 'arithmetic',
                operator: 'multiply',
                left: castTo(count, wide),
                right: constant(step, wide, count.span),
                type: wide,
                span: count.span,
              },
          UINT64,
        );
  return castTo(
    {
      kind: 'arithmetic',
      operator: isNegative ? 'subtract' : 'add',
      left: castTo(pointer, UINT64),
      right: offset,
      type: UINT64,
      span,
    },
    pointer.type,
  );
}

/** argumentSpace is the address space of plain numbers used as addresses in the probe at hand. */
export function argumentSpace(checker: Checker): AddressSpace {
  return checker.probe?.argumentSpace ?? 'kernel';
}

/** dereference reads what a pointer points to; an integer is taken as the address of a uint64. */
export function dereference(checker: Checker, operand: TypedExpression, span: Span): TypedExpression {
  if (isPoison(operand)) return operand;
  const { type } = operand;
  if (isIntegral(type) && type.kind === 'integer')
    return {
      kind: 'dereference',
      pointer: castTo(operand, pointerTo(UINT64, argumentSpace(checker))),
      type: UINT64,
      span,
    };
  if (type.kind !== 'pointer')
    return checker.error(
      'not-a-pointer',
      `Can not dereference value of type '${typeName(type)}' (not a pointer)`,
      span,
    );
  if (type.target.kind === 'void')
    return checker.error('void-pointer', 'Can not dereference a pointer to void', span, {
      hints: ['cast it to the type it points to, for example *(uint64 *)p'],
    });
  return { kind: 'dereference', pointer: operand, type: type.target, span };
}
