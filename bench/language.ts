/**
 * `npm run bench -- language`: parsing and checking, warm and cold, and the first look-up in the kernel's BTF with and
 * without the index on disk. Cold figures are whole processes less Node.js's own start.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLiveFacts } from '../src/kernel/live.ts';
import { compileScript } from '../src/run/compile-script.ts';
import { DEFAULT_OPTIONS } from '../src/semantics/compile-options.ts';
import { median, printTable } from './support/measure.ts';

const ENTRY = new URL('../dist/bptop.js', import.meta.url).pathname;
const ONE_LINER = 'tracepoint:syscalls:sys_enter_openat { @[comm, str(args.filename)] = count(); }';
const LONG = longScript(200);
const folder = mkdtempSync(join(tmpdir(), 'bptop-bench-'));
const rows: string[][] = [];

const facts = openLiveFacts();
row('200 lines, parse and check, warm', warm(LONG, 'types'), 15);
row('one-liner, parse and check, warm', warm(ONE_LINER, 'types'), 3);
row('one-liner, text to object, warm', warm(ONE_LINER, 'object'), 5);

const empty = cold(['-e', '0']);
const script = join(folder, 'long.bt');
writeFileSync(script, LONG);
row('200 lines, parse and check, cold process', cold([ENTRY, '--check', script]) - empty, 60);

const lookUp = join(folder, 'look-up.bt');
writeFileSync(lookUp, 'BEGIN { print(((struct task_struct *)0)->pid); }');
const cache = { XDG_CACHE_HOME: join(folder, 'cache') };
const plain = join(folder, 'plain.bt');
writeFileSync(plain, 'BEGIN { print(1); }');
const withoutBtf = cold([ENTRY, '--check', plain], cache);
const coldLookUps = Array.from({ length: 5 }, () => {
  rmSync(cache.XDG_CACHE_HOME, { recursive: true, force: true });
  return once([ENTRY, '--check', lookUp], cache);
});
row('first look-up in BTF, no index on disk', median(coldLookUps) - withoutBtf, 60);
row('first look-up in BTF, index on disk', cold([ENTRY, '--check', lookUp], cache) - withoutBtf, 5);
printTable(['figure', 'ms', 'at most'], rows);
rmSync(folder, { recursive: true });

function row(name: string, ms: number, bound: number): void {
  rows.push([name, ms.toFixed(2), `${bound}${ms <= bound ? '' : ' !'}`]);
}

function warm(text: string, depth: 'types' | 'object'): number {
  const times: number[] = [];
  for (let round = 0; round < 60; round++) {
    const start = performance.now();
    const result = compileScript({ name: 'bench', text }, facts, { ...DEFAULT_OPTIONS, depth });
    times.push(performance.now() - start);
    const error = result.diagnostics.find(({ severity }) => severity === 'error');
    if (error) throw new Error(error.message);
  }
  return median(times.slice(20));
}

function cold(args: readonly string[], env: { [name: string]: string } = {}): number {
  return median(Array.from({ length: 9 }, () => once(args, env)));
}

function once(args: readonly string[], env: { [name: string]: string } = {}): number {
  const start = performance.now();
  execFileSync(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  return performance.now() - start;
}

/** A script of that many lines with a bit of everything. */
function longScript(lines: number): string {
  const text: string[] = [];
  for (let index = 0; text.length < lines; index++) {
    text.push(
      `tracepoint:syscalls:sys_enter_openat /pid != ${index} && comm != "none"/ {`,
      `  $start = nsecs - ${index};`,
      '  if ($start > 1000 && pid % 2 == 0) {',
      `    @opens${index}[comm, pid] = count();`,
      '    printf("%d %s %s\\n", pid, comm, str(args.filename));',
      '  } else {',
      `    @bytes${index} = hist($start / 1024 + (uint64)args.flags);`,
      '  }',
      `  @last${index}[tid] = ($start, comm);`,
      '}',
    );
  }
  return text.join('\n');
}
