/** What the dashboard's resolver remembers must not outlive its truth: code without a name may get one, files grow. */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { readProcFile } from '../../../src/kernel/binaries/proc-file.ts';
import { readMaps } from '../../../src/kernel/binaries/process-maps.ts';
import { LateNames } from '../../../src/symbols/late-names.ts';
import { LiveResolver } from '../../../src/symbols/live-resolver.ts';
import { compile, workDirectory } from '../../support/compile.ts';
import { startProgram, type TracedProgram } from '../../support/traced-program.ts';

const running: TracedProgram[] = [];
const PATIENCE_MS = 20_000;

afterEach(async () => {
  for (const program of running.splice(0)) await program.end();
});

/** Puts out an address in executable memory of its own. */
const PROGRAM = `
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
int main(void) {
  char *code = mmap(0, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("code %p\\n", (void *)code);
  puts("ready"); fflush(stdout);
  getchar();
  mmap(code + (1 << 30), 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, open("/proc/self/exe", O_RDONLY), 0);
  puts("ready"); fflush(stdout);
  getchar();
  return 0;
}`;

async function startCode() {
  const program = await startProgram(compile('code.c', PROGRAM));
  running.push(program);
  const [code = 0n] = program.addresses.get('code') ?? [];
  return { program, code };
}

test('code that gets its name in a perf map after it was seen without one', async () => {
  const { program, code } = await startCode();
  const late = new LateNames();
  const resolver = new LiveResolver({ lateNames: late, hasLines: false });
  const names = () => resolver.userStack(program.pid, [code + 16n, code + 33n], 'bpftrace').map(({ symbol }) => symbol);
  expect(names()).toEqual([undefined, undefined]);
  expect(names()).toEqual([undefined, undefined]);
  const map = `/tmp/perf-${program.pid}.map`;
  writeFileSync(map, `${code.toString(16)} 20 first\n${(code + 32n).toString(16)} 20 second\n`);
  try {
    for (let waited = 0; names()[0] === undefined && waited < PATIENCE_MS; waited += 100) await sleep(100);
    // The outer address is that of a return: what called is one byte before.
    expect(names()).toEqual(['first', 'second']);
    const [, outer] = resolver.userStack(program.pid, [code + 16n, code + 32n], 'bpftrace');
    expect(outer).toMatchObject({ symbol: 'first', offset: 32, address: code + 32n });
  } finally {
    rmSync(map, { force: true });
    late.close();
  }
});

test('a frame without a name is one object, and says where it lies', async () => {
  const { program, code } = await startCode();
  const late = new LateNames();
  const resolver = new LiveResolver({ lateNames: late, hasLines: false });
  const frame = () => resolver.userStack(program.pid, [code, code + 5n], 'bpftrace')[1];
  frame();
  expect(frame()).toEqual({ address: code + 5n });
  expect(frame()).toBe(frame());
  expect(readMaps(program.pid).some(({ start }) => BigInt(start) === code)).toBe(true);
  late.close();
});

test('an address in nothing that was mapped, until something is', async () => {
  const { program, code } = await startCode();
  const late = new LateNames();
  const resolver = new LiveResolver({ lateNames: late, hasLines: false });
  const address = code + (1n << 30n) + 64n;
  const frame = () => resolver.userStack(program.pid, [address], 'bpftrace')[0];
  expect(frame()).toEqual({ address });
  expect(frame()).toEqual({ address });
  await program.next();
  for (let waited = 0; frame()?.module === undefined && waited < PATIENCE_MS; waited += 100) await sleep(100);
  expect(frame()?.module).toMatch(/code$/);
  late.close();
});

test('names of a process that has ended stay', async () => {
  const { program, code } = await startCode();
  const late = new LateNames();
  const resolver = new LiveResolver({ lateNames: late, hasLines: false });
  const frames = () => resolver.userStack(program.pid, [code + 5n, code + 9n], 'bpftrace');
  const before = frames();
  await program.end();
  for (let round = 0; round < 3; round++) {
    const other = await startCode();
    expect(resolver.userStack(other.program.pid, [other.code], 'bpftrace')).toEqual([{ address: other.code }]);
  }
  expect(frames()).toEqual(before);
  late.close();
});

test('a process that was gone before anybody looked leaves addresses, and nothing to wait for', async () => {
  const { program, code } = await startCode();
  const { pid } = program;
  await program.end();
  const late = new LateNames();
  const resolver = new LiveResolver({ lateNames: late, hasLines: false });
  const stack = () => resolver.userStack(pid, [code + 5n, code + 9n, 0n, 7n], 'bpftrace');
  for (const frames of [stack(), stack()]) expect(frames).toEqual([{ address: code + 5n }, { address: code + 9n }]);
  expect(late.misses).toBe(0);
  late.close();
});

test('files of any size are read whole, one after the other', () => {
  const path = join(workDirectory(), 'large');
  const small = join(workDirectory(), 'small');
  writeFileSync(path, Buffer.alloc(300_001, 'a'));
  writeFileSync(small, 'b');
  expect(readProcFile(small)?.toString()).toBe('b');
  expect(readProcFile(path)?.length).toBe(300_001);
  expect(readProcFile(path)?.at(-1)).toBe(97);
  expect(readProcFile(small)?.toString()).toBe('b');
  expect(readProcFile(join(workDirectory(), 'none'))).toBeUndefined();
});
