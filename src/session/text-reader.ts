/**
 * Strings out of memory that the kernel filled. Most are short ASCII and come again and again (comm, file names): those
 * are found in a cache by their bytes, which is faster than making them. What is not ASCII goes through `decodeBytes`,
 * so that no byte is lost.
 */

import { decodeBytes } from '../text/bytes.ts';

/** Longer ones are made faster than compared. */
const LONGEST_CACHED = 24;
const CACHE_MASK = 4095;

const cache: (string | undefined)[] = new Array(CACHE_MASK + 1).fill(undefined);
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

/** bytesAsText gives bytes as a text of as many letters, to find things by. */
export function bytesAsText(bytes: Uint8Array, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end);
}

/** readText reads up to `capacity` bytes or to the NUL; without one the text was cut and gets the trailer, if it has room at all. */
export function readText(bytes: Uint8Array, offset: number, capacity: number, trailer: string): string {
  const limit = offset + capacity;
  let end = offset;
  let hash = 0;
  let seen = 0;
  while (end < limit) {
    const byte = bytes[end] as number;
    if (byte === 0) break;
    seen |= byte;
    hash = (Math.imul(hash, 31) + byte) | 0;
    end++;
  }
  const text = seen >= 0x80 ? decodeBytes(bytes.subarray(offset, end)) : asciiText(bytes, offset, end, hash);
  return end === limit && capacity > 0 ? text + trailer : text;
}

/** readPacked reads `length` bytes of text; as many as the capacity, which counts the NUL, were cut. */
export function readPacked(bytes: Uint8Array, offset: number, length: number, isCut: boolean, trailer: string): string {
  const text = readText(bytes, offset, length, '');
  return isCut ? text + trailer : text;
}

function asciiText(bytes: Uint8Array, start: number, end: number, hash: number): string {
  if (end === start) return '';
  if (end - start > LONGEST_CACHED) return latin1Slice.call(bytes, start, end);
  const slot = (hash ^ (hash >>> 12)) & CACHE_MASK;
  const known = cache[slot];
  if (known !== undefined && isText(known, bytes, start, end)) return known;
  const text = latin1Slice.call(bytes, start, end);
  cache[slot] = text;
  return text;
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
