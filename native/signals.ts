/** The signals that this thread takes: what must not be interrupted holds them back for a moment. */

import { callLibc } from './library.ts';

/** glibc's sigset_t has 1,024 bits; signal n is bit n-1. */
const SET_SIZE = 128;
/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV: held back, these end the process (signal(7)). */
const OF_THE_THREAD = [4, 5, 7, 8, 11];
/** asm-generic/signal-defs.h */
const SIG_BLOCK = 0;
const SIG_SETMASK = 2;

/** withoutSignals runs `action` while signals to this thread wait; they are delivered before it returns. */
export function withoutSignals<T>(action: () => T): T {
  const all = Buffer.alloc(SET_SIZE, 0xff);
  for (const signal of OF_THE_THREAD) {
    const at = (signal - 1) >> 3;
    all[at] = (all[at] ?? 0) & ~(1 << ((signal - 1) & 7));
  }
  const before = Buffer.alloc(SET_SIZE);
  setMask(SIG_BLOCK, all, before);
  try {
    return action();
  } finally {
    setMask(SIG_SETMASK, before, all);
  }
}

function setMask(how: number, set: Uint8Array, old: Uint8Array): void {
  callLibc('pthread_sigmask', [
    ['i32', how],
    ['buffer', set],
    ['buffer', old],
  ]);
}
