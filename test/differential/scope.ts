/** What a place in a random program may name. */

export const INTEGER_TYPES = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const;
export const STRINGS = ['', 'a', 'ab', 'abc', 'abd', 'longer text', 'ABC', 'x y', 'fifteen letters'] as const;

interface Integer {
  readonly name: string;
  readonly type: string;
}

export interface Scope {
  readonly integers: Integer[];
  /** Loop variables: to be read, not assigned. */
  readonly counters: string[];
  readonly bools: string[];
  /** Of type string[16]. */
  readonly strings: string[];
  /** Tuples of (int64, string[16]). */
  readonly tuples: string[];
  /** Tuples of (int8, (uint16, int64), string[16]). */
  readonly nested: string[];
  /** Records of (a=int32, b=(c=uint8, d=int16)). */
  readonly records: string[];
  readonly isLoop: boolean;
  readonly isFunction: boolean;
}

export function scopeOf(integers: readonly Integer[]): Scope {
  return {
    integers: [...integers],
    counters: [],
    bools: [],
    strings: [],
    tuples: [],
    nested: [],
    records: [],
    isLoop: false,
    isFunction: false,
  };
}

/** copy is the scope of a block within: what is declared there ends with it. */
export function copy(scope: Scope): Scope {
  const { integers, counters, bools, strings, tuples, nested, records } = scope;
  return {
    ...scope,
    integers: [...integers],
    counters: [...counters],
    bools: [...bools],
    strings: [...strings],
    tuples: [...tuples],
    nested: [...nested],
    records: [...records],
  };
}

export function quote(text: string): string {
  return `"${text}"`;
}

export function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
