/**
 * Slots: values that lie in mapped arrays, one per CPU at a stride or one for all. Read and cleared in place, without a
 * system call.
 */

import type { MappedMemory } from '../../native/memory.ts';
import type { SlotPlace } from '../codegen/object.ts';

const TWO_32 = 0x1_0000_0000;

/** SlotMemory finds a place's memory again at each use: it goes away when the session closes. */
export class SlotMemory {
  readonly #memories: ReadonlyMap<number, MappedMemory>;
  readonly #views = new WeakMap<Uint8Array, DataView>();
  readonly #words = new WeakMap<Uint8Array, Uint32Array>();
  readonly #cpus: number;

  /** `memories`: by index in the object's maps. `cpus`: all possible ones. */
  constructor(memories: ReadonlyMap<number, MappedMemory>, cpus: number) {
    this.#memories = memories;
    this.#cpus = cpus;
  }

  /** Slots that a place has: one per possible CPU, or one. */
  count(place: SlotPlace): number {
    return place.stride === 0 ? 1 : this.#cpus;
  }

  /** Empty once the session is closed. */
  bytes(place: SlotPlace): Uint8Array {
    return this.#memories.get(place.map)?.bytes ?? new Uint8Array(0);
  }

  view(place: SlotPlace): DataView {
    const bytes = this.bytes(place);
    let view = this.#views.get(bytes);
    if (!view) {
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#views.set(bytes, view);
    }
    return view;
  }

  /** sum adds up the u64 counters of a place, of each what is above `floor`. */
  sum(place: SlotPlace | undefined, floor = 0): number {
    if (!place) return 0;
    const words = this.#wordsOf(this.bytes(place));
    const step = place.stride >> 2;
    let at = place.offset >> 2;
    let total = 0;
    for (let slot = this.count(place); slot > 0 && at + 1 < words.length; slot--, at += step) {
      const counter = (words[at + 1] as number) * TWO_32 + (words[at] as number);
      if (counter > floor) total += counter - floor;
    }
    return total;
  }

  /** fill writes one byte all over the slots' `size` bytes; a program that counts meanwhile may undo it for its CPU. */
  fill(place: SlotPlace, size: number, byte: number): void {
    const bytes = this.bytes(place);
    for (let slot = 0; slot < this.count(place); slot++) {
      const start = place.offset + slot * place.stride;
      bytes.fill(byte, start, start + size);
    }
  }

  /** isZero tells whether nothing has been written to the slots' `size` bytes. */
  isZero(place: SlotPlace, size: number): boolean {
    const bytes = this.bytes(place);
    for (let slot = 0; slot < this.count(place); slot++) {
      const start = place.offset + slot * place.stride;
      for (let at = start; at < start + size; at++) if (bytes[at] !== 0) return false;
    }
    return true;
  }

  /** Counters lie at multiples of eight bytes, in memory that begins with a page. */
  #wordsOf(bytes: Uint8Array): Uint32Array {
    let words = this.#words.get(bytes);
    if (!words) {
      words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
      this.#words.set(bytes, words);
    }
    return words;
  }
}
