/**
 * Short words for hand-made types, values and maps, so that each test is one line per row of the format reference.
 */

import type { Source, Span } from '../../../src/diagnostics/diagnostic.ts';
import type { FormatConversion, FormatString } from '../../../src/semantics/program.ts';
import type { StackMode, Type } from '../../../src/semantics/types.ts';
import type { MapSnapshot, StackFrame, StackValue, Value } from '../../../src/session/snapshot.ts';

export const int = (bits: 8 | 16 | 32 | 64 = 64): Type => ({ kind: 'integer', bits, isSigned: true });
export const uint = (bits: 8 | 16 | 32 | 64 = 64): Type => ({ kind: 'integer', bits, isSigned: false });
export const string: Type = { kind: 'string', capacity: 64 };
export const bool: Type = { kind: 'bool' };
export const pointer: Type = { kind: 'pointer', target: { kind: 'void' }, space: 'kernel' };
export const buffer: Type = { kind: 'buffer', capacity: 16 };
export const hist = (bits = 0): Type => ({ kind: 'hist', bits });
export const lhist = (min: number, max: number, step: number): Type => ({
  kind: 'lhist',
  min: BigInt(min),
  max: BigInt(max),
  step: BigInt(step),
});
export const tuple = (...elements: readonly Type[]): Type => ({ kind: 'tuple', elements });
export const array = (element: Type, length: number): Type => ({ kind: 'array', element, length });
export const recordType = (fields: Readonly<Record<string, Type>>): Type => ({
  kind: 'record',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
export const stackType = (mode: StackMode = 'bpftrace', isUser = true): Type => ({
  kind: 'stack',
  isUser,
  mode,
  depth: 127,
});
export const enumType: Type = { kind: 'enum', name: 'color', bits: 32, isSigned: false, values: [] };
export const struct: Type = { kind: 'struct', composite: { kind: 'struct', name: 's', size: 8, members: [] } };

export const record = (fields: Readonly<Record<string, Value>>): Value => ({
  kind: 'record',
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
export const address = (value: bigint): Value => ({ kind: 'pointer', address: value });
export const text = (value: string): Value => ({ kind: 'text', text: value, raw: 0 });
export const symbol = (value: string): Value => ({ kind: 'symbol', address: 1n, text: value });
export const average = (count: number, mean: number, total: number): Value => ({
  kind: 'average',
  count,
  average: mean,
  total,
});
export const histogram = (first: number, ...counts: readonly number[]): Value => ({
  kind: 'histogram',
  first,
  counts,
  total: counts.reduce((sum, count) => sum + count, 0),
});
export const stack = (...frames: readonly (string | StackFrame)[]): StackValue => ({
  kind: 'stack',
  isUser: true,
  pid: 1,
  frames: frames.map((frame) => (typeof frame === 'string' ? namedFrame(frame) : frame)),
});

/** `main+58`, or `0x7f…` for a frame without a symbol. */
function namedFrame(frame: string): StackFrame {
  if (frame.startsWith('0x')) return { address: BigInt(frame) };
  const [name = '', offset] = frame.split('+');
  return { address: 0x1000n, symbol: name, offset: Number(offset) };
}

/** A map from `[key, value]` pairs; a scalar one has no key type and at most one value. */
export function keyed(
  name: string,
  keyType: Type,
  valueType: Type,
  ...pairs: readonly (readonly [Value, Value])[]
): MapSnapshot {
  const entries = pairs.map(([key, value]) => ({ key, value }));
  return { name, keyType, valueType, entries, maxEntries: 4096, refusedUpdates: 0 };
}

export function scalar(name: string, valueType: Type, ...values: readonly Value[]): MapSnapshot {
  return { name, valueType, entries: values.map((value) => ({ value })), maxEntries: 1, refusedUpdates: 0 };
}

const LENGTHS = /^(hh|h|ll|l|j|z|t)?/;

/** Parses a printf format the simple way; the language's own parser is not under test here. */
export function format(source: string): FormatString {
  const pieces: (string | FormatConversion)[] = [];
  let rest = source;
  for (;;) {
    const match = /%([-+#0 ]*)(\d+)?(?:\.\d+)?((?:hh|h|ll|l|j|z|t)?)(rx|rh|gr|[diuoxXcpsr%])/.exec(rest);
    if (!match) break;
    if (match.index > 0) pieces.push(rest.slice(0, match.index));
    rest = rest.slice(match.index + match[0].length);
    if (match[4] === '%') pieces.push('%');
    else pieces.push(conversion(match));
  }
  if (rest !== '') pieces.push(rest);
  return { text: source, pieces };
}

function conversion(match: RegExpExecArray): FormatConversion {
  const flags = match[1] ?? '';
  return {
    conversion: match[4] as FormatConversion['conversion'],
    length: (LENGTHS.exec(match[3] ?? '')?.[0] ?? '') as FormatConversion['length'],
    flags: {
      left: flags.includes('-'),
      plus: flags.includes('+'),
      zero: flags.includes('0'),
      alternate: flags.includes('#'),
    },
    ...(match[2] !== undefined && { width: Number(match[2]) }),
  };
}

/** A span over the given part of a one-line source named `stdin`. */
export function spanOf(sourceText: string, part: string): Span {
  const source: Source = { name: 'stdin', text: sourceText };
  const start = sourceText.indexOf(part);
  return { source, start, end: start + part.length };
}
