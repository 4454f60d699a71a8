/**
 * The command of `-c`: it exists, with its final pid, before the program is compiled, but runs only once the probes are
 * attached. A shell waits at a pipe and then becomes the command; if we end before, the pipe closes and it never runs.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

export interface TracedChild {
  readonly pid: number;
  /** Lets the command start. */
  release(): void;
  /** Exit status as a shell would give it (128 + signal). */
  readonly ended: Promise<number>;
  readonly hasEnded: boolean;
  /** SIGTERM, unless it has ended already. */
  terminate(): void;
}

const GATE = 'read -r _ <&3 || exit 127; exec 3<&-; exec "$@"';

/** startChild prepares the command; a text result says why it cannot run. */
export function startChild(command: string): TracedChild | string {
  const words = splitCommand(command);
  if (typeof words === 'string') return words;
  const name = words[0];
  if (name === undefined) return 'empty command';
  const path = findExecutable(name);
  if (path === undefined) return `cannot run '${name}': no such command`;
  const child = spawn('/bin/sh', ['-c', GATE, 'bptop', path, ...words.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  return child.pid === undefined ? `cannot run '${name}'` : new GatedChild(child, child.pid);
}

class GatedChild implements TracedChild {
  readonly pid: number;
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #gate: Writable;

  constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.#gate = child.stdio[3] as Writable;
    this.#gate.on('error', () => {});
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
      child.once('error', () => resolve(127));
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  release(): void {
    this.#gate.end('\n');
  }

  terminate(): void {
    this.#gate.destroy();
    if (!this.hasEnded) this.#child.kill('SIGTERM');
  }
}

const SIGNALS: { readonly [name: string]: number } = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

function signalNumber(signal: string | null): number {
  return (signal === null ? undefined : SIGNALS[signal]) ?? 0;
}

/** splitCommand splits at blanks; quotes and backslashes keep words together, nothing else is special. */
export function splitCommand(command: string): readonly string[] | string {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < command.length; index++) {
    const character = command[index] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (character === '\\' && quote === '"' && /["\\]/.test(command[index + 1] ?? ''))
        word += command[++index] ?? '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\' && index + 1 < command.length) word = (word ?? '') + (command[++index] ?? '');
    else if (!/\s/.test(character)) word = (word ?? '') + character;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (quote !== '') return `the command has no closing ${quote}`;
  if (word !== undefined) words.push(word);
  return words;
}

function findExecutable(name: string): string | undefined {
  if (name.includes('/')) return isExecutable(name) ? name : undefined;
  const directories = (process.env['PATH'] ?? '/usr/bin:/bin').split(':');
  return directories.map((directory) => join(directory || '.', name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
