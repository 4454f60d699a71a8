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
import type { MapEntry, MapSnapshot, Value } from '../../src/session/snapshot.ts';
import type { MapMoment } from './history.ts';

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
  /** The key as text: the row's identity over time. */
  readonly id: string;
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
  readonly rows: readonly Row[];
  /** Rows before the filter. */
  readonly total: number;
}

export interface TableQuery {
  readonly sort: string;
  readonly isDescending: boolean;
  readonly filter: RowFilter | undefined;
}

export type RowFilter = (text: string) => boolean;

/** parseFilter reads what was typed behind `/`: a regular expression, `!` in front inverts, bad syntax is taken as text. */
export function parseFilter(text: string): RowFilter | undefined {
  const isInverse = text.startsWith('!');
  const pattern = isInverse ? text.slice(1) : text;
  if (pattern === '') return undefined;
  let test: RowFilter;
  try {
    const expression = new RegExp(pattern, /[A-Z]/.test(pattern) ? '' : 'i');
    test = (row) => expression.test(row);
  } catch {
    test = (row) => row.includes(pattern);
  }
  return isInverse ? (row) => !test(row) : test;
}

/** tableColumns lists the columns of a map: key parts, value parts, then what is computed. */
export function tableColumns(
  map: MapSnapshot,
  description: MapDescription,
  keyTitles: readonly string[],
): readonly Column[] {
  const described = description.columns ?? [];
  const named = described.filter((column) => column.computed === undefined);
  const keys = keyColumns(map.keyType, keyTitles);
  const values = valueColumns(map.valueType, description.unit);
  const stored = [...keys, ...values].map((column, index) => rename(column, named[index]));
  const primary = stored[keys.length];
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

function defaultComputed(map: MapSnapshot): readonly ComputedColumn[] {
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

/** buildTable computes rows for the last moment of a history. */
export function buildTable(history: readonly MapMoment[], columns: readonly Column[], query: TableQuery): TableModel {
  const now = history.at(-1);
  if (now === undefined) return { columns, rows: [], total: 0 };
  const before = history.at(-2);
  const seconds = before === undefined ? 0 : (now.timeMs - before.timeMs) / 1000;
  const previous = before === undefined ? undefined : indexOf(before.map);
  const current = indexOf(now.map);
  const isRated = isCounter(now.map.valueType) && seconds > 0;
  let valueTotal = 0;
  let rateTotal = 0;
  const rows: { -readonly [Key in keyof Row]: Row[Key] }[] = [];
  for (const [index, entry] of now.map.entries.entries()) {
    const id = current.ids[index] ?? '';
    const value = current.values[index] ?? 0;
    const delta = previous === undefined ? 0 : changeOf(value, previous.valueById.get(id));
    const rate = isRated ? delta / seconds : 0;
    valueTotal += Math.abs(value);
    rateTotal += Math.max(0, rate);
    if (query.filter !== undefined && !query.filter(id)) continue;
    rows.push({
      id,
      entry,
      keys: keyParts(entry.key).map(valueText),
      values: valueParts(entry.value),
      delta,
      rate,
      share: 0,
    });
  }
  for (const row of rows) {
    const value = typeof row.values[0] === 'number' ? (numericValue(row.entry.value) ?? row.values[0]) : 0;
    row.share = isRated && rateTotal > 0 ? row.rate / rateTotal : valueTotal > 0 ? Math.abs(value) / valueTotal : 0;
  }
  sortRows(rows, columns, query);
  return { columns, rows, total: now.map.entries.length };
}

/** A counter that went down was cleared in between, so all of it is new. */
function changeOf(value: number, before: number | undefined): number {
  if (before === undefined) return value;
  return value >= before ? value - before : value;
}

function sortRows(rows: Row[], columns: readonly Column[], query: TableQuery): void {
  const column = columns.find((candidate) => candidate.id === query.sort);
  const sign = query.isDescending ? -1 : 1;
  rows.sort((left, right) => {
    const order = column === undefined ? 0 : compare(cellOf(left, column), cellOf(right, column)) * sign;
    // Equal rows keep a steady order: by value, then by key, so that they do not dance between refreshes.
    return order || compare(right.values[0] ?? 0, left.values[0] ?? 0) || compare(left.id, right.id);
  });
}

/** cellOf gives what a row shows in a column, as sorted. */
export function cellOf(row: Row, column: Column): number | string {
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

interface MapIndex {
  readonly ids: readonly string[];
  readonly values: Float64Array;
  readonly valueById: ReadonlyMap<string, number>;
}

const INDEXES = new WeakMap<MapSnapshot, MapIndex>();

/** Key texts and numbers of a map's entries; computed once, since rates and trends look at the same snapshots again. */
function indexOf(map: MapSnapshot): MapIndex {
  let index = INDEXES.get(map);
  if (index === undefined) {
    const ids = map.entries.map((entry) => keyParts(entry.key).map(valueText).join(' '));
    const values = Float64Array.from(map.entries, (entry) => firstNumber(entry.value));
    index = { ids, values, valueById: new Map(ids.map((id, at) => [id, values[at] ?? 0])) };
    INDEXES.set(map, index);
  }
  return index;
}

function firstNumber(value: Value): number {
  const number = numericValue(value);
  if (number !== undefined) return number;
  const [first] = valueParts(value);
  return typeof first === 'number' ? first : 0;
}

/** forgetIndex frees what `buildTable` cached for a map that has left the trend's window. */
export function forgetIndex(map: MapSnapshot): void {
  INDEXES.delete(map);
}

/** trendOf gives a row's values over a history: changes for counters, values otherwise. */
export function trendOf(history: readonly MapMoment[], id: string): readonly number[] {
  const last = history.at(-1);
  if (last === undefined) return [];
  const isChange = isCounter(last.map.valueType);
  const points: number[] = [];
  for (let at = isChange ? 1 : 0; at < history.length; at++) {
    const moment = history[at];
    if (moment === undefined) continue;
    const value = indexOf(moment.map).valueById.get(id) ?? 0;
    const before = isChange ? history[at - 1] : undefined;
    points.push(before === undefined ? value : changeOf(value, indexOf(before.map).valueById.get(id) ?? 0));
  }
  return points;
}
