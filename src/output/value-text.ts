/**
 * The default text of every value: what `print(x)`, `%s`, map keys and map values share. `textFormatter` builds one
 * closure per type, once, so that printing a map of 100,000 entries decides nothing per entry.
 */

import type { Type } from '../semantics/types.ts';
import type { RecordValue, Value } from '../session/snapshot.ts';
import { hexByte } from '../text/visible.ts';
import { type Integer, toInteger } from './integers.ts';
import { stackText } from './stack-text.ts';
import type { TextStyle } from './style.ts';

export type TextFormatter = (value: Value) => string;

/** textFormatter gives the function that renders values of the type. */
export function textFormatter(type: Type, style: TextStyle): TextFormatter {
  switch (type.kind) {
    case 'integer':
    case 'count':
    case 'sum':
    case 'min':
    case 'max':
      return (value) => String(toInteger(value));
    case 'string':
      return (value) => (typeof value === 'string' ? style.traced(value) : shapeText(value, style));
    case 'array': {
      const element = textFormatter(type.element, style);
      return (value) => (Array.isArray(value) ? `[${value.map(element).join(',')}]` : shapeText(value, style));
    }
    case 'tuple':
      return tupleFormatter(type.elements, style);
    case 'record':
      return recordFormatter(
        type.fields.map((field) => field.type),
        style,
      );
    case 'stack':
      return (value) => (isKind(value, 'stack') ? stackText(value, type.mode, style) : shapeText(value, style));
    case 'stats':
      return (value) => (isKind(value, 'average') ? statsText(value.count, value.average, value.total) : '');
    case 'none':
    case 'void':
      return () => '';
    default:
      return (value) => shapeText(value, style);
  }
}

/** statsText is the text of a `stats()` value. */
export function statsText(count: Integer, average: Integer, total: Integer): string {
  return `{ .count = ${count}, .average = ${average}, .total = ${total} }`;
}

/** bufferText keeps printable ASCII and writes every other byte as `\xNN`. */
export function bufferText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte >= 32 && byte <= 126 ? String.fromCharCode(byte) : hexByte(byte);
  return text;
}

function tupleFormatter(elements: readonly Type[], style: TextStyle): TextFormatter {
  const formatters = elements.map((element) => textFormatter(element, style));
  return (value) => {
    if (!Array.isArray(value)) return shapeText(value, style);
    let text = '(';
    for (let index = 0; index < formatters.length; index++) {
      const format = formatters[index];
      if (format) text += (index === 0 ? '' : ', ') + format(value[index] ?? 0);
    }
    return `${text})`;
  };
}

function recordFormatter(fields: readonly Type[], style: TextStyle): TextFormatter {
  const formatters = fields.map((field) => textFormatter(field, style));
  return (value) =>
    isKind(value, 'record')
      ? membersText(value, (member, index) => formatters[index]?.(member) ?? shapeText(member, style))
      : shapeText(value, style);
}

function membersText(record: RecordValue, format: (member: Value, index: number) => string): string {
  if (record.fields.length === 0) return '{}';
  return `{ ${record.fields.map((field, index) => `.${field.name} = ${format(field.value, index)}`).join(', ')} }`;
}

/** Text by the shape of the value alone: members of C structs, and whatever its type does not explain. */
function shapeText(value: Value, style: TextStyle): string {
  if (typeof value === 'string') return style.traced(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return bufferText(value);
  if (!('kind' in value)) return `[${value.map((element) => shapeText(element, style)).join(',')}]`;
  switch (value.kind) {
    case 'record':
      return membersText(value, (member) => shapeText(member, style));
    case 'enum':
      return value.name ?? String(value.value);
    case 'pointer':
      return `0x${value.address.toString(16)}`;
    case 'symbol':
    case 'text':
      return style.traced(value.text);
    case 'stack':
      return stackText(value, 'bpftrace', style);
    case 'average':
      return String(value.average);
    case 'histogram':
      return String(value.total);
    case 'timeSeries':
      return String(value.points.at(-1)?.value ?? 0);
  }
}

/** isKind narrows a value to one of the object kinds of a snapshot. */
export function isKind<K extends KindOf<Value>>(value: Value, kind: K): value is Extract<Value, { readonly kind: K }> {
  return typeof value === 'object' && 'kind' in value && value.kind === kind;
}

type KindOf<V> = V extends { readonly kind: infer K } ? K : never;
