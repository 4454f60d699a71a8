/**
 * Writes an index to disk: beside its place, and renamed there, so readers and writers never meet. What cannot be written is
 * not missed. Apart from what reads it, as it runs once per kernel.
 */

import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { checksum, FORMAT, HEAD, indexPath, MAX_HEADER_BYTES } from './cache.ts';
import { type BuiltIndex, PAGE_WORDS } from './index.ts';

/** writeCachedIndex stores an index; a folder that cannot be written to is no error. */
export function writeCachedIndex(directory: string, key: Int32Array, { shape, words }: BuiltIndex): void {
  const sums = HEAD + key.length + 1;
  const pages = words.length / PAGE_WORDS;
  const header = new Int32Array(sums + pages);
  header.set([FORMAT, key.length, shape.recordCount, shape.slotBits, shape.ordinalBits]);
  header.set(key, HEAD);
  header[sums - 1] = checksum(header, 0, sums - 1);
  for (let page = 0; page < pages; page++) {
    header[sums + page] = checksum(words, page * PAGE_WORDS, (page + 1) * PAGE_WORDS);
  }
  if (header.byteLength > MAX_HEADER_BYTES) return;
  const path = indexPath(directory, key);
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
function writeNew(path: string, parts: readonly Int32Array[]): void {
  const descriptor = openSync(path, 'wx', 0o644);
  try {
    for (const part of parts) {
      for (let start = 0; start < part.byteLength; ) {
        start += writeSync(descriptor, part, start, part.byteLength - start);
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
