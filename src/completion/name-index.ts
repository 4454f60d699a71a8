/**
 * Many names as one text, so that a search costs one scan instead of a call per name: completion looks through all
 * kernel functions at every key.
 */

import { MOST_CANDIDATES } from './candidate.ts';

/** NameIndex finds names by their beginning, then by what they contain, regardless of case. */
export class NameIndex {
  /** Each name between line ends. */
  readonly #text: string;
  readonly #lower: string;

  constructor(names: readonly string[]) {
    this.#text = `\n${names.join('\n')}\n`;
    this.#lower = this.#text.toLowerCase();
  }

  /** search gives each name once, in the order given, those that begin with the prefix first. */
  search(prefix: string): readonly string[] {
    const wanted = prefix.toLowerCase();
    const found = new Set<string>();
    this.#collect(`\n${wanted}`, 1, MOST_CANDIDATES, found);
    if (wanted.length >= 2) this.#collect(wanted, 0, MOST_CANDIDATES, found);
    found.delete(prefix);
    found.delete('');
    return [...found];
  }

  #collect(wanted: string, skip: number, most: number, found: Set<string>): void {
    for (let at = this.#lower.indexOf(wanted); at >= 0 && found.size < most; ) {
      const start = this.#lower.lastIndexOf('\n', at + skip - 1) + 1;
      const end = this.#lower.indexOf('\n', at + skip);
      if (end < 0) return;
      found.add(this.#text.slice(start, end));
      at = this.#lower.indexOf(wanted, end);
    }
  }
}

const KNOWN = new WeakMap<object, NameIndex>();

/** indexOf gives the index of a list, made once for as long as the list lives. */
export function indexOf<T>(list: readonly T[], nameOf: (item: T) => string): NameIndex {
  let index = KNOWN.get(list);
  if (index === undefined) {
    index = new NameIndex(list.map(nameOf));
    KNOWN.set(list, index);
  }
  return index;
}
