/**
 * Small files of /proc, read by the hundred a second: `readFileSync` allocates 64 KiB for each part that it reads of a file
 * of unknown size, which costs more than the kernel takes to write it.
 */

import { closeSync, openSync, readSync } from 'node:fs';

const FIRST_BYTES = 1 << 16;

/** Grows to what the largest file takes. */
let buffer = Buffer.alloc(0);

/** readProcFile gives the whole file, in memory that the next call writes to; undefined where it cannot be read. */
export function readProcFile(path: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    if (buffer.length === 0) buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
    let length = 0;
    for (;;) {
      if (length === buffer.length) buffer = Buffer.concat([buffer], length * 2);
      const count = readSync(descriptor, buffer, length, buffer.length - length, null);
      if (count === 0) return buffer.subarray(0, length);
      length += count;
    }
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
