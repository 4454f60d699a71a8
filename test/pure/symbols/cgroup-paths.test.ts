import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CgroupPaths } from '../../../src/symbols/cgroup-paths.ts';

const root = mkdtempSync(join(tmpdir(), 'bptop-cgroups-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Makes a group and gives its id. */
function group(path: string): bigint {
  mkdirSync(join(root, path));
  return statSync(join(root, path), { bigint: true }).ino;
}

it('finds a group that was made just after another was looked for', () => {
  const paths = new CgroupPaths(() => `cgroup2 ${root} cgroup2 rw 0 0\n`);
  const first = group('first');
  expect(paths.find(first, '')).toBe('unified:/first');
  const second = group('first/second');
  expect(paths.find(second, 'uni*')).toBe('unified:/first/second');
  rmSync(join(root, 'first'), { recursive: true });
  expect(paths.find(second, '')).toBe('unified:/first/second');
  expect(paths.find(123456789123n, '')).toBe('');
});
