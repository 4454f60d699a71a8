/**
 * Programs that print addresses of theirs and wait, for tests of symbolisation without a probe.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { workDirectory } from './compile.ts';

type Addresses = ReadonlyMap<string, readonly bigint[]>;

export interface TracedProgram {
  readonly pid: number;
  /** From `name address…` lines until `ready`. */
  readonly addresses: Addresses;
  /** Gives it a line of input and reads on until the next `ready`. */
  next(): Promise<Addresses>;
  end(): Promise<void>;
}

/** startProgram starts it and reads its lines until `ready`. */
export async function startProgram(command: string, ...args: readonly string[]): Promise<TracedProgram> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: workDirectory() });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const addresses = await readAddresses(lines);
  return {
    pid: child.pid ?? 0,
    addresses,
    async next() {
      child.stdin.write('\n');
      return await readAddresses(lines);
    },
    end: () => endProgram(child),
  };
}

async function readAddresses(lines: AsyncIterator<string>): Promise<Addresses> {
  const addresses = new Map<string, readonly bigint[]>();
  for (;;) {
    const { done, value } = await lines.next();
    if (done || value === 'ready') return addresses;
    const [name = '', ...values] = value.trim().split(' ');
    addresses.set(
      name,
      values.map((one) => BigInt(one)),
    );
  }
}

async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
