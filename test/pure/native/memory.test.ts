/** Of our own program only what nobody has written to is let go: the rest would be lost. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { releaseFreeMemory, unwrittenParts } from '../../../native/memory.ts';

const FILE = '/usr/bin/node';

function part(range: string, access: string, path: string, anonymousKb: number): string {
  return `${range} ${access} 00000000 fe:00 1234   ${path}\nSize: 100 kB\nRss: 90 kB\nAnonymous:         ${anonymousKb} kB\nVmFlags: rd mr\n`;
}

test.each([
  ['code', part('400000-401000', 'r-xp', FILE, 0), [[0x400000, 0x1000]]],
  ['constants', part('400000-403000', 'r--p', FILE, 0), [[0x400000, 0x3000]]],
  ['code with a breakpoint in it', part('400000-401000', 'r-xp', FILE, 4), []],
  ['variables', part('400000-401000', 'rw-p', FILE, 0), []],
  ['code that is shared with its file', part('400000-401000', 'r-xs', FILE, 0), []],
  ['another file', part('400000-401000', 'r-xp', '/usr/bin/node-gyp', 0), []],
  ['memory without a file', part('7f00400000-7f00401000', 'r-xp', '', 0), []],
  [
    'the second of three',
    `${part('1000-2000', 'rw-p', FILE, 0)}${part('2000-4000', 'r-xp', FILE, 0)}${part('4000-5000', 'r--p', '[vvar]', 0)}`,
    [[0x2000, 0x2000]],
  ],
] as const)('%s', (_, smaps, expected) => {
  expect(unwrittenParts(smaps, FILE)).toEqual(expected);
});

test('a program goes on after its code was let go', () => {
  const smaps = () => readFileSync('/proc/self/smaps', 'latin1');
  expect(unwrittenParts(smaps(), process.execPath).length).toBeGreaterThan(0);
  releaseFreeMemory();
  expect(JSON.parse(JSON.stringify({ a: [1, 2, 'x'] }))).toEqual({ a: [1, 2, 'x'] });
});
