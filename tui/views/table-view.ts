/** The top-N table: sorted, filtered, with share bars and trends; wide maps lose their computed columns first. */

import type { Painter } from '../cells/painter.ts';
import { BOLD, style, UNDERLINE } from '../cells/style.ts';
import type { KeptMap } from '../models/kept-map.ts';
import {
  buildTable,
  type Column,
  EMPTY_TABLE,
  type RowFilter,
  type TableModel,
  tableColumns,
  trendsOf,
} from '../models/table.ts';
import type { Glyphs } from '../theme/glyphs.ts';
import { paintBar, sparkline } from './bars.ts';
import { ColumnPlacer, type PlacedColumn } from './table-columns.ts';
import { type Line, TableLines } from './table-lines.ts';
import type { Selection, View, ViewCommand, ViewContext } from './view.ts';

const TREND_MOMENTS = 21;

const TEXT = style('text');
const VALUE = style('value');
const RATE = style('rate');
const SELECTED = style('selectionText');
const MUTED = style('muted');
const BAR = style('bar');
const HEADER = style('header');
const SORTED = style('accent', 'none', BOLD | UNDERLINE);

export class TableView implements View {
  readonly kind = 'table';
  /** Rates are changes since the moment before. */
  readonly lookback = 2;
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
  #naturalSort = '';
  readonly #lines = new TableLines();
  readonly #placer = new ColumnPlacer();

  paint(painter: Painter, context: ViewContext): void {
    const map = context.history.at(-1)?.map;
    if (map === undefined) return;
    if (map.keyType !== this.#typed?.keyType || map.valueType !== this.#typed?.valueType) {
      this.#columns = tableColumns(map, context.description, context.keyTitles);
      this.#naturalSort = naturalSort(this.#columns, context.description.sort);
    }
    this.#typed = map;
    const sort = this.#sort ?? this.#naturalSort;
    this.#page = Math.max(1, painter.height - 1);
    const model = buildTable(context.history, this.#columns, {
      sort,
      isDescending: this.#isDescending,
      filter: this.#filter,
      first: this.#top + this.#page,
    });
    this.#model = model;
    this.#follow();
    const lines: Line[] = [];
    for (let at = this.#top; at < this.#top + this.#page; at++) {
      const row = model.row(at);
      if (row !== undefined) lines.push(this.#lines.of(row, map.table, this.#columns));
    }
    const placed = this.#placer.place(this.#columns, lines, painter.width);
    const hasTrend = placed.some(({ column }) => column.role === 'trend');
    const trends = hasTrend
      ? trendsOf(
          context.past(TREND_MOMENTS),
          lines.map(({ row }) => row.keyNumber),
        )
      : undefined;
    const { glyphs } = context;
    this.#paintHeader(painter, placed, sort, glyphs);
    for (let at = 0; at < lines.length; at++) {
      const line = lines[at];
      if (line === undefined) continue;
      const isSelected = context.isFocused && this.#top + at === this.#selected;
      paintLine(painter, at + 1, line, placed, trends?.get(line.row.keyNumber) ?? NO_TREND, glyphs, isSelected);
    }
    if (lines.length === 0)
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

  #paintHeader(painter: Painter, placed: readonly PlacedColumn[], sort: string, glyphs: Glyphs): void {
    painter.fill(0, 0, painter.width, 1, HEADER);
    const arrow = this.#isDescending ? glyphs.descending : glyphs.ascending;
    for (const { column, x, width } of placed) {
      const isSorted = column.id === sort;
      const title = isSorted ? `${column.title}${arrow}` : column.title;
      const look = isSorted ? SORTED : HEADER;
      if (isRightAligned(column)) painter.textRight(x + width, 0, title, look, width);
      else painter.text(x, 0, title, look, width);
    }
  }
}

/** The column to sort by at first: the header's choice by title, else the rate, else the first value. */
function naturalSort(columns: readonly Column[], described: string | undefined): string {
  const wanted = described?.toUpperCase();
  const chosen = columns.find((column) => column.title === wanted || column.id.toUpperCase() === wanted);
  const rate = columns.find((column) => column.role === 'rate');
  const value = columns.find((column) => column.role === 'value' && column.isNumeric);
  return (chosen ?? rate ?? value ?? columns[0])?.id ?? '';
}

function isRightAligned(column: Column): boolean {
  return column.isNumeric && column.role !== 'share' && column.role !== 'trend';
}

const NO_TREND: readonly number[] = [];

function paintLine(
  painter: Painter,
  y: number,
  line: Line,
  placed: readonly PlacedColumn[],
  trend: readonly number[],
  glyphs: Glyphs,
  isSelected: boolean,
): void {
  for (let at = 0; at < placed.length; at++) {
    const place = placed[at];
    if (place === undefined) continue;
    const { column, index, x, width } = place;
    if (column.role === 'trend') {
      painter.glyphs(x, y, sparkline(trend, width, glyphs), style('spark'));
      continue;
    }
    let text = line.texts[index] ?? '';
    let length = line.widths[index] ?? 0;
    if (column.role === 'share') {
      paintBar(painter, x, y, width - 6, line.row.share, BAR, glyphs);
      painter.text(x + width - Math.min(length, 5), y, text, MUTED, 5);
      continue;
    }
    if (column.role === 'key') {
      const key = line.keys[column.part];
      text = (place.isShort ? key?.shortText : key?.text) ?? '';
      length = (place.isShort ? key?.shortWidth : key?.width) ?? 0;
    }
    const look = isSelected ? SELECTED : column.role === 'key' ? TEXT : column.role === 'rate' ? RATE : VALUE;
    if (isRightAligned(column)) painter.text(x + width - Math.min(length, width), y, text, look, width);
    else paintCut(painter, x, y, text, length, look, width, glyphs.ellipsis);
  }
  if (isSelected) painter.background(0, y, painter.width, 'selection');
}

/** Text that does not fit ends in an ellipsis. */
function paintCut(
  painter: Painter,
  x: number,
  y: number,
  text: string,
  length: number,
  look: number,
  width: number,
  ellipsis: string,
): void {
  // Far longer than any column.
  const end = painter.text(x, y, text.length > 512 ? text.slice(0, 512) : text, look, width);
  if (length > width && end > x) painter.cell(x + width - 1, y, ellipsis, MUTED);
}
