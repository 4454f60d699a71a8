/**
 * The order of a map's entries when printed: by value for numbers, by total for histograms, by key for the rest;
 * always ascending, so that `top` keeps the last ones. Ties keep the kernel's order.
 */

import type { Type } from '../semantics/types.ts';
import type { MapEntry, MapSnapshot, Value } from '../session/snapshot.ts';
import { encodeText } from '../text/bytes.ts';
import { asSigned64, asUnsigned64, compareIntegers, type Integer, toInteger } from './integers.ts';
import { isKind } from './value-text.ts';

/** orderEntries sorts a map's entries and keeps the `top` largest (0: all). */
export function orderEntries(map: MapSnapshot, top = 0): readonly MapEntry[] {
  const sorted = map.keyType === undefined ? map.entries : sortEntries(map);
  return top > 0 && sorted.length > top ? sorted.slice(sorted.length - top) : sorted;
}

/** compareNames orders map names by their bytes. */
export function compareNames(left: string, right: string): number {
  return compareText(left, right);
}

function sortEntries(map: MapSnapshot): readonly MapEntry[] {
  const rank = VALUE_RANKS[map.valueType.kind];
  if (rank) {
    return map.entries
      .map((entry) => ({ entry, rank: rank(entry.value) }))
      .sort((left, right) => compareIntegers(left.rank, right.rank))
      .map(({ entry }) => entry);
  }
  const compare = map.valueType.kind === 'tseries' || !map.keyType ? undefined : keyOrder(map.keyType);
  if (!compare) return map.entries;
  return [...map.entries].sort((left, right) => compare(left.key ?? 0, right.key ?? 0));
}

const total = (value: Value): Integer => (isKind(value, 'histogram') ? value.total : 0);
const unsigned = (value: Value): Integer => asUnsigned64(toInteger(value));

const VALUE_RANKS: {
  readonly [kind: string]: ((value: Value) => Integer) | undefined;
} = {
  integer: toInteger,
  bool: toInteger,
  count: toInteger,
  sum: toInteger,
  min: unsigned,
  max: unsigned,
  avg: toInteger,
  stats: toInteger,
  hist: total,
  lhist: total,
};

type Compare = (left: Value, right: Value) => number;

const compareSigned: Compare = (left, right) =>
  compareIntegers(asSigned64(toInteger(left)), asSigned64(toInteger(right)));

const compareStrings: Compare = (left, right) =>
  typeof left === 'string' && typeof right === 'string' ? compareText(left, right) : 0;

/** Order of keys of a type; undefined where bpftrace leaves them unsorted. */
function keyOrder(type: Type): Compare | undefined {
  switch (type.kind) {
    case 'integer':
      return compareSigned;
    case 'string':
      return compareStrings;
    case 'tuple': {
      const elements = type.elements.map(keyOrder);
      return (left, right) => compareElements(left, right, elements);
    }
    default:
      return undefined;
  }
}

function compareElements(left: Value, right: Value, orders: readonly (Compare | undefined)[]): number {
  if (!Array.isArray(left) || !Array.isArray(right)) return 0;
  for (const [index, compare] of orders.entries()) {
    const order = compare?.(left[index], right[index]) ?? 0;
    if (order !== 0) return order;
  }
  return 0;
}

/** UTF-16 units order as UTF-8 bytes do, except from the surrogates up. */
function compareText(left: string, right: string): number {
  if (/[\ud800-\uffff]/.test(left) || /[\ud800-\uffff]/.test(right)) {
    return Buffer.compare(encodeText(left), encodeText(right));
  }
  return left < right ? -1 : left > right ? 1 : 0;
}
