/**
 * A map as a table: which columns, which rows, in which order. Pure: history in, rows out; painting is the view's.
 */

import {
  COMPUTED_COLUMNS,
  type ColumnDescription,
  type ComputedColumn,
  type MapDescription,
  type Unit,
} from '../../src/panels/description.ts';
import { isCounter, isNumeric } from '../../src/panels/kind.ts';
import { keyParts, numericValue, valueText } from '../../src/panels/value-text.ts';
import type { Type } from '../../src/semantics/types.ts';
import type { MapEntry, Value } from '../../src/session/snapshot.ts';
import type { MapMoment } from './history.ts';
import type { KeptMap } from './kept-map.ts';

export interface Column {
  readonly id: string;
  readonly title: string;
  readonly role: 'key' | 'value' | ComputedColumn;
  /** Which part of the key or value. */
  readonly part: number;
  readonly unit: Unit;
  readonly isNumeric: boolean;
}

export interface Row {
  /** Number of the key in the map's table: the row's identity over time. */
  readonly keyNumber: number;
  readonly entry: MapEntry;
  readonly keys: readonly string[];
  /** Parts of the value; text where it is no number. */
  readonly values: readonly (number | string)[];
  readonly delta: number;
  readonly rate: number;
  readonly share: number;
}

export interface TableModel {
  readonly columns: readonly Column[];
  /** Rows that the filter passes. */
  readonly length: number;
  /** Key numbers of all rows in their order, sorted when first asked for: rows themselves are made for what is shown. */
  readonly order: readonly number[];
  row(position: number): Row | undefined;
  /** Rows before the filter. */
  readonly total: number;
}

export interface TableQuery {
  readonly sort: string;
  readonly isDescending: boolean;
  readonly filter: RowFilter | undefined;
  /** So many rows from the top are looked at for sure: few of many need not be found by sorting all. */
  readonly first?: number;
}

export type RowFilter = (text: string) => boolean;

/** isRegularExpression says whether what was typed behind `/` is one; what is none is looked for as text. */
export function isRegularExpression(text: string): boolean {
  return expressionOf(text.replace(/^!/, '')) !== undefined;
}

/** Lower case stands for both. */
function expressionOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, /[A-Z]/.test(pattern) ? '' : 'i');
  } catch {
    return undefined;
  }
}

/** parseFilter reads what was typed behind `/`: a regular expression, `!` in front inverts, bad syntax is taken as text. */
export function parseFilter(text: string): RowFilter | undefined {
  const isInverse = text.startsWith('!');
  const pattern = isInverse ? text.slice(1) : text;
  if (pattern === '') return undefined;
  const expression = expressionOf(pattern);
  const test: RowFilter = (row) => expression?.test(row) ?? row.includes(pattern);
  return isInverse ? (row) => !test(row) : test;
}

/** The title of a part that is not shown. */
const UNSHOWN = '-';

/** tableColumns lists the columns of a map: key parts, value parts, then what is computed. */
export function tableColumns(
  map: KeptMap,
  description: MapDescription,
  keyTitles: readonly string[],
): readonly Column[] {
  const described = description.columns ?? [];
  const named = described.filter((column) => column.computed === undefined);
  const keys = keyColumns(map.keyType, keyTitles);
  const values = valueColumns(map.valueType, description.unit);
  const all = [...keys, ...values].map((column, index) => rename(column, named[index]));
  const primary = all[keys.length];
  const stored = all.filter(({ title }) => title !== UNSHOWN);
  const computed =
    described.length > 0
      ? described.filter((column) => column.computed !== undefined)
      : defaultComputed(map).map((name) => ({ title: name, computed: name }) as ColumnDescription);
  for (const column of computed) {
    if (column.computed === undefined) continue;
    stored.push({
      id: column.computed,
      title: COMPUTED_TITLES[column.computed],
      role: column.computed,
      part: 0,
      unit: column.unit ?? primary?.unit ?? 'count',
      isNumeric: true,
    });
  }
  return stored;
}

const COMPUTED_TITLES: Readonly<Record<ComputedColumn, string>> = {
  rate: '/S',
  delta: 'DELTA',
  share: 'SHARE',
  trend: 'TREND',
};

function defaultComputed(map: KeptMap): readonly ComputedColumn[] {
  if (isCounter(map.valueType)) return COMPUTED_COLUMNS;
  return isNumeric(map.valueType) ? ['share', 'trend'] : [];
}

function rename(column: Column, described: ColumnDescription | undefined): Column {
  if (described === undefined) return column;
  return {
    ...column,
    title: described.title.toUpperCase(),
    unit: described.unit ?? column.unit,
  };
}

function keyColumns(type: Type | undefined, titles: readonly string[]): readonly Column[] {
  if (type === undefined) return [];
  const parts =
    type.kind === 'tuple'
      ? type.elements.map((element, index) => ({ type: element, name: titles[index] ?? `key${index + 1}` }))
      : type.kind === 'record'
        ? type.fields.map((field) => ({ type: field.type, name: field.name }))
        : [{ type, name: titles[0] ?? 'key' }];
  return parts.map((part, index) => ({
    id: `key${index}`,
    title: part.name.toUpperCase(),
    role: 'key',
    part: index,
    unit: 'none',
    isNumeric: part.type.kind === 'integer',
  }));
}

const AGGREGATE_TITLES: Readonly<Record<string, readonly string[]>> = {
  count: ['COUNT'],
  sum: ['SUM'],
  min: ['MIN'],
  max: ['MAX'],
  avg: ['AVG'],
  stats: ['COUNT', 'AVG', 'TOTAL'],
  hist: ['SAMPLES'],
  lhist: ['SAMPLES'],
  tseries: ['LAST'],
};

function valueColumns(type: Type, unit: Unit | undefined): readonly Column[] {
  const titles =
    AGGREGATE_TITLES[type.kind] ??
    (type.kind === 'tuple'
      ? type.elements.map((_, index) => `V${index + 1}`)
      : type.kind === 'record'
        ? type.fields.map((field) => field.name.toUpperCase())
        : ['VALUE']);
  const isText = (index: number): boolean => {
    const part =
      type.kind === 'tuple' ? type.elements[index] : type.kind === 'record' ? type.fields[index]?.type : type;
    return part !== undefined && !isNumeric(part) && AGGREGATE_TITLES[part.kind] === undefined && part.kind !== 'bool';
  };
  return titles.map((title, index) => ({
    id: `value${index}`,
    title,
    role: 'value',
    // An average's parts are count, average, total; `avg` shows the middle one alone.
    part: type.kind === 'avg' ? 1 : index,
    unit: title === 'COUNT' || title === 'SAMPLES' ? 'count' : (unit ?? 'count'),
    isNumeric: !isText(index),
  }));
}

export const EMPTY_TABLE: TableModel = { columns: [], length: 0, order: [], row: () => undefined, total: 0 };

/** buildTable orders the rows of the last moment of a history. */
export function buildTable(history: readonly MapMoment[], columns: readonly Column[], query: TableQuery): TableModel {
  const now = history.at(-1);
  if (now === undefined) return EMPTY_TABLE;
  const { map } = now;
  const figures = figuresOf(map, now.timeMs, history.at(-2));
  const shown = rowsOf(map, query.filter);
  const row = (index: number): Row => new MapRow(map, index, figures);
  const compareRows = rowOrder(shown, map, figures, row, columns, query);
  const { length } = shown;
  const { first = length } = query;
  const top = first * 2 < length ? firstOf(shown, first, compareRows) : [];
  let sorted: Uint32Array | undefined;
  const all = () => {
    sorted ??= shown.sort(compareRows);
    return sorted;
  };
  return {
    columns,
    length,
    get order() {
      return Array.from(all(), (index) => map.keyNumbers[index] ?? 0);
    },
    row: (position) => {
      const index = top[position] ?? all()[position];
      return index === undefined ? undefined : row(index);
    },
    total: map.length,
  };
}

/**
 * A row puts into words what is asked for: a view knows the words of a key from an earlier moment. Its fields are only
 * declared: unoptimized, defining them takes longer than all else that a row does.
 */
class MapRow implements Row {
  declare readonly keyNumber: number;
  declare readonly delta: number;
  declare readonly rate: number;
  declare readonly share: number;
  declare private readonly map: KeptMap;
  declare private readonly index: number;

  constructor(map: KeptMap, index: number, figures: Figures) {
    this.map = map;
    this.index = index;
    this.keyNumber = map.keyNumbers[index] ?? 0;
    this.delta = figures.deltas[index] ?? 0;
    this.rate = figures.rates[index] ?? 0;
    this.share = figures.share(index);
  }

  get entry(): MapEntry {
    return this.map.entryAt(this.index);
  }

  get keys(): readonly string[] {
    return keyParts(this.entry.key).map(valueText);
  }

  get values(): readonly (number | string)[] {
    const { map, index } = this;
    return map.values === undefined ? [map.numbers[index] ?? 0] : valueParts(map.valueAt(index));
  }
}

/** Indices of the rows that a filter passes. */
function rowsOf(map: KeptMap, filter: RowFilter | undefined): Uint32Array {
  const shown = new Uint32Array(map.length);
  let count = 0;
  for (let index = 0; index < map.length; index++)
    if (filter === undefined || filter(map.table.text(map.keyNumbers[index] ?? 0))) shown[count++] = index;
  return shown.subarray(0, count);
}

/** The first few of many in their order. */
function firstOf(indices: Uint32Array, count: number, order: (left: number, right: number) => number): number[] {
  const first: number[] = [];
  // No iterator: before V8 optimizes, which for once a second is never, each step would make an object.
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] ?? 0;
    const last = first[count - 1];
    if (last !== undefined && order(index, last) >= 0) continue;
    let low = 0;
    let high = first.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(index, first[middle] ?? 0) < 0) high = middle;
      else low = middle + 1;
    }
    if (last !== undefined) first.pop();
    first.splice(low, 0, index);
  }
  return first;
}

interface Figures {
  readonly deltas: Float64Array;
  readonly rates: Float64Array;
  share(index: number): number;
}

function figuresOf(map: KeptMap, timeMs: number, before: MapMoment | undefined): Figures {
  const seconds = before === undefined ? 0 : (timeMs - before.timeMs) / 1000;
  const isRated = isCounter(map.valueType) && seconds > 0;
  const hasSameKeys = before?.map.keyNumbers === map.keyNumbers;
  const past = hasSameKeys ? before?.map.numbers : before?.map.numbersByKey();
  const deltas = new Float64Array(map.length);
  const rates = new Float64Array(map.length);
  let valueTotal = 0;
  let rateTotal = 0;
  for (let index = 0; index < map.length; index++) {
    const value = map.numbers[index] ?? 0;
    const delta = past === undefined ? 0 : changeOf(value, past[hasSameKeys ? index : (map.keyNumbers[index] ?? 0)]);
    const rate = isRated ? delta / seconds : 0;
    deltas[index] = delta;
    rates[index] = rate;
    valueTotal += Math.abs(value);
    rateTotal += Math.max(0, rate);
  }
  return {
    deltas,
    rates,
    share: (index) =>
      isRated && rateTotal > 0
        ? (rates[index] ?? 0) / rateTotal
        : valueTotal > 0
          ? Math.abs(map.numbers[index] ?? 0) / valueTotal
          : 0,
  };
}

/** A counter that went down was cleared in between, so all of it is new. */
function changeOf(value: number, before: number | undefined): number {
  if (before === undefined || Number.isNaN(before)) return value;
  return value >= before ? value - before : value;
}

function rowOrder(
  shown: Uint32Array,
  map: KeptMap,
  figures: Figures,
  row: (index: number) => Row,
  columns: readonly Column[],
  query: TableQuery,
): (left: number, right: number) => number {
  const column = columns.find((candidate) => candidate.id === query.sort);
  const sign = query.isDescending ? -1 : 1;
  const cells = column === undefined ? undefined : sortCells(column, shown, map, figures, row);
  return (left, right) => {
    const order = cells === undefined ? 0 : compare(cells[left] ?? 0, cells[right] ?? 0) * sign;
    // Equal rows keep a steady order: by value, then by key, so that they do not dance between refreshes.
    return (
      order ||
      (map.numbers[right] ?? 0) - (map.numbers[left] ?? 0) ||
      compare(map.table.text(map.keyNumbers[left] ?? 0), map.table.text(map.keyNumbers[right] ?? 0))
    );
  };
}

/** What rows are sorted by, by index; figures are at hand, other cells are read off the rows. */
function sortCells(
  column: Column,
  shown: Uint32Array,
  map: KeptMap,
  figures: Figures,
  row: (index: number) => Row,
): ArrayLike<number | string> {
  if (column.role === 'rate' || column.role === 'trend') return figures.rates;
  if (column.role === 'share') return Float64Array.from({ length: map.length }, (_, index) => figures.share(index));
  if (column.role === 'delta') return figures.deltas;
  if (column.role === 'value' && map.values === undefined) return map.numbers;
  const cells: (number | string)[] = [];
  for (const index of shown) cells[index] = cellOf(row(index), column);
  return cells;
}

/** cellOf gives what a row shows in a column, as sorted. */
function cellOf(row: Row, column: Column): number | string {
  switch (column.role) {
    case 'key': {
      const part = keyParts(row.entry.key)[column.part];
      const number = part === undefined ? undefined : numericValue(part);
      return number ?? row.keys[column.part] ?? '';
    }
    case 'value':
      return row.values[column.part] ?? '';
    case 'rate':
      return row.rate;
    case 'delta':
      return row.delta;
    case 'share':
      return row.share;
    case 'trend':
      return row.rate;
  }
}

function compare(left: number | string, right: number | string): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const a = String(left);
  const b = String(right);
  return a < b ? -1 : a > b ? 1 : 0;
}

function valueParts(value: Value): readonly (number | string)[] {
  if (typeof value === 'object' && !(value instanceof Uint8Array)) {
    if (!('kind' in value)) return value.map(partOf);
    if (value.kind === 'record') return value.fields.map((field) => partOf(field.value));
    if (value.kind === 'average') return [Number(value.count), Number(value.average), Number(value.total)];
    if (value.kind === 'timeSeries') return [Number(value.points.at(-1)?.value ?? 0)];
  }
  return [partOf(value)];
}

function partOf(value: Value): number | string {
  return numericValue(value) ?? valueText(value);
}

/** trendsOf gives values over a history for some keys: changes for counters, values otherwise. */
export function trendsOf(
  history: readonly MapMoment[],
  keys: readonly number[],
): ReadonlyMap<number, readonly number[]> {
  const trends = new Map<number, number[]>(keys.map((key) => [key, []]));
  const last = history.at(-1);
  if (last === undefined) return trends;
  const isChange = isCounter(last.map.valueType);
  for (const [key, points] of trends) {
    let place = -1;
    let past: number | undefined;
    for (const [moment, { map }] of history.entries()) {
      // Mostly where it was a moment before.
      if (map.keyNumbers[place] !== key) place = map.keyNumbers.indexOf(key);
      const present = place < 0 ? undefined : map.numbers[place];
      if (!isChange) points.push(present ?? 0);
      else if (moment > 0) points.push(present === undefined || present === 0 ? 0 : changeOf(present, past));
      past = present;
    }
  }
  return trends;
}
