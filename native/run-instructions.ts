/** Loads raw instructions and runs them once: what tests of generated code need, with maps already bound. */

import { loadProgram, testRun } from './programs.ts';
import { closeDescriptor } from './syscall.ts';

/** runInstructions gives the low 32 bits of r0. `context`: the raw tracepoint's arguments, 8 bytes each. */
export function runInstructions(instructions: Uint8Array, context?: Uint8Array): number {
  const fd = loadProgram({ name: 'test', type: 'raw_tracepoint', license: 'GPL', instructions, logLevel: 1 });
  try {
    return testRun(fd, context ? { context } : {}).returnValue;
  } finally {
    closeDescriptor(fd);
  }
}
