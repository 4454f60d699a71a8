/**
 * The index of vmlinux BTF on disk, so that a first lookup need not read 5.5 MB. A file serves one kernel build: it
 * begins with the key it was made for (BTF header and size, first and last page, the kernel's notes with its build
 * id), and ends in a checksum. It is written beside its place and renamed there, so readers and writers never meet.
 * Whatever does not match in every byte is not used; whatever cannot be written is not missed.
 */

import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { BtfIndexData } from './index.ts';

const FORMAT = 0x62747801; // changes with the layout of the file or the hash function

/** cacheDirectory gives bptop's cache folder: $XDG_CACHE_HOME/bptop, for root /var/cache/bptop. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_CACHE_HOME: configured } = environment;
  if (configured?.startsWith('/')) {
    return join(configured, 'bptop');
  }
  return process.geteuid?.() === 0 ? '/var/cache/bptop' : join(homedir(), '.cache', 'bptop');
}

/** readCachedIndex gives the arrays stored for the key, or undefined. */
export function readCachedIndex(directory: string, key: Uint8Array): BtfIndexData | undefined {
  const bytes = readOwnFile(join(directory, fileName(key)));
  if (bytes === undefined || bytes.length < 32) return undefined;
  const words = new Uint32Array(bytes.buffer, 0, bytes.length >>> 2);
  const [format, keyWords, recordCount, placeCount, bucketCount, entryCount] = words;
  const stored = words.at(-1);
  if (
    format !== FORMAT ||
    keyWords === undefined ||
    recordCount === undefined ||
    placeCount === undefined ||
    bucketCount === undefined ||
    entryCount === undefined ||
    bytes.length !== fileWords(keyWords, placeCount, bucketCount, entryCount) * 4
  ) {
    return undefined;
  }
  if (checksum(words.subarray(0, -1)) !== stored) return undefined;
  const padded = paddedKey(key);
  if (padded.length !== keyWords) return undefined;
  if (padded.some((word, index) => word !== words[HEAD + index])) {
    return undefined;
  }
  let at = HEAD + keyWords;
  const take = (count: number) => {
    at += count;
    return words.subarray(at - count, at);
  };
  return {
    recordCount,
    places: take(placeCount),
    buckets: take(bucketCount),
    ordinals: take(entryCount),
    tags: new Uint16Array(bytes.buffer, at * 4, entryCount),
  };
}

/** writeCachedIndex stores the arrays; a folder that cannot be written to is no error. */
export function writeCachedIndex(directory: string, key: Uint8Array, data: BtfIndexData): void {
  const keyPart = paddedKey(key);
  const { places, buckets, ordinals, tags } = data;
  const words = new Uint32Array(fileWords(keyPart.length, places.length, buckets.length, ordinals.length));
  words.set([FORMAT, keyPart.length, data.recordCount, places.length, buckets.length, ordinals.length]);
  let at = HEAD;
  for (const part of [keyPart, places, buckets, ordinals]) {
    words.set(part, at);
    at += part.length;
  }
  new Uint16Array(words.buffer, at * 4, tags.length).set(tags);
  words[words.length - 1] = checksum(words.subarray(0, -1));
  const path = join(directory, fileName(key));
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    writeFileSync(temporary, words, { flag: 'wx', mode: 0o644 });
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}

const HEAD = 6;

function fileWords(keyWords: number, places: number, buckets: number, entries: number): number {
  return HEAD + keyWords + places + buckets + entries + ((entries + 1) >>> 1) + 1;
}

/** Reads a file whole if it is ours: what another user may write to, we do not trust. */
function readOwnFile(path: string): Uint8Array | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const status = fstatSync(descriptor);
    const isOurs = status.uid === process.geteuid?.() || status.uid === 0;
    if (!status.isFile() || !isOurs || (status.mode & 0o022) !== 0) {
      return undefined;
    }
    if (status.size > MAX_FILE_BYTES) return undefined;
    const bytes = Buffer.allocUnsafeSlow((status.size + 3) & ~3);
    return readSync(descriptor, bytes, 0, status.size, 0) === status.size && status.size % 4 === 0 ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

const MAX_FILE_BYTES = 64 << 20;

function fileName(key: Uint8Array): string {
  const sum = checksum(paddedKey(key)).toString(16).padStart(8, '0');
  return `btf-${sum}.index`;
}

function paddedKey(key: Uint8Array): Uint32Array {
  const bytes = new Uint8Array((key.length + 3) & ~3);
  bytes.set(key);
  return new Uint32Array(bytes.buffer);
}

/** Two mixed lanes over words: catches damage, which is all it is for; a library's CRC is newer than Node 20.0. */
function checksum(words: Uint32Array): number {
  let low = 0x811c9dc5;
  let high = words.length;
  for (let index = 0; index < words.length; index++) {
    low = Math.imul(low ^ (words[index] ?? 0), 0x01000193);
    high = (Math.imul(high, 31) + low) | 0;
  }
  return (low ^ high ^ (high >>> 15)) >>> 0;
}
