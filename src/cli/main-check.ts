/**
 * The entry of the bundle that only checks and formats. An editor checks at every key, and reading the rest of bptop would
 * take half of the time. For anything else that the command line turns out to ask, the launcher starts over with all of bptop.
 */

import type { ModeName } from './choose-mode.ts';
import { runCheck, runFormat } from './modes/check.ts';
import { readFlagsPlainly } from './plain-flags.ts';
import { type Mode, start } from './start.ts';

/** Of the launcher (`src/setup/launcher.cjs`). */
declare const bptopStartOver: () => void;

const MODES: { readonly [name in ModeName]?: Mode } = { check: runCheck, format: runFormat };

/** Never ends: the bundle that is started instead ends the process. */
function startOver(): Promise<number> {
  bptopStartOver();
  return new Promise(() => {});
}

start(readFlagsPlainly, (mode) => MODES[mode] ?? startOver);
