/** What completion offers, and which of many names it offers. */

export interface Candidate {
  readonly text: string;
  readonly kind: 'probe' | 'argument' | 'field' | 'builtin' | 'function' | 'keyword' | 'map' | 'variable';
  /** Its type, signature or form. */
  readonly type: string;
  /** One line: what it is. */
  readonly detail: string;
}

export interface Candidates {
  /** What is written of the candidate already. */
  readonly prefix: string;
  readonly candidates: readonly Candidate[];
}

/** More help nobody. */
export const MOST_CANDIDATES = 100;

/**
 * matching keeps what begins with the prefix, then what contains it, each in the order given. Names may be 100,000:
 * rules match names first and make candidates of what is left.
 */
export function matching<T>(prefix: string, items: Iterable<T>, textOf: (item: T) => string): readonly T[] {
  const wanted = prefix.toLowerCase();
  const seen = new Set<string>();
  const starting: T[] = [];
  const containing: T[] = [];
  for (const item of items) {
    const text = textOf(item);
    const at = text.toLowerCase().indexOf(wanted);
    if (at < 0 || text === prefix || (at > 0 && (wanted.length < 2 || containing.length >= MOST_CANDIDATES))) continue;
    if (seen.has(text)) continue;
    seen.add(text);
    if (at > 0) containing.push(item);
    else if (starting.push(item) >= MOST_CANDIDATES) break;
  }
  return [...starting, ...containing].slice(0, MOST_CANDIDATES);
}

/** matchingNames is the same for plain names. */
export function matchingNames(prefix: string, names: Iterable<string>): readonly string[] {
  return matching(prefix, names, (name) => name);
}
