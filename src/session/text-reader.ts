/**
 * Strings out of memory that the kernel filled. Most are short ASCII (comm, file names), which is decoded without
 * leaving JavaScript; the rest goes through `decodeBytes`, so that no byte is lost.
 */

import { decodeBytes } from '../text/bytes.ts';

const SHORT = 24;

/** readText reads up to `capacity` bytes or to the NUL; without one the text was cut and gets the trailer. */
export function readText(bytes: Uint8Array, offset: number, capacity: number, trailer: string): string {
  const limit = offset + capacity;
  const short = Math.min(limit, offset + SHORT);
  let text = '';
  for (let at = offset; at < short; at++) {
    const byte = bytes[at] as number;
    if (byte === 0) return text;
    if (byte >= 0x80) return readLong(bytes, offset, limit, trailer);
    text += String.fromCharCode(byte);
  }
  return short === limit ? text + trailer : readLong(bytes, offset, limit, trailer);
}

/** readPacked reads text of a known length; one that fills the capacity (which counts the NUL) was cut. */
export function readPacked(bytes: Uint8Array, offset: number, length: number, isCut: boolean, trailer: string): string {
  const text = length === 0 ? '' : decodeBytes(bytes.subarray(offset, offset + length));
  return isCut ? text + trailer : text;
}

function readLong(bytes: Uint8Array, offset: number, limit: number, trailer: string): string {
  let end = offset;
  while (end < limit && bytes[end] !== 0) end++;
  const text = decodeBytes(bytes.subarray(offset, end));
  return end === limit ? text + trailer : text;
}
