/**
 * Themes: what each style token looks like. The background stays the terminal's own; `undefined` is its default colour.
 * Attributes carry the meaning where there is no colour, so the monochrome theme is usable by itself.
 */

import { BOLD, DIM, REVERSE, type Token, UNDERLINE } from '../cells/style.ts';

export interface TokenLook {
  /** 0xRRGGBB. */
  readonly color?: number;
  readonly attributes?: number;
}

export interface Theme {
  readonly name: string;
  readonly looks: Readonly<Record<Token, TokenLook>>;
}

function look(color: number | undefined, attributes?: number): TokenLook {
  return {
    ...(color !== undefined && { color }),
    ...(attributes !== undefined && { attributes }),
  };
}

const DARK: Readonly<Record<Token, TokenLook>> = {
  none: look(undefined),
  text: look(undefined),
  muted: look(0x9aa5b1),
  faint: look(0x5c6773),
  title: look(0x7fd1ff, BOLD),
  accent: look(0x7fd1ff),
  border: look(0x3e4a56),
  borderFocus: look(0x4fa3d8),
  key: look(0xffd479, BOLD),
  header: look(0x9aa5b1, UNDERLINE),
  value: look(0xd7e3ee),
  rate: look(0xa6e3a1),
  good: look(0x8bd58b),
  warning: look(0xffb454, BOLD),
  error: look(0xff6b6b, BOLD),
  bar: look(0x4fa3d8),
  barRest: look(0x2a3440),
  spark: look(0x6fb7a8),
  selection: look(0x24435c),
  selectionText: look(0xffffff, BOLD),
  overlay: look(0x1b232c),
  match: look(0xffd479, UNDERLINE),
  ghost: look(0x5c6773),
  probe: look(0xc8a6ff),
  heat0: look(0x1d2733),
  heat1: look(0x1f3b57),
  heat2: look(0x22557a),
  heat3: look(0x2a7a8c),
  heat4: look(0x3f9d7f),
  heat5: look(0x8fbb52),
  heat6: look(0xe0c341),
  heat7: look(0xf08c2e),
  heat8: look(0xe8453c),
  series0: look(0x5cc8ff),
  series1: look(0xffb454),
  series2: look(0x8bd58b),
  series3: look(0xff7ab2),
  series4: look(0xc8a6ff),
  series5: look(0xf5e663),
  flameUser0: look(0xe07a3f),
  flameUser1: look(0xd9952f),
  flameUser2: look(0xc9603a),
  flameKernel0: look(0x4f7fb8),
  flameKernel1: look(0x5a93a8),
  flameKernel2: look(0x6a78c0),
  flameText: look(0x10151a),
};

const LIGHT: Readonly<Record<Token, TokenLook>> = {
  ...DARK,
  muted: look(0x57606a),
  faint: look(0x8c959f),
  title: look(0x0550ae, BOLD),
  accent: look(0x0550ae),
  border: look(0xc0c8d0),
  borderFocus: look(0x0969da),
  key: look(0x8a4600, BOLD),
  header: look(0x57606a, UNDERLINE),
  value: look(0x1f2328),
  rate: look(0x116329),
  good: look(0x116329),
  warning: look(0x9a4a00, BOLD),
  error: look(0xb3141d, BOLD),
  bar: look(0x2f81c4),
  barRest: look(0xdde3e9),
  spark: look(0x2a7f6f),
  selection: look(0xcfe3f7),
  selectionText: look(0x0a1a2a, BOLD),
  overlay: look(0xf0f3f6),
  match: look(0x8a4600, UNDERLINE),
  ghost: look(0x8c959f),
  probe: look(0x6639ba),
  heat0: look(0xeef3f7),
  heat1: look(0xcfe3f1),
  heat2: look(0x9fcbe4),
  heat3: look(0x6db4c9),
  heat4: look(0x5fb58b),
  heat5: look(0x9dbb4a),
  heat6: look(0xe0b52e),
  heat7: look(0xe07b1f),
  heat8: look(0xc9281f),
  series0: look(0x0969da),
  series1: look(0xb35900),
  series2: look(0x1a7f37),
  series3: look(0xbf3989),
  series4: look(0x8250df),
  series5: look(0x7d6600),
};

const HIGH_CONTRAST: Readonly<Record<Token, TokenLook>> = {
  ...DARK,
  text: look(0xffffff),
  muted: look(0xffffff),
  faint: look(0xd0d0d0),
  title: look(0x00ffff, BOLD),
  accent: look(0x00ffff),
  border: look(0xc0c0c0),
  borderFocus: look(0xffff00, BOLD),
  key: look(0xffff00, BOLD),
  header: look(0xffffff, BOLD | UNDERLINE),
  value: look(0xffffff),
  rate: look(0x00ff00),
  good: look(0x00ff00),
  warning: look(0xffff00, BOLD | UNDERLINE),
  error: look(0xff4040, BOLD | UNDERLINE),
  bar: look(0x00bfff),
  spark: look(0x00ff9f),
  selection: look(0x0000c0),
  overlay: look(0x000000),
  ghost: look(0xb0b0b0),
};

const NO_COLORS = Object.fromEntries(Object.keys(DARK).map((token) => [token, {}])) as Record<Token, TokenLook>;

const MONOCHROME: Readonly<Record<Token, TokenLook>> = {
  ...NO_COLORS,
  title: { attributes: BOLD },
  key: { attributes: BOLD },
  header: { attributes: UNDERLINE },
  borderFocus: { attributes: BOLD },
  faint: { attributes: DIM },
  ghost: { attributes: DIM },
  warning: { attributes: BOLD | UNDERLINE },
  error: { attributes: REVERSE },
  match: { attributes: UNDERLINE },
  selection: { attributes: REVERSE },
  selectionText: { attributes: BOLD },
};

export const THEMES: readonly Theme[] = [
  { name: 'dark', looks: DARK },
  { name: 'light', looks: LIGHT },
  { name: 'contrast', looks: HIGH_CONTRAST },
  { name: 'mono', looks: MONOCHROME },
];

export function themeByName(name: string): Theme | undefined {
  return THEMES.find((theme) => theme.name === name);
}
