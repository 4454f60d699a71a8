/**
 * Strings and raw memory: reading text with fault-safe helpers, comparing, searching. Text in our memory is zero-filled
 * behind its end, so that comparisons go by machine words.
 */

import { sizeOf } from '../../semantics/layout.ts';
import type { TypedExpression } from '../../semantics/program.ts';
import { encodeText } from '../../text/bytes.ts';
import { type AccessSize, type Block, isRegister, type Operand, type VirtualRegister } from '../ir/ir.ts';
import { FunctionContext } from './function-context.ts';
import { placeOfValue } from './memory-values.ts';
import { addressOf, chunkAt, copyBytes, type Place, zeroFill } from './place.ts';

const UNROLL_LIMIT = 128;

/** TextSource is an address of text; `either` leaves it to the address whose memory it is in. */
export interface TextSource {
  readonly space: 'kernel' | 'user' | 'either';
  readonly address: Operand;
}

/** readString reads NUL-terminated text into memory; the result is its length with the NUL, or negative. */
export function readString(fc: FunctionContext, to: Place, size: Operand, from: TextSource): VirtualRegister {
  const { address } = from;
  const read = (helper: 'probe_read_user_str' | 'probe_read_kernel_str') =>
    fc.checkedRead(helper, addressOf(fc, to), size, address);
  if (from.space === 'user') return read('probe_read_user_str');
  if (from.space === 'kernel') return read('probe_read_kernel_str');
  const { builder } = fc;
  const length = builder.register();
  const kernel = builder.block();
  const user = builder.block();
  const done = builder.block();
  // The kernel has the upper half of the addresses, on x86-64 and arm64 alike.
  builder.branch('lessSigned', address, 0n, kernel, user);
  builder.enter(kernel);
  builder.move(length, read('probe_read_kernel_str'));
  builder.jump(done);
  builder.enter(user);
  builder.move(length, read('probe_read_user_str'));
  builder.jump(done);
  builder.enter(done);
  return length;
}

/** copyString copies text from memory that is not ours, zero-filled behind its end. */
export function copyString(fc: FunctionContext, from: Place, to: Place, capacity: number): void {
  zeroFill(fc, to, capacity);
  const space = from.space === 'user' ? 'user' : 'kernel';
  readString(fc, to, BigInt(capacity), { space, address: addressOf(fc, from) });
}

/** ownMemory gives the value in memory that can be loaded from directly. */
export function ownMemory(fc: FunctionContext, e: TypedExpression): Place {
  const place = placeOfValue(fc, e);
  if (place.space === 'memory' || place.space === 'constant') return place;
  const copy = fc.temporary(sizeOf(e.type));
  if (e.type.kind === 'string') copyString(fc, place, copy, e.type.capacity);
  else copyBytes(fc, place, copy, sizeOf(e.type));
  return copy;
}

function literalOf(e: TypedExpression): Uint8Array | undefined {
  if (e.kind === 'cast' && e.type.kind === 'string') return literalOf(e.operand);
  return e.kind === 'string' ? encodeText(e.value) : undefined;
}

function capacityOf(e: TypedExpression): number {
  return e.type.kind === 'string' ? e.type.capacity : sizeOf(e.type);
}

/** compareMemory continues in `equal` or `different`. */
export function compareMemory(
  fc: FunctionContext,
  left: TypedExpression,
  right: TypedExpression,
  equal: Block,
  different: Block,
): void {
  const isText = left.type.kind === 'string';
  const literal = isText ? (literalOf(right) ?? literalOf(left)) : undefined;
  if (literal !== undefined) {
    const value = literalOf(right) === undefined ? right : left;
    const length = Math.min(literal.length + 1, capacityOf(value));
    compareConstant(fc, ownMemory(fc, value), literal, length, different);
    fc.builder.jump(equal);
    return;
  }
  const size = Math.min(capacityOf(left), capacityOf(right));
  const a = ownMemory(fc, left);
  const b = ownMemory(fc, right);
  comparePlaces(fc, a, b, size, different);
  fc.builder.jump(equal);
}

function compareConstant(fc: FunctionContext, place: Place, bytes: Uint8Array, length: number, different: Block): void {
  const { builder } = fc;
  for (let done = 0; done < length; ) {
    const chunk = chunkAt(place, done, length);
    let expected = 0n;
    for (let i = chunk - 1; i >= 0; i--) expected = (expected << 8n) | BigInt(bytes[done + i] ?? 0);
    const next = builder.block();
    builder.branch('notEqual', builder.load(place.base, place.offset + done, chunk), expected, different, next);
    builder.enter(next);
    done += chunk;
  }
}

function comparePlaces(fc: FunctionContext, a: Place, b: Place, size: number, different: Block): void {
  const { builder } = fc;
  const compareAt = (left: Place, right: Place, done: number, chunk: AccessSize) => {
    const next = builder.block();
    const first = builder.load(left.base, left.offset + done, chunk);
    builder.branch('notEqual', first, builder.load(right.base, right.offset + done, chunk), different, next);
    builder.enter(next);
  };
  const words = size > UNROLL_LIMIT ? Math.floor(size / 8) * 8 : 0;
  if (words > 0) {
    const index = builder.copy(0n);
    const head = builder.block();
    const after = builder.block();
    const left = inRegister(fc, a);
    const right = inRegister(fc, b);
    builder.enter(head);
    const at = (place: Place): Place => ({ ...place, base: builder.advance(registerOf(place), index) });
    compareAt(at(left), at(right), 0, 8);
    builder.move(index, builder.binary('add', index, 8n));
    builder.branch('less', index, BigInt(words), head, after);
    builder.enter(after);
  }
  for (let done = words; done < size; ) {
    const chunk = Math.min(chunkAt(a, done, size), chunkAt(b, done, size)) as AccessSize;
    compareAt(a, b, done, chunk);
    done += chunk;
  }
}

function inRegister(fc: FunctionContext, place: Place): Place {
  return isRegister(place.base) ? place : { ...place, base: addressOf(fc, { ...place, offset: 0 }) };
}

function registerOf(place: Place): VirtualRegister {
  if (!isRegister(place.base)) throw new Error('place is not behind a register');
  return place.base;
}

/** compareStart is `strncmp`: 0 if the first `count` characters, or all up to a NUL, agree, else 1. */
export function compareStart(
  fc: FunctionContext,
  left: TypedExpression,
  right: TypedExpression,
  count: number,
): Operand {
  const { builder } = fc;
  const result = builder.register();
  const equal = builder.block();
  const different = builder.block();
  const done = builder.block();
  const literal = literalOf(right) ?? literalOf(left);
  if (literal !== undefined) {
    const value = literalOf(right) === undefined ? right : left;
    const length = Math.min(literal.length + 1, count, capacityOf(value));
    compareConstant(fc, ownMemory(fc, value), literal, length, different);
    builder.jump(equal);
  } else {
    const limit = Math.min(count, capacityOf(left), capacityOf(right));
    const a = inRegister(fc, ownMemory(fc, left));
    const b = inRegister(fc, ownMemory(fc, right));
    const index = builder.copy(0n);
    const head = builder.block();
    const same = builder.block();
    const next = builder.block();
    builder.enter(head);
    const first = builder.load(builder.advance(registerOf(a), index), a.offset, 1);
    const second = builder.load(builder.advance(registerOf(b), index), b.offset, 1);
    builder.branch('notEqual', first, second, different, same);
    builder.enter(same);
    builder.branch('equal', first, 0n, equal, next);
    builder.enter(next);
    builder.move(index, builder.binary('add', index, 1n));
    builder.branch('less', index, BigInt(limit), head, equal);
  }
  builder.enter(equal);
  builder.move(result, 0n);
  builder.jump(done);
  builder.enter(different);
  builder.move(result, 1n);
  builder.jump(done);
  builder.enter(done);
  return result;
}

/** compareBytes is `memcmp`: 0 if equal, else 1. */
export function compareBytes(
  fc: FunctionContext,
  left: TypedExpression,
  right: TypedExpression,
  count: number,
): Operand {
  const { builder } = fc;
  const result = builder.register();
  const different = builder.block();
  const done = builder.block();
  comparePlaces(fc, bytesOf(fc, left, count), bytesOf(fc, right, count), count, different);
  builder.move(result, 0n);
  builder.jump(done);
  builder.enter(different);
  builder.move(result, 1n);
  builder.jump(done);
  builder.enter(done);
  return result;
}

function bytesOf(fc: FunctionContext, e: TypedExpression, count: number): Place {
  const place = placeOfValue(fc, e);
  if (place.space === 'memory' && sizeOf(e.type) >= count) return place;
  const copy = fc.temporary(count);
  copyBytes(fc, place, copy, Math.min(count, sizeOf(e.type)));
  return copy;
}

/** stringLength is `strlen`: characters before the NUL. */
export function stringLength(fc: FunctionContext, e: TypedExpression): Operand {
  const { builder } = fc;
  const capacity = capacityOf(e);
  const place = placeOfValue(fc, e);
  const copy = fc.temporary(capacity + 1);
  const space = place.space === 'user' ? 'user' : 'kernel';
  const length = readString(fc, copy, BigInt(capacity + 1), { space, address: addressOf(fc, place) });
  const result = builder.copy(0n);
  const positive = builder.block();
  const done = builder.block();
  builder.branch('greaterSigned', length, 0n, positive, done);
  builder.enter(positive);
  builder.move(result, builder.binary('subtract', length, 1n));
  builder.jump(done);
  builder.enter(done);
  return result;
}

/** findString is `strstr`: index of the needle in the haystack, -1 if absent. */
export function findString(fc: FunctionContext, haystack: TypedExpression, needle: TypedExpression): Operand {
  const { builder, program } = fc;
  const capacity = capacityOf(haystack);
  const needleCapacity = capacityOf(needle);
  // Copies with room behind, in memory that the callback reaches, too.
  const text = program.allocateScratch(capacity + needleCapacity);
  const pattern = program.allocateScratch(needleCapacity);
  zeroFill(fc, fc.scratch(text), capacity + needleCapacity);
  copyBytes(fc, ownMemory(fc, haystack), fc.scratch(text), capacity);
  copyBytes(fc, ownMemory(fc, needle), fc.scratch(pattern), needleCapacity);
  const result = fc.root.allocate(8);
  const place = fc.environment(result);
  builder.store(place.base, place.offset, 8, 0xffffffffffffffffn);

  const search = (inner: FunctionContext, index: Operand, stop: Block, next: Block): void => {
    const found = inner.builder.block();
    matchAt(inner, inner.scratch(text), inner.scratch(pattern), index, needleCapacity, found, next, stop);
    inner.builder.enter(found);
    const out = inner.environment(result);
    inner.builder.store(out.base, out.offset, 8, index);
    inner.builder.jump(stop);
  };
  if (program.hasHelper('loop')) {
    const name = program.uniqueName('search');
    const outer = { root: fc.root, parameter: 1 };
    const inner = new FunctionContext(program, { name, role: 'callback', parameters: ['integer', 'stack'], outer });
    inner.builder.span = builder.span;
    const stop = inner.builder.block();
    const next = inner.builder.block();
    const bounded = inner.builder.block();
    inner.builder.branch('greaterOrEqual', inner.builder.parameter(0), BigInt(capacity), stop, bounded);
    inner.builder.enter(bounded);
    search(inner, inner.builder.parameter(0), stop, next);
    inner.builder.enter(stop);
    inner.builder.return(1n);
    inner.builder.enter(next);
    inner.builder.return(0n);
    inner.finish();
    builder.call('loop', [BigInt(capacity), builder.functionAddress(name), fc.environmentAddress(), 0n]);
  } else {
    const index = builder.copy(0n);
    const head = builder.block();
    const next = builder.block();
    const stop = builder.block();
    builder.enter(head);
    search(fc, index, stop, next);
    builder.enter(next);
    builder.move(index, builder.binary('add', index, 1n));
    builder.branch('less', index, BigInt(capacity), head, stop);
    builder.enter(stop);
  }
  return builder.load(fc.environment(result).base, place.offset, 8);
}

/** Compares the needle with the text at `index`; `stop` when the text has ended. */
function matchAt(
  fc: FunctionContext,
  text: Place,
  pattern: Place,
  index: Operand,
  capacity: number,
  found: Block,
  next: Block,
  stop: Block,
): void {
  const { builder } = fc;
  const start = builder.advance(registerOf(text), index);
  const offset = builder.copy(0n);
  const head = builder.block();
  const compare = builder.block();
  const differs = builder.block();
  const same = builder.block();
  builder.enter(head);
  const wanted = builder.load(builder.advance(registerOf(pattern), offset), pattern.offset, 1);
  builder.branch('equal', wanted, 0n, found, compare);
  builder.enter(compare);
  const actual = builder.load(builder.advance(start, offset), text.offset, 1);
  builder.branch('notEqual', wanted, actual, differs, same);
  builder.enter(differs);
  builder.branch('equal', actual, 0n, stop, next);
  builder.enter(same);
  builder.move(offset, builder.binary('add', offset, 1n));
  builder.branch('less', offset, BigInt(capacity), head, found);
}

/** concatenate is `str_concat`. */
export function concatenate(
  fc: FunctionContext,
  left: TypedExpression,
  right: TypedExpression,
  to: Place,
  capacity: number,
): void {
  const { builder } = fc;
  const first = capacityOf(left);
  const second = capacityOf(right);
  const text = fc.scratch(fc.program.allocateScratch(Math.max(capacity, first + second)));
  zeroFill(fc, text, Math.max(capacity, first + second));
  const length = builder.copy(
    readString(fc, text, BigInt(first), { space: 'kernel', address: addressOf(fc, ownMemory(fc, left)) }),
  );
  const negative = builder.block(true);
  const bounded = builder.block();
  const positive = builder.block();
  builder.branch('lessSigned', length, 1n, negative, positive);
  builder.enter(negative);
  builder.move(length, 1n);
  builder.jump(positive);
  builder.enter(positive);
  const tooLong = builder.block(true);
  builder.branch('greater', length, BigInt(first), tooLong, bounded);
  builder.enter(tooLong);
  builder.move(length, BigInt(first));
  builder.jump(bounded);
  builder.enter(bounded);
  const end = builder.advance(addressOf(fc, text), builder.binary('subtract', length, 1n));
  readString(fc, { base: end, offset: 0, space: 'memory' }, BigInt(second), {
    space: 'kernel',
    address: addressOf(fc, ownMemory(fc, right)),
  });
  copyBytes(fc, text, to, capacity);
  builder.store(to.base, to.offset + capacity - 1, 1, 0n);
}
