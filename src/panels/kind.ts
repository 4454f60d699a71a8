/**
 * Which view a map gets: what the header says, else what its types suggest. Also which of a script's maps are views at
 * all, and in which order.
 */

import type { Type } from '../semantics/types.ts';
import type { MapSnapshot } from '../session/snapshot.ts';
import type { MapDescription, PanelDescription, PanelKind } from './description.ts';

/** What the choice of a view depends on. */
export type MapTypes = Pick<MapSnapshot, 'name' | 'valueType'> & { readonly keyType?: Type | undefined };

/** describeMap gives the header's words about one map. */
export function describeMap(description: PanelDescription, name: string): MapDescription {
  return description.maps.find((map) => map.map === name) ?? { map: name };
}

/** kindOfMap chooses the view for a map of these types. */
export function kindOfMap(map: MapTypes, description: PanelDescription): PanelKind {
  const chosen = describeMap(description, map.name).kind;
  if (chosen !== undefined) return chosen;
  const value = map.valueType.kind;
  if (value === 'hist' || value === 'lhist') return 'histogram';
  if (value === 'tseries') return 'line';
  if (map.keyType !== undefined && containsStack(map.keyType)) return 'flame';
  if (map.keyType === undefined && isNumeric(map.valueType)) return 'line';
  return 'table';
}

/** kindsFor lists every view that can show a map, the default first: what the view key cycles through. */
export function kindsFor(map: MapTypes, description: PanelDescription): readonly PanelKind[] {
  const first = kindOfMap(map, description);
  const value = map.valueType.kind;
  const others: PanelKind[] =
    value === 'hist' || value === 'lhist'
      ? ['histogram', 'heatmap']
      : map.keyType !== undefined && containsStack(map.keyType)
        ? ['flame', 'tree', 'table']
        : value === 'tseries' || isNumeric(map.valueType)
          ? ['table', 'line']
          : ['table'];
  return [first, ...others.filter((kind) => kind !== first)];
}

/** viewableMaps orders a script's maps: the main one, aggregations, the rest; hidden helper maps are left out. */
export function viewableMaps<Map extends Pick<MapSnapshot, 'name' | 'valueType'>>(
  maps: readonly Map[],
  description: PanelDescription,
): readonly Map[] {
  const visible = maps.filter((map) => describeMap(description, map.name).isHidden !== true);
  const described = (map: Map) => description.maps.findIndex((entry) => entry.map === map.name);
  const rank = (map: Map) => {
    if (map.name === description.main) return -1000;
    const index = described(map);
    if (index >= 0) return index - 500;
    return isAggregate(map.valueType) ? 0 : 1;
  };
  return [...visible].sort((left, right) => rank(left) - rank(right));
}

export function containsStack(type: Type): boolean {
  switch (type.kind) {
    case 'stack':
      return true;
    case 'tuple':
      return type.elements.some(containsStack);
    case 'record':
      return type.fields.some((field) => containsStack(field.type));
    default:
      return false;
  }
}

const AGGREGATES = new Set(['count', 'sum', 'min', 'max', 'avg', 'stats', 'hist', 'lhist', 'tseries']);

export function isAggregate(type: Type): boolean {
  return AGGREGATES.has(type.kind);
}

export function isNumeric(type: Type): boolean {
  return (
    type.kind === 'integer' ||
    type.kind === 'count' ||
    type.kind === 'sum' ||
    type.kind === 'min' ||
    type.kind === 'max' ||
    type.kind === 'avg' ||
    type.kind === 'stats'
  );
}

/** Counters only ever grow, so their change per second says something. */
export function isCounter(type: Type): boolean {
  return type.kind === 'count' || type.kind === 'sum';
}
