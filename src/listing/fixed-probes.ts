/** Probes that every machine has: counters, timers, signals. */

import type { ProbeRow } from './listing.ts';

/** Rows in the order of their texts. */
function rows(...texts: string[]): () => readonly ProbeRow[] {
  return () => texts.sort().map((text) => text.split(':'));
}

/** Full names and short ones; the empty part is where a count can stand. */
export const softwareRows = rows(
  'alignment-faults:',
  'bpf-output:',
  'context-switches:',
  'cpu-clock:',
  'cpu-migrations:',
  'cpu:',
  'cs:',
  'dummy:',
  'emulation-faults:',
  'faults:',
  'major-faults:',
  'minor-faults:',
  'page-faults:',
  'task-clock:',
);

/** Names of `hardware` events, with their short forms. */
export const hardwareRows = rows(
  'backend-stalls:',
  'branch-instructions:',
  'branch-misses:',
  'branches:',
  'bus-cycles:',
  'cache-misses:',
  'cache-references:',
  'cpu-cycles:',
  'cycles:',
  'frontend-stalls:',
  'instructions:',
  'ref-cycles:',
);

/** Units of `profile` and `interval`. */
export const timerRows = rows('hz:', 'ms:', 's:', 'us:');

/** Signals that bptop itself takes. */
export const selfRows = rows('signal:SIGUSR1');

/** A probe that is its provider's name and no more. */
export const bareRow = rows('');
