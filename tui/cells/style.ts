/**
 * A cell's style is one 32-bit number: foreground token, background token and attributes. Tokens say what a colour is
 * for, never which colour it is; the theme decides that when cells are written out (`theme/sgr.ts`).
 */

export const TOKENS = [
  'none',
  'text',
  'muted',
  'faint',
  'title',
  'accent',
  'border',
  'borderFocus',
  'key',
  'header',
  'value',
  'rate',
  'good',
  'warning',
  'error',
  'bar',
  'barRest',
  'spark',
  'selection',
  'selectionText',
  'overlay',
  'match',
  'ghost',
  'probe',
  'heat0',
  'heat1',
  'heat2',
  'heat3',
  'heat4',
  'heat5',
  'heat6',
  'heat7',
  'heat8',
  'series0',
  'series1',
  'series2',
  'series3',
  'series4',
  'series5',
  'flameUser0',
  'flameUser1',
  'flameUser2',
  'flameKernel0',
  'flameKernel1',
  'flameKernel2',
  'flameText',
] as const;

export type Token = (typeof TOKENS)[number];

const INDEX = new Map<Token, number>(TOKENS.map((token, index) => [token, index]));

export const BOLD = 1;
export const DIM = 2;
export const UNDERLINE = 4;
export const REVERSE = 8;

/** style packs a foreground token, a background token and attribute bits into one number. */
export function style(foreground: Token, background: Token = 'none', attributes = 0): number {
  return (INDEX.get(foreground) ?? 0) | ((INDEX.get(background) ?? 0) << 8) | (attributes << 16);
}

/** withBackground keeps foreground and attributes. */
export function withBackground(packed: number, background: Token): number {
  return (packed & 0xff00ff) | ((INDEX.get(background) ?? 0) << 8);
}

export interface UnpackedStyle {
  readonly foreground: Token;
  readonly background: Token;
  readonly attributes: number;
}

export function unpackStyle(packed: number): UnpackedStyle {
  return {
    foreground: TOKENS[packed & 0xff] ?? 'none',
    background: TOKENS[(packed >> 8) & 0xff] ?? 'none',
    attributes: (packed >> 16) & 0xff,
  };
}
