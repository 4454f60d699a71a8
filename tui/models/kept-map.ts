/**
 * Maps as they are kept for going back in time: keys are held once per map however many snapshots have them, numbers in
 * typed arrays. A table of thousands of rows costs 12 bytes per row and snapshot this way, not hundreds.
 */

import type { KeyTable } from '../../src/panels/key-table.ts';
import { numericValue } from '../../src/panels/value-text.ts';
import type { MapEntry, MapSnapshot, Value } from '../../src/session/snapshot.ts';

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
    const { entries } = map;
    const keyNumbers = new Uint32Array(entries.length);
    const numbers = new Float64Array(entries.length);
    let hasSameKeys = before?.keyNumbers.length === entries.length;
    let hasSameNumbers = hasSameKeys;
    for (const [index, { key, value }] of entries.entries()) {
      const keyNumber = table.numberOf(key);
      const number = typeof value === 'number' ? value : firstNumber(value);
      keyNumbers[index] = keyNumber;
      numbers[index] = number;
      hasSameKeys &&= before?.keyNumbers[index] === keyNumber;
      hasSameNumbers &&= before?.numbers[index] === number;
    }
    this.keyNumbers = hasSameKeys && before !== undefined ? before.keyNumbers : keyNumbers;
    this.numbers = hasSameNumbers && before !== undefined ? before.numbers : numbers;
    this.#sharedBytes = (hasSameKeys ? 4 : 0) + (hasSameNumbers ? 8 : 0);
    this.values = entries.every((entry) => typeof entry.value === 'number')
      ? undefined
      : entries.map((entry) => entry.value);
  }

  readonly #sharedBytes: number;

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

  get bytes(): number {
    let bytes = 400 + this.keyNumbers.length * (12 - this.#sharedBytes);
    const { values } = this;
    if (values !== undefined) {
      // Values of one map are alike: measuring a few is enough.
      const sample = values.slice(0, 8);
      const sampled = sample.reduce<number>((sum, value) => sum + valueBytes(value), 0);
      bytes += sample.length === 0 ? 0 : (sampled / sample.length) * values.length;
    }
    return bytes;
  }
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
