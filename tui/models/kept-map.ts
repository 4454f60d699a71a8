/**
 * Maps as they are kept for going back in time: keys are held once per map however many snapshots have them, numbers in
 * typed arrays. A table of thousands of rows costs 12 bytes per row and snapshot this way, not hundreds.
 */

import type { KeyTable } from '../../src/panels/key-table.ts';
import { numericValue } from '../../src/panels/value-text.ts';
import type { MapColumns, MapEntry, MapSnapshot, Value } from '../../src/session/snapshot.ts';

/** KeptMap is one state of a map. */
export class KeptMap {
  readonly name: string;
  readonly keyType: MapSnapshot['keyType'];
  readonly valueType: MapSnapshot['valueType'];
  readonly maxEntries: number;
  readonly refusedUpdates: number;
  readonly table: KeyTable;
  /** Numbers of the keys, in the kernel's order. */
  readonly keyNumbers: Uint32Array;
  /** The number that each entry sorts and scales by. */
  readonly numbers: Float64Array;
  /** The values themselves, where a number does not say all. */
  readonly values: readonly Value[] | undefined;

  /** What did not change since `before`, the state before this one, is shared with it. */
  constructor(map: MapSnapshot, table: KeyTable, before?: KeptMap) {
    this.name = map.name;
    this.keyType = map.keyType;
    this.valueType = map.valueType;
    this.maxEntries = map.maxEntries;
    this.refusedUpdates = map.refusedUpdates;
    this.table = table;
    const { keys, values } = columnsOf(map);
    const keyNumbers = table.numbersOf(keys);
    const numbers = values instanceof Float64Array ? values : Float64Array.from(values, numberOf);
    const hasSameKeys = before !== undefined && isSame(before.keyNumbers, keyNumbers);
    const hasSameNumbers = before !== undefined && isSame(before.numbers, numbers);
    this.keyNumbers = hasSameKeys ? before.keyNumbers : keyNumbers;
    this.numbers = hasSameNumbers ? before.numbers : numbers;
    this.values =
      values instanceof Float64Array || values.every((value) => typeof value === 'number') ? undefined : values;
  }

  /** The state of a map, which is `before` itself where nothing at all has changed since. */
  static after(before: KeptMap | undefined, map: MapSnapshot, table: KeyTable): KeptMap {
    const now = new KeptMap(map, table, before);
    return before !== undefined && now.#isLike(before) ? before : now;
  }

  #isLike(other: KeptMap): boolean {
    return (
      this.keyNumbers === other.keyNumbers &&
      this.numbers === other.numbers &&
      this.values === other.values &&
      this.refusedUpdates === other.refusedUpdates &&
      this.keyType === other.keyType &&
      this.valueType === other.valueType
    );
  }

  get length(): number {
    return this.keyNumbers.length;
  }

  valueAt(index: number): Value {
    return this.values?.[index] ?? this.numbers[index] ?? 0;
  }

  entryAt(index: number): MapEntry {
    const key = this.table.keys[this.keyNumbers[index] ?? 0];
    const value = this.valueAt(index);
    return key === undefined ? { value } : { key, value };
  }

  get entries(): readonly MapEntry[] {
    return Array.from(this.keyNumbers, (_, index) => this.entryAt(index));
  }

  /** Numbers by key number, NaN where a key is absent. */
  numbersByKey(): Float64Array {
    const byKey = new Float64Array(this.table.size).fill(Number.NaN);
    for (let index = 0; index < this.keyNumbers.length; index++)
      byKey[this.keyNumbers[index] ?? 0] = this.numbers[index] ?? 0;
    return byKey;
  }

  /** Of memory that `before`, the state kept before this one, does not have, too. */
  bytesBeside(before: KeptMap | undefined): number {
    if (before === this) return 0;
    let bytes = KEPT_BYTES;
    if (this.keyNumbers !== before?.keyNumbers) bytes += ARRAY_BYTES + this.keyNumbers.byteLength;
    if (this.numbers !== before?.numbers) bytes += ARRAY_BYTES + this.numbers.byteLength;
    const { values } = this;
    if (values !== undefined && values !== before?.values) {
      // Values of one map are alike: measuring a few is enough.
      const sample = values.slice(0, 8);
      const sampled = sample.reduce<number>((sum, value) => sum + valueBytes(value), 0);
      bytes += sample.length === 0 ? 0 : (sampled / sample.length) * values.length;
    }
    return bytes;
  }
}

/** As V8 has them: a state of a map by itself, and an array with its memory and what manages that. */
const KEPT_BYTES = 120;
const ARRAY_BYTES = 250;

function columnsOf(map: MapSnapshot): MapColumns {
  if (map.columns !== undefined) return map.columns;
  const { entries } = map;
  return { keys: entries.map((entry) => entry.key), values: entries.map((entry) => entry.value) };
}

function isSame(left: Uint32Array | Float64Array, right: Uint32Array | Float64Array): boolean {
  if (left === right) return true;
  return left.length === right.length && Buffer.compare(bytesOf(left), bytesOf(right)) === 0;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function numberOf(value: Value): number {
  return typeof value === 'number' ? value : firstNumber(value);
}

/** The first part that is a number. */
function firstNumber(value: Value): number {
  const number = numericValue(value);
  if (number !== undefined) return number;
  if (typeof value === 'string' || value instanceof Uint8Array) return 0;
  if (typeof value === 'object' && !('kind' in value)) return firstNumber(value[0] ?? 0);
  if (typeof value === 'object' && 'kind' in value) {
    if (value.kind === 'timeSeries') return Number(value.points.at(-1)?.value ?? 0);
    if (value.kind === 'record') return firstNumber(value.fields[0]?.value ?? 0);
  }
  return 0;
}

function valueBytes(value: Value): number {
  if (typeof value === 'number' || typeof value === 'boolean') return 16;
  if (typeof value === 'string') return 32 + value.length;
  if (typeof value === 'bigint') return 24;
  if (value instanceof Uint8Array) return 128 + value.length;
  if (!('kind' in value)) return 48 + value.reduce<number>((sum, item) => sum + valueBytes(item), 0);
  if (value.kind === 'histogram') return 96 + value.counts.length * 8;
  if (value.kind === 'timeSeries') return 64 + value.points.length * 80;
  return 96;
}
