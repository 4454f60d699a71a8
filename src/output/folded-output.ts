/**
 * `-f folded`: one line per stack, root first, frames joined by `;`, then the count, as flame graph tools read it.
 * Other parts of a key stand before the frames. All else goes to stderr, so that the output is stacks alone.
 */

import type { Type } from '../semantics/types.ts';
import type { MapSnapshot, StackFrame, StackValue, Value } from '../session/snapshot.ts';
import { toInteger } from './integers.ts';
import { orderEntries } from './order.ts';
import type { Output } from './output.ts';
import { RAW_STYLE, type TextStyle } from './style.ts';
import type { TextSink } from './text-output.ts';
import { isKind, type TextFormatter, textFormatter } from './value-text.ts';

/** createFoldedOutput writes stacks to `out`; `other` says everything else. */
export function createFoldedOutput(out: TextSink, style: TextStyle, other: Output): Output {
  return {
    style: other.style,
    attachedProbes: (count) => other.attachedProbes(count),
    message: (kind, text) => other.message(kind, text),
    value: (type, value) => other.value(type, value),
    map: (map, options) => {
      if (hasStack(map.keyType)) out.write(foldedText(map, style, options.top));
      else other.map(map, options);
    },
    report: (kind, text, span) => other.report(kind, text, span),
    helperError: (error) => other.helperError(error),
    runtimeError: (message, span) => other.runtimeError(message, span),
    lostEvents: (count) => other.lostEvents(count),
    endOfRun: () => {},
  };
}

/** foldedText renders a map whose key holds a stack. */
export function foldedText(map: MapSnapshot, style: TextStyle = RAW_STYLE, top = 0): string {
  const types = map.keyType?.kind === 'tuple' ? map.keyType.elements : map.keyType ? [map.keyType] : [];
  const parts = types.map((type, index) => ({ index, rank: rankOf(type), format: partFormatter(type, style) }));
  parts.sort((left, right) => left.rank - right.rank || left.index - right.index);
  let text = '';
  for (const entry of orderEntries(map, top)) {
    const values = map.keyType?.kind === 'tuple' && Array.isArray(entry.key) ? entry.key : [entry.key ?? ''];
    const frames = parts.flatMap(({ index, format }) => format(values[index] ?? ''));
    text += `${frames.join(';')} ${weight(entry.value)}\n`;
  }
  return text;
}

function hasStack(type: Type | undefined): boolean {
  return (
    type?.kind === 'stack' || (type?.kind === 'tuple' && type.elements.some((element) => element.kind === 'stack'))
  );
}

/** The root is the leftmost: a process's name, then what it ran, then what the kernel did for it. */
function rankOf(type: Type): number {
  if (type.kind !== 'stack') return 0;
  return type.isUser ? 1 : 2;
}

function partFormatter(type: Type, style: TextStyle): (value: Value) => readonly string[] {
  if (type.kind === 'stack') {
    return (value) => (isKind(value, 'stack') ? foldedFrames(value).map((frame) => clean(style.traced(frame))) : []);
  }
  const format: TextFormatter = textFormatter(type, style);
  return (value) => [clean(format(value))];
}

/** A kernel frame is marked `_[k]`, as flame graph tools colour it. */
function foldedFrames(stack: StackValue): readonly string[] {
  const suffix = stack.isUser ? '' : '_[k]';
  return stack.frames.map((frame) => frameName(frame) + suffix).reverse();
}

function frameName({ symbol, buildId, address }: StackFrame): string {
  if (buildId) return `${buildId.id}+0x${buildId.offset.toString(16)}`;
  return symbol ?? `0x${address.toString(16)}`;
}

function clean(frame: string): string {
  return frame.replace(/[;\n]/g, ':');
}

function weight(value: Value): string {
  if (isKind(value, 'histogram')) return String(value.total);
  return String(isKind(value, 'average') ? value.count : toInteger(value));
}
