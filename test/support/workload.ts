/**
 * Programs under test/workloads: compiled once per content, started, waited for. A workload prints its pid as its first
 * line, and one that is told to `wait` begins when it is sent a line, so that probes can be attached in between.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';

const SOURCES = new URL('../workloads/', import.meta.url).pathname;

/** What compiles a source, by its extension. Its output comes behind, then the source. */
const COMPILERS: Readonly<Record<string, readonly string[]>> = {
  '.c': ['gcc', '-O1', '-g', '-fno-omit-frame-pointer', '-o'],
  '.cc': ['g++', '-O1', '-g', '-fno-omit-frame-pointer', '-o'],
  '.rs': ['rustc', '-O', '-o'],
  '.go': ['go', 'build', '-o'],
};

/** missingCompiler names the compiler that a source wants and this machine has not; undefined if all is there. */
export function missingCompiler(file: string): string | undefined {
  const [compiler = ''] = COMPILERS[extname(file)] ?? [];
  const folders = (process.env['PATH'] ?? '').split(':');
  return folders.some((folder) => existsSync(join(folder, compiler))) ? undefined : compiler;
}

/** compileWorkload gives the path of the compiled program, of C unless the name says otherwise; `flags` go to the compiler. */
export function compileWorkload(file: string, flags: readonly string[] = []): string {
  const extension = extname(file) || '.c';
  const name = basename(file, extension);
  const source = join(SOURCES, `${name}${extension}`);
  const hash = createHash('sha256').update(readFileSync(source)).update(flags.join(' ')).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), 'bptop-workloads');
  const binary = join(folder, `${name}-${hash}`);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const draft = `${binary}.${process.pid}`;
  const [compiler = '', ...options] = COMPILERS[extension] ?? [];
  const env = { HOME: folder, GOCACHE: join(folder, 'go-cache'), ...process.env };
  execFileSync(compiler, [...options, draft, source, ...flags], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  renameSync(draft, binary);
  return binary;
}

/** Workload is a started program: its pid is known, `go` lets it begin, `done` gives all it printed after the pid. */
export class Workload {
  readonly pid: number;
  readonly done: Promise<string>;
  readonly #child: ChildProcess;
  #complaints = '';

  private constructor(child: ChildProcess, pid: number, done: Promise<string>) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.pid = pid;
    this.done = done;
  }

  static async start(
    command: string,
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<Workload> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
    let output = '';
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const end = output.indexOf('\n');
        if (end >= 0) resolve(Number(output.slice(0, end)));
      });
      child.once('close', () => reject(new Error(`${command} ended without printing its pid`)));
    });
    return new Workload(
      child,
      pid,
      closed.then(() => output.slice(output.indexOf('\n') + 1)),
    );
  }

  /** Resolves when the program prints its next line, or ends. */
  async nextLine(): Promise<void> {
    const { stdout } = this.#child;
    if (stdout) await Promise.race([once(stdout, 'data'), this.done]);
  }

  /** How it ended and what it said on stderr, for the message of a test that did not see what it looked for. */
  get ending(): string {
    const { exitCode, signalCode } = this.#child;
    return `the workload ended with ${signalCode ?? exitCode}: ${this.#complaints}`;
  }

  go(): void {
    this.#child.stdin?.write('\n');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
