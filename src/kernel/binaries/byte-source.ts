/**
 * Where the bytes of a binary come from: a file read piecemeal (node itself has 100 MB), or memory (the vdso, an
 * unpacked .gnu_debugdata). Reads beyond the end come back short; nothing here throws, since the files belong to
 * whoever is traced.
 */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { findStoredMember, splitArchivePath } from './archive.ts';

export interface ByteSource {
  readonly size: number;
  /** Identity of the contents: device, inode, modification time and size for a file. */
  readonly identity: string;
  /** At most `length` bytes from `offset`; the copy starts at byte 0 of its own ArrayBuffer. */
  read(offset: number, length: number): Buffer;
  close(): void;
}

/** openFileSource opens a regular file, or a member of an archive (`archive!/member`); undefined for anything else, and never blocks on a FIFO or a device. */
export function openFileSource(path: string): ByteSource | undefined {
  const within = splitArchivePath(path);
  if (within === undefined) return openWholeFile(path);
  const archive = openWholeFile(within.archive);
  const member = archive && findStoredMember(archive, within.member);
  if (archive !== undefined && member !== undefined)
    return new PartSource(archive, member.offset, member.size, within.member);
  archive?.close();
  return undefined;
}

function openWholeFile(path: string): ByteSource | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) throw new Error('not a regular file');
    return new FileSource(descriptor, Number(stat.size), `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`);
  } catch {
    closeSync(descriptor);
    return undefined;
  }
}

/** memorySource reads from bytes already at hand. */
export function memorySource(bytes: Uint8Array, identity: string): ByteSource {
  return {
    size: bytes.length,
    identity,
    read(offset, length) {
      const part = bytes.subarray(offset, offset + length);
      const copy = Buffer.allocUnsafeSlow(part.length);
      copy.set(part);
      return copy;
    },
    close() {},
  };
}

/** A stored member of an archive. */
class PartSource implements ByteSource {
  readonly size: number;
  readonly identity: string;
  readonly #whole: ByteSource;
  readonly #start: number;

  constructor(whole: ByteSource, start: number, size: number, name: string) {
    this.#whole = whole;
    this.#start = start;
    this.size = size;
    this.identity = `${whole.identity}!/${name}`;
  }

  read(offset: number, length: number): Buffer {
    return this.#whole.read(this.#start + offset, Math.max(0, Math.min(length, this.size - offset)));
  }

  close(): void {
    this.#whole.close();
  }
}

class FileSource implements ByteSource {
  readonly size: number;
  readonly identity: string;
  #descriptor: number;

  constructor(descriptor: number, size: number, identity: string) {
    this.#descriptor = descriptor;
    this.size = size;
    this.identity = identity;
  }

  read(offset: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    // Not from the shared pool: typed arrays over it need the alignment.
    const buffer = Buffer.allocUnsafeSlow(wanted);
    if (this.#descriptor < 0 || wanted === 0) return buffer.subarray(0, 0);
    let done = 0;
    try {
      while (done < wanted) {
        const count = readSync(this.#descriptor, buffer, done, wanted - done, offset + done);
        if (count === 0) break;
        done += count;
      }
    } catch {
      // Truncated or gone meanwhile: what was read stands.
    }
    return buffer.subarray(0, done);
  }

  close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}
