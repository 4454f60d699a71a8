/**
 * `npm run bench -- attach`: from start to attached and from Ctrl-C to the end, with one probe, every system call's entry
 * and 1,000 uprobes; Debian's bpftrace beside it (once, where it needs half a minute; beyond two minutes it is ended).
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, printTable } from './support/measure.ts';
import { commandOf, type Tool } from './support/tracer.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const PATIENCE_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'bptop-bench-'));
const target = buildTarget(1000);

const CASES = [
  { name: 'BEGIN only', program: 'BEGIN { @ = 1; } interval:s:100 { }', slowPeer: false },
  { name: 'one tracepoint', program: 'tracepoint:syscalls:sys_enter_openat { @[probe] = count(); }', slowPeer: false },
  { name: 'sys_enter_*', program: 'tracepoint:syscalls:sys_enter_* { @[probe] = count(); }', slowPeer: true },
  { name: '1,000 uprobes', program: `uprobe:${target}:bench_* { @[probe] = count(); }`, slowPeer: true },
] as const;

const rows: string[][] = [];
for (const { name, program, slowPeer } of CASES) {
  const ours = await series('bptop', program, ROUNDS);
  const theirs = await series('bpftrace', program, slowPeer ? 1 : ROUNDS);
  rows.push([name, ...[ours.attachMs, theirs.attachMs, ours.endMs, theirs.endMs].map((value) => value.toFixed(0))]);
}
printTable(['probes', 'attached: bptop, ms', 'bpftrace', 'ended: bptop, ms', 'bpftrace'], rows);
rmSync(folder, { recursive: true });

async function series(tool: Tool, program: string, rounds: number): Promise<{ attachMs: number; endMs: number }> {
  const runs = [];
  for (let round = 0; round < rounds; round++) runs.push(await once(tool, program));
  return { attachMs: median(runs.map((run) => run.attachMs)), endMs: median(runs.map((run) => run.endMs)) };
}

/** Attached is when ours says so; bpftrace 0.17 says nothing, so: when it sleeps after its last link has appeared. */
async function once(tool: Tool, program: string): Promise<{ attachMs: number; endMs: number }> {
  const [command = '', ...args] = commandOf(tool);
  const started = performance.now();
  const child = spawn(command, [...args, '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, __BPFTRACE_NOTIFY_PROBES_ATTACHED: '1', BPFTRACE_MAX_PROBES: '5000' },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('__BPFTRACE_NOTIFY_PROBES_ATTACHED')) resolve();
    });
  });
  const attachMs = performance.now() - started;
  await sleep(200);
  const stopping = performance.now();
  child.kill('SIGINT');
  await ended;
  clearTimeout(force);
  return { attachMs, endMs: performance.now() - stopping };
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
