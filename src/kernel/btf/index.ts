/**
 * Name → type ids of one BTF blob: a hash table in three flat arrays, built in one pass or taken from the disk cache.
 * It names candidates only; every answer is checked against the blob, so a damaged index can miss but never lie.
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
const BUCKET_BITS = 15;
const BUCKETS = 1 << BUCKET_BITS;

/** The arrays of an index, as they go to the disk and come back. */
export interface BtfIndexData {
  readonly recordCount: number;
  /** Word of each 16th record. */
  readonly places: Uint32Array;
  /** Start of each bucket in `ordinals`, and the end of the last. */
  readonly buckets: Uint32Array;
  readonly tags: Uint16Array;
  readonly ordinals: Uint32Array;
}

/** BtfIndex answers which records may carry a name. */
export class BtfIndex {
  readonly data: BtfIndexData;
  readonly records: RecordTable;

  constructor(image: BtfImage, data: BtfIndexData) {
    this.data = data;
    this.records = new RecordTable(image, data.places, data.recordCount);
  }

  /** candidates lists ordinals (ids within the blob, from 0) in ascending order. */
  candidates(space: NameSpace, name: string): number[] {
    let hash = FNV_START;
    for (let index = 0; index < name.length; index++) {
      hash = Math.imul(hash ^ (name.charCodeAt(index) & 0xff), FNV_PRIME);
    }
    hash = finish(hash, SEEDS[space]);
    const { buckets, tags, ordinals } = this.data;
    const bucket = hash >>> (32 - BUCKET_BITS);
    const found: number[] = [];
    const end = buckets[bucket + 1] ?? 0;
    for (let at = buckets[bucket] ?? 0; at < end; at++) {
      if (tags[at] === (hash & 0xffff)) found.push(ordinals[at] ?? 0);
    }
    return found;
  }
}

/** buildIndex reads the whole blob once. */
export function buildIndex(image: BtfImage): BtfIndex {
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
  return new BtfIndex(image, {
    recordCount: ordinal,
    places: places.slice(0, Math.ceil(ordinal / STRIDE)),
    ...entries.sortIntoBuckets(),
  });
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
  sortIntoBuckets(): Pick<BtfIndexData, 'buckets' | 'tags' | 'ordinals'> {
    const hashes = this.#hashes.subarray(0, this.#length);
    const owners = this.#owners;
    const buckets = new Uint32Array(BUCKETS + 1);
    const shift = 32 - BUCKET_BITS;
    for (const hash of hashes) {
      const after = (hash >>> shift) + 1;
      buckets[after] = (buckets[after] ?? 0) + 1;
    }
    for (let bucket = 1; bucket <= BUCKETS; bucket++) {
      buckets[bucket] = (buckets[bucket] ?? 0) + (buckets[bucket - 1] ?? 0);
    }
    const next = buckets.slice();
    const tags = new Uint16Array(hashes.length);
    const ordinals = new Uint32Array(hashes.length);
    for (let entry = 0; entry < hashes.length; entry++) {
      const hash = hashes[entry] ?? 0;
      const at = next[hash >>> shift] ?? 0;
      next[hash >>> shift] = at + 1;
      tags[at] = hash & 0xffff;
      ordinals[at] = owners[entry] ?? 0;
    }
    return { buckets, tags, ordinals };
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
