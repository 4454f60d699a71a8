/**
 * Small files of /proc, read by the hundred a second: `readFileSync` allocates 64 KiB for each part that it reads of a file
 * of unknown size, which costs more than the kernel takes to write it.
 */

import { readInto } from '../kernel-text.ts';

const FIRST_BYTES = 1 << 16;

/** Grows to what the largest file takes. */
let room: Buffer | undefined;

/** readProcFile gives the whole file, in memory that the next call writes to; undefined where it cannot be read. */
export function readProcFile(path: string): Buffer | undefined {
  room ??= Buffer.allocUnsafeSlow(FIRST_BYTES);
  const text = readInto(path, room);
  if (text !== undefined && text.buffer !== room.buffer) room = Buffer.from(text.buffer);
  return text;
}
