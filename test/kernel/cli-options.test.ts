/** Options and environment variables that change how a program is compiled: what they promise, seen from outside. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compileScript } from '../../src/run/compile-script.ts';
import { DEFAULT_OPTIONS } from '../../src/semantics/compile-options.ts';
import { runBptop } from '../support/bptop.ts';
import { printed } from '../support/printed.ts';
import { liveFacts } from '../support/run-script.ts';
import { compileWorkload } from '../support/workload.ts';

const folder = mkdtempSync(join(tmpdir(), 'bptop-options-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('--no-feature', () => {
  const kinds = (disabled: string, text: string): ReadonlySet<string> => {
    const options = { ...DEFAULT_OPTIONS, disabledFeatures: [disabled] };
    const { object, diagnostics } = compileScript({ name: 'stdin', text }, liveFacts(), options);
    expect(diagnostics).toEqual([]);
    return new Set(object?.programs.flatMap(({ attachments }) => attachments.map(({ kind }) => kind)));
  };

  test('without uprobe_multi each site is a perf event of its own', () => {
    const text = `uprobe:${compileWorkload('targets')}:* { @[probe] = count(); }`;
    expect(kinds('', text)).toEqual(new Set(['uprobeMulti']));
    expect(kinds('uprobe_multi', text)).toEqual(new Set(['perf']));
  });

  test('such a program runs all the same', async () => {
    const path = compileWorkload('syscalls');
    const program = `uprobe:${path}:* { @[func] = count(); }`;
    const run = (...args: readonly string[]) =>
      runBptop([...args, '-q', '-o', join(folder, 'out'), '-c', `${path} 3 0`, '-e', program]);
    for (const args of [[], ['--no-feature', 'uprobe_multi,kprobe_multi,kprobe_session']])
      expect(await run(...args)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('environment', () => {
  test('BPFTRACE_BTF names the types to use', async () => {
    const program = 'BEGIN { print(curtask.pid == tid); exit(); }';
    const own = await runBptop(['-q', '-e', program], { env: { BPFTRACE_BTF: '/sys/kernel/btf/vmlinux' } });
    expect(own).toEqual({ stdout: 'true\n\n\n', stderr: '', status: 0 });
    const file = join(folder, 'no.btf');
    writeFileSync(file, 'no types here');
    const other = await runBptop(['-q', '-e', program], { env: { BPFTRACE_BTF: file } });
    expect(other.status).toBe(1);
    expect(other.stderr).toContain(`WARNING: BPFTRACE_BTF: '${file}' cannot be read as BTF: `);
  });

  test('BPFTRACE_DUMMY_TS_MAP names the map that holds the time', async () => {
    const second = (at: number, value: number): string => `@ts = ${at}000000000; @a = tseries(${value}, 1s, 5);`;
    const { out, errors } = await printed(
      `config = { unstable_tseries = enable } begin { ${second(1, 5)} ${second(2, 3)} ${second(4, -3)} exit(); }`,
      'text',
      { env: { BPFTRACE_DUMMY_TS_MAP: '@ts' } },
    );
    expect(out.replace(/^\d\d:\d\d:\d\d /gm, 'hh:mm:ss '), errors).toBe(
      [
        '\n\n@a:',
        '         -3                                                  5',
        'hh:mm:ss |___________________________________________________|',
        'hh:mm:ss |                  .                                * 5',
        'hh:mm:ss |                  .                   *            | 3',
        'hh:mm:ss |                  .                                | -',
        'hh:mm:ss *                  .                                | -3',
        '         v___________________________________________________v',
        '         -3                                                  5',
        '\n@ts: 4000000000\n',
      ].join('\n'),
    );
  });
});

test("-- --help lists the script's options", async () => {
  const program = 'BEGIN { print(getopt("ms", 5, "how long")); exit(); }';
  expect(await runBptop(['-e', program, '--', '--help'])).toEqual({
    stdout: 'Options of the script:\n  --ms=VALUE  how long (default 5)\n',
    stderr: '',
    status: 1,
  });
});

test('options without effect say so', async () => {
  const { stdout } = await runBptop(['--dwarf-pid', '1', '-e', 'BEGIN { exit(); }']);
  expect(stdout).toContain('WARNING: --dwarf-pid has no effect: user stacks are unwound by frame pointers\n');
});

test('bytes of a script that are no UTF-8 go through', async () => {
  const file = join(folder, 'latin1.bt');
  writeFileSync(file, Buffer.from('// caf\xe9\nBEGIN { printf("caf\xe9\\n"); exit(); }', 'latin1'));
  const output = join(folder, 'latin1.out');
  expect(await runBptop(['-q', '-o', output, file])).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(output, 'latin1')).toBe('caf\xe9\n\n\n');
});
