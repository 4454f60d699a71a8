/**
 * Writing keys to maps that come in two, one for keys with short strings and one for all others (`short-key-type.ts`).
 *
 * Text in our memory is zero-filled behind its end: a string of fewer than SHORT_TEXT - 1 characters is one with a zero
 * at SHORT_TEXT - 2. The last byte says nothing, since reading a longer text into so little room puts the NUL there.
 */

import { sizeOf, tupleLayout } from '../../semantics/layout.ts';
import type { TypedExpression } from '../../semantics/program.ts';
import type { Type } from '../../semantics/types.ts';
import { encodeText } from '../../text/bytes.ts';
import type { Block } from '../ir/ir.ts';
import { readLimit, textSize, textSource } from './calls.ts';
import type { FunctionContext } from './function-context.ts';
import { convert, placeOfValue, writeInto } from './memory-values.ts';
import { at, copyBytes, type Place, zeroFill } from './place.ts';
import { SHORT_TEXT } from './short-key-type.ts';
import { ownMemory, readString } from './strings.ts';
import { elementTypes } from './types.ts';

const MARK = SHORT_TEXT - 2;

/** Writes the whole value to memory of zeros; what the expression computed is not computed again. */
type Completion = (full: Place) => void;

/**
 * writeShortKey writes the short form of a key and goes to `long` if it is none, after everything has been computed.
 * The result writes the key in full.
 */
export function writeShortKey(
  fc: FunctionContext,
  key: TypedExpression,
  type: Type,
  short: Type,
  to: Place,
  long: Block,
): Completion {
  const { builder } = fc;
  const marks: number[] = [];
  const complete = writePart(fc, key, type, short, to, 0, marks);
  for (const mark of marks) {
    const next = builder.block();
    builder.branch('notEqual', builder.load(to.base, to.offset + mark, 1), 0n, long, next);
    builder.enter(next);
  }
  return complete;
}

/** `offset`: where the part lies within the short key, whose places that tell a long string are added to `marks`. */
function writePart(
  fc: FunctionContext,
  e: TypedExpression,
  type: Type,
  short: Type,
  key: Place,
  offset: number,
  marks: number[],
): Completion {
  const to = at(key, offset);
  if (short === type) {
    writeInto(fc, e, type, to);
    return (full) => copyBytes(fc, to, full, sizeOf(type));
  }
  if (type.kind === 'string') return writeText(fc, e, to, () => marks.push(offset + MARK));
  const types = elementTypes(type) ?? [];
  const shorts = elementTypes(short) ?? [];
  const layout = tupleLayout(shorts);
  if (e.kind !== 'tuple') {
    const place = placeOfValue(fc, e);
    convert(fc, place, e.type, to, short);
    collectMarks(type, short, offset, marks);
    return (full) => convert(fc, place, e.type, full, type);
  }
  const completions: Completion[] = [];
  let written = 0;
  e.elements.forEach((element, index) => {
    const start = layout.offsets[index] ?? 0;
    const elementType = types[index] ?? element.type;
    const elementShort = shorts[index] ?? elementType;
    if (start > written) zeroFill(fc, at(to, written), start - written);
    completions.push(writePart(fc, element, elementType, elementShort, key, offset + start, marks));
    written = start + sizeOf(elementShort);
  });
  if (layout.size > written) zeroFill(fc, at(to, written), layout.size - written);
  const { offsets } = tupleLayout(types);
  return (full) => {
    completions.forEach((complete, index) => {
      complete(at(full, offsets[index] ?? 0));
    });
  };
}

function collectMarks(type: Type, short: Type, offset: number, marks: number[]): void {
  if (type === short) return;
  if (type.kind === 'string') {
    marks.push(offset + MARK);
    return;
  }
  const shorts = elementTypes(short) ?? [];
  const { offsets } = tupleLayout(shorts);
  elementTypes(type)?.forEach((element, index) => {
    collectMarks(element, shorts[index] ?? element, offset + (offsets[index] ?? 0), marks);
  });
}

function writeText(fc: FunctionContext, e: TypedExpression, to: Place, mark: () => void): Completion {
  if (isShort(e)) {
    writeInto(fc, e, { kind: 'string', capacity: SHORT_TEXT }, to);
    return (full) => copyBytes(fc, to, full, SHORT_TEXT);
  }
  mark();
  const [pointer] = e.kind === 'call' && e.name === 'str' ? e.args : [];
  if (e.kind === 'call' && pointer !== undefined && pointer.kind !== 'string') {
    zeroFill(fc, to, SHORT_TEXT);
    const size = textSize(fc, e, sizeOf(e.type));
    const source = textSource(fc, pointer);
    readString(fc, to, readLimit(fc, size, SHORT_TEXT), source);
    return (full) => {
      readString(fc, full, size, source);
    };
  }
  const place = ownMemory(fc, e);
  const size = sizeOf(e.type);
  copyBytes(fc, place, to, Math.min(size, SHORT_TEXT));
  if (size < SHORT_TEXT) zeroFill(fc, at(to, size), SHORT_TEXT - size);
  return (full) => copyBytes(fc, place, full, size);
}

/** Short whatever it holds. */
function isShort(e: TypedExpression): boolean {
  if (e.kind === 'string') return encodeText(e.value).length <= MARK;
  return e.type.kind === 'string' && e.type.capacity <= MARK + 1;
}
