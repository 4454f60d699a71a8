/**
 * The symbols of mapped files, kept once per file (device, inode, modification time, size) however many processes map it.
 * An address in a process is an offset in a file first; the file's program headers make it the address its symbol table
 * speaks of, which serves fixed, position-independent and prelinked binaries alike.
 */

import { statSync } from 'node:fs';
import { memorySource } from '../kernel/binaries/byte-source.ts';
import { openWithDebugInfo } from '../kernel/binaries/debug-files.ts';
import { type DebugInfo, openDebugInfo, type SourceFrame } from '../kernel/binaries/dwarf/debug-info.ts';
import { addressOf, type ElfSegment, findSection, readElf } from '../kernel/binaries/elf.ts';
import { readSymbolTable, type SymbolTable } from '../kernel/binaries/symbol-table.ts';
import type { FileSymbols, SymbolSource } from './symbol-source.ts';

export interface FileSymbol {
  /** As in the symbol table, not demangled. */
  readonly name: string;
  /** Bytes from the symbol's start. */
  readonly offset: number;
}

/** NamedPlace is what a symbol is around a place, too. */
export interface NamedPlace extends FileSymbol {
  readonly before: number;
  /** At least one. */
  readonly behind: number;
}

/** SymbolFile answers for one binary; empty for files that are none. */
export class SymbolFile implements FileSymbols {
  readonly #segments: readonly ElfSegment[];
  readonly #table: SymbolTable | undefined;
  readonly #debugInfo: () => DebugInfo | undefined;
  readonly #frames = new Map<number, readonly SourceFrame[]>();

  constructor(
    segments: readonly ElfSegment[],
    table: SymbolTable | undefined,
    debugInfo: () => DebugInfo | undefined = () => undefined,
  ) {
    this.#segments = segments;
    this.#table = table;
    this.#debugInfo = debugInfo;
  }

  /** Of memory, that the table takes. */
  get bytes(): number {
    return this.#table?.bytes ?? 0;
  }

  /** The functions at this offset of the file, inlined ones first, as far as debug information tells. */
  sourceFramesAt(fileOffset: number): readonly SourceFrame[] {
    const known = this.#frames.get(fileOffset);
    if (known) return known;
    const address = addressOf({ segments: this.#segments }, fileOffset);
    const frames = (address !== undefined && this.#debugInfo()?.framesAt(address)) || [];
    if (this.#frames.size >= MAX_REMEMBERED) this.#frames.clear();
    this.#frames.set(fileOffset, frames);
    return frames;
  }

  /** The function or object that covers the byte at this offset of the file. */
  symbolAt(fileOffset: number): FileSymbol | undefined {
    const address = addressOf({ segments: this.#segments }, fileOffset);
    return address === undefined ? undefined : this.symbolAtAddress(address);
  }

  /** The symbol at this offset of the file, and how many bytes before it and from it on have the same. */
  placeAt(fileOffset: number): NamedPlace | undefined {
    const address = addressOf({ segments: this.#segments }, fileOffset);
    const symbol = address === undefined ? undefined : this.symbolAtAddress(address);
    if (address === undefined || symbol === undefined || this.#table === undefined) return undefined;
    const [start, end] = this.#table.extentAt(address);
    return { ...symbol, before: address - start, behind: end - address };
  }

  symbolAtAddress(address: number): FileSymbol | undefined {
    const index = this.#table?.find(address) ?? -1;
    if (!this.#table || index < 0) return undefined;
    return { name: this.#table.name(index), offset: address - this.#table.address(index) };
  }
}

const EMPTY = new SymbolFile([], undefined);
const MAX_FILES = 256;
const MAX_REMEMBERED = 65_536;
/** Debug information keeps its file open and large sections in memory. */
const MAX_DEBUG_INFOS = 8;

/** SymbolFiles is the cache: of so many files and so many bytes, those that were asked for last. */
export class SymbolFiles implements SymbolSource {
  readonly #maxFiles: number;
  readonly #maxBytes: number;
  #bytes = 0;
  readonly #byIdentity = new Map<string, SymbolFile>();
  readonly #debugInfos = new Map<string, DebugInfo>();

  constructor(maxFiles = MAX_FILES, maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxFiles = maxFiles;
    this.#maxBytes = maxBytes;
  }

  /** The symbols of the file at this path as it is now. */
  open(path: string): SymbolFile {
    const identity = identify(path);
    if (identity === undefined) return EMPTY;
    const known = this.#byIdentity.get(identity);
    if (known) {
      this.#byIdentity.delete(identity);
      this.#byIdentity.set(identity, known);
      return known;
    }
    const file =
      openWithDebugInfo(path, (binary, debug) => {
        const hasDebugInfo = [binary, ...debug].some((elf) => findSection(elf, '.debug_info'));
        return new SymbolFile(
          binary.segments,
          readSymbolTable(binary, ...debug),
          hasDebugInfo ? () => this.#debugInfo(path, identity) : undefined,
        );
      }) ?? EMPTY;
    this.#keep(identity, file);
    return file;
  }

  /** The symbols of an image in memory, such as the vdso. */
  openImage(bytes: Uint8Array): SymbolFile {
    const elf = readElf(memorySource(bytes, 'image'));
    return elf ? new SymbolFile(elf.segments, readSymbolTable(elf)) : EMPTY;
  }

  #debugInfo(path: string, identity: string): DebugInfo | undefined {
    const known = this.#debugInfos.get(identity);
    if (known) return known;
    const info = identify(path) === identity ? openDebugInfo(path) : undefined;
    if (!info) return undefined;
    this.#debugInfos.set(identity, info);
    const [oldest] = this.#debugInfos;
    if (oldest && this.#debugInfos.size > MAX_DEBUG_INFOS) {
      oldest[1].close();
      this.#debugInfos.delete(oldest[0]);
    }
    return info;
  }

  /** The newest stays, however large it is. */
  #keep(identity: string, file: SymbolFile): void {
    this.#byIdentity.set(identity, file);
    this.#bytes += file.bytes;
    for (const [oldest, { bytes }] of this.#byIdentity) {
      const isFull = this.#byIdentity.size > this.#maxFiles || this.#bytes > this.#maxBytes;
      if (!isFull || oldest === identity) break;
      this.#byIdentity.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}

/** identify names a file by device, inode, modification time and size; undefined if it is out of reach. */
export function identify(path: string): string | undefined {
  try {
    const stat = statSync(path, { bigint: true });
    return `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`;
  } catch {
    return undefined;
  }
}
