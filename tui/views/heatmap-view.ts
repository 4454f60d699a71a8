/**
 * The heat map: time from left to right, buckets from bottom to top, colour for how many samples fell into a bucket in
 * that interval. What a histogram hides (modes that come and go) is a pattern here.
 */

import { addHistograms, subtractHistograms } from '../../src/panels/histogram.ts';
import { formatCount } from '../../src/panels/units.ts';
import { keyParts, valueText } from '../../src/panels/value-text.ts';
import type { HistogramValue } from '../../src/session/snapshot.ts';
import type { Painter } from '../cells/painter.ts';
import { style, type Token } from '../cells/style.ts';
import type { KeptMap } from '../models/kept-map.ts';
import type { RowFilter } from '../models/table.ts';
import { bucketLabel, isHistogram } from './histogram-view.ts';
import type { Selection, View, ViewCommand, ViewContext } from './view.ts';

const LEVELS = 8;

export class HeatmapView implements View {
  readonly kind = 'heatmap';
  filterText = '';
  #filter: RowFilter | undefined;
  #isLog = true;

  paint(painter: Painter, context: ViewContext): void {
    const map = context.history.at(-1)?.map;
    const type = map?.valueType;
    if (map === undefined || (type?.kind !== 'hist' && type?.kind !== 'lhist')) return;
    const columns = this.#columns(context, painter.width);
    const used = columns.filter((column) => column.counts.length > 0);
    if (used.length === 0) {
      painter.text(0, 0, 'nothing yet: a heat map needs two refreshes', style('faint'));
      return;
    }
    const first = Math.min(...used.map((column) => column.first));
    const last = Math.max(...used.map((column) => column.first + column.counts.length - 1));
    const height = painter.height - 1;
    const perRow = Math.max(1, Math.ceil((last - first + 1) / height));
    const rows = Math.min(height, Math.ceil((last - first + 1) / perRow));
    const labels = Array.from({ length: rows }, (_, row) =>
      bucketLabel(type, first + row * perRow, context.description.unit ?? 'none'),
    );
    const labelWidth = Math.max(...labels.map((label) => label.length));
    const plotWidth = painter.width - labelWidth - 1;
    const shown = columns.slice(-plotWidth);
    const cells = shown.map((column) => rowCounts(column, first, perRow, rows));
    const max = Math.max(1, ...cells.flat());
    const bottom = height - 1;
    for (const [row, label] of labels.entries())
      painter.textRight(labelWidth, bottom - row, label, style('muted'), labelWidth);
    const left = labelWidth + 1 + Math.max(0, plotWidth - shown.length);
    for (const [x, counts] of cells.entries())
      for (const [row, count] of counts.entries())
        this.#paintCell(painter, left + x, bottom - row, count, max, context);
    paintAxis(painter, left, shown.length, context);
    painter.textRight(labelWidth, height, formatCount(max), style('faint'), labelWidth);
  }

  run(command: ViewCommand): boolean {
    if (command !== 'scale') return false;
    this.#isLog = !this.#isLog;
    return true;
  }

  setFilter(text: string, filter: RowFilter | undefined): void {
    this.filterText = text;
    this.#filter = filter;
  }

  selection(): Selection | undefined {
    return undefined;
  }

  status(): string {
    return `${this.filterText === '' ? '' : `/${this.filterText} `}${this.#isLog ? 'log' : 'linear'} colours`;
  }

  /** What came in each interval, all keys together. */
  #columns(context: ViewContext, width: number): readonly HistogramValue[] {
    const history = context.history.slice(-width - 1);
    const totals = history.map(({ map }) => this.#total(map));
    return totals.slice(1).map((total, index) => subtractHistograms(total, totals[index] ?? total));
  }

  #total(map: KeptMap): HistogramValue {
    const filter = this.#filter;
    if (filter === undefined) {
      let total = TOTALS.get(map);
      if (total === undefined) {
        total = addHistograms(map.entries.flatMap((entry) => (isHistogram(entry.value) ? [entry.value] : [])));
        TOTALS.set(map, total);
      }
      return total;
    }
    const kept = map.entries.filter((entry) => filter(keyParts(entry.key).map(valueText).join(' ')));
    return addHistograms(kept.flatMap((entry) => (isHistogram(entry.value) ? [entry.value] : [])));
  }

  #paintCell(painter: Painter, x: number, y: number, count: number, max: number, context: ViewContext): void {
    if (count <= 0) return;
    const share = this.#isLog ? Math.log1p(count) / Math.log1p(max) : count / max;
    const level = Math.max(1, Math.min(LEVELS, Math.ceil(share * LEVELS)));
    const token = `heat${level}` as Token;
    // With colours the shade is drawn in the colour of its ground: unseen, but there in a screenshot as text.
    const look = context.hasColors ? style(token, token) : style('text');
    painter.cell(x, y, context.glyphs.shades[level] ?? '#', look);
  }
}

const TOTALS = new WeakMap<KeptMap, HistogramValue>();

/** Counts per row of the plot, bottom first. */
function rowCounts(column: HistogramValue, first: number, perRow: number, rows: number): readonly number[] {
  const counts = new Array<number>(rows).fill(0);
  for (const [index, count] of column.counts.entries()) {
    const row = Math.floor((column.first + index - first) / perRow);
    counts[row] = (counts[row] ?? 0) + count;
  }
  return counts;
}

function paintAxis(painter: Painter, left: number, count: number, context: ViewContext): void {
  const y = painter.height - 1;
  const newest = context.history.at(-1)?.timeMs ?? 0;
  const moments = context.history.slice(-count);
  for (let x = 0; x + 8 < count; x += 20) {
    const ago = Math.round((newest - (moments[x]?.timeMs ?? newest)) / 1000);
    painter.text(left + x, y, `-${ago}s`, style('faint'));
  }
  painter.textRight(left + count, y, 'now', style('faint'), 3);
}
