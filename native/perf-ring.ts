/**
 * The buffer of a perf event (struct perf_event_mmap_page): records that the kernel writes one after the other and that
 * may wrap around its end. Positions are read and published in place, without a call.
 */

import { MappedMemory } from './memory.ts';

/** include/uapi/linux/perf_event.h: the control page keeps these after 1 KiB of counters. */
const DATA_HEAD = 1024;
const DATA_TAIL = 1032;
const HEADER_BYTES = 8;

export interface PerfRecord {
  /** enum perf_event_type */
  readonly type: number;
  readonly misc: number;
  /** Everything after the header. */
  readonly body: Buffer;
}

export class PerfRing {
  readonly #memory: MappedMemory;
  readonly #pageSize: number;

  /** `pages` is a power of two. */
  constructor(fd: number, pages: number, pageSize: number) {
    this.#pageSize = pageSize;
    this.#memory = MappedMemory.map(fd, (pages + 1) * pageSize, { isWritable: true });
  }

  /** drain takes all records that are complete, copied out of the buffer. */
  drain(): readonly PerfRecord[] {
    const { bytes } = this.#memory;
    if (bytes.length === 0) return [];
    const positions = new BigUint64Array(bytes.buffer, bytes.byteOffset, this.#pageSize / 8);
    const head = Atomics.load(positions, DATA_HEAD / 8);
    let tail = positions[DATA_TAIL / 8] ?? 0n;
    if (head === tail) return [];
    const data = bytes.subarray(this.#pageSize);
    const records: PerfRecord[] = [];
    while (tail < head) {
      const header = copy(data, tail, HEADER_BYTES);
      const size = header.readUInt16LE(6);
      if (size < HEADER_BYTES) break;
      const body = copy(data, tail + BigInt(HEADER_BYTES), size - HEADER_BYTES);
      records.push({ type: header.readUInt32LE(0), misc: header.readUInt16LE(4), body });
      tail += BigInt(size);
    }
    Atomics.store(positions, DATA_TAIL / 8, head);
    return records;
  }

  close(): void {
    this.#memory.close();
  }
}

function copy(data: Buffer, position: bigint, length: number): Buffer {
  const start = Number(position % BigInt(data.length));
  const first = data.subarray(start, start + length);
  return first.length === length ? Buffer.from(first) : Buffer.concat([first, data.subarray(0, length - first.length)]);
}
