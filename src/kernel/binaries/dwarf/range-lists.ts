/**
 * Lists of address ranges, for code that is not in one piece: .debug_ranges before DWARF 5, .debug_rnglists since.
 */

import { FORM } from './constants.ts';
import { Cursor, DwarfDamage } from './cursor.ts';
import type { AttributeValue, DwarfFile, Unit } from './dwarf-file.ts';

export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/** readRangeList4 reads pairs up to a pair of zeros; the greatest address says that a new base follows. */
export function readRangeList4(file: DwarfFile, offset: number, unit: Unit): AddressRange[] {
  const cursor = new Cursor(file.section('.debug_ranges'), offset);
  const greatest = unit.addressSize === 8 ? 2 ** 64 : 2 ** 32 - 1;
  const ranges: AddressRange[] = [];
  let base = unit.bases.lowPc;
  for (;;) {
    const start = cursor.unsigned(unit.addressSize);
    const end = cursor.unsigned(unit.addressSize);
    if (start === 0 && end === 0) return ranges;
    if (start >= greatest) base = end;
    else if (end > start) ranges.push({ start: base + start, end: base + end });
  }
}

interface ListState {
  base: number;
  readonly indexed: () => number;
  readonly plain: () => number;
  readonly offset: () => number;
}

type EntryReader = (state: ListState) => readonly [start: number, end: number] | undefined;

/** By kind, from 1; each reads its operands in order. */
const ENTRY_READERS: readonly EntryReader[] = [
  (state) => {
    state.base = state.indexed();
    return undefined;
  },
  (state) => [state.indexed(), state.indexed()],
  (state) => withLength(state.indexed(), state.offset()),
  (state) => [state.base + state.offset(), state.base + state.offset()],
  (state) => {
    state.base = state.plain();
    return undefined;
  },
  (state) => [state.plain(), state.plain()],
  (state) => withLength(state.plain(), state.offset()),
];

/** readRangeList5 reads a list by its offset or, in form rnglistx, by its index. */
export function readRangeList5(file: DwarfFile, { form, value }: AttributeValue, unit: Unit): AddressRange[] {
  const section = file.section('.debug_rnglists');
  const { rangeLists } = unit.bases;
  const start =
    form === FORM.rnglistx
      ? rangeLists + new Cursor(section, rangeLists + value * unit.offsetSize).unsigned(unit.offsetSize)
      : value;
  const cursor = new Cursor(section, start);
  const state: ListState = {
    base: unit.bases.lowPc,
    indexed: () => file.address({ form: FORM.addrx, value: cursor.uleb() }, unit),
    plain: () => cursor.unsigned(unit.addressSize),
    offset: () => cursor.uleb(),
  };
  const ranges: AddressRange[] = [];
  for (let kind = cursor.u8(); kind !== 0; kind = cursor.u8()) {
    const read = ENTRY_READERS[kind - 1];
    if (!read) throw new DwarfDamage('unknown range list entry');
    const range = read(state);
    if (range && range[1] > range[0]) ranges.push({ start: range[0], end: range[1] });
  }
  return ranges;
}

function withLength(start: number, length: number): readonly [number, number] {
  return [start, start + length];
}
