/** `-h` and `--help`. */

import type { CommandLine } from '../command-line.ts';
import { writeAll } from '../console.ts';
import { helpText, shortHelpText } from '../help.ts';

/** runHelp prints one screen for `-h`, everything for `--help`. */
export function runHelp({ isLongHelp }: CommandLine): number {
  writeAll(1, isLongHelp ? helpText() : shortHelpText());
  return 0;
}
