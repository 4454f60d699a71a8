/**
 * Programs that tests look at, compiled on the spot by gcc into a directory that goes with the test file.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

let directory: string | undefined;

// Not on the process's exit: the test runner ends its workers by force.
afterAll(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
});

/** workDirectory is removed when the tests of the file are done. */
export function workDirectory(): string {
  directory ??= mkdtempSync(join(tmpdir(), 'bptop-binaries-'));
  return directory;
}

/** compile builds `source` (C, or C++ if `name` ends in .cc) with gcc's options and returns the path of the result. */
export function compile(name: string, source: string, options: readonly string[] = []): string {
  const isCpp = name.endsWith('.cc');
  const output = join(workDirectory(), name.replace(/\.(c|cc)$/, ''));
  const input = `${output}.${isCpp ? 'cc' : 'c'}`;
  writeFileSync(input, source);
  run(isCpp ? 'g++' : 'gcc', '-o', output, input, ...options);
  return output;
}

/** run runs a program and returns what it prints; its failure is the test's failure. */
export function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: workDirectory(),
  });
}
