/** The top-N table: sorted, filtered, with share bars and trends; wide maps lose their computed columns first. */

import { formatRate, formatUnit } from '../../src/panels/units.ts';
import type { Painter } from '../cells/painter.ts';
import { shownWidth } from '../cells/sanitize.ts';
import { BOLD, style, UNDERLINE } from '../cells/style.ts';
import type { KeptMap } from '../models/kept-map.ts';
import {
  buildTable,
  type Column,
  EMPTY_TABLE,
  type Row,
  type RowFilter,
  type TableModel,
  tableColumns,
  trendsOf,
} from '../models/table.ts';
import type { Glyphs } from '../theme/glyphs.ts';
import { paintBar, sparkline } from './bars.ts';
import type { Selection, View, ViewCommand, ViewContext } from './view.ts';

const TREND_MOMENTS = 21;
const NUMBER_WIDTH = 9;

interface PlacedColumn {
  readonly column: Column;
  /** Which of the table's columns. */
  readonly index: number;
  readonly x: number;
  readonly width: number;
  readonly isShort: boolean;
}

export class TableView implements View {
  readonly kind = 'table';
  readonly lookback = TREND_MOMENTS;
  filterText = '';
  #filter: RowFilter | undefined;
  #sort: string | undefined;
  #isDescending = true;
  /** The selection follows its row, not its place on the screen. */
  #selectedKey: number | undefined;
  #selected = 0;
  #top = 0;
  #page = 1;
  #model: TableModel = EMPTY_TABLE;
  #columns: readonly Column[] = [];
  /** The map that the columns were made for. */
  #typed: Pick<KeptMap, 'keyType' | 'valueType'> | undefined;

  paint(painter: Painter, context: ViewContext): void {
    const map = context.history.at(-1)?.map;
    if (map === undefined) return;
    if (map.keyType !== this.#typed?.keyType || map.valueType !== this.#typed?.valueType)
      this.#columns = tableColumns(map, context.description, context.keyTitles);
    this.#typed = map;
    const sort = this.#sort ?? this.#defaultSort(context);
    this.#page = Math.max(1, painter.height - 1);
    const model = buildTable(context.history, this.#columns, {
      sort,
      isDescending: this.#isDescending,
      filter: this.#filter,
      first: this.#top + this.#page,
    });
    this.#model = model;
    this.#follow();
    const positions = Array.from({ length: this.#page }, (_, line) => this.#top + line);
    const shown = positions.flatMap((position) => model.row(position) ?? []);
    const cells = shown.map((row) => this.#columns.map((column) => cellText(row, column)));
    const placed = placeColumns(this.#columns, cells, painter.width);
    const hasTrend = placed.some(({ column }) => column.role === 'trend');
    const keys = hasTrend ? shown.map((row) => row.keyNumber) : [];
    const trends = trendsOf(hasTrend ? context.history.slice(-TREND_MOMENTS) : [], keys);
    const { glyphs } = context;
    this.#paintHeader(painter, placed, sort, context);
    for (const [line, row] of shown.entries()) {
      const isSelected = context.isFocused && this.#top + line === this.#selected;
      paintRow(
        painter,
        line + 1,
        cells[line] ?? [],
        placed,
        { glyphs, trend: trends.get(row.keyNumber) ?? [], share: row.share },
        isSelected,
      );
    }
    if (shown.length === 0)
      painter.text(0, 1, model.total === 0 ? 'nothing yet' : 'no row matches the filter', style('faint'));
  }

  run(command: ViewCommand): boolean {
    switch (command) {
      case 'up':
        return this.#select(this.#selected - 1);
      case 'down':
        return this.#select(this.#selected + 1);
      case 'pageUp':
        return this.#select(this.#selected - this.#page);
      case 'pageDown':
        return this.#select(this.#selected + this.#page);
      case 'first':
        return this.#select(0);
      case 'last':
        return this.#select(this.#model.length - 1);
      case 'sortNext':
        return this.#sortBy(1);
      case 'sortPrevious':
        return this.#sortBy(-1);
      case 'reverse':
        this.#isDescending = !this.#isDescending;
        return true;
      default:
        return false;
    }
  }

  setFilter(text: string, filter: RowFilter | undefined): void {
    this.filterText = text;
    this.#filter = filter;
    this.#selected = 0;
    this.#selectedKey = undefined;
    this.#top = 0;
  }

  selection(): Selection | undefined {
    const row = this.#model.row(this.#selected);
    if (row === undefined) return undefined;
    return { entry: row.entry, text: [...row.keys, ...row.values].join('\t') };
  }

  status(): string {
    const filtered = this.filterText === '' ? '' : `/${this.filterText} `;
    const rows =
      this.#model.length === this.#model.total
        ? `${this.#model.total}`
        : `${this.#model.length} of ${this.#model.total}`;
    return `${filtered}${rows} ${this.#model.total === 1 ? 'row' : 'rows'}`;
  }

  click(_x: number, y: number): void {
    if (y >= 1) this.#select(this.#top + y - 1);
  }

  /** The header's choice by title, else the rate, else the first value. */
  #defaultSort(context: ViewContext): string {
    const wanted = context.description.sort?.toUpperCase();
    const chosen = this.#columns.find((column) => column.title === wanted || column.id.toUpperCase() === wanted);
    const rate = this.#columns.find((column) => column.role === 'rate');
    const value = this.#columns.find((column) => column.role === 'value' && column.isNumeric);
    return (chosen ?? rate ?? value ?? this.#columns[0])?.id ?? '';
  }

  #sortBy(step: number): boolean {
    const ids = this.#columns.filter((column) => column.role !== 'trend').map((column) => column.id);
    const current = ids.indexOf(this.#sort ?? '');
    const start = current < 0 ? (step > 0 ? -1 : 0) : current;
    this.#sort = ids[(start + step + ids.length) % ids.length];
    const column = this.#columns.find((candidate) => candidate.id === this.#sort);
    this.#isDescending = column?.isNumeric ?? true;
    return true;
  }

  #select(index: number): boolean {
    this.#selected = Math.max(0, Math.min(this.#model.length - 1, index));
    this.#selectedKey = this.#model.order[this.#selected];
    return true;
  }

  #follow(): void {
    if (this.#selectedKey !== undefined) {
      const at = this.#model.order.indexOf(this.#selectedKey);
      if (at >= 0) this.#selected = at;
    }
    this.#selected = Math.max(0, Math.min(this.#model.length - 1, this.#selected));
    if (this.#selected < this.#top) this.#top = this.#selected;
    if (this.#selected >= this.#top + this.#page) this.#top = this.#selected - this.#page + 1;
    this.#top = Math.max(0, Math.min(this.#top, this.#model.length - this.#page));
  }

  #paintHeader(painter: Painter, placed: readonly PlacedColumn[], sort: string, context: ViewContext): void {
    painter.fill(0, 0, painter.width, 1, style('header'));
    for (const { column, x, width } of placed) {
      const isSorted = column.id === sort;
      const arrow = this.#isDescending ? context.glyphs.descending : context.glyphs.ascending;
      const title = isSorted ? `${column.title}${arrow}` : column.title;
      const look = isSorted ? style('accent', 'none', BOLD | UNDERLINE) : style('header');
      if (isRightAligned(column)) painter.textRight(x + width, 0, title, look, width);
      else painter.text(x, 0, title, look, width);
    }
  }
}

function isRightAligned(column: Column): boolean {
  return column.isNumeric && column.role !== 'share' && column.role !== 'trend';
}

/** Probe names lose everything but the last part where room is short; those of system calls all begin the same. */
const PROBE_PREFIX =
  /^(?:tracepoint|rawtracepoint|kprobe|kretprobe|fentry|fexit|uprobe|uretprobe|usdt):(?:syscalls:sys_(?:enter|exit)_|(?:[^\s]*:)?(?=[^\s:]+$))/;

function shortened(text: string, column: Column, isShort: boolean): string {
  return isShort && column.role === 'key' ? text.replace(PROBE_PREFIX, '') : text;
}

function cellText(row: Row, column: Column): string {
  switch (column.role) {
    case 'key':
      return row.keys[column.part] ?? '';
    case 'value': {
      const value = row.values[column.part] ?? '';
      return typeof value === 'number' ? formatUnit(value, column.unit) : value;
    }
    case 'rate':
      return formatRate(row.rate, column.unit);
    case 'delta':
      return row.delta === 0 ? '' : `+${formatUnit(row.delta, column.unit)}`;
    case 'share':
      return `${(row.share * 100).toFixed(row.share < 0.0995 ? 1 : 0)}%`;
    case 'trend':
      return '';
  }
}

/** Texts by row and column. */
type Cells = readonly (readonly string[])[];

/** Computed columns give way in this order when the panel is narrow; before the rate goes, names are cut. */
const EXPENDABLE = ['delta', 'trend', 'share'];
const SHORTEST_NAME = 9;

function placeColumns(columns: readonly Column[], cells: Cells, width: number): readonly PlacedColumn[] {
  const natural = new Map(columns.map((column, index) => [column.id, naturalWidth(column, index, cells, false)]));
  let kept = [...columns];
  const needed = () => kept.reduce((sum, column) => sum + (natural.get(column.id) ?? 0) + 1, -1);
  const isShort = needed() > width;
  if (isShort)
    for (const [index, column] of columns.entries()) natural.set(column.id, naturalWidth(column, index, cells, true));
  for (const role of EXPENDABLE) {
    if (needed() <= width) break;
    kept = kept.filter((column) => column.role !== role);
  }
  const names = kept.filter((column) => column.role === 'key' && !column.isNumeric);
  const shrinkable = names.reduce((sum, column) => sum + Math.max(0, (natural.get(column.id) ?? 0) - SHORTEST_NAME), 0);
  if (needed() - shrinkable > width) kept = kept.filter((column) => column.role !== 'rate');
  for (const name of names) {
    const excess = Math.max(0, needed() - width);
    const full = natural.get(name.id) ?? 0;
    natural.set(name.id, Math.max(Math.min(full, SHORTEST_NAME), full - excess));
  }
  let spare = width - needed();
  const widths = new Map(kept.map((column) => [column.id, natural.get(column.id) ?? 0]));
  const grow = (role: string, limit: number) => {
    const column = kept.find((candidate) => candidate.role === role);
    if (column === undefined || spare <= 0) return;
    const extra = Math.min(spare, limit);
    widths.set(column.id, (widths.get(column.id) ?? 0) + extra);
    spare -= extra;
  };
  grow('trend', 10);
  grow('share', 24);
  const keys = kept.filter((column) => column.role === 'key' && !column.isNumeric);
  const widest = [...keys].sort((a, b) => (widths.get(b.id) ?? 0) - (widths.get(a.id) ?? 0))[0];
  if (widest !== undefined) widths.set(widest.id, Math.max(4, (widths.get(widest.id) ?? 0) + spare));
  let x = 0;
  return kept.map((column) => {
    const placed = {
      column,
      index: columns.indexOf(column),
      x,
      width: Math.max(1, widths.get(column.id) ?? 1),
      isShort,
    };
    x += placed.width + 1;
    return placed;
  });
}

function naturalWidth(column: Column, index: number, cells: Cells, isShort: boolean): number {
  const title = column.title.length + 1;
  if (column.role === 'trend') return 10;
  if (column.role === 'share') return 12;
  let widest = column.role === 'key' ? 3 : column.isNumeric ? NUMBER_WIDTH - 1 : 6;
  for (const row of cells) widest = Math.max(widest, shownWidth(shortened(row[index] ?? '', column, isShort)));
  return Math.max(title, Math.min(widest, 60));
}

function paintRow(
  painter: Painter,
  y: number,
  cells: readonly string[],
  placed: readonly PlacedColumn[],
  context: { readonly glyphs: Glyphs; readonly trend: readonly number[]; readonly share: number },
  isSelected: boolean,
): void {
  for (const { column, index, x, width, isShort } of placed) {
    const cell = cells[index] ?? '';
    switch (column.role) {
      case 'share': {
        paintBar(painter, x, y, width - 6, context.share, style('bar'), context.glyphs);
        painter.textRight(x + width, y, cell, style('muted'), 5);
        break;
      }
      case 'trend':
        painter.glyphs(x, y, sparkline(context.trend, width, context.glyphs), style('spark'));
        break;
      default: {
        const look = style(
          isSelected ? 'selectionText' : column.role === 'key' ? 'text' : column.role === 'rate' ? 'rate' : 'value',
        );
        const text = shortened(cell, column, isShort);
        if (isRightAligned(column)) painter.textRight(x + width, y, text, look, width);
        else paintCut(painter, x, y, text, look, width, context.glyphs.ellipsis);
      }
    }
  }
  if (isSelected) painter.background(0, y, painter.width, 'selection');
}

/** Text that does not fit ends in an ellipsis. */
function paintCut(
  painter: Painter,
  x: number,
  y: number,
  text: string,
  look: number,
  width: number,
  ellipsis: string,
): void {
  // Far longer than any column: no need to measure all of a 4,096-byte path.
  const start = text.length > 512 ? text.slice(0, 512) : text;
  const end = painter.text(x, y, start, look, width);
  if (shownWidth(start) > width && end > x) painter.cell(x + width - 1, y, ellipsis, style('muted'));
}
