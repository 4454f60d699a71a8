/**
 * Casts as the user writes them: `(type)e`.
 */

import type { Cast, TypeExpression } from '../../language/ast.ts';
import { encodeText } from '../../text/bytes.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import { sizeOf } from '../layout.ts';
import type { TypedExpression } from '../program.ts';
import { fits, flexibleLiteral, INT64, integerType, sameType, settle, UINT64 } from '../promote.ts';
import { resolveType } from '../type-expressions.ts';
import { typeName } from '../type-names.ts';
import type { ArrayType, Type } from '../types.ts';
import { checkExpression } from './check.ts';
import { castableInteger, castTo, isAggregate, isIntegral, readAggregate } from './coerce.ts';
import { argumentSpace } from './pointers.ts';

export function checkCast(checker: Checker, node: Cast): TypedExpression {
  const operand = checkExpression(checker, node.operand);
  const target = resolveType(checker, node.type, castSpace(checker, operand));
  if (isPoison(operand) || target.kind === 'none') return poison(node.span);
  const result = convert(checker, node, operand, target);
  return result.span === node.span || isPoison(result) ? result : { ...result, span: node.span };
}

/** A pointer keeps its address space through casts; a number gets the probe's. */
function castSpace(checker: Checker, operand: TypedExpression) {
  if (operand.type.kind !== 'pointer') return argumentSpace(checker);
  return operand.type.space === 'none' ? argumentSpace(checker) : operand.type.space;
}

function convert(checker: Checker, node: Cast, operand: TypedExpression, target: Type): TypedExpression {
  if (isAggregate(operand.type)) {
    if (castableInteger(operand.type) !== undefined && isIntegral(target))
      return castTo(readAggregate(operand), target);
    return refuse(checker, node, operand.type, target);
  }
  const source = settle(operand.type);
  if (sameType(source, target) && flexibleLiteral(operand.type) === undefined) {
    if (operand.kind !== 'integer')
      checker.warning(
        'unnecessary-cast',
        `Unnecessary cast: expression is already of type '${typeName(target)}'`,
        node.span,
      );
    return operand;
  }
  switch (target.kind) {
    case 'bool':
      if (isIntegral(source) || source.kind === 'pointer') return castTo(operand, target);
      break;
    case 'integer':
      return toInteger(checker, node, operand, target);
    case 'enum':
      return toEnum(checker, node, operand, target);
    case 'pointer':
      if (isIntegral(source) || source.kind === 'pointer') return castTo(operand, target);
      // An array decays: `(char *)array` is not an address the language has.
      break;
    case 'array':
      return toArray(checker, node, operand, target);
    case 'string':
      if (source.kind === 'string') return castTo(operand, target);
      break;
    case 'buffer':
      if (source.kind === 'buffer') return castTo(operand, target);
      break;
    case 'ksym':
    case 'usym':
      if (isIntegral(source))
        return {
          kind: 'call',
          name: target.kind,
          args: [castTo(operand, UINT64)],
          type: target,
          span: node.span,
        };
      break;
  }
  return refuse(checker, node, source, target);
}

function refuse(checker: Checker, node: Cast, source: Type, target: Type): TypedExpression {
  const isStruct = source.kind === 'struct';
  return checker.error('invalid-cast', `Cannot cast from "${typeName(source)}" to "${typeName(target)}"`, node.span, {
    hints: isStruct ? ['take a field of it, or cast the pointer to it'] : [],
  });
}

function toInteger(checker: Checker, node: Cast, operand: TypedExpression, target: Type): TypedExpression {
  const source = settle(operand.type);
  if (isIntegral(source)) return castTo(operand, target);
  if (source.kind === 'pointer')
    return sizeOf(target) === 8 ? castTo(operand, target) : castTo(castTo(operand, UINT64), target);
  if (source.kind === 'ksym' || source.kind === 'usym' || source.kind === 'username' || source.kind === 'timestamp')
    return castTo(castTo(operand, UINT64), target);
  if (source.kind === 'array' && isIntegral(source.element)) {
    if (sizeOf(source) === sizeOf(target)) return castTo(operand, target);
    return checker.error(
      'invalid-cast',
      `Cannot cast from "${typeName(source)}" to "${typeName(target)}": sizes differ (${sizeOf(source)} and ${sizeOf(target)} bytes)`,
      node.span,
    );
  }
  return refuse(checker, node, source, target);
}

function toEnum(
  checker: Checker,
  node: Cast,
  operand: TypedExpression,
  target: Type & { kind: 'enum' },
): TypedExpression {
  if (!isIntegral(operand.type)) return refuse(checker, node, operand.type, target);
  if (
    operand.kind === 'integer' &&
    flexibleLiteral(operand.type) !== undefined &&
    !target.values.some((each) => each.value === operand.value)
  )
    return checker.error(
      'invalid-enum-value',
      `Enum: ${target.name} doesn't contain value ${operand.value}`,
      node.span,
    );
  return castTo(operand, target);
}

/** Integers to arrays of integers of the same size, string literals to bytes; the length may be left out. */
function toArray(checker: Checker, node: Cast, operand: TypedExpression, target: ArrayType): TypedExpression {
  const elementSize = sizeOf(target.element);
  const source = operand.type;
  if (operand.kind === 'string' && elementSize === 1) {
    const bytes = encodeText(operand.value);
    const length = isOpenEnded(node.type) ? bytes.length + 1 : target.length;
    const value = new Uint8Array(length);
    value.set(bytes.subarray(0, length));
    if (bytes.length > length)
      return checker.error(
        'invalid-cast',
        `Cannot cast from "${typeName(source)}" to "${typeName(target)}": the text is longer`,
        node.span,
      );
    return { kind: 'bytes', value, type: { ...target, length }, span: node.span };
  }
  const wanted = isOpenEnded(node.type) ? 8 : target.length * elementSize;
  const value = flexibleLiteral(source) === undefined ? operand : castTo(operand, literalWidth(operand, wanted));
  const size = sizeOf(value.type);
  if ((!isIntegral(value.type) && value.type.kind !== 'array') || !isIntegral(target.element) || elementSize === 0)
    return refuse(checker, node, source, target);
  const length = isOpenEnded(node.type) ? size / elementSize : target.length;
  if (length * elementSize !== size || length === 0)
    return checker.error(
      'invalid-cast',
      `Cannot cast from "${typeName(source)}" to "${typeName(target)}": sizes differ (${size} and ${target.length * elementSize} bytes)`,
      node.span,
    );
  return castTo(value, { ...target, length });
}

function isOpenEnded(type: TypeExpression): boolean {
  return type.kind === 'ArrayType' && type.length === undefined;
}

/** A bare literal is as wide as the array that is made of it, if its value fits, and else 64 bits. */
function literalWidth(operand: TypedExpression, size: number): Type {
  const narrow = size === 1 || size === 2 || size === 4 ? integerType((size * 8) as 8 | 16 | 32, false) : undefined;
  if (narrow !== undefined && operand.kind === 'integer' && fits(operand.value, narrow)) return narrow;
  return operand.kind === 'integer' && !fits(operand.value, INT64) ? UINT64 : INT64;
}
