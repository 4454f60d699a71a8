/**
 * Finds tracefs, and mounts it where it is missing and we may: without it no tracepoint can be attached. It is looked
 * for where it belongs and, for kernels or images of old, below debugfs.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { TracepointTexts } from './tracepoint-facts.ts';

const TRACEFS = '/sys/kernel/tracing';
const PLACES = [TRACEFS, '/sys/kernel/debug/tracing'];

export interface TracefsMount {
  /** Folder of tracefs, or undefined with the reason in `problem`. */
  readonly path: string | undefined;
  readonly problem: string | undefined;
}

/** findTracefs gives the mounted tracefs, mounting it if it must. */
export function findTracefs(): TracefsMount {
  const mounted = PLACES.find(isReadable);
  if (mounted !== undefined) return { path: mounted, problem: undefined };
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot) {
    return { path: undefined, problem: 'tracefs cannot be read by this user: tracepoints need root (try sudo).' };
  }
  if (!existsSync(TRACEFS)) {
    return {
      path: undefined,
      problem: `This kernel has no tracefs (${TRACEFS} is missing): tracepoints cannot be attached. A kernel with CONFIG_FTRACE=y has it.`,
    };
  }
  try {
    execFileSync('mount', ['-t', 'tracefs', 'tracefs', TRACEFS], { stdio: 'pipe', timeout: 5000 });
  } catch {
    return {
      path: undefined,
      problem: `tracefs is not mounted and could not be mounted here (a container without CAP_SYS_ADMIN?). On the host: mount -t tracefs tracefs ${TRACEFS}`,
    };
  }
  return { path: TRACEFS, problem: undefined };
}

/** Asked of a file that every tracefs has (kernel/trace/trace_events.c): listing the folder would create a hundred names. */
function isReadable(place: string): boolean {
  return existsSync(`${place}/events/header_page`);
}

/** tracefsTexts serves the texts of a mounted tracefs. */
export function tracefsTexts(find: () => TracefsMount): TracepointTexts {
  const read = (name: string): string | undefined => {
    const { path } = find();
    if (path === undefined) return undefined;
    try {
      return readFileSync(`${path}/${name}`, 'latin1');
    } catch {
      return undefined;
    }
  };
  let events: string | undefined;
  return {
    events() {
      events ??= read('available_events');
      return events;
    },
    format: (category, event) => read(`events/${category}/${event}/format`),
  };
}
