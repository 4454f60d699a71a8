/**
 * Looks at a process again and again for a while, so that it is known what it had mapped should it end before anyone
 * asks: closely while it loads its program, ever more rarely while nothing changes. Our own child that still waits to
 * become the command of `-c` is watched closely from the start. Its timers keep nothing alive.
 */

import { readFileSync } from 'node:fs';
import { uptimeMs } from '../session/uptime.ts';
import type { ProcessView } from './process-view.ts';

const FIRST_MS = 2;
const LAST_MS = 1000;
const MAX_WAITING_MS = 10_000;

/** followProcess starts following; it ends with the process. */
export function followProcess(view: ProcessView): void {
  view.follow();
  const isChild = parentOf(view.pid) === process.pid;
  const startedMs = uptimeMs();
  let hasChanged = !isChild;
  let pauseMs = FIRST_MS;
  const step = () => {
    const state = view.refresh();
    if (state === 'gone') return;
    if (state === 'changed') hasChanged = true;
    const isWaiting = !hasChanged && uptimeMs() - startedMs < MAX_WAITING_MS;
    pauseMs = state === 'changed' || isWaiting ? FIRST_MS : Math.min(pauseMs * 2, LAST_MS);
    setTimeout(step, pauseMs).unref();
  };
  setTimeout(step, pauseMs).unref();
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
  } catch {
    return 0;
  }
}
