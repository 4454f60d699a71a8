/**
 * Conversions between types, made explicit as `cast` nodes; constants and tuples under construction convert in place.
 */

import type { Checker } from '../checker.ts';
import { isPoison } from '../checker.ts';
import type { TypedExpression } from '../program.ts';
import { BOOL, INT64, sameType, settle, UINT64 } from '../promote.ts';
import { typeName } from '../type-names.ts';
import type { AggregateType, Type } from '../types.ts';
import { boolean, wrap } from './constants.ts';

const AGGREGATES: ReadonlySet<Type['kind']> = new Set([
  'count',
  'sum',
  'min',
  'max',
  'avg',
  'stats',
  'hist',
  'lhist',
  'tseries',
]);

export function isAggregate(type: Type): type is AggregateType {
  return AGGREGATES.has(type.kind);
}

/** castableInteger gives the integer type that an aggregation reads as; undefined for those that only print. */
export function castableInteger(type: Type): Type | undefined {
  switch (type.kind) {
    case 'count':
      return UINT64;
    case 'sum':
    case 'min':
    case 'max':
    case 'avg':
      return type.isSigned ? INT64 : UINT64;
    default:
      return undefined;
  }
}

/** readAggregate turns the value of a castable aggregation into its integer; others stay as they are. */
export function readAggregate(expression: TypedExpression): TypedExpression {
  const type = castableInteger(expression.type);
  return type === undefined ? expression : { ...expression, type };
}

/** castTo converts to a type that the expression's type is known to convert to. */
export function castTo(expression: TypedExpression, target: Type): TypedExpression {
  const type = settle(target);
  if (isPoison(expression) || type.kind === 'none') return expression;
  if (sameType(settle(expression.type), type)) {
    return expression.type === type ? expression : { ...expression, type };
  }
  const { span } = expression;
  switch (expression.kind) {
    case 'integer':
      if (type.kind === 'integer' || type.kind === 'enum')
        return { ...expression, type, value: wrap(expression.value, type) };
      if (type.kind === 'pointer') return { ...expression, type, value: BigInt.asUintN(64, expression.value) };
      if (type.kind === 'bool') return boolean(expression.value !== 0n, span);
      break;
    case 'string':
      if (type.kind === 'string') return { ...expression, type };
      break;
    case 'tuple': {
      const elements = matchElements(expression.type, type);
      if (elements === undefined) break;
      return {
        ...expression,
        type,
        elements: elements.map(({ from, to }) => castTo(expression.elements[from] ?? expression, to)),
      };
    }
  }
  return { kind: 'cast', operand: { ...expression, type: settle(expression.type) }, type, span };
}

/** Which element of a tuple or record becomes which; fields of records go by name. */
function matchElements(from: Type, to: Type): { readonly from: number; readonly to: Type }[] | undefined {
  if (from.kind === 'tuple' && to.kind === 'tuple')
    return to.elements.map((type, index) => ({ from: index, to: type }));
  if (from.kind !== 'record' || to.kind !== 'record') return undefined;
  return to.fields.map((field) => ({
    from: from.fields.findIndex((other) => other.name === field.name),
    to: field.type,
  }));
}

/** asCondition gives the truth of a value as a bool. */
export function asCondition(checker: Checker, expression: TypedExpression, place: string): TypedExpression {
  const value = readAggregate(expression);
  switch (value.type.kind) {
    case 'none':
    case 'bool':
      return value;
    case 'integer':
    case 'enum':
    case 'pointer':
      return castTo(value, BOOL);
    default:
      return checker.error(
        'invalid-condition',
        `Invalid condition in ${place}: ${typeName(value.type)}`,
        expression.span,
        {
          hints: conditionHints(value.type),
        },
      );
  }
}

function conditionHints(type: Type): readonly string[] {
  if (type.kind === 'string') return ['compare strings with ==, for example comm == "sh"'];
  // `(pid = 5)` is a record with one field.
  return type.kind === 'record' && type.fields.length === 1 ? ['`=` names the field of a record; `==` compares'] : [];
}

/** isIntegral says whether arithmetic takes the type as an integer. */
export function isIntegral(type: Type): boolean {
  return type.kind === 'integer' || type.kind === 'bool' || type.kind === 'enum';
}

/** isWord says whether a value of the type fits a register and converts to others that do. */
export function isWord(type: Type): boolean {
  return isIntegral(type) || type.kind === 'pointer';
}

/** isSigned of what arithmetic takes as an integer. */
export function isSignedType(type: Type): boolean {
  return (type.kind === 'integer' || type.kind === 'enum') && type.isSigned;
}
