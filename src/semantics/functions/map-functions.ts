/**
 * Functions on maps: delete, has_key, find, len, clear, zero.
 */

import type { Expression, MapAccess } from '../../language/ast.ts';
import type { Checker } from '../checker.ts';
import { checkValue } from '../expressions/check.ts';
import { castableInteger, isAggregate } from '../expressions/coerce.ts';
import { checkKey, convertKey, mentionMap, undefinedMap } from '../expressions/maps.ts';
import type { TypedExpression, TypedStatement } from '../program.ts';
import { BOOL, INT64, settle } from '../promote.ts';
import type { MapInfo } from '../symbols.ts';
import { typeName } from '../type-names.ts';
import type { FunctionCall } from './call.ts';
import type { FunctionRow } from './table.ts';

export const MAP_FUNCTIONS: readonly FunctionRow[] = [
  { name: 'delete', min: 1, max: Number.POSITIVE_INFINITY, check: checkDelete },
  { name: 'has_key', min: 2, max: 2, check: checkHasKey },
  { name: 'find', min: 3, max: 3, check: checkFind },
  { name: 'len', min: 1, max: 1, check: checkLength },
  { name: 'clear', min: 1, max: 1, check: (call) => checkWhole(call, 'clear') },
  { name: 'zero', min: 1, max: 1, check: (call) => checkWhole(call, 'zero') },
];

/** isMapRemoval recognises the old `delete(@m[k])`, whose result nobody expected. */
export function isMapRemoval(node: Expression): boolean {
  if (node.kind !== 'Call' || node.name !== 'delete') return false;
  const [first] = node.args;
  return first?.kind === 'MapAccess' && (first.keys !== undefined || node.args.length === 1);
}

/** referToMap resolves a map named as a whole; undefined after a reported error. */
export function referToMap(checker: Checker, node: MapAccess): MapInfo | undefined {
  const map = checker.symbols.map(node.name, node.nameSpan);
  if (map.value.type.kind !== 'none') return map;
  undefinedMap(checker, map.name, node.span);
  return undefined;
}

function refuseScalar(call: FunctionCall, map: MapInfo): TypedExpression | undefined {
  if (map.isScalar !== true) return undefined;
  return call.error(
    'scalar-map',
    `${call.name}() expects a map with explicit keys (non-scalar map): ${map.name} is a scalar map`,
    0,
  );
}

function checkDelete(call: FunctionCall): TypedExpression {
  const { checker } = call;
  const first = call.node(0);
  if (first?.kind !== 'MapAccess') {
    call.map(0);
    return call.poison();
  }
  if (first.keys !== undefined) return deleteOld(call);
  if (call.count > 2)
    return call.error('argument-count', `delete() takes up to 2 arguments (${call.count} provided)`, undefined, [
      'several keys are one tuple: delete(@map, (a, b))',
    ]);
  const key = call.node(1);
  const map = referToMap(checker, first);
  if (map === undefined) return call.poison();
  if (key !== undefined) return keyed(call, map, key, 'delete');
  if (map.isScalar === false)
    return call.error('map-usage', `call to delete() expects a key for map ${map.name} (non-scalar map)`, 0, [
      `delete(${map.name}, key) removes one element, clear(${map.name}) all of them`,
    ]);
  checker.symbols.claimKeys(map, true);
  return call.operation('delete', BOOL, [], { map: checker.symbols.mapSymbol(map) });
}

/** `delete(@m[k])`, and several at once. */
function deleteOld(call: FunctionCall): TypedExpression {
  const operations: TypedExpression[] = [];
  for (const [index, node] of call.nodes.entries()) {
    if (node.kind !== 'MapAccess' || node.keys === undefined)
      return call.error('not-a-map', 'delete() expects a map element, such as @x[key]', index);
    const map = mentionMap(call.checker, node);
    const key = checkKey(call.checker, map, node);
    if (map.value.type.kind === 'none') return undefinedMap(call.checker, map.name, node.span);
    const symbol = call.checker.symbols.mapSymbol(map);
    operations.push(call.operation('delete', BOOL, key === undefined ? [] : [key], { map: symbol }));
  }
  const [only] = operations;
  if (operations.length === 1 && only !== undefined) return only;
  if (operations.some((operation) => operation.type.kind === 'none')) return call.poison();
  return call.effect(
    ...operations.map((expression): TypedStatement => ({ kind: 'expression', expression, span: call.span })),
  );
}

function keyed(call: FunctionCall, map: MapInfo, keyNode: Expression, name: 'delete' | 'has_key'): TypedExpression {
  const refused = refuseScalar(call, map);
  if (refused !== undefined) return refused;
  const key = convertKey(call.checker, map, checkValue(call.checker, keyNode));
  return call.operation(name, BOOL, [key], { map: call.checker.symbols.mapSymbol(map) });
}

function checkHasKey(call: FunctionCall): TypedExpression {
  const node = call.map(0);
  const key = call.node(1);
  const map = node && referToMap(call.checker, node);
  if (map === undefined || key === undefined) return call.poison();
  return keyed(call, map, key, 'has_key');
}

function checkFind(call: FunctionCall): TypedExpression {
  const { checker } = call;
  const node = call.map(0);
  const key = call.node(1);
  const target = call.node(2);
  const map = node && referToMap(checker, node);
  if (map === undefined || key === undefined) return call.poison();
  if (target?.kind !== 'Variable')
    return call.error('not-a-variable', 'find() expects a variable as third argument', 2);
  const refused = refuseScalar(call, map);
  if (refused !== undefined) return refused;
  const value = castableInteger(map.value.type) ?? map.value.type;
  if (isAggregate(value)) return call.error('not-storable', `find() cannot read a map of type '${typeName(value)}'`, 0);
  const known = checker.variables?.find(target.name);
  const variable = known ?? checker.variables?.declare(target, target.name, target.span, {});
  if (variable === undefined) return call.poison();
  variable.isAssigned = true;
  if (checker.symbols.grow(variable.cell, value) === 'mismatch')
    return call.error('type-mismatch', `Type mismatch for ${target.name}: it cannot hold values of ${map.name}`, 2);
  const converted = convertKey(checker, map, checkValue(checker, key));
  return call.operation('find', BOOL, [converted], {
    map: checker.symbols.mapSymbol(map),
    variable: checker.symbols.slot(variable),
    ...(known === undefined && { isDeclaration: true }),
  });
}

function checkLength(call: FunctionCall): TypedExpression {
  const node = call.node(0);
  if (node?.kind === 'MapAccess' && node.keys === undefined) {
    const map = referToMap(call.checker, node);
    if (map === undefined) return call.poison();
    return refuseScalar(call, map) ?? call.operation('len', INT64, [], { map: call.checker.symbols.mapSymbol(map) });
  }
  const value = call.value(0);
  if (value.type.kind === 'stack') return call.operation('len', INT64, [value]);
  if (value.type.kind === 'none') return value;
  if (value.type.kind === 'string')
    return call.error(
      'argument-type',
      `len() expects a map or a stack as first argument (${typeName(value.type)} provided)`,
      0,
      ['the length of a string is strlen(text)'],
    );
  return call.wrongType(0, 'a map or a stack', settle(value.type));
}

function checkWhole(call: FunctionCall, kind: 'clear' | 'zero'): TypedExpression {
  const node = call.map(0);
  const map = node && referToMap(call.checker, node);
  if (map === undefined) return call.poison();
  const symbol = call.checker.symbols.mapSymbol(map);
  return call.effect(call.checker.act({ kind, map: symbol }, [], call.span));
}
