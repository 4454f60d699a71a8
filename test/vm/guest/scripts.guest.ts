/**
 * Whole scripts on kernels with kprobes: the seek-size script of the article that presented the language, fed by a disk
 * of the machine's own, and the bundled tools that need kprobes. Runs in the virtual machine.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { chooseVariant, readTools } from '../../../src/panels/library.ts';
import { findFiles } from '../../support/find-files.ts';
import { liveFacts } from '../../support/run-script.ts';
import { TOOL_CASES } from '../../support/tool-cases.ts';
import { traceText, traceWorkload } from '../../support/traced-run.ts';
import { compileWorkload } from '../../support/workload.ts';

const LIBRARY = new URL('../../../scripts-library/', import.meta.url).pathname;

const SEEK_SIZE = `/*
 * Print header
 */
BEGIN
{
    printf("Tracing... Hit Ctrl-C to end.\\n");
}

/*
 * Process io start
 */
tracepoint:block:block_rq_insert
/@last[args->dev]/
{
    // calculate seek distance
    $last = @last[args->dev];
    $dist = (args->sector - $last) > 0 ?
        args->sector - $last : $last - args->sector;

    // store details
    @size[pid, comm] = hist($dist);
}

tracepoint:block:block_rq_insert
{
    // save last position of disk head
    @last[args->dev] = args->sector + args->nr_sector;
}

/*
 * Print final report
 */
END
{
    printf("\\n@[PID, COMM]:\\n");
    print(@size);
    clear(@size);
    clear(@last);
}
`;

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

describe('tools', () => {
  // Some workloads mount a file system of their own.
  beforeAll(() => {
    if (!existsSync('/dev/loop-control')) loadModule('loop');
  });

  const tools = readTools([{ path: LIBRARY, isBundled: true }]);
  for (const { tool, workload, expect: expected, why, isForVm } of TOOL_CASES) {
    if (!isForVm) continue;
    test(tool, async ({ skip }) => {
      const found = tools.find(({ name }) => name === tool);
      if (!found) throw new Error(`no tool ${tool}`);
      const choice = chooseVariant(found, liveFacts());
      if (!('tool' in choice)) return skip(`this kernel lacks ${choice.unmet.join(', ')}`);
      const folder = mkdtempSync(join(tmpdir(), 'tool-'));
      const script = readFileSync(choice.tool.path, 'utf8');
      const { output, messages } = await traceText(script, () => runShell(workload, folder));
      expect(messages).toMatch(/^Attached \d+ probes?$/m);
      if (!expected) return skip(`attached, but nothing to see: ${why}`);
      expect(output).toMatch(expected);
    });
  }
});

async function runShell(commands: string, folder: string): Promise<void> {
  const child = spawn('bash', ['-c', commands], { env: { ...process.env, T: folder }, stdio: 'ignore' });
  await once(child, 'close');
}

/** Without a scheduler, which the kernel has as a module, requests go to the device and are never inserted anywhere. */
function useScheduler(name: string): void {
  const control = '/sys/block/vda/queue/scheduler';
  if (!readFileSync(control, 'utf8').includes(name)) loadModule(name);
  writeFileSync(control, name);
}

/** Loads a module of the kernel package that the machine was booted from. */
function loadModule(name: string): void {
  const machine = /vm_dir=(\S+)/.exec(readFileSync('/proc/cmdline', 'utf8'))?.[1] ?? '';
  const package_ = join(machine, 'kernel/');
  const busybox = findFiles(package_, 'busybox')[0] ?? '';
  const [plain] = findFiles(package_, `${name}.ko`);
  const [packed] = findFiles(package_, `${name}.ko.xz`);
  const file = plain ?? join(tmpdir(), `${name}.ko`);
  if (packed && !existsSync(file))
    writeFileSync(file, execFileSync(busybox, ['xzcat', packed], { maxBuffer: 1 << 28 }));
  execFileSync(busybox, ['insmod', file]);
}
