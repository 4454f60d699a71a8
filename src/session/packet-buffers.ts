/**
 * Consumer of the perf event buffers that `skboutput` fills, one per CPU (kernel/events/ring_buffer.c): a page of positions,
 * then the records, which may wrap. Packets of all CPUs are handed over in the order of their time.
 */

import { readClock } from '../../native/clock.ts';
import { updateElement } from '../../native/maps.ts';
import { MappedMemory } from '../../native/memory.ts';
import {
  enablePerfEvent,
  openPerfEvent,
  PERF_COUNT_SW_BPF_OUTPUT,
  PERF_SAMPLE_RAW,
  PERF_TYPES,
} from '../../native/perf.ts';
import { closeDescriptor } from '../../native/syscall.ts';
import { PACKET_RECORD } from '../codegen/object.ts';
import type { Action } from '../semantics/program.ts';
import type { SessionEvent } from './snapshot.ts';

/** Pages of records per CPU. */
const PAGES = 128;
/** Of struct perf_event_mmap_page, as 64-bit words: 1024 and 1032 bytes. */
const DATA_HEAD = 128;
const DATA_TAIL = 129;
const PERF_RECORD_SAMPLE = 9;
/** struct perf_event_header: u32 type, u16 misc, u16 size. */
const HEADER = 8;
/** The sample starts with the size of what the program and the helper wrote. */
const RAW_SIZE = 4;

interface Packet {
  readonly id: number;
  readonly timeNs: bigint;
  readonly bytes: Uint8Array;
  readonly wholeLength: number;
}

export class PacketBuffers {
  readonly #actions: ReadonlyMap<number, Action>;
  readonly #buffers: PerfBuffer[] = [];

  /** `mapFd`: the map of perf events that programs find the buffers in. */
  constructor(mapFd: number, cpus: readonly number[], pageSize: number, actions: readonly Action[]) {
    this.#actions = new Map(actions.map((action) => [action.id, action]));
    try {
      for (const cpu of cpus) this.#buffers.push(new PerfBuffer(mapFd, cpu, pageSize));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether packets may be waiting. */
  get hasData(): boolean {
    return this.#buffers.some((buffer) => buffer.hasData);
  }

  /** drain gives all packets that are complete, as events of their actions. */
  drain(): readonly SessionEvent[] {
    const packets: Packet[] = [];
    for (const buffer of this.#buffers) buffer.drain(packets);
    if (packets.length === 0) return [];
    packets.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
    const bootTime = readClock('realtime') - readClock('boottime');
    return packets.flatMap(({ id, timeNs, bytes, wholeLength }) => {
      const action = this.#actions.get(id);
      return action === undefined ? [] : [{ action, args: [bootTime + timeNs, bytes, wholeLength] }];
    });
  }

  close(): void {
    for (const buffer of this.#buffers.splice(0)) buffer.close();
  }
}

class PerfBuffer {
  readonly #fd: number;
  readonly #memory: MappedMemory;
  readonly #positions: BigInt64Array;
  readonly #data: Buffer;

  constructor(mapFd: number, cpu: number, pageSize: number) {
    this.#fd = openPerfEvent({
      type: PERF_TYPES.software,
      config: PERF_COUNT_SW_BPF_OUTPUT,
      period: 1,
      sampleType: PERF_SAMPLE_RAW,
      pid: -1,
      cpu,
    });
    try {
      this.#memory = MappedMemory.map(this.#fd, (1 + PAGES) * pageSize, { isWritable: true });
    } catch (error) {
      closeDescriptor(this.#fd);
      throw error;
    }
    const { bytes } = this.#memory;
    this.#positions = new BigInt64Array(bytes.buffer, bytes.byteOffset, pageSize / 8);
    this.#data = bytes.subarray(pageSize);
    try {
      const key = Buffer.alloc(4);
      const value = Buffer.alloc(4);
      key.writeUInt32LE(cpu);
      value.writeInt32LE(this.#fd);
      updateElement(mapFd, key, value);
      enablePerfEvent(this.#fd);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get hasData(): boolean {
    return Atomics.load(this.#positions, DATA_HEAD) !== Atomics.load(this.#positions, DATA_TAIL);
  }

  /** Records of another kind say that packets did not fit, which the programs have counted. */
  drain(packets: Packet[]): void {
    const head = Atomics.load(this.#positions, DATA_HEAD);
    let tail = Atomics.load(this.#positions, DATA_TAIL);
    while (tail < head) {
      const header = this.#copy(tail, HEADER);
      const size = header.readUInt16LE(6);
      if (size < HEADER) break;
      if (header.readUInt32LE(0) === PERF_RECORD_SAMPLE) packets.push(packetOf(this.#copy(tail, size)));
      tail += BigInt(size);
    }
    Atomics.store(this.#positions, DATA_TAIL, tail);
  }

  close(): void {
    this.#memory.close();
    closeDescriptor(this.#fd);
  }

  #copy(position: bigint, length: number): Buffer {
    const start = Number(position % BigInt(this.#data.length));
    const first = Math.min(length, this.#data.length - start);
    return Buffer.concat([this.#data.subarray(start, start + first), this.#data.subarray(0, length - first)]);
  }
}

function packetOf(record: Buffer): Packet {
  const start = HEADER + RAW_SIZE;
  const skipped = record.readUInt32LE(start + PACKET_RECORD.skipped);
  const copied = record.readUInt32LE(start + PACKET_RECORD.copied);
  const begin = start + PACKET_RECORD.size;
  return {
    id: record.readUInt32LE(start + PACKET_RECORD.action),
    timeNs: record.readBigUInt64LE(start + PACKET_RECORD.time),
    bytes: new Uint8Array(record.subarray(begin + Math.min(skipped, copied), begin + copied)),
    wholeLength: Math.max(0, record.readUInt32LE(start + PACKET_RECORD.whole) - skipped),
  };
}
