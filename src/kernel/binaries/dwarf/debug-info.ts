/**
 * Questions to the debug information of one binary: the type of a function, the line of an address with the functions inlined
 * there, the addresses of a line. The unit is found by address first, so that only that unit is read.
 */

import type { CFunction, CType } from '../../../ctype/ctype.ts';
import { openDebugFile } from '../debug-files.ts';
import { type Elf, findSection, openElf, readSection } from '../elf.ts';
import { lastNotAbove } from '../symbol-table.ts';
import { AT, TAG } from './constants.ts';
import { DwarfDamage } from './cursor.ts';
import { DwarfFile, type Entry, type Unit } from './dwarf-file.ts';
import { type LineTable, readLineTable, type SourceLine } from './line-table.ts';
import type { AddressRange } from './range-lists.ts';
import { DwarfTypes } from './types.ts';

/** One function at an address; the innermost comes first. */
export interface SourceFrame {
  /** Linkage name where there is one, to be demangled; absent for the function that was not inlined. */
  readonly inlinedName?: string;
  readonly line?: SourceLine;
}

export interface LineAddress {
  readonly address: number;
  readonly file: string;
  readonly line: number;
}

interface FunctionRange extends AddressRange {
  readonly entry: Entry;
}

export type NamedKind = 'struct' | 'union' | 'enum' | 'typedef';

const TAGS: Readonly<Record<NamedKind, ReadonlySet<number>>> = {
  struct: new Set([TAG.structureType, TAG.classType]),
  union: new Set([TAG.unionType]),
  enum: new Set([TAG.enumerationType]),
  typedef: new Set([TAG.typedef]),
};

const MAX_INLINE_DEPTH = 64;
const INLINE_NAME_LENGTH = 8;

export class DebugInfo {
  readonly #elf: Elf;
  readonly #file: DwarfFile;
  readonly #types: DwarfTypes;
  readonly #functions = new Map<Unit, readonly FunctionRange[]>();
  readonly #lines = new Map<Unit, LineTable | undefined>();
  #ranges: readonly (AddressRange & { readonly unit: Unit })[] | undefined;
  #starts = new Float64Array();
  readonly #named = new Map<string, CType | undefined>();
  #strings: Buffer | undefined;

  constructor(elf: Elf) {
    this.#elf = elf;
    this.#file = new DwarfFile(elf);
    this.#types = new DwarfTypes(this.#file);
  }

  /** The signature of the function that begins at an address. */
  functionAt(address: number): CFunction | undefined {
    return this.#guard(() => {
      const unit = this.#unitOf(address);
      const found = unit && this.#functionsOf(unit).find((one) => one.start === address);
      return found && this.#types.function(found.entry);
    });
  }

  /** The definition of a named type; C++ namespaces are looked into. Finding none takes a walk through all units. */
  typeNamed(kind: NamedKind, name: string): CType | undefined {
    const key = `${kind} ${name}`;
    if (!this.#named.has(key)) this.#named.set(key, this.#findType(TAGS[kind], name));
    return this.#named.get(key);
  }

  #findType(tags: ReadonlySet<number>, name: string): CType | undefined {
    if (!this.#mentions(name)) return undefined;
    for (const unit of this.#guard(() => this.#file.units) ?? []) {
      const type = this.#guard(() => {
        const root = this.#file.entry(unit, unit.rootOffset);
        const found = root && this.#findDefinition(root, tags, name);
        return found && this.#types.type(found);
      });
      if (type !== undefined) return type;
    }
    return undefined;
  }

  #findDefinition(parent: Entry, tags: ReadonlySet<number>, name: string): Entry | undefined {
    for (const child of this.#file.children(parent)) {
      if (tags.has(child.tag)) {
        if (!child.attributes.has(AT.declaration) && this.#file.text(child, AT.name) === name) return child;
      } else if (child.tag === TAG.namespace || child.tag === TAG.module) {
        const inner = this.#findDefinition(child, tags, name);
        if (inner !== undefined) return inner;
      }
    }
    return undefined;
  }

  /** Names longer than what refers to them lie in the section of strings: most names that are not there cost one search. */
  #mentions(name: string): boolean {
    const section = findSection(this.#elf, '.debug_str');
    if (section === undefined || name.length <= INLINE_NAME_LENGTH) return true;
    this.#strings ??= readSection(this.#elf, section);
    return this.#strings.indexOf(`${name}\0`) >= 0;
  }

  /** The functions whose code an address is, inlined ones first, each with its line. */
  framesAt(address: number): readonly SourceFrame[] {
    return (
      this.#guard(() => {
        const unit = this.#unitOf(address);
        if (!unit) return undefined;
        const lines = this.#linesOf(unit);
        let line = lines?.find(address);
        const frames: SourceFrame[] = [];
        for (const inlined of this.#inlinedAt(unit, address).reverse()) {
          frames.push({ inlinedName: this.#linkageName(inlined), ...(line && { line }) });
          const callFile = this.#file.number(inlined, AT.callFile);
          const callLine = this.#file.number(inlined, AT.callLine);
          line =
            callFile === undefined || callLine === undefined
              ? undefined
              : { file: lines?.fileName(callFile) ?? '', line: callLine };
        }
        return line || frames.length > 0 ? [...frames, line ? { line } : {}] : undefined;
      }) ?? []
    );
  }

  /** Where the code of a line begins: once per function. `file` is a path or the end of one. */
  addressesOf(file: string, line: number): readonly LineAddress[] {
    const matches = (path: string) => path === file || path.endsWith(`/${file}`);
    const found: LineAddress[] = [];
    for (const unit of this.#guard(() => this.#file.units) ?? []) {
      const rows = this.#guard(() => this.#linesOf(unit)?.statements(line, matches)) ?? [];
      if (rows.length === 0) continue;
      const functions = this.#guard(() => this.#functionsOf(unit)) ?? [];
      const seen = new Set<FunctionRange | undefined>();
      for (const row of rows) {
        const inside = functions.find((one) => row.address >= one.start && row.address < one.end);
        if (seen.has(inside)) continue;
        seen.add(inside);
        found.push(row);
      }
    }
    return found;
  }

  close(): void {
    this.#elf.source.close();
  }

  #unitOf(address: number): Unit | undefined {
    if (!this.#ranges) {
      const ranges = this.#file.units.flatMap((unit) => {
        const root = this.#file.entry(unit, unit.rootOffset);
        return root ? this.#file.ranges(root).map((range) => ({ ...range, unit })) : [];
      });
      ranges.sort((left, right) => left.start - right.start);
      this.#ranges = ranges;
      this.#starts = Float64Array.from(ranges, (range) => range.start);
    }
    const range = this.#ranges[lastNotAbove(this.#starts, address)];
    return range && address < range.end ? range.unit : undefined;
  }

  #functionsOf(unit: Unit): readonly FunctionRange[] {
    let functions = this.#functions.get(unit);
    if (!functions) {
      const found: FunctionRange[] = [];
      const root = this.#file.entry(unit, unit.rootOffset);
      if (root) this.#collectFunctions(root, found);
      functions = found;
      this.#functions.set(unit, functions);
    }
    return functions;
  }

  #collectFunctions(parent: Entry, found: FunctionRange[]): void {
    for (const child of this.#file.children(parent)) {
      if (child.tag === TAG.subprogram)
        for (const range of this.#file.ranges(child)) found.push({ ...range, entry: child });
      else if (child.tag === TAG.namespace || child.tag === TAG.module) this.#collectFunctions(child, found);
    }
  }

  /** The inlined calls that contain the address, outermost first. */
  #inlinedAt(unit: Unit, address: number): Entry[] {
    const covers = (entry: Entry) =>
      this.#file.ranges(entry).some((range) => address >= range.start && address < range.end);
    const inlined: Entry[] = [];
    let scope = this.#functionsOf(unit).find((one) => address >= one.start && address < one.end)?.entry;
    for (let depth = 0; scope && depth < MAX_INLINE_DEPTH; depth++) {
      let inner: Entry | undefined;
      for (const child of this.#file.children(scope)) {
        if ((child.tag === TAG.inlinedSubroutine || child.tag === TAG.lexicalBlock) && covers(child)) {
          inner = child;
          break;
        }
      }
      if (inner?.tag === TAG.inlinedSubroutine) inlined.push(inner);
      scope = inner;
    }
    return inlined;
  }

  #linkageName(entry: Entry): string {
    let source: Entry | undefined = entry;
    for (let depth = 0; source && depth < 4; depth++) {
      const name = this.#file.text(source, AT.linkageName) ?? this.#file.text(source, AT.mipsLinkageName);
      if (name) return name;
      source = this.#file.reference(source, AT.abstractOrigin) ?? this.#file.reference(source, AT.specification);
    }
    return this.#types.name(entry);
  }

  #linesOf(unit: Unit): LineTable | undefined {
    if (!this.#lines.has(unit)) this.#lines.set(unit, readLineTable(this.#file, unit));
    return this.#lines.get(unit);
  }

  /** Damaged debug information is as good as none. */
  #guard<T>(ask: () => T | undefined): T | undefined {
    try {
      return ask();
    } catch (error) {
      if (error instanceof DwarfDamage || error instanceof RangeError) return undefined;
      throw error;
    }
  }
}

/** openDebugInfo opens the debug information of a binary, in itself or in its debug file; close it after use. */
export function openDebugInfo(path: string): DebugInfo | undefined {
  const binary = openElf(path);
  if (!binary) return undefined;
  if (findSection(binary, '.debug_info')) return new DebugInfo(binary);
  const debug = openDebugFile(binary, path);
  binary.source.close();
  if (debug && findSection(debug, '.debug_info')) return new DebugInfo(debug);
  debug?.source.close();
  return undefined;
}
