/**
 * The JSON of every value. Like the text formatters: one closure per type, built once.
 */

import type { Type } from '../semantics/types.ts';
import type { Value } from '../session/snapshot.ts';
import { jsonInteger } from './json.ts';
import { stackText } from './stack-text.ts';
import { RAW_STYLE } from './style.ts';
import { isKind, textFormatter } from './value-text.ts';

export type JsonFormatter = (value: Value) => string;
export type Quote = (text: string) => string;

/** jsonFormatter gives the function that renders values of the type as JSON. */
export function jsonFormatter(type: Type, quote: Quote): JsonFormatter {
  switch (type.kind) {
    case 'array':
    case 'tuple': {
      const elements = type.kind === 'tuple' ? type.elements : undefined;
      const formatters = elements?.map((element) => jsonFormatter(element, quote));
      const single = type.kind === 'array' ? jsonFormatter(type.element, quote) : undefined;
      return (value) =>
        Array.isArray(value)
          ? `[${value.map((element, index) => (single ?? formatters?.[index])?.(element) ?? 'null').join(',')}]`
          : shapeJson(value, quote);
    }
    case 'record': {
      const formatters = type.fields.map((field) => jsonFormatter(field.type, quote));
      return (value) =>
        isKind(value, 'record')
          ? `{${value.fields
              .map((field, index) => `"${field.name}": ${formatters[index]?.(field.value) ?? 'null'}`)
              .join(', ')}}`
          : shapeJson(value, quote);
    }
    case 'stack': {
      const mode = type.mode;
      return (value) => (isKind(value, 'stack') ? quote(stackText(value, mode, RAW_STYLE)) : shapeJson(value, quote));
    }
    case 'stats':
      return (value) =>
        isKind(value, 'average')
          ? `{"count": ${jsonInteger(value.count)}, "average": ${jsonInteger(value.average)}, "total": ${jsonInteger(value.total)}}`
          : 'null';
    case 'none':
    case 'void':
      return () => 'null';
    default:
      return (value) => shapeJson(value, quote);
  }
}

/** keyFormatter gives the text of a map key in JSON: outer parentheses and all blanks removed, then quoted. */
export function keyFormatter(type: Type, quote: Quote): JsonFormatter {
  const format = textFormatter(type, RAW_STYLE);
  return (value) => quote(withoutParentheses(format(value)).replaceAll(' ', ''));
}

/** withoutParentheses strips them from rendered key text: multi-part keys, and string keys that happen to have them. */
export function withoutParentheses(text: string): string {
  return text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : text;
}

function shapeJson(value: Value, quote: Quote): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
    case 'bigint':
      return jsonInteger(value);
    case 'boolean':
      return String(value);
  }
  if (value instanceof Uint8Array) return `[${Array.from(value, (byte) => (byte << 24) >> 24).join(',')}]`;
  if (!('kind' in value)) return `[${value.map((element) => shapeJson(element, quote)).join(',')}]`;
  switch (value.kind) {
    case 'record':
      return `{${value.fields.map((field) => `"${field.name}": ${shapeJson(field.value, quote)}`).join(', ')}}`;
    case 'enum':
      return jsonInteger(value.value);
    case 'pointer':
      return jsonInteger(value.address);
    case 'symbol':
    case 'text':
      return quote(value.text);
    case 'stack':
      return quote(stackText(value, 'bpftrace', RAW_STYLE));
    case 'average':
      return jsonInteger(value.average);
    case 'histogram':
      return jsonInteger(value.total);
    case 'timeSeries':
      return jsonInteger(value.points.at(-1)?.value ?? 0);
  }
}
