/**
 * A view paints one map of one panel in one way and keeps what the user did to it: sort, filter, selection, zoom. Views
 * know nothing of panels, sessions or Ink; they are handed a moment and cells.
 */

import type { MapDescription, PanelKind } from '../../src/panels/description.ts';
import type { MapEntry } from '../../src/session/snapshot.ts';
import type { Painter } from '../cells/painter.ts';
import type { MapMoment } from '../models/history.ts';
import type { RowFilter } from '../models/table.ts';
import type { Glyphs } from '../theme/glyphs.ts';

export interface ViewContext {
  /** The moments up to the one shown, oldest first; the last is shown. */
  readonly history: readonly MapMoment[];
  /** As many of them as are asked for, beyond the view's `lookback`. */
  past(count: number): readonly MapMoment[];
  readonly description: MapDescription;
  /** What the script calls the parts of the key: `pid`, `comm`, `args.dev`. */
  readonly keyTitles: readonly string[];
  readonly glyphs: Glyphs;
  readonly isFocused: boolean;
  /** Without colours, shades of characters carry the meaning. */
  readonly hasColors: boolean;
}

export type ViewCommand =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageUp'
  | 'pageDown'
  | 'first'
  | 'last'
  | 'sortNext'
  | 'sortPrevious'
  | 'reverse'
  | 'scale'
  | 'interval'
  | 'expand'
  | 'out';

export interface Selection {
  readonly entry: MapEntry;
  /** The row as text, tab-separated, for the clipboard. */
  readonly text: string;
}

export interface View {
  readonly kind: PanelKind;
  /** So many moments are looked at; without it, all that a trend may want. */
  readonly lookback?: number;
  paint(painter: Painter, context: ViewContext): void;
  /** Carries out a command; false if it means nothing to this view. */
  run(command: ViewCommand): boolean;
  setFilter(text: string, filter: RowFilter | undefined): void;
  readonly filterText: string;
  selection(): Selection | undefined;
  /** What the panel's title line says about the view's state. */
  status(): string;
  /** Selects what is drawn at a place of the painted rectangle. */
  click?(x: number, y: number): void;
}
