/** The maps of the script as snapshots, and `clear` and `zero` on them, whichever way they are stored. */

import type { UserMap } from '../codegen/object.ts';
import { sizeOf } from '../semantics/layout.ts';
import type { Type } from '../semantics/types.ts';
import { isAggregate, type Merger, mergerOf } from './aggregates.ts';
import { type DecodeContext, type Reader, readerOf } from './decode.ts';
import { isLasting, KeyColumn } from './key-column.ts';
import type { MapEntries } from './map-entries.ts';
import type { SlotMemory } from './slots.ts';
import type { EntryRows, MapColumns, MapEntry, MapSnapshot } from './snapshot.ts';
import { ValueColumn } from './value-column.ts';

export interface MapReader {
  readonly name: string;
  snapshot(): MapSnapshot;
  /** Like `snapshot`, but entries stay where they were read to, until the next reading. */
  printable(): MapSnapshot;
  /** Like `snapshot`, in columns, for who reads again and again. */
  watched(): MapSnapshot;
  /** The last of these with the names that have come since. */
  renamed(map: MapSnapshot): MapSnapshot;
  /** All but the entries. */
  unread(): MapSnapshot;
  clear(): void;
  zero(): void;
}

/**
 * createMapReader: `entries` is for maps of the kernel, `storage.map` first and then `storage.short`; `slots` for memory
 * and counters.
 */
export function createMapReader(
  map: UserMap,
  slots: SlotMemory,
  entries: readonly MapEntries[],
  context: DecodeContext,
): MapReader {
  if (entries.length === 0) return new SlotMapReader(map, slots, context);
  return new KernelMapReader(map, slots, entries, context);
}

/** A scalar in mapped memory. */
class SlotMapReader implements MapReader {
  readonly name: string;
  readonly #map: UserMap;
  readonly #slots: SlotMemory;
  readonly #merge: ValueMerger;
  /** Set to zero by the script and so there, although nothing but zeros shows. */
  #isZeroed = false;

  constructor(map: UserMap, slots: SlotMemory, context: DecodeContext) {
    this.name = map.symbol.name;
    this.#map = map;
    this.#slots = slots;
    this.#merge = valueMerger(map.symbol.valueType, context);
  }

  snapshot(): MapSnapshot {
    return describe(this.#map, this.#slots, this.#isPresent() ? [{ value: this.#value() }] : []);
  }

  printable(): MapSnapshot {
    return this.snapshot();
  }

  watched(): MapSnapshot {
    return this.snapshot();
  }

  renamed(map: MapSnapshot): MapSnapshot {
    return map;
  }

  unread(): MapSnapshot {
    return describe(this.#map, this.#slots, []);
  }

  clear(): void {
    this.#reset();
    this.#isZeroed = false;
  }

  zero(): void {
    const isPresent = this.#isPresent();
    this.#reset();
    this.#isZeroed = isPresent;
  }

  #value() {
    const place = this.#place();
    const { stride, offset } = place;
    return this.#merge(this.#slots.view(place), this.#slots.bytes(place), offset, stride, this.#slots.count(place));
  }

  #isPresent(): boolean {
    const { storage, symbol } = this.#map;
    if (this.#isZeroed) return true;
    if (storage.kind !== 'slots' || this.#slots.bytes(storage.place).length === 0) return false;
    if (storage.presence) return this.#slots.sum(storage.presence) !== 0;
    return !this.#slots.isZero(storage.place, sizeOf(symbol.valueType));
  }

  #reset(): void {
    const { storage, symbol } = this.#map;
    if (storage.kind !== 'slots') return;
    this.#slots.fill(storage.place, sizeOf(symbol.valueType), 0);
    if (storage.presence) this.#slots.fill(storage.presence, 8, 0);
  }

  #place() {
    const { storage } = this.#map;
    if (storage.kind !== 'slots') throw new Error(`${this.name} is not in slots`);
    return storage.place;
  }
}

interface KernelMapPart {
  readonly entries: MapEntries;
  readonly readKey: Reader | undefined;
  readonly keyColumn: KeyColumn | undefined;
  readonly valueColumn: ValueColumn;
}

/** A map of the kernel, or two that differ in the room their keys have. */
class KernelMapReader implements MapReader {
  readonly name: string;
  readonly #map: UserMap;
  readonly #slots: SlotMemory;
  readonly #parts: readonly KernelMapPart[];
  readonly #merge: ValueMerger;
  readonly #strTruncTrailer: string;

  constructor(map: UserMap, slots: SlotMemory, entries: readonly MapEntries[], context: DecodeContext) {
    this.name = map.symbol.name;
    this.#map = map;
    this.#slots = slots;
    const short = map.storage.kind === 'map' ? map.storage.short : undefined;
    const keyTypes = [map.symbol.keyType, short?.keyType];
    const { valueType } = map.symbol;
    const merge = valueMerger(valueType, context);
    this.#merge = merge;
    this.#parts = entries.map((part, index) => {
      const keyType = keyTypes[index];
      return {
        entries: part,
        readKey: keyType && readerOf(keyType, context),
        keyColumn: keyType && isLasting(keyType) ? new KeyColumn(keyType, context, part.keyStride) : undefined,
        valueColumn: new ValueColumn(valueType, merge, {
          stride: part.valueStride,
          slotStride: part.slotStride,
          slots: slotsOf(part),
        }),
      };
    });
    this.#strTruncTrailer = context.strTruncTrailer;
  }

  snapshot(): MapSnapshot {
    return describe(this.#map, this.#slots, entriesOf(this.#rows()));
  }

  printable(): MapSnapshot {
    const rows = this.#rows();
    let entries: readonly MapEntry[] | undefined;
    return {
      ...describe(this.#map, this.#slots, []),
      rows,
      get entries() {
        entries ??= entriesOf(rows);
        return entries;
      },
    };
  }

  watched(): MapSnapshot {
    return this.#withColumns(joined(this.#parts.map((part) => this.#columnsOf(part))));
  }

  renamed(map: MapSnapshot): MapSnapshot {
    const { columns } = map;
    if (!columns || !this.#parts.every(({ keyColumn }) => keyColumn)) return map;
    const keys = this.#parts.map(({ keyColumn }) => keyColumn?.renewed() ?? []);
    return this.#withColumns({ ...columns, keys: keys.length === 1 ? (keys[0] ?? []) : keys.flat() });
  }

  unread(): MapSnapshot {
    return describe(this.#map, this.#slots, []);
  }

  clear(): void {
    for (const { entries, keyColumn } of this.#parts) {
      entries.deleteAll();
      keyColumn?.forget();
    }
  }

  zero(): void {
    for (const { entries } of this.#parts) entries.zeroAll();
  }

  #rows(): EntryRows {
    const parts = this.#parts.map((part) => this.#rowsOf(part));
    const [first, second] = parts;
    if (!first || !second) return first ?? { count: 0, key: () => undefined, value: () => 0 };
    const { count } = first;
    return {
      count: count + second.count,
      key: (index) => (index < count ? first.key(index) : second.key(index - count)),
      value: (index) => (index < count ? first.value(index) : second.value(index - count)),
    };
  }

  #columnsOf({ entries, readKey, keyColumn, valueColumn }: KernelMapPart): MapColumns {
    const { count, keys, keyView, values, valueView } = entries.read();
    return {
      keys:
        keyColumn?.read(keys, count) ??
        Array.from({ length: count }, (_, index) => readKey?.(keyView, keys, index * entries.keyStride)),
      values: valueColumn.read(valueView, values, count),
    };
  }

  #withColumns(columns: MapColumns): MapSnapshot {
    let entries: readonly MapEntry[] | undefined;
    return {
      ...describe(this.#map, this.#slots, []),
      columns,
      get entries() {
        entries ??= entriesOf(rowsOf(columns));
        return entries;
      },
    };
  }

  #rowsOf({ entries, readKey }: KernelMapPart): EntryRows {
    const { keyStride, valueStride, slotStride } = entries;
    const { count, keys, keyView, values, valueView } = entries.read();
    const slotCount = slotsOf(entries);
    const merge = this.#merge;
    return {
      count,
      key: (index) => readKey?.(keyView, keys, index * keyStride),
      value: (index) => merge(valueView, values, index * valueStride, slotStride, slotCount),
      memory: {
        keys,
        keyView,
        keyStride,
        valueView,
        valueStride,
        slotStride,
        slotCount,
        strTruncTrailer: this.#strTruncTrailer,
      },
    };
  }
}

function slotsOf({ valueStride, slotStride }: MapEntries): number {
  return slotStride === 0 ? 1 : valueStride / slotStride;
}

function rowsOf({ keys, values }: MapColumns): EntryRows {
  return { count: keys.length, key: (index) => keys[index], value: (index) => values[index] ?? 0 };
}

/** The columns of a map in two parts, one behind the other. */
function joined(parts: readonly MapColumns[]): MapColumns {
  const [first = { keys: [], values: [] }, second] = parts;
  if (!second) return first;
  return { keys: [...first.keys, ...second.keys], values: [...first.values, ...second.values] };
}

function entriesOf(rows: EntryRows): readonly MapEntry[] {
  return Array.from({ length: rows.count }, (_, index) => {
    const key = rows.key(index);
    const value = rows.value(index);
    return key === undefined ? { value } : { key, value };
  });
}

function describe(map: UserMap, slots: SlotMemory, entries: readonly MapEntry[]): MapSnapshot {
  const { name, keyType, valueType, maxEntries } = map.symbol;
  const refusedUpdates = slots.sum(map.fullCounter);
  return keyType === undefined
    ? { name, valueType, entries, maxEntries, refusedUpdates }
    : { name, keyType, valueType, entries, maxEntries, refusedUpdates };
}

type ValueMerger = (
  view: DataView,
  bytes: Uint8Array,
  offset: number,
  stride: number,
  count: number,
) => MapEntry['value'];

/**
 * One value out of its slots. Plain values of per-CPU maps have no rule for merging: integers are added up, of others
 * the first CPU that has written one is taken.
 */
function valueMerger(type: Type, context: DecodeContext): ValueMerger {
  if (isAggregate(type)) return ignoringBytes(mergerOf(type, context.resolver));
  const read = readerOf(type, context);
  if (type.kind === 'integer' && type.bits === 64) {
    const sum = ignoringBytes(mergerOf({ kind: 'sum', isSigned: type.isSigned }, context.resolver));
    return (view, bytes, offset, stride, count) =>
      count === 1 ? read(view, bytes, offset) : sum(view, bytes, offset, stride, count);
  }
  const size = sizeOf(type);
  return (view, bytes, offset, stride, count) => {
    for (let slot = 0; slot < count - 1; slot++) {
      const at = offset + slot * stride;
      if (bytes.subarray(at, at + size).some((byte) => byte !== 0)) return read(view, bytes, at);
    }
    return read(view, bytes, offset + (count - 1) * stride);
  };
}

function ignoringBytes(merge: Merger): ValueMerger {
  return (view, _, offset, stride, count) => merge(view, offset, stride, count);
}
