/**
 * A cache of two generations: what is used stays, what was not used while the younger one filled up goes with the older.
 * Bounded without a list of uses, and a look-up costs what a Map's does.
 */

/** Generations holds between `size` and twice as many entries once it is full. */
export class Generations<Key, Item> {
  readonly #size: number;
  #young = new Map<Key, Item>();
  #old = new Map<Key, Item>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: Key): Item | undefined {
    const item = this.#young.get(key);
    if (item !== undefined) return item;
    const aged = this.#old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: Key, item: Item): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, item);
  }
}
