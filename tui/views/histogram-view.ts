/**
 * The histogram: one bar per bucket in eighths of a cell, with percentiles and how far off they may be. Keyed histograms
 * show one key at a time, chosen from a list at the left.
 */

import type { Unit } from '../../src/panels/description.ts';
import {
  addHistograms,
  bucketBounds,
  EMPTY_HISTOGRAM,
  type HistogramType,
  type Percentile,
  percentile,
  subtractHistograms,
} from '../../src/panels/histogram.ts';
import { formatCount, formatUnit } from '../../src/panels/units.ts';
import { keyParts, valueText } from '../../src/panels/value-text.ts';
import type { HistogramValue, MapEntry } from '../../src/session/snapshot.ts';
import type { Painter } from '../cells/painter.ts';
import { style } from '../cells/style.ts';
import type { KeptMap } from '../models/kept-map.ts';
import type { RowFilter } from '../models/table.ts';
import { paintBar } from './bars.ts';
import type { Selection, View, ViewCommand, ViewContext } from './view.ts';

const PERCENTILES: readonly (readonly [string, number])[] = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
];

const LABEL = style('muted');
const COUNT = style('value');
const BAR = style('bar');

interface NamedPercentile {
  readonly name: string;
  readonly found: Percentile | undefined;
}

/** Buckets that PgUp and PgDn move by. */
const SCROLL_STEP = 5;

export class HistogramView implements View {
  readonly kind = 'histogram';
  readonly lookback = 2;
  filterText = '';
  #filter: RowFilter | undefined;
  #isLog: boolean | undefined;
  /** Show only what came since the last refresh, instead of everything since the start. */
  #isInterval = false;
  #selectedKey = '';
  #selected = 0;
  #keys: readonly KeyedHistogram[] = [];
  /** The first bucket shown, once the user has chosen it; the last that can be, and the one shown now. */
  #scroll: number | undefined;
  #lastScroll = 0;
  #shownScroll = 0;
  readonly #buckets = new Map<number, Bucket>();
  #bucketsOf: { readonly type: HistogramType; readonly unit: Unit } | undefined;

  paint(painter: Painter, context: ViewContext): void {
    const map = context.history.at(-1)?.map;
    const type = map?.valueType;
    if (map === undefined || (type?.kind !== 'hist' && type?.kind !== 'lhist')) return;
    const isLog = this.#isLog ?? context.description.scale === 'log';
    const before = this.#isInterval ? context.history.at(-2)?.map : undefined;
    this.#keys = keyedHistograms(map, before).filter(({ key }) => this.#filter?.(key) ?? true);
    this.#follow();
    let area = painter;
    if (map.keyType !== undefined) {
      const listWidth = Math.min(28, Math.floor(painter.width / 3));
      if (painter.width >= 40) {
        this.#paintKeys(painter.sub(0, 0, listWidth, painter.height), context);
        area = painter.sub(listWidth + 1, 0, painter.width - listWidth - 1, painter.height);
      }
    }
    const shown = this.#keys[this.#selected]?.histogram ?? EMPTY_HISTOGRAM;
    const unit = context.description.unit ?? 'none';
    const percentiles = PERCENTILES.map(([name, share]) => ({ name, found: percentile(type, shown, share) }));
    paintSummary(area, shown, percentiles, unit);
    this.#paintBuckets(area.sub(0, 1, area.width, area.height - 1), type, shown, percentiles, unit, isLog, context);
  }

  run(command: ViewCommand): boolean {
    switch (command) {
      case 'up':
        return this.#select(this.#selected - 1);
      case 'down':
        return this.#select(this.#selected + 1);
      case 'first':
        return this.#select(0);
      case 'last':
        return this.#select(this.#keys.length - 1);
      case 'pageUp':
        this.#scroll = Math.max(0, this.#shownScroll - SCROLL_STEP);
        return true;
      case 'pageDown':
        this.#scroll = Math.min(this.#lastScroll, this.#shownScroll + SCROLL_STEP);
        return true;
      case 'scale':
        this.#isLog = !(this.#isLog ?? false);
        return true;
      case 'interval':
        this.#isInterval = !this.#isInterval;
        return true;
      default:
        return false;
    }
  }

  setFilter(text: string, filter: RowFilter | undefined): void {
    this.filterText = text;
    this.#filter = filter;
    this.#selected = 0;
    this.#selectedKey = '';
  }

  selection(): Selection | undefined {
    const chosen = this.#keys[this.#selected];
    if (chosen?.entry === undefined) return undefined;
    return { entry: chosen.entry, text: `${chosen.key}\t${chosen.histogram.total}` };
  }

  status(): string {
    const window = this.#isInterval ? 'last interval' : 'since start';
    return `${this.filterText === '' ? '' : `/${this.filterText} `}${this.#isLog === true ? 'log ' : ''}${window}`;
  }

  #select(index: number): boolean {
    this.#selected = Math.max(0, Math.min(this.#keys.length - 1, index));
    this.#selectedKey = this.#keys[this.#selected]?.key ?? '';
    return true;
  }

  #follow(): void {
    const at = this.#keys.findIndex(({ key }) => key === this.#selectedKey);
    this.#selected = at >= 0 ? at : Math.max(0, Math.min(this.#selected, this.#keys.length - 1));
  }

  #paintKeys(painter: Painter, context: ViewContext): void {
    const top = Math.max(0, Math.min(this.#selected - painter.height + 2, this.#keys.length - painter.height));
    for (let line = 0; line < painter.height; line++) {
      const item = this.#keys[Math.max(0, top) + line];
      if (item === undefined) break;
      const isSelected = Math.max(0, top) + line === this.#selected;
      painter.text(0, line, item.key, style(isSelected ? 'selectionText' : 'text'), painter.width - 8);
      painter.textRight(painter.width, line, formatCount(item.histogram.total), style('muted'), 7);
      if (isSelected) painter.background(0, line, painter.width, context.isFocused ? 'selection' : 'barRest');
    }
  }

  #paintBuckets(
    painter: Painter,
    type: HistogramType,
    histogram: HistogramValue,
    percentiles: readonly NamedPercentile[],
    unit: Unit,
    isLog: boolean,
    context: ViewContext,
  ): void {
    if (histogram.total === 0) {
      painter.text(0, 0, 'nothing yet', style('faint'));
      return;
    }
    const rows = rowsThatFit(histogram, painter.height, this.#scroll);
    this.#lastScroll = rows.last;
    this.#shownScroll = rows.indices[0] ?? 0;
    const max = Math.max(...histogram.counts);
    const buckets = rows.indices.map((index) => this.#bucketOf(type, histogram.first + index, unit));
    const counts = rows.indices.map((index) => formatCount(histogram.counts[index] ?? 0));
    const labelWidth = buckets.reduce((most, { label }) => Math.max(most, label.length), 0);
    const countWidth = counts.reduce((most, text) => Math.max(most, text.length), 0);
    const barX = labelWidth + countWidth + 2;
    const width = Math.max(1, painter.width - barX - 12);
    for (let line = 0; line < buckets.length; line++) {
      const { label, low } = buckets[line] ?? NO_BUCKET;
      const text = counts[line] ?? '';
      const count = histogram.counts[rows.indices[line] ?? 0] ?? 0;
      painter.text(labelWidth - label.length, line, label, LABEL);
      painter.text(barX - 1 - text.length, line, text, COUNT);
      const share = isLog ? Math.log1p(count) / Math.log1p(max) : count / max;
      paintBar(painter, barX, line, width, share, BAR, context.glyphs);
      const here = percentiles.filter(({ found }) => found?.bounds.low === low);
      if (here.length > 0)
        painter.text(barX + width + 1, line, here.map(({ name }) => name).join(' '), style('accent'));
    }
  }

  /** Buckets are the same in every frame. */
  #bucketOf(type: HistogramType, index: number, unit: Unit): Bucket {
    if (this.#bucketsOf?.type !== type || this.#bucketsOf.unit !== unit) this.#buckets.clear();
    this.#bucketsOf = { type, unit };
    let bucket = this.#buckets.get(index);
    if (bucket === undefined) {
      bucket = { label: bucketLabel(type, index, unit), low: bucketBounds(type, index).low };
      this.#buckets.set(index, bucket);
    }
    return bucket;
  }
}

interface Bucket {
  readonly label: string;
  readonly low: number;
}

const NO_BUCKET: Bucket = { label: '', low: 0 };

interface KeyedHistogram {
  readonly key: string;
  readonly entry: MapEntry | undefined;
  readonly histogram: HistogramValue;
}

/** All keys together first, then each key, busiest first. */
function keyedHistograms(map: KeptMap, before: KeptMap | undefined): readonly KeyedHistogram[] {
  const old = new Map<string, HistogramValue>();
  for (const entry of before?.entries ?? []) {
    const value = entry.value;
    if (isHistogram(value)) old.set(keyText(entry), value);
  }
  const keyed: KeyedHistogram[] = [];
  for (const entry of map.entries) {
    if (!isHistogram(entry.value)) continue;
    const key = keyText(entry);
    const past = old.get(key);
    keyed.push({ key, entry, histogram: past === undefined ? entry.value : subtractHistograms(entry.value, past) });
  }
  if (map.keyType === undefined) return keyed;
  keyed.sort((left, right) => right.histogram.total - left.histogram.total || (left.key < right.key ? -1 : 1));
  return [{ key: '(all)', entry: undefined, histogram: addHistograms(keyed.map((item) => item.histogram)) }, ...keyed];
}

function keyText(entry: MapEntry): string {
  return keyParts(entry.key).map(valueText).join(' ');
}

export function isHistogram(value: MapEntry['value']): value is HistogramValue {
  return typeof value === 'object' && 'kind' in value && value.kind === 'histogram';
}

/** bucketLabel names a bucket by its lower bound and unit. */
export function bucketLabel(type: HistogramType, index: number, unit: Unit): string {
  const { low, high } = bucketBounds(type, index);
  if (!Number.isFinite(low)) return `< ${formatUnit(high, unit)}`;
  if (!Number.isFinite(high)) return `≥ ${formatUnit(low, unit)}`;
  return formatUnit(low, unit);
}

interface SummaryPart {
  readonly name: string;
  readonly value: string;
  readonly error: string;
}

/** How many, and the percentiles. A number that is cut off reads as another one: what does not fit is left out. */
function paintSummary(
  painter: Painter,
  histogram: HistogramValue,
  percentiles: readonly NamedPercentile[],
  unit: Unit,
): void {
  const parts = percentiles.flatMap(({ name, found }): readonly SummaryPart[] => {
    if (found === undefined) return [];
    const { low, high } = found.bounds;
    // The bucket is all that is known: say how far the estimate may be off.
    const error = Math.max(found.value - low, high - 1 - found.value);
    const isOff = Number.isFinite(error) && error >= 1;
    return [{ name, value: formatUnit(found.value, unit), error: isOff ? ` ±${formatUnit(error, unit)}` : '' }];
  });
  let x = painter.text(0, 0, `n ${formatCount(histogram.total)}`, style('muted'));
  const widthOf = ({ name, value, error }: SummaryPart) => name.length + value.length + error.length + 3;
  const bare = parts.map((part) => ({ ...part, error: '' }));
  const isRoomy = x + parts.reduce((sum, part) => sum + widthOf(part), 0) <= painter.width;
  for (const part of isRoomy ? parts : bare) {
    if (x + widthOf(part) > painter.width) return;
    x = painter.text(x + 2, 0, `${part.name} `, style('muted'));
    x = painter.text(x, 0, part.value, style('value'));
    x = painter.text(x, 0, part.error, style('faint'));
  }
}

/** The buckets to show: all if they fit, else those around the most samples, unless the user has moved on. */
function rowsThatFit(
  histogram: HistogramValue,
  height: number,
  scroll: number | undefined,
): { readonly indices: readonly number[]; readonly last: number } {
  const { counts } = histogram;
  const last = Math.max(0, counts.length - height);
  const start = Math.max(0, Math.min(scroll ?? busiestWindow(counts, height), last));
  return { indices: Array.from({ length: Math.min(height, counts.length) }, (_, index) => start + index), last };
}

/** Where the buckets begin that hold most of the samples; of several such places, the one with the larger values. */
function busiestWindow(counts: readonly number[], height: number): number {
  let sum = 0;
  let most = -1;
  let best = 0;
  for (const [index, count] of counts.entries()) {
    sum += count - (counts[index - height] ?? 0);
    if (index < height - 1 || sum < most) continue;
    most = sum;
    best = index - height + 1;
  }
  return best;
}
