/**
 * A tracer under measurement: ours from dist/, or Debian's bpftrace. Started on a program, waited for until its probes are
 * attached, asked for what its BPF programs cost by the kernel's own run statistics, ended by SIGINT.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export type Tool = 'bptop' | 'bpftrace';

const ENTRY = new URL('../../dist/bptop.js', import.meta.url).pathname;

export function commandOf(tool: Tool): readonly string[] {
  return [tool === 'bptop' ? ENTRY : 'bpftrace'];
}

interface ProgramStatistics {
  readonly id: number;
  readonly runs: number;
  readonly timeNs: number;
}

const STATISTICS = '/proc/sys/kernel/bpf_stats_enabled';
let isEnabled = false;

/** enableStatistics turns on the kernel's per-program counters until the process ends; again if somebody turned them off. */
export function enableStatistics(): void {
  if (readFileSync(STATISTICS, 'utf8').trim() !== '1') writeFileSync(STATISTICS, '1');
  if (!isEnabled) process.once('exit', () => writeFileSync(STATISTICS, '0'));
  isEnabled = true;
}

/** disableStatistics turns the counters off: reading the clock twice per event is itself a cost. */
export function disableStatistics(): void {
  if (readFileSync(STATISTICS, 'utf8').trim() !== '0') writeFileSync(STATISTICS, '0');
}

export class Tracer {
  readonly #child: ChildProcess;
  readonly #before: ReadonlySet<number>;
  readonly #ended: Promise<number>;

  private constructor(child: ChildProcess, before: ReadonlySet<number>, ended: Promise<number>) {
    this.#child = child;
    this.#before = before;
    this.#ended = ended;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Starts the tool with the program's output going nowhere; resolves once its probes are attached. */
  static async start(tool: Tool, program: string): Promise<Tracer> {
    const before = new Set(programs().map((entry) => entry.id));
    const [command = '', ...args] = commandOf(tool);
    const nowhere = openSync('/dev/null', 'w');
    const child = spawn(command, [...args, '-e', program], {
      stdio: ['ignore', nowhere, 'pipe'],
      env: { ...process.env, BPFTRACE_MAX_PROBES: '5000' },
    });
    closeSync(nowhere);
    child.stderr?.resume();
    const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
    const tracer = new Tracer(child, before, ended);
    await tracer.#attached();
    return tracer;
  }

  /** Sum over the tool's programs since they were loaded. */
  statistics(): { readonly runs: number; readonly timeNs: number } {
    let runs = 0;
    let timeNs = 0;
    for (const entry of programs()) {
      if (this.#before.has(entry.id)) continue;
      runs += entry.runs;
      timeNs += entry.timeNs;
    }
    return { runs, timeNs };
  }

  async stop(): Promise<number> {
    this.#child.kill('SIGINT');
    return this.#ended;
  }

  /** Attached means: a program that was not there before has run, or is there and half a second has passed. */
  async #attached(): Promise<void> {
    let seenAt = 0;
    for (let waited = 0; waited < 60_000; waited += 20) {
      const mine = programs().filter((entry) => !this.#before.has(entry.id));
      if (mine.length > 0 && seenAt === 0) seenAt = waited;
      if (mine.some((entry) => entry.runs > 0) || (mine.length > 0 && waited - seenAt > 500)) return;
      await sleep(20);
      if (this.#child.exitCode !== null) throw new Error(`the tracer ended with ${this.#child.exitCode}`);
    }
    throw new Error('the tracer did not attach within a minute');
  }
}

function programs(): readonly ProgramStatistics[] {
  const list = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8' })) as {
    id: number;
    run_cnt?: number;
    run_time_ns?: number;
  }[];
  return list.map((entry) => ({ id: entry.id, runs: entry.run_cnt ?? 0, timeNs: entry.run_time_ns ?? 0 }));
}
