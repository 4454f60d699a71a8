/**
 * Places: where a value lies and how it is reached. Memory of ours is loaded and stored directly, kernel and user
 * memory is read by fault-safe helpers, a tracepoint's record by loads relative to the context.
 */

import { alignOf, sizeOf } from '../../semantics/layout.ts';
import type { VariableSlot } from '../../semantics/program.ts';
import type { Type } from '../../semantics/types.ts';
import type { AccessSize, Base, FrameSlot, Operand, VirtualRegister } from '../ir/ir.ts';
import { isRegister } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';
import { accessSize, isSigned, scalarBits } from './types.ts';

/**
 * `memory`: stack, map values, scratch, ring buffer records. `constant`: the same, never written. `context`: the
 * program's context, loads only. `trusted`: kernel objects BTF vouches for, loads only. `kernel`, `user`: by helper.
 */
export type Space = 'memory' | 'constant' | 'context' | 'trusted' | 'kernel' | 'user';

export interface Place {
  readonly base: Base;
  readonly offset: number;
  readonly space: Space;
  /** What the address is known to be a multiple of; 8 unless said. */
  readonly align?: number;
  /** A character array: of a kernel object its bytes may be loaded together, while a load across fields is refused. */
  readonly isText?: boolean;
}

/** Copies and zero-fills up to this many bytes are written out as loads and stores. */
const INLINE_LIMIT = 256;
const MAX_OFFSET = 32000;

export function at(place: Place, offset: number): Place {
  return offset === 0 ? place : { ...place, offset: place.offset + offset };
}

export function inFrame(slot: FrameSlot): Place {
  return { base: slot, offset: 0, space: 'memory' };
}

/** addressOf gives a pointer (or kernel/user address) in a register. */
export function addressOf(fc: FunctionContext, place: Place): VirtualRegister {
  if (!isRegister(place.base)) return fc.builder.frameAddress(place.base, place.offset);
  if (place.offset === 0) return place.base;
  return fc.builder.advance(place.base, BigInt(place.offset));
}

/** within gives the same place with an offset that instructions can hold. */
function within(fc: FunctionContext, place: Place): Place {
  if (place.offset >= -MAX_OFFSET && place.offset <= MAX_OFFSET) return place;
  return { ...place, base: addressOf(fc, place), offset: 0 };
}

/** loadScalar reads a value of a scalar type into a register, extended by its sign. */
export function loadScalar(fc: FunctionContext, place: Place, type: Type): Operand {
  const raw = loadBytes(fc, place, accessSize(type));
  const bits = scalarBits(type);
  if (type.kind === 'bool') return raw;
  return isSigned(type) && bits !== 64 ? fc.builder.extend(raw, bits, true) : raw;
}

/** loadBytes reads 1, 2, 4 or 8 bytes, zero-extended. */
export function loadBytes(fc: FunctionContext, from: Place, size: AccessSize): VirtualRegister {
  const { builder } = fc;
  if (from.space === 'kernel' || from.space === 'user') return fc.probeRead(from, size);
  const place = within(fc, from);
  const isInvariant = place.space === 'context' || place.space === 'trusted' || place.space === 'constant';
  const chunk = Math.min(size, alignmentOf(place, size)) as AccessSize;
  if (chunk === size) {
    const kind = place.space === 'trusted' && size === 8 ? 'kernel' : 'integer';
    return builder.load(place.base, place.offset, size, { isInvariant, kind });
  }
  // Pieces, since the verifier refuses misaligned access to stack and context.
  let value: Operand = 0n;
  for (let done = 0; done < size; done += chunk) {
    const piece = builder.load(place.base, place.offset + done, chunk, { isInvariant });
    const shifted = builder.binary('shiftLeft', piece, BigInt(done * 8));
    value = done === 0 ? piece : builder.binary('or', value, shifted);
  }
  return typeof value === 'bigint' ? builder.copy(value) : value;
}

/** storeScalar writes a register or constant as a value of the type. */
export function storeScalar(fc: FunctionContext, to: Place, type: Type, value: Operand): void {
  storeBytes(fc, to, accessSize(type), value);
}

export function storeBytes(fc: FunctionContext, to: Place, size: AccessSize, value: Operand): void {
  const { builder } = fc;
  const place = within(fc, to);
  const chunk = Math.min(size, alignmentOf(place, size)) as AccessSize;
  for (let done = 0; done < size; done += chunk) {
    builder.store(place.base, place.offset + done, chunk, builder.binary('shiftRight', value, BigInt(done * 8)));
  }
}

/** zeroFill clears `size` bytes. */
export function zeroFill(fc: FunctionContext, to: Place, size: number): void {
  if (size > INLINE_LIMIT) {
    // A kernel read of address 0 fails before it touches anything and clears the destination (bpf_trace.c, since 5.5).
    fc.builder.call('probe_read_kernel', [addressOf(fc, to), BigInt(size), 0n]);
    return;
  }
  const place = within(fc, to);
  for (let done = 0; done < size; ) {
    const chunk = chunkAt(place, done, size);
    fc.builder.store(place.base, place.offset + done, chunk, 0n);
    done += chunk;
  }
}

/** copyBytes copies between places; the destination is memory. */
export function copyBytes(fc: FunctionContext, from: Place, to: Place, size: number): void {
  if (size === 0) return;
  if (from.space === 'user') {
    fc.checkedRead('probe_read_user', addressOf(fc, to), BigInt(size), addressOf(fc, from));
    return;
  }
  const isByHelper = from.space === 'kernel' || (from.space === 'trusted' && from.isText !== true);
  if (isByHelper || size > INLINE_LIMIT) {
    fc.checkedRead('probe_read_kernel', addressOf(fc, to), BigInt(size), addressOf(fc, from));
    return;
  }
  const source = within(fc, from);
  const target = within(fc, to);
  for (let done = 0; done < size; ) {
    const chunk = Math.min(chunkAt(source, done, size), chunkAt(target, done, size)) as AccessSize;
    const isInvariant = source.space !== 'memory';
    const value = fc.builder.load(source.base, source.offset + done, chunk, { isInvariant });
    fc.builder.store(target.base, target.offset + done, chunk, value);
    done += chunk;
  }
}

/** storeConstant writes constant bytes, zero-filled up to `size`. */
export function storeConstant(fc: FunctionContext, to: Place, bytes: Uint8Array, size: number): void {
  let end = size;
  if (size > INLINE_LIMIT && bytes.length < size) {
    zeroFill(fc, to, size);
    end = Math.min(size, alignUpTo8(bytes.length));
  }
  const place = within(fc, to);
  for (let done = 0; done < end; ) {
    const chunk = chunkAt(place, done, end);
    let value = 0n;
    for (let i = chunk - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[done + i] ?? 0);
    fc.builder.store(place.base, place.offset + done, chunk, value);
    done += chunk;
  }
}

function alignUpTo8(size: number): number {
  return Math.ceil(size / 8) * 8;
}

/** The widest access at `done` that is aligned and stays within `size`. */
export function chunkAt(place: Place, done: number, size: number): AccessSize {
  const address = place.offset + done;
  for (const chunk of [8, 4, 2] as const) {
    if (done + chunk <= size && address % chunk === 0 && (place.align ?? 8) >= chunk) return chunk;
  }
  return 1;
}

function alignmentOf(place: Place, size: number): number {
  let align = place.align ?? 8;
  while (align > 1 && place.offset % align !== 0) align /= 2;
  return Math.min(align, size);
}

/** temporary gives memory for a value of the type until the end of the statement. */
export function temporary(fc: FunctionContext, type: Type): Place {
  return fc.temporary(sizeOf(type), alignOf(type));
}

/** clearVariable makes a variable empty, as it is before anything is assigned to it. */
export function clearVariable(fc: FunctionContext, variable: VariableSlot): void {
  const home = fc.homeOf(variable);
  if (home.kind === 'register') fc.builder.move(home.register, 0n);
  else zeroFill(fc, fc.placeOf(variable), sizeOf(variable.type));
}
