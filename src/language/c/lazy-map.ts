/** A map whose values are made when they are first asked for: names are known at once, types are not. */
export class LazyMap<T> implements ReadonlyMap<string, T> {
  readonly #makers: ReadonlyMap<string, () => T | undefined>;
  readonly #made = new Map<string, T | undefined>();

  constructor(makers: ReadonlyMap<string, () => T | undefined>) {
    this.#makers = makers;
  }

  get size(): number {
    return this.#makers.size;
  }

  get(name: string): T | undefined {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const made = this.#makers.get(name)?.();
    this.#made.set(name, made);
    return made;
  }

  has(name: string): boolean {
    return this.#makers.has(name);
  }

  keys(): MapIterator<string> {
    return this.#makers.keys();
  }

  *entries(): MapIterator<[string, T]> {
    for (const name of this.#makers.keys()) {
      const value = this.get(name);
      if (value !== undefined) yield [name, value];
    }
  }

  *values(): MapIterator<T> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries();
  }

  forEach(visit: (value: T, name: string, map: ReadonlyMap<string, T>) => void): void {
    for (const [name, value] of this.entries()) visit(value, name, this);
  }
}
