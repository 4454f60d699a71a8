/**
 * The symbols of mapped files, kept once per file (device, inode, modification time, size) however many processes map it.
 * An address in a process is an offset in a file first; the file's program headers make it the address its symbol table
 * speaks of, which serves fixed, position-independent and prelinked binaries alike.
 */

import { statSync } from 'node:fs';
import { memorySource } from '../kernel/binaries/byte-source.ts';
import { openWithDebugInfo } from '../kernel/binaries/debug-files.ts';
import { addressOf, type ElfSegment, readElf } from '../kernel/binaries/elf.ts';
import { readSymbolTable, type SymbolTable } from '../kernel/binaries/symbol-table.ts';

export interface FileSymbol {
  /** As in the symbol table, not demangled. */
  readonly name: string;
  /** Bytes from the symbol's start. */
  readonly offset: number;
}

/** SymbolFile answers for one binary; empty for files that are none. */
export class SymbolFile {
  readonly #segments: readonly ElfSegment[];
  readonly #table: SymbolTable | undefined;

  constructor(segments: readonly ElfSegment[], table: SymbolTable | undefined) {
    this.#segments = segments;
    this.#table = table;
  }

  /** The function or object that covers the byte at this offset of the file. */
  symbolAt(fileOffset: number): FileSymbol | undefined {
    const address = addressOf({ segments: this.#segments }, fileOffset);
    return address === undefined ? undefined : this.symbolAtAddress(address);
  }

  symbolAtAddress(address: number): FileSymbol | undefined {
    const index = this.#table?.find(address) ?? -1;
    if (!this.#table || index < 0) return undefined;
    return { name: this.#table.name(index), offset: address - this.#table.address(index) };
  }
}

const EMPTY = new SymbolFile([], undefined);
const MAX_FILES = 256;

/** SymbolFiles is the cache. */
export class SymbolFiles {
  readonly #byIdentity = new Map<string, SymbolFile>();

  /** The symbols of the file at this path as it is now. */
  open(path: string): SymbolFile {
    let identity: string;
    try {
      const stat = statSync(path, { bigint: true });
      identity = `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`;
    } catch {
      return EMPTY;
    }
    const known = this.#byIdentity.get(identity);
    if (known) return known;
    const file =
      openWithDebugInfo(path, (binary, debug) => new SymbolFile(binary.segments, readSymbolTable(binary, ...debug))) ??
      EMPTY;
    this.#keep(identity, file);
    return file;
  }

  /** The symbols of an image in memory, such as the vdso. */
  openImage(bytes: Uint8Array): SymbolFile {
    const elf = readElf(memorySource(bytes, 'image'));
    return elf ? new SymbolFile(elf.segments, readSymbolTable(elf)) : EMPTY;
  }

  #keep(identity: string, file: SymbolFile): void {
    this.#byIdentity.set(identity, file);
    const oldest = this.#byIdentity.keys().next();
    if (this.#byIdentity.size > MAX_FILES && !oldest.done) this.#byIdentity.delete(oldest.value);
  }
}
