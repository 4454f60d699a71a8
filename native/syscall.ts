/** System calls that neither Node nor libbpf offers, by their numbers per architecture. */

import { type Argument, callLibc, callLibcInThread } from './library.ts';
import { NativeError } from './native-error.ts';
import type { Struct } from './struct.ts';

const NUMBERS: Record<string, Record<string, number>> = {
  // arch/x86/entry/syscalls/syscall_64.tbl
  x64: { bpf: 321, perf_event_open: 298, close_range: 436 },
  // include/uapi/asm-generic/unistd.h
  arm64: { bpf: 280, perf_event_open: 241, close_range: 436 },
};

/** systemCall makes the call and throws what errno says. */
export function systemCall(name: string, args: readonly Argument[], operation = name): number {
  const { value, errno } = callLibc('syscall', [['i64', numberOf(name)], ...args]);
  if (value < 0) throw new NativeError(operation, errno);
  return value;
}

/** bpfCall is bpf(2), for commands or options that Debian's libbpf 1.1 lacks. */
export function bpfCall(command: number, operation: string, attr: Struct): number {
  return attr.during((bytes) =>
    systemCall(
      'bpf',
      [
        ['i64', command],
        ['buffer', bytes],
        ['i64', bytes.length],
      ],
      operation,
    ),
  );
}

/** closeDescriptor closes one; a mistake here would close someone else's, so each caller forgets its number. */
export function closeDescriptor(fd: number): void {
  callLibc('close', [['i32', fd]]);
}

/** closeInThread closes descriptors off the main thread, runs of neighbours in one call. */
export async function closeInThread(fds: readonly number[]): Promise<void> {
  const pending = ranges(fds).map(([first, last]) =>
    callLibcInThread('syscall', [
      ['i64', numberOf('close_range')],
      ['i64', first],
      ['i64', last],
      ['i64', 0],
    ]),
  );
  await Promise.all(pending);
}

function numberOf(name: string): number {
  const number = NUMBERS[process.arch]?.[name];
  if (number === undefined) throw new Error(`bptop does not run on ${process.arch}`);
  return number;
}

function ranges(fds: readonly number[]): readonly (readonly [number, number])[] {
  const result: [number, number][] = [];
  for (const fd of [...fds].sort((a, b) => a - b)) {
    const last = result.at(-1);
    if (last && fd <= last[1] + 1) last[1] = fd;
    else result.push([fd, fd]);
  }
  return result;
}
