/**
 * The screen before Ink is there: status line, panels and hints painted where Ink will lay them out, so that a frame stands
 * and data arrives while the interface is still being read. Gone with Ink's first frame, which looks the same.
 */

import type { Rect } from '../cells/cell-buffer.ts';
import { style } from '../cells/style.ts';
import { hintsFor } from '../commands/hints.ts';
import { CHROME_ROWS, isTooSmall } from '../models/layout.ts';
import type { Surface } from '../terminal/frame-sink.ts';
import { paintStatus } from '../views/chrome.ts';
import { panelPicture } from './panel-picture.ts';
import type { Ui } from './ui-context.ts';

/** showFirstScreen paints from now on; returns the function that ends it. */
export function showFirstScreen(ui: Ui): () => void {
  const { dashboard, sink } = ui;
  const surfaces: Surface[] = [
    {
      layer: 0,
      rect: () => visible(ui, { x: 0, y: 0, width: dashboard.columns, height: 1 }),
      paint: (painter) => paintStatus(painter, dashboard),
    },
    {
      layer: 0,
      rect: () => visible(ui, { x: 0, y: dashboard.rows - 1, width: dashboard.columns, height: 1 }),
      paint: (painter) => {
        const { hints, page } = hintsFor(ui.commands);
        painter.textRight(painter.width, 0, page, style('faint'), page.length);
        let x = 0;
        for (const { key, word } of hints) {
          x = painter.text(x, 0, ` ${key}`, style('key'));
          x = painter.text(x + 1, 0, word, style('muted')) + 1;
        }
      },
    },
    ...dashboard.panels.map(
      (panel, index): Surface => ({
        layer: 0,
        rect: () => visible(ui, placeOf(index, ui)),
        ...panelPicture(panel, index, ui),
      }),
    ),
  ];
  const removals = surfaces.map((surface) => sink.addSurface(surface));
  return () => {
    for (const remove of removals) remove();
  };
}

function visible({ dashboard }: Ui, rect: Rect | undefined): Rect | undefined {
  return isTooSmall(dashboard.columns, dashboard.rows) ? undefined : rect;
}

/** Equal shares of the body, edges rounded as Ink's layout does. */
function placeOf(index: number, { dashboard }: Ui): Rect | undefined {
  const { rows } = dashboard.layout;
  const row = rows.findIndex((indices) => indices.includes(index));
  const indices = rows[row];
  if (indices === undefined) return undefined;
  const [y, height] = share(row, rows.length, dashboard.rows - CHROME_ROWS);
  const [x, width] = share(indices.indexOf(index), indices.length, dashboard.columns);
  return { x, y: y + 1, width, height };
}

function share(at: number, parts: number, length: number): [start: number, size: number] {
  const start = Math.round((at * length) / parts);
  return [start, Math.round(((at + 1) * length) / parts) - start];
}
