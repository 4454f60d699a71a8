/**
 * `bptop TOOL` as a user runs it without a terminal: parameters, formats, restriction to a process, what cannot be served.
 */

import { describe, expect, it } from 'vitest';
import { runBptop } from '../support/bptop.ts';
import { RunningBptop } from '../support/running-bptop.ts';
import { Workload } from '../support/workload.ts';

describe.skipIf(process.getuid?.() !== 0)('a tool on the command line', () => {
  it.for([
    ['slowio --mss 5', /no parameter '--mss'\nHINT: did you mean '--ms'\?/],
    ['slowio --ms five', /--ms takes a number, not 'five'/],
    ['slowoi', /neither a file nor a tool named 'slowoi'\nHINT: did you mean 'slowio'/],
    ['tools show slowoi', /did you mean 'slowio'/],
    ['tools no-such-subject', /no tool is about 'no-such-subject'/],
    ['biolatency -p 1', /biolatency cannot be restricted to a process/],
    ['slowio --tui', /the dashboard needs a terminal/],
    ['mallocs', /the tool wants --pid VALUE: only this process[\s\S]*HINT: --pid 0 is all of the machine/],
  ] as const)('%s is refused', async ([words, expected]) => {
    const { status, stderr, stdout } = await runBptop(words.split(' '));
    expect(status).toBe(1);
    expect(stderr).toMatch(expected);
    expect(stdout).toBe('');
  });

  it('tools show prints the script as it is', async () => {
    const { stdout, status } = await runBptop(['tools', 'show', 'slowio']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\/\*\n \* slowio - [\s\S]*tracepoint:syscalls:sys_exit_read/);
  });

  it('a parameter reaches the script', async () => {
    const seen = async (ms: string): Promise<string> => {
      const running = await RunningBptop.start(['slowio', '--ms', ms]);
      await runShell("sh -c 'sleep 0.1; echo' | cat >/dev/null");
      return (await running.stop()).stdout;
    };
    expect(await seen('50')).toMatch(/ cat +read /);
    expect(await seen('600000')).not.toMatch(/ cat +read /);
  });

  it('-f json prints records only', async () => {
    const running = await RunningBptop.start(['opensnoop', '-f', 'json']);
    await runShell('cat /etc/hostname >/dev/null');
    const { stdout, status } = await running.stop();
    expect(status).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'));
    expect(stdout).toMatch(/"type": "printf".*\/etc\/hostname/);
  });

  it('-p restricts a tool that has no parameter for it', async () => {
    const shell = await Workload.start('bash', [
      '--norc',
      '-c',
      'echo $$; read _; sleep 0.01; exec dd if=/dev/zero of=/dev/null count=1 status=none',
    ]);
    const running = await RunningBptop.start(['filerw', '-p', String(shell.pid)]);
    await runShell('dd if=/dev/zero of=/dev/null count=1 status=none 2>/dev/null');
    shell.go();
    await shell.done;
    const { stdout } = await running.stop();
    expect(stdout).toMatch(new RegExp(`@bytes\\[write, dd, ${shell.pid}\\]: 512`));
    for (const [, pid] of stdout.matchAll(/^@bytes\[\w+, \S+, (\d+)\]/gm)) expect(Number(pid)).toBe(shell.pid);
  });
});

async function runShell(command: string): Promise<void> {
  const shell = await Workload.start('bash', ['--norc', '-c', `echo $$; ${command}`]);
  await shell.done;
}
