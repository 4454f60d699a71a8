/**
 * `npm run bench -- language`: parsing, checking and compiling, warm and cold, and the first look-up in the kernel's BTF with and
 * without the index on disk. Cold figures are whole processes less Node.js's own start (or bptop's, for look-ups), measured in
 * turns: the median of the differences.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openLiveFacts } from '../src/kernel/live.ts';
import { compileScript } from '../src/run/compile-script.ts';
import { DEFAULT_OPTIONS } from '../src/semantics/compile-options.ts';
import { median, printTable } from './support/measure.ts';

const ENTRY = new URL('../dist/bptop.js', import.meta.url).pathname;
const LIBRARY = new URL('../scripts-library', import.meta.url).pathname;
const ONE_LINER = 'tracepoint:syscalls:sys_enter_openat { @[comm, str(args.filename)] = count(); }';
const LONG = longScript(200);
/** Until V8 has compiled what a prompt runs at each key. */
const WARM_UP_MS = 1000;
const WARM_ROUNDS = 40;
const ROUNDS = 15;
/** For a few milliseconds: one start differs from the next by ten either way, and the median of so many by one. */
const FINE_ROUNDS = 101;
const folder = mkdtempSync(join(tmpdir(), 'bptop-bench-'));
const rows: string[][] = [];

const facts = openLiveFacts();
row('200 lines, parse and check, warm', warm(LONG, 'types'), 15);
row('one-liner, parse and check, warm', warm(ONE_LINER, 'types'), 3);
row('one-liner, text to object, warm', warm(ONE_LINER, 'object'), 5);
for (const [what, file] of largestScripts()) {
  row(`${basename(file)} (${what}), text to object, warm`, warm(readFileSync(file, 'utf8'), 'object'), 50);
}
row('200 lines in 20 probes, text to object, warm', warm(LONG, 'object'), 50);
row('200 lines in one probe, text to object, warm', warm(denseScript(200), 'object'), 50);

const script = join(folder, 'long.bt');
writeFileSync(script, LONG);
const empty = () => once(process.execPath, ['-e', '0']);
row(
  '200 lines, parse and check, cold process',
  beyond(empty, () => once(ENTRY, ['--check', script])),
  60,
);
row(
  '200 lines, parse only, cold process',
  beyond(empty, () => once(ENTRY, ['--check=syntax', script])),
  60,
);

const lookUp = join(folder, 'look-up.bt');
writeFileSync(lookUp, 'BEGIN { print(((struct task_struct *)0)->pid); }');
const plain = join(folder, 'plain.bt');
writeFileSync(plain, 'BEGIN { print(1); }');
const cache = { XDG_CACHE_HOME: join(folder, 'cache') };
once(ENTRY, ['--check', plain], cache);
const withoutLookUp = () => once(ENTRY, ['--check', plain], cache);
row(
  'first look-up in BTF, index on disk',
  beyond(withoutLookUp, () => once(ENTRY, ['--check', lookUp], cache), FINE_ROUNDS),
  5,
);
const noIndex = { XDG_CACHE_HOME: join(folder, 'new') };
const firstLookUp = () => {
  rmSync(noIndex.XDG_CACHE_HOME, { recursive: true, force: true });
  return once(ENTRY, ['--check', lookUp], noIndex);
};
row('first look-up in BTF, no index on disk', beyond(withoutLookUp, firstLookUp), 60);
row('bptop -l, all probes, whole process', median(Array.from({ length: 5 }, () => once(ENTRY, ['-l']))), 500);
printTable(['figure', 'ms', 'at most'], rows);
rmSync(folder, { recursive: true });

function row(name: string, ms: number, bound: number): void {
  rows.push([name, ms.toFixed(2), `${bound}${ms <= bound ? '' : ' !'}`]);
}

function warm(text: string, depth: 'types' | 'object'): number {
  const times: number[] = [];
  const started = performance.now();
  for (let rest = WARM_ROUNDS; rest > 0; ) {
    const start = performance.now();
    const result = compileScript({ name: 'bench', text }, facts, { ...DEFAULT_OPTIONS, depth });
    if (performance.now() - started > WARM_UP_MS) rest--;
    times.push(performance.now() - start);
    const error = result.diagnostics.find(({ severity }) => severity === 'error');
    if (error) throw new Error(error.message);
  }
  return median(times.slice(-WARM_ROUNDS));
}

/** In turns, and each less the one before it, so that a slow moment of the machine counts for both. */
function beyond(base: () => number, run: () => number, rounds = ROUNDS): number {
  return median(
    Array.from({ length: rounds }, () => {
      const without = base();
      return run() - without;
    }),
  );
}

/** Without the certificates that Node.js would parse at its start: bptop's own first line sees to that, too. */
function once(command: string, args: readonly string[], env: { [name: string]: string } = {}): number {
  const start = performance.now();
  execFileSync(command, args, { env: { ...process.env, NODE_EXTRA_CA_CERTS: '', ...env }, stdio: 'ignore' });
  return performance.now() - start;
}

/** The bundled scripts that are largest in text and in instructions. */
function largestScripts(): readonly (readonly [what: string, file: string])[] {
  const files = readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.bt'))
    .map((name) => join(LIBRARY, name));
  const instructions = (file: string) => {
    const text = readFileSync(file, 'utf8');
    const { object } = compileScript({ name: file, text }, facts, { ...DEFAULT_OPTIONS, depth: 'object' });
    return (object?.programs ?? []).reduce((sum, program) => sum + program.instructions.length / 8, 0);
  };
  return [
    ['most bytes', largest(files, (file) => statSync(file).size)],
    ['most instructions', largest(files, instructions)],
  ];
}

function largest(files: readonly string[], sizeOf: (file: string) => number): string {
  let best = { file: '', size: -1 };
  for (const file of files) {
    const size = sizeOf(file);
    if (size > best.size) best = { file, size };
  }
  return best.file;
}

/** A script of that many lines with a bit of everything, in probes of ten. */
function longScript(lines: number): string {
  const text: string[] = [];
  for (let index = 0; text.length < lines; index++) {
    text.push(`tracepoint:syscalls:sys_enter_openat /pid != ${index} && comm != "none"/ {`, ...someLines(index), '}');
  }
  return text.join('\n');
}

/** The same in one probe. */
function denseScript(lines: number): string {
  const text = ['tracepoint:syscalls:sys_enter_openat {'];
  for (let index = 0; text.length < lines - 1; index++) text.push(...someLines(index));
  return [...text, '}'].join('\n');
}

function someLines(index: number): readonly string[] {
  return [
    `  $start${index} = nsecs - ${index};`,
    `  if ($start${index} > 1000 && pid % 2 == 0) {`,
    `    @opens${index}[comm, pid] = count();`,
    '    printf("%d %s %s\\n", pid, comm, str(args.filename));',
    '  } else {',
    `    @bytes${index} = hist($start${index} / 1024 + (uint64)args.flags);`,
    '  }',
    `  @last${index}[tid] = ($start${index}, comm);`,
  ];
}
