/**
 * Where a table's columns stand: as wide as what is in them, the computed ones giving way where there is little room. What
 * was placed stays as long as the texts are as wide as they were.
 */

import type { Column } from '../models/table.ts';
import type { Line } from './table-lines.ts';

export interface PlacedColumn {
  readonly column: Column;
  /** Which of the table's columns. */
  readonly index: number;
  readonly x: number;
  readonly width: number;
  /** Keys are shown without what most begin with. */
  readonly isShort: boolean;
}

const NUMBER_WIDTH = 9;
const LONGEST = 60;
/** Computed columns give way in this order when the panel is narrow; before the rate goes, names are cut. */
const EXPENDABLE = ['delta', 'trend', 'share'];
const SHORTEST_NAME = 9;

/** ColumnPlacer places the columns of one table, frame after frame. */
export class ColumnPlacer {
  #columns: readonly Column[] = [];
  #natural: readonly number[] = [];
  #width = -1;
  #isShort = false;
  #placed: readonly PlacedColumn[] = [];

  place(columns: readonly Column[], lines: readonly Line[], width: number): readonly PlacedColumn[] {
    const whole = naturalWidths(columns, lines, false);
    const isShort = neededBy(whole) > width;
    const natural = isShort ? naturalWidths(columns, lines, true) : whole;
    const isSame =
      columns === this.#columns &&
      width === this.#width &&
      isShort === this.#isShort &&
      natural.every((wanted, index) => wanted === this.#natural[index]);
    if (isSame) return this.#placed;
    this.#columns = columns;
    this.#natural = natural;
    this.#width = width;
    this.#isShort = isShort;
    this.#placed = placeColumns(columns, natural, width, isShort);
    return this.#placed;
  }
}

function neededBy(widths: readonly number[]): number {
  let needed = -1;
  for (let index = 0; index < widths.length; index++) needed += (widths[index] ?? 0) + 1;
  return needed;
}

function naturalWidths(columns: readonly Column[], lines: readonly Line[], isShort: boolean): number[] {
  const natural: number[] = [];
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index];
    natural.push(column === undefined ? 0 : naturalWidth(column, index, lines, isShort));
  }
  return natural;
}

function naturalWidth(column: Column, index: number, lines: readonly Line[], isShort: boolean): number {
  const title = column.title.length + 1;
  if (column.role === 'trend') return 10;
  if (column.role === 'share') return 12;
  const isKey = column.role === 'key';
  let widest = isKey ? 3 : column.isNumeric ? NUMBER_WIDTH - 1 : 6;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const key = isKey ? line?.keys[column.part] : undefined;
    const width = (isKey ? (isShort ? key?.shortWidth : key?.width) : line?.widths[index]) ?? 0;
    if (width > widest) widest = width;
  }
  return Math.max(title, Math.min(widest, LONGEST));
}

function placeColumns(
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
  isShort: boolean,
): readonly PlacedColumn[] {
  let kept = columns.map((column, index) => ({ column, index, width: natural[index] ?? 0 }));
  const needed = () => neededBy(kept.map((item) => item.width));
  for (const role of EXPENDABLE) {
    if (needed() <= width) break;
    kept = kept.filter(({ column }) => column.role !== role);
  }
  const names = kept.filter(({ column }) => column.role === 'key' && !column.isNumeric);
  const shrinkable = names.reduce((sum, name) => sum + Math.max(0, name.width - SHORTEST_NAME), 0);
  if (needed() - shrinkable > width) kept = kept.filter(({ column }) => column.role !== 'rate');
  for (const name of names) {
    const excess = Math.max(0, needed() - width);
    name.width = Math.max(Math.min(name.width, SHORTEST_NAME), name.width - excess);
  }
  let spare = width - needed();
  const grow = (role: string, limit: number) => {
    const item = kept.find(({ column }) => column.role === role);
    if (item === undefined || spare <= 0) return;
    const extra = Math.min(spare, limit);
    item.width += extra;
    spare -= extra;
  };
  grow('trend', 10);
  grow('share', 24);
  const widest = [...names].sort((left, right) => right.width - left.width)[0];
  if (widest !== undefined) widest.width = Math.max(4, widest.width + spare);
  let x = 0;
  return kept.map((item) => {
    const placed = { column: item.column, index: item.index, x, width: Math.max(1, item.width), isShort };
    x += placed.width + 1;
    return placed;
  });
}
