/** What a panel's surface paints, and all that it depends on: most keys change one panel or none of a dozen. */

import type { Panel } from '../state/panel.ts';
import type { Surface } from '../terminal/frame-sink.ts';
import { paintPanel } from '../views/chrome.ts';
import type { Ui } from './ui-context.ts';

/** panelPicture gives the picture of the panel at a place in the list. */
export function panelPicture(panel: Panel, index: number, ui: Ui): Required<Pick<Surface, 'paint' | 'subject'>> {
  const { dashboard, glyphs } = ui;
  const isFocused = () => index === dashboard.focus;
  return {
    paint: (painter) =>
      paintPanel(
        painter,
        panel,
        { index, isFocused: isFocused(), intervalMs: dashboard.intervalMs },
        { glyphs, hasColors: ui.hasColors() },
      ),
    subject: () => [
      panel.history.last,
      panel.shownSnapshot,
      panel.log.total,
      panel.log.length,
      panel.status,
      panel.cost,
      dashboard.timeMs,
      ui.hasColors(),
      // Keys change the view of the panel at hand only.
      ...(isFocused() ? [ui.version(), dashboard.viewVersion] : []),
    ],
  };
}
