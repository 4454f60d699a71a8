/**
 * All entries of a kernel map in a few calls: batches into buffers that are kept and grow, one key after the other only
 * where the kernel has no batches for the kind of map.
 */

import { BatchCursor, deleteBatch, lookupBatch, lookupElement, nextKey, updateBatch } from '../../native/maps.ts';
import { NativeError } from '../../native/native-error.ts';
import type { MapSpec } from '../codegen/object.ts';
import { alignUp } from '../semantics/layout.ts';

/** Most maps hold a few dozen entries: room that is not needed is memory of a process that stays. */
const FIRST_CAPACITY = 1024;
const FIRST_BYTES = 1 << 16;
const LEAST_CAPACITY = 64;
/** Not there, or not for this kind of map. */
const UNSUPPORTED: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUPP', 'EOPNOTSUPP']);

/** EntryBlock is memory that holds `count` keys and values, each a fixed distance apart; valid until the next read. */
export interface EntryBlock {
  readonly count: number;
  readonly keys: Buffer;
  readonly keyView: DataView;
  readonly values: Buffer;
  readonly valueView: DataView;
}

export class MapEntries {
  readonly keyStride: number;
  /** Distance of values; of per-CPU maps it holds all CPUs' slots. */
  readonly valueStride: number;
  /** Distance of the slots of one value, 0 where there is but one. */
  readonly slotStride: number;
  readonly #fd: number;
  readonly #cursor: BatchCursor;
  #block: EntryBlock;
  #hasBatches = true;

  constructor(fd: number, spec: MapSpec, cpus: number) {
    this.#fd = fd;
    const isPerCpu = spec.kind.includes('percpu');
    this.keyStride = spec.keySize;
    this.slotStride = isPerCpu ? alignUp(spec.valueSize, 8) : 0;
    this.valueStride = isPerCpu ? this.slotStride * cpus : spec.valueSize;
    this.#cursor = new BatchCursor(spec.keySize);
    const fitting = Math.floor(FIRST_BYTES / (this.keyStride + this.valueStride));
    const capacity = Math.max(LEAST_CAPACITY, Math.min(FIRST_CAPACITY, fitting));
    this.#block = this.#allocate(Math.min(spec.maxEntries, capacity), 0);
  }

  /** read gives all entries; an entry that comes and goes meanwhile may be missing or doubled, as the kernel says. */
  read(): EntryBlock {
    if (this.#hasBatches) {
      try {
        return this.#readBatches();
      } catch (error) {
        if (!(error instanceof NativeError) || !UNSUPPORTED.has(error.code)) throw error;
        this.#hasBatches = false;
      }
    }
    return this.#readSingly();
  }

  /** deleteAll removes every entry that is there now. */
  deleteAll(): void {
    const { count, keys } = this.read();
    deleteBatch(this.#fd, keys, count, this.keyStride);
  }

  /** zeroAll sets every value that is there now to zero bytes. */
  zeroAll(): void {
    const { count, keys, values } = this.read();
    values.fill(0, 0, count * this.valueStride);
    updateBatch(this.#fd, keys, values, count, this.keyStride, this.valueStride);
  }

  #readBatches(): EntryBlock {
    const cursor = this.#cursor;
    cursor.isStarted = false;
    let count = 0;
    for (;;) {
      const room = this.#capacity - count;
      const keys = this.#block.keys.subarray(count * this.keyStride);
      const values = this.#block.values.subarray(count * this.valueStride);
      const result = room > 0 ? lookupBatch(this.#fd, cursor, keys, values, room) : undefined;
      count += result?.count ?? 0;
      if (result?.outcome === 'end') return this.#filled(count);
      if (!result || result.outcome === 'grow') this.#block = this.#allocate(this.#capacity * 4, count);
    }
  }

  #readSingly(): EntryBlock {
    let count = 0;
    let previous: Buffer | undefined;
    for (;;) {
      if (count === this.#capacity) this.#block = this.#allocate(this.#capacity * 4, count);
      const key = this.#block.keys.subarray(count * this.keyStride, (count + 1) * this.keyStride);
      if (!nextKey(this.#fd, previous, key)) return this.#filled(count);
      previous = Buffer.from(key);
      const value = this.#block.values.subarray(count * this.valueStride, (count + 1) * this.valueStride);
      if (lookupElement(this.#fd, previous, value)) count++;
    }
  }

  get #capacity(): number {
    return this.#block.keys.length / this.keyStride;
  }

  #filled(count: number): EntryBlock {
    return { ...this.#block, count };
  }

  /** New buffers that keep the first `count` entries. */
  #allocate(capacity: number, count: number): EntryBlock {
    const keys = Buffer.alloc(capacity * this.keyStride);
    const values = Buffer.alloc(capacity * this.valueStride);
    if (count > 0) {
      this.#block.keys.copy(keys, 0, 0, count * this.keyStride);
      this.#block.values.copy(values, 0, 0, count * this.valueStride);
    }
    return { count, keys, values, keyView: viewOf(keys), valueView: viewOf(values) };
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
