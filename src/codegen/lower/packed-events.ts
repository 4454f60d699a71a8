/**
 * Packed records: built in scratch memory, strings and buffers as u16 length and bytes without the NUL, so that an
 * event with a long capacity costs what it holds. See `ActionSpec.encoding`.
 */

import { alignOf, sizeOf } from '../../semantics/layout.ts';
import type { Action, TypedExpression } from '../../semantics/program.ts';
import type { Type } from '../../semantics/types.ts';
import { encodeText } from '../../text/bytes.ts';
import type { Operand, VirtualRegister } from '../ir/ir.ts';
import { bufferLimit, bytesBehind, textSize, textSource } from './calls.ts';
import { type EventArgument, HEADER_SIZE, isComputed, outputRecord, wakeup, writeHeader } from './events.ts';
import type { FunctionContext } from './function-context.ts';
import { placeOfValue, pointedAt, writeInto } from './memory-values.ts';
import { addressOf, at, copyBytes, type Place, storeConstant, storeScalar } from './place.ts';
import { scalar } from './scalars.ts';
import { readString, type TextSource } from './strings.ts';
import { isScalar } from './types.ts';

const JOIN_LIMIT = 16;

/** Position within the record: constant until the first string of run-time length. */
interface Cursor {
  readonly record: Place;
  position: Operand;
  /** Upper bound of the position. */
  bound: number;
}

/** emitPacked queues an action whose record has no fixed length. */
export function emitPacked(fc: FunctionContext, action: Action, args: readonly EventArgument[]): void {
  const size = HEADER_SIZE + worstCase(action);
  const record = fc.scratch(fc.program.allocateScratch(size));
  const cursor: Cursor = { record, position: BigInt(HEADER_SIZE), bound: HEADER_SIZE };
  const values = args.map((arg, index) => {
    const type = action.args[index];
    return isComputed(arg) || type === undefined || !isScalar(type) ? arg : scalar(fc, arg);
  });
  if (action.kind === 'join') {
    const [source] = args;
    if (source !== undefined && !isComputed(source)) packJoin(fc, cursor, source, action.args[0]);
  } else {
    values.forEach((value, index) => {
      const type = action.args[index];
      if (type !== undefined) packValue(fc, cursor, value, type);
    });
  }
  const { builder } = fc;
  const length = builder.binary('subtract', cursor.position, BigInt(HEADER_SIZE));
  writeHeader(fc, record, action.id, length);
  outputRecord(fc, addressOf(fc, record), cursor.position, wakeup(action));
}

function worstCase(action: Action): number {
  let size = 8;
  for (const type of action.args) {
    const strings = action.kind === 'join' && type.kind === 'array' ? type.length : 1;
    // Room for one more capacity: helpers may write up to it wherever the position is.
    size += sizeOf(type) + strings * 8 + 16;
  }
  return Math.ceil(size / 8) * 8;
}

/** Where the cursor stands, as a place. */
function here(fc: FunctionContext, cursor: Cursor): Place {
  if (typeof cursor.position === 'bigint') return at(cursor.record, Number(cursor.position));
  const base = fc.builder.advance(addressOf(fc, cursor.record), cursor.position);
  return { base, offset: 0, space: 'memory', align: 1 };
}

function align(fc: FunctionContext, cursor: Cursor, by: number): void {
  if (by <= 1) return;
  if (typeof cursor.position === 'bigint') {
    const position = Math.ceil(Number(cursor.position) / by) * by;
    cursor.position = BigInt(position);
    cursor.bound = position;
    return;
  }
  const { builder } = fc;
  const raised = builder.binary('add', cursor.position, BigInt(by - 1));
  cursor.position = builder.binary('and', raised, BigInt.asUintN(64, -BigInt(by)));
  cursor.bound += by - 1;
}

function advance(fc: FunctionContext, cursor: Cursor, by: Operand, atMost: number): void {
  cursor.position = fc.builder.binary('add', cursor.position, by);
  cursor.bound += atMost;
}

function packValue(fc: FunctionContext, cursor: Cursor, value: EventArgument, type: Type): void {
  if (isComputed(value)) {
    align(fc, cursor, alignOf(type));
    storeScalar(fc, aligned(here(fc, cursor)), type, value);
    advance(fc, cursor, BigInt(sizeOf(type)), sizeOf(type));
  } else if (type.kind === 'string') {
    packString(fc, cursor, value, type.capacity);
  } else if (type.kind === 'buffer') {
    packBuffer(fc, cursor, value, type.capacity);
  } else {
    align(fc, cursor, alignOf(type));
    // Built aside, since writing goes by constant offsets.
    const copy = fc.temporary(sizeOf(type));
    fc.scoped(() => writeInto(fc, value, type, copy));
    copyBytes(fc, copy, aligned(here(fc, cursor)), sizeOf(type));
    advance(fc, cursor, BigInt(sizeOf(type)), sizeOf(type));
  }
}

/** The machines bptop runs on store anywhere, and the verifier lets them in map values. */
function aligned(place: Place): Place {
  return { base: place.base, offset: place.offset, space: place.space };
}

function packString(fc: FunctionContext, cursor: Cursor, value: TypedExpression, capacity: number): void {
  align(fc, cursor, 2);
  if (value.kind === 'string') {
    const bytes = encodeText(value.value).subarray(0, capacity);
    const start = here(fc, cursor);
    storeScalar(fc, aligned(start), UINT16, BigInt(bytes.length));
    if (bytes.length > 0) storeConstant(fc, { ...at(start, 2), align: 1 }, bytes, bytes.length);
    advance(fc, cursor, BigInt(2 + bytes.length), 2 + bytes.length);
    return;
  }
  const isStr = value.kind === 'call' && value.name === 'str' && value.args[0] !== undefined;
  const source = isStr ? textSource(fc, value.args[0] as TypedExpression) : sourceOf(fc, value);
  const size = isStr ? textSize(fc, value, capacity) : BigInt(capacity);
  packText(fc, cursor, source, size, capacity);
}

const UINT16: Type = { kind: 'integer', bits: 16, isSigned: false };

function sourceOf(fc: FunctionContext, value: TypedExpression) {
  const place = placeOfValue(fc, value);
  const space: 'user' | 'kernel' = place.space === 'user' ? 'user' : 'kernel';
  return { space, address: addressOf(fc, place) };
}

/** Reads text at the cursor and writes its length before it. */
function packText(fc: FunctionContext, cursor: Cursor, source: TextSource, size: Operand, capacity: number): void {
  const { builder } = fc;
  const start = here(fc, cursor);
  const length = builder.copy(readString(fc, at(start, 2), size, source));
  boundLength(fc, length, capacity);
  storeScalar(fc, aligned(start), UINT16, length);
  advance(fc, cursor, builder.binary('add', length, 2n), capacity + 2);
}

/** From a helper's result (length with NUL, or negative) to the length without, bounded for the verifier. */
function boundLength(fc: FunctionContext, length: VirtualRegister, capacity: number): void {
  const { builder } = fc;
  const empty = builder.block(true);
  const some = builder.block();
  const done = builder.block();
  builder.branch('lessSigned', length, 1n, empty, some);
  builder.enter(empty);
  builder.move(length, 1n);
  builder.jump(some);
  builder.enter(some);
  builder.move(length, builder.binary('subtract', length, 1n));
  const above = builder.block(true);
  builder.branch('greater', length, BigInt(capacity), above, done);
  builder.enter(above);
  builder.move(length, BigInt(capacity));
  builder.jump(done);
  builder.enter(done);
}

function packBuffer(fc: FunctionContext, cursor: Cursor, value: TypedExpression, capacity: number): void {
  const { builder } = fc;
  align(fc, cursor, 2);
  const start = here(fc, cursor);
  if (value.kind === 'call' && value.name === 'buf' && value.args[0] !== undefined) {
    const from = bytesBehind(fc, value.args[0]);
    const wanted = value.args[1];
    const most = bufferLimit(from, value.args[0], capacity);
    const length = builder.copy(wanted === undefined ? BigInt(most) : scalar(fc, wanted));
    clampTo(fc, length, most);
    const helper = from.space === 'user' ? 'probe_read_user' : 'probe_read_kernel';
    fc.checkedRead(helper, addressOf(fc, at(start, 2)), length, addressOf(fc, from));
    storeScalar(fc, aligned(start), UINT16, length);
    advance(fc, cursor, builder.binary('add', length, 2n), capacity + 2);
    return;
  }
  const place = placeOfValue(fc, value);
  const length = builder.copy(builder.load(place.base, place.offset, 4));
  clampTo(fc, length, capacity);
  fc.checkedRead('probe_read_kernel', addressOf(fc, at(start, 2)), length, addressOf(fc, at(place, 4)));
  storeScalar(fc, aligned(start), UINT16, length);
  advance(fc, cursor, builder.binary('add', length, 2n), capacity + 2);
}

function clampTo(fc: FunctionContext, length: VirtualRegister, capacity: number): void {
  const { builder } = fc;
  const above = builder.block(true);
  const done = builder.block();
  builder.branch('greater', length, BigInt(capacity), above, done);
  builder.enter(above);
  builder.move(length, BigInt(capacity));
  builder.jump(done);
  builder.enter(done);
}

/** join(argv): u16 count, then up to 16 strings; the array ends with a null pointer. */
function packJoin(fc: FunctionContext, cursor: Cursor, source: TypedExpression, type: Type | undefined): void {
  const { builder } = fc;
  const element = type?.kind === 'array' && type.element.kind === 'string' ? type.element.capacity : 128;
  const limit = type?.kind === 'array' ? Math.min(type.length, JOIN_LIMIT) : JOIN_LIMIT;
  const pointers = pointedAt(fc, source);
  const countPlace = here(fc, cursor);
  advance(fc, cursor, 2n, 2);
  const position = builder.copy(cursor.position);
  const count = builder.copy(0n);
  const done = builder.block();
  for (let index = 0; index < limit; index++) {
    const next = builder.block();
    const address = fc.scoped(() => fc.probeRead(at(pointers, index * 8), 8));
    builder.branch('equal', address, 0n, done, next);
    builder.enter(next);
    const item: Cursor = { record: cursor.record, position, bound: cursor.bound };
    align(fc, item, 2);
    packText(fc, item, { space: pointers.space === 'kernel' ? 'kernel' : 'user', address }, BigInt(element), element);
    builder.move(position, item.position);
    builder.move(count, BigInt(index + 1));
  }
  builder.enter(done);
  storeScalar(fc, countPlace, UINT16, count);
  cursor.position = position;
  cursor.bound += limit * (element + 4);
}
