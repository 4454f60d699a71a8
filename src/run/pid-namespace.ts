/**
 * The pid namespace that this process counts in, where it is not the initial one: `pid` and `tid` are then asked of the
 * kernel by device and inode.
 */

import { statSync } from 'node:fs';

export interface PidNamespace {
  readonly device: bigint;
  readonly inode: bigint;
}

/** PROC_PID_INIT_INO (include/linux/proc_ns.h), fixed since Linux 3.8. */
const INITIAL_INODE = 0xeffffffcn;

/** ownPidNamespace is undefined in the initial namespace, where nothing needs translating. */
export function ownPidNamespace(): PidNamespace | undefined {
  try {
    const { dev, ino } = statSync('/proc/self/ns/pid', { bigint: true });
    return ino === INITIAL_INODE ? undefined : { device: dev, inode: ino };
  } catch {
    return undefined;
  }
}
