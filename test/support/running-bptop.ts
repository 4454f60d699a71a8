/** A run of the built program that lasts: waited for until its probes are attached, worked for, ended, read. */

import { type ChildProcess, spawn } from 'node:child_process';
import { ENTRY } from './bptop.ts';

const ATTACHED = '__BPFTRACE_NOTIFY_PROBES_ATTACHED';

export interface RunResult {
  /** Standard output without the line that tells of attaching. */
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** RunningBptop is a run that lasts until it is stopped. */
export class RunningBptop {
  readonly ended: Promise<RunResult>;
  readonly #child: ChildProcess;
  readonly #attached: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    let stdout = '';
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    this.#attached = new Promise((resolve, reject) => {
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        if (stdout.includes(`${ATTACHED}\n`)) resolve();
      });
      child.once('close', () => reject(new Error(`ended before attaching:\n${stdout}${stderr}`)));
    });
    this.#attached.catch(() => undefined);
    this.ended = new Promise((resolve) => {
      child.once('close', (status, signal) =>
        resolve({ stdout: stdout.replace(`${ATTACHED}\n`, ''), stderr, status, signal }),
      );
    });
  }

  static spawn(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningBptop {
    return new RunningBptop(
      spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } }),
    );
  }

  /** Starts and waits until every probe is attached. */
  static async start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunningBptop> {
    const running = RunningBptop.spawn(args, { ...env, [ATTACHED]: '1' });
    await running.#attached;
    return running;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a signal (default: as Ctrl-C does) and waits for the end, which is forced when it does not come. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<RunResult> {
    this.#child.kill(signal);
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    const result = await this.ended;
    clearTimeout(force);
    return result;
  }
}
