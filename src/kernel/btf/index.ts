/**
 * Name → type ids of one BTF blob: a hash table in flat words, made by build-index.ts or taken from the disk cache. It
 * names candidates only: whoever asks checks them against the blob. Words are signed, as V8 keeps those without a box.
 */

import type { BtfImage } from './image.ts';
import { RecordTable } from './records.ts';

/** What a name can be looked up as; C keeps these apart, except typedefs and functions, which BTF keeps apart. */
export type NameSpace = 'struct' | 'union' | 'enum' | 'typedef' | 'function' | 'variable' | 'integer' | 'constant';

/** SEEDS tell the names of one kind from those of another. */
export const SEEDS: Readonly<Record<NameSpace, number>> = {
  struct: 0x811c9dc5,
  union: 0x1b873593,
  enum: 0x2c1b3c6d,
  typedef: 0x297a2d39,
  function: 0x6b43a9b5,
  variable: 0x5bd1e995,
  integer: 0x3c6ef372,
  constant: 0x510e527f,
};

/** As a signed word, so that V8 keeps all of the hash in words. */
export const FNV_START = 0x811c9dc5 | 0;
export const FNV_PRIME = 0x01000193;

/**
 * Words in a page of an index: what a stored one is read and checked by. A script's names lie on a handful of five hundred pages,
 * and the header has a checksum of each: larger pages, and checking them takes longer, smaller ones, and the header does.
 */
export const PAGE_WORDS = 256;

/**
 * How far from its slot a name may lie. A table is four fifths full at most, so that names lie within a hundred slots; only one
 * made to have all its names in one place loses some of them, rather than the time of whoever reads it.
 */
export const MOST_PROBES = 1024;

/**
 * How an index lies in its words: a table of slots, then the places of records. A slot holds as many bits of the hash as there
 * is room for beside the ordinal, which is counted from 1; it is 0 where nothing is. The upper bits of the hash say which slot.
 */
export interface IndexShape {
  readonly recordCount: number;
  readonly slotBits: number;
  readonly ordinalBits: number;
}

/** The words of an index: an array of our own, or a file of which only what is touched is read. */
export interface IndexWords {
  word(index: number): number;
}

/** What `buildIndex` yields and the cache stores. */
export interface BuiltIndex {
  readonly shape: IndexShape;
  readonly words: Int32Array;
}

/** BtfIndex answers which records may carry a name, and where each record lies. */
export class BtfIndex {
  readonly records: RecordTable;
  readonly #shape: IndexShape;
  readonly #words: IndexWords;

  constructor(image: BtfImage, shape: IndexShape, words: IndexWords) {
    this.#shape = shape;
    this.#words = words;
    this.records = new RecordTable(image, words, 1 << shape.slotBits, shape.recordCount);
  }

  /** candidates lists ordinals (ids within the blob, from 0) in ascending order. */
  candidates(space: NameSpace, name: string): number[] {
    let hash = FNV_START;
    for (let index = 0; index < name.length; index++) {
      hash = Math.imul(hash ^ (name.charCodeAt(index) & 0xff), FNV_PRIME);
    }
    hash = finish(hash, SEEDS[space]);
    const { slotBits, ordinalBits } = this.#shape;
    const last = (1 << slotBits) - 1;
    const found: number[] = [];
    for (let rest = MOST_PROBES, at = hash >>> (32 - slotBits); rest > 0; rest--, at = (at + 1) & last) {
      const slot = this.#words.word(at);
      if (slot === 0) break;
      const ordinal = slot & ((1 << ordinalBits) - 1);
      if (slot === ((hash << ordinalBits) | ordinal)) found.push(ordinal - 1);
    }
    return found;
  }
}

/** finish mixes the seed in, and FNV's upper bits, which are bad for short names: the slot is taken from them. */
export function finish(hash: number, seed: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15) ^ seed, 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
