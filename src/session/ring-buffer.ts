/**
 * Consumer of a BPF ring buffer (kernel/bpf/ringbuf.c): records are decoded where they lie, and no call leaves JavaScript
 * per record, as the consumer's position is published by a store that the kernel sees. The kernel has the data pages twice
 * in a row, so that a record never wraps. What is mapped counts as memory of ours, so it is a window that moves along.
 */

import { MappedMemory } from '../../native/memory.ts';

const HEADER = 8;
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;
const LENGTH_MASK = 0x3fff_ffff;
/** Large enough that moving costs a few nanoseconds per record, small enough to stay in the CPU's cache. */
const WINDOW = 1 << 18;

/** Called for each record with the memory it lies in and where in it the record's data lies. */
export type RecordHandler = (view: DataView, bytes: Uint8Array, offset: number, length: number) => void;

export class RingBuffer {
  readonly #fd: number;
  readonly #size: number;
  readonly #pageSize: number;
  readonly #consumer: MappedMemory;
  readonly #producer: MappedMemory;
  #consumerPosition: BigInt64Array;
  #producerWords: Int32Array;
  #window: MappedMemory | undefined;
  /** Where in the data the window begins: at a page. */
  #windowStart = 0;
  #data: Uint8Array = new Uint8Array(0);
  #headers: Int32Array = new Int32Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Bytes consumed since the start; exact, as 2^53 bytes take years. */
  #position = 0;
  #published = 0;

  /** `size` is the map's `max_entries`: a power of two of at least a page. */
  constructor(fd: number, size: number, pageSize: number) {
    this.#fd = fd;
    this.#size = size;
    this.#pageSize = pageSize;
    this.#consumer = MappedMemory.map(fd, pageSize, { isWritable: true });
    this.#producer = MappedMemory.map(fd, pageSize, { offset: pageSize });
    const consumer = this.#consumer.bytes;
    const producer = this.#producer.bytes;
    this.#consumerPosition = new BigInt64Array(consumer.buffer, consumer.byteOffset, 1);
    this.#producerWords = new Int32Array(producer.buffer, producer.byteOffset, 2);
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
        let at = this.#place(HEADER);
        const header = Atomics.load(this.#headers, at >> 2);
        if (header & BUSY) break;
        const length = header & LENGTH_MASK;
        at = this.#place(HEADER + length);
        this.#position += (length + HEADER + 7) & ~7;
        if (header & DISCARDED) continue;
        count++;
        handle(this.#view, this.#data, at + HEADER, length);
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
    this.#window?.close();
    this.#consumerPosition = new BigInt64Array(1);
    this.#producerWords = new Int32Array(2);
    this.#data = new Uint8Array(0);
    this.#headers = new Int32Array(0);
    this.#view = new DataView(new ArrayBuffer(0));
  }

  /** Where in the window the next record begins, moved so that it shows the record's first `length` bytes. */
  #place(length: number): number {
    const at = (this.#position % this.#size) - this.#windowStart;
    if (at >= 0 && at + length <= this.#data.length) return at;
    return this.#move(length);
  }

  #move(length: number): number {
    const start = this.#position % this.#size;
    const within = start % this.#pageSize;
    const offset = 2 * this.#pageSize + start - within;
    this.#windowStart = start - within;
    if (this.#window && within + length <= this.#data.length) this.#window.move(this.#fd, offset);
    else this.#open(offset, within + length);
    return within;
  }

  /** A window of a page more than the ring ends within the second copy of the data wherever it begins. */
  #open(offset: number, needed: number): void {
    const pages = Math.ceil(Math.min(Math.max(WINDOW, needed), this.#size + this.#pageSize) / this.#pageSize);
    this.#window?.close();
    this.#window = MappedMemory.map(this.#fd, pages * this.#pageSize, { offset });
    this.#data = this.#window.bytes;
    this.#headers = new Int32Array(this.#data.buffer, this.#data.byteOffset, this.#data.length / 4);
    this.#view = new DataView(this.#data.buffer, this.#data.byteOffset, this.#data.length);
  }

  #publish(): void {
    if (this.#position === this.#published || !this.#consumer.isOpen) return;
    Atomics.store(this.#consumerPosition, 0, BigInt(this.#position));
    this.#published = this.#position;
  }
}
