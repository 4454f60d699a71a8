/**
 * Lazy ELF reader: the header and the section and program headers at once, everything else when asked. Little endian,
 * 32 and 64 bits. Addresses are `number`: user space ends at 2^47 (2^56 with five-level tables), and 2^53 is exact for
 * every file linked for it. Sizes and offsets of a file are not to be trusted: reads are cut at its end.
 */

import { inflateSync } from 'node:zlib';
import { type ByteSource, openFileSource } from './byte-source.ts';

export type ElfMachine = 'x86_64' | 'aarch64' | 'i386' | 'other';

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly entrySize: number;
}

export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

export interface Elf {
  readonly source: ByteSource;
  readonly is64: boolean;
  readonly machine: ElfMachine;
  /** ET_EXEC 2, ET_DYN 3, ET_REL 1, ET_CORE 4. */
  readonly type: number;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
}

export const SECTION_SYMTAB = 2;
export const SECTION_NOBITS = 8;
export const SECTION_DYNSYM = 11;
export const SECTION_NOTE = 7;
export const SEGMENT_LOAD = 1;
export const SEGMENT_NOTE = 4;
export const TYPE_RELOCATABLE = 1;
export const TYPE_EXECUTABLE = 2;
export const TYPE_SHARED = 3;
const SEGMENT_EXECUTABLE = 1;
const FLAG_COMPRESSED = 0x800;
const COMPRESSION_ZLIB = 1;
/** Far above any real file, far below what would hurt. */
const MAX_HEADERS = 100_000;
const MAX_UNPACKED_BYTES = 1 << 30;

const MACHINES: Readonly<Record<number, ElfMachine>> = {
  3: 'i386',
  62: 'x86_64',
  183: 'aarch64',
};

/** openElf opens and reads the headers of an ELF file; undefined for anything that is none. */
export function openElf(path: string): Elf | undefined {
  const source = openFileSource(path);
  if (!source) return undefined;
  const elf = readElf(source);
  if (!elf) source.close();
  return elf;
}

/** withElf opens a file for the time of `use`. */
export function withElf<T>(path: string, use: (elf: Elf) => T | undefined): T | undefined {
  const elf = openElf(path);
  if (!elf) return undefined;
  try {
    return use(elf);
  } finally {
    elf.source.close();
  }
}

/** readElf reads the headers from a source. */
export function readElf(source: ByteSource): Elf | undefined {
  const head = source.read(0, 64);
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const is64 = head[4] === 2;
  if ((!is64 && head[4] !== 1) || head[5] !== 1) return undefined;
  if (is64 && head.length < 64) return undefined;
  const header = {
    segmentOffset: is64 ? readWord(head, 32) : head.readUInt32LE(28),
    sectionOffset: is64 ? readWord(head, 40) : head.readUInt32LE(32),
    segmentSize: head.readUInt16LE(is64 ? 54 : 42),
    segmentCount: head.readUInt16LE(is64 ? 56 : 44),
    sectionSize: head.readUInt16LE(is64 ? 58 : 46),
    sectionCount: head.readUInt16LE(is64 ? 60 : 48),
    namesIndex: head.readUInt16LE(is64 ? 62 : 50),
  };
  return {
    source,
    is64,
    machine: MACHINES[head.readUInt16LE(18)] ?? 'other',
    type: head.readUInt16LE(16),
    sections: readSections(source, is64, header),
    segments: readSegments(source, is64, header),
  };
}

interface HeaderTables {
  readonly segmentOffset: number;
  readonly sectionOffset: number;
  readonly segmentSize: number;
  readonly segmentCount: number;
  readonly sectionSize: number;
  readonly sectionCount: number;
  readonly namesIndex: number;
}

function readSegments(source: ByteSource, is64: boolean, header: HeaderTables): ElfSegment[] {
  const size = header.segmentSize;
  if (size < (is64 ? 56 : 32)) return [];
  const table = source.read(header.segmentOffset, size * header.segmentCount);
  const segments: ElfSegment[] = [];
  for (let at = 0; at + size <= table.length; at += size) {
    segments.push(
      is64
        ? {
            type: table.readUInt32LE(at),
            flags: table.readUInt32LE(at + 4),
            offset: readWord(table, at + 8),
            address: readWord(table, at + 16),
            fileSize: readWord(table, at + 32),
            memorySize: readWord(table, at + 40),
          }
        : {
            type: table.readUInt32LE(at),
            offset: table.readUInt32LE(at + 4),
            address: table.readUInt32LE(at + 8),
            fileSize: table.readUInt32LE(at + 16),
            memorySize: table.readUInt32LE(at + 20),
            flags: table.readUInt32LE(at + 24),
          },
    );
  }
  return segments;
}

function readSections(source: ByteSource, is64: boolean, header: HeaderTables): ElfSection[] {
  const size = header.sectionSize;
  if (header.sectionOffset === 0 || size < (is64 ? 64 : 40)) return [];
  let count = header.sectionCount;
  let namesIndex = header.namesIndex;
  const first = source.read(header.sectionOffset, size);
  if (first.length < size) return [];
  // With too many sections for 16 bits, section 0 holds the real numbers.
  if (count === 0) count = is64 ? readWord(first, 32) : first.readUInt32LE(20);
  if (namesIndex === 0xffff) namesIndex = first.readUInt32LE(is64 ? 40 : 24);
  if (count > MAX_HEADERS) return [];
  const table = source.read(header.sectionOffset, size * count);
  const raw: (ElfSection & { readonly nameOffset: number })[] = [];
  for (let at = 0; at + size <= table.length; at += size) {
    raw.push(
      is64
        ? {
            name: '',
            nameOffset: table.readUInt32LE(at),
            type: table.readUInt32LE(at + 4),
            flags: readWord(table, at + 8),
            address: readWord(table, at + 16),
            offset: readWord(table, at + 24),
            size: readWord(table, at + 32),
            link: table.readUInt32LE(at + 40),
            entrySize: readWord(table, at + 56),
          }
        : {
            name: '',
            nameOffset: table.readUInt32LE(at),
            type: table.readUInt32LE(at + 4),
            flags: table.readUInt32LE(at + 8),
            address: table.readUInt32LE(at + 12),
            offset: table.readUInt32LE(at + 16),
            size: table.readUInt32LE(at + 20),
            link: table.readUInt32LE(at + 24),
            entrySize: table.readUInt32LE(at + 36),
          },
    );
  }
  const namesSection = raw[namesIndex];
  const names = namesSection ? source.read(namesSection.offset, namesSection.size) : Buffer.alloc(0);
  return raw.map(({ nameOffset, ...section }) => ({
    ...section,
    name: readName(names, nameOffset),
  }));
}

/** findSection returns the section of that name. */
export function findSection(elf: Elf, name: string): ElfSection | undefined {
  return elf.sections.find((section) => section.name === name);
}

/** readSection returns a section's bytes, unpacked if it is compressed; empty if it has none or cannot be read. */
export function readSection(elf: Elf, section: ElfSection): Buffer {
  if (section.type === SECTION_NOBITS) return Buffer.alloc(0);
  const bytes = elf.source.read(section.offset, section.size);
  if ((section.flags & FLAG_COMPRESSED) === 0) return bytes;
  const headerSize = elf.is64 ? 24 : 12;
  if (bytes.length < headerSize || bytes.readUInt32LE(0) !== COMPRESSION_ZLIB) return Buffer.alloc(0);
  const size = elf.is64 ? readWord(bytes, 8) : bytes.readUInt32LE(4);
  try {
    return inflateSync(bytes.subarray(headerSize), {
      maxOutputLength: Math.min(size, MAX_UNPACKED_BYTES),
    });
  } catch {
    return Buffer.alloc(0);
  }
}

type WithSegments = Pick<Elf, 'segments'>;

/** fileOffsetOf finds where in the file the byte at a virtual address lies. */
export function fileOffsetOf(elf: WithSegments, address: number): number | undefined {
  for (const segment of elf.segments)
    if (segment.type === SEGMENT_LOAD && address >= segment.address && address < segment.address + segment.fileSize)
      return address - segment.address + segment.offset;
  return undefined;
}

/** addressOf is the inverse of `fileOffsetOf`; executable segments first, since two may share a page of the file. */
export function addressOf(elf: WithSegments, fileOffset: number): number | undefined {
  let found: number | undefined;
  for (const segment of elf.segments) {
    if (segment.type !== SEGMENT_LOAD || fileOffset < segment.offset || fileOffset >= segment.offset + segment.fileSize)
      continue;
    const address = fileOffset - segment.offset + segment.address;
    if (segment.flags & SEGMENT_EXECUTABLE) return address;
    found ??= address;
  }
  return found;
}

/** isExecutableElf tells whether uprobes can go anywhere into it. */
export function isExecutableElf(elf: Elf): boolean {
  return (
    (elf.type === TYPE_EXECUTABLE || elf.type === TYPE_SHARED) &&
    elf.segments.some((segment) => segment.type === SEGMENT_LOAD && segment.flags & SEGMENT_EXECUTABLE)
  );
}

/** readWord reads a little-endian u64 as a number; exact up to 2^53. */
export function readWord(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000;
}

/** readName reads the NUL-terminated Latin-1 text at an offset of a string table. */
export function readName(table: Buffer, offset: number): string {
  if (offset >= table.length) return '';
  const end = table.indexOf(0, offset);
  return table.toString('latin1', offset, end < 0 ? table.length : end);
}
