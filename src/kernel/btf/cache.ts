/**
 * The index of vmlinux BTF on disk, so that a first lookup need not read 5.5 MB. A file serves one kernel build: it
 * begins with the key it was made for. Only the pages that a lookup touches are read, each with a checksum of its own;
 * one that does not match has the index built anew. What all processes with a first lookup run is in here, and in as
 * few functions as it takes; store-index.ts writes the file.
 */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { type IndexShape, type IndexWords, PAGE_WORDS } from './index.ts';
import { STRIDE } from './records.ts';

/** FORMAT changes with the layout of the file or the hash function. */
export const FORMAT = 0x62747806;

/** Words before the key: format, length of the key, shape. Behind it comes a checksum of both, then one of each page. */
export const HEAD = 5;

/** A header is at most as long: that of blobs of a hundred megabytes. */
export const MAX_HEADER_BYTES = 1 << 14;

/** cacheDirectory gives bptop's cache folder: $XDG_CACHE_HOME/bptop, for root /var/cache/bptop. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_CACHE_HOME: configured } = environment;
  if (configured?.startsWith('/')) return `${configured}/bptop`;
  return process.geteuid?.() === 0 ? '/var/cache/bptop' : `${homedir()}/.cache/bptop`;
}

/** An index in a file. */
export interface CachedIndex extends IndexWords {
  readonly shape: IndexShape;
}

/** openCachedIndex finds the index stored for the key; its pages are still to be read. `onDamage` gives all of them anew. */
export function openCachedIndex(
  directory: string,
  key: Int32Array,
  onDamage: () => Int32Array,
): CachedIndex | undefined {
  const descriptor = openOwnFile(indexPath(directory, key));
  if (descriptor === undefined) return undefined;
  const bytes = Buffer.allocUnsafe(MAX_HEADER_BYTES);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, readAt(descriptor, bytes, 0) >>> 2);
  const [format, keyWords, recordCount = 0, slotBits = 0, ordinalBits = 0] = words;
  const sums = HEAD + key.length + 1;
  const isOurs =
    format === FORMAT &&
    keyWords === key.length &&
    key.every((word, index) => word === words[HEAD + index]) &&
    words[sums - 1] === checksum(words, 0, sums - 1);
  const pages = Math.ceil(((1 << slotBits) + Math.ceil(recordCount / STRIDE)) / PAGE_WORDS);
  if (isOurs && sums + pages <= words.length) {
    const shape = { recordCount, slotBits, ordinalBits };
    return new FileWords(shape, descriptor, words.subarray(sums, sums + pages), (sums + pages) * 4, onDamage);
  }
  closeSync(descriptor);
  return undefined;
}

/** The words of the file, read by pages; held whole once a page was damaged. */
class FileWords implements CachedIndex {
  readonly shape: IndexShape;
  readonly #descriptor: number;
  readonly #sums: Int32Array;
  readonly #firstByte: number;
  readonly #onDamage: () => Int32Array;
  readonly #loaded: Uint8Array;
  #words: Int32Array;

  constructor(shape: IndexShape, descriptor: number, sums: Int32Array, firstByte: number, onDamage: () => Int32Array) {
    this.shape = shape;
    this.#descriptor = descriptor;
    this.#sums = sums;
    this.#firstByte = firstByte;
    this.#onDamage = onDamage;
    this.#loaded = new Uint8Array(sums.length);
    this.#words = new Int32Array(sums.length * PAGE_WORDS);
  }

  word(index: number): number {
    const page = (index / PAGE_WORDS) | 0;
    if (this.#loaded[page] === 0) this.#load(page);
    return this.#words[index] ?? 0;
  }

  #load(page: number): void {
    const start = page * PAGE_WORDS;
    const end = start + PAGE_WORDS;
    const got = readAt(this.#descriptor, this.#words.subarray(start, end), this.#firstByte + start * 4);
    this.#loaded[page] = 1;
    if (got === PAGE_WORDS * 4 && checksum(this.#words, start, end) === this.#sums[page]) return;
    this.#words = this.#onDamage();
    this.#loaded.fill(1);
    closeSync(this.#descriptor);
  }
}

/** Opens a file if it is ours: what another user may write to, we do not trust. */
function openOwnFile(path: string): number | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const { mode, uid } = fstatSync(descriptor);
    const isOurs = uid === 0 || uid === process.geteuid?.();
    if (isOurs && (mode & (constants.S_IFMT | 0o022)) === constants.S_IFREG) return descriptor;
  } catch {
    // Not there, or not for us.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

function readAt(descriptor: number, target: NodeJS.ArrayBufferView, offset: number): number {
  try {
    return readSync(descriptor, target, 0, target.byteLength, offset);
  } catch {
    return 0;
  }
}

/** indexPath gives the file for a key. */
export function indexPath(directory: string, key: Int32Array): string {
  return `${directory}/btf-${(checksum(key, 0, key.length) >>> 0).toString(16).padStart(8, '0')}.index`;
}

/**
 * Two lanes over words, one turned and one summed: catches damage, which is all it is for. Each step is one of the interpreter's
 * own, as this runs in a process that has just started; `Math.imul` is a call there, and zlib's CRC would cost its loading.
 */
export function checksum(words: Int32Array, start: number, end: number): number {
  let turned = end - start;
  let sum = 0;
  for (let index = start; index < end; index++) {
    turned = ((turned << 5) | (turned >>> 27)) ^ (words[index] as number);
    sum = (sum + turned) | 0;
  }
  return turned ^ sum ^ (sum >>> 15);
}
