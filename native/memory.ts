/**
 * Memory shared with the kernel, viewed in place. A view can outlive its mapping in some caller's variable, and reading
 * unmapped memory would kill the process; so closing puts empty anonymous memory in the mapping's place, and the
 * addresses are given back only once no view is left.
 */

import { readFileSync } from 'node:fs';
import { addressFrom, callLibc, foreign, openLibrary } from './library.ts';
import { NativeError } from './native-error.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MADV_DONTNEED = 4;
/** What the fields of statm count in; elsewhere pages are larger, and this only a measure of how much more it has become. */
const PAGE_BYTES = 4096;

/**
 * releaseFreeMemory gives back what the allocator keeps for later, which only glibc can, and those pages of our program's file that
 * nobody has written to: most of Node.js runs at a start only, and what is needed again the kernel still has.
 */
export function releaseFreeMemory(): void {
  try {
    if (isWorthReleasing(residentFileBytes())) releaseProgram();
    callLibc('malloc_trim', [['i64', 0]]);
  } catch {
    // Another C library, which keeps less, or no /proc.
  }
}

/** Finding out which pages are nobody's takes the kernel milliseconds. */
const WORTH_BYTES = 6 << 20;
/** Of files in memory, once what is needed had come back; undefined until then. */
let neededBytes: number | undefined;
let isReleased = false;

function isWorthReleasing(bytes: number): boolean {
  if (!isReleased) return true;
  neededBytes ??= bytes;
  return bytes > neededBytes + WORTH_BYTES;
}

function releaseProgram(): void {
  for (const [start, length] of unwrittenParts(readFileSync('/proc/self/smaps', 'latin1'), process.execPath))
    callLibc('madvise', [
      ['i64', start],
      ['i64', length],
      ['i32', MADV_DONTNEED],
    ]);
  isReleased = true;
  neededBytes = undefined;
}

/** Third field of /proc/self/statm: pages of files and of shared memory. */
function residentFileBytes(): number {
  return Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[2]) * PAGE_BYTES;
}

/** unwrittenParts finds where a file is mapped and all memory is the file's own: what was written to would be lost. */
export function unwrittenParts(smaps: string, file: string): readonly (readonly [start: number, length: number])[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((part) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p .*? ?(\/.*)$/m.exec(part);
    if (match?.[3] !== file || !/^Anonymous: +0 kB$/m.test(part)) return [];
    const start = Number.parseInt(match[1] ?? '', 16);
    return [[start, Number.parseInt(match[2] ?? '', 16) - start] as const];
  });
}

export class MappedMemory {
  #bytes: Buffer;
  readonly #address: number;
  readonly #length: number;
  #isOpen = true;

  private constructor(address: number, bytes: Buffer) {
    this.#address = address;
    this.#length = bytes.length;
    this.#bytes = bytes;
  }

  /** map shares `length` bytes of a descriptor, such as a BPF map's, from `offset` on. */
  static map(fd: number, length: number, options: { readonly offset?: number; readonly isWritable?: boolean } = {}) {
    openLibrary('libc');
    const ffi = foreign();
    const { I32, I64, External } = ffi.DataType;
    const protection = options.isWritable ? PROT_READ | PROT_WRITE : PROT_READ;
    const { value: pointer, errnoCode } = ffi.load({
      library: 'libc',
      funcName: 'mmap',
      retType: External,
      paramsType: [I64, I64, I32, I32, I32, I64],
      paramsValue: [0, length, protection, MAP_SHARED, fd, options.offset ?? 0],
      errno: true as const,
    });
    const address = ffi.load({
      library: 'libc',
      funcName: 'memmove',
      retType: I64,
      paramsType: [External, External, I64],
      paramsValue: [pointer, pointer, 0],
    });
    if (address === -1) throw new NativeError('mmap', errnoCode);
    return new MappedMemory(address, ffi.createExternalBuffer(pointer, length));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** move has the same addresses, and so every view of them, show another part of the descriptor, to be read only. */
  move(fd: number, offset: number): void {
    if (!this.#isOpen) return;
    const { value, errno } = callLibc('mmap', [
      ['i64', this.#address],
      ['i64', this.#length],
      ['i32', PROT_READ],
      ['i32', MAP_SHARED | MAP_FIXED],
      ['i32', fd],
      ['i64', offset],
    ]);
    if (value !== -1) return;
    // The kernel may have taken the old part away before it failed.
    this.close();
    throw new NativeError('mmap', errno);
  }

  /** The memory itself; empty once closed. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { buffer } = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    addressFrom('mmap', [
      ['i64', this.#address],
      ['i64', this.#length],
      ['i32', PROT_READ | PROT_WRITE],
      ['i32', MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED],
      ['i32', -1],
      ['i64', 0],
    ]);
    abandoned.register(buffer, {
      address: this.#address,
      length: this.#length,
    });
  }
}

const abandoned = new FinalizationRegistry<{
  readonly address: number;
  readonly length: number;
}>((region) => {
  callLibc('munmap', [
    ['i64', region.address],
    ['i64', region.length],
  ]);
});
