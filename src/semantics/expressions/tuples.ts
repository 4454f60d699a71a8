/**
 * Tuples and records under construction.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Record as RecordNode, Tuple } from '../../language/ast.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import type { TypedExpression } from '../program.ts';
import { typeName } from '../type-names.ts';
import type { Type } from '../types.ts';
import { checkValue } from './check.ts';
import { isAggregate } from './coerce.ts';

/** A tuple of tuples of tuples doubles fast. */
const MOST_ELEMENTS = 10_000;
const counts = new WeakMap<Type, number>();

function countElements(type: Type): number {
  if (type.kind !== 'tuple' && type.kind !== 'record') return 1;
  const known = counts.get(type);
  if (known !== undefined) return known;
  const types = type.kind === 'tuple' ? type.elements : type.fields.map((field) => field.type);
  const count = types.reduce((sum, each) => sum + countElements(each), 0);
  counts.set(type, count);
  return count;
}

function isTooLarge(checker: Checker, elements: readonly TypedExpression[], span: Span): boolean {
  const count = elements.reduce((sum, element) => sum + countElements(element.type), 0);
  if (count <= MOST_ELEMENTS) return false;
  checker.error('tuple-size', `A tuple of ${count} values is more than a program can hold`, span);
  return true;
}

export function checkTuple(checker: Checker, node: Tuple): TypedExpression {
  const elements = node.elements.map((element) => checkElement(checker, checkValue(checker, element)));
  if (elements.some(isPoison) || isTooLarge(checker, elements, node.span)) return poison(node.span);
  return {
    kind: 'tuple',
    elements,
    type: { kind: 'tuple', elements: elements.map((element) => element.type) },
    span: node.span,
  };
}

export function checkRecord(checker: Checker, node: RecordNode): TypedExpression {
  const seen = new Set<string>();
  for (const field of node.fields) {
    if (seen.has(field.name)) checker.error('duplicate-field', `Duplicate field name: ${field.name}`, field.span);
    seen.add(field.name);
  }
  const elements = node.fields.map((field) => checkElement(checker, checkValue(checker, field.value)));
  if (elements.some(isPoison) || isTooLarge(checker, elements, node.span)) return poison(node.span);
  return {
    kind: 'tuple',
    elements,
    type: {
      kind: 'record',
      fields: node.fields.map((field, index) => ({
        name: field.name,
        type: elements[index]?.type ?? { kind: 'none' },
      })),
    },
    span: node.span,
  };
}

function checkElement(checker: Checker, element: TypedExpression): TypedExpression {
  if (isAggregate(element.type) || element.type.kind === 'void') return notAnElement(checker, element, element.span);
  return element;
}

function notAnElement(checker: Checker, element: TypedExpression, span: Span): TypedExpression {
  return checker.error(
    'invalid-element',
    `Value of type '${typeName(element.type)}' cannot be used inside a tuple`,
    span,
  );
}
