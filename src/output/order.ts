/**
 * The order of a map's entries when printed: by value for numbers, by total for histograms, by key for the rest;
 * always ascending, so that `top` keeps the last ones. Ties keep the kernel's order.
 */

import type { Type } from '../semantics/types.ts';
import type { EntryRows, MapEntry, MapSnapshot, Value } from '../session/snapshot.ts';
import { encodeText } from '../text/bytes.ts';
import { asSigned64, asUnsigned64, compareIntegers, type Integer, toInteger } from './integers.ts';
import { isKind } from './value-text.ts';

/** A power of two, so that dividing by it is exact. */
const DIGITS = 2048;

/** orderEntries sorts a map's entries and keeps the `top` largest (0: all). */
export function orderEntries(map: MapSnapshot, top = 0): readonly MapEntry[] {
  const { entries } = map;
  return Array.from(rowOrder(map, top), (index) => entries[index] ?? { value: 0 });
}

/** rowsOf gives the entries of a map one at a time, however it was read. */
export function rowsOf(map: MapSnapshot): EntryRows {
  if (map.rows) return map.rows;
  const { entries } = map;
  return {
    count: entries.length,
    key: (index) => entries[index]?.key,
    value: (index) => entries[index]?.value ?? 0,
  };
}

/**
 * rowOrder gives the places of a map's rows in the order in which they are printed, the `top` last of them (0: all).
 * `values`: the values of an integer map, if they are known already.
 */
export function rowOrder(map: MapSnapshot, top = 0, values?: Float64Array): Uint32Array {
  const rows = rowsOf(map);
  const order = values ? sortByNumbers(values) : map.keyType === undefined ? inPlace(rows.count) : sortRows(map, rows);
  return top > 0 && order.length > top ? order.subarray(order.length - top) : order;
}

/** compareNames orders map names by their bytes. */
export function compareNames(left: string, right: string): number {
  return compareText(left, right);
}

function sortRows({ keyType, valueType }: MapSnapshot, rows: EntryRows): Uint32Array {
  const rank = VALUE_RANKS[valueType.kind];
  if (rank) return sortByRank(rows, rank);
  const compare = valueType.kind === 'tseries' || !keyType ? undefined : keyOrder(keyType);
  const order = inPlace(rows.count);
  if (!compare) return order;
  const keys = Array.from(order, (index) => rows.key(index) ?? 0);
  return sortPlaces(order, (left, right) => compare(keys[left] ?? 0, keys[right] ?? 0));
}

function sortByRank(rows: EntryRows, rank: (value: Value) => Integer): Uint32Array {
  const { count } = rows;
  const ranks = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const value = rank(rows.value(index));
    if (typeof value === 'bigint') return sortByExactRank(rows, rank);
    ranks[index] = value;
  }
  return sortByNumbers(ranks);
}

/** Digit by digit, from the last to the first: no comparisons, and equal ranks stay as they are. */
function sortByNumbers(ranks: Float64Array): Uint32Array {
  const count = ranks.length;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    const rank = ranks[index] ?? 0;
    if (rank < least) least = rank;
    if (rank > most) most = rank;
  }
  let order = inPlace(count);
  if (!Number.isSafeInteger(most - least)) {
    return sortPlaces(order, (left, right) => (ranks[left] ?? 0) - (ranks[right] ?? 0));
  }
  let sorted = inPlace(count);
  const starts = new Uint32Array(DIGITS);
  for (let unit = 1; unit <= most - least; unit *= DIGITS) {
    sortByDigit(ranks, least, unit, order, sorted, starts);
    [order, sorted] = [sorted, order];
  }
  return order;
}

function sortByDigit(
  ranks: Float64Array,
  least: number,
  unit: number,
  order: Uint32Array,
  sorted: Uint32Array,
  starts: Uint32Array,
): void {
  starts.fill(0);
  for (let index = 0; index < ranks.length; index++) {
    const digit = digitOf((ranks[index] as number) - least, unit);
    starts[digit] = (starts[digit] as number) + 1;
  }
  let next = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const size = starts[digit] as number;
    starts[digit] = next;
    next += size;
  }
  for (let index = 0; index < order.length; index++) {
    const place = order[index] as number;
    const digit = digitOf((ranks[place] as number) - least, unit);
    const at = starts[digit] as number;
    starts[digit] = at + 1;
    sorted[at] = place;
  }
}

function digitOf(rank: number, unit: number): number {
  const shifted = Math.floor(rank / unit);
  return shifted - Math.floor(shifted / DIGITS) * DIGITS;
}

function sortByExactRank(rows: EntryRows, rank: (value: Value) => Integer): Uint32Array {
  const order = inPlace(rows.count);
  const ranks = Array.from(order, (index) => rank(rows.value(index)));
  return sortPlaces(order, (left, right) => compareIntegers(ranks[left] ?? 0, ranks[right] ?? 0));
}

function sortPlaces(order: Uint32Array, compare: (left: number, right: number) => number): Uint32Array {
  return order.sort((left, right) => compare(left, right) || left - right);
}

function inPlace(count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  return order;
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
