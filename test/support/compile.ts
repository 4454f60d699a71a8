/**
 * Programs that tests look at, compiled on the spot by gcc into a directory that goes with the test process.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let directory: string | undefined;

/** workDirectory is removed when the test process ends. */
export function workDirectory(): string {
  if (directory === undefined) {
    const created = mkdtempSync(join(tmpdir(), 'bptop-binaries-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    directory = created;
  }
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
