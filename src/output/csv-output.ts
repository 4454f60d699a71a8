/**
 * `-f csv`: maps as rows for spreadsheets, one column per part of the key. A header line stands wherever the columns
 * change. What the script prints itself passes as it is, so that it can write rows of its own; the rest goes to stderr.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Type } from '../semantics/types.ts';
import type { MapSnapshot, Value } from '../session/snapshot.ts';
import { histogramRows } from './histogram.ts';
import { divideInteger, toInteger } from './integers.ts';
import { type MapPrintOptions, zeroEntry } from './map-text.ts';
import { orderEntries } from './order.ts';
import type { HelperError, MessageKind, Output } from './output.ts';
import { RAW_STYLE } from './style.ts';
import type { TextSink } from './text-output.ts';
import { isoTime } from './time-series.ts';
import { isKind, textFormatter } from './value-text.ts';

/** createCsvOutput wraps the text output, which goes on saying everything that is not a map. */
export function createCsvOutput(out: TextSink, text: Output): Output {
  return new CsvOutput(out, text);
}

class CsvOutput implements Output {
  readonly #out: TextSink;
  readonly #text: Output;
  #header = '';

  constructor(out: TextSink, text: Output) {
    this.#out = out;
    this.#text = text;
  }

  get style(): Output['style'] {
    return this.#text.style;
  }

  attachedProbes(count: number): void {
    this.#text.attachedProbes(count);
  }

  message(kind: MessageKind, text: string): void {
    this.#text.message(kind, text);
  }

  value(type: Type, value: Value): void {
    this.#out.write(`${csvCell(textFormatter(type, this.style)(value))}\n`);
  }

  map(map: MapSnapshot, options: MapPrintOptions): void {
    const table = csvTable(map, options);
    if (table.rows.length === 0) return;
    const header = table.columns.join(',');
    if (header !== this.#header) this.#out.write(`${header}\n`);
    this.#header = header;
    let text = '';
    for (const row of table.rows) text += `${row.map((cell) => csvCell(this.style.traced(cell))).join(',')}\n`;
    this.#out.write(text);
  }

  report(kind: 'errorf' | 'warnf', text: string, span: Span): void {
    this.#text.report(kind, text, span);
  }

  helperError(error: HelperError): void {
    this.#text.helperError(error);
  }

  runtimeError(message: string, span: Span): void {
    this.#text.runtimeError(message, span);
  }

  lostEvents(count: number): void {
    this.#text.lostEvents(count);
  }

  endOfRun(): void {}
}

interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** csvTable lays a map out in columns: its name, the parts of the key, then what the kind of value asks for. */
export function csvTable(map: MapSnapshot, options: MapPrintOptions = {}): CsvTable {
  const keyTypes = keyParts(map.keyType);
  const keys = keyTypes.map((type) => textFormatter(type, RAW_STYLE));
  const keyNames = keyTypes.length === 1 ? ['key'] : keyTypes.map((_, index) => `key${index + 1}`);
  const values = csvValues(map.valueType, options.div ?? 0n);
  const isScalar = map.keyType === undefined;
  const entries =
    isScalar && map.entries.length === 0 && !options.isFinal
      ? [zeroEntry(map.valueType)]
      : orderEntries(map, options.top);
  const rows = entries.flatMap((entry) => {
    const parts = map.keyType?.kind === 'tuple' && Array.isArray(entry.key) ? entry.key : [entry.key];
    const key = keys.map((format, index) => format(parts[index] ?? ''));
    return values.rows(entry.value).map((cells) => [map.name, ...key, ...cells]);
  });
  return { columns: ['map', ...keyNames, ...values.columns], rows };
}

function keyParts(type: Type | undefined): readonly Type[] {
  if (!type) return [];
  return type.kind === 'tuple' ? type.elements : [type];
}

interface CsvValues {
  readonly columns: readonly string[];
  readonly rows: (value: Value) => readonly (readonly string[])[];
}

function csvValues(type: Type, div: bigint): CsvValues {
  switch (type.kind) {
    case 'hist':
    case 'lhist':
      return {
        columns: ['min', 'max', 'count'],
        rows: (value) =>
          isKind(value, 'histogram')
            ? histogramRows(type, value, div).map((row) => [
                row.min === undefined ? '' : String(row.min),
                row.end === undefined ? '' : String(row.end - 1n),
                String(row.count),
              ])
            : [],
      };
    case 'stats':
      return {
        columns: ['count', 'average', 'total'],
        rows: (value) =>
          isKind(value, 'average') ? [[value.count, divideInteger(value.average, div), value.total].map(String)] : [],
      };
    case 'tseries':
      return {
        columns: ['time', 'value'],
        rows: (value) =>
          isKind(value, 'timeSeries') ? value.points.map((point) => [isoTime(point.startNs), String(point.value)]) : [],
      };
    case 'integer':
    case 'count':
    case 'sum':
    case 'min':
    case 'max':
    case 'avg':
      return { columns: ['value'], rows: (value) => [[String(divideInteger(toInteger(value), div))]] };
    default: {
      const format = textFormatter(type, RAW_STYLE);
      return { columns: ['value'], rows: (value) => [[format(value)]] };
    }
  }
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
