/**
 * The bundled tools on kernels that are not the host's. Those that need kprobes, or a machine of their own to upset, find
 * what their workload does; all others are compiled, loaded and attached, but for those of user space, which kernels serve
 * alike and slow emulation does not.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseVariant, isOfUserSpace, readTools } from '../../../src/panels/library.ts';
import { liveFacts } from '../../support/run-script.ts';
import type { ToolCase } from '../../support/tool-cases.ts';
import { traceText } from '../../support/traced-run.ts';
import { compileWorkload } from '../../support/workload.ts';

const WORKLOADS = new URL('../../workloads', import.meta.url).pathname;
const LIBRARY = new URL('../../../scripts-library/', import.meta.url).pathname;

/** testTools makes a test of each row. */
export function testTools(rows: readonly ToolCase[]): void {
  const tools = readTools([{ path: LIBRARY, isBundled: true }]);
  for (const { tool, workload, expect: expected, why, isForVm } of rows) {
    const found = tools.find(({ name }) => name === tool);
    if (!found) throw new Error(`no tool ${tool}`);
    if (isOfUserSpace(found)) continue;
    test(isForVm ? tool : `${tool} attaches`, async ({ skip }) => {
      const choice = chooseVariant(found, liveFacts());
      if (!('tool' in choice)) return skip(`this kernel lacks ${choice.unmet.join(', ')}`);
      const folder = mkdtempSync(join(tmpdir(), 'tool-'));
      const script = readFileSync(choice.tool.path, 'utf8');
      const { output, messages } = await traceText(script, () => isForVm && runShell(workload, folder));
      expect(messages).toMatch(/^Attached \d+ probes?$/m);
      if (!isForVm) return;
      if (!expected) return skip(`attached, but nothing to see: ${why}`);
      expect(output).toMatch(expected);
    });
  }
}

async function runShell(commands: string, folder: string): Promise<void> {
  const env = { ...process.env, T: folder, GUEST: compileWorkload('guest'), WORKLOADS };
  const child = spawn('bash', ['-c', commands], { env, stdio: 'ignore' });
  await once(child, 'close');
}
