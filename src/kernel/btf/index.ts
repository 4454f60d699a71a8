/**
 * Name → type ids of one BTF blob: a hash table in flat words, built in one pass or taken from the disk cache. It names
 * candidates only: whoever asks checks them against the blob.
 */

import type { BtfImage } from './image.ts';
import { BTF_KIND, HEADER_WORDS, RecordTable, recordKind, recordWords, STRIDE } from './records.ts';

/** What a name can be looked up as; C keeps these apart, except typedefs and functions, which BTF keeps apart. */
export type NameSpace = 'struct' | 'union' | 'enum' | 'typedef' | 'function' | 'variable' | 'integer' | 'constant';

const SEEDS: Readonly<Record<NameSpace, number>> = {
  struct: 0x811c9dc5,
  union: 0x1b873593,
  enum: 0x2c1b3c6d,
  typedef: 0x297a2d39,
  function: 0x6b43a9b5,
  variable: 0x5bd1e995,
  integer: 0x3c6ef372,
  constant: 0x510e527f,
};

const SEED_OF_KIND: Readonly<Record<number, number>> = {
  [BTF_KIND.struct]: SEEDS.struct,
  [BTF_KIND.union]: SEEDS.union,
  [BTF_KIND.enum]: SEEDS.enum,
  [BTF_KIND.enum64]: SEEDS.enum,
  [BTF_KIND.typedef]: SEEDS.typedef,
  [BTF_KIND.function]: SEEDS.function,
  [BTF_KIND.variable]: SEEDS.variable,
  [BTF_KIND.integer]: SEEDS.integer,
  [BTF_KIND.float]: SEEDS.integer,
};

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** How an index lies in its words: places, buckets (one more than there are), ordinals, tags (two to a word). */
export interface IndexShape {
  readonly recordCount: number;
  readonly entryCount: number;
  readonly bucketBits: number;
}

/** The words of an index: an array of our own, or a file of which only what is touched is read. */
export interface IndexWords {
  word(index: number): number;
}

/** BtfIndex answers which records may carry a name, and where each record lies. */
export class BtfIndex {
  readonly records: RecordTable;
  readonly #shape: IndexShape;
  readonly #words: IndexWords;

  constructor(image: BtfImage, shape: IndexShape, words: IndexWords) {
    this.#shape = shape;
    this.#words = words;
    this.records = new RecordTable(image, words, shape.recordCount);
  }

  /** candidates lists ordinals (ids within the blob, from 0) in ascending order. */
  candidates(space: NameSpace, name: string): number[] {
    let hash = FNV_START;
    for (let index = 0; index < name.length; index++) {
      hash = Math.imul(hash ^ (name.charCodeAt(index) & 0xff), FNV_PRIME);
    }
    hash = finish(hash, SEEDS[space]);
    const words = this.#words;
    const { buckets, ordinals, tags } = starts(this.#shape);
    const bucket = buckets + bucketOf(hash, this.#shape.bucketBits);
    const found: number[] = [];
    const end = Math.min(words.word(bucket + 1), this.#shape.entryCount);
    for (let at = words.word(bucket); at < end; at++) {
      const tag = (words.word(tags + (at >>> 1)) >>> ((at & 1) * 16)) & 0xffff;
      if (tag === (hash & 0xffff)) found.push(words.word(ordinals + at));
    }
    return found;
  }
}

/** indexLength gives the number of words of an index. */
export function indexLength(shape: IndexShape): number {
  return starts(shape).tags + ((shape.entryCount + 1) >>> 1);
}

function starts({ recordCount, entryCount, bucketBits }: IndexShape) {
  const buckets = Math.ceil(recordCount / STRIDE);
  const ordinals = buckets + (1 << bucketBits) + 1;
  return { buckets, ordinals, tags: ordinals + entryCount };
}

function bucketOf(hash: number, bucketBits: number): number {
  return bucketBits === 0 ? 0 : hash >>> (32 - bucketBits);
}

/** What `buildIndex` yields and the cache stores. */
export interface BuiltIndex {
  readonly shape: IndexShape;
  readonly words: Uint32Array;
}

/** buildIndex reads the whole blob once. */
export function buildIndex(image: BtfImage): BuiltIndex {
  const { words } = image.raw();
  const entries = new Entries(image);
  // The shortest record has three words.
  const places = new Uint32Array(Math.ceil((image.typeEnd - image.typeStart) / HEADER_WORDS / STRIDE) + 1);
  let ordinal = 0;
  for (let word = image.typeStart; word < image.typeEnd; ordinal++) {
    const info = words[word + 1] ?? 0;
    const length = recordWords(info);
    const kind = recordKind(info);
    if (ordinal % STRIDE === 0) places[ordinal / STRIDE] = word;
    const seed = SEED_OF_KIND[kind] ?? 0;
    if (seed !== 0) {
      entries.add(seed, words[word] ?? 0, ordinal);
      if (seed === SEEDS.enum) {
        const step = kind === BTF_KIND.enum64 ? 3 : 2;
        const end = word + length;
        for (let value = word + HEADER_WORDS; value < end; value += step) {
          entries.add(SEEDS.constant, words[value] ?? 0, ordinal);
        }
      }
    }
    word += length;
  }
  return entries.sortIntoBuckets(ordinal, places);
}

/** heldWords serves an index that is in memory as a whole. */
export function heldWords(words: Uint32Array): IndexWords {
  return { word: (index) => words[index] ?? 0 };
}

/**
 * Hashes of names and whose they are, in order of ids. Sized with care: first touch of a page of memory costs more
 * here than hashing what it could have cached.
 */
class Entries {
  readonly #image: BtfImage;
  readonly #bytes: Uint8Array;
  readonly #stringStart: number;
  readonly #ownStrings: number;
  readonly #hashes: Uint32Array;
  readonly #owners: Uint32Array;
  #length = 0;

  constructor(image: BtfImage) {
    const { bytes, stringStart, ownStrings } = image.raw();
    this.#image = image;
    this.#bytes = bytes;
    this.#stringStart = stringStart;
    this.#ownStrings = ownStrings;
    // The shortest thing with a name is an enum constant of two words.
    const most = ((image.typeEnd - image.typeStart) >>> 1) + 1;
    this.#hashes = new Uint32Array(most);
    this.#owners = new Uint32Array(most);
  }

  add(seed: number, stringOffset: number, ordinal: number): void {
    if (stringOffset === 0) return;
    const hash =
      stringOffset >= this.#ownStrings && stringOffset < this.#image.stringEnd
        ? hashText(this.#bytes, this.#stringStart + stringOffset)
        : this.#hashOfBase(stringOffset);
    this.#hashes[this.#length] = finish(hash, seed);
    this.#owners[this.#length] = ordinal;
    this.#length++;
  }

  #hashOfBase(stringOffset: number): number {
    let hash = FNV_START;
    for (let at = stringOffset; ; at++) {
      const byte = this.#image.byte(at);
      if (byte === 0) return hash;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
  }

  /** A counting sort by the upper bits: stable, so that the first declaration of a name is found first. */
  sortIntoBuckets(recordCount: number, places: Uint32Array): BuiltIndex {
    const hashes = this.#hashes.subarray(0, this.#length);
    const owners = this.#owners;
    // Three names to a bucket: few enough to look through, and a table that stays small.
    const bucketBits = Math.max(0, Math.ceil(Math.log2(hashes.length / 3 + 1)));
    const shape: IndexShape = { recordCount, entryCount: hashes.length, bucketBits };
    const at = starts(shape);
    const words = new Uint32Array(indexLength(shape));
    words.set(places.subarray(0, at.buckets));
    const buckets = words.subarray(at.buckets, at.ordinals);
    const ordinals = words.subarray(at.ordinals, at.tags);
    const tags = new Uint16Array(words.buffer, at.tags * 4);
    for (const hash of hashes) {
      const after = bucketOf(hash, bucketBits) + 1;
      buckets[after] = (buckets[after] ?? 0) + 1;
    }
    for (let bucket = 1; bucket < buckets.length; bucket++) {
      buckets[bucket] = (buckets[bucket] ?? 0) + (buckets[bucket - 1] ?? 0);
    }
    const next = buckets.slice();
    for (let entry = 0; entry < hashes.length; entry++) {
      const hash = hashes[entry] ?? 0;
      const bucket = bucketOf(hash, bucketBits);
      const place = next[bucket] ?? 0;
      next[bucket] = place + 1;
      tags[place] = hash & 0xffff;
      ordinals[place] = owners[entry] ?? 0;
    }
    return { shape, words };
  }
}

function hashText(bytes: Uint8Array, start: number): number {
  let hash = FNV_START;
  let byte = bytes[start];
  for (let at = start + 1; byte !== undefined && byte !== 0; at++) {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
    byte = bytes[at];
  }
  return hash;
}

/** FNV's upper bits mix badly for short names; the bucket is taken from them. */
function finish(hash: number, seed: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15) ^ seed, 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
