/**
 * `++` and `--` on variables and maps. The value becomes 64 bits wide; `--` makes it signed, `++` keeps the sign.
 */

import type { IncrementDecrement } from '../../language/ast.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import type { TypedExpression } from '../program.ts';
import { flexibleLiteral, INT64, settle, UINT64 } from '../promote.ts';
import { typeName } from '../type-names.ts';
import type { Type } from '../types.ts';
import { isSignedType } from './coerce.ts';
import { checkKey, growMapValue, mentionMap } from './maps.ts';
import { stepOf } from './pointers.ts';
import { findVariable, undefinedVariable } from './variables.ts';

export function checkIncrement(checker: Checker, node: IncrementDecrement): TypedExpression {
  const { operand, span } = node;
  if (operand.kind === 'Variable') {
    const variable = findVariable(checker, operand.name);
    if (variable === undefined) return undefinedVariable(checker, operand.name, operand.span);
    variable.isAssigned = true;
    const result = resultType(checker, node, variable.cell.type);
    if (result === undefined) return poison(span);
    if (!variable.cell.isFixed) checker.symbols.grow(variable.cell, result);
    const slot = checker.symbols.slot(variable);
    return build(node, { variable: slot }, slot.type);
  }
  if (operand.kind !== 'MapAccess')
    return checker.error(
      'invalid-increment',
      `The ${node.operator} operator must be applied to a map or variable`,
      span,
    );
  const map = mentionMap(checker, operand);
  const key = checkKey(checker, map, operand);
  if (key !== undefined && isPoison(key)) return key;
  if (map.value.type.kind === 'none') {
    // Nothing else says what the map holds: a signed counter.
    if (!checker.isGuessing) {
      map.isCounter = true;
      return poison(span);
    }
    growMapValue(checker, map, INT64, span);
  }
  const result = resultType(checker, node, map.value.type);
  if (result === undefined) return poison(span);
  growMapValue(checker, map, result, span);
  const symbol = checker.symbols.mapSymbol(map);
  return build(node, { map: symbol, ...(key && { key }) }, symbol.valueType);
}

function build(
  node: IncrementDecrement,
  target: Extract<TypedExpression, { kind: 'increment' }>['target'],
  type: Type,
): TypedExpression {
  const step = stepOf(type);
  return {
    kind: 'increment',
    target,
    step: node.operator === '++' ? step : -step,
    isPrefix: node.isPrefix,
    type,
    span: node.span,
  };
}

function resultType(checker: Checker, node: IncrementDecrement, type: Type): Type | undefined {
  if (type.kind === 'none') return undefined;
  if (type.kind === 'pointer') return type;
  if (type.kind !== 'integer') {
    checker.error(
      'invalid-increment',
      `The ${node.operator} operator can not be used on expressions of type '${typeName(type)}'`,
      node.span,
    );
    return undefined;
  }
  if (node.operator === '--' || flexibleLiteral(type) !== undefined) return INT64;
  return isSignedType(settle(type)) ? INT64 : UINT64;
}
