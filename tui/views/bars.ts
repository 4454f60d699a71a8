/** Bars and sparklines in eighths of a cell. */

import type { Painter } from '../cells/painter.ts';
import type { Glyphs } from '../theme/glyphs.ts';

/** paintBar draws a horizontal bar for `share` (0..1) of `width` cells. */
export function paintBar(
  painter: Painter,
  x: number,
  y: number,
  width: number,
  share: number,
  style: number,
  glyphs: Glyphs,
): void {
  const steps = glyphs.bars.length - 1;
  const filled = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * width;
  // What is not nothing shows: at least the thinnest bar.
  const eighths = share > 0 ? Math.max(1, Math.round(filled * steps)) : 0;
  const whole = Math.floor(eighths / steps);
  painter.fill(x, y, whole, 1, style, glyphs.bars[steps] ?? '#');
  const rest = eighths % steps;
  if (rest > 0 && whole < width) painter.cell(x + whole, y, glyphs.bars[rest] ?? ' ', style);
}

/** sparkline turns the last `width` numbers into one character each, scaled to their maximum. */
export function sparkline(numbers: readonly number[], width: number, glyphs: Glyphs): string {
  const shown = numbers.slice(-width);
  const max = Math.max(0, ...shown);
  const steps = glyphs.columns.length - 1;
  const characters = shown.map((value) => {
    if (max <= 0 || value <= 0) return glyphs.columns[0];
    return glyphs.columns[Math.max(1, Math.round((value / max) * steps))];
  });
  return characters.join('').padStart(width);
}
