/**
 * Whether a process of another parent still runs. Node has no pidfd, so this reads /proc; the start time tells a process
 * from a later one with its number.
 */

import { readFileSync } from 'node:fs';

export interface ProcessWatch {
  readonly isRunning: boolean;
}

/** watchProcess remembers the process now running under that pid; undefined if there is none. */
export function watchProcess(pid: number): ProcessWatch | undefined {
  const started = startTime(pid);
  if (started === undefined) return undefined;
  return {
    get isRunning() {
      return startTime(pid) === started;
    },
  };
}

/** Field 22 of /proc/PID/stat; a zombie no longer runs. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
