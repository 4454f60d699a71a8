/**
 * Unary operators: `!`, `~`, `-` and `*`.
 */

import type { Expression, Unary } from '../../language/ast.ts';
import { type Checker, isPoison } from '../checker.ts';
import type { TypedExpression } from '../program.ts';
import { BOOL, flexibleLiteral, INT64, INT64_MIN, settle, UINT64 } from '../promote.ts';
import { typeName } from '../type-names.ts';
import type { Type } from '../types.ts';
import { isArgsNode } from './args.ts';
import { checkExpression, checkValue } from './check.ts';
import { asCondition, isIntegral, isSignedType } from './coerce.ts';
import { boolean, constant, constantInteger, literal, uint64, wrap } from './constants.ts';
import { dereference } from './pointers.ts';

export function checkUnary(checker: Checker, node: Unary): TypedExpression {
  // `*args` of old scripts is `args`.
  if (node.operator === '*' && isArgsNode(node.operand)) return checkExpression(checker, node.operand);
  const operand = checkValue(checker, node.operand);
  if (isPoison(operand)) return operand;
  switch (node.operator) {
    case '*':
      return dereference(checker, operand, node.span);
    case '!':
      return checkNot(checker, node, operand);
    default:
      return checkSign(checker, node, node.operator, operand);
  }
}

function checkNot(checker: Checker, node: Unary, operand: TypedExpression): TypedExpression {
  const condition = asCondition(checker, operand, "'!'");
  if (isPoison(condition)) return condition;
  if (condition.kind === 'integer') return boolean(condition.value === 0n, node.span);
  return { kind: 'not', operand: condition, type: BOOL, span: node.span };
}

function checkSign(checker: Checker, node: Unary, operator: '-' | '~', operand: TypedExpression): TypedExpression {
  const { span } = node;
  if (!isIntegral(operand.type))
    return checker.error(
      'operand-types',
      `The ${operator} operator can not be used on expressions of type '${typeName(operand.type)}'`,
      span,
    );
  const type = isSignedType(settle(operand.type)) ? INT64 : UINT64;
  const value = constantInteger(operand);
  if (value === undefined) return { kind: operator === '-' ? 'negate' : 'complement', operand, type, span };
  if (!isLiteral(node.operand) && flexibleLiteral(operand.type) === undefined)
    return constant(atWidthOf(operand.type, operator === '-' ? -value : ~value), type, span);
  if (operator === '~') return uint64(BigInt.asUintN(64, ~value), span);
  if (-value >= INT64_MIN) return literal(-value, span);
  return checker.error('fold-overflow', 'unable to fold literals due to overflow or underflow', span);
}

/** Literals fold without a width of their own; a constant that was given a type folds as it would run (§5). */
function isLiteral(node: Expression): boolean {
  switch (node.kind) {
    case 'IntegerLiteral':
    case 'PositionalParameter':
    case 'ParameterCount':
      return true;
    case 'Identifier':
      // Of an enum: other names are no constants, or were replaced by the literal that they stand for.
      return true;
    case 'Unary':
      return isLiteral(node.operand);
    case 'Binary':
      return isLiteral(node.left) && isLiteral(node.right);
    default:
      return false;
  }
}

function atWidthOf(type: Type, value: bigint): bigint {
  return type.kind === 'integer' || type.kind === 'enum' ? wrap(value, type) : BigInt.asUintN(8, value);
}
