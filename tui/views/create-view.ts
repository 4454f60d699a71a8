/** One table from panel kinds to their views. */

import type { PanelKind } from '../../src/panels/description.ts';
import { FlameView } from './flame-view.ts';
import { HeatmapView } from './heatmap-view.ts';
import { HistogramView } from './histogram-view.ts';
import { LineView } from './line-view.ts';
import { type LogLine, LogView } from './log-view.ts';
import { TableView } from './table-view.ts';
import { TreeView } from './tree-view.ts';
import type { View } from './view.ts';

type ViewFactory = (lines: () => readonly LogLine[]) => View;

const VIEWS: Readonly<Record<PanelKind, ViewFactory>> = {
  table: () => new TableView(),
  histogram: () => new HistogramView(),
  heatmap: () => new HeatmapView(),
  line: () => new LineView(),
  flame: () => new FlameView(),
  tree: () => new TreeView(),
  log: (lines) => new LogView(lines),
};

/** createView makes a view of a kind; `lines` is what a log shows. */
export function createView(kind: PanelKind, lines: () => readonly LogLine[]): View {
  return VIEWS[kind](lines);
}
