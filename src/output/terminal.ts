/**
 * Whether a descriptor is a terminal. Node.js's answer loads sockets and streams (5 ms), so it is asked only about what may
 * be one: pipes, files and the null device are told apart by what they are.
 */

import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Major number of memory devices such as /dev/null (Documentation/admin-guide/devices.txt). */
const MEMORY_DEVICES = 1;

/** isTerminal tells whether a descriptor is a terminal; one that is closed is none. */
export function isTerminal(fd: number): boolean {
  try {
    const status = fstatSync(fd);
    return status.isCharacterDevice() && status.rdev >> 8 !== MEMORY_DEVICES && isatty(fd);
  } catch {
    return false;
  }
}
