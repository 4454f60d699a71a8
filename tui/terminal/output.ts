/**
 * Writing to the terminal without ever waiting for it. Node writes to terminals synchronously, so a stopped terminal
 * (Ctrl-S, a stalled ssh) would freeze the program and lose events. The terminal is therefore opened once more,
 * non-blocking, as a file description of our own; what it does not take is kept (one update at most) and retried.
 */

import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { TerminalWriter } from './frame-sink.ts';

const RETRY_MS = 15;

export interface TerminalOutput extends TerminalWriter {
  /** Writes at once, waiting a bounded time: for the terminal's modes at start and end. */
  writeNow(data: string): void;
  close(): void;
}

/** openTerminalOutput opens the terminal behind a descriptor; `onLost` is called once if it goes away. */
export function openTerminalOutput(fd: number, onLost: () => void): TerminalOutput {
  const own = openAgain(fd);
  const target = own ?? fd;
  let pending: Uint8Array | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const drainListeners: (() => void)[] = [];

  function push(data: Uint8Array): boolean {
    let rest = data;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(target, rest));
      } catch (error) {
        const code = errorCode(error);
        if (code === 'EINTR') continue;
        if (code === 'EAGAIN') {
          pending = rest;
          timer ??= setTimeout(retry, RETRY_MS);
          return false;
        }
        isClosed = true;
        onLost();
        return true;
      }
    }
    pending = undefined;
    return true;
  }

  function retry(): void {
    timer = undefined;
    if (isClosed || pending === undefined) return;
    if (push(pending)) for (const listener of drainListeners) listener();
  }

  return {
    write(data) {
      if (isClosed) return true;
      const bytes = Buffer.from(data, 'utf8');
      if (pending !== undefined) {
        pending = Buffer.concat([pending, bytes]);
        return false;
      }
      return push(bytes);
    },
    onDrain(listener) {
      drainListeners.push(listener);
    },
    writeNow(data) {
      if (isClosed) return;
      let bytes: Uint8Array = Buffer.concat([pending ?? Buffer.alloc(0), Buffer.from(data, 'utf8')]);
      pending = undefined;
      const deadline = Date.now() + 300;
      while (bytes.length > 0 && Date.now() < deadline) {
        try {
          bytes = bytes.subarray(writeSync(target, bytes));
        } catch (error) {
          if (errorCode(error) !== 'EAGAIN') return;
        }
      }
    },
    close() {
      isClosed = true;
      if (timer !== undefined) clearTimeout(timer);
      if (own !== undefined) closeSync(own);
    },
  };
}

function openAgain(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // Another user's terminal (su, sudo) may not be opened again; then writes wait as Node's would.
    return undefined;
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
