/**
 * One BTF type record: its header words, its length, and the map from type id to place. Only every 16th place is kept
 * (the rest is walked to), which keeps the index on disk small. Layout after include/uapi/linux/btf.h (Linux 6.18).
 */

import type { BtfImage } from './image.ts';
import { BtfFormatError } from './image.ts';

export const BTF_KIND = {
  void: 0,
  integer: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  function: 12,
  prototype: 13,
  variable: 14,
  section: 15,
  float: 16,
  declarationTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** Words after the three of the header: fixed ones, and per element (`vlen`), by kind. */
const FIXED_WORDS = [0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0];
const ELEMENT_WORDS = [0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3];

export const HEADER_WORDS = 3;
/** Every how many records one's place is kept. */
export const STRIDE = 16;

export function recordKind(info: number): number {
  return (info >>> 24) & 0x1f;
}

export function recordCount(info: number): number {
  return info & 0xffff;
}

export function recordFlag(info: number): boolean {
  return info >>> 31 === 1;
}

/** isKnownKind tells whether the length of such a record is known. */
export function isKnownKind(kind: number): boolean {
  return kind < FIXED_WORDS.length;
}

/** recordWords gives the length of a record from its second word. */
export function recordWords(info: number): number {
  const kind = (info >>> 24) & 0x1f;
  const fixed = FIXED_WORDS[kind];
  const element = ELEMENT_WORDS[kind];
  if (fixed === undefined || element === undefined) {
    // A kind newer than this reader has a length unknown to it, so nothing behind it can be found.
    throw new BtfFormatError(`BTF kind ${kind} is not known`);
  }
  return HEADER_WORDS + fixed + element * (info & 0xffff);
}

/** RecordTable finds the record of a type id (counted from 0 within its own blob). */
export class RecordTable {
  readonly #image: BtfImage;
  readonly #words: { word(index: number): number };
  readonly #firstPlace: number;
  readonly count: number;

  /** `words` hold the place of each 16th record, from `firstPlace` on. */
  constructor(image: BtfImage, words: { word(index: number): number }, firstPlace: number, count: number) {
    this.#image = image;
    this.#words = words;
    this.#firstPlace = firstPlace;
    this.count = count;
  }

  /** at gives the record's first word, or -1 if there is no such type. */
  at(ordinal: number): number {
    if (ordinal < 0 || ordinal >= this.count) return -1;
    let word = this.#words.word(this.#firstPlace + ((ordinal / STRIDE) | 0));
    for (let skip = ordinal % STRIDE; skip > 0; skip--) {
      word += recordWords(this.#image.word(word + 1));
    }
    return word;
  }
}
