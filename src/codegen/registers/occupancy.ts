/**
 * When a machine register is in use, and by whom: disjoint ranges sorted by position, so that a look takes a binary search
 * instead of a walk over everything the register has ever held.
 */

import type { Range } from './liveness.ts';

interface Holder {
  readonly ranges: readonly Range[];
}

export class Occupancy<H extends Holder> {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #holders: H[] = [];

  /** The ranges must be free. */
  add(holder: H): void {
    for (const { start, end } of holder.ranges) {
      const index = this.#firstEndingFrom(start);
      this.#starts.splice(index, 0, start);
      this.#ends.splice(index, 0, end);
      this.#holders.splice(index, 0, holder);
    }
  }

  remove(holder: H): void {
    for (const { start } of holder.ranges) {
      const index = this.#firstEndingFrom(start);
      this.#starts.splice(index, 1);
      this.#ends.splice(index, 1);
      this.#holders.splice(index, 1);
    }
  }

  isFree(ranges: readonly Range[]): boolean {
    for (const { start, end } of ranges) {
      const held = this.#starts[this.#firstEndingFrom(start)];
      if (held !== undefined && held <= end) return false;
    }
    return true;
  }

  /** Everyone who holds the register somewhere in the ranges, each once. */
  holdersOf(ranges: readonly Range[]): readonly H[] {
    const found = new Set<H>();
    for (const { start, end } of ranges) {
      for (let index = this.#firstEndingFrom(start); (this.#starts[index] ?? end + 1) <= end; index++) {
        const holder = this.#holders[index];
        if (holder !== undefined) found.add(holder);
      }
    }
    return [...found];
  }

  /** Index of the first range that ends at the position or behind it. */
  #firstEndingFrom(position: number): number {
    const ends = this.#ends;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
