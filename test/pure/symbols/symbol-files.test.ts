/** The cache of symbol tables: bounded in files and bytes, and what was asked for last stays. */

import { expect, test } from 'vitest';
import { SymbolFiles } from '../../../src/symbols/symbol-file.ts';
import { compile } from '../../support/compile.ts';

const paths = ['one', 'two', 'three'].map((name) =>
  compile(`${name}.c`, `int ${name}(void) { return 1; } int main() {}`),
);
const [one = '', two = '', three = ''] = paths;
const bytesOf = (path: string) => new SymbolFiles().open(path).bytes;

test('a table says what it takes: its names and two dozen bytes for each', () => {
  expect(bytesOf(one)).toBeGreaterThan(200);
  expect(bytesOf(process.execPath)).toBeGreaterThan(1 << 20);
  expect(bytesOf('/etc/passwd')).toBe(0);
});

test.each([
  ['files', new SymbolFiles(2)],
  ['bytes', new SymbolFiles(100, bytesOf(one) + bytesOf(three) + 10)],
])('bounded in %s: the one not asked for goes', (_, files) => {
  const first = files.open(one);
  const second = files.open(two);
  expect(files.open(one)).toBe(first);
  files.open(three);
  expect(files.open(one)).toBe(first);
  expect(files.open(two)).not.toBe(second);
});

test('one that is larger than the bound is kept as long as it is the newest', () => {
  const files = new SymbolFiles(100, 1);
  const first = files.open(one);
  expect(files.open(one)).toBe(first);
  const second = files.open(two);
  expect(files.open(two)).toBe(second);
  expect(files.open(one)).not.toBe(first);
});
