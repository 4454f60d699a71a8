/**
 * The index of vmlinux BTF on disk, so that a first lookup need not read 5.5 MB. A file serves one kernel build: it
 * begins with the key it was made for (samples of the BTF, and the kernel's notes with its build id). It is written
 * beside its place and renamed there, so readers and writers never meet. Only the pages that a lookup touches are
 * read, each with a checksum of its own; one that does not match has the index built anew. What cannot be written is
 * not missed.
 */

import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type BuiltIndex, type IndexShape, type IndexWords, indexLength, PAGE_WORDS } from './index.ts';

const FORMAT = 0x62747804; // changes with the layout of the file or the hash function
const HEAD = 5;
const MAX_HEADER_BYTES = 1 << 14;

/** cacheDirectory gives bptop's cache folder: $XDG_CACHE_HOME/bptop, for root /var/cache/bptop. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_CACHE_HOME: configured } = environment;
  if (configured?.startsWith('/')) return join(configured, 'bptop');
  return process.geteuid?.() === 0 ? '/var/cache/bptop' : join(homedir(), '.cache', 'bptop');
}

/** An index in a file. `onDamage` gives the words anew when a page proves damaged. */
export interface CachedIndex {
  readonly shape: IndexShape;
  readonly words: (onDamage: () => Uint32Array) => IndexWords;
}

/** openCachedIndex finds the index stored for the key; its pages are still to be read. */
export function openCachedIndex(directory: string, key: Uint8Array): CachedIndex | undefined {
  const descriptor = openOwnFile(join(directory, fileName(key)));
  if (descriptor === undefined) return undefined;
  const head = readHeader(descriptor, paddedKey(key));
  if (head === undefined) {
    closeSync(descriptor);
    return undefined;
  }
  return { shape: head.shape, words: (onDamage) => new FileWords(descriptor, head, onDamage) };
}

interface Header {
  readonly shape: IndexShape;
  readonly sums: Uint32Array;
  /** Bytes before the first page. */
  readonly length: number;
}

/** The header: format, lengths, shape, then the key, a checksum per page, and one of all this. */
function readHeader(descriptor: number, key: Uint32Array): Header | undefined {
  const buffer = Buffer.allocUnsafeSlow(MAX_HEADER_BYTES);
  const got = readAt(descriptor, buffer, 0);
  const words = new Uint32Array(buffer.buffer, 0, got >>> 2);
  const [format, keyWords, recordCount = 0, entryCount = 0, bucketBits = 0] = words;
  if (format !== FORMAT || keyWords !== key.length || bucketBits > 24) return undefined;
  const shape = { recordCount, entryCount, bucketBits };
  const pages = Math.ceil(indexLength(shape) / PAGE_WORDS);
  const end = HEAD + key.length + pages;
  if (end >= words.length || words[end] !== checksum(words, 0, end)) return undefined;
  if (key.some((word, index) => word !== words[HEAD + index])) return undefined;
  return { shape, sums: words.slice(HEAD + key.length, end), length: (end + 1) * 4 };
}

/** The words of the file, read by pages; held whole once a page was damaged. */
class FileWords implements IndexWords {
  #descriptor: number;
  readonly #header: Header;
  readonly #onDamage: () => Uint32Array;
  readonly #loaded: Uint8Array;
  #words: Uint32Array;

  constructor(descriptor: number, header: Header, onDamage: () => Uint32Array) {
    this.#descriptor = descriptor;
    this.#header = header;
    this.#onDamage = onDamage;
    this.#loaded = new Uint8Array(header.sums.length);
    this.#words = new Uint32Array(Buffer.allocUnsafeSlow(header.sums.length * PAGE_WORDS * 4).buffer);
  }

  word(index: number): number {
    const page = (index / PAGE_WORDS) | 0;
    if (this.#loaded[page] === 0) this.#load(page);
    return this.#words[index] ?? 0;
  }

  #load(page: number): void {
    const start = page * PAGE_WORDS;
    const bytes = new Uint8Array(this.#words.buffer, start * 4, PAGE_WORDS * 4);
    const got = readAt(this.#descriptor, bytes, this.#header.length + start * 4);
    const isWhole =
      got === bytes.length && checksum(this.#words, start, start + PAGE_WORDS) === this.#header.sums[page];
    this.#loaded[page] = 1;
    if (isWhole) return;
    this.#words = this.#onDamage();
    this.#loaded.fill(1);
    closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}

/** writeCachedIndex stores an index; a folder that cannot be written to is no error. */
export function writeCachedIndex(directory: string, key: Uint8Array, { shape, words }: BuiltIndex): void {
  const keyPart = paddedKey(key);
  const pages = words.length / PAGE_WORDS;
  const end = HEAD + keyPart.length + pages;
  const header = new Uint32Array(end + 1);
  header.set([FORMAT, keyPart.length, shape.recordCount, shape.entryCount, shape.bucketBits]);
  header.set(keyPart, HEAD);
  for (let page = 0; page < pages; page++) {
    header[HEAD + keyPart.length + page] = checksum(words, page * PAGE_WORDS, (page + 1) * PAGE_WORDS);
  }
  header[end] = checksum(header, 0, end);
  if (header.byteLength > MAX_HEADER_BYTES) return;
  const path = join(directory, fileName(key));
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    writeNew(temporary, [header, words]);
    renameSync(temporary, path);
  } catch {
    removeQuietly(temporary);
  }
}

/** The parts as they lie, without a copy of all; short of them there is no file. */
function writeNew(path: string, parts: readonly Uint32Array[]): void {
  const descriptor = openSync(path, 'wx', 0o644);
  try {
    for (const part of parts) {
      for (let start = 0; start < part.byteLength; ) {
        start += writeSync(descriptor, new Uint8Array(part.buffer, start, part.byteLength - start));
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where nothing can be written, there is nothing to remove.
  }
}

/** Opens a file if it is ours: what another user may write to, we do not trust. */
function openOwnFile(path: string): number | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const status = fstatSync(descriptor);
    const isOurs = status.uid === process.geteuid?.() || status.uid === 0;
    if (status.isFile() && isOurs && (status.mode & 0o022) === 0) return descriptor;
  } catch {
    // Not there, or not for us.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

function readAt(descriptor: number, bytes: Uint8Array, offset: number): number {
  try {
    return readSync(descriptor, bytes, 0, bytes.length, offset);
  } catch {
    return 0;
  }
}

function fileName(key: Uint8Array): string {
  const words = paddedKey(key);
  return `btf-${checksum(words, 0, words.length).toString(16).padStart(8, '0')}.index`;
}

function paddedKey(key: Uint8Array): Uint32Array {
  const bytes = new Uint8Array((key.length + 3) & ~3);
  bytes.set(key);
  return new Uint32Array(bytes.buffer);
}

/**
 * Two lanes over words, one turned and one summed: catches damage, which is all it is for. Each step is one of the interpreter's
 * own, as this runs in a process that has just started; `Math.imul` is a call there, and zlib's CRC would cost its loading.
 */
function checksum(words: Uint32Array, start: number, end: number): number {
  let turned = end - start;
  let sum = 0;
  for (let index = start; index < end; index++) {
    turned = ((turned << 5) | (turned >>> 27)) ^ (words[index] as number);
    sum = (sum + turned) | 0;
  }
  return (turned ^ sum ^ (sum >>> 15)) >>> 0;
}
