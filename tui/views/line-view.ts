/**
 * The line chart: values over the kept time. Counters are drawn as change per second; of keyed maps the five busiest keys.
 * The strokes are blessed-contrib's, legend and units are ours.
 */

import type { Unit } from '../../src/panels/description.ts';
import { isCounter } from '../../src/panels/kind.ts';
import { formatRate, formatUnit } from '../../src/panels/units.ts';
import type { TimeSeriesValue, Value } from '../../src/session/snapshot.ts';
import type { Painter } from '../cells/painter.ts';
import { style, type Token } from '../cells/style.ts';
import type { Chart } from '../charts/chart.ts';
import { createLineChart } from '../charts/contrib-host.ts';
import type { MapMoment } from '../models/history.ts';
import type { KeptMap } from '../models/kept-map.ts';
import type { RowFilter } from '../models/table.ts';
import type { Selection, View, ViewContext } from './view.ts';

const MAX_SERIES = 5;
const MIN_CHART_HEIGHT = 6;
const LABEL_LENGTH = 14;
/** Of the time, counted from the bottom. */
const LABEL_ROW = 2;

interface NamedSeries {
  readonly name: string;
  readonly values: readonly number[];
}

export class LineView implements View {
  readonly kind = 'line';
  filterText = '';
  #filter: RowFilter | undefined;
  #chart: Chart | undefined;
  #size = '';

  paint(painter: Painter, context: ViewContext): void {
    const map = context.history.at(-1)?.map;
    if (map === undefined) return;
    const height = painter.height - 1;
    const points = Math.max(2, painter.width * 2 - 12);
    const history = context.history.slice(-points - 1);
    const series = seriesOf(map, history, this.#filter);
    const unit = context.description.unit ?? 'count';
    const isRate = isCounter(map.valueType);
    const scale = scaleFor(Math.max(0, ...series.flatMap((item) => item.values)), unit);
    paintLegend(painter, series, isRate, unit, scale.name, context);
    if (height < MIN_CHART_HEIGHT || painter.width < 24) return;
    const size = `${painter.width}x${height}`;
    if (size !== this.#size) {
      this.#chart?.dispose();
      this.#chart = createLineChart(painter.width, height);
      this.#size = size;
    }
    const length = Math.max(2, ...series.map((item) => item.values.length));
    this.#chart?.update({
      labels: timeLabels(history, length),
      series: series.map((item) => ({
        values: [...new Array<number>(length - item.values.length).fill(0), ...item.values].map(
          (v) => v / scale.factor,
        ),
      })),
    });
    this.#chart?.paint(painter.sub(0, 1, painter.width, height));
    painter.textRight(painter.width, painter.height - LABEL_ROW, 'now', style('muted'), 3);
  }

  run(): boolean {
    return false;
  }

  setFilter(text: string, filter: RowFilter | undefined): void {
    this.filterText = text;
    this.#filter = filter;
  }

  selection(): Selection | undefined {
    return undefined;
  }

  status(): string {
    return this.filterText === '' ? '' : `/${this.filterText}`;
  }
}

function seriesOf(map: KeptMap, history: readonly MapMoment[], filter: RowFilter | undefined): readonly NamedSeries[] {
  const busiest = Array.from(map.keyNumbers, (key, index) => ({ key, index, size: map.numbers[index] ?? 0 }))
    .filter(({ key }) => filter?.(map.table.text(key)) ?? true)
    .sort((left, right) => right.size - left.size)
    .slice(0, MAX_SERIES);
  const byKey = history.map((moment) => moment.map.numbersByKey());
  return busiest.map(({ key, index }) => {
    const name = map.table.text(key);
    const value = map.valueAt(index);
    if (isTimeSeries(value)) return { name, values: value.points.map((point) => Number(point.value)) };
    const numbers = byKey.map((moment) => moment[key] || 0);
    return { name, values: isCounter(map.valueType) ? ratesOf(numbers, history) : numbers };
  });
}

/** Change per second between one moment and the next. */
function ratesOf(numbers: readonly number[], history: readonly MapMoment[]): readonly number[] {
  return numbers.slice(1).map((now, index) => {
    const before = numbers[index] ?? 0;
    const milliseconds = (history[index + 1]?.timeMs ?? 0) - (history[index]?.timeMs ?? 0);
    return ((now >= before ? now - before : now) * 1000) / Math.max(1, milliseconds);
  });
}

function isTimeSeries(value: Value): value is TimeSeriesValue {
  return typeof value === 'object' && 'kind' in value && value.kind === 'timeSeries';
}

const TIME_SCALES: readonly (readonly [number, string])[] = [
  [1, 'ns'],
  [1e3, 'us'],
  [1e6, 'ms'],
  [1e9, 's'],
];
const SIZE_SCALES: readonly (readonly [number, string])[] = [
  [1, 'B'],
  [1024, 'KiB'],
  [1024 ** 2, 'MiB'],
  [1024 ** 3, 'GiB'],
];
const COUNT_SCALES: readonly (readonly [number, string])[] = [
  [1, ''],
  [1e3, 'thousands'],
  [1e6, 'millions'],
  [1e9, 'billions'],
];

/** A factor that makes the axis' numbers short, and what to call it. */
function scaleFor(max: number, unit: Unit): { readonly factor: number; readonly name: string } {
  const base = unit === 'us' ? 1e3 : unit === 'ms' ? 1e6 : unit === 's' ? 1e9 : unit === 'KiB' ? 1024 : 1;
  const scales = ['ns', 'us', 'ms', 's'].includes(unit)
    ? TIME_SCALES
    : ['bytes', 'KiB'].includes(unit)
      ? SIZE_SCALES
      : COUNT_SCALES;
  let chosen = scales[0] ?? [1, ''];
  for (const scale of scales) if (max * base >= scale[0] * 2) chosen = scale;
  return { factor: chosen[0] / base, name: chosen[1] };
}

function timeLabels(history: readonly MapMoment[], length: number): readonly string[] {
  const end = history.at(-1)?.timeMs ?? 0;
  const start = history[0]?.timeMs ?? end;
  const span = (end - start) / 1000;
  // As long as that, the widget takes so many of them that they can be read.
  return Array.from({ length }, (_, at) => {
    const ago = Math.round(span * (1 - at / Math.max(1, length - 1)));
    return (ago === 0 ? '' : `-${ago}s`).padEnd(LABEL_LENGTH);
  });
}

function paintLegend(
  painter: Painter,
  series: readonly NamedSeries[],
  isRate: boolean,
  unit: Unit,
  scaleName: string,
  context: ViewContext,
): void {
  const note = [scaleName, isRate ? 'per second' : ''].filter((part) => part !== '').join(' ');
  painter.textRight(painter.width, 0, note, style('faint'), note.length);
  const end = painter.width - note.length - 1;
  let x = 0;
  for (const [index, item] of series.entries()) {
    const token = `series${index % 6}` as Token;
    const last = item.values.at(-1) ?? 0;
    const value = isRate ? `${formatRate(last, unit)}/s` : formatUnit(last, unit);
    const name = item.name === '' ? '' : `${item.name.slice(0, 20)} `;
    if (x + 2 + name.length + value.length > end) break;
    x = painter.text(x, 0, `${context.glyphs.bars.at(-1) ?? '#'} `, style(token));
    x = painter.text(x, 0, name, style('text'));
    x = painter.text(x, 0, value, style('value')) + 2;
  }
}
