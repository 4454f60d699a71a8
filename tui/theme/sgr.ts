/**
 * From packed styles to escape sequences: one string per style, computed once per theme and colour depth.
 */

import { BOLD, DIM, REVERSE, UNDERLINE, unpackStyle } from '../cells/style.ts';
import type { ColorDepth } from './color-depth.ts';
import type { Theme } from './themes.ts';

const ATTRIBUTE_CODES: readonly (readonly [number, string])[] = [
  [BOLD, '1'],
  [DIM, '2'],
  [UNDERLINE, '4'],
  [REVERSE, '7'],
];

/** StyleEncoder turns a style into the SGR sequence that sets it from any state. */
export class StyleEncoder {
  readonly #theme: Theme;
  readonly #depth: ColorDepth;
  readonly #cache = new Map<number, string>();

  constructor(theme: Theme, depth: ColorDepth) {
    this.#theme = theme;
    this.#depth = depth;
  }

  encode(packed: number): string {
    let sequence = this.#cache.get(packed);
    if (sequence === undefined) {
      sequence = this.#compute(packed);
      this.#cache.set(packed, sequence);
    }
    return sequence;
  }

  /** Colours as `#rrggbb`, for the SVG screenshot. */
  colors(packed: number): {
    readonly foreground: string | undefined;
    readonly background: string | undefined;
    readonly attributes: number;
  } {
    const { foreground, background, attributes } = unpackStyle(packed);
    const front = this.#theme.looks[foreground];
    const back = this.#theme.looks[background];
    return {
      foreground: hex(front.color),
      background: hex(back.color),
      attributes: attributes | (front.attributes ?? 0) | (back.attributes ?? 0),
    };
  }

  #compute(packed: number): string {
    const { foreground, background, attributes } = unpackStyle(packed);
    const front = this.#theme.looks[foreground];
    const back = background === 'none' ? {} : this.#theme.looks[background];
    let bits = attributes | (front.attributes ?? 0) | (back.attributes ?? 0);
    // Without colours a selected row or a heat cell must still stand out.
    if (this.#depth === 'none' && background === 'selection') bits |= REVERSE;
    let sequence = '\x1b[0';
    for (const [bit, code] of ATTRIBUTE_CODES) if ((bits & bit) !== 0) sequence += `;${code}`;
    sequence += colorCode(front.color, this.#depth, false);
    sequence += colorCode(back.color, this.#depth, true);
    return `${sequence}m`;
  }
}

function colorCode(color: number | undefined, depth: ColorDepth, isBackground: boolean): string {
  if (color === undefined || depth === 'none') return '';
  const red = (color >> 16) & 255;
  const green = (color >> 8) & 255;
  const blue = color & 255;
  switch (depth) {
    case 'truecolor':
      return `;${isBackground ? 48 : 38};2;${red};${green};${blue}`;
    case '256':
      return `;${isBackground ? 48 : 38};5;${nearest256(red, green, blue)}`;
    case '16': {
      const index = nearest16(red, green, blue);
      const base = isBackground ? 40 : 30;
      return `;${index < 8 ? base + index : base + 52 + index}`;
    }
  }
}

const CUBE = [0, 95, 135, 175, 215, 255];

/** nearest256 picks from the 6x6x6 cube and the grey ramp of xterm's palette. */
export function nearest256(red: number, green: number, blue: number): number {
  const channel = (value: number) => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40));
  const [r, g, b] = [channel(red), channel(green), channel(blue)];
  const cube = distance(red, green, blue, CUBE[r] ?? 0, CUBE[g] ?? 0, CUBE[b] ?? 0);
  const grey = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const level = 8 + grey * 10;
  return distance(red, green, blue, level, level, level) < cube ? 232 + grey : 16 + 36 * r + 6 * g + b;
}

const ANSI16: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [170, 0, 0],
  [0, 170, 0],
  [170, 85, 0],
  [0, 0, 170],
  [170, 0, 170],
  [0, 170, 170],
  [170, 170, 170],
  [85, 85, 85],
  [255, 85, 85],
  [85, 255, 85],
  [255, 255, 85],
  [85, 85, 255],
  [255, 85, 255],
  [85, 255, 255],
  [255, 255, 255],
];

export function nearest16(red: number, green: number, blue: number): number {
  let best = 0;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const [index, [r, g, b]] of ANSI16.entries()) {
    const candidate = distance(red, green, blue, r, g, b);
    if (candidate < bestDistance) {
      best = index;
      bestDistance = candidate;
    }
  }
  return best;
}

function distance(r1: number, g1: number, b1: number, r2: number, g2: number, b2: number): number {
  return (r1 - r2) ** 2 * 2 + (g1 - g2) ** 2 * 4 + (b1 - b2) ** 2 * 3;
}

function hex(color: number | undefined): string | undefined {
  return color === undefined ? undefined : `#${color.toString(16).padStart(6, '0')}`;
}
