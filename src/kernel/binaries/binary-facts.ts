/**
 * BinaryFacts on the real file system. What was read of a binary is kept as long as the file is the same one (device,
 * inode, modification time, size); the descriptor is closed at once.
 */

import { statSync } from 'node:fs';
import type { CFunction, CType } from '../../ctype/ctype.ts';
import { demangle } from '../../symbols/demangle.ts';
import type { BinaryFacts, BinarySymbol, SourceLocation, UsdtProbe } from '../facts.ts';
import { findStoredMember, splitArchivePath } from './archive.ts';
import { resolveBinary } from './binary-path.ts';
import { openFileSource } from './byte-source.ts';
import { openWithDebugInfo } from './debug-files.ts';
import { type DebugInfo, type NamedKind, openDebugInfo } from './dwarf/debug-info.ts';
import { type ElfSegment, fileOffsetOf, withElf } from './elf.ts';
import { readSymbolTable, type SymbolTable } from './symbol-table.ts';
import { targetNames } from './target-names.ts';
import { readUsdtProbes } from './usdt-notes.ts';
import { isInsideInstruction, LONGEST_INSTRUCTION } from './x86-length.ts';

interface KnownBinary {
  readonly identity: string;
  symbols?: readonly BinarySymbol[];
  usdt?: readonly UsdtProbe[];
  segments?: readonly ElfSegment[];
}

const MAX_KNOWN = 64;

/** LiveBinaryFacts answers from the files themselves. */
export class LiveBinaryFacts implements BinaryFacts {
  readonly #known = new Map<string, KnownBinary>();
  #debug: { readonly path: string; readonly identity: string; readonly info: DebugInfo | undefined } | undefined;

  resolve(target: string, pid?: number): readonly string[] {
    return resolveBinary(target, pid);
  }

  targets(prefix: string): readonly string[] {
    return targetNames(prefix);
  }

  symbols(path: string): readonly BinarySymbol[] {
    const known = this.#lookUp(path);
    known.symbols ??= readBinarySymbols(path);
    return known.symbols;
  }

  usdt(path: string): readonly UsdtProbe[] {
    const known = this.#lookUp(path);
    known.usdt ??= withElf(path, readUsdtProbes) ?? [];
    return known.usdt;
  }

  fileOffset(path: string, address: bigint): bigint | undefined {
    const known = this.#lookUp(path);
    known.segments ??= withElf(path, (elf) => elf.segments) ?? [];
    const offset = fileOffsetOf({ segments: known.segments }, Number(address));
    return offset === undefined ? undefined : BigInt(offset);
  }

  isInsideInstruction(path: string, symbol: BinarySymbol, offset: bigint): boolean {
    const isInside = withElf(path, (elf) => {
      if (elf.machine !== 'x86_64') return false;
      const length = Math.min(symbol.size, Number(offset) + LONGEST_INSTRUCTION);
      return isInsideInstruction(elf.source.read(Number(symbol.fileOffset), length), Number(offset));
    });
    return isInside ?? false;
  }

  mappedAt(path: string): { readonly path: string; readonly offset: bigint } {
    const within = splitArchivePath(path);
    if (within === undefined) return { path, offset: 0n };
    const source = openFileSource(within.archive);
    const member = source && findStoredMember(source, within.member);
    source?.close();
    return { path: within.archive, offset: BigInt(member?.offset ?? 0) };
  }

  functionType(path: string, symbol: string): CFunction | undefined {
    const info = this.#debugInfo(path);
    if (!info) return undefined;
    for (const one of this.symbols(path)) {
      if (one.name !== symbol || !one.isFunction) continue;
      const type = info.functionAt(Number(one.address));
      if (type) return type;
    }
    return undefined;
  }

  namedType(path: string, kind: NamedKind, name: string): CType | undefined {
    return this.#debugInfo(path)?.typeNamed(kind, name);
  }

  sourceLines(path: string, file: string, line: number): readonly SourceLocation[] {
    const found = this.#debugInfo(path)?.addressesOf(file, line) ?? [];
    return found.flatMap((one) => {
      const fileOffset = this.fileOffset(path, BigInt(one.address));
      return fileOffset === undefined ? [] : [{ file: one.file, line: one.line, fileOffset }];
    });
  }

  /** Kept open for one binary at a time: a script asks for many functions of the same one. */
  #debugInfo(path: string): DebugInfo | undefined {
    const identity = identify(path);
    if (this.#debug?.path !== path || this.#debug.identity !== identity) {
      this.#debug?.info?.close();
      this.#debug = { path, identity, info: openDebugInfo(path) };
    }
    return this.#debug.info;
  }

  #lookUp(path: string): KnownBinary {
    const identity = identify(path);
    const known = this.#known.get(path);
    if (known?.identity === identity) return known;
    const fresh: KnownBinary = { identity };
    this.#known.delete(path);
    this.#known.set(path, fresh);
    const oldest = this.#known.keys().next();
    if (this.#known.size > MAX_KNOWN && !oldest.done) this.#known.delete(oldest.value);
    return fresh;
  }
}

function identify(path: string): string {
  try {
    const stat = statSync(splitArchivePath(path)?.archive ?? path, { bigint: true });
    return `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`;
  } catch {
    return '';
  }
}

function readBinarySymbols(path: string): readonly BinarySymbol[] {
  return (
    openWithDebugInfo(path, (binary, debug) => {
      const table = readSymbolTable(binary, ...debug);
      const symbols: BinarySymbol[] = [];
      for (let index = 0; index < table.length; index++) {
        const offset = fileOffsetOf(binary, table.address(index));
        // Variables in .bss have no place in the file, but an address for uaddr().
        if (offset !== undefined || !table.isFunction(index)) symbols.push(new TableSymbol(table, index, offset ?? 0));
      }
      return symbols;
    }) ?? []
  );
}

/** A row of the symbol table; texts and bigints are made when asked for, since most rows never are. */
class TableSymbol implements BinarySymbol {
  readonly #table: SymbolTable;
  readonly #index: number;
  readonly #fileOffset: number;

  constructor(table: SymbolTable, index: number, fileOffset: number) {
    this.#table = table;
    this.#index = index;
    this.#fileOffset = fileOffset;
  }

  get name(): string {
    return this.#table.name(this.#index);
  }

  get demangled(): string | undefined {
    const name = this.name;
    const readable = demangle(name);
    return readable === name ? undefined : readable;
  }

  get address(): bigint {
    return BigInt(this.#table.address(this.#index));
  }

  get size(): number {
    return this.#table.size(this.#index);
  }

  get fileOffset(): bigint {
    return BigInt(this.#fileOffset);
  }

  get isFunction(): boolean {
    return this.#table.isFunction(this.#index);
  }
}
