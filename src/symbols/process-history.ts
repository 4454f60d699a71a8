/**
 * What processes have mapped, from the kernel's own notices (perf's mmap2, comm and fork records) instead of looks at
 * /proc: a process that lived for a millisecond and was never seen alive still has names. Pure: records in, mappings out.
 */

import type { Mapping } from '../kernel/binaries/process-maps.ts';
import { decodeBytes } from '../text/bytes.ts';

/** A record of a perf buffer, whose last eight bytes are its time (`sample_id_all` with `PERF_SAMPLE_TIME`). */
export interface NoticeRecord {
  readonly type: number;
  readonly misc: number;
  readonly body: Buffer;
}

/** enum perf_event_type, include/uapi/linux/perf_event.h */
const COMM = 3;
const FORK = 7;
const MMAP2 = 10;
const MISC_COMM_EXEC = 1 << 13;

const MAX_PROCESSES = 4096;
const MAX_MAPPINGS = 512;
const TIME_BYTES = 8;

export class ProcessHistory {
  readonly #read: () => readonly NoticeRecord[];
  readonly #mappings = new Map<number, readonly Mapping[]>();
  /** Processes that were forked from one that ran before the first record. */
  readonly #parents = new Map<number, number>();

  /** `read` gives what the kernel has written since the last call, by CPU, in any order. */
  constructor(read: () => readonly NoticeRecord[]) {
    this.#read = read;
  }

  /** update takes in what has happened; must be called often enough that the kernel's buffers do not overflow. */
  update(): void {
    const records = this.#read();
    if (records.length === 0) return;
    for (const record of [...records].sort(byTime)) this.#apply(record);
  }

  /** Executable mappings of files, of a process that may have ended; undefined if nothing is known of it. */
  mappingsOf(pid: number): readonly Mapping[] | undefined {
    this.update();
    return this.#mappings.get(pid);
  }

  /** The process that this one was forked from, if it has mapped nothing of its own since. */
  parentOf(pid: number): number | undefined {
    return this.#mappings.has(pid) ? undefined : this.#parents.get(pid);
  }

  #apply({ type, misc, body }: NoticeRecord): void {
    const pid = body.readUInt32LE(0);
    if (type === COMM && misc & MISC_COMM_EXEC) this.#keep(pid, []);
    else if (type === FORK) this.#fork(pid, body.readUInt32LE(4));
    else if (type === MMAP2) this.#map(pid, body);
  }

  #fork(pid: number, parent: number): void {
    // A new thread has the pid of its process.
    if (pid === parent) return;
    const inherited = this.#mappings.get(parent);
    this.#mappings.delete(pid);
    this.#parents.delete(pid);
    if (inherited) {
      this.#keep(pid, inherited);
      return;
    }
    this.#parents.set(pid, this.#parents.get(parent) ?? parent);
    if (this.#parents.size > MAX_PROCESSES) forgetOldest(this.#parents);
  }

  #map(pid: number, body: Buffer): void {
    const end = body.indexOf(0, 64);
    const path = decodeBytes(body.subarray(64, end < 0 ? body.length - TIME_BYTES : end));
    // Anonymous code has its names elsewhere, and compilers map a lot of it.
    if (!path.startsWith('/') || path.startsWith('//')) return;
    const known = this.#mappings.get(pid);
    // Part of a process that we have not seen from its start: /proc has the whole.
    if (!known || known.length >= MAX_MAPPINGS) return;
    const start = Number(body.readBigUInt64LE(8));
    const length = Number(body.readBigUInt64LE(16));
    const mapping: Mapping = {
      start,
      end: start + length,
      isExecutable: true,
      fileOffset: Number(body.readBigUInt64LE(24)),
      inode: Number(body.readBigUInt64LE(40)),
      path,
      isDeleted: false,
    };
    this.#mappings.set(pid, [...known, mapping]);
  }

  #keep(pid: number, mappings: readonly Mapping[]): void {
    // Behind all others, so that the oldest are forgotten first.
    this.#mappings.delete(pid);
    this.#mappings.set(pid, mappings);
    this.#parents.delete(pid);
    if (this.#mappings.size > MAX_PROCESSES) forgetOldest(this.#mappings);
  }
}

function forgetOldest<K>(map: Map<K, unknown>): void {
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}

function byTime(left: NoticeRecord, right: NoticeRecord): number {
  const [before, after] = [timeOf(left), timeOf(right)];
  return before < after ? -1 : before > after ? 1 : 0;
}

function timeOf({ body }: NoticeRecord): bigint {
  return body.length >= TIME_BYTES ? body.readBigUInt64LE(body.length - TIME_BYTES) : 0n;
}
