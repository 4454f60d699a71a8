/**
 * Name → type ids of one BTF blob: a hash table in flat words, built in one pass or taken from the disk cache. It names
 * candidates only: whoever asks checks them against the blob.
 */

import type { BtfImage } from './image.ts';
import { BTF_KIND, HEADER_WORDS, isKnownKind, RecordTable, recordWords, STRIDE } from './records.ts';

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

/** As a signed word, so that V8 keeps all of the hash in words. */
const FNV_START = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/**
 * Words in a page of an index: what a stored one is read and checked by. A script's names lie on a dozen of seven hundred pages,
 * and the header has a checksum of each: larger pages, and checking them takes longer, smaller ones, and the header does.
 */
export const PAGE_WORDS = 256;

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

/** buildIndex reads the whole blob once. Its words fill whole pages, so that they can be stored as they are. */
export function buildIndex(image: BtfImage): BuiltIndex {
  const typeWords = image.typeEnd - image.typeStart;
  // The shortest thing with a name is an enum constant of two words, the shortest record has three.
  const most = (typeWords >>> 1) + 1;
  // A name to nine words, three names to a bucket: few enough to look through, and a table that stays small.
  const bucketBits = Math.max(0, Math.ceil(Math.log2(typeWords / 27 + 1)));
  const parts: Parts = {
    hashes: new Uint32Array(most),
    owners: new Uint32Array(most),
    places: new Uint32Array(Math.ceil(typeWords / HEADER_WORDS / STRIDE) + 1),
    counts: new Uint32Array((1 << bucketBits) + 1),
    bucketBits,
  };
  const { recordCount, entryCount } = collect(image, parts);
  const shape: IndexShape = { recordCount, entryCount, bucketBits };
  const words = new Uint32Array(Math.ceil(indexLength(shape) / PAGE_WORDS) * PAGE_WORDS);
  sortIntoBuckets(parts, shape, words);
  return { shape, words };
}

/** heldWords serves an index that is in memory as a whole. */
export function heldWords(words: Uint32Array): IndexWords {
  return { word: (index) => words[index] ?? 0 };
}

/**
 * What is collected, in order of ids: flat arrays, and as few loops as can be. This runs once per kernel, in a process that
 * has just started: a call per record would cost more than the work, and so would another loop that V8 has yet to learn.
 */
interface Parts {
  readonly hashes: Uint32Array;
  /** Whose name it is. */
  readonly owners: Uint32Array;
  readonly places: Uint32Array;
  /** Names in the bucket before, by bucket. */
  readonly counts: Uint32Array;
  readonly bucketBits: number;
}

const KINDS = Array.from({ length: 32 }, (_, kind) => kind);
const SEED_BY_KIND = Uint32Array.from(KINDS, (kind) => SEED_OF_KIND[kind] ?? 0);
/** Words of a record, and per element; 0 for a kind that is not known. */
const BASE_WORDS = Uint8Array.from(KINDS, (kind) => (isKnownKind(kind) ? recordWords(kind << 24) : 0));
const ELEMENT_WORDS = Uint8Array.from(KINDS, (kind) =>
  isKnownKind(kind) ? recordWords((kind << 24) | 1) - recordWords(kind << 24) : 0,
);

function collect(image: BtfImage, { hashes, owners, places, counts, bucketBits }: Parts) {
  const { words, bytes, stringStart, ownStrings } = image.raw();
  const { typeStart, typeEnd, stringEnd } = image;
  let entryCount = 0;
  let recordCount = 0;
  for (let word = typeStart; word < typeEnd; recordCount++) {
    const info = words[word + 1] ?? 0;
    const kind = (info >>> 24) & 0x1f;
    const base = BASE_WORDS[kind] ?? 0;
    // A kind newer than this reader is refused by the slow way.
    const end = word + (base === 0 ? recordWords(info) : base + (ELEMENT_WORDS[kind] ?? 0) * (info & 0xffff));
    if ((recordCount & (STRIDE - 1)) === 0) places[recordCount / STRIDE] = word;
    let seed = SEED_BY_KIND[kind] ?? 0;
    if (seed !== 0) {
      const isEnum = kind === BTF_KIND.enum || kind === BTF_KIND.enum64;
      const step = kind === BTF_KIND.enum64 ? 3 : 2;
      // The record's own name, then those of an enum's constants.
      for (let at = word; at < end; at = at === word ? word + HEADER_WORDS : at + step) {
        const name = words[at] ?? 0;
        if (name !== 0) {
          const isOwn = name >= ownStrings && name < stringEnd;
          const hash = finish(isOwn ? hashText(bytes, stringStart + name) : hashOfBase(image, name), seed);
          const after = (bucketBits === 0 ? 0 : hash >>> (32 - bucketBits)) + 1;
          counts[after] = (counts[after] ?? 0) + 1;
          hashes[entryCount] = hash;
          owners[entryCount++] = recordCount;
        }
        if (!isEnum) break;
        seed = SEEDS.constant;
      }
    }
    word = end;
  }
  return { recordCount, entryCount };
}

function hashOfBase(image: BtfImage, stringOffset: number): number {
  let hash = FNV_START;
  for (let at = stringOffset; ; at++) {
    const byte = image.byte(at);
    if (byte === 0) return hash;
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
}

/** A counting sort by the upper bits: stable, so that the first declaration of a name is found first. */
function sortIntoBuckets(
  { hashes, owners, places, counts, bucketBits }: Parts,
  shape: IndexShape,
  words: Uint32Array,
): void {
  const at = starts(shape);
  words.set(places.subarray(0, at.buckets));
  for (let bucket = 1; bucket < counts.length; bucket++) {
    counts[bucket] = (counts[bucket] ?? 0) + (counts[bucket - 1] ?? 0);
  }
  words.set(counts, at.buckets);
  const ordinals = words.subarray(at.ordinals, at.tags);
  const tags = new Uint16Array(words.buffer, at.tags * 4);
  for (let entry = 0; entry < shape.entryCount; entry++) {
    const hash = hashes[entry] ?? 0;
    const bucket = bucketBits === 0 ? 0 : hash >>> (32 - bucketBits);
    const place = counts[bucket] ?? 0;
    counts[bucket] = place + 1;
    tags[place] = hash & 0xffff;
    ordinals[place] = owners[entry] ?? 0;
  }
}

function hashText(bytes: Uint8Array, start: number): number {
  let hash = FNV_START;
  for (let at = start; ; at++) {
    const byte = bytes[at] as number;
    // Also behind the end, where there is none.
    if (!(byte > 0)) return hash;
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
}

/** FNV's upper bits mix badly for short names; the bucket is taken from them. */
function finish(hash: number, seed: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15) ^ seed, 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
