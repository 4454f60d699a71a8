/**
 * `system()`: one command by `sh -c`, its standard output collected, the rest of its streams shared with ours.
 */

import { spawn } from 'node:child_process';
import { decodeBytes } from '../text/bytes.ts';

/** More output of one command than this is dropped, so that a script cannot fill our memory. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export interface ShellResult {
  readonly output: string;
  /** Why the command did not succeed, if it did not. */
  readonly problem?: string;
}

/** runShellCommand resolves when the command has ended; never rejects. */
export function runShellCommand(command: string): Promise<ShellResult> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['inherit', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      if (size < MAX_OUTPUT_BYTES) chunks.push(chunk);
      size += chunk.length;
    });
    child.on('error', (error) => resolve({ output: '', problem: error.message }));
    child.on('close', (code, signal) => {
      const output = decodeBytes(Buffer.concat(chunks));
      if (code === 0) resolve({ output });
      else resolve({ output, problem: signal ? `ended by ${signal}` : `exited with status ${code}` });
    });
  });
}
