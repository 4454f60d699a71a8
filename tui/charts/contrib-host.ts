/**
 * The only file that knows blessed. Widgets of blessed-contrib are painted into an off-screen blessed screen over null
 * streams, never rendered, and their cells copied out. Colours are palette indices here and stand for series of the
 * theme. No traced text goes in: blessed interprets tags and escapes.
 */

import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';
import type { default as Blessed, BlessedScreen } from 'blessed';
import type { default as LineClass, LineWidget } from 'blessed-contrib/lib/widget/charts/line.js';
import type { Painter } from '../cells/painter.ts';
import { style, type Token } from '../cells/style.ts';
import type { Chart, ChartData } from './chart.ts';

/** Palette index of the first series; the axis and its labels have the two before it. */
const SERIES_COLOR = 20;
const AXIS_COLOR = 18;
const LABEL_COLOR = 19;

const TOKEN_BY_COLOR: ReadonlyMap<number, Token> = new Map<number, Token>([
  [AXIS_COLOR, 'border'],
  [LABEL_COLOR, 'muted'],
  [SERIES_COLOR, 'series0'],
  [SERIES_COLOR + 1, 'series1'],
  [SERIES_COLOR + 2, 'series2'],
  [SERIES_COLOR + 3, 'series3'],
  [SERIES_COLOR + 4, 'series4'],
  [SERIES_COLOR + 5, 'series5'],
]);

/** The widget leaves this many columns empty at its right edge, and rows below its labels. */
const WASTED_COLUMNS = 6;
const WASTED_ROWS = 2;
/** Dots of a cell, of the labels below the axis, and between axis and line: the widget draws so much above its own top. */
const DOTS = 4;
const LABEL_DOTS = 11;
const LIFT_DOTS = 2;

// Loaded with the first chart: together they take longer than all else that draws.
const requireLate = createRequire(import.meta.url);

let sharedScreen: BlessedScreen | undefined;

function hostScreen(): BlessedScreen {
  if (sharedScreen !== undefined) return sharedScreen;
  const blessed: typeof Blessed = requireLate('blessed');
  // Without these marks blessed takes over exit, signals and uncaught errors of the whole process.
  blessed.Program._bound = true;
  blessed.Screen._bound = true;
  const nowhere = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const output = Object.assign(nowhere(), { columns: 400, rows: 200, isTTY: false });
  const program = blessed.program({ input: nowhere(), output, terminal: 'xterm-256color', tput: false, buffer: false });
  program.cols = 400;
  program.rows = 200;
  sharedScreen = blessed.screen({ program, smartCSR: false, dockBorders: false, fullUnicode: false });
  sharedScreen.alloc();
  return sharedScreen;
}

/** createLineChart makes a line chart of a fixed size in cells; on resize make another. */
export function createLineChart(width: number, height: number): Chart {
  const screen = hostScreen();
  let maxY = 0;
  let widget = mountLine(screen, width, height, 0);
  return {
    update(data: ChartData): void {
      const highest = Math.max(0, ...data.series.flatMap((series) => series.values.filter(Number.isFinite)));
      const dots = (height + WASTED_ROWS - 2) * DOTS - LABEL_DOTS;
      const top = niceCeiling(highest / (1 - LIFT_DOTS / Math.max(LIFT_DOTS * 2, dots)));
      if (top !== maxY) {
        // The widget fixes its scale when made.
        maxY = top;
        unmount(screen, widget);
        widget = mountLine(screen, width, height, maxY);
      }
      widget.setData(
        data.series.map((series, index) => ({
          title: '',
          // The widget prints an empty label as "null".
          x: data.labels.map((label) => (label === '' ? ' ' : label)),
          y: series.values.map((value) => (Number.isFinite(value) ? value : 0)),
          style: { line: SERIES_COLOR + (index % 6) },
        })),
      );
    },
    paint(painter: Painter): void {
      blank(screen, width + WASTED_COLUMNS, height + WASTED_ROWS);
      widget.render();
      copyCells(screen, painter, width, height);
    },
    dispose: () => unmount(screen, widget),
  };
}

function mountLine(screen: BlessedScreen, width: number, height: number, maxY: number): LineWidget {
  const Line: typeof LineClass = requireLate('blessed-contrib/lib/widget/charts/line.js');
  const widget = new Line({
    screen,
    top: 0,
    left: 0,
    width: width + WASTED_COLUMNS,
    height: height + WASTED_ROWS,
    minY: 0,
    ...(maxY > 0 && { maxY }),
    numYLabels: labelCount(maxY, Math.floor(height / 4)),
    xPadding: 5,
    showLegend: false,
    wholeNumbersOnly: false,
    style: { line: SERIES_COLOR, text: LABEL_COLOR, baseline: AXIS_COLOR },
  });
  screen.append(widget);
  return widget;
}

function unmount(screen: BlessedScreen, widget: LineWidget): void {
  screen.remove(widget);
  widget.destroy();
}

/** blessed changes its cells in place, so each gets contents of its own. */
function blank(screen: BlessedScreen, width: number, height: number): void {
  for (let y = 0; y < height; y++)
    for (const cell of screen.lines[y]?.slice(0, width) ?? []) {
      cell[0] = 0;
      cell[1] = ' ';
    }
}

/** blessed packs a cell's attributes as flags, 9 bits of foreground, 9 bits of background. */
function copyCells(screen: BlessedScreen, painter: Painter, width: number, height: number): void {
  for (let y = 0; y < Math.min(height, painter.height); y++) {
    const line = screen.lines[y];
    if (line === undefined) return;
    for (let x = 0; x < Math.min(width, painter.width); x++) {
      const cell = line[x];
      if (cell === undefined || cell[1] === ' ' || cell[1] === '') continue;
      const token = TOKEN_BY_COLOR.get((cell[0] >> 9) & 0x1ff) ?? 'text';
      painter.cell(x, y, cell[1], style(token));
    }
  }
}

/** As many labels as there is room for, if the steps between them are short numbers. */
function labelCount(maxY: number, most: number): number {
  const mantissa = maxY <= 0 ? 1 : maxY / 10 ** Math.floor(Math.log10(maxY));
  for (let count = most; count > 2; count--) if (Math.round(mantissa * 20) % count === 0) return count;
  return 2;
}

/** niceCeiling rounds up to a short number times a power of ten, so that the axis does not move at every refresh. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const factor of [1, 1.5, 2, 3, 4, 5, 6, 8]) if (value <= factor * power) return factor * power;
  return 10 * power;
}
