/**
 * What a script's header comment says about how to show it. Every part is optional: a script without a header gets its
 * views from the types of its maps (`kind.ts`).
 */

export const PANEL_KINDS = ['table', 'histogram', 'heatmap', 'line', 'flame', 'tree', 'log'] as const;

export type PanelKind = (typeof PANEL_KINDS)[number];

export const UNITS = ['count', 'ns', 'us', 'ms', 's', 'bytes', 'KiB', 'pages', 'percent', 'hz', 'none'] as const;

export type Unit = (typeof UNITS)[number];

/** Columns that the dashboard computes rather than reads. */
export const COMPUTED_COLUMNS = ['rate', 'delta', 'share', 'trend'] as const;

export type ComputedColumn = (typeof COMPUTED_COLUMNS)[number];

export interface ColumnDescription {
  readonly title: string;
  readonly unit?: Unit;
  readonly computed?: ComputedColumn;
}

export interface MapDescription {
  /** With the leading `@`. */
  readonly map: string;
  readonly kind?: PanelKind;
  readonly title?: string;
  readonly unit?: Unit;
  readonly scale?: 'log' | 'linear';
  /** Title of the column that sorts the table at first. */
  readonly sort?: string;
  /** The dashboard clears the map this often, so that it shows the recent past rather than everything since the start. */
  readonly renewSeconds?: number;
  /** Helper maps that are no view of their own. */
  readonly isHidden?: boolean;
  /** Key parts first, then value parts, then computed ones, as the header lists them. */
  readonly columns?: readonly ColumnDescription[];
}

export interface PanelParameter {
  readonly name: string;
  /** Positional parameter `$position` of the script, counted from 1. */
  readonly position: number;
  readonly defaultValue: string;
  readonly summary: string;
  /** Declared without a default: given by its name alone, 1 then and 0 else. */
  readonly isSwitch?: boolean;
  /** The tool is not started without it, as its default is what nobody wants by accident. */
  readonly isRequired?: boolean;
}

export interface PanelDescription {
  readonly name: string;
  readonly summary: string;
  readonly title: string;
  readonly group: string;
  /** What a high value means. */
  readonly high: string;
  /** Names of the tools to look at next. */
  readonly next: readonly string[];
  readonly overhead: string;
  readonly needs: readonly string[];
  readonly parameters: readonly PanelParameter[];
  readonly maps: readonly MapDescription[];
  /** Name of the map shown first. */
  readonly main?: string;
  /** Expressions that stand for `pid`, `comm`, … when the panel is restricted; `none` where it cannot be. */
  readonly scope: Readonly<Record<string, string>>;
  /** Further text of the header, for the help of the panel. */
  readonly details: string;
}

/** emptyDescription describes a script that says nothing about itself. */
export function emptyDescription(name: string): PanelDescription {
  return {
    name,
    summary: '',
    title: name,
    group: '',
    high: '',
    next: [],
    overhead: '',
    needs: [],
    parameters: [],
    maps: [],
    scope: {},
    details: '',
  };
}
