/**
 * Maps as text: `@name[key]: value`, one line per entry; histograms and time series begin on the line after their
 * title and are followed by an empty line.
 */

import type { Type } from '../semantics/types.ts';
import type { MapEntry, MapSnapshot, Value } from '../session/snapshot.ts';
import { histogramRows, histogramText } from './histogram.ts';
import { divideInteger, toInteger } from './integers.ts';
import { rowOrder, rowsOf } from './order.ts';
import { plainMapOf } from './plain-lines.ts';
import type { TextStyle } from './style.ts';
import { timeSeriesText } from './time-series.ts';
import { withoutParentheses } from './value-json.ts';
import { isKind, statsText, type TextFormatter, textFormatter } from './value-text.ts';

export interface MapPrintOptions {
  /** Keep only that many of the largest entries; 0: all. */
  readonly top?: number;
  /** Divide numbers by this; 0 or 1: do not. */
  readonly div?: bigint;
  /** At the end of a run an empty scalar map prints nothing, by `print()` its zero. */
  readonly isFinal?: boolean;
}

/** mapText renders a whole map. */
export function mapText(map: MapSnapshot, style: TextStyle, options: MapPrintOptions = {}): string {
  let text = '';
  writeMap(map, style, options, {
    write: (part) => {
      text += part;
    },
  });
  return text;
}

/** MapSink takes text in order, and whole lines as bytes if it can: these are the sink's from then on. */
export interface MapSink {
  write(text: string): void;
  writeBytes?(bytes: Uint8Array): void;
}

/** writeMap renders a map entry by entry. */
export function writeMap(map: MapSnapshot, style: TextStyle, options: MapPrintOptions, sink: MapSink): void {
  if (writePlain(map, style, options, sink)) return;
  const write = (text: string): void => sink.write(text);
  const value = valueFormatter(map.valueType, style, options.div ?? 0n);
  const isBlock = BLOCK_KINDS.has(map.valueType.kind);
  if (map.keyType === undefined) {
    const entry = map.entries[0] ?? (options.isFinal ? undefined : zeroEntry(map.valueType));
    if (!entry) return;
    write(isBlock ? `${map.name}:\n${value(entry.value)}\n` : `${map.name}: ${value(entry.value)}\n`);
    return;
  }
  const key = textFormatter(map.keyType, style);
  const rows = rowsOf(map);
  const separator = isBlock ? '\n' : ' ';
  for (const index of rowOrder(map, options.top)) {
    const known = rows.key(index);
    const title = known === undefined ? '' : withoutParentheses(key(known));
    write(`${map.name}[${title}]:${separator}${value(rows.value(index))}\n`);
  }
}

/** Writes lines as bytes, if types, options and sink allow it. */
function writePlain(map: MapSnapshot, style: TextStyle, { top, div = 0n }: MapPrintOptions, sink: MapSink): boolean {
  if (!sink.writeBytes || (div !== 0n && div !== 1n)) return false;
  const plain = plainMapOf(map, style);
  plain?.write(rowOrder(map, top, plain.values), (bytes) => sink.writeBytes?.(bytes));
  return plain !== undefined;
}

/** mapValueText is the text of one value of a map's type, as `print()` of such a value shows it. */
export function valueFormatter(type: Type, style: TextStyle, div: bigint): TextFormatter {
  switch (type.kind) {
    case 'hist':
    case 'lhist':
      return (value) => (isKind(value, 'histogram') ? histogramText(histogramRows(type, value, div)) : '');
    case 'tseries':
      return (value) => (isKind(value, 'timeSeries') ? timeSeriesText(type, value) : '');
    case 'stats':
      return (value) =>
        isKind(value, 'average') ? statsText(value.count, divideInteger(value.average, div), value.total) : '';
    case 'avg':
      return (value) => String(divideInteger(toInteger(value), div));
    case 'integer':
    case 'count':
    case 'sum':
    case 'min':
    case 'max':
      if (div !== 0n && div !== 1n) return (value) => String(divideInteger(toInteger(value), div));
  }
  return textFormatter(type, style);
}

/** zeroEntry is what a cleared scalar map holds. */
export function zeroEntry(type: Type): MapEntry {
  return { value: zeroValue(type) };
}

const BLOCK_KINDS: ReadonlySet<Type['kind']> = new Set(['hist', 'lhist', 'tseries']);

function zeroValue(type: Type): Value {
  switch (type.kind) {
    case 'bool':
      return false;
    case 'string':
      return '';
    case 'buffer':
      return new Uint8Array(0);
    case 'array':
      return new Array<Value>(type.length).fill(zeroValue(type.element));
    case 'tuple':
      return type.elements.map(zeroValue);
    case 'record':
      return {
        kind: 'record',
        fields: type.fields.map((field) => ({
          name: field.name,
          value: zeroValue(field.type),
        })),
      };
    case 'pointer':
      return { kind: 'pointer', address: 0n };
    case 'stack':
      return { kind: 'stack', isUser: type.isUser, pid: 0, frames: [] };
    case 'ksym':
    case 'usym':
      return { kind: 'symbol', address: 0n, text: '0' };
    case 'avg':
    case 'stats':
      return { kind: 'average', count: 0, average: 0, total: 0 };
    case 'hist':
    case 'lhist':
      return { kind: 'histogram', first: 0, counts: [], total: 0 };
    case 'tseries':
      return { kind: 'timeSeries', points: [] };
    case 'struct':
      return { kind: 'record', fields: [] };
    case 'enum': {
      const name = type.values.find((constant) => constant.value === 0n)?.name;
      return { kind: 'enum', value: 0, ...(name !== undefined && { name }) };
    }
    default:
      return 0;
  }
}
