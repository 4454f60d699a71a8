/**
 * Stacks as the kernel takes them, with the names that the program's source has: what `ustack` shows.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openLiveFacts } from '../../src/kernel/live.ts';
import type { AttachSite } from '../../src/semantics/program.ts';
import { openSession } from '../../src/session/open-session.ts';
import type { Session } from '../../src/session/session.ts';
import type { StackFrame } from '../../src/session/snapshot.ts';
import { LiveResolver } from '../../src/symbols/live-resolver.ts';
import { add, call, exit, HELPERS, link, mapOf, mov, movReg, shiftRight, storeWord } from '../support/assembler.ts';
import { compile, run, workDirectory } from '../support/compile.ts';
import { object, printAction, program, site, systemFacts } from '../support/objects.ts';
import { startProgram as startTraced } from '../support/traced-program.ts';

const STACK = { isUser: true, mode: 'bpftrace', depth: 32 } as const;
const DEPTH_BYTES = 32 * 8;

/** Sends `print(ustack)` from wherever it is attached. */
const CODE = link(
  movReg(6, 1),
  mapOf(2, 0),
  mov(3, 256), // BPF_F_USER_STACK
  call(HELPERS.getStackId),
  storeWord(10, -8, 0),
  call(HELPERS.getCurrentPidTgid),
  movReg(1, 0),
  shiftRight(1, 32),
  storeWord(10, -4, 1),
  mov(1, 0),
  storeWord(10, -16, 1),
  mov(1, 8),
  storeWord(10, -12, 1),
  mapOf(1, 1),
  movReg(2, 10),
  add(2, -16),
  mov(3, 16),
  mov(4, 0),
  call(HELPERS.ringbufOutput),
  mov(0, 0),
  exit(),
);

const facts = openLiveFacts();
const sessions: Session[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

async function startAt(probe: AttachSite, type: 'kprobe' | 'perf_event', pid?: number): Promise<Session> {
  const spec = object({
    maps: [
      {
        name: 'stacks',
        kind: 'stack_trace',
        keySize: 4,
        valueSize: DEPTH_BYTES,
        maxEntries: 4096,
        flags: 0,
        stack: STACK,
      },
      { name: 'ring', kind: 'ringbuf', keySize: 0, valueSize: 0, maxEntries: 1 << 18, flags: 0 },
    ],
    programs: [program(CODE, { type, attachments: [{ kind: 'perf', site: probe }] })],
    actions: [{ action: printAction(0, [{ kind: 'stack', ...STACK }]), encoding: 'fixed' }],
  });
  const session = openSession(spec, { facts: systemFacts(), ...(pid !== undefined && { pid }) });
  sessions.push(session);
  await session.start();
  return session;
}

function uprobe(path: string, symbol: string): AttachSite {
  const found = facts.binaries.symbols(path).find((one) => one.name === symbol);
  if (!found) throw new Error(`no ${symbol} in ${path}`);
  return { ...site(`uprobe:${path}:${symbol}`), provider: 'uprobe', path, symbol, fileOffset: found.fileOffset };
}

function stacks(session: Session): (readonly StackFrame[])[] {
  return session.poll().flatMap(({ args: [value] }) => {
    return typeof value === 'object' && 'kind' in value && value.kind === 'stack' ? [value.frames] : [];
  });
}

const names = (frames: readonly StackFrame[] = []) => frames.map((frame) => frame.symbol);

/** main → outer → middle → (opened library) from_library → hidden → leaf, once per line of input. */
const PROGRAM = `
#include <stdio.h>
#include <dlfcn.h>
__attribute__((noinline)) void leaf(void) { __asm__ volatile(""); }
__attribute__((noinline)) void middle(void (*call)(void (*)(void))) { call(leaf); __asm__ volatile(""); }
__attribute__((noinline)) void outer(void (*call)(void (*)(void))) { middle(call); __asm__ volatile(""); }
int main(int argc, char **argv) {
  void *library = dlopen(argv[1], RTLD_NOW);
  void (*call)(void (*)(void)) = (void (*)(void (*)(void)))dlsym(library, "from_library");
  puts("ready"); fflush(stdout);
  while (getchar() != EOF) { outer(call); puts("done"); fflush(stdout); }
  return 0;
}`;
const LIBRARY = `
__attribute__((noinline)) static void hidden(void (*call)(void)) { call(); __asm__ volatile(""); }
void from_library(void (*call)(void)) { hidden(call); __asm__ volatile(""); }`;
const EXPECTED = ['leaf', 'hidden', 'from_library', 'middle', 'outer', 'main'];

const library = compile('kernel-library.c', LIBRARY, ['-shared', '-fPIC', '-O1', '-fno-omit-frame-pointer']);

async function startProgram(path: string, ...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: workDirectory() });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function step(child: ChildProcess): Promise<void> {
  const done = child.stdout && once(child.stdout, 'data');
  child.stdin?.write('\n');
  await done;
}

describe.each([
  ['PIE', ['-pie', '-fPIE']],
  ['fixed addresses', ['-no-pie']],
])('%s, frame pointers', (name, options) => {
  test.each(['whole', 'stripped with a debug link'])('%s', async (form) => {
    const path = compile(`kernel ${name} ${form.slice(0, 3)}.c`, PROGRAM, [
      '-O1',
      '-fno-omit-frame-pointer',
      '-g',
      ...options,
    ]);
    if (form !== 'whole') {
      run('objcopy', '--only-keep-debug', path, `${path}.debug`);
      run('strip', path);
      run('objcopy', `--add-gnu-debuglink=${path}.debug`, path);
    }
    const session = await startAt(uprobe(path, 'leaf'), 'kprobe');
    const child = await startProgram(path, library);
    await step(child);
    const [frames] = stacks(session);
    // A uprobe sits before the prologue: the caller's return address is on the stack, but no frame yet. Some kernels know.
    const sure = (frames ?? []).filter((frame) => frame.symbol !== 'hidden');
    expect(names(sure).slice(0, 5)).toEqual(EXPECTED.filter((one) => one !== 'hidden'));
    expect(sure[0]).toMatchObject({ offset: 0, module: path });
    expect(sure[1]?.module).toBe(library);
    expect(sure[2]?.location).toMatch(/\.c:5$/);
  });
});

test('without frame pointers the leaf at least has its name', async () => {
  const path = compile('kernel-no-frames.c', PROGRAM, ['-O2', '-fomit-frame-pointer']);
  const session = await startAt(uprobe(path, 'leaf'), 'kprobe');
  await step(await startProgram(path, library));
  expect(names(stacks(session)[0])[0]).toBe('leaf');
});

test('a process that has ended since its stack was taken is named if it was seen alive', async () => {
  const path = compile('kernel-ended.c', PROGRAM, ['-O1', '-fno-omit-frame-pointer', '-pie', '-fPIE']);
  const probe = uprobe(path, 'leaf');
  const child = await startProgram(path, library);
  const session = await startAt(probe, 'kprobe', child.pid);
  await step(child);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(
    names(stacks(session)[0])
      .filter((one) => one !== 'hidden')
      .slice(0, 2),
  ).toEqual(['leaf', 'from_library']);
});

const CONFINED = compile(
  'confined.c',
  `#include <stdio.h>
   __attribute__((noinline)) void confined(void) { __asm__ volatile(""); }
   int main() { printf("confined %p\\n", (void *)confined); puts("ready"); fflush(stdout); getchar(); }`,
  ['-static', '-O1'],
);

test.each([
  ['chroot', 'exec chroot "$1" /confined'],
  [
    'a mount namespace of its own',
    'exec unshare --mount sh -c \'mount -t tmpfs none "$1" && cp "$2" "$1/confined" && exec chroot "$1" /confined\' sh "$1" "$2"',
  ],
])('a program behind %s', async (_, command) => {
  const root = join(workDirectory(), 'root');
  mkdirSync(root, { recursive: true });
  copyFileSync(CONFINED, join(root, 'confined'));
  const traced = await startTraced('/bin/sh', '-c', command, 'sh', root, CONFINED);
  try {
    const address = traced.addresses.get('confined')?.[0] ?? 0n;
    expect(new LiveResolver({}).userSymbol(traced.pid, address).text).toBe('confined');
    const [path = ''] = facts.binaries.resolve('', traced.pid);
    expect(facts.binaries.symbols(path).some((one) => one.name === 'confined')).toBe(true);
    expect(facts.binaries.resolve('/confined', traced.pid)).toEqual([`/proc/${traced.pid}/root/confined`]);
  } finally {
    await traced.end();
  }
});

const HOT = `
function bptopInner(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; }
function bptopOuter(n) { let s = 0; for (let i = 0; i < n; i++) s += bptopInner(5000); return s; }
console.log('ready');
const round = () => { bptopOuter(2000); setImmediate(round); };
round();`;

test('JavaScript functions of Node with --perf-basic-prof', async () => {
  const script = join(workDirectory(), 'hot.cjs');
  writeFileSync(script, HOT);
  const child = await startProgram(process.execPath, '--perf-basic-prof', '--no-turbo-inlining', script);
  try {
    const probe: AttachSite = {
      ...site('profile:hz:199'),
      provider: 'profile',
      period: { kind: 'time', ns: 2_000_000n },
    };
    const session = await startAt(probe, 'perf_event', child.pid);
    let seen: readonly (string | undefined)[] = [];
    for (let round = 0; round < 100 && seen.length === 0; round++) {
      await session.wait(100);
      seen =
        stacks(session)
          .map(names)
          .find((one) => /bptopInner/.test(one[0] ?? '') && one.some((name) => /bptopOuter/.test(name ?? ''))) ?? [];
    }
    expect(seen[0]).toMatch(/^JS:[~*^+]?bptopInner .*hot\.cjs/);
    expect(seen[1]).toMatch(/^JS:[~*^+]?bptopOuter .*hot\.cjs/);
  } finally {
    rmSync(`/tmp/perf-${child.pid}.map`, { force: true });
  }
});
