/**
 * Snapshots as JSON: what JSON lacks (bigint, bytes, infinities) is written as an object with one member that starts with
 * `$`. Struct types, which hang on the kernel's whole type graph, are reduced to their name and size.
 */

import type { KeyTable } from '../panels/key-table.ts';
import type { Type } from '../semantics/types.ts';
import type { MapSnapshot, Snapshot, Value } from '../session/snapshot.ts';

export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return { $n: item.toString() };
    if (typeof item === 'number' && !Number.isFinite(item)) return { $f: String(item) };
    return item;
  });
}

export function decodeJson(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null) return item;
    if ('$n' in item && typeof item.$n === 'string') return BigInt(item.$n);
    if ('$f' in item && typeof item.$f === 'string') return Number(item.$f);
    if ('$b' in item && typeof item.$b === 'string') return new Uint8Array(Buffer.from(item.$b, 'base64'));
    return item;
  });
}

/** A map as it is written: keys by their numbers in what has been written before (`RecordedKeys`). */
export interface PortableMap extends Omit<MapSnapshot, 'entries' | 'rows' | 'columns'> {
  readonly keys: readonly number[];
  readonly values: readonly unknown[];
}

export interface PortableSnapshot extends Omit<Snapshot, 'maps'> {
  readonly maps: readonly PortableMap[];
}

/** Keys seen for the first time: the numbers of a map's keys count up from `first`. */
export interface RecordedKeys {
  readonly map: string;
  readonly first: number;
  readonly keys: readonly unknown[];
}

/** portableSnapshot makes a snapshot independent of this process; `tableOf` gives the keys written so far. */
export function portableSnapshot(
  snapshot: Snapshot,
  tableOf: (map: string) => KeyTable,
): { readonly snapshot: PortableSnapshot; readonly fresh: readonly RecordedKeys[] } {
  const fresh: RecordedKeys[] = [];
  const maps = snapshot.maps.map((map): PortableMap => {
    const table = tableOf(map.name);
    const first = table.size;
    const { entries, rows, columns, ...rest } = map;
    const keys = entries.map((entry) => table.numberOf(entry.key));
    if (table.size > first)
      fresh.push({ map: map.name, first, keys: table.keys.slice(first).map((key) => portableValue(key ?? null)) });
    return {
      ...rest,
      ...(map.keyType !== undefined && { keyType: portableType(map.keyType) }),
      valueType: portableType(map.valueType),
      keys,
      values: entries.map((entry) => portableValue(entry.value)),
    };
  });
  return { snapshot: { ...snapshot, maps }, fresh };
}

/** restoreSnapshot is the way back; `keysOf` gives a map's keys by number. */
export function restoreSnapshot(
  portable: PortableSnapshot,
  keysOf: (map: string) => readonly (Value | null)[],
): Snapshot {
  return {
    ...portable,
    maps: portable.maps.map(({ keys, values, ...map }): MapSnapshot => {
      const known = keysOf(map.name);
      return {
        ...map,
        entries: values.map((value, index) => {
          const key = known[keys[index] ?? -1];
          return key === undefined || key === null ? { value: value as Value } : { key, value: value as Value };
        }),
      };
    }),
  };
}

/** Byte arrays are tagged here: JSON.stringify would have spread them before its replacer sees them. */
function portableValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $b: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(portableValue);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, portableValue(item)]));
  return value;
}

function portableType(type: Type): Type {
  switch (type.kind) {
    case 'struct': {
      const { kind, name, size } = type.composite;
      return { kind: 'struct', composite: { kind, name, size, members: [] } };
    }
    case 'pointer':
      return { ...type, target: { kind: 'void' } };
    case 'array':
      return { ...type, element: portableType(type.element) };
    case 'tuple':
      return { ...type, elements: type.elements.map(portableType) };
    case 'record':
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: portableType(field.type) })) };
    default:
      return type;
  }
}
