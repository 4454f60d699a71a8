/**
 * Snapshots as JSON: what JSON lacks (bigint, bytes, infinities) is written as an object with one member that starts with
 * `$`. Struct types, which hang on the kernel's whole type graph, are reduced to their name and size.
 */

import type { Type } from '../semantics/types.ts';
import type { MapSnapshot, Snapshot } from '../session/snapshot.ts';

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

/** portableSnapshot makes a snapshot independent of this process: plain data throughout. */
export function portableSnapshot(snapshot: Snapshot): Snapshot {
  return { ...snapshot, maps: snapshot.maps.map(portableMap) };
}

function portableMap(map: MapSnapshot): MapSnapshot {
  return {
    ...map,
    ...(map.keyType !== undefined && { keyType: portableType(map.keyType) }),
    valueType: portableType(map.valueType),
    entries: map.entries.map((entry) => portableValue(entry) as MapSnapshot['entries'][number]),
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
