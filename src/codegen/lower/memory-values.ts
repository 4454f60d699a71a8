/**
 * Values that live in memory: strings, buffers, arrays, tuples, records, structs. Either written to a given place, or
 * found where they lie.
 */

import { alignOf, sizeOf, tupleLayout } from '../../semantics/layout.ts';
import type { TypedExpression } from '../../semantics/program.ts';
import type { Type } from '../../semantics/types.ts';
import { encodeText } from '../../text/bytes.ts';
import { isRegister, type Operand, type VirtualRegister } from '../ir/ir.ts';
import { writeArgument, writeTracepointField } from './arguments.ts';
import { currentTask, writeBuiltin } from './builtins.ts';
import { writeCall } from './calls.ts';
import type { FunctionContext } from './function-context.ts';
import { readMapInto } from './maps.ts';
import {
  addressOf,
  at,
  copyBytes,
  loadScalar,
  type Place,
  type Space,
  storeConstant,
  storeScalar,
  temporary,
  zeroFill,
} from './place.ts';
import { branchOn, INDEX_OUT_OF_BOUNDS, scalar } from './scalars.ts';
import { lowerBlock } from './statements.ts';
import { elementTypes, isScalar } from './types.ts';
import { walkExpression } from './walk.ts';
import { reportRuntimeError } from './warnings.ts';

/** writeInto writes the value, as `type` has it, to memory. Everything of the place is written, padding included. */
export function writeInto(fc: FunctionContext, e: TypedExpression, type: Type, to: Place): void {
  const { builder } = fc;
  const outer = builder.span;
  builder.span = e.span;
  if (isScalar(type)) storeScalar(fc, to, type, scalar(fc, e));
  else if (needsConversion(e.type, type) && e.kind !== 'string') convert(fc, placeOfValue(fc, e), e.type, to, type);
  else write(fc, e, type, to);
  builder.span = outer;
}

/**
 * writeApart writes a value to where it may be read from itself, `$t = ($t.1, $t.0)`: made aside then, and copied.
 * `isOwn` tells the expressions that read there.
 */
export function writeApart(
  fc: FunctionContext,
  e: TypedExpression,
  type: Type,
  to: () => Place,
  isOwn: (e: TypedExpression) => boolean,
): void {
  let readsItself = false;
  walkExpression(e, {
    expression: (each) => {
      readsItself ||= isOwn(each);
    },
  });
  if (!readsItself || isScalar(type)) {
    writeInto(fc, e, type, to());
    return;
  }
  const aside = temporary(fc, type);
  writeInto(fc, e, type, aside);
  copyBytes(fc, aside, to(), sizeOf(type));
}

function needsConversion(from: Type, to: Type): boolean {
  if (from.kind !== to.kind) return isScalar(from);
  return sizeOf(from) !== sizeOf(to);
}

function write(fc: FunctionContext, e: TypedExpression, type: Type, to: Place): void {
  const { builder } = fc;
  const size = sizeOf(type);
  switch (e.kind) {
    case 'string': {
      const bytes = encodeText(e.value);
      if (type.kind === 'buffer') storeConstant(fc, to, sizedBytes(bytes), size);
      else storeConstant(fc, to, bytes.subarray(0, size), size);
      break;
    }
    case 'bytes':
      storeConstant(fc, to, e.value, size);
      break;
    case 'map':
      readMapInto(fc, e.map, e.key, to);
      break;
    case 'tuple':
      writeTuple(fc, e.elements, type, to);
      break;
    case 'block':
      lowerBlock(fc, e.body);
      writeInto(fc, e.value, type, to);
      break;
    case 'conditional': {
      const yes = builder.block();
      const no = builder.block();
      const done = builder.block();
      branchOn(fc, e.condition, yes, no);
      for (const [block, value] of [
        [yes, e.consequent],
        [no, e.alternate],
      ] as const) {
        builder.enter(block);
        writeInto(fc, value, type, to);
        builder.jump(done);
      }
      builder.enter(done);
      break;
    }
    case 'cast':
      if (isScalar(e.operand.type)) {
        // An integer laid out as an array of the same size.
        storeScalar(fc, to, e.operand.type, scalar(fc, e.operand));
        const written = sizeOf(e.operand.type);
        if (size > written) zeroFill(fc, at(to, written), size - written);
      } else {
        convert(fc, placeOfValue(fc, e.operand), e.operand.type, to, type);
      }
      break;
    case 'builtin':
      writeBuiltin(fc, e, to);
      break;
    case 'call':
      writeCall(fc, e, to);
      break;
    case 'tracepointField':
      writeTracepointField(fc, e, to);
      break;
    case 'argument':
      writeArgument(fc, e, to);
      break;
    default:
      copyBytes(fc, placeOfValue(fc, e), to, size);
  }
}

function sizedBytes(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + bytes.length);
  new DataView(out.buffer).setUint32(0, bytes.length, true);
  out.set(bytes, 4);
  return out;
}

function writeTuple(fc: FunctionContext, elements: readonly TypedExpression[], type: Type, to: Place): void {
  const types = elementTypes(type) ?? [];
  const layout = tupleLayout(types);
  let written = 0;
  elements.forEach((element, index) => {
    const offset = layout.offsets[index] ?? 0;
    const elementType = types[index] ?? element.type;
    if (offset > written) zeroFill(fc, at(to, written), offset - written);
    writeInto(fc, element, elementType, at(to, offset));
    written = offset + sizeOf(elementType);
  });
  if (layout.size > written) zeroFill(fc, at(to, written), layout.size - written);
}

/** convert copies a value and gives it another capacity or element types on the way. */
export function convert(fc: FunctionContext, from: Place, fromType: Type, to: Place, toType: Type): void {
  if (isScalar(toType)) {
    storeScalar(fc, to, toType, loadScalar(fc, from, fromType));
    return;
  }
  const fromElements = elementTypes(fromType);
  const toElements = elementTypes(toType);
  if (fromElements && toElements) {
    const source = tupleLayout(fromElements);
    const target = tupleLayout(toElements);
    const origins = originsOf(fromType, toType);
    let written = 0;
    toElements.forEach((type, index) => {
      const origin = origins?.[index] ?? index;
      const offset = target.offsets[index] ?? 0;
      if (offset > written) zeroFill(fc, at(to, written), offset - written);
      convert(fc, at(from, source.offsets[origin] ?? 0), fromElements[origin] ?? type, at(to, offset), type);
      written = offset + sizeOf(type);
    });
    if (target.size > written) zeroFill(fc, at(to, written), target.size - written);
    return;
  }
  const fromSize = sizeOf(fromType);
  const toSize = sizeOf(toType);
  copyBytes(fc, from, to, Math.min(fromSize, toSize));
  if (toSize > fromSize) zeroFill(fc, at(to, fromSize), toSize - fromSize);
}

/** Fields of records go by name, whatever their order. */
function originsOf(from: Type, to: Type): readonly number[] | undefined {
  if (from.kind !== 'record' || to.kind !== 'record') return undefined;
  return to.fields.map(({ name }) => from.fields.findIndex((field) => field.name === name));
}

/** placeOfValue finds where a value lies, or puts it into a temporary. */
export function placeOfValue(fc: FunctionContext, e: TypedExpression): Place {
  switch (e.kind) {
    case 'variable': {
      const home = fc.homeOf(e.variable);
      if (home.kind !== 'register') return fc.placeOf(e.variable);
      break;
    }
    case 'dereference':
      return pointedAt(fc, e.pointer);
    case 'member':
      return { ...at(placeOfValue(fc, e.object), e.bitOffset >> 3), isText: e.type.kind === 'string' };
    case 'element': {
      const types = elementTypes(e.object.type) ?? [];
      return at(placeOfValue(fc, e.object), tupleLayout(types).offsets[e.index] ?? 0);
    }
    case 'index':
      return indexed(fc, e);
    case 'block':
      lowerBlock(fc, e.body);
      return placeOfValue(fc, e.value);
  }
  const place = temporary(fc, e.type);
  writeInto(fc, e, e.type, place);
  return place;
}

/** pointedAt gives the place a pointer points to. */
export function pointedAt(fc: FunctionContext, pointer: TypedExpression): Place {
  const type = pointer.type;
  const isTask = pointer.kind === 'builtin' && isVouchedFor(fc, pointer);
  const value = isTask ? currentTask(fc) : scalar(fc, pointer);
  const base = typeof value === 'bigint' ? fc.builder.copy(value) : value;
  if (isIteratorField(fc, pointer)) skipNull(fc, base);
  const align = type.kind === 'pointer' ? alignOf(type.target) : 8;
  return { base, offset: 0, space: spaceOf(fc, pointer), align };
}

/** `ctx.task` and the like: null in an iterator's last call, and the verifier wants to see that checked. */
function isIteratorField(fc: FunctionContext, e: TypedExpression): boolean {
  if (fc.program.plan.access.kind !== 'iterator' || e.kind !== 'member') return false;
  return e.object.kind === 'dereference' && e.object.pointer.kind === 'context';
}

function skipNull(fc: FunctionContext, pointer: VirtualRegister): void {
  const { builder } = fc;
  const leave = builder.block(true);
  const next = builder.block();
  builder.branch('equal', pointer, 0n, leave, next);
  builder.enter(leave);
  builder.return(0n);
  builder.enter(next);
}

function spaceOf(fc: FunctionContext, pointer: TypedExpression): Space {
  const { type } = pointer;
  if (type.kind !== 'pointer') return fc.program.plan.probe.argumentSpace;
  switch (type.space) {
    case 'user':
      return 'user';
    case 'context':
      return 'context';
    // Pointers into our own memory have been through registers and maps: only a fault-safe read is always accepted.
    case 'map':
    case 'kernel':
      return isVouchedFor(fc, pointer) ? 'trusted' : 'kernel';
    case 'none':
      return fc.program.plan.probe.argumentSpace;
  }
}

/**
 * The verifier knows the type of what a chain of loads from a BTF argument yields, as long as each load is of a member
 * that its struct names itself; not of what went through memory, a cast or a union.
 */
function isVouchedFor(fc: FunctionContext, e: TypedExpression): boolean {
  if (e.type.kind !== 'pointer') return false;
  switch (e.kind) {
    case 'argument':
      return fc.program.plan.access.kind === 'slots' && e.type.isTrusted === true;
    case 'builtin':
      return e.name === 'curtask' && e.type.isTrusted === true && fc.program.readsTaskDirectly;
    case 'member': {
      if (isIteratorField(fc, e)) return true;
      const { object } = e;
      if (e.bitSize !== undefined || e.type.target.kind !== 'struct' || object.type.kind !== 'struct') return false;
      const { composite } = object.type;
      const isDirect = composite.members.some((each) => each.name === e.name && each.bitOffset === e.bitOffset);
      if (composite.kind !== 'struct' || !isDirect) return false;
      return object.kind === 'dereference' && isVouchedFor(fc, object.pointer);
    }
    default:
      return false;
  }
}

function indexed(fc: FunctionContext, e: Extract<TypedExpression, { kind: 'index' }>): Place {
  const { builder } = fc;
  const elementSize = Math.max(1, sizeOf(e.type));
  const isPointer = e.object.type.kind === 'pointer';
  const place = isPointer ? pointedAt(fc, e.object) : placeOfValue(fc, e.object);
  // A buffer's bytes lie behind its length.
  const start = e.object.type.kind === 'buffer' ? at(place, 4) : place;
  const index = scalar(fc, e.index);
  if (typeof index === 'bigint') return at(start, Number(BigInt.asIntN(64, index)) * elementSize);
  const length = lengthOf(e.object.type);
  if (!e.isChecked || length === undefined)
    return { ...advance(fc, start, index, elementSize), align: alignOf(e.type) };
  // Out of bounds reads as zero: point at a cleared temporary then.
  const inside = builder.block();
  const done = builder.block();
  const value = temporary(fc, e.type);
  zeroFill(fc, value, elementSize);
  const check = builder.block(true);
  builder.branch('greaterOrEqual', index, BigInt(length), check, inside);
  builder.enter(check);
  reportRuntimeError(fc, INDEX_OUT_OF_BOUNDS);
  builder.jump(done);
  builder.enter(inside);
  // Up to 6.1 what the verifier learns of an index that lies on the stack is of one load of it, not of the next.
  const known = builder.binary('and', index, 2n ** BigInt(Math.ceil(Math.log2(length))) - 1n);
  copyBytes(fc, { ...advance(fc, start, known, elementSize), align: alignOf(e.type) }, value, elementSize);
  builder.jump(done);
  builder.enter(done);
  return value;
}

function lengthOf(type: Type): number | undefined {
  if (type.kind === 'array') return type.length;
  return type.kind === 'string' || type.kind === 'buffer' ? type.capacity : undefined;
}

function advance(fc: FunctionContext, place: Place, index: Operand, scale: number): Place {
  const { builder } = fc;
  const offset = builder.binary('multiply', index, BigInt(scale));
  const base = isRegister(place.base) ? place.base : addressOf(fc, { ...place, offset: 0 });
  return { ...place, base: builder.advance(base, offset) };
}
