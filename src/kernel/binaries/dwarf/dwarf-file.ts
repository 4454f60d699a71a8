/**
 * Units, entries (DIEs) and attributes of a binary's debug information. Sections are read when first needed; units are
 * known by their headers and first entry, so that a question about one address reads one unit. Attribute values stay
 * numbers; texts are fetched on demand.
 */

import { type Elf, findSection, readName, readSection } from '../elf.ts';
import { type AbbreviationTable, readAbbreviations } from './abbreviations.ts';
import { AT, FORM } from './constants.ts';
import { Cursor, DwarfDamage } from './cursor.ts';
import { type AddressRange, readRangeList4, readRangeList5 } from './range-lists.ts';

export interface Unit {
  /** Offset of the header in .debug_info, to which references within the unit are relative. */
  readonly offset: number;
  readonly end: number;
  readonly version: number;
  readonly offsetSize: 4 | 8;
  readonly addressSize: number;
  readonly abbreviations: AbbreviationTable;
  /** Offset of the first entry. */
  readonly rootOffset: number;
  readonly bases: UnitBases;
}

interface UnitBases {
  stringOffsets: number;
  addresses: number;
  rangeLists: number;
  lowPc: number;
}

/** A debugging information entry. */
export interface Entry {
  readonly unit: Unit;
  readonly offset: number;
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Attribute → form and value: a number, an offset for texts and references, a place in the section for blocks. */
  readonly attributes: ReadonlyMap<number, AttributeValue>;
  /** Offset of what follows: the first child, or the next entry. */
  readonly next: number;
}

export interface AttributeValue {
  readonly form: number;
  readonly value: number;
  /** Length of a block. */
  readonly length?: number;
}

type SectionName =
  | '.debug_info'
  | '.debug_abbrev'
  | '.debug_str'
  | '.debug_line_str'
  | '.debug_str_offsets'
  | '.debug_addr'
  | '.debug_ranges'
  | '.debug_rnglists'
  | '.debug_line';

const MAX_SECTION_BYTES = 1 << 30;
const UNIT_TYPE_SKELETON = 4;
const UNIT_TYPE_SPLIT_COMPILE = 5;
const UNIT_TYPE_TYPE = 2;
const UNIT_TYPE_SPLIT_TYPE = 6;

export class DwarfFile {
  readonly #elf: Elf;
  readonly #sections = new Map<SectionName, Buffer>();
  readonly #abbreviations = new Map<number, AbbreviationTable>();
  #units: readonly Unit[] | undefined;

  constructor(elf: Elf) {
    this.#elf = elf;
  }

  section(name: SectionName): Buffer {
    let bytes = this.#sections.get(name);
    if (!bytes) {
      const section = findSection(this.#elf, name);
      bytes = section && section.size <= MAX_SECTION_BYTES ? readSection(this.#elf, section) : Buffer.alloc(0);
      this.#sections.set(name, bytes);
    }
    return bytes;
  }

  get units(): readonly Unit[] {
    this.#units ??= this.#readUnits();
    return this.#units;
  }

  unitAt(offset: number): Unit | undefined {
    const { units } = this;
    let low = 0;
    let high = units.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((units[middle]?.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const unit = units[low - 1];
    return unit && offset < unit.end ? unit : undefined;
  }

  /** The entry at an offset; undefined for the null entry that ends a list of children. */
  entry(unit: Unit, offset: number): Entry | undefined {
    const cursor = new Cursor(this.section('.debug_info'), offset);
    const code = cursor.uleb();
    if (code === 0) return undefined;
    const abbreviation = unit.abbreviations[code];
    if (!abbreviation) throw new DwarfDamage('unknown abbreviation');
    const attributes = new Map<number, AttributeValue>();
    const list = abbreviation.attributes;
    for (let index = 0; index < list.length; index += 3)
      attributes.set(list[index] ?? 0, this.readValue(cursor, list[index + 1] ?? 0, unit, list[index + 2] ?? 0));
    return {
      unit,
      offset,
      tag: abbreviation.tag,
      hasChildren: abbreviation.hasChildren,
      attributes,
      next: cursor.at,
    };
  }

  /** The entries below one, in order. */
  *children(parent: Entry): Generator<Entry> {
    if (!parent.hasChildren) return;
    let at = parent.next;
    while (at < parent.unit.end) {
      const child = this.entry(parent.unit, at);
      if (!child) return;
      yield child;
      at = this.#after(child);
    }
  }

  /** The entry that an attribute refers to, in whichever unit. */
  reference(entry: Entry, attribute: number): Entry | undefined {
    const found = entry.attributes.get(attribute);
    if (!found || !REFERENCE_FORMS.has(found.form)) return undefined;
    const unit = found.form === FORM.refAddr ? this.unitAt(found.value) : entry.unit;
    return unit && found.value < unit.end ? this.entry(unit, found.value) : undefined;
  }

  text(entry: Entry, attribute: number): string | undefined {
    const found = entry.attributes.get(attribute);
    if (!found) return undefined;
    return this.textOf(found, entry.unit);
  }

  textOf({ form, value }: AttributeValue, unit: Unit): string | undefined {
    switch (form) {
      case FORM.string:
        return readName(this.section('.debug_info'), value);
      case FORM.strp:
        return readName(this.section('.debug_str'), value);
      case FORM.lineStrp:
        return readName(this.section('.debug_line_str'), value);
      case FORM.strx:
      case FORM.strx1:
      case FORM.strx2:
      case FORM.strx3:
      case FORM.strx4: {
        const at = unit.bases.stringOffsets + value * unit.offsetSize;
        const offset = new Cursor(this.section('.debug_str_offsets'), at).unsigned(unit.offsetSize);
        return readName(this.section('.debug_str'), offset);
      }
      default:
        return undefined; // in a supplementary file
    }
  }

  number(entry: Entry, attribute: number): number | undefined {
    return entry.attributes.get(attribute)?.value;
  }

  /** The addresses an entry covers, none if it has no code. */
  ranges(entry: Entry): readonly AddressRange[] {
    const low = entry.attributes.get(AT.lowPc);
    const high = entry.attributes.get(AT.highPc);
    if (low && high) {
      const start = this.address(low, entry.unit);
      const end = isAddressForm(high.form) ? this.address(high, entry.unit) : start + high.value;
      return end > start ? [{ start, end }] : [];
    }
    const ranges = entry.attributes.get(AT.ranges);
    if (!ranges) return [];
    return entry.unit.version >= 5
      ? readRangeList5(this, ranges, entry.unit)
      : readRangeList4(this, ranges.value, entry.unit);
  }

  /** Where the entry's code begins, undefined if it has none. */
  entryAddress(entry: Entry): number | undefined {
    const low = entry.attributes.get(AT.lowPc);
    return low ? this.address(low, entry.unit) : this.ranges(entry)[0]?.start;
  }

  #after(entry: Entry): number {
    if (!entry.hasChildren) return entry.next;
    const sibling = entry.attributes.get(AT.sibling);
    if (sibling && sibling.value > entry.offset) return sibling.value;
    let at = entry.next;
    while (at < entry.unit.end) {
      const child = this.entry(entry.unit, at);
      if (!child) return at + 1;
      at = this.#after(child);
    }
    return at;
  }

  #readUnits(): Unit[] {
    const info = this.section('.debug_info');
    const units: Unit[] = [];
    let at = 0;
    while (at + 11 < info.length) {
      const cursor = new Cursor(info, at);
      let length = cursor.unsigned(4);
      const offsetSize = length === 0xffffffff ? 8 : 4;
      if (offsetSize === 8) length = cursor.unsigned(8);
      const end = cursor.at + length;
      if (end > info.length || length === 0) break;
      const unit = this.#readUnit(cursor, at, end, offsetSize);
      if (unit) units.push(unit);
      at = end;
    }
    return units;
  }

  #readUnit(cursor: Cursor, offset: number, end: number, offsetSize: 4 | 8): Unit | undefined {
    const version = cursor.unsigned(2);
    if (version < 2 || version > 5) return undefined;
    let type = 0;
    let addressSize = 0;
    if (version >= 5) {
      type = cursor.u8();
      addressSize = cursor.u8();
    }
    const abbreviationsAt = cursor.unsigned(offsetSize);
    if (version < 5) addressSize = cursor.u8();
    if (type === UNIT_TYPE_SKELETON || type === UNIT_TYPE_SPLIT_COMPILE) cursor.skip(8);
    if (type === UNIT_TYPE_TYPE || type === UNIT_TYPE_SPLIT_TYPE) cursor.skip(8 + offsetSize);
    const unit: Unit = {
      offset,
      end,
      version,
      offsetSize,
      addressSize,
      abbreviations: this.#abbreviationsAt(abbreviationsAt),
      rootOffset: cursor.at,
      bases: {
        stringOffsets: offsetSize === 8 ? 16 : 8,
        addresses: 8,
        rangeLists: offsetSize === 8 ? 20 : 12,
        lowPc: 0,
      },
    };
    const root = this.entry(unit, unit.rootOffset);
    if (!root) return undefined;
    const { bases } = unit;
    bases.stringOffsets = this.number(root, AT.stringOffsetsBase) ?? bases.stringOffsets;
    bases.addresses = this.number(root, AT.addressBase) ?? bases.addresses;
    bases.rangeLists = this.number(root, AT.rangeListsBase) ?? bases.rangeLists;
    const low = root.attributes.get(AT.lowPc);
    bases.lowPc = low ? this.address(low, unit) : 0;
    return unit;
  }

  #abbreviationsAt(offset: number): AbbreviationTable {
    let table = this.#abbreviations.get(offset);
    if (!table) {
      table = readAbbreviations(this.section('.debug_abbrev'), offset);
      this.#abbreviations.set(offset, table);
    }
    return table;
  }

  /** The value of a form at the cursor; `implicit` is the one that the abbreviation holds. */
  readValue(cursor: Cursor, form: number, unit: Unit, implicit = 0): AttributeValue {
    const fixedSize = FIXED_SIZES.get(form);
    if (fixedSize !== undefined) return { form, value: cursor.unsigned(fixedSize) };
    switch (form) {
      case FORM.addr:
        return { form, value: cursor.unsigned(unit.addressSize) };
      case FORM.strp:
      case FORM.lineStrp:
      case FORM.sectionOffset:
      case FORM.strpSup:
      case FORM.gnuRefAlt:
      case FORM.gnuStrpAlt:
        return { form, value: cursor.unsigned(unit.offsetSize) };
      case FORM.refAddr:
        return { form, value: cursor.unsigned(unit.version <= 2 ? unit.addressSize : unit.offsetSize) };
      case FORM.ref1:
      case FORM.ref2:
      case FORM.ref4:
      case FORM.ref8:
        return { form, value: unit.offset + cursor.unsigned(1 << (form - FORM.ref1)) };
      case FORM.refUdata:
        return { form, value: unit.offset + cursor.uleb() };
      case FORM.udata:
      case FORM.strx:
      case FORM.addrx:
      case FORM.loclistx:
      case FORM.rnglistx:
        return { form, value: cursor.uleb() };
      case FORM.sdata:
        return { form, value: cursor.sleb() };
      case FORM.string: {
        const value = cursor.at;
        cursor.text();
        return { form, value };
      }
      case FORM.flagPresent:
        return { form, value: 1 };
      case FORM.implicitConst:
        return { form, value: implicit };
      case FORM.indirect:
        return this.readValue(cursor, cursor.uleb(), unit);
      default:
        return readBlock(cursor, form);
    }
  }

  /** An address attribute's value, direct or by its index. */
  address({ form, value }: AttributeValue, unit: Unit): number {
    if (form === FORM.addr) return value;
    const at = unit.bases.addresses + value * unit.addressSize;
    return new Cursor(this.section('.debug_addr'), at).unsigned(unit.addressSize);
  }
}

const REFERENCE_FORMS: ReadonlySet<number> = new Set([
  FORM.refAddr,
  FORM.ref1,
  FORM.ref2,
  FORM.ref4,
  FORM.ref8,
  FORM.refUdata,
]);

const FIXED_SIZES: ReadonlyMap<number, number> = new Map<number, number>([
  [FORM.data1, 1],
  [FORM.data2, 2],
  [FORM.data4, 4],
  [FORM.data8, 8],
  [FORM.flag, 1],
  [FORM.strx1, 1],
  [FORM.strx2, 2],
  [FORM.strx3, 3],
  [FORM.strx4, 4],
  [FORM.addrx1, 1],
  [FORM.addrx2, 2],
  [FORM.addrx3, 3],
  [FORM.addrx4, 4],
  [FORM.refSup4, 4],
  [FORM.refSup8, 8],
  [FORM.refSig8, 8],
]);

function readBlock(cursor: Cursor, form: number): AttributeValue {
  const length = blockLength(cursor, form);
  const value = cursor.at;
  cursor.skip(length);
  return { form, value, length };
}

function blockLength(cursor: Cursor, form: number): number {
  switch (form) {
    case FORM.block1:
      return cursor.u8();
    case FORM.block2:
      return cursor.unsigned(2);
    case FORM.block4:
      return cursor.unsigned(4);
    case FORM.block:
    case FORM.exprloc:
      return cursor.uleb();
    case FORM.data16:
      return 16;
    default:
      throw new DwarfDamage('unknown form');
  }
}

function isAddressForm(form: number): boolean {
  return form === FORM.addr || form === FORM.addrx || (form >= FORM.addrx1 && form <= FORM.addrx4);
}
