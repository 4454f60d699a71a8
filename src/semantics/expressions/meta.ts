/**
 * Questions about types answered while compiling: sizeof, offsetof, typeinfo, comptime.
 */

import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Comptime, Expression, OffsetOf, SizeOf, TypeInfo } from '../../language/ast.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import { sizeOf } from '../layout.ts';
import type { TypedExpression } from '../program.ts';
import { NONE, sameType } from '../promote.ts';
import { typeOf } from '../type-expressions.ts';
import { typeName } from '../type-names.ts';
import type { Type } from '../types.ts';
import { findMember, memberNames } from './access.ts';
import { checkExpression, checkValue } from './check.ts';
import { constantInteger, text, uint64 } from './constants.ts';

export function checkSizeOf(checker: Checker, node: SizeOf): TypedExpression {
  const type = typeOf(checker, node.operand);
  return type.kind === 'none' ? poison(node.span) : uint64(BigInt(sizeOf(type)), node.span);
}

export function checkOffsetOf(checker: Checker, node: OffsetOf): TypedExpression {
  let type = typeOf(checker, node.operand);
  if (type.kind === 'pointer') type = type.target;
  let bits = 0;
  for (const step of node.path) {
    if (type.kind === 'none') return poison(node.span);
    if (typeof step !== 'string') {
      const moved = indexOffset(checker, node, type, step);
      if (moved === undefined) return poison(node.span);
      bits += moved.bits;
      type = moved.type;
      continue;
    }
    if (type.kind !== 'struct')
      return checker.error(
        'not-a-struct',
        `'${typeName(type)}' is not a struct type and has no field '${step}'`,
        node.span,
      );
    const found = findMember(checker, type.composite, step);
    if (found === undefined)
      return checker.error(
        'no-such-field',
        `Struct/union of type '${typeName(type)}' does not contain a field named '${step}'`,
        node.span,
        { hints: didYouMean(step, memberNames(checker, type.composite)) },
      );
    bits += found.bitOffset;
    type = checker.types.fromC(found.member.type, 'kernel');
  }
  return uint64(BigInt(Math.floor(bits / 8)), node.span);
}

function indexOffset(
  checker: Checker,
  node: OffsetOf,
  type: Type,
  step: Expression,
): { bits: number; type: Type } | undefined {
  const index = constantInteger(checkValue(checker, step));
  const element =
    type.kind === 'array'
      ? type.element
      : type.kind === 'string'
        ? ({ kind: 'integer', bits: 8, isSigned: true } as const)
        : undefined;
  if (element === undefined || index === undefined) {
    checker.error('invalid-offset', 'offsetof() takes fields and literal indices', node.span);
    return undefined;
  }
  return { bits: sizeOf(element) * Number(index) * 8, type: element };
}

export function checkComptime(checker: Checker, node: Comptime): TypedExpression {
  const value = checkExpression(checker, node.operand);
  if (isPoison(value) || isConstant(value)) return value;
  return checker.error('not-constant', 'Unable to resolve comptime expression', node.span);
}

function isConstant(value: TypedExpression): boolean {
  switch (value.kind) {
    case 'integer':
    case 'string':
    case 'bytes':
      return true;
    case 'tuple':
      return value.elements.every(isConstant);
    default:
      return false;
  }
}

/** `typeinfo(x)`: a record of constants; the id is 0 where BTF has no type of that name. */
export function checkTypeInfo(checker: Checker, node: TypeInfo): TypedExpression {
  const { span } = node;
  const mode = checker.config.unstable.get('unstable_typeinfo');
  if (mode === 'error')
    return checker.error('unstable-feature', 'typeinfo() is an unstable feature that is turned off', span, {
      hints: ["set the 'unstable_typeinfo' config variable to 'enable'"],
    });
  const type = typeOf(checker, node.operand);
  if (sameType(type, NONE)) return poison(span);
  const elements = [
    uint64(BigInt(type.kind === 'struct' ? checker.types.compositeId(type.composite) : 0), span),
    text(type.kind === 'integer' ? 'int' : type.kind, span),
    text(typeName(type), span),
  ];
  return {
    kind: 'tuple',
    elements,
    type: {
      kind: 'record',
      fields: ['btf_id', 'base_type', 'full_type'].map((name, index) => ({
        name,
        type: elements[index]?.type ?? NONE,
      })),
    },
    span,
  };
}
