/**
 * How the dashboard keeps its memory small: it runs for hours beside what it watches. Starting leaves three times as much
 * garbage as there is data, and V8 collects old garbage late on purpose; a young generation of 32 MB serves nobody here.
 */

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { releaseFreeMemory } from '../native/memory.ts';

/** Room for new objects: a few seconds' worth, so that most of it is garbage when it is looked through. */
const YOUNG_BYTES = 8 << 20;
const LOOK_MS = 5000;
const LOOKS_PER_TRIM = 12;

/** spareMemory collects what the start left behind, tens of milliseconds long, and keeps memory small from then on. */
export function spareMemory(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
  releaseFreeMemory();
  let looks = 0;
  setInterval(() => {
    limitYoungGeneration();
    // Threads that end, and files that were read, leave holes.
    if (++looks % LOOKS_PER_TRIM === 0) releaseFreeMemory();
  }, LOOK_MS).unref();
}

let isGrowing = true;

/** Its largest size is fixed when Node.js starts; how fast it grows is not. */
function limitYoungGeneration(): void {
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
  const mayGrow = young === undefined || young.space_size < YOUNG_BYTES;
  if (mayGrow === isGrowing) return;
  isGrowing = mayGrow;
  setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
}
