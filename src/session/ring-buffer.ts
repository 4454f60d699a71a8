/**
 * Consumer of a BPF ring buffer (kernel/bpf/ringbuf.c): three mappings made once, records decoded where they lie. The
 * data pages are mapped twice in a row by the kernel, so that a record never wraps. No call leaves JavaScript per record:
 * the consumer's position is published by a store that the kernel sees.
 */

import { MappedMemory } from '../../native/memory.ts';

const HEADER = 8;
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;
const LENGTH_MASK = 0x3fff_ffff;

/** Called for each record with the memory of the whole ring and where the record's data lies. */
export type RecordHandler = (view: DataView, bytes: Uint8Array, offset: number, length: number) => void;

export class RingBuffer {
  readonly #size: number;
  readonly #consumer: MappedMemory;
  readonly #producer: MappedMemory;
  #consumerPosition: BigInt64Array;
  #producerWords: Int32Array;
  #data: Uint8Array;
  #headers: Int32Array;
  #view: DataView;
  /** Bytes consumed since the start; exact, as 2^53 bytes take years. */
  #position = 0;
  #published = 0;

  /** `size` is the map's `max_entries`: a power of two of at least a page. */
  constructor(fd: number, size: number, pageSize: number) {
    this.#size = size;
    this.#consumer = MappedMemory.map(fd, pageSize, { isWritable: true });
    this.#producer = MappedMemory.map(fd, pageSize + 2 * size, { offset: pageSize });
    const consumer = this.#consumer.bytes;
    const producer = this.#producer.bytes;
    this.#consumerPosition = new BigInt64Array(consumer.buffer, consumer.byteOffset, 1);
    this.#producerWords = new Int32Array(producer.buffer, producer.byteOffset, 2);
    this.#data = producer.subarray(pageSize);
    this.#headers = new Int32Array(this.#data.buffer, this.#data.byteOffset, this.#data.length / 4);
    this.#view = new DataView(this.#data.buffer, this.#data.byteOffset, this.#data.length);
  }

  /** Whether records may be waiting. */
  get hasData(): boolean {
    if (!this.#consumer.isOpen) return false;
    return Atomics.load(this.#producerWords, 0) !== (this.#position | 0);
  }

  /** drain hands over at most `limit` records that are complete, in order, and returns how many there were. */
  drain(limit: number, handle: RecordHandler): number {
    if (!this.#consumer.isOpen) return 0;
    let count = 0;
    try {
      // The low 32 bits say how far the producer is ahead: never by more than the ring's size.
      let produced = Atomics.load(this.#producerWords, 0);
      while (count < limit) {
        if (produced === (this.#position | 0)) {
          produced = Atomics.load(this.#producerWords, 0);
          if (produced === (this.#position | 0)) break;
        }
        const start = this.#position % this.#size;
        const header = Atomics.load(this.#headers, start >> 2);
        if (header & BUSY) break;
        const length = header & LENGTH_MASK;
        this.#position += (length + HEADER + 7) & ~7;
        if (header & DISCARDED) continue;
        count++;
        handle(this.#view, this.#data, start + HEADER, length);
        // Room is given back often enough that a flood finds it while a long slice is still decoded.
        if (this.#position - this.#published > this.#size >> 4) this.#publish();
      }
    } finally {
      this.#publish();
    }
    return count;
  }

  close(): void {
    this.#consumer.close();
    this.#producer.close();
    this.#consumerPosition = new BigInt64Array(1);
    this.#producerWords = new Int32Array(2);
    this.#data = new Uint8Array(0);
    this.#headers = new Int32Array(0);
    this.#view = new DataView(new ArrayBuffer(0));
  }

  #publish(): void {
    if (this.#position === this.#published || !this.#consumer.isOpen) return;
    Atomics.store(this.#consumerPosition, 0, BigInt(this.#position));
    this.#published = this.#position;
  }
}
