/**
 * Maps in expressions: key types, scalar against keyed use, reading, assigning.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { MapAccess } from '../../language/ast.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import type { TypedExpression, TypedStatement } from '../program.ts';
import { settle } from '../promote.ts';
import type { MapInfo } from '../symbols.ts';
import { typeName } from '../type-names.ts';
import type { Type } from '../types.ts';
import { checkValue } from './check.ts';
import { castableInteger, castTo, isAggregate } from './coerce.ts';
import { notStorable, valueHints } from './variables.ts';

/** mentionMap resolves a mention of a map with or without key and checks that it is used one way. */
export function mentionMap(checker: Checker, node: MapAccess): MapInfo {
  const map = checker.symbols.map(node.name, node.nameSpan);
  const isScalar = node.keys === undefined;
  checker.symbols.claimKeys(map, isScalar);
  if (map.isScalar !== isScalar) {
    checker.error(
      'map-usage',
      isScalar
        ? `${map.name} used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)`
        : `${map.name} used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map)`,
      node.span,
    );
  }
  return map;
}

/** checkKey gives the key of an access in the map's key type; undefined for a scalar map. */
export function checkKey(checker: Checker, map: MapInfo, node: MapAccess): TypedExpression | undefined {
  if (node.keys === undefined) return undefined;
  const parts = node.keys.map((key) => checkValue(checker, key));
  const [first] = parts;
  const key: TypedExpression =
    parts.length === 1 && first !== undefined
      ? first
      : {
          kind: 'tuple',
          elements: parts,
          type: { kind: 'tuple', elements: parts.map((part) => part.type) },
          span: keySpan(node, parts),
        };
  return convertKey(checker, map, key, parts.some(isPoison));
}

/** convertKey joins a key's type into the map's and converts it. */
export function convertKey(
  checker: Checker,
  map: MapInfo,
  key: TypedExpression,
  hasPoison = isPoison(key),
): TypedExpression {
  if (hasPoison) return poison(key.span);
  const refused = findRefusedKey(key.type);
  if (refused !== undefined) return checker.error('invalid-key', `${refused} cannot be used as a map key`, key.span);
  if (map.isScalar === true) return key;
  switch (checker.symbols.grow(map.key, key.type)) {
    case 'mismatch':
      return checker.error(
        'key-mismatch',
        `Argument mismatch for ${map.name}: trying to access with arguments: '${typeName(key.type)}' when map expects arguments: '${typeName(map.key.seen)}'`,
        key.span,
      );
    case 'sign-mismatch':
      checker.warning(
        'sign-mismatch',
        `Sign mismatch for keys of ${map.name}: '${typeName(key.type)}' and '${typeName(map.key.seen)}' are both kept as '${typeName(map.key.type)}'`,
        key.span,
      );
  }
  return castTo(key, map.key.type);
}

function findRefusedKey(type: Type): string | undefined {
  if (isAggregate(type)) return typeName(type);
  switch (type.kind) {
    case 'void':
      return typeName(type);
    case 'pointer':
      return type.space === 'context' ? 'context' : undefined;
    case 'tuple':
      return first(type.elements.map(findRefusedKey));
    case 'record':
      return first(type.fields.map((field) => findRefusedKey(field.type)));
    default:
      return undefined;
  }
}

function first(items: readonly (string | undefined)[]): string | undefined {
  return items.find((item) => item !== undefined);
}

function keySpan(node: MapAccess, parts: readonly TypedExpression[]): Span {
  const start = parts[0]?.span ?? node.span;
  return { ...start, end: parts.at(-1)?.span.end ?? start.end };
}

/** checkMapRead gives the value of a map or element; an aggregation keeps its aggregate type. */
export function checkMapRead(checker: Checker, node: MapAccess): TypedExpression {
  const map = mentionMap(checker, node);
  const key = checkKey(checker, map, node);
  if (key !== undefined && isPoison(key)) return poison(node.span);
  if (map.value.type.kind === 'none') {
    // A map used wrongly (`@x["a"]` against `@x[1]`) was reported already, and each map only once.
    if (map.isUndefinedReported) return poison(node.span);
    map.isUndefinedReported = true;
    return undefinedMap(checker, map.name, node.span);
  }
  const symbol = checker.symbols.mapSymbol(map);
  return {
    kind: 'map',
    map: symbol,
    ...(key && { key }),
    type: settle(map.value.type),
    span: node.span,
  };
}

/** undefinedMap reports a map that nothing assigns. */
export function undefinedMap(checker: Checker, name: string, span: Span): TypedExpression {
  if (checker.options.isIncomplete || checker.symbols.maps.get(name)?.hasPoison) return poison(span);
  const others = [...checker.symbols.maps.values()]
    .filter((map) => map.name !== name && map.value.type.kind !== 'none')
    .map((map) => map.name);
  return checker.error('undefined-map', `Undefined map: ${name}`, span, {
    hints: didYouMean(name, others),
  });
}

/** growMapValue joins a type into the map's value type, reporting what does not go together. */
export function growMapValue(checker: Checker, map: MapInfo, type: Type, span: Span): boolean {
  switch (checker.symbols.grow(map.value, type)) {
    case 'ok':
      return true;
    case 'mismatch':
      checker.error(
        'type-mismatch',
        `Type mismatch for ${map.name}: trying to assign value of type '${typeName(type)}' when map already has a type '${typeName(map.value.seen)}'`,
        span,
        {
          hints:
            type.kind === map.value.seen.kind && isAggregate(type)
              ? [`all calls of ${type.kind}() on one map take the same arguments behind the value`]
              : [],
        },
      );
      return false;
    case 'sign-mismatch':
      checker.warning(
        'sign-mismatch',
        `Sign mismatch for ${map.name}: '${typeName(type)}' and '${typeName(map.value.seen)}' are both kept as 'int64'`,
        span,
      );
      return true;
  }
}

/** assignMap checks `@m[k] = value` for a plain value. */
export function assignMap(checker: Checker, node: MapAccess, value: TypedExpression, span: Span): TypedStatement {
  const map = mentionMap(checker, node);
  const key = checkKey(checker, map, node);
  checkStorable(checker, map, value, span);
  const symbol = checker.symbols.mapSymbol(map);
  return {
    kind: 'assignMap',
    map: symbol,
    ...(key && { key }),
    value: castTo(value, map.value.type),
    span,
  };
}

function checkStorable(checker: Checker, map: MapInfo, value: TypedExpression, span: Span): void {
  if (isPoison(value)) {
    map.hasPoison = true;
    return;
  }
  if (isAggregate(value.type)) {
    const source = value.kind === 'map' ? value.map.name : '@y';
    checker.error(
      'aggregate-assignment',
      `Map value '${typeName(value.type)}' cannot be assigned from one map to another. The function that returns this type must be called directly e.g. \`${map.name} = ${exampleCall(value.type)};\`.`,
      span,
      {
        hints:
          castableInteger(value.type) === undefined
            ? []
            : [
                `Add a cast to integer if you want the value of the aggregate, e.g. \`${map.name} = (int64)${source};\`.`,
              ],
      },
    );
    return;
  }
  const problem = notStorable(value.type);
  if (problem !== undefined)
    checker.error('not-storable', `${problem} a map: ${map.name}`, span, { hints: valueHints(value) });
  else if (value.type.kind === 'pointer' && value.type.space === 'context')
    checker.error('not-storable', `context cannot be assigned to a map: ${map.name}`, span);
  else growMapValue(checker, map, value.type, span);
}

function exampleCall(type: Type): string {
  switch (type.kind) {
    case 'count':
      return 'count()';
    case 'lhist':
      return 'lhist(arg2, 0, 100, 10)';
    default:
      return `${type.kind}(arg2)`;
  }
}
