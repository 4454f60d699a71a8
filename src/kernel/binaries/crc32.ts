/**
 * CRC-32 as .gnu_debuglink uses it (the polynomial of zlib; Node 20's zlib does not export its own). Read in pieces: debug files
 * are large.
 */

import type { ByteSource } from './byte-source.ts';

const PIECE = 1 << 20;
let table: Uint32Array | undefined;

/** crc32 sums up a whole source. */
export function crc32(source: ByteSource): number {
  table ??= makeTable();
  let sum = 0xffffffff;
  for (let at = 0; at < source.size; at += PIECE)
    for (const byte of source.read(at, PIECE)) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] ?? 0);
  return (sum ^ 0xffffffff) >>> 0;
}

function makeTable(): Uint32Array {
  return new Uint32Array(256).map((_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
}
