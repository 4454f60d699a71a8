/**
 * `npm run bench -- tools`: what each bundled tool costs under the same mixed load, by the kernel's own statistics of the
 * tool's BPF programs. What has been measured is kept, so that a run that was cut short goes on where it stopped.
 *
 *   npm run bench -- tools            all tools, the table to the standard output
 *   npm run bench -- tools --write    and into docs/performance.md
 *   npm run bench -- tools --fresh    forgets what was measured before
 *   npm run bench -- tools NAME …     these only, anew
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLiveFacts } from '../src/kernel/live.ts';
import { chooseVariant, readTools, type Tool } from '../src/panels/library.ts';
import { tableText } from './support/measure.ts';
import { statisticsOf } from './support/programs.ts';
import { LOAD, Load, LoadDisk } from './support/tool-load.ts';
import { commandOf, enableStatistics } from './support/tracer.ts';

const ATTACHED = '__BPFTRACE_NOTIFY_PROBES_ATTACHED';
const LIBRARY = new URL('../scripts-library', import.meta.url).pathname;
const PAGE = new URL('../docs/performance.md', import.meta.url).pathname;
const ATTACH_LIMIT_MS = 30_000;

interface Measured {
  readonly runs: number;
  readonly timeNs: number;
  readonly wallNs: number;
}

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('--'));
const keptIn = join(tmpdir(), `bptop-bench-tools-${identity()}.json`);
const kept = readKept();
enableStatistics();
const disk = new LoadDisk();
const facts = openLiveFacts();
const served = readTools([{ path: LIBRARY, isBundled: true }]).filter((tool) => 'tool' in chooseVariant(tool, facts));
const failures: string[] = [];

for (const tool of served) {
  if (names.length > 0 ? !names.includes(tool.name) : kept[tool.name] !== undefined) continue;
  try {
    const measured = await measure(tool);
    kept[tool.name] = measured;
    writeFileSync(keptIn, JSON.stringify(kept));
    process.stderr.write(`${tool.name} ${perEvent(measured)} ns\n`);
  } catch (error) {
    failures.push(`${tool.name}: ${(error as Error).message.trim()}`);
    process.stderr.write(`${failures.at(-1)}\n`);
  }
}

const table = tableText(
  ['tool', 'group', 'events', 'ns per event', '% of one CPU'],
  served.flatMap((tool) => row(tool, kept[tool.name])).sort((left, right) => Number(right[4]) - Number(left[4])),
);
console.log(table);
if (failures.length > 0) console.log(`not measured:\n${failures.join('\n')}`);
if (words.includes('--write')) writePage(table);
process.exit(failures.length > 0 ? 1 : 0);

/** One run of the load with the tool attached; what ran before the load began is taken off. */
async function measure({ name, description }: Tool): Promise<Measured> {
  const load = await Load.start(disk.device);
  const isForOne = description.parameters.some((parameter) => parameter.isRequired);
  const [command = '', ...args] = commandOf('bptop');
  const child = spawn(command, [...args, name, '--batch', ...(isForOne ? ['--pid', String(load.pid)] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [ATTACHED]: '1' },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    await attached(child);
    const before = statisticsOf(child.pid ?? 0);
    const wallNs = await load.run();
    const after = statisticsOf(child.pid ?? 0);
    return { runs: after.runs - before.runs, timeNs: after.timeNs - before.timeNs, wallNs };
  } finally {
    child.kill('SIGINT');
    load.kill();
    const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(force);
  }
}

async function attached(child: ChildProcess): Promise<void> {
  const said = new Promise<void>((resolve, reject) => {
    let output = '';
    let errors = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (!output.includes(ATTACHED)) output += text;
      if (output.includes(ATTACHED)) resolve();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('close', () => reject(new Error(`ended before it was attached: ${errors}`)));
  });
  const limit = new AbortController();
  const tooLate = sleep(ATTACH_LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`not attached within ${ATTACH_LIMIT_MS / 1000} s`);
  });
  try {
    await Promise.race([said, tooLate]);
  } finally {
    limit.abort();
    for (const promise of [said, tooLate]) promise.catch(() => undefined);
  }
}

function row({ name, description }: Tool, measured: Measured | undefined): string[][] {
  if (measured === undefined) return [];
  const share = (100 * measured.timeNs) / measured.wallNs;
  return [[name, description.group, String(measured.runs), perEvent(measured), share.toFixed(2)]];
}

function perEvent({ runs, timeNs }: Measured): string {
  return runs === 0 ? '-' : (timeNs / runs).toFixed(0);
}

/** Figures of another program, kernel or load are not these. */
function identity(): string {
  const folder = dirname(commandOf('bptop')[0] ?? '');
  const hash = createHash('sha256').update(release()).update(LOAD);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isFile()) hash.update(readFileSync(join(folder, entry.name)));
  return hash.digest('hex').slice(0, 16);
}

function readKept(): Record<string, Measured> {
  if (words.includes('--fresh')) return {};
  try {
    return JSON.parse(readFileSync(keptIn, 'utf8')) as Record<string, Measured>;
  } catch {
    return {};
  }
}

function writePage(table: string): void {
  const [before = '', after = ''] = readFileSync(PAGE, 'utf8').split(/<!-- tools -->[\s\S]*?<!-- end -->/);
  writeFileSync(PAGE, `${before}<!-- tools -->\n\n${table}\n\n<!-- end -->${after}`);
}
