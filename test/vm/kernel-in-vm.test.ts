/**
 * The kernel tests that other kernels must pass too, and those of kprobes and trampolines, which many kernels of virtual
 * machines lack: run inside a virtual machine, one boot per kernel, each test there is one here.
 */

import { describe, expect, test } from 'vitest';
import { compileWorkload, missingCompiler } from '../support/workload.ts';
import { type MachineRun, runInMachine } from './machine.ts';

const FILES = [
  // First, as it loads modules, whose functions are among those known only if they are there when these are first listed.
  'test/vm/guest/tools.guest.ts',
  'test/vm/guest/functions.guest.ts',
  'test/vm/guest/scripts.guest.ts',
  'test/kernel/codegen-expressions.test.ts',
  'test/kernel/codegen-builtins.test.ts',
  'test/kernel/codegen-keys.test.ts',
  'test/kernel/codegen-functions.test.ts',
  'test/kernel/codegen-memory.test.ts',
  'test/kernel/output-values.test.ts',
  'test/kernel/packets.test.ts',
  'test/kernel/session.test.ts',
  'test/kernel/session-scripts.test.ts',
  'test/kernel/session-sites.test.ts',
  'test/kernel/differential.test.ts',
  'test/kernel/probes-kernel.test.ts',
  'test/kernel/probes-user.test.ts',
  'test/vm/guest/frequencies.guest.ts',
];

/** Long-term kernels of Debian; only the second has multi links and sessions of kprobes. */
const KERNELS = ['6.1', '6.12'] as const;

// Compiled here, as a compiler takes its time under emulation.
for (const workload of ['probed', 'guest']) compileWorkload(workload);
compileWorkload('targets', ['-no-pie']);
compileWorkload('targets', ['-pie']);
compileWorkload('syscalls');
for (const source of ['shapes.cc', 'shop.rs', 'market.go']) if (!missingCompiler(source)) compileWorkload(source);

// Tests are known only once the machines have run them: side by side, as each is one CPU's work.
const runs = await Promise.all(KERNELS.map(async (kernel) => ({ kernel, run: await runInMachine(kernel, FILES) })));

for (const { kernel, run } of runs) describe(`Linux ${kernel}`, () => report(run));

function report({ results, unavailable, failure }: MachineRun): void {
  if (unavailable !== undefined) {
    test.skip(`no virtual machine: ${unavailable.trim().split('\n').at(0)}`);
    return;
  }
  for (const { file, name, state, error } of results) {
    const run = state === 'skip' ? test.skip : test;
    run(`${file} > ${name}`, () => {
      if (state === 'fail') throw new Error(error);
    });
  }
  test('runs to its end', () => {
    expect(failure).toBeUndefined();
    expect(results.length).toBeGreaterThan(0);
  });
}
