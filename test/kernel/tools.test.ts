/**
 * Every bundled tool on this kernel: it attaches, and finds what its workload did. Tools that need kprobes, or a machine of
 * their own to upset, find theirs in the virtual machine (test/vm).
 */

import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseVariant, readTools } from '../../src/panels/library.ts';
import { liveFacts } from '../support/compile-live.ts';
import { RunningBptop } from '../support/running-bptop.ts';
import { TOOL_CASES, type ToolCase } from '../support/tool-cases.ts';
import { compileWorkload, Workload } from '../support/workload.ts';

const BUNDLED = new URL('../../scripts-library', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'bptop-tools-'));
// Workloads of other users look in.
chmodSync(scratch, 0o711);
const tools = readTools([{ path: BUNDLED, isBundled: true }]);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.skipIf(process.getuid?.() !== 0)('bundled tools', () => {
  it.for(TOOL_CASES.map((row) => ({ ...row, name: caseName(row) })))('$name', async (row, { skip }) => {
    const tool = tools.find(({ name }) => name === row.tool);
    if (!tool) throw new Error(`no tool ${row.tool}`);
    if (row.standIn === undefined) {
      const choice = chooseVariant(tool, liveFacts());
      if (!('tool' in choice)) return skip(`this kernel lacks ${choice.unmet.join(', ')}`);
    }
    const { output, ending } = await runTool(row.isForVm ? { ...row, workload: 'true' } : row);
    if (row.isForVm) return skip('attached; what it shows is tested in the virtual machine');
    if (!row.expect) return skip(`attached, but nothing to see: ${row.why}`);
    expect(output, ending).toMatch(row.expect);
  });
});

function caseName({ tool, standIn }: ToolCase): string {
  return standIn === undefined ? tool : `${tool} (of a stand-in for ${standIn})`;
}

interface Seen {
  readonly output: string;
  readonly ending: string;
}

/** The tool as a user runs it, with a workload that begins once its probes are attached. */
async function runTool({ tool, args = [], isForOneProcess, workload, standIn }: ToolCase): Promise<Seen> {
  const folder = mkdtempSync(join(scratch, `${tool}-`));
  chmodSync(folder, 0o711);
  const env = { XDG_CONFIG_HOME: scratch, PATH: `${folder}/bin:${process.env['PATH']}` };
  if (standIn !== undefined) {
    mkdirSync(join(folder, 'bin'));
    copyFileSync(compileWorkload('markers'), join(folder, 'bin', standIn));
  }
  // Its standard input is a socket, where bash may take itself for a remote shell and read ~/.bashrc, with another PATH.
  const shell = await Workload.start('bash', ['--norc', '-c', `echo $$; read _; ${workload}`], {
    ...process.env,
    ...env,
    T: folder,
  });
  const running = await RunningBptop.start(
    [tool, ...args, ...(isForOneProcess ? ['--pid', String(shell.pid)] : [])],
    env,
  );
  try {
    shell.go();
    await shell.done;
    await sleep(100);
  } finally {
    shell.kill();
    await running.stop();
  }
  const { stdout, stderr, status } = await running.ended;
  expect(status, stderr).toBe(0);
  return { output: stdout, ending: shell.ending };
}
