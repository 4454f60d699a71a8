import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runBptop, runTool } from '../support/bptop.ts';
import { BEGIN_PROGRAMS, WORKLOAD_PROGRAMS } from '../support/differential-programs.ts';
import { compileWorkload } from '../support/workload.ts';

const hasBpftrace = spawnSync('bpftrace', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'bptop-differential-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Versions differ in empty lines around maps and in blanks at line ends; 0.17 says on stdout that it attaches. */
function normalize(text: string): readonly string[] {
  return text
    .replace(/^Attaching \d+ probes?\.\.\.\n/, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

describe.skipIf(!hasBpftrace)('the same text as Debian’s bpftrace', () => {
  test.each(BEGIN_PROGRAMS)('$title', async ({ text }) => {
    const args = ['-e', text, '12', 'word'];
    const [theirs, ours] = await Promise.all([runTool(['bpftrace', ...args]), runBptop(['--no-warnings', ...args])]);
    expect(normalize(ours.stdout), ours.stderr).toEqual(normalize(theirs.stdout));
    expect(ours.status).toBe(theirs.status);
  });

  test.each(WORKLOAD_PROGRAMS)('$title', async ({ text }) => {
    const command = `${compileWorkload('syscalls')} 1000 0`;
    const outcome = async (tool: string): Promise<readonly string[]> => {
      const file = join(folder, tool);
      const args = ['-o', file, '-c', command, '-e', text];
      const { stderr } = await (tool === 'bptop'
        ? runBptop(['--no-warnings', ...args])
        : runTool(['bpftrace', ...args]));
      const lines = normalize(readFileSync(file, 'utf8'));
      if (lines.length === 0) throw new Error(`${tool} printed nothing: ${stderr}`);
      return lines.map((line) => line.replace(/\[\d+, syscalls/, '[PID, syscalls'));
    };
    const theirs = await outcome('bpftrace');
    expect(await outcome('bptop')).toEqual(theirs);
  });
});
