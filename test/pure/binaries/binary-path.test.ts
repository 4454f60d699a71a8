import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveBinary } from '../../../src/kernel/binaries/binary-path.ts';
import { parseLibraryCache } from '../../../src/kernel/binaries/library-cache.ts';
import { parseMaps } from '../../../src/kernel/binaries/process-maps.ts';
import { wildcardExpression } from '../../../src/text/wildcard.ts';
import { compile, run, workDirectory } from '../../support/compile.ts';

const program = compile('resolved.c', 'int main() { return 0; }');
compile('resolved2.c', 'int main() { return 0; }');
const environment = { PATH: `${workDirectory()}:/usr/bin:relative` };
const resolve = (target: string, pid?: number) => resolveBinary(target, pid, environment);

test('paths, commands and libraries', () => {
  expect(resolve(program)).toEqual([program]);
  expect(resolve('resolved')).toEqual([program]);
  expect(resolve(`${workDirectory()}/../${basename(workDirectory())}/resolved`)).toEqual([program]);
  expect(resolve('sh').map((path) => basename(path))).toEqual(['sh']);
  expect(resolve('libc').every((path) => basename(path).startsWith('libc.so'))).toBe(true);
  expect(resolve('libc')).toHaveLength(1);
  expect(resolve('libc.so.6')).toEqual(resolve('libc'));
  expect(resolve('no-such-thing-here')).toEqual([]);
  expect(resolve('./no-such-thing-here')).toEqual([]);
  expect(resolve('')).toEqual([]);
});

test('patterns give each binary once, and nothing but binaries', () => {
  symlinkSync(program, join(workDirectory(), 'resolved3'));
  expect(
    resolve('resolved*')
      .map((path) => basename(path))
      .sort(),
  ).toEqual(['resolved', 'resolved2']);
  expect(resolve(`${workDirectory()}/resolved*`).map((path) => basename(path))).toEqual(['resolved', 'resolved2']);
  expect(resolve('/tm[p]/nothing-at-all-*')).toEqual([]);
});

test("a process's binaries", () => {
  expect(resolve('', process.pid)).toEqual([run('readlink', '-f', `/proc/${process.pid}/exe`).trim()]);
  const mapped = resolve('*', process.pid);
  expect(mapped).toContain(resolve('', process.pid)[0]);
  expect(mapped.some((path) => basename(path).startsWith('libc'))).toBe(true);
});

test.each([
  ['a*c', 'abbc', true],
  ['a*c', 'abbd', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['[ab]x', 'bx', true],
  ['[!ab]x', 'bx', false],
  ['a.c', 'abc', false],
  ['a+(b)', 'a+(b)', true],
  ['a[b', 'a[b', true],
  ['[z-a]', 'z', false],
])('pattern %s and %s', (pattern, text, expected) => {
  expect(wildcardExpression(pattern, 'shell').test(text)).toBe(expected);
});

test('ld.so.cache agrees with ldconfig', async () => {
  const { readFileSync } = await import('node:fs');
  const expected = run('/sbin/ldconfig', '-p')
    .split('\n')
    .map((line) => /^\t(\S+) \(libc6,(?:x86-64|AArch64).*\) => (.*)$/.exec(line))
    .flatMap((match) => (match ? [{ name: match[1], path: match[2] }] : []));
  expect(parseLibraryCache(readFileSync('/etc/ld.so.cache'), process.arch)).toEqual(expected);
  expect(parseLibraryCache(Buffer.from('nonsense'), process.arch)).toEqual([]);
  expect(parseLibraryCache(Buffer.from('glibc-ld.so.cache1.1'.padEnd(60, '\xff'), 'latin1'), process.arch)).toEqual([]);
});

test('maps', () => {
  expect(
    parseMaps(`55d0c0000000-55d0c0002000 r-xp 00001000 fe:00 1234                       /usr/bin/a b (deleted)
7ffc1000-7ffc3000 rw-p 00000000 00:00 0                          [stack]
7f0000000000-7f0000001000 ---p 00000000 00:00 0
nonsense`),
  ).toEqual([
    {
      start: 0x55d0c0000000,
      end: 0x55d0c0002000,
      isExecutable: true,
      fileOffset: 0x1000,
      inode: 1234,
      path: '/usr/bin/a b',
      isDeleted: true,
    },
    {
      start: 0x7ffc1000,
      end: 0x7ffc3000,
      isExecutable: false,
      fileOffset: 0,
      inode: 0,
      path: '[stack]',
      isDeleted: false,
    },
    {
      start: 0x7f0000000000,
      end: 0x7f0000001000,
      isExecutable: false,
      fileOffset: 0,
      inode: 0,
      path: '',
      isDeleted: false,
    },
  ]);
});
