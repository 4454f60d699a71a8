/**
 * The built program, run as a user runs it: its streams and exit status. test/global-setup.ts has built it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const ENTRY = join(ROOT, 'dist', 'bptop.js');

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status, 128 + signal as a shell gives it. */
  readonly status: number;
}

export interface ToolOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called whenever there is output, with all of it so far. */
  readonly onOutput?: (stdout: string, child: ChildProcess, stderr: string) => void;
  readonly uid?: number;
}

/** runBptop runs the built entry. */
export function runBptop(args: readonly string[], options: ToolOptions = {}): Promise<Finished> {
  return runTool([process.execPath, ENTRY, ...args], options);
}

/** runTool runs any command to its end; ended by force after a minute. */
export function runTool([command = '', ...args]: readonly string[], options: ToolOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, TZ: 'UTC', ...options.env },
      timeout: 60_000,
      killSignal: 'SIGKILL',
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.uid !== undefined && { uid: options.uid }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      options.onOutput?.(stdout, child, stderr);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      options.onOutput?.(stdout, child, stderr);
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ stdout, stderr, status: code ?? (signal === 'SIGKILL' ? 137 : 130) }),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}
