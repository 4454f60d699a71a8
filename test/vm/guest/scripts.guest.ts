/**
 * The seek-size script of the article that presented the language, fed by a disk of the machine's own. Runs in the virtual
 * machine.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { SEEK_SIZE } from '../../support/founding-scripts.ts';
import { traceWorkload } from '../../support/traced-run.ts';
import { compileWorkload } from '../../support/workload.ts';
import { loadModule } from './modules.ts';

describe('disk', () => {
  beforeAll(() => useScheduler('mq-deadline'));

  // Writes at sectors 0 and 16384 in turn, 8 sectors each: the head moves 16376 forth and 16392 back.
  test('the seek-size script sees every write of a program that seeks', async () => {
    const { output, messages } = await traceWorkload(
      [compileWorkload('probed'), 'seeks', '41', '/dev/vda'],
      () => SEEK_SIZE,
    );
    expect(messages).toBe('Attached 4 probes\n');
    expect(output).toMatch(/^Tracing\.\.\. Hit Ctrl-C to end\.\n\n@\[PID, COMM\]:\n@size\[\d+, probed-\w+\]: ?\n/);
    expect(output).toMatch(/\[8K, 16K\) +20 \|/);
    expect(output).toMatch(/\[16K, 32K\) +20 \|/);
  });
});

/** Without a scheduler, which the kernel has as a module, requests go to the device and are never inserted anywhere. */
function useScheduler(name: string): void {
  const control = '/sys/block/vda/queue/scheduler';
  if (!readFileSync(control, 'utf8').includes(name)) loadModule(name);
  writeFileSync(control, name);
}
