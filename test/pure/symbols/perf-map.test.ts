import { appendFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LiveResolver } from '../../../src/symbols/live-resolver.ts';
import { compile, run, workDirectory } from '../../support/compile.ts';
import { startProgram, type TracedProgram } from '../../support/traced-program.ts';

/** A program with code that lies in no file, as a just-in-time compiler has it. */
const PROGRAM = compile(
  'jit.c',
  `#include <stdio.h>
   #include <sys/mman.h>
   int main() {
     printf("code %p\\n", mmap(0, 65536, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
     puts("ready"); fflush(stdout); getchar();
   }`,
);

let program: TracedProgram;
let base: bigint;
let map: string;
const hex = (offset: bigint) => (base + offset).toString(16);
const nameAt = (offset: bigint, resolver = new LiveResolver({})) => {
  const [frame] = resolver.userStack(program.pid, [base + offset], 'bpftrace');
  return frame?.symbol === undefined ? undefined : `${frame.symbol}+${frame.offset}`;
};

beforeEach(async () => {
  program = await startProgram(PROGRAM);
  base = program.addresses.get('code')?.[0] ?? 0n;
  map = `/tmp/perf-${program.pid}.map`;
});

afterEach(async () => {
  rmSync(map, { force: true });
  await program.end();
});

test('entries, names with blanks, code replaced by later code, lines that are none', () => {
  writeFileSync(
    map,
    `${hex(0n)} 100 first\n${hex(0x100n)} 40 LazyCompile:~work /a b.js:1\nnonsense\n\n0x${hex(0x200n)} 0x10 prefixed\n${hex(0x20n)} 10 second\n${hex(0x300n)} 10 cut o`,
  );
  expect([0n, 0x10n, 0x25n, 0x40n, 0xffn, 0x101n, 0x140n, 0x200n, 0x305n].map((offset) => nameAt(offset))).toEqual([
    'first+0',
    'first+16',
    'second+5',
    'first+64',
    'first+255',
    'LazyCompile:~work /a b.js:1+1',
    undefined,
    'prefixed+0',
    undefined,
  ]);
});

test('what is appended later is read later', async () => {
  writeFileSync(map, `${hex(0n)} 10 early\n`);
  const resolver = new LiveResolver({});
  expect(nameAt(0n, resolver)).toBe('early+0');
  appendFileSync(map, `${hex(0x1000n)} 10 late\n`);
  let name: string | undefined;
  for (let round = 0; round < 100 && name === undefined; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    name = nameAt(0x1000n, resolver);
  }
  expect(name).toBe('late+0');
});

test('bytes that are no UTF-8 survive', () => {
  writeFileSync(map, Buffer.from(`${hex(0n)} 10 a\xffb\n`, 'latin1'));
  expect(nameAt(0n)).toBe('a\udcffb+0');
});

test.each(['symbolic link', 'FIFO', 'directory', 'none'])('no map is read through a %s', (kind) => {
  const elsewhere = join(workDirectory(), 'elsewhere.map');
  writeFileSync(elsewhere, `${hex(0n)} 10 stolen\n`);
  if (kind === 'symbolic link') symlinkSync(elsewhere, map);
  else if (kind === 'FIFO') run('mkfifo', map);
  else if (kind === 'directory') run('mkdir', map);
  expect(nameAt(0n)).toBeUndefined();
  if (kind === 'directory') run('rmdir', map);
});

test.skipIf(process.geteuid?.() !== 0)('a map of another user is not believed', () => {
  writeFileSync(map, `${hex(0n)} 10 forged\n`);
  run('chown', '12345', map);
  expect(nameAt(0n)).toBeUndefined();
});
