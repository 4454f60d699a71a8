/**
 * Maps as one JSON record each. The record's type tells the shape: `map`, `stats`, `hist` or `tseries`.
 */

import type { Type } from '../semantics/types.ts';
import type { MapSnapshot, Value } from '../session/snapshot.ts';
import { type HistogramType, histogramRows } from './histogram.ts';
import { divideInteger, toInteger } from './integers.ts';
import { jsonInteger } from './json.ts';
import { type MapPrintOptions, zeroEntry } from './map-text.ts';
import { orderEntries } from './order.ts';
import { isoTime } from './time-series.ts';
import { type JsonFormatter, jsonFormatter, keyFormatter, type Quote } from './value-json.ts';
import { isKind } from './value-text.ts';

export interface MapRecord {
  readonly type: string;
  /** The JSON text of `data`. */
  readonly data: string;
}

/** mapRecord gives the record of a map, or nothing where bpftrace prints none. */
export function mapRecord(map: MapSnapshot, quote: Quote, options: MapPrintOptions = {}): MapRecord | undefined {
  const value = mapValueJson(map.valueType, quote, options.div ?? 0n);
  const data =
    map.keyType === undefined ? scalarData(map, value, options) : keyedData(map, map.keyType, value, quote, options);
  if (data === undefined) return undefined;
  return {
    type: RECORD_TYPES[map.valueType.kind] ?? 'map',
    data: `{${quote(map.name)}: ${data}}`,
  };
}

const RECORD_TYPES: { readonly [kind: string]: string | undefined } = {
  hist: 'hist',
  lhist: 'hist',
  stats: 'stats',
  avg: 'stats',
  tseries: 'tseries',
};

function scalarData(map: MapSnapshot, value: JsonFormatter, options: MapPrintOptions): string | undefined {
  const entry = map.entries[0] ?? (options.isFinal ? undefined : zeroEntry(map.valueType));
  return entry && value(entry.value);
}

function keyedData(
  map: MapSnapshot,
  keyType: Type,
  value: JsonFormatter,
  quote: Quote,
  options: MapPrintOptions,
): string | undefined {
  if (map.entries.length === 0) return undefined;
  const key = keyFormatter(keyType, quote);
  let text = '{';
  for (const entry of orderEntries(map, options.top)) {
    if (text.length > 1) text += ', ';
    text += `${entry.key === undefined ? '""' : key(entry.key)}: ${value(entry.value)}`;
  }
  return `${text}}`;
}

/** mapValueJson renders one value of a map, aggregations included. */
export function mapValueJson(type: Type, quote: Quote, div: bigint): JsonFormatter {
  switch (type.kind) {
    case 'hist':
    case 'lhist':
      return (value) => histogramJson(type, value, div);
    case 'tseries':
      return seriesJson;
    case 'integer':
    case 'count':
    case 'sum':
    case 'min':
    case 'max':
    case 'avg':
      return (value) => jsonInteger(divideInteger(toInteger(value), div));
    case 'stats': {
      const plain = jsonFormatter(type, quote);
      return (value) =>
        plain(isKind(value, 'average') ? { ...value, average: divideInteger(value.average, div) } : value);
    }
    default:
      return jsonFormatter(type, quote);
  }
}

/** Intervals are closed: `max` is one below the next bucket; what has no bound lacks the member. */
function histogramJson(type: HistogramType, value: Value, div: bigint): string {
  if (!isKind(value, 'histogram')) return '[]';
  const rows = histogramRows(type, value, div).map((row) => {
    const min = row.min === undefined ? '' : `"min": ${row.min}, `;
    const max = row.end === undefined ? '' : `"max": ${row.end - 1n}, `;
    return `{${min}${max}"count": ${row.count}}`;
  });
  return `[${rows.join(',')}]`;
}

function seriesJson(value: Value): string {
  if (!isKind(value, 'timeSeries')) return '[]';
  const points = value.points.map(
    (point) => `{"interval_start":"${isoTime(point.startNs)}","value":${jsonInteger(point.value)}}`,
  );
  return `[${points.join(',')}]`;
}
