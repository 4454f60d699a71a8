/**
 * Symbols of a binary as columns sorted by address: 200,000 of them (node) are read in tens of milliseconds and searched
 * by bisection. Names stay bytes of the file until one is asked for. One address may have several names; all are kept, the most telling one
 * (global before weak before local, few underscores) first, so that a lookup answers with it.
 */

import { isAscii } from 'node:buffer';
import { decodeBytes } from '../../text/bytes.ts';
import { type Elf, type ElfSection, readSection, SECTION_DYNSYM, SECTION_SYMTAB } from './elf.ts';

const KIND_OBJECT = 1;
const KIND_FUNCTION = 2;
const KIND_INDIRECT_FUNCTION = 10;
/** How far to look back for a symbol that encloses the address although a nested one starts closer. */
const MAX_LOOK_BACK = 16;

export class SymbolTable {
  readonly length: number;
  /** Of memory, with the names. */
  readonly bytes: number;
  readonly #addresses: Float64Array;
  readonly #sizes: Float64Array;
  readonly #kinds: Uint8Array;
  readonly #names: (index: number) => string;

  constructor(columns: SymbolColumns) {
    this.length = columns.addresses.length;
    this.bytes = this.length * BYTES_PER_SYMBOL + columns.nameBytes;
    this.#addresses = columns.addresses;
    this.#sizes = columns.sizes;
    this.#kinds = columns.kinds;
    this.#names = columns.name;
  }

  address(index: number): number {
    return this.#addresses[index] ?? 0;
  }

  size(index: number): number {
    return this.#sizes[index] ?? 0;
  }

  name(index: number): string {
    return this.#names(index);
  }

  isFunction(index: number): boolean {
    return this.#kinds[index] === 1;
  }

  /** Index of the symbol that contains the address, -1 if none does. */
  find(address: number): number {
    const last = lastNotAbove(this.#addresses, address);
    if (last < 0) return -1;
    const stop = Math.max(0, last - MAX_LOOK_BACK);
    for (let index = last; index >= stop; index--) {
      const start = this.address(index);
      const size = this.size(index);
      // Hand-written assembly has no sizes: such a symbol reaches to the next one.
      const isInside = size === 0 ? start === this.address(last) : address < start + size;
      if (isInside) return this.#firstOfSameStart(index, address);
    }
    return -1;
  }

  /** The addresses around this one, up to but without the second, at all of which `find` finds the same. */
  extentAt(address: number): readonly [start: number, end: number] {
    const found = this.find(address);
    const last = lastNotAbove(this.#addresses, address);
    // Without a size it reaches to the next symbol, or to the end of its segment, which is not known here.
    if (found < 0 || this.size(found) === 0) return [address, address + 1];
    let start = this.address(last);
    let end = this.#addresses[last + 1] ?? Number.POSITIVE_INFINITY;
    // Where another symbol ends, another may be found.
    for (let index = last; index >= Math.max(0, Math.min(found, last - MAX_LOOK_BACK)); index--) {
      const ending = this.address(index) + this.size(index);
      if (this.size(index) === 0) continue;
      if (ending <= address) start = Math.max(start, ending);
      else end = Math.min(end, ending);
    }
    return [start, end];
  }

  /** Index of the first symbol of that name, -1 if there is none; linear. */
  findName(name: string): number {
    for (let index = 0; index < this.length; index++) if (this.#names(index) === name) return index;
    return -1;
  }

  #firstOfSameStart(index: number, address: number): number {
    const start = this.address(index);
    let first = index;
    while (first > 0 && this.address(first - 1) === start) first--;
    for (; first < index; first++) {
      const size = this.size(first);
      if (size === 0 || address < start + size) return first;
    }
    return index;
  }
}

/** Address, size and kind, and where the name is. */
const BYTES_PER_SYMBOL = 8 + 8 + 1 + 1 + 4;

interface SymbolColumns {
  readonly addresses: Float64Array;
  readonly sizes: Float64Array;
  /** 1 function, 0 object. */
  readonly kinds: Uint8Array;
  readonly name: (index: number) => string;
  readonly nameBytes: number;
}

/** Index of the last element ≤ `value` in an ascending array, -1 if all are greater. */
export function lastNotAbove(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** readSymbolTable reads the symbols of one file, or of a binary and its debug file together. */
export function readSymbolTable(...elves: readonly Elf[]): SymbolTable {
  const raw = elves.flatMap((elf) => {
    const ofType = (type: number) => elf.sections.filter((section) => section.type === type);
    // .symtab, where it was not stripped, has what .dynsym has.
    const full = ofType(SECTION_SYMTAB);
    return (full.length > 0 ? full : ofType(SECTION_DYNSYM)).map((section) => readRawTable(elf, section));
  });
  return new SymbolTable(mergeTables(raw));
}

interface RawTable {
  readonly addresses: Float64Array;
  readonly sizes: Float64Array;
  readonly kinds: Uint8Array;
  /** GLOBAL 0, WEAK 1, LOCAL 2. */
  readonly ranks: Uint8Array;
  readonly nameOffsets: Uint32Array;
  readonly count: number;
  readonly strings: Strings;
}

/** A string table of the file. */
interface Strings {
  readonly bytes: Buffer;
  readonly isAscii: boolean;
}

const BINDING_RANKS: readonly number[] = [2, 0, 1];

function readRawTable(elf: Elf, section: ElfSection): RawTable {
  const bytes = readSection(elf, section);
  const names = elf.sections[section.link];
  const strings = names ? readSection(elf, names) : Buffer.alloc(0);
  const entrySize = elf.is64 ? 24 : 16;
  const capacity = Math.floor(bytes.length / entrySize);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  const addresses = new Float64Array(capacity);
  const sizes = new Float64Array(capacity);
  const kinds = new Uint8Array(capacity);
  const ranks = new Uint8Array(capacity);
  const nameOffsets = new Uint32Array(capacity);
  const columns = { addresses, sizes, kinds, ranks, nameOffsets };
  let count = 0;
  for (let index = 0; index < capacity; index++)
    if (takeSymbol(words, (index * entrySize) / 4, elf.is64, columns, count)) count++;
  return {
    addresses,
    sizes,
    kinds,
    ranks,
    nameOffsets,
    count,
    strings: { bytes: strings, isAscii: isAscii(strings) },
  };
}

/** Small, like all that is done for each of 200,000 symbols: what is large, the dashboard has V8 leave as it is. */
function takeSymbol(
  words: Uint32Array,
  at: number,
  is64: boolean,
  columns: Pick<RawTable, 'addresses' | 'sizes' | 'kinds' | 'ranks' | 'nameOffsets'>,
  row: number,
): boolean {
  // st_info, st_other and st_shndx share a word: the second of a 64-bit entry, the last of a 32-bit one.
  const info = words[is64 ? at + 1 : at + 3] ?? 0;
  const kind = info & 0xf;
  const isFunction = kind === KIND_FUNCTION || kind === KIND_INDIRECT_FUNCTION;
  const nameOffset = words[at] ?? 0;
  if ((!isFunction && kind !== KIND_OBJECT) || info >>> 16 === 0 || nameOffset === 0) return false;
  columns.addresses[row] = is64 ? wordsAt(words, at + 2) : (words[at + 1] ?? 0);
  columns.sizes[row] = is64 ? wordsAt(words, at + 4) : (words[at + 2] ?? 0);
  columns.kinds[row] = isFunction ? 1 : 0;
  columns.ranks[row] = BINDING_RANKS[(info >>> 4) & 0xf] ?? 0;
  columns.nameOffsets[row] = nameOffset;
  return true;
}

const TWO_32 = 0x1_0000_0000;

function wordsAt(words: Uint32Array, at: number): number {
  return (words[at] ?? 0) + (words[at + 1] ?? 0) * TWO_32;
}

function mergeTables(tables: readonly RawTable[]): SymbolColumns {
  const total = tables.reduce((sum, table) => sum + table.count, 0);
  const addresses = new Float64Array(total);
  const tableOf = new Uint8Array(total);
  const rowOf = new Uint32Array(total);
  const ranks = new Uint8Array(total);
  let filled = 0;
  tables.forEach((table, number) => {
    for (let row = 0; row < table.count; row++) {
      addresses[filled] = table.addresses[row] ?? 0;
      tableOf[filled] = number;
      rowOf[filled] = row;
      ranks[filled] = rankOf(table, row);
      filled++;
    }
  });
  const order = sortedOrder(addresses, ranks);
  return removeDuplicates(tables, order, tableOf, rowOf);
}

/** Binding first, then how many underscores the name begins with: `write` before `__write` before `__GI___write`. */
function rankOf(table: RawTable, row: number): number {
  const at = table.nameOffsets[row] ?? 0;
  let underscores = 0;
  while (underscores < 3 && table.strings.bytes[at + underscores] === 0x5f) underscores++;
  return (table.ranks[row] ?? 0) * 4 + underscores;
}

/** The same name at the same address occurs in .symtab, .dynsym and once per version: the first one stays. */
function removeDuplicates(
  tables: readonly RawTable[],
  order: Uint32Array,
  tableOf: Uint8Array,
  rowOf: Uint32Array,
): SymbolColumns {
  const kept: KeptRows = {
    addresses: new Float64Array(order.length),
    sizes: new Float64Array(order.length),
    kinds: new Uint8Array(order.length),
    tables: new Uint8Array(order.length),
    rows: new Uint32Array(order.length),
  };
  const count = keepDistinct(tables, order, tableOf, rowOf, kept);
  const tableNumbers = kept.tables.slice(0, count);
  const nameOffsets = new Uint32Array(count);
  for (let index = 0; index < count; index++)
    nameOffsets[index] = tables[tableNumbers[index] ?? 0]?.nameOffsets[kept.rows[index] ?? 0] ?? 0;
  return {
    addresses: kept.addresses.slice(0, count),
    sizes: kept.sizes.slice(0, count),
    kinds: kept.kinds.slice(0, count),
    // Only the names stay of the raw tables, which are as large again.
    name: namesIn(
      tables.map((table) => table.strings),
      tableNumbers,
      nameOffsets,
    ),
    nameBytes: tables.reduce((sum, table) => sum + table.strings.bytes.length, 0),
  };
}

interface KeptRows {
  readonly addresses: Float64Array;
  readonly sizes: Float64Array;
  readonly kinds: Uint8Array;
  /** Where the row comes from. */
  readonly tables: Uint8Array;
  readonly rows: Uint32Array;
}

/** Fills `kept` and gives the number of its rows. */
function keepDistinct(
  tables: readonly RawTable[],
  order: Uint32Array,
  tableOf: Uint8Array,
  rowOf: Uint32Array,
  kept: KeptRows,
): number {
  let count = 0;
  let groupStart = 0;
  for (let place = 0; place < order.length; place++) {
    const index = order[place] ?? 0;
    const number = tableOf[index] ?? 0;
    const row = rowOf[index] ?? 0;
    const table = tables[number];
    if (!table) continue;
    const address = table.addresses[row] ?? 0;
    if (count === 0 || kept.addresses[count - 1] !== address) groupStart = count;
    else if (isAmong(tables, kept, groupStart, count, table, row)) continue;
    kept.addresses[count] = address;
    kept.sizes[count] = table.sizes[row] ?? 0;
    kept.kinds[count] = table.kinds[row] ?? 0;
    kept.tables[count] = number;
    kept.rows[count] = row;
    count++;
  }
  return count;
}

/** Whether one of the rows kept from `start` to `end` has the name of this one. */
function isAmong(
  tables: readonly RawTable[],
  kept: KeptRows,
  start: number,
  end: number,
  table: RawTable,
  row: number,
): boolean {
  for (let other = start; other < end; other++) {
    const otherTable = tables[kept.tables[other] ?? 0];
    if (otherTable !== undefined && hasSameName(table, row, otherTable, kept.rows[other] ?? 0)) return true;
  }
  return false;
}

const AT_SIGN = 0x40;

/** Compares names without their versions, byte by byte: making texts of them all would take most of the time. */
function hasSameName(left: RawTable, leftRow: number, right: RawTable, rightRow: number): boolean {
  let leftAt = left.nameOffsets[leftRow] ?? 0;
  let rightAt = right.nameOffsets[rightRow] ?? 0;
  if (left === right && leftAt === rightAt) return true;
  const leftBytes = left.strings.bytes;
  const rightBytes = right.strings.bytes;
  for (;;) {
    const one = leftBytes[leftAt++] ?? 0;
    const other = rightBytes[rightAt++] ?? 0;
    const isOneEnd = one === 0 || one === AT_SIGN;
    const isOtherEnd = other === 0 || other === AT_SIGN;
    if (isOneEnd || isOtherEnd) return isOneEnd && isOtherEnd;
    if (one !== other) return false;
  }
}

function namesIn(
  strings: readonly Strings[],
  tableNumbers: Uint8Array,
  nameOffsets: Uint32Array,
): (index: number) => string {
  return (index) => {
    const table = strings[tableNumbers[index] ?? 0];
    return table && index < nameOffsets.length ? symbolName(table, nameOffsets[index] ?? 0) : '';
  };
}

/** The name without its version (`memcpy@@GLIBC_2.14`). */
function symbolName({ bytes, isAscii: isAsciiText }: Strings, start: number): string {
  let end = start;
  for (let byte = bytes[end]; byte !== undefined && byte !== 0; byte = bytes[end]) {
    if (byte === AT_SIGN && end > start) break;
    end++;
  }
  return isAsciiText ? bytes.toString('latin1', start, end) : decodeBytes(bytes.subarray(start, end));
}

const DIGIT_BITS = 16;

/**
 * Indexes in ascending order of address, then rank, equal ones as they came. A radix sort, from the least significant digit on:
 * several times as fast as comparing, and sorting is most of the work on a large binary.
 */
function sortedOrder(addresses: Float64Array, ranks: Uint8Array): Uint32Array {
  const { length } = addresses;
  const low = new Uint32Array(length);
  const high = new Uint32Array(length);
  let order = new Uint32Array(length);
  let highest = 0;
  // Mapping with a function takes several times as long.
  for (let index = 0; index < length; index++) {
    const address = addresses[index] ?? 0;
    const upper = Math.floor(address / TWO_32);
    high[index] = upper;
    low[index] = address - upper * TWO_32;
    order[index] = index;
    if (upper > highest) highest = upper;
  }
  order = sortByDigit(order, ranks, 0);
  order = sortByDigit(order, low, 0);
  order = sortByDigit(order, low, DIGIT_BITS);
  if (highest > 0) order = sortByDigit(order, high, 0);
  return order;
}

function sortByDigit(order: Uint32Array, values: Uint8Array | Uint32Array, shift: number): Uint32Array<ArrayBuffer> {
  const mask = (1 << DIGIT_BITS) - 1;
  const places = new Uint32Array(mask + 1);
  for (let at = 0; at < order.length; at++) {
    const digit = ((values[at] ?? 0) >>> shift) & mask;
    places[digit] = (places[digit] ?? 0) + 1;
  }
  let sum = 0;
  for (let digit = 0; digit <= mask; digit++) {
    const count = places[digit] ?? 0;
    places[digit] = sum;
    sum += count;
  }
  const sorted = new Uint32Array(order.length);
  for (let at = 0; at < order.length; at++) {
    const index = order[at] ?? 0;
    const digit = ((values[index] ?? 0) >>> shift) & mask;
    const place = places[digit] ?? 0;
    sorted[place] = index;
    places[digit] = place + 1;
  }
  return sorted;
}
