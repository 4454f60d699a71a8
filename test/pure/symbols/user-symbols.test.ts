import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { StackFrame } from '../../../src/session/snapshot.ts';
import { LiveResolver } from '../../../src/symbols/live-resolver.ts';
import { compile, run, workDirectory } from '../../support/compile.ts';
import { startProgram, type TracedProgram } from '../../support/traced-program.ts';

/** Prints its own stack, as glibc unwinds it, from a depth that is known, out of a library opened at run time. */
const PROGRAM = `
#include <stdio.h>
#include <unistd.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <sys/auxv.h>
int data = 5;
void report(void) {
  void *frames[32];
  int count = backtrace(frames, 32);
  printf("stack");
  for (int i = 0; i < count; i++) printf(" %p", frames[i]);
  printf("\\n");
}
__attribute__((noinline)) void inner(void (*call)(void (*)(void))) { call(report); __asm__ volatile(""); }
__attribute__((noinline)) void middle(void (*call)(void (*)(void))) { inner(call); __asm__ volatile(""); }
__attribute__((noinline)) void outer(void (*call)(void (*)(void))) { middle(call); __asm__ volatile(""); }
int main(int argc, char **argv) {
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library) { fprintf(stderr, "%s\\n", dlerror()); return 1; }
  outer((void (*)(void (*)(void)))dlsym(library, "from_library"));
  printf("vdso %#lx\\n", getauxval(AT_SYSINFO_EHDR));
  printf("data %p\\n", (void *)&data);
  printf("main %p\\n", (void *)main);
  printf("write %p\\n", dlsym(RTLD_DEFAULT, "malloc"));
  puts("ready"); fflush(stdout);
  getchar();
  if (argc > 2) execl(argv[2], argv[2], argv[1], NULL);
  return 0;
}`;
const LIBRARY = `
__attribute__((noinline)) static void hidden(void (*call)(void)) { call(); __asm__ volatile(""); }
void from_library(void (*call)(void)) { hidden(call); __asm__ volatile(""); }`;
const EXPECTED = ['report', 'hidden', 'from_library', 'inner', 'middle', 'outer', 'main'];

const running: TracedProgram[] = [];

async function start(...command: readonly [string, ...string[]]): Promise<TracedProgram> {
  const program = await startProgram(...command);
  running.push(program);
  return program;
}

afterEach(async () => {
  for (const program of running.splice(0)) await program.end();
});

const library = (options: readonly string[] = []) =>
  compile(`library${options.join('')}.c`, LIBRARY, ['-shared', '-fPIC', '-O1', ...options]);

function namesOf(frames: readonly StackFrame[]): (string | undefined)[] {
  return frames.map((frame) => frame.symbol);
}

const stackOf = (program: TracedProgram, resolver = new LiveResolver({})) =>
  resolver.userStack(program.pid, program.addresses.get('stack') ?? [], 'bpftrace');

describe.each([
  ['PIE', ['-pie', '-fPIE', '-O1']],
  ['fixed addresses', ['-no-pie', '-O1']],
  ['frame pointers', ['-fno-omit-frame-pointer', '-O0']],
  ['no frame pointers', ['-fomit-frame-pointer', '-O2']],
])('%s', (name, options) => {
  test('the frames have their names and modules', async () => {
    const path = compile(`stack ${name}.c`, PROGRAM, options);
    const program = await start(path, library());
    const frames = stackOf(program);
    expect(namesOf(frames).slice(0, EXPECTED.length)).toEqual(EXPECTED);
    expect(frames[0]?.module).toBe(path);
    expect(frames[1]?.module).toBe(library());
    expect(frames.at(-1)?.symbol).toBe('_start');
  });

  test('stripped, with a debug link', async () => {
    const path = compile(`stripped ${name}.c`, PROGRAM, ['-g', ...options]);
    run('objcopy', '--only-keep-debug', path, `${path}.debug`);
    run('strip', path);
    run('objcopy', `--add-gnu-debuglink=${path}.debug`, path);
    const program = await start(path, library());
    expect(namesOf(stackOf(program)).slice(0, EXPECTED.length)).toEqual(EXPECTED);
  });
});

test('stripped without debug file: exported names only, the rest stay addresses', async () => {
  const path = compile('bare.c', PROGRAM, ['-O1', '-s']);
  const program = await start(path, library(['-s']));
  const frames = stackOf(program);
  expect(namesOf(frames).slice(0, 4)).toEqual([undefined, undefined, 'from_library', undefined]);
  expect(frames[0]).toEqual({ address: program.addresses.get('stack')?.[0], module: path });
});

test('symbols of functions, data and libraries; addresses for what is unknown', async () => {
  const program = await start(compile('symbols.c', PROGRAM), library());
  const resolver = new LiveResolver({});
  const symbol = (address: bigint) => resolver.userSymbol(program.pid, address).text;
  for (const name of ['main', 'data']) expect(symbol(program.addresses.get(name)?.[0] ?? 0n)).toBe(name);
  expect(symbol(program.addresses.get('write')?.[0] ?? 0n)).toMatch(/malloc$/);
  expect(symbol((program.addresses.get('main')?.[0] ?? 0n) + 5n)).toBe('main');
  expect(symbol(0n)).toBe('0');
  expect(symbol(0x10n)).toBe('0x10');
  expect(symbol(0xffff_ffff_ffff_ffffn)).toBe('0xffffffffffffffff');
  expect(resolver.userSymbol(0x3fff_ffff, 0x1234n).text).toBe('0x1234');
});

test('the vdso is read from memory', async () => {
  const program = await start(compile('vdso.c', PROGRAM), library());
  const base = program.addresses.get('vdso')?.[0] ?? 0n;
  const names = new Set<string>();
  const resolver = new LiveResolver({});
  for (let offset = 0n; offset < 0x1800n; offset += 16n)
    names.add(resolver.userSymbol(program.pid, base + offset).text);
  expect([...names].some((name) => /clock_gettime/.test(name))).toBe(true);
  expect(resolver.userStack(program.pid, [base], 'perf')[0]?.module).toBe('[vdso]');
});

test('a process that was seen keeps its names after its end; one that was not has none', async () => {
  const program = await start(compile('ended.c', PROGRAM), library());
  const [seen, late, lent] = [
    new LiveResolver({}),
    new LiveResolver({}),
    new LiveResolver({ cacheUserSymbols: 'PER_PROGRAM' }),
  ];
  seen.observe(program.pid);
  lent.observe(program.pid);
  await program.end();
  expect(namesOf(stackOf(program, seen)).slice(0, EXPECTED.length)).toEqual(EXPECTED);
  expect(namesOf(stackOf(program, late))[0]).toBeUndefined();
  const another = lent.userStack(0x3fff_ffff, program.addresses.get('stack') ?? [], 'bpftrace');
  expect(namesOf(another).slice(0, EXPECTED.length)).toEqual(EXPECTED);
});

test('a process that is followed keeps the names of the program it became before it ended', async () => {
  const path = compile('followed.c', PROGRAM, ['-O1', '-pie', '-fPIE']);
  const program = await start('/bin/sh', '-c', 'echo ready; read -r line; exec "$1" "$2"', 'sh', path, library());
  const resolver = new LiveResolver({});
  resolver.observe(program.pid);
  const addresses = await program.next();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await program.end();
  const frames = resolver.userStack(program.pid, addresses.get('stack') ?? [], 'bpftrace');
  expect(namesOf(frames).slice(0, EXPECTED.length)).toEqual(EXPECTED);
});

test.each([['deleted'], ['replaced']])('a program whose file was %s', async (how) => {
  const path = compile(`${how}.c`, PROGRAM, ['-O1']);
  const other = compile(`${how}-other.c`, 'int main() { return 0; }', ['-O1']);
  const program = await start(path, library());
  rmSync(path);
  if (how === 'replaced') copyFileSync(other, path);
  expect(namesOf(stackOf(program)).slice(0, EXPECTED.length)).toEqual(EXPECTED);
});

test('a process that became another program has the names of both', async () => {
  const first = compile('first.c', PROGRAM, ['-pie', '-fPIE', '-O1']);
  const second = compile('second.c', PROGRAM.replaceAll('middle', 'centre'), ['-pie', '-fPIE', '-O1']);
  const program = await start(first, library(), second);
  const resolver = new LiveResolver({});
  expect(namesOf(stackOf(program, resolver)).slice(0, EXPECTED.length)).toEqual(EXPECTED);
  const addresses = await program.next();
  const later = resolver.userStack(program.pid, addresses.get('stack') ?? [], 'bpftrace');
  expect(namesOf(later)).toContain('centre');
  expect(namesOf(stackOf(program, resolver))).toContain('middle');
});

test('C++ names, demangled or not', async () => {
  const source = PROGRAM.replace(
    'int main',
    'namespace shop { struct Cart { static void check(int, const char *) {} }; }\nint main',
  ).replace('printf("data', 'printf("method %p\\n", (void *)shop::Cart::check); printf("data');
  const program = await start(compile('methods.cc', source, ['-ldl']), library());
  const method = program.addresses.get('method')?.[0] ?? 0n;
  expect(new LiveResolver({}).userSymbol(program.pid, method).text).toBe('shop::Cart::check(int, char const*)');
  expect(new LiveResolver({ isDemangled: false }).userSymbol(program.pid, method).text).toBe(
    '_ZN4shop4Cart5checkEiPKc',
  );
});

test('lines and inlined functions where there is debug information', async () => {
  const source = PROGRAM.replace(
    '__attribute__((noinline)) void middle',
    `static inline __attribute__((always_inline)) void inlined(void (*call)(void (*)(void))) { inner(call); }
__attribute__((noinline)) void middle`,
  ).replace('{ inner(call); __asm__ volatile(""); }', '{ inlined(call); __asm__ volatile(""); }');
  const path = compile('lines.c', source, ['-g', '-O1']);
  const program = await start(path, library());
  const show = (frames: readonly StackFrame[]) =>
    frames
      .slice(3, 7)
      .map((frame) => `${frame.isInlined ? '[inlined] ' : ''}${frame.symbol}@${frame.location?.replace(/^.*\//, '')}`);
  const lineOf = (text: string) => source.split('\n').findIndex((line) => line.includes(text)) + 1;
  expect(show(stackOf(program))).toEqual([
    `inner@lines.c:${lineOf('void inner')}`,
    `[inlined] inlined@lines.c:${lineOf('void inlined')}`,
    `middle@lines.c:${lineOf('void middle')}`,
    `outer@lines.c:${lineOf('void outer')}`,
  ]);
  expect(show(stackOf(program, new LiveResolver({ hasLines: false })))).toEqual([
    'inner@undefined',
    'middle@undefined',
    'outer@undefined',
    'main@undefined',
  ]);
});

test('raw stacks are not looked up, and end at the first 0', () => {
  expect(new LiveResolver({}).userStack(process.pid, [1n, 2n, 0n, 3n], 'raw')).toEqual([
    { address: 1n },
    { address: 2n },
  ]);
});

test('build ids', () => {
  const bytes = Buffer.alloc(96);
  bytes.writeInt32LE(1, 0);
  bytes.fill(0xab, 4, 24);
  bytes.writeBigUInt64LE(0x123n, 24);
  bytes.writeInt32LE(2, 32);
  bytes.writeBigUInt64LE(0x7f00_0000_1234n, 56);
  expect(new LiveResolver({}).buildIdStack(bytes)).toEqual([
    { address: 0n, buildId: { id: 'ab'.repeat(20), offset: 0x123n } },
    { address: 0x7f00_0000_1234n },
  ]);
});

const NODE_PROGRAM = `
function hotNamedFunction(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; }
let sum = 0;
for (let i = 0; i < 2000; i++) sum += hotNamedFunction(2000);
console.log('ready');
setInterval(() => {}, 1000);`;

test('just-in-time compiled code has the names of the perf map', async () => {
  const script = join(workDirectory(), 'hot.cjs');
  writeFileSync(script, NODE_PROGRAM);
  const program = await start(process.execPath, '--perf-basic-prof', script);
  const map = `/tmp/perf-${program.pid}.map`;
  try {
    const entry = run('grep', '-m1', 'JS:[*^]hotNamedFunction', map).trim();
    const [address = '', size = '', ...name] = entry.split(' ');
    const inside = BigInt(`0x${address}`) + BigInt(`0x${size}`) / 2n;
    const [frame] = new LiveResolver({}).userStack(program.pid, [inside], 'bpftrace');
    expect(frame?.symbol).toBe(name.join(' '));
    expect(frame?.offset).toBe(Math.floor(Number.parseInt(size, 16) / 2));
  } finally {
    rmSync(map, { force: true });
  }
});
