/** Probes that every machine has: counters, timers, signals. */

import { HARDWARE_EVENTS, SOFTWARE_EVENTS } from '../semantics/probes/perf-events.ts';
import type { ProbeRow } from './listing.ts';

/** Rows in the order of their texts. */
function rows(texts: readonly string[]): () => readonly ProbeRow[] {
  return () => [...texts].sort().map((text) => text.split(':'));
}

/** Full names and short ones; the empty part is where a count can stand. */
export const softwareRows = rows(SOFTWARE_EVENTS.flatMap(({ names }) => names.map((name) => `${name}:`)));

/** Names of `hardware` events, with their short forms. */
export const hardwareRows = rows(HARDWARE_EVENTS.flatMap(({ names }) => names.map((name) => `${name}:`)));

/** Units of `profile` and `interval`. */
export const timerRows = rows(['hz:', 'ms:', 's:', 'us:']);

/** Signals that bptop itself takes. */
export const selfRows = rows(['signal:SIGUSR1']);

/** A probe that is its provider's name and no more. */
export const bareRow = rows(['']);
