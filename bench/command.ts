/**
 * `npm run bench -- command`: the command line against Debian's bpftrace, interleaved runs in one go, medians: start-up,
 * first count, a flood of printf, printing a large map, peak memory.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileWorkload } from '../test/support/workload.ts';
import { median, printTable, ratioCell } from './support/measure.ts';
import { commandOf, type Tool } from './support/tracer.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const LINES = 2_000_000;
const TOOLS = ['bptop', 'bpftrace'] as const;

interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly lines: number;
  readonly lost: number;
  /** From start to the first byte of output. */
  readonly firstMs: number;
}

interface Scenario {
  readonly name: string;
  readonly program: string;
  readonly env?: Readonly<{ [name: string]: string }>;
  /** Started once the tool has attached; its end ends the tool. */
  readonly workload?: readonly string[];
  readonly rounds: number;
  readonly rows: (ours: Run, theirs: Run) => (readonly string[])[];
}

const workload = compileWorkload('syscalls');
/** Sixteen calls' worth of arithmetic keys: the map is filled from user space events, one per call. */
const FILL = `tracepoint:raw_syscalls:sys_enter /comm == "${workload.split('/').pop()?.slice(0, 15)}"/`;

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'start-up: BEGIN { exit(); }',
    program: 'BEGIN { exit(); }',
    rounds: ROUNDS * 2,
    rows: (ours, theirs) => [
      row('start-up, BEGIN { exit(); }, ms', ours.wallMs, theirs.wallMs, 0.6),
      row('peak memory there, MiB', ours.peakMiB, theirs.peakMiB, 0.7),
    ],
  },
  {
    name: 'first count of a tracepoint',
    program: 'tracepoint:raw_syscalls:sys_enter { @ = count(); printf("x\\n"); exit(); }',
    rounds: ROUNDS * 2,
    rows: (ours, theirs) => [row('start to first event, ms', ours.firstMs, theirs.firstMs, 0.6)],
  },
  {
    name: 'printf flood',
    program: `${FILL} { printf("%d %s %d\\n", pid, comm, args->id); }`,
    env: { BPFTRACE_PERF_RB_PAGES: '4096' },
    workload: [workload, String(LINES), '1'],
    rounds: ROUNDS,
    rows: (ours, theirs) => [
      row('CPU per printf line, ns', (ours.cpuMs * 1e6) / ours.lines, (theirs.cpuMs * 1e6) / theirs.lines, 0.25),
      row('ms per printf line, wall', 1 / rate(ours), 1 / rate(theirs), 0.25),
      ['lines printed of 2,000,000', String(ours.lines), String(theirs.lines), ''],
      ['lines reported lost', String(ours.lost), String(theirs.lost), ''],
      row('peak memory there, MiB', ours.peakMiB, theirs.peakMiB, 0.7),
    ],
  },
  {
    name: 'map of 100,000 keys',
    program: `BEGIN { @n = 0; } ${FILL} { @m[@n] = 1; @n++; }`,
    env: { BPFTRACE_MAP_KEYS_MAX: '200000', BPFTRACE_MAX_MAP_KEYS: '200000' },
    workload: [workload, '100000', '1'],
    rounds: ROUNDS,
    rows: (ours, theirs) => [
      row('CPU of a run that prints 100,000 keys, ms', ours.cpuMs, theirs.cpuMs, 0.5),
      row('peak memory there, MiB', ours.peakMiB, theirs.peakMiB, 0.7),
      ['keys printed', String(ours.lines), String(theirs.lines), ''],
    ],
  },
];

const rows: (readonly string[])[] = [];
for (const scenario of SCENARIOS) {
  const runs: { [tool in Tool]: Run[] } = { bptop: [], bpftrace: [] };
  for (let round = 0; round < scenario.rounds; round++) {
    for (const tool of TOOLS) runs[tool].push(await run(tool, scenario));
  }
  rows.push(...scenario.rows(medians(runs.bptop), medians(runs.bpftrace)));
}
printTable(['figure', 'bptop', 'bpftrace', 'ratio'], rows);

function row(name: string, ours: number, theirs: number, bound: number): readonly string[] {
  return [name, ours.toPrecision(4), theirs.toPrecision(4), ratioCell(ours, theirs, bound)];
}

function rate(run: Run): number {
  return run.lines / (run.wallMs - run.firstMs);
}

function medians(runs: readonly Run[]): Run {
  const of = (pick: (run: Run) => number) => median(runs.map(pick));
  return {
    wallMs: of((run) => run.wallMs),
    cpuMs: of((run) => run.cpuMs),
    peakMiB: of((run) => run.peakMiB),
    lines: of((run) => run.lines),
    lost: of((run) => run.lost),
    firstMs: of((run) => run.firstMs),
  };
}

/** Runs the tool under a shell that reports the CPU time of its children, output into this process. */
async function run(tool: Tool, scenario: Scenario): Promise<Run> {
  const [command = '', ...args] = commandOf(tool);
  const started = performance.now();
  const child = spawn(command, [...args, '-e', scenario.program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...scenario.env },
  });
  let firstMs = 0;
  let lines = 0;
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const isBanner = tool === 'bpftrace' && firstMs === 0 && chunk.toString('latin1').startsWith('Attaching');
    const text = isBanner ? chunk.subarray(chunk.indexOf(10) + 1) : chunk;
    if (text.length > 0 && firstMs === 0) firstMs = performance.now() - started;
    for (let index = text.indexOf(10); index >= 0; index = text.indexOf(10, index + 1)) lines++;
    if (isBanner && text.length === 0) return;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let usage = { cpuMs: 0, peakMiB: 0 };
  const sampler = setInterval(() => {
    usage = usageOf(child.pid ?? 0) ?? usage;
  }, 5);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  if (scenario.workload) {
    await sleep(1500);
    const [file = '', ...rest] = scenario.workload;
    await new Promise((resolve) => spawn(file, rest, { stdio: 'ignore' }).once('close', resolve));
    await sleep(300);
    usage = usageOf(child.pid ?? 0) ?? usage;
    child.kill('SIGINT');
  }
  await ended;
  clearInterval(sampler);
  const lost = [...errors.matchAll(/Lost (\d+) events/g)].reduce((sum, match) => sum + Number(match[1]), 0);
  return { wallMs: performance.now() - started, ...usage, lines, lost, firstMs };
}

/** CPU time so far and peak memory of a process, while it is there. */
function usageOf(pid: number): { readonly cpuMs: number; readonly peakMiB: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (!peak) return undefined;
    return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, peakMiB: Number(peak) / 1024 };
  } catch {
    return undefined;
  }
}
