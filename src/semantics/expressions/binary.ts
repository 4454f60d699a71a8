/**
 * Binary operators: which kinds go together, the sign rules of language.md §5, folding of literals.
 */

import type { Binary, BinaryOperator } from '../../language/ast.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import type { ArithmeticOperator, ComparisonOperator, TypedExpression } from '../program.ts';
import { BOOL, DIFFERENCE, flexibleLiteral, INT64, isDifference, joinTypes, sameType, UINT64 } from '../promote.ts';
import { typeName } from '../type-names.ts';
import type { Type } from '../types.ts';
import { checkValue } from './check.ts';
import { asCondition, castTo, isIntegral, isSignedType } from './coerce.ts';
import { boolean, constantInteger, literal, text } from './constants.ts';
import { foldIntegers } from './fold.ts';
import { addToPointer } from './pointers.ts';
import { compareProbe } from './probe-name.ts';

const ARITHMETIC: Partial<Record<BinaryOperator, ArithmeticOperator>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'remainder',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'shiftLeft',
  '>>': 'shiftRight',
};

const COMPARISON: Partial<Record<BinaryOperator, ComparisonOperator>> = {
  '==': 'equal',
  '!=': 'notEqual',
  '<': 'less',
  '<=': 'lessOrEqual',
  '>': 'greater',
  '>=': 'greaterOrEqual',
};

export function checkBinary(checker: Checker, node: Binary): TypedExpression {
  // Long chains such as `a + b + c …` nest to the left: walk down first, so that they do not exhaust the stack.
  const chain: Binary[] = [];
  let leftmost: Binary['left'] = node;
  while (leftmost.kind === 'Binary') {
    chain.push(leftmost);
    leftmost = leftmost.left;
  }
  let value = checkValue(checker, leftmost);
  for (let each = chain.pop(); each !== undefined; each = chain.pop())
    value = combine(checker, each, value, checkValue(checker, each.right));
  return value;
}

/** combine applies the operator of `node` to values already checked; compound assignments use it, too. */
export function combine(
  checker: Checker,
  node: Pick<Binary, 'operator' | 'span' | 'operatorSpan'>,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const { operator, span } = node;
  if (operator === '&&' || operator === '||') return checkLogical(checker, node, left, right);
  if (isPoison(left) || isPoison(right)) return guess(checker, left, right) ?? poison(span);
  const folded = fold(checker, node, left, right);
  if (folded !== undefined) return folded;
  const comparison = COMPARISON[operator];
  if (comparison !== undefined) return checkComparison(checker, node, comparison, left, right);
  return checkArithmetic(checker, node, left, right);
}

/** A map that is only ever changed in terms of itself takes the type of what is added. */
function guess(checker: Checker, left: TypedExpression, right: TypedExpression): TypedExpression | undefined {
  if (!checker.isGuessing) return undefined;
  const known = isPoison(left) ? right : left;
  if (!isIntegral(known.type)) return undefined;
  return { ...known, type: isUnsigned(known.type) ? UINT64 : INT64 };
}

function isUnsigned(type: Type): boolean {
  return flexibleLiteral(type) === undefined && !isSignedType(type);
}

function fold(
  checker: Checker,
  node: Pick<Binary, 'operator' | 'span'>,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression | undefined {
  const { operator, span } = node;
  if (left.kind === 'string') return foldString(node, left.value, right);
  const a = constantInteger(left);
  const b = constantInteger(right);
  if (a === undefined || b === undefined) return undefined;
  const result = foldIntegers(operator, a, b);
  if (typeof result === 'boolean') return boolean(result, span);
  if (result !== undefined) return literal(result, span);
  return checker.error('fold-overflow', 'unable to fold literals due to overflow or underflow', span);
}

function foldString(
  { operator, span }: Pick<Binary, 'operator' | 'span'>,
  left: string,
  right: TypedExpression,
): TypedExpression | undefined {
  const offset = constantInteger(right);
  if (offset !== undefined && operator === '+' && offset >= 0n) return text(left.slice(Number(offset)), span);
  if (right.kind !== 'string') return undefined;
  if (operator === '+') return text(left + right.value, span);
  const order = left < right.value ? -1n : left > right.value ? 1n : 0n;
  const result = foldIntegers(operator, order, 0n);
  return typeof result === 'boolean' ? boolean(result, span) : undefined;
}

function checkLogical(
  checker: Checker,
  { operator, span }: Pick<Binary, 'operator' | 'span'>,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const a = asCondition(checker, left, `'${operator}'`);
  const b = asCondition(checker, right, `'${operator}'`);
  if (isPoison(a) || isPoison(b)) return poison(span);
  if (a.kind === 'integer' && b.kind === 'integer')
    return boolean(operator === '&&' ? a.value !== 0n && b.value !== 0n : a.value !== 0n || b.value !== 0n, span);
  return {
    kind: 'logical',
    operator: operator === '&&' ? 'and' : 'or',
    left: a,
    right: b,
    type: BOOL,
    span,
  };
}

function checkComparison(
  checker: Checker,
  node: Pick<Binary, 'operator' | 'span' | 'operatorSpan'>,
  operator: ComparisonOperator,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const { span } = node;
  const build = (a: TypedExpression, b: TypedExpression): TypedExpression => ({
    kind: 'comparison',
    operator,
    left: a,
    right: b,
    type: BOOL,
    span,
  });
  if (isIntegral(left.type) && isIntegral(right.type)) {
    const type = commonInteger(left, right);
    return build(castTo(left, type), castTo(right, type));
  }
  if (isAddress(left.type) && isAddress(right.type)) return build(castTo(left, UINT64), castTo(right, UINT64));
  const isEquality = operator === 'equal' || operator === 'notEqual';
  if (isEquality) {
    const probe = compareProbe(checker, operator, left, right, span);
    if (probe !== undefined) return probe;
    if (left.type.kind === 'string' && right.type.kind === 'string') return build(left, right);
    if (
      left.type.kind === 'array' &&
      right.type.kind === 'array' &&
      left.type.length === right.type.length &&
      sameType(left.type.element, right.type.element)
    )
      return build(left, right);
    if (isComposite(left.type) && left.type.kind === right.type.kind) {
      const joined = joinTypes(left.type, right.type)?.type;
      if (joined !== undefined) return build(castTo(left, joined), castTo(right, joined));
    }
    if ((left.type.kind === 'mac' || left.type.kind === 'inet') && left.type.kind === right.type.kind)
      return build(left, right);
  }
  return mismatch(checker, node, left, right);
}

function isComposite(type: Type): boolean {
  return type.kind === 'tuple' || type.kind === 'record';
}

function isAddress(type: Type): boolean {
  return type.kind === 'pointer' || isIntegral(type);
}

/** The 64-bit type in which two integers meet: signed if either is, literals aside. */
export function commonInteger(left: TypedExpression, right: TypedExpression): Type {
  const isSigned =
    (isSignedType(left.type) && flexibleLiteral(left.type) === undefined) ||
    (isSignedType(right.type) && flexibleLiteral(right.type) === undefined);
  return isSigned ? INT64 : UINT64;
}

function mismatch(
  checker: Checker,
  { operator, span }: Pick<Binary, 'operator' | 'span'>,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const [a, b] = [typeName(left.type), typeName(right.type)];
  const isSameKind = left.type.kind === right.type.kind;
  const message =
    COMPARISON[operator] !== undefined && !isSameKind
      ? `Type mismatch for '${operator}': comparing ${a} with ${b}`
      : `The ${operator} operator can not be used on expressions of types ${a}, ${b}`;
  const hints: string[] = [];
  if (operator === '+' && isSameKind && left.type.kind === 'string')
    hints.push('str_concat(a, b) joins strings at run time');
  return checker.error('operand-types', message, span, { hints });
}

function checkArithmetic(
  checker: Checker,
  node: Pick<Binary, 'operator' | 'span' | 'operatorSpan'>,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const operator = ARITHMETIC[node.operator];
  if (operator === undefined) return poison(node.span);
  const pointer = pointerArithmetic(checker, node, left, right);
  if (pointer !== undefined) return pointer;
  if (!isIntegral(left.type) || !isIntegral(right.type)) return mismatch(checker, node, left, right);
  const isShift = operator === 'shiftLeft' || operator === 'shiftRight';
  const operands = isShift ? [left] : [left, right];
  const isOrdinary = operands.every((operand) => isHardlyNegative(operand.type));
  const type = resultType(operator, operands, isOrdinary);
  if ((operator === 'divide' || operator === 'remainder') && !isOrdinary)
    checker.warning(
      'signed-division',
      `signed operands for '${node.operator}' can lead to undefined behavior (cast to unsigned to silence warning)`,
      node.operatorSpan,
    );
  return {
    kind: 'arithmetic',
    operator,
    left: castTo(left, type),
    right: castTo(right, isShift ? UINT64 : type),
    type,
    span: node.span,
  };
}

/** Unsigned, a literal, or the difference of such: nobody needs a warning that these divide as unsigned numbers. */
function isHardlyNegative(type: Type): boolean {
  return flexibleLiteral(type) !== undefined || isDifference(type) || !isSignedType(type);
}

function resultType(operator: ArithmeticOperator, operands: readonly TypedExpression[], isOrdinary: boolean): Type {
  const [left, right = left] = operands;
  if (left === undefined || right === undefined) return INT64;
  if (operator === 'subtract') return isOrdinary ? DIFFERENCE : INT64;
  // A shifted literal keeps its own, signed type.
  if (operands.length === 1 && flexibleLiteral(left.type) !== undefined) return INT64;
  const common = commonInteger(left, right);
  return common === INT64 && isOrdinary ? DIFFERENCE : common;
}

function pointerArithmetic(
  checker: Checker,
  node: Pick<Binary, 'operator' | 'span'>,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression | undefined {
  const { operator, span } = node;
  if (operator !== '+' && operator !== '-') return undefined;
  if (left.type.kind === 'pointer' && isIntegral(right.type)) return addToPointer(left, right, operator === '-', span);
  if (operator === '+' && right.type.kind === 'pointer' && isIntegral(left.type))
    return addToPointer(right, left, false, span);
  if (left.type.kind === 'pointer' || right.type.kind === 'pointer')
    return checker.error(
      'pointer-arithmetic',
      `The ${operator} operator can not be used on expressions of types ${typeName(left.type)}, ${typeName(right.type)}`,
      span,
      { hints: ['cast pointers to uint64 to compute with addresses'] },
    );
  return undefined;
}
