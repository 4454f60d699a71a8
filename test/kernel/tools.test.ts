/**
 * Every bundled tool on this kernel: it attaches, and finds what its workload did. Tools that need kprobes are tested in
 * the virtual machine (test/vm).
 */

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseVariant, readTools } from '../../src/panels/library.ts';
import { liveFacts } from '../support/compile-live.ts';
import { RunningBptop } from '../support/running-bptop.ts';
import { TOOL_CASES, type ToolCase } from '../support/tool-cases.ts';
import { Workload } from '../support/workload.ts';

const BUNDLED = new URL('../../scripts-library', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'bptop-tools-'));
// Workloads of other users look in.
chmodSync(scratch, 0o711);
const tools = readTools([{ path: BUNDLED, isBundled: true }]);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it('every tool has a test', () => {
  expect(TOOL_CASES.map(({ tool }) => tool).sort()).toEqual(tools.map(({ name }) => name).sort());
});

describe.skipIf(process.getuid?.() !== 0)('bundled tools', () => {
  it.for(TOOL_CASES)('$tool', async (row, { skip }) => {
    const tool = tools.find(({ name }) => name === row.tool);
    if (!tool) throw new Error(`no tool ${row.tool}`);
    const choice = chooseVariant(tool, liveFacts());
    if (!('tool' in choice)) return skip(`this kernel lacks ${choice.unmet.join(', ')}`);
    const output = await runTool(row);
    if (!row.expect) return skip(`attached, but nothing to see: ${row.why}`);
    expect(output).toMatch(row.expect);
  });
});

/** The tool as a user runs it, with a workload that begins once its probes are attached. */
async function runTool({ tool, isForOneProcess, workload }: ToolCase): Promise<string> {
  const folder = join(scratch, tool);
  mkdirSync(folder);
  const shell = await Workload.start('bash', ['-c', `echo $$; read _; ${workload}`], { ...process.env, T: folder });
  const running = await RunningBptop.start([tool, ...(isForOneProcess ? ['--pid', String(shell.pid)] : [])], {
    XDG_CONFIG_HOME: scratch,
  });
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
  return stdout;
}
