/** What views know of a chart: series in, cells out. `contrib-host.ts` implements it with blessed-contrib's widgets. */

import type { Painter } from '../cells/painter.ts';

export interface Series {
  /** Same length as `labels`; missing values have been filled. */
  readonly values: readonly number[];
}

/** Values come scaled to small numbers: a chart prints them without a unit. */
export interface ChartData {
  readonly labels: readonly string[];
  readonly series: readonly Series[];
}

export interface Chart {
  update(data: ChartData): void;
  paint(painter: Painter): void;
  dispose(): void;
}
