/**
 * `npm run bench -- command [ROUNDS [WORD]]`: the command line against Debian's bpftrace, interleaved runs in one go,
 * medians: start-up, first count, a flood of printf, printing a large map, peak memory. WORD picks scenarios by name. CPU
 * time and memory are those that the kernel accounts when the process has ended, detaching and freeing included.
 */

import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileWorkload } from '../test/support/workload.ts';
import { median, printTable, ratioCell } from './support/measure.ts';
import { commandOf, type Tool } from './support/tracer.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const WORD = process.argv[3] ?? '';
const LINES = 2_000_000;
const TOOLS = ['bptop', 'bpftrace'] as const;

interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly lines: number;
  /** As the tool reported it. */
  readonly lost: number;
  /** Lines of the flood that are neither. The workload's own start and end are a few more calls. */
  readonly missing: number;
  /** From start to the first byte of what the scenario waits for. */
  readonly firstMs: number;
}

interface Scenario {
  readonly name: string;
  readonly program: string;
  readonly env?: Readonly<{ [name: string]: string }>;
  /** Started once the tool has attached; its end ends the tool. */
  readonly workload?: readonly string[];
  /** What `firstMs` waits for; by default any output of the script. */
  readonly awaited?: string;
  readonly rounds: number;
  readonly rows: (ours: Run, theirs: Run) => (readonly string[])[];
}

const LOST = /^Lost (\d+) events$/gm;

const workload = compileWorkload('syscalls');
const account = compileWorkload('account');
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
    program: 'tracepoint:raw_syscalls:sys_enter { @ = count(); exit(); }',
    awaited: '@: ',
    rounds: ROUNDS * 2,
    rows: (ours, theirs) => [
      row('start to the first count (`@: ` on stdout), ms', ours.firstMs, theirs.firstMs, 0.6),
      row('CPU of that run, ms', ours.cpuMs, theirs.cpuMs),
    ],
  },
  {
    name: 'first line of a tracepoint',
    program: 'tracepoint:raw_syscalls:sys_enter { printf("x\\n"); exit(); }',
    awaited: 'x\n',
    rounds: ROUNDS * 2,
    rows: (ours, theirs) => [row('start to the first line of printf, ms', ours.firstMs, theirs.firstMs)],
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
      ['neither printed nor reported lost, worst run', String(ours.missing), String(theirs.missing), ''],
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
for (const scenario of SCENARIOS.filter(({ name }) => name.includes(WORD))) {
  const runs: { [tool in Tool]: Run[] } = { bptop: [], bpftrace: [] };
  for (let round = 0; round < scenario.rounds; round++) {
    for (const tool of TOOLS) runs[tool].push(await run(tool, scenario));
  }
  rows.push(...scenario.rows(medians(runs.bptop), medians(runs.bpftrace)));
}
printTable(['figure', 'bptop', 'bpftrace', 'ratio'], rows);

function row(name: string, ours: number, theirs: number, bound?: number): readonly string[] {
  const ratio = bound === undefined ? (ours / theirs).toFixed(2) : ratioCell(ours, theirs, bound);
  return [name, ours.toPrecision(4), theirs.toPrecision(4), ratio];
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
    missing: Math.max(...runs.map((run) => run.missing)),
    firstMs: of((run) => run.firstMs),
  };
}

/** Runs the tool under a program that tells what it took, output into this process. */
async function run(tool: Tool, scenario: Scenario): Promise<Run> {
  const started = performance.now();
  const child = spawn(account, [...commandOf(tool), '-e', scenario.program], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...scenario.env },
  });
  const [, stdout, stderr, accounts] = child.stdio as unknown as readonly [null, Readable, Readable, Readable];
  const { awaited = '' } = scenario;
  let firstMs = 0;
  let lines = 0;
  let errors = '';
  let isBanner = tool === 'bpftrace';
  stdout.on('data', (chunk: Buffer) => {
    const begin = isBanner ? chunk.indexOf(10) + 1 : 0;
    isBanner &&= begin === 0;
    if (firstMs === 0 && begin < chunk.length && chunk.includes(awaited, begin)) firstMs = performance.now() - started;
    // bpftrace says it among the lines.
    if (chunk.includes('Lost ')) {
      const said = chunk.toString('latin1').match(LOST) ?? [];
      lines -= said.length;
      errors += `\n${said.join('\n')}\n`;
    }
    for (let index = chunk.indexOf(10, begin); index >= 0; index = chunk.indexOf(10, index + 1)) lines++;
  });
  stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let usage = '';
  accounts.setEncoding('latin1').on('data', (text: string) => {
    usage += text;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  if (scenario.workload) {
    await sleep(1500);
    const [file = '', ...rest] = scenario.workload;
    await new Promise((resolve) => spawn(file, rest, { stdio: 'ignore' }).once('close', resolve));
    await sleep(300);
    child.kill('SIGINT');
  }
  await ended;
  const wallMs = performance.now() - started;
  const [userUs = 0, systemUs = 0, peakKiB = 0] = usage.split(' ').map(Number);
  // At its end bptop says the sum once more.
  const lost = [...errors.matchAll(LOST)].reduce((sum, match) => sum + Number(match[1]), 0);
  const missing = LINES - lines - lost;
  return { wallMs, cpuMs: (userUs + systemUs) / 1000, peakMiB: peakKiB / 1024, lines, lost, missing, firstMs };
}
