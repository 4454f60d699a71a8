/**
 * `npm run bench -- dashboard [--minutes=N]`: what the dashboard costs with its twelve panels at 200x50, beside Debian's
 * btop and htop under the same load. Each figure stands beside its bound; `!` marks one that is missed.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { printTable } from './support/measure.ts';
import { statisticsOf } from './support/programs.ts';
import { TerminalProgram } from './support/terminal.ts';
import { commandOf } from './support/tracer.ts';

const COLUMNS = 200;
const ROWS = 50;
const KEYS = 40;
const SAMPLE_MS = 1000;
const STARTS = 5;
const BOUNDS = {
  oneHz: 2,
  fourHz: 4,
  paused: 0.5,
  kibPerSecond: 40,
  memoryMiB: 130,
  growthMiB: 1,
  firstFrameMs: 700,
  firstDataMs: 1200,
  keyMs: 50,
};

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '1' } } });
const periodMs = Number(values.minutes) * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'bptop-bench-'));
const environment = { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder };
const bptop = commandOf('bptop').join(' ');
writeFileSync(join(folder, 'htoprc'), 'htop_version=3.2.2\nconfig_reader_min_version=3\ndelay=10\n');
const load = startLoad();
try {
  await measureStarts();
  await measureCost();
  await measureKeys();
} finally {
  load.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

/** Time from the start to the first frame with panels, and to the first figure in one of them. */
async function measureStarts(): Promise<void> {
  const frames: number[] = [];
  const data: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const program = open(bptop);
    frames.push((await program.shows(/╭─ 1 [\s\S]*╭─ 12 /)) - program.startedMs);
    data.push((await program.shows(hasData)) - program.startedMs);
    await program.close('q');
  }
  const cell = (times: readonly number[], bound: number) => bounded(Math.min(...times), bound, 0, 'ms');
  printTable(
    ['start', 'best', 'bound', 'all rounds'],
    [
      ['first frame', ...cell(frames, BOUNDS.firstFrameMs), rounded(frames)],
      ['first data', ...cell(data, BOUNDS.firstDataMs), rounded(data)],
    ],
  );
}

/** CPU, output and memory at 1 Hz beside the others, then at 4 Hz and paused. */
async function measureCost(): Promise<void> {
  const ours = open(bptop);
  const others = [
    { name: 'btop', program: open('btop -p 0 --utf-force') },
    { name: 'htop', program: open('htop -d 10', { HTOPRC: join(folder, 'htoprc') }) },
  ];
  await ours.shows(isFilled);
  // btop starts at one update in two seconds.
  others[0]?.program.type('----------');
  await sleep(5000);
  const startMiB = ours.usage().rssMiB;
  const [oneHz, ...peers] = await Promise.all([ours, ...others.map(({ program }) => program)].map((one) => watch(one)));
  await Promise.all(others.map(({ program }) => program.close('q')));
  ours.type('--');
  await sleep(2000);
  const fourHz = await watch(ours, Math.min(periodMs, 60_000));
  ours.type('++p');
  await ours.shows(/PAUSED/);
  await sleep(2000);
  const paused = await watch(ours, Math.min(periodMs, 60_000));
  await ours.close('q');
  if (oneHz === undefined) return;
  console.log();
  printTable(
    ['cost', 'measured', 'bound'],
    [
      ['CPU at 1 Hz', ...bounded(oneHz.cpu, BOUNDS.oneHz, 2, '% of a core')],
      ['CPU at 4 Hz', ...bounded(fourHz.cpu, BOUNDS.fourHz, 2, '% of a core')],
      ['CPU paused', ...bounded(paused.cpu, BOUNDS.paused, 2, '% of a core')],
      ['to the terminal at 1 Hz', ...bounded(oneHz.kibPerSecond, BOUNDS.kibPerSecond, 1, 'KiB/s')],
      ['to the terminal at 4 Hz', `${fourHz.kibPerSecond.toFixed(1)} KiB/s`, ''],
      ['memory at the start', `${startMiB.toFixed(0)} MiB`, ''],
      [`memory after ${values.minutes} min, at most`, ...bounded(oneHz.mostMiB, BOUNDS.memoryMiB, 0, 'MiB')],
      ['memory kept, second half', ...bounded(oneHz.growthMiB, BOUNDS.growthMiB, 1, 'MiB more')],
      ['its BPF programs', `${oneHz.probes.toFixed(2)} % of a core`, ''],
    ],
  );
  console.log();
  const all = [
    { name: 'bptop', usage: oneHz },
    ...others.flatMap(({ name }, index) => {
      const usage = peers[index];
      return usage === undefined ? [] : [{ name, usage }];
    }),
  ];
  printTable(
    ['at 1 Hz', '% of a core', 'KiB/s', 'MiB'],
    all.map(({ name, usage }) => [name, usage.cpu.toFixed(2), usage.kibPerSecond.toFixed(1), usage.mostMiB.toFixed(0)]),
  );
}

/** How long a key waits for its answer on the screen while all panels refresh: Tab moves the focus, the frame says where. */
async function measureKeys(): Promise<void> {
  const program = open(bptop);
  await program.shows(isFilled);
  const times: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    // At all phases of the refresh.
    await sleep(137);
    program.type('?');
    const pressed = performance.now();
    times.push((await program.shows(/╭[^\n]*help/i)) - pressed);
    program.type('\x1b');
    await program.shows((screen) => !/╭[^\n]*help/i.test(screen));
  }
  await program.close('q');
  times.sort((left, right) => left - right);
  console.log();
  printTable(
    ['key', 'measured', 'bound'],
    [
      ['median', `${(times[KEYS >> 1] ?? 0).toFixed(1)} ms`, ''],
      ['slowest', ...bounded(times.at(-1) ?? 0, BOUNDS.keyMs, 1, 'ms')],
    ],
  );
}

interface Watched {
  readonly cpu: number;
  readonly probes: number;
  readonly kibPerSecond: number;
  /** The most in the last quarter of the time. */
  readonly mostMiB: number;
  /** The least in the last quarter beyond the least in the quarter before it. */
  readonly growthMiB: number;
}

/**
 * Usage over a while. Memory rises from one full collection to the next and falls again, by more than it may grow: so two
 * single moments say nothing, the least of a quarter what is kept, and the most what is needed.
 */
async function watch(program: TerminalProgram, durationMs = periodMs): Promise<Watched> {
  const before = { ...program.usage(), ...statisticsOf(program.pid), bytes: program.bytesWritten };
  const startedMs = performance.now();
  const third: number[] = [];
  const last: number[] = [];
  for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs = performance.now() - startedMs) {
    await sleep(Math.min(SAMPLE_MS, durationMs - elapsedMs));
    const { rssMiB } = program.usage();
    if (elapsedMs >= durationMs * 0.75) last.push(rssMiB);
    else if (elapsedMs >= durationMs / 2) third.push(rssMiB);
  }
  const after = { ...program.usage(), ...statisticsOf(program.pid), bytes: program.bytesWritten };
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    cpu: (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds,
    probes: (after.timeNs - before.timeNs) / 1e7 / seconds,
    kibPerSecond: (after.bytes - before.bytes) / 1024 / seconds,
    mostMiB: Math.max(...last),
    growthMiB: Math.min(...last) - Math.min(...third),
  };
}

function open(command: string, more: Readonly<Record<string, string>> = {}): TerminalProgram {
  return new TerminalProgram(command, COLUMNS, ROWS, { ...environment, ...more });
}

/** A panel shows a figure: the status line and the frames have some before there is any data. */
function hasData(screen: string): boolean {
  return screen.split('\n').some((line) => /^[^╭]*│ *\S+ .*\d/.test(line));
}

/** Every panel is attached. */
function isFilled(screen: string): boolean {
  return /╭─ 12 /.test(screen) && !/attaching|waiting for the first data/.test(screen);
}

function bounded(value: number, bound: number, digits: number, unit: string): [string, string] {
  return [`${value.toFixed(digits)} ${unit}${value <= bound ? '' : ' !'}`, `≤ ${bound}`];
}

function rounded(times: readonly number[]): string {
  return times.map((time) => time.toFixed(0)).join(' ');
}

/** A machine that does a little of everything, at a steady pace: processes, files, a disk, connections, one busy program. */
function startLoad(): ChildProcess {
  const path = join(folder, 'load.pl');
  writeFileSync(
    path,
    `use Socket; use Fcntl; use Time::HiRes 'sleep';
socket(my $server, PF_INET, SOCK_STREAM, 0); bind($server, sockaddr_in(0, INADDR_LOOPBACK)); listen($server, 16);
while (1) {
  system('/bin/true') for 1..2;
  for (1..20) { open(my $file, '<', '/proc/self/stat'); my $line = <$file>; open(my $none, '<', '/does/not/exist'); }
  sysopen(my $out, '${folder}/disk', O_RDWR|O_CREAT|O_SYNC); syswrite($out, 'x' x 4096);
  socket(my $client, PF_INET, SOCK_STREAM, 0); connect($client, getsockname($server));
  accept(my $peer, $server); send($client, 'x' x 1000, 0); recv($peer, my $text, 1000, 0);
  my $sum = 0; $sum += $_ for 1..20000;
  sleep 0.1;
}
`,
  );
  return spawn('perl', [path], { stdio: 'ignore' });
}
