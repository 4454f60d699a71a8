/**
 * `npm run bench -- attach`: from start to attached and from Ctrl-C to the end, with one probe, every system call's entry
 * and 1,000 uprobes; Debian's bpftrace beside it. A peer that is not done after a minute and a half is ended, and said to be.
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, printTable } from './support/measure.ts';
import { commandOf, type Tool } from './support/tracer.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
/** For one run, start to end. */
const PATIENCE_MS = 90_000;
const ATTACHED = '__BPFTRACE_NOTIFY_PROBES_ATTACHED';
const folder = mkdtempSync(join(tmpdir(), 'bptop-bench-'));
const target = buildTarget(1000);

/** `slowPeer`: where the peer takes half a minute or more it is measured once. */
const CASES = [
  { name: 'BEGIN only', program: 'BEGIN { @ = 1; } interval:s:100 { }', slowPeer: false },
  { name: 'one tracepoint', program: 'tracepoint:syscalls:sys_enter_openat { @[probe] = count(); }', slowPeer: false },
  { name: 'sys_enter_*', program: 'tracepoint:syscalls:sys_enter_* { @[probe] = count(); }', slowPeer: true },
  { name: '1,000 uprobes', program: `uprobe:${target}:bench_* { @[probe] = count(); }`, slowPeer: true },
] as const;

interface Run {
  /** NaN where it did not come to that. */
  readonly attachMs: number;
  readonly endMs: number;
}

// All cases take turns, so that a busy minute of the machine is no case's alone.
const measured = CASES.map(() => ({ bptop: [] as Run[], bpftrace: [] as Run[] }));
for (let round = 0; round < ROUNDS; round++) {
  for (const [index, { program, slowPeer }] of CASES.entries()) {
    measured[index]?.bptop.push(await once('bptop', program));
    if (round === 0 || !slowPeer) measured[index]?.bpftrace.push(await once('bpftrace', program));
  }
  console.error(`round ${round + 1} of ${ROUNDS} done`);
}
const startMs = medianOf(measured[0]?.bptop ?? [], 'attachMs');
const rows = CASES.map(({ name }, index) => {
  const { bptop = [], bpftrace = [] } = measured[index] ?? {};
  return [
    name,
    cell(bptop, 'attachMs'),
    (medianOf(bptop, 'attachMs') - startMs).toFixed(0),
    cell(bpftrace, 'attachMs'),
    cell(bptop, 'endMs'),
    cell(bpftrace, 'endMs'),
  ];
});
printTable(['probes', 'attached: bptop, ms', 'beyond start-up', 'bpftrace', 'ended: bptop, ms', 'bpftrace'], rows);
rmSync(folder, { recursive: true });

function medianOf(runs: readonly Run[], of: keyof Run): number {
  return median(runs.map((run) => run[of]).filter((ms) => !Number.isNaN(ms)));
}

function cell(runs: readonly Run[], of: keyof Run): string {
  const failed = runs.filter((run) => Number.isNaN(run[of])).length;
  const limit = `not within ${PATIENCE_MS / 1000} s`;
  if (failed === runs.length) return limit;
  return `${medianOf(runs, of).toFixed(0)}${failed === 0 ? '' : ` (${failed} of ${runs.length} ${limit})`}`;
}

/** Both tools say on request when all probes are attached. */
async function once(tool: Tool, program: string): Promise<Run> {
  const [command = '', ...args] = commandOf(tool);
  const started = performance.now();
  const child = spawn(command, [...args, '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [ATTACHED]: '1', BPFTRACE_MAX_PROBES: '5000', BPFTRACE_MAX_BPF_PROGS: '5000' },
  });
  let isGivenUp = false;
  const force = setTimeout(() => {
    isGivenUp = true;
    child.kill('SIGKILL');
  }, PATIENCE_MS);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let errors = '';
  let isAttached = false;
  const attached = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      let output = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (stream === child.stderr) errors += text;
        if (!output.includes(ATTACHED)) return;
        isAttached = true;
        resolve();
      });
    }
  });
  await Promise.race([attached, ended]);
  const attachMs = isAttached ? performance.now() - started : Number.NaN;
  if (!isAttached && !isGivenUp) throw new Error(`${tool} did not attach: ${errors}`);
  await sleep(200);
  const stopping = performance.now();
  child.kill('SIGINT');
  await ended;
  clearTimeout(force);
  return { attachMs, endMs: isGivenUp ? Number.NaN : performance.now() - stopping };
}

/** A program with that many functions to probe. */
function buildTarget(functions: number): string {
  const source = join(folder, 'target.c');
  const lines = Array.from({ length: functions }, (_, index) => `int bench_${index}(int x) { return x + ${index}; }`);
  writeFileSync(source, `${lines.join('\n')}\nint main(void) { return bench_0(0); }\n`);
  const binary = join(folder, 'target');
  execFileSync('gcc', ['-O0', '-o', binary, source]);
  return binary;
}
