/**
 * Long texts of the kernel: their size is said to be 0, and a read gives no more than a page. What reads any file takes new
 * memory for each piece of such a one, and copies all of it in the end; here the pieces land where they stay.
 */

import { closeSync, openSync, readSync } from 'node:fs';

/** More than a kernel's symbols take; memory that is not touched costs nothing. */
const FIRST_BYTES = 8 << 20;

/** readKernelText gives the whole text; undefined if it cannot be read. */
export function readKernelText(path: string, firstBytes = FIRST_BYTES): Buffer | undefined {
  return readInto(path, Buffer.allocUnsafeSlow(firstBytes));
}

/** readInto reads the whole text into this memory, or into a larger copy of it. */
export function readInto(path: string, room: Buffer): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    let buffer = room;
    let length = 0;
    for (;;) {
      if (length === buffer.length) {
        const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
        larger.set(buffer);
        buffer = larger;
      }
      const got = readSync(descriptor, buffer, length, buffer.length - length, null);
      if (got === 0) return buffer.subarray(0, length);
      length += got;
    }
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
