/**
 * Scratch variables: reading, declaring, assigning.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Variable } from '../../language/ast.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import type { TypedExpression, TypedStatement } from '../program.ts';
import { fits, flexibleLiteral, INT64 } from '../promote.ts';
import type { VariableInfo } from '../symbols.ts';
import { typeName } from '../type-names.ts';
import type { Type } from '../types.ts';
import { castTo, isAggregate, readAggregate } from './coerce.ts';

/** findVariable resolves a name, hoisting it where old scripts rely on one scope per probe. */
export function findVariable(checker: Checker, name: string): VariableInfo | undefined {
  const store = checker.variables;
  const found = store?.find(name);
  if (found !== undefined || store === undefined) return found;
  if (store.canHoist(name) && !store.hoisted.has(name)) {
    store.hoisted.add(name);
    checker.symbols.hasChanged = true;
  }
  return undefined;
}

/** undefinedVariable reports a name that nothing declares. */
export function undefinedVariable(checker: Checker, name: string, span: Span): TypedExpression {
  const isSkipped = checker.options.isIncomplete === true;
  if (isSkipped || (checker.variables?.hoisted.has(name) && checker.symbols.hasChanged)) return poison(span);
  return checker.error('undefined-variable', `Undefined or undeclared variable: ${name}`, span, {
    hints: didYouMean(name, checker.variables?.names() ?? []),
  });
}

export function checkVariable(checker: Checker, node: Variable): TypedExpression {
  const variable = findVariable(checker, node.name);
  if (variable === undefined) return undefinedVariable(checker, node.name, node.span);
  if (!variable.isAssigned && !variable.isUsedEarly) {
    variable.isUsedEarly = true;
    // In a loop the assignment may come first in time.
    if (checker.loopDepth === 0)
      checker.warning('used-before-assigned', `Variable used before it was assigned: ${node.name}`, node.span);
  }
  // Declared and never assigned: a zero of no particular type.
  if (variable.cell.type.kind === 'none' && !variable.isAssigned) {
    if (checker.isGuessing) checker.symbols.grow(variable.cell, INT64);
    else checker.symbols.hasOpenVariable = true;
  }
  const slot = checker.symbols.slot(variable);
  return { kind: 'variable', variable: slot, type: slot.type, span: node.span };
}

/** assignVariable joins the value's type into the variable's and gives the statement. */
export function assignVariable(
  checker: Checker,
  variable: VariableInfo,
  value: TypedExpression,
  span: Span,
): TypedStatement {
  const converted = readAggregate(value);
  variable.isAssigned = true;
  if (!isPoison(converted)) {
    const problem = notStorable(converted.type);
    if (problem !== undefined)
      checker.error('not-storable', `${problem} a variable: ${variable.name}`, span, { hints: valueHints(converted) });
    else growVariable(checker, variable, converted, span);
  }
  const slot = checker.symbols.slot(variable);
  return {
    kind: 'assignVariable',
    variable: slot,
    value: castTo(converted, slot.type),
    span,
  };
}

/** valueHints tells of the semicolon too many in `{ 5; }`. */
export function valueHints(value: TypedExpression): readonly string[] {
  const { source, end } = value.span;
  return value.type.kind === 'void' && source.text[end - 1] === '}'
    ? ['the value of a block is its last expression, without `;` behind it']
    : [];
}

/** Why a value of the type can be kept in neither variable nor map. */
export function notStorable(type: Type): string | undefined {
  if (isAggregate(type)) return `Value of type '${typeName(type)}' cannot be stored in`;
  if (type.kind === 'void') return 'An expression without a value cannot be assigned to';
  return undefined;
}

function growVariable(checker: Checker, variable: VariableInfo, value: TypedExpression, span: Span): void {
  const { cell, name } = variable;
  if (cell.isFixed && checkFixed(checker, variable, value, span)) return;
  switch (checker.symbols.grow(cell, value.type)) {
    case 'ok':
      break;
    case 'mismatch':
      checker.error(
        'type-mismatch',
        `Type mismatch for ${name}: trying to assign value of type '${typeName(value.type)}' when variable already has a type '${typeName(cell.seen)}'`,
        span,
      );
      break;
    case 'sign-mismatch':
      checker.warning(
        'sign-mismatch',
        `Sign mismatch for ${name}: '${typeName(value.type)}' and '${typeName(cell.seen)}' are both kept as 'int64'`,
        span,
      );
  }
}

/** Declared integers: a literal must fit, anything else may be cut off, with a warning. True if settled here. */
function checkFixed(checker: Checker, { cell, name }: VariableInfo, value: TypedExpression, span: Span): boolean {
  const declared = cell.type;
  if (declared.kind === 'integer' && value.type.kind === 'integer') {
    if (value.kind === 'integer') {
      if (fits(value.value, declared)) return true;
      checker.error(
        'integer-overflow',
        `Type mismatch for ${name}: trying to assign value '${value.value}' which does not fit into the variable of type '${typeName(declared)}'`,
        span,
      );
      return true;
    }
    if (flexibleLiteral(value.type) === undefined && value.type.bits > declared.bits)
      checker.warning(
        'integer-narrowing',
        `Integer size mismatch. Assignment type '${typeName(value.type)}' is larger than the variable type '${typeName(declared)}'.`,
        span,
      );
    return true;
  }
  if (
    (declared.kind === 'string' || declared.kind === 'buffer') &&
    value.type.kind === declared.kind &&
    value.type.capacity > declared.capacity
  ) {
    checker.error(
      'type-mismatch',
      `Type mismatch for ${name}: trying to assign value of type '${typeName(value.type)}' when variable already has a type '${typeName(declared)}'`,
      span,
    );
    return true;
  }
  return false;
}
