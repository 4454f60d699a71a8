/** Names in stacks as a user gets them from the built program: binaries of every form, JavaScript, processes long gone. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runBptop } from '../support/bptop.ts';
import { compileWorkload } from '../support/workload.ts';

const folder = mkdtempSync(join(tmpdir(), 'bptop-names-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FRAMES = ['-O0', '-fno-omit-frame-pointer'];
/** The innermost one is inlined, as the debug information tells. */
const EXPECTED = 'main;caller;uprobeFunction1;get_parent';

/** Folded stacks of the system call that the workload makes, three frames deep. */
async function foldedStacks(command: string, ...args: readonly string[]): Promise<string> {
  const file = join(folder, 'stacks');
  const program = 'tracepoint:syscalls:sys_enter_getppid /strncmp(comm, "frames", 6) == 0/ { @[ustack(3)] = count(); }';
  const { stderr } = await runBptop(['-q', '-f', 'folded', '-o', file, ...args, '-c', command, '-e', program]);
  expect(stderr).toBe('');
  return readFileSync(file, 'utf8');
}

/** A copy that tests may strip. */
function build(name: string, flags: readonly string[]): string {
  const path = join(folder, `frames-${name}`);
  copyFileSync(compileWorkload('frames', flags), path);
  return path;
}

describe('the frames of a C program', () => {
  test.each([
    ['pie', [...FRAMES, '-pie', '-fPIE']],
    ['fixed', [...FRAMES, '-no-pie']],
    ['static', [...FRAMES, '-static']],
  ] as const)('%s, seen alive', async (name, flags) => {
    const path = build(name, flags);
    const program = 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @[ustack(3)] = count(); exit(); }';
    const file = join(folder, 'alive');
    await runBptop(['-q', '-f', 'folded', '-o', file, '-c', `${path} 1`, '-e', program]);
    expect(readFileSync(file, 'utf8')).toBe(`${EXPECTED} 1\n`);
  });

  test.each([
    ['pie', [...FRAMES, '-pie', '-fPIE']],
    ['fixed', [...FRAMES, '-no-pie']],
  ] as const)('%s, over before anyone looks', async (name, flags) => {
    const path = build(`${name}-gone`, flags);
    expect(await foldedStacks(`sh -c '${path} 5 leave; ${path} 4 leave; true'`)).toBe(`${EXPECTED} 4\n${EXPECTED} 5\n`);
  });

  test('stripped, with a debug link beside it, and in a folder of --debuginfo', async () => {
    const path = build('stripped', [...FRAMES, '-no-pie']);
    execFileSync('objcopy', ['--only-keep-debug', path, `${path}.debug`]);
    execFileSync('strip', [path]);
    const unnamed = await foldedStacks(`${path} 2 leave`);
    expect(unnamed).toMatch(/^(0x[0-9a-f]+;?){3} 2\n$/);
    execFileSync('objcopy', [`--add-gnu-debuglink=${path}.debug`, path]);
    expect(await foldedStacks(`${path} 2 leave`)).toBe(`${EXPECTED} 2\n`);
    const other = join(folder, 'debug');
    mkdirSync(other);
    copyFileSync(`${path}.debug`, join(other, 'frames-stripped.debug'));
    rmSync(`${path}.debug`);
    expect(await foldedStacks(`${path} 2 leave`)).toBe(unnamed);
    expect(await foldedStacks(`${path} 2 leave`, '--debuginfo', other)).toBe(`${EXPECTED} 2\n`);
  });

  test('without frame pointers: the leaf, which is all that the kernel finds', async () => {
    const path = build('bare', ['-O2', '-fomit-frame-pointer', '-no-pie']);
    expect(await foldedStacks(`${path} 2 leave`)).toMatch(/uprobeFunction1 2\n$/);
  });

  test('lines of the source where there is debug information, unless they are switched off', async () => {
    const path = compileWorkload('frames', [...FRAMES, '-no-pie']);
    const program = 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { print(ustack(2)); }';
    const file = join(folder, 'lines');
    const run = async (env: Readonly<Record<string, string>>): Promise<string> => {
      await runBptop(['-q', '-o', file, '-c', `${path} 1 leave`, '-e', program], { env });
      return readFileSync(file, 'utf8');
    };
    expect(await run({})).toMatch(
      /^\n( {8}\[inlined\] get_parent@.*frames\.c:\d+\n)? {8}uprobeFunction1\+\d+@.*frames\.c:\d+\n {8}caller\+\d+@.*frames\.c:\d+\n\n\n\n$/,
    );
    expect(await run({ BPFTRACE_SHOW_DEBUG_INFO: '0' })).toMatch(
      /^\n {8}uprobeFunction1\+\d+\n {8}caller\+\d+\n\n\n\n$/,
    );
  });
});

test('JavaScript functions of Node with --perf-basic-prof, as folded stacks', async () => {
  const script = join(folder, 'hot.cjs');
  writeFileSync(
    script,
    `function bptopInner(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; }
     function bptopOuter(n) { let s = 0; for (let i = 0; i < n; i++) s += bptopInner(5000); return s; }
     console.log(process.pid);
     for (;;) bptopOuter(2000);`,
  );
  const file = join(folder, 'javascript');
  const command = `${process.execPath} --perf-basic-prof --no-turbo-inlining ${script}`;
  const program = 'profile:hz:199 /pid == cpid/ { @[ustack] = count(); if (++@n > 400) { exit(); } }';
  const { stdout } = await runBptop(['-q', '-f', 'folded', '-o', file, '-c', command, '-e', program]);
  rmSync(`/tmp/perf-${stdout.trim()}.map`, { force: true });
  expect(readFileSync(file, 'utf8')).toMatch(/;JS:\S*bptopOuter [^;]*hot\.cjs[^;]*;JS:\S*bptopInner [^;]*hot\.cjs/);
});
