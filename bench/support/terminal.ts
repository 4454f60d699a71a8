/**
 * A program in a pseudo terminal of its own, by script(1): what it writes arrives with its time and is kept as a screen, so
 * that "the first frame" and "the answer to a key" are what a user would see.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import xterm from '@xterm/headless';

const TICKS_PER_SECOND = 100;
/** Longer than any start on a busy machine. */
const PATIENCE_MS = 60_000;

/** TerminalProgram runs one command line until it is closed. */
export class TerminalProgram {
  readonly #child: ChildProcess;
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly #ended: Promise<void>;
  readonly #listeners = new Set<() => void>();
  readonly startedMs = performance.now();
  bytesWritten = 0;
  #pid = 0;
  /** When the last piece of output arrived. */
  #arrivedMs = 0;

  constructor(command: string, columns: number, rows: number, environment: Readonly<Record<string, string>> = {}) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#child = spawn('script', ['-qfc', `stty cols ${columns} rows ${rows}; exec ${command}`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8', ...environment },
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const arrivedMs = performance.now();
      this.bytesWritten += chunk.length;
      this.#screen.write(chunk, () => {
        this.#arrivedMs = arrivedMs;
        for (const listener of this.#listeners) listener();
      });
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  /** The program in the terminal: what script(1) has started. */
  get pid(): number {
    if (this.#pid === 0) {
      const own = this.#child.pid ?? 0;
      this.#pid = Number(readFileSync(`/proc/${own}/task/${own}/children`, 'latin1').trim().split(' ')[0]);
    }
    return this.#pid;
  }

  text(): string {
    const { active } = this.#screen.buffer;
    const rows = Array.from({ length: this.#screen.rows }, (_, row) =>
      active.getLine(active.viewportY + row)?.translateToString(true),
    );
    return rows.join('\n');
  }

  /** Resolves when the screen matches, with the time at which the output that made it match arrived. */
  shows(wanted: RegExp | ((screen: string) => boolean)): Promise<number> {
    const isShown = () => (typeof wanted === 'function' ? wanted(this.text()) : wanted.test(this.text()));
    if (isShown()) return Promise.resolve(this.#arrivedMs);
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!isShown()) return;
        finish();
        resolve(this.#arrivedMs);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`the screen never showed ${wanted}:\n${this.text()}`));
      }, PATIENCE_MS);
      const finish = () => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      this.#listeners.add(look);
    });
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** CPU time of all its threads so far, and its memory. */
  usage(): { readonly cpuSeconds: number; readonly rssMiB: number } {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
    // Fields are counted from behind the name in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const rss = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, 'latin1'))?.[1];
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      rssMiB: Number(rss) / 1024,
    };
  }

  /** Presses the keys that end it; a program that does not heed them is ended. */
  async close(keys: string): Promise<void> {
    this.type(keys);
    await Promise.race([this.#ended, sleep(5000)]);
    this.#child.kill('SIGHUP');
    await this.#ended;
  }
}
