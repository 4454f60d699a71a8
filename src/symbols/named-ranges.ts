/**
 * What lies where, by ranges that do not overlap: one look-up of a function in its file names every place in it. Stacks are full
 * of new addresses in the same few thousand functions.
 */

/** NamedRanges holds up to `max` ranges, and begins anew when they are more. */
export class NamedRanges<Item> {
  readonly #max: number;
  #starts: number[] = [];
  #ends: number[] = [];
  #items: Item[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** The item whose range the place is in. */
  find(place: number): Item | undefined {
    const index = this.#lastNotAbove(place);
    return index >= 0 && place < (this.#ends[index] ?? 0) ? this.#items[index] : undefined;
  }

  /** add takes in a range of places from `start` up to but without `end`. */
  add(start: number, end: number, item: Item): void {
    if (this.find(start) !== undefined) return;
    if (this.#starts.length >= this.#max) {
      this.#starts = [];
      this.#ends = [];
      this.#items = [];
    }
    const at = this.#lastNotAbove(start) + 1;
    this.#starts.splice(at, 0, start);
    this.#ends.splice(at, 0, end);
    this.#items.splice(at, 0, item);
  }

  #lastNotAbove(place: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= place) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
