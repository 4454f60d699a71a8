/** The characters that views draw with: Unicode, or ASCII for terminals and recordings that want it. */

export interface Glyphs {
  readonly horizontal: string;
  readonly vertical: string;
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  /** Growing left to right: index 0 is empty, the last is a full cell. */
  readonly bars: readonly string[];
  /** Growing bottom to top: index 0 is empty. */
  readonly columns: readonly string[];
  /** Ever denser shades for heat maps without colour. */
  readonly shades: readonly string[];
  readonly barRest: string;
  readonly descending: string;
  readonly ascending: string;
  readonly ellipsis: string;
  readonly pointer: string;
  readonly bullet: string;
  readonly collapsed: string;
  readonly expanded: string;
}

export const UNICODE_GLYPHS: Glyphs = {
  horizontal: '─',
  vertical: '│',
  topLeft: '╭',
  topRight: '╮',
  bottomLeft: '╰',
  bottomRight: '╯',
  bars: [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  columns: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  shades: [' ', '·', '░', '░', '▒', '▒', '▓', '▓', '█'],
  barRest: ' ',
  descending: '▼',
  ascending: '▲',
  ellipsis: '…',
  pointer: '›',
  bullet: '•',
  collapsed: '▸',
  expanded: '▾',
};

export const ASCII_GLYPHS: Glyphs = {
  horizontal: '-',
  vertical: '|',
  topLeft: '+',
  topRight: '+',
  bottomLeft: '+',
  bottomRight: '+',
  bars: [' ', '#'],
  columns: [' ', '.', ':', '|', '#'],
  shades: [' ', '.', ':', '-', '=', '+', '*', '%', '#'],
  barRest: ' ',
  descending: 'v',
  ascending: '^',
  ellipsis: '~',
  pointer: '>',
  bullet: '*',
  collapsed: '+',
  expanded: '-',
};
