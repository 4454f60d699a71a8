/**
 * Values as one line of text in a cell. Exact printing in bpftrace's format is `src/output`'s; a table cell wants no
 * newlines and no histogram art.
 */

import type { Value } from '../session/snapshot.ts';

/** valueText gives a value in one line. */
export function valueText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (value instanceof Uint8Array)
    return Array.from(value, (byte) =>
      byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  if (!('kind' in value)) return value.map(valueText).join(', ');
  switch (value.kind) {
    case 'record':
      return value.fields.map((field) => `${field.name}=${valueText(field.value)}`).join(' ');
    case 'enum':
      return value.name ?? String(value.value);
    case 'pointer':
      return `0x${value.address.toString(16)}`;
    case 'stack':
      return value.frames.map((frame) => frame.symbol ?? `0x${frame.address.toString(16)}`).join(' < ');
    case 'symbol':
    case 'text':
      return value.text;
    case 'average':
      return String(value.average);
    case 'histogram':
      return `${value.total} samples`;
    case 'timeSeries':
      return `${value.points.length} points`;
  }
}

/** numericValue gives the number that a value sorts and scales by; undefined for text. */
export function numericValue(value: Value): number | undefined {
  switch (typeof value) {
    case 'number':
      return value;
    case 'bigint':
      return Number(value);
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return undefined;
  }
  if (value instanceof Uint8Array || !('kind' in value)) return undefined;
  switch (value.kind) {
    case 'average':
      return Number(value.average);
    case 'histogram':
      return value.total;
    case 'enum':
      return Number(value.value);
    default:
      return undefined;
  }
}

/** keyParts splits a map key into what its columns show. */
export function keyParts(key: Value | undefined): readonly Value[] {
  if (key === undefined) return [];
  if (typeof key === 'object' && !(key instanceof Uint8Array)) {
    if (!('kind' in key)) return key;
    if (key.kind === 'record') return key.fields.map((field) => field.value);
  }
  return [key];
}
