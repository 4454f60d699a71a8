/**
 * The entry to expressions: one function per node kind, by table. Every function gives a typed expression; what is
 * wrong is reported and replaced by poison, which nothing reports about again.
 */

import type { Expression, TypeExpression } from '../../language/ast.ts';
import { type Checker, poison } from '../checker.ts';
import { checkCall } from '../functions/check-call.ts';
import type { TypedExpression } from '../program.ts';
import { checkIndex, checkMember, checkTupleElement } from './access.ts';
import { checkAddressOf } from './address.ts';
import { checkBinary } from './binary.ts';
import { checkCast } from './casts.ts';
import { readAggregate } from './coerce.ts';
import { checkBlockExpression, checkIfExpression, checkTernary } from './conditional.ts';
import { boolean, literal, text } from './constants.ts';
import { checkIdentifier } from './identifiers.ts';
import { checkIncrement } from './increment.ts';
import { checkMapRead } from './maps.ts';
import { checkComptime, checkOffsetOf, checkSizeOf, checkTypeInfo } from './meta.ts';
import { checkParameterCount, checkPositional } from './parameters.ts';
import { checkRecord, checkTuple } from './tuples.ts';
import { checkUnary } from './unary.ts';
import { checkVariable } from './variables.ts';

type Checks = {
  readonly [K in Expression['kind']]: (
    checker: Checker,
    node: Extract<Expression, { readonly kind: K }>,
  ) => TypedExpression;
};

const CHECKS: Checks = {
  IntegerLiteral: (_, node) => literal(node.value, node.span),
  StringLiteral: (_, node) => text(node.value, node.span),
  BooleanLiteral: (_, node) => boolean(node.value, node.span),
  Variable: checkVariable,
  MapAccess: checkMapRead,
  Identifier: checkIdentifier,
  PositionalParameter: checkPositional,
  ParameterCount: checkParameterCount,
  Call: checkCall,
  Unary: checkUnary,
  IncrementDecrement: checkIncrement,
  Binary: checkBinary,
  Ternary: checkTernary,
  Cast: checkCast,
  Member: checkMember,
  TupleElement: checkTupleElement,
  Index: checkIndex,
  Tuple: checkTuple,
  Record: checkRecord,
  BlockExpression: checkBlockExpression,
  If: checkIfExpression,
  SizeOf: checkSizeOf,
  OffsetOf: checkOffsetOf,
  TypeOf: (checker, node) =>
    checker.error('type-as-value', 'typeof() can only be used where a type is expected', node.span),
  TypeInfo: checkTypeInfo,
  Comptime: checkComptime,
  AddressOf: checkAddressOf,
  ErrorNode: (_, node) => poison(node.span),
};

/** checkExpression gives the value of an expression; that of an aggregation keeps its aggregate type. */
export function checkExpression(checker: Checker, node: Expression): TypedExpression {
  const check = CHECKS[node.kind] as (checker: Checker, node: Expression) => TypedExpression;
  return check(checker, node);
}

/** checkValue gives the value of an expression; castable aggregations are read as integers. */
export function checkValue(checker: Checker, node: Expression): TypedExpression {
  return readAggregate(checkExpression(checker, node));
}

const TYPE_NODES: ReadonlySet<string> = new Set<TypeExpression['kind']>([
  'NamedType',
  'PointerType',
  'ArrayType',
  'TupleType',
  'RecordType',
  'TypeOf',
]);

/** isTypeExpression tells a type from an expression where both may stand. */
export function isTypeExpression(node: Expression | TypeExpression): node is TypeExpression {
  return TYPE_NODES.has(node.kind);
}
