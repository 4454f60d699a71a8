/**
 * Where panels go: the grid that gives each panel the best shape at a terminal's size, split over pages when they do not
 * all fit. Pure arithmetic; Ink's boxes carry it out.
 */

export const MIN_COLUMNS = 60;
export const MIN_ROWS = 15;
/** Status line and hint bar. */
export const CHROME_ROWS = 2;

const MIN_PANEL_WIDTH = 38;
const MIN_PANEL_HEIGHT = 7;
/** A cell is about this much taller than wide, and panels read best a bit wider than square. */
const ASPECT = 2.5;

export interface GridLayout {
  /** Indices of panels, row by row. */
  readonly rows: readonly (readonly number[])[];
  readonly page: number;
  readonly pages: number;
}

/** gridLayout arranges `count` panels in a body of this size; the page shown is the one that holds `focus`. */
export function gridLayout(width: number, height: number, count: number, focus: number): GridLayout {
  const maxColumns = Math.max(1, Math.floor(width / MIN_PANEL_WIDTH));
  const maxRows = Math.max(1, Math.floor(height / MIN_PANEL_HEIGHT));
  const perPage = Math.max(1, Math.min(count, maxColumns * maxRows));
  let columns = 1;
  let best = -1;
  for (let candidate = 1; candidate <= Math.min(perPage, maxColumns); candidate++) {
    const rows = Math.ceil(perPage / candidate);
    if (rows > maxRows) continue;
    const score = Math.min(width / candidate / ASPECT, height / rows);
    if (score > best) {
      best = score;
      columns = candidate;
    }
  }
  const pages = Math.max(1, Math.ceil(count / perPage));
  const page = Math.min(pages - 1, Math.floor(focus / perPage));
  const indices = Array.from(
    { length: Math.min(perPage, count - page * perPage) },
    (_, index) => page * perPage + index,
  );
  const rows: number[][] = [];
  for (let at = 0; at < indices.length; at += columns) rows.push(indices.slice(at, at + columns));
  return { rows, page, pages };
}

/** isTooSmall says whether a terminal cannot show the dashboard at all. */
export function isTooSmall(columns: number, rows: number): boolean {
  return columns < MIN_COLUMNS || rows < MIN_ROWS;
}
