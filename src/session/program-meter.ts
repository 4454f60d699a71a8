/**
 * Run statistics of programs, read every second by who shows them. The kernel gives them in the description of the
 * descriptor, too (kernel/bpf/syscall.c: bpf_prog_show_fdinfo, since 5.1): one read of an open file costs a tenth of a call
 * through the foreign function interface with its structure.
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { programStatistics } from '../../native/programs.ts';

export interface ProgramStatistics {
  readonly runs: number;
  readonly timeNs: number;
}

/** All lines are short: a dozen of them. */
const buffer = Buffer.alloc(1024);

/** ProgramMeter reads the statistics of one program, whose descriptor stays its owner's. */
export class ProgramMeter {
  readonly #program: number;
  /** Undefined before the first reading, null where there is no such file. */
  #file: number | null | undefined;

  constructor(program: number) {
    this.#program = program;
  }

  read(): ProgramStatistics {
    if (this.#file === undefined) this.#file = openDescription(this.#program);
    const described = this.#file === null ? undefined : readDescription(this.#file);
    if (described !== undefined) return described;
    const { runs, timeNs } = programStatistics(this.#program);
    return { runs, timeNs };
  }

  close(): void {
    if (typeof this.#file === 'number') closeSync(this.#file);
    this.#file = null;
  }
}

function openDescription(descriptor: number): number | null {
  try {
    return openSync(`/proc/self/fdinfo/${descriptor}`, 'r');
  } catch {
    return null;
  }
}

function readDescription(file: number): ProgramStatistics | undefined {
  try {
    const length = readSync(file, buffer, 0, buffer.length, 0);
    const time = buffer.indexOf(TIME);
    const runs = buffer.indexOf(RUNS);
    // Behind its end lies what was read before.
    if (time < 0 || time >= length || runs < 0 || runs >= length) return undefined;
    return { timeNs: numberAt(time + TIME.length, length), runs: numberAt(runs + RUNS.length, length) };
  } catch {
    return undefined;
  }
}

const TIME = Buffer.from('\nrun_time_ns:\t');
const RUNS = Buffer.from('\nrun_cnt:\t');
const ZERO = 0x30;

function numberAt(start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (buffer[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}
