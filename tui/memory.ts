/**
 * How the dashboard keeps its memory small: it runs for hours beside what it watches. Starting leaves three times as much
 * garbage as there is data, and V8 collects old garbage late on purpose; a young generation of 32 MB serves nobody here.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { releaseFreeMemory } from '../native/memory.ts';

const TRIM_MS = 60_000;

/** spareMemory makes the collector prefer little memory to few collections, from now on. */
export function spareMemory(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--optimize-for-size');
}

/** collectGarbage takes tens of milliseconds: once, when everything has started. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
  releaseFreeMemory();
  // Threads that end, and files that were read, leave holes.
  setInterval(releaseFreeMemory, TRIM_MS).unref();
}
