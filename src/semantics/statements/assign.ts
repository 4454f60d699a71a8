/**
 * `let`, `=` and the compound assignments.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type {
  Assignment,
  BinaryOperator,
  Expression,
  Let,
  MapAccess,
  TypeExpression,
  Variable,
} from '../../language/ast.ts';
import { AGGREGATIONS, checkAggregation } from '../aggregations.ts';
import { BUILTINS } from '../builtins.ts';
import { type Checker, isPoison } from '../checker.ts';
import { combine } from '../expressions/binary.ts';
import { checkExpression, checkValue } from '../expressions/check.ts';
import { readAggregate } from '../expressions/coerce.ts';
import { assignMap, checkMapRead } from '../expressions/maps.ts';
import { assignVariable, checkVariable } from '../expressions/variables.ts';
import type { TypedExpression, TypedStatement } from '../program.ts';
import { NONE } from '../promote.ts';
import { resolveType } from '../type-expressions.ts';
import type { Type } from '../types.ts';

export function checkLet(checker: Checker, node: Let): readonly TypedStatement[] {
  const value = node.value === undefined ? undefined : checkExpression(checker, node.value);
  const { name, span } = node.variable;
  const outer = checker.variables?.find(name);
  if (outer !== undefined) {
    checker.error(
      'variable-shadowing',
      `Variable ${name} was already declared. Variable shadowing is not allowed.`,
      span,
      { notes: [{ message: 'This is the initial declaration.', span: outer.span }] },
    );
    return [];
  }
  const variable = checker.variables?.declare(node, name, span, { isExplicit: true });
  if (variable === undefined) return [];
  if (node.type !== undefined) {
    const type = variableType(checker, node.type);
    if (type.kind !== 'none' && variable.cell.type.kind === 'none') {
      variable.cell.type = type;
      checker.symbols.hasChanged = true;
    }
    variable.cell.isFixed = true;
  }
  if (value !== undefined) return [assignVariable(checker, variable, value, node.span)];
  // Every run of the block starts from zero, also in a loop.
  const slot = checker.symbols.slot(variable);
  return slot.type.kind === 'none' ? [] : [{ kind: 'declareVariable', variable: slot, span: node.span }];
}

function variableType(checker: Checker, node: TypeExpression): Type {
  const type = resolveType(checker, node);
  if (type.kind !== 'void') return type;
  checker.error('not-storable', 'A variable cannot have the type void', node.span);
  return NONE;
}

export function checkAssignment(checker: Checker, node: Assignment): readonly TypedStatement[] {
  const { target } = node;
  switch (target.kind) {
    case 'Variable':
      return checkVariableAssignment(checker, node, target);
    case 'MapAccess':
      return checkMapAssignment(checker, node, target);
    default:
      return refuseTarget(checker, node);
  }
}

function refuseTarget(checker: Checker, { target, value }: Assignment): readonly TypedStatement[] {
  checkValue(checker, value);
  if (target.kind === 'ErrorNode') return [];
  const meant = meantMap(checker, target);
  if (meant !== undefined) {
    checker.error('invalid-target', 'Only variables and maps can be assigned to', target.span, { hints: [meant] });
    return [];
  }
  if (target.kind === 'Member' || target.kind === 'TupleElement' || target.kind === 'Index') {
    const object = checkValue(checker, target.object);
    if (isPoison(object)) return [];
    const isTuple = object.type.kind === 'tuple' || object.type.kind === 'record';
    if (isTuple)
      checker.error(
        'immutable-tuple',
        'Tuples and records are immutable once created. Consider creating a new tuple or record and assigning it instead.',
        target.span,
      );
    else
      checker.error(
        'invalid-target',
        target.kind === 'Index' ? 'Array elements cannot be assigned to' : 'Fields of structs cannot be assigned to',
        target.span,
      );
    return [];
  }
  checker.error('invalid-target', 'Only variables and maps can be assigned to', target.span, {
    hints: target.kind === 'Identifier' ? [`scratch variables are written $${target.name}`] : [],
  });
  return [];
}

/** `x[key] = …` and `@x[one][other] = …`, as they would be written here. */
function meantMap(checker: Checker, target: Expression): string | undefined {
  if (target.kind !== 'Index') return undefined;
  const { object, index } = target;
  const text = ({ start, end, source }: Span) => source.text.slice(start, end);
  if (object.kind === 'Identifier' && !BUILTINS.has(object.name))
    return `maps are written @${object.name}[${text(index.span)}]`;
  const keys = object.kind === 'MapAccess' ? object.keys : undefined;
  const isKnown =
    object.kind === 'MapAccess' && (checker.symbols.maps.get(object.name)?.value.type.kind ?? 'none') !== 'none';
  if (object.kind !== 'MapAccess' || keys === undefined || isKnown) return undefined;
  return `several keys stand together: ${object.name}[${[...keys, index].map((key) => text(key.span)).join(', ')}]`;
}

function checkVariableAssignment(checker: Checker, node: Assignment, target: Variable): readonly TypedStatement[] {
  const value = assignedValue(checker, node, () => checkVariable(checker, target));
  // A block of its own may use the name of another: only reading asks for the other's.
  let variable = checker.variables?.find(target.name);
  if (variable === undefined) {
    if (node.operator !== '=') return [];
    variable = checker.variables?.declare(node, target.name, target.span, {});
  }
  if (variable === undefined) return [];
  return [assignVariable(checker, variable, value, node.span)];
}

function checkMapAssignment(checker: Checker, node: Assignment, target: MapAccess): readonly TypedStatement[] {
  const { value } = node;
  if (node.operator === '=') {
    const name = value.kind === 'Call' || value.kind === 'Identifier' ? value.name : undefined;
    // Old scripts write `@ = count;` now and then; so do people.
    const row = name === undefined ? undefined : AGGREGATIONS.get(name);
    if (row !== undefined && (value.kind === 'Call' || value.kind === 'Identifier'))
      return checkAggregation(checker, row, target, value, node.span);
  }
  const assigned = assignedValue(checker, node, () => readAggregate(checkMapRead(checker, target)));
  return [assignMap(checker, target, assigned, node.span)];
}

/** The value of `x op= e` is `x op e`. */
function assignedValue(checker: Checker, node: Assignment, readTarget: () => TypedExpression): TypedExpression {
  if (node.operator === '=') return checkExpression(checker, node.value);
  const right = checkValue(checker, node.value);
  const left = readTarget();
  const operator = node.operator.slice(0, -1) as BinaryOperator;
  if (isPoison(right)) return right;
  return combine(checker, { operator, span: node.span, operatorSpan: node.span }, left, right);
}
