/**
 * `npm run bench -- kernel`: what one event costs, ours against Debian's bpftrace, in one run under one workload, a getppid
 * loop pinned to a CPU. Two figures per program: ns in the program by the kernel's run statistics, net of an empty
 * program on the same probe; and what the traced loop pays per call, net of the untraced loop, with those statistics
 * switched off, as they cost something themselves. An empty program has rows of its own: below it nothing can get.
 * Arguments: how many rounds, and a piece of the names of the programs that are wanted.
 */

import { execFileSync } from 'node:child_process';
import { compileWorkload } from '../test/support/workload.ts';
import { printTable, ratioCell } from './support/measure.ts';
import { disableStatistics, enableStatistics, type Tool, Tracer } from './support/tracer.ts';

const CALLS = 100_000;
/** Of so many runs on one tracer the cheapest counts: what else the machine does only ever adds. */
const RUNS = 5;
const ROUNDS = Number(process.argv[2] ?? 3);
const WANTED = process.argv[3] ?? '';
const ENTER = 'tracepoint:raw_syscalls:sys_enter';
const EXIT = 'tracepoint:raw_syscalls:sys_exit';

/** Both tools read the same text, so it is in the old syntax. `bound` is the ratio that both figures are held to. */
const ALL_PROGRAMS: readonly { readonly name: string; readonly text: string; readonly bound: number }[] = [
  { name: '@ = count()', text: `${ENTER} { @ = count(); }`, bound: 0.5 },
  { name: '@[pid, comm] = count()', text: `${ENTER} { @[pid, comm] = count(); }`, bound: 0.65 },
  { name: '@[comm] = hist(args.id)', text: `${ENTER} { @[comm] = hist(args->id); }`, bound: 0.65 },
  { name: '@s[tid] = nsecs', text: `${ENTER} { @s[tid] = nsecs; }`, bound: 1 },
  {
    name: 'start/end latency into hist',
    text: `${ENTER} { @s[tid] = nsecs; } ${EXIT} /@s[tid]/ { @h = hist(nsecs - @s[tid]); delete(@s[tid]); }`,
    bound: 1,
  },
  { name: '@[args.id] = count()', text: `${ENTER} { @[args->id] = count(); }`, bound: 0.65 },
  { name: 'a filter that never matches', text: `${ENTER} /pid == 1234567/ { @ = count(); }`, bound: 1 },
  { name: 'printf("%d %s\\n", pid, comm)', text: `${ENTER} { printf("%d %s\\n", pid, comm); }`, bound: 1 },
  { name: '@[kstack] = count()', text: `${ENTER} { @[kstack] = count(); }`, bound: 1 },
  {
    name: '@[str(args.args[0])] = count()',
    text: `${ENTER} { @[str(uptr(args->args[0]))] = count(); }`,
    bound: 1,
  },
];

const PROGRAMS = ALL_PROGRAMS.filter((program) => program.name.includes(WANTED));

const EMPTY = `${ENTER} { }`;
const EMPTY_PAIR = `${ENTER} { } ${EXIT} { }`;

interface Figures {
  readonly programNs: number;
  readonly callNs: number;
}

const workload = compileWorkload('syscalls');
const samples = new Map<string, Figures[]>();
const untraced: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  untraced.push(Math.min(...Array.from({ length: RUNS }, runWorkload)));
  for (const text of [EMPTY, EMPTY_PAIR, ...PROGRAMS.map((program) => program.text)]) {
    for (const tool of ['bptop', 'bpftrace'] as const) await sample(tool, text);
  }
}
report();

function runWorkload(): number {
  const output = execFileSync(workload, [String(CALLS), '1'], { encoding: 'utf8' });
  return Number(output.trim().split('\n')[1]);
}

async function sample(tool: Tool, text: string): Promise<void> {
  const tracer = await Tracer.start(tool, text);
  const programNs: number[] = [];
  const callNs: number[] = [];
  for (let attempt = 0; programNs.length < RUNS && attempt < 10 * RUNS; attempt++) {
    disableStatistics();
    callNs.push(runWorkload());
    enableStatistics();
    const before = tracer.statistics();
    runWorkload();
    const after = tracer.statistics();
    // Whoever else counts turns the counters off for all when it ends: such a run says nothing.
    if (after.runs - before.runs >= CALLS) programNs.push((after.timeNs - before.timeNs) / CALLS);
  }
  await tracer.stop();
  const list = samples.get(`${tool} ${text}`) ?? [];
  list.push({ programNs: Math.min(...programNs), callNs: Math.min(...callNs) });
  samples.set(`${tool} ${text}`, list);
}

/** The cheapest of all rounds: noise only ever adds. */
function figures(tool: Tool, text: string): Figures {
  const list = samples.get(`${tool} ${text}`) ?? [];
  return {
    programNs: Math.min(...list.map((entry) => entry.programNs)),
    callNs: Math.min(...list.map((entry) => entry.callNs)),
  };
}

function report(): void {
  const base = Math.min(...untraced);
  const rows = PROGRAMS.map(({ name, text, bound }) => {
    const empty = text.includes(EXIT) ? EMPTY_PAIR : EMPTY;
    const net = (tool: Tool): Figures => ({
      programNs: figures(tool, text).programNs - figures(tool, empty).programNs,
      callNs: figures(tool, text).callNs - base,
    });
    const ours = net('bptop');
    const theirs = net('bpftrace');
    return [
      name,
      ours.programNs.toFixed(0),
      theirs.programNs.toFixed(0),
      ratioCell(ours.programNs, theirs.programNs, bound),
      ours.callNs.toFixed(0),
      theirs.callNs.toFixed(0),
      ratioCell(ours.callNs, theirs.callNs, bound),
    ];
  });
  for (const [name, text] of [
    ['an empty program', EMPTY],
    ['a pair of empty programs', EMPTY_PAIR],
  ] as const) {
    const [ours, theirs] = [figures('bptop', text), figures('bpftrace', text)];
    const calls = [ours.callNs - base, theirs.callNs - base] as const;
    const ratio = (calls[0] / calls[1]).toFixed(2);
    const cells = [ours.programNs, theirs.programNs, '', calls[0], calls[1]];
    rows.push([name, ...cells.map((cell) => (cell === '' ? '' : Number(cell).toFixed(0))), ratio]);
  }
  console.log(
    `untraced call: ${base.toFixed(0)} ns; the cheapest of ${ROUNDS} rounds of ${RUNS} runs of ${CALLS} calls each\n`,
  );
  printTable(['program', 'in program: ours', 'bpftrace', 'ratio', 'per call: ours', 'bpftrace', 'ratio'], rows);
}
