/**
 * Libraries that programs map straight out of a zip archive, written `archive!/member`: Android's packages, for one. Only
 * members that are stored as they are can be mapped, and so probed. Layout after PKWARE's APPNOTE, sections 4.3.7 to 4.3.16.
 */

import type { ByteSource } from './byte-source.ts';

const SEPARATOR = '!/';
const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_SIZE = 46;
const LOCAL_SIZE = 30;
const METHOD_STORED = 0;

/** splitArchivePath takes `archive!/member` apart; undefined for a path of the file system. */
export function splitArchivePath(path: string): { readonly archive: string; readonly member: string } | undefined {
  const at = path.indexOf(SEPARATOR);
  return at < 0 ? undefined : { archive: path.slice(0, at), member: path.slice(at + SEPARATOR.length) };
}

/** findStoredMember gives where a member's bytes lie in the archive; undefined if it is not there or compressed. */
export function findStoredMember(
  source: ByteSource,
  member: string,
): { readonly offset: number; readonly size: number } | undefined {
  const directory = readDirectory(source);
  for (let at = 0; at + ENTRY_SIZE <= directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE; ) {
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + ENTRY_SIZE, at + ENTRY_SIZE + nameLength);
    if (name === member)
      return directory.readUInt16LE(at + 10) === METHOD_STORED ? dataOf(source, directory, at) : undefined;
    at += ENTRY_SIZE + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return undefined;
}

/** The central directory, found by the record at the end of the archive. */
function readDirectory(source: ByteSource): Buffer {
  const length = Math.min(source.size, END_SIZE + LONGEST_COMMENT);
  const tail = source.read(source.size - length, length);
  for (let at = tail.length - END_SIZE; at >= 0; at--) {
    if (tail.readUInt32LE(at) === END_SIGNATURE)
      return source.read(tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12));
  }
  return Buffer.alloc(0);
}

function dataOf(source: ByteSource, directory: Buffer, entry: number) {
  const local = directory.readUInt32LE(entry + 42);
  const header = source.read(local, LOCAL_SIZE);
  if (header.length < LOCAL_SIZE) return undefined;
  return {
    offset: local + LOCAL_SIZE + header.readUInt16LE(26) + header.readUInt16LE(28),
    size: directory.readUInt32LE(entry + 24),
  };
}
