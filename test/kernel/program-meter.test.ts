/** What the description of a descriptor says of a program's runs is what the kernel says when asked for them. */

import { expect, test } from 'vitest';
import { enableStatistics, loadProgram, programStatistics, testRun } from '../../native/programs.ts';
import { closeDescriptor } from '../../native/syscall.ts';
import { ProgramMeter } from '../../src/session/program-meter.ts';
import { assemble, exit, mov } from '../support/assembler.ts';

test('runs and time of a program', () => {
  const statistics = enableStatistics();
  const fd = loadProgram({
    name: 'metered',
    type: 'raw_tracepoint',
    license: 'GPL',
    instructions: assemble(mov(0, 0), exit()),
  });
  const meter = new ProgramMeter(fd);
  try {
    expect(meter.read().runs).toBe(0);
    for (let run = 0; run < 3; run++) testRun(fd);
    const { runs, timeNs } = programStatistics(fd);
    expect(runs).toBe(3);
    expect(meter.read()).toEqual({ runs, timeNs });
    // Closed, it asks the kernel.
    meter.close();
    expect(meter.read()).toEqual({ runs, timeNs });
  } finally {
    closeDescriptor(fd);
    closeDescriptor(statistics);
  }
});
