/**
 * Makes the index of a blob in one pass. This runs once per kernel, in a process that has just started: a call per record
 * would cost more than the work, and so would another loop that V8 has yet to learn. Apart from what asks an index, as most
 * processes find theirs on disk.
 */

import type { BtfImage } from './image.ts';
import { type BuiltIndex, FNV_PRIME, FNV_START, finish, MOST_PROBES, PAGE_WORDS, SEEDS } from './index.ts';
import { BTF_KIND, HEADER_WORDS, isKnownKind, recordWords, STRIDE } from './records.ts';

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

const KINDS = Array.from({ length: 32 }, (_, kind) => kind);
const SEED_BY_KIND = Int32Array.from(KINDS, (kind) => SEED_OF_KIND[kind] ?? 0);
/** Words of a record, and per element; 0 for a kind that is not known. */
const BASE_WORDS = Uint8Array.from(KINDS, (kind) => (isKnownKind(kind) ? recordWords(kind << 24) : 0));
const ELEMENT_WORDS = Uint8Array.from(KINDS, (kind) =>
  isKnownKind(kind) ? recordWords((kind << 24) | 1) - recordWords(kind << 24) : 0,
);

const LEAST_SLOT_BITS = 8;

/** buildIndex reads the whole blob once. Its words fill whole pages, so that they can be stored as they are. */
export function buildIndex(image: BtfImage): BuiltIndex {
  // Kernels have a name to nine words, which fills the table by a half to four fifths.
  const usual = Math.ceil(Math.log2((image.typeEnd - image.typeStart) / 7 + 1));
  for (let slotBits = Math.max(LEAST_SLOT_BITS, usual); ; slotBits++) {
    const built = collect(image, slotBits);
    if (built !== undefined) return built;
  }
}

/** All names in order of ids, so that the first declaration of one is found first; undefined if they need more slots. */
function collect(image: BtfImage, slotBits: number): BuiltIndex | undefined {
  const { signedWords: read, bytes, stringStart, ownStrings } = image.raw();
  const { typeStart, typeEnd, stringEnd } = image;
  const mostRecords = Math.ceil((typeEnd - typeStart) / HEADER_WORDS);
  const ordinalBits = 32 - Math.clz32(mostRecords + 1);
  const slots = 1 << slotBits;
  const shift = 32 - slotBits;
  const words = new Int32Array(slots + Math.ceil(mostRecords / STRIDE) + PAGE_WORDS);
  let room = slots * 0.8;
  let recordCount = 0;
  for (let word = typeStart; word < typeEnd; recordCount++) {
    const info = read[word + 1] as number;
    const kind = (info >>> 24) & 0x1f;
    const base = BASE_WORDS[kind] as number;
    // A kind newer than this reader is refused by the slow way.
    const end = word + (base === 0 ? recordWords(info) : base + (ELEMENT_WORDS[kind] as number) * (info & 0xffff));
    if ((recordCount & (STRIDE - 1)) === 0) words[slots + recordCount / STRIDE] = word;
    let seed = SEED_BY_KIND[kind] as number;
    if (seed !== 0) {
      const isEnum = kind === BTF_KIND.enum || kind === BTF_KIND.enum64;
      const step = kind === BTF_KIND.enum64 ? 3 : 2;
      // The record's own name, then those of an enum's constants.
      for (let at = word; at < end; at = at === word ? word + HEADER_WORDS : at + step) {
        const name = read[at] as number;
        if (name !== 0) {
          if (room-- <= 0) return undefined;
          let hash = FNV_START;
          if (name >= ownStrings && name < stringEnd) {
            // Byte by byte in here: V8 counts these steps, and optimises the whole the sooner. Behind the end is nothing, too.
            for (let place = stringStart + name; ; place++) {
              const byte = bytes[place] as number;
              if (!(byte > 0)) break;
              hash = Math.imul(hash ^ byte, FNV_PRIME);
            }
          } else hash = hashOfBase(image, name);
          hash = finish(hash, seed);
          let slot = hash >>> shift;
          for (let rest = MOST_PROBES; rest > 0; rest--, slot = (slot + 1) & (slots - 1)) {
            if (words[slot] !== 0) continue;
            words[slot] = (hash << ordinalBits) | (recordCount + 1);
            break;
          }
        }
        if (!isEnum) break;
        seed = SEED_OF_CONSTANT;
      }
    }
    word = end;
  }
  const length = slots + Math.ceil(recordCount / STRIDE);
  return {
    shape: { recordCount, slotBits, ordinalBits },
    words: words.subarray(0, Math.ceil(length / PAGE_WORDS) * PAGE_WORDS),
  };
}

const SEED_OF_CONSTANT = SEEDS.constant | 0;

function hashOfBase(image: BtfImage, stringOffset: number): number {
  let hash = FNV_START;
  for (let at = stringOffset; ; at++) {
    const byte = image.byte(at);
    if (byte === 0) return hash;
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
}
