/** What a recording holds, as data: panels (scripts), their snapshots and the lines they printed. */

import type { Snapshot } from '../session/snapshot.ts';

export interface RecordedPanel {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly string[];
  readonly scope: readonly { readonly field: string; readonly value: string | number }[];
}

export interface RecordedLine {
  readonly text: string;
  readonly isError: boolean;
}

/** Where a file stopped making sense. */
export interface Damage {
  readonly offset: number;
  readonly message: string;
}

export type RecordedItem =
  | { readonly kind: 'snapshot'; readonly panel: number; readonly timeMs: number; readonly snapshot: Snapshot }
  | { readonly kind: 'line'; readonly panel: number; readonly timeMs: number; readonly line: RecordedLine };
