/** A small seeded generator: the same seed gives the same program on every machine, so a failure can be repeated. */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in 0 … 2^32-1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Uniform in 0 … limit-1. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  chance(probability: number): boolean {
    return this.next() / 2 ** 32 < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('cannot pick from nothing');
    return item;
  }

  /** 64 random bits, biased towards the edges of the integer types, where conversions go wrong. */
  edgyInteger(): bigint {
    const edges = [
      0n,
      1n,
      2n,
      7n,
      127n,
      128n,
      255n,
      256n,
      32767n,
      32768n,
      65535n,
      2n ** 31n - 1n,
      2n ** 31n,
      2n ** 32n - 1n,
    ];
    const wide = [2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
    const roll = this.below(10);
    if (roll < 5) return this.pick(edges);
    if (roll < 7) return this.pick(wide);
    if (roll < 9) return BigInt(this.below(1000));
    return (BigInt(this.next()) << 32n) | BigInt(this.next());
  }
}
