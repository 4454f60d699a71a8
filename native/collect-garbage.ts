/**
 * Collects garbage now: a thread that does little is not collected for minutes, and what it has let go of would stay as long.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** collectGarbage takes tens of milliseconds of the calling thread. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
}
