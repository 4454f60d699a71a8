/** The start of the built program: what is kept to make it fast may be missing, damaged or made for another V8, and then only time is lost. */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ENTRY, runBptop, runTool } from '../support/bptop.ts';

const folder = mkdtempSync(join(tmpdir(), 'bptop-start-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const needed of ['node_modules', 'scripts-library'])
  symlinkSync(join(dirname(ENTRY), '..', needed), join(folder, needed));

const right = join(folder, 'right.bt');
const wrong = join(folder, 'wrong.bt');
writeFileSync(right, 'BEGIN { @a[comm] = count(); }\n');
writeFileSync(wrong, 'BEGIN { @a = nsec; }\n');
const ACCEPTED = { stdout: '', stderr: '', status: 0 };

let copies = 0;

/** A dist/ of its own, to be spoiled; gives its entry. */
function copiedDist(name = `dist-${copies++}`): string {
  cpSync(dirname(ENTRY), join(folder, name), { recursive: true });
  return join(folder, name, 'bptop.js');
}

async function expectChecks(command: readonly string[]): Promise<void> {
  expect(await runTool([...command, '--check', right])).toEqual(ACCEPTED);
  expect(await runTool([...command, '--check', wrong])).toMatchObject({
    stdout: '',
    stderr: expect.stringContaining(`${wrong}:1:14-18: ERROR: `),
    status: 1,
  });
}

describe('a check starts', () => {
  test.each<readonly [string, (cache: string) => void]>([
    ['without a cache', (cache) => rmSync(cache)],
    ['with an empty cache', (cache) => writeFileSync(cache, '')],
    ['with half a cache', (cache) => writeFileSync(cache, readFileSync(cache).subarray(0, statSync(cache).size / 2))],
    ['with another bundle’s cache', (cache) => cpSync(join(dirname(cache), 'headless.cache'), cache)],
    [
      'with a cache that is no file',
      (cache) => {
        rmSync(cache);
        mkdirSync(cache);
      },
    ],
  ])('%s', async (_, spoil) => {
    const entry = copiedDist();
    spoil(join(dirname(entry), 'check.cache'));
    await expectChecks([entry]);
  });

  test('from a folder with blanks and other letters, and by a link', async () => {
    const entry = copiedDist('odd $HOME “näme”');
    await expectChecks([entry]);
    const link = join(folder, 'linked');
    symlinkSync(entry, link);
    await expectChecks([link]);
  });

  test('by hand, and with options of V8 of the user’s own', async () => {
    await expectChecks([process.execPath, ENTRY]);
    await expectChecks(['env', 'NODE_OPTIONS=--max-semi-space-size=1 --stack-trace-limit=5', ENTRY]);
    await expectChecks([process.execPath, '--no-opt', ENTRY]);
  });

  test('without writing beside itself', async () => {
    const entry = copiedDist();
    const listed = () =>
      readdirSync(dirname(entry)).map((name) => [name, statSync(join(dirname(entry), name)).mtimeMs]);
    const before = listed();
    await expectChecks([entry]);
    expect(listed()).toEqual(before);
  });

  test('with nothing of the shell’s own in the environment of what it runs', async () => {
    const env = { NODE_EXTRA_CA_CERTS: '/dev/null', MALLOC_ARENA_MAX: '7' };
    const { stdout } = await runTool([ENTRY, '-q', '-c', 'env', '-e', 'BEGIN { exit(); } //--check'], { env });
    expect(stdout).toContain('NODE_EXTRA_CA_CERTS=/dev/null\n');
    expect(stdout).toContain('MALLOC_ARENA_MAX=7\n');
    expect(stdout.toLowerCase()).not.toContain('bptop_');
  });
});

describe('what the bundle for checks has not', () => {
  test.each<readonly string[]>([
    ['--check', '--version'],
    ['--check', '-h'],
    ['--check', '--info'],
    ['--check', '-l', 'tracepoint:sched:sched_switch'],
    ['--check', '-dd', wrong],
    ['-d', 'types', right, '--', '--check'],
    ['-d', 'types', right, '--check-all'],
    ['--mode', 'codegen', right, '--', '--check'],
    ['tools', '--check'],
    ['-q', '-e', 'BEGIN { print(getopt("check", false)); exit(); }', '--', '--check'],
    ['--fmt', '--check', right],
    ['--fmt', wrong, '--', '--check'],
    ['--check=all', right],
    ['--check'],
  ])('%s %s %s', async (...args) => {
    const entry = copiedDist();
    cpSync(join(dirname(entry), 'headless.cjs'), join(dirname(entry), 'check.cjs'));
    expect(await runBptop(args)).toEqual(await runTool([process.execPath, entry, ...args]));
  });
});

test('programs load while a profiler interrupts the process all the time', async () => {
  const profiler = ['--cpu-prof', '--cpu-prof-interval=100', `--cpu-prof-dir=${folder}`];
  const { stdout, stderr } = await runTool([process.execPath, ...profiler, ENTRY, 'execsnoop', '-c', '/bin/true']);
  expect(stderr).not.toContain('ERROR');
  expect(stdout).toContain('/bin/true');
});
