/**
 * How traced strings reach the reader. Script text (format strings, map names) is the user's own and passes as is;
 * what was traced passes through `traced`, which is the identity unless the reader is a terminal.
 */

import { visible, visibleLines } from '../text/visible.ts';

export interface TextStyle {
  /** Applied to every traced string. */
  readonly traced: (text: string) => string;
  /** Applied to file contents and command output, which keep their line ends. */
  readonly tracedLines: (text: string) => string;
  /** `traced` is the identity: generated formatters leave the call out. */
  readonly isRaw: boolean;
}

const same = (text: string): string => text;

/** RAW_STYLE is for pipes, files and recordings. */
export const RAW_STYLE: TextStyle = {
  traced: same,
  tracedLines: same,
  isRaw: true,
};

/** TERMINAL_STYLE makes control characters of traced text visible. */
export const TERMINAL_STYLE: TextStyle = {
  traced: visible,
  tracedLines: visibleLines,
  isRaw: false,
};
