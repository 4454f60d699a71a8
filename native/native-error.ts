/** NativeError: a call that the kernel or libbpf refused, with the errno's name in place of its number. */

import { constants } from 'node:os';

/** Another name for EAGAIN on Linux; of ENOTSUP and EOPNOTSUPP, which are one as well, the last stays. */
const { EWOULDBLOCK: _, ...ERRORS } = constants.errno;
const NAMES = new Map(Object.entries(ERRORS).map(([name, number]) => [number, name]));
/** errno values that Node has no name for (include/linux/errno.h). */
const ENOTSUPP = 524;

export class NativeError extends Error {
  /** `EPERM`, `ENOENT`, … */
  readonly code: string;
  readonly errno: number;
  /** What was tried: `bpf(BPF_PROG_LOAD)`, `perf_event_open`, … */
  readonly operation: string;
  /** The verifier's or BTF checker's log, if there is one. */
  readonly log: string | undefined;

  constructor(operation: string, errno: number, log?: string) {
    const code = errnoName(errno);
    super(`${operation}: ${code}`);
    this.name = 'NativeError';
    this.code = code;
    this.errno = errno;
    this.operation = operation;
    this.log = log;
  }
}

/** errnoName gives the symbolic name of a positive errno. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? (errno === ENOTSUPP ? 'ENOTSUPP' : `errno ${errno}`);
}

/** checked returns the result of a call that reports errors as negative errno, or throws. */
export function checked(operation: string, result: number): number {
  if (result < 0) throw new NativeError(operation, -result);
  return result;
}
