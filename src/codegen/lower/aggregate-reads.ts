/**
 * Reading an aggregation as an integer: the values of all CPUs merged. Costs a visit to every CPU, as the language
 * says.
 */

import type { MapSymbol, TypedExpression } from '../../semantics/program.ts';
import type { AggregateType } from '../../semantics/types.ts';
import type { Operand, VirtualRegister } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';
import { type ElementRef, forElement, lookup, mapHandle, valuePlace } from './maps.ts';
import type { Place } from './place.ts';
import { slotPlaceOf } from './slots.ts';
import { isAggregate } from './types.ts';

/** readAggregate merges over CPUs; 0 if absent. */
export function readAggregate(fc: FunctionContext, symbol: MapSymbol, key: TypedExpression | undefined): Operand {
  const storage = fc.program.object.storageOf(symbol);
  if (storage.kind === 'slots') {
    return merge(fc, symbol, (cpu, visit) => visit(slotPlaceOf(fc, storage.slot, cpu)));
  }
  const result = fc.builder.register();
  forElement(fc, symbol, storage, key, (element) => fc.builder.move(result, readElement(fc, symbol, element)));
  return result;
}

/** readElement merges one element. */
export function readElement(fc: FunctionContext, symbol: MapSymbol, element: ElementRef): Operand {
  const { builder } = fc;
  const storage = fc.program.object.storageOf(symbol);
  if (storage.kind !== 'map') throw new Error(`${symbol.name} has no elements`);
  const type = symbol.valueType;
  if (!storage.isPerCpu && isAggregate(type)) {
    const state = createState(fc);
    visitFound(fc, lookup(fc, element), (place) => absorb(fc, type, state, place));
    return finish(fc, type, state);
  }
  if (!fc.program.hasHelper('map_lookup_percpu_elem')) {
    fc.program.diagnostics.error(
      'missing-helper',
      'reading an aggregation as an integer needs the helper bpf_map_lookup_percpu_elem (Linux 5.19), which this kernel lacks',
      builder.span,
    );
    return 0n;
  }
  return merge(fc, symbol, (cpu, visit) => {
    const args = [mapHandle(fc, element), element.key, cpu];
    visitFound(fc, builder.call('map_lookup_percpu_elem', args, 'mapValue'), visit);
  });
}

interface MergeState {
  readonly value: VirtualRegister;
  readonly count: VirtualRegister;
}

function createState(fc: FunctionContext): MergeState {
  return { value: fc.builder.copy(0n), count: fc.builder.copy(0n) };
}

function visitFound(fc: FunctionContext, pointer: VirtualRegister, visit: (place: Place) => void): void {
  const { builder } = fc;
  const found = builder.block();
  const done = builder.block();
  builder.branch('equal', pointer, 0n, done, found);
  builder.enter(found);
  visit(valuePlace(pointer));
  builder.jump(done);
  builder.enter(done);
}

function merge(
  fc: FunctionContext,
  symbol: MapSymbol,
  each: (cpu: VirtualRegister, visit: (place: Place) => void) => void,
): Operand {
  const { builder } = fc;
  const type = symbol.valueType;
  if (!isAggregate(type)) throw new Error(`${symbol.name} holds no aggregation`);
  const state = createState(fc);
  const cpu = builder.copy(0n);
  const head = builder.block();
  const done = builder.block();
  builder.enter(head);
  each(cpu, (place) => absorb(fc, type, state, place));
  builder.move(cpu, builder.binary('add', cpu, 1n));
  builder.branch('less', cpu, BigInt(fc.program.object.cpus), head, done);
  builder.enter(done);
  return finish(fc, type, state);
}

function absorb(fc: FunctionContext, type: AggregateType, state: MergeState, place: Place): void {
  const { builder } = fc;
  const value = builder.load(place.base, place.offset, 8);
  switch (type.kind) {
    case 'count':
    case 'sum':
      builder.move(state.value, builder.binary('add', state.value, value));
      break;
    case 'avg':
    case 'stats':
      builder.move(state.value, builder.binary('add', state.value, value));
      builder.move(state.count, builder.binary('add', state.count, builder.load(place.base, place.offset + 8, 8)));
      break;
    case 'min':
    case 'max': {
      const set = builder.block();
      const compare = builder.block();
      const take = builder.block();
      const next = builder.block();
      builder.branch('equal', builder.load(place.base, place.offset + 8, 8), 0n, next, set);
      builder.enter(set);
      builder.branch('equal', state.count, 0n, take, compare);
      builder.enter(compare);
      const signed = type.isSigned;
      const beyond = type.kind === 'min' ? (signed ? 'lessSigned' : 'less') : signed ? 'greaterSigned' : 'greater';
      builder.branch(beyond, value, state.value, take, next);
      builder.enter(take);
      builder.move(state.value, value);
      builder.move(state.count, 1n);
      builder.jump(next);
      builder.enter(next);
      break;
    }
    default:
      throw new Error(`${type.kind} is no number`);
  }
}

/** Averages divide with the sign of the values; the kernel's division is unsigned. */
function finish(fc: FunctionContext, type: AggregateType, state: MergeState): Operand {
  const { builder } = fc;
  if (type.kind !== 'avg' && type.kind !== 'stats') return state.value;
  const result = builder.copy(0n);
  const divide = builder.block();
  const done = builder.block();
  builder.branch('equal', state.count, 0n, done, divide);
  builder.enter(divide);
  const positive = builder.block();
  if (type.isSigned) {
    const negative = builder.block();
    builder.branch('lessSigned', state.value, 0n, negative, positive);
    builder.enter(negative);
    const magnitude = builder.binary('divide', builder.binary('subtract', 0n, state.value), state.count);
    builder.move(result, builder.binary('subtract', 0n, magnitude));
    builder.jump(done);
  }
  builder.enter(positive);
  builder.move(result, builder.binary('divide', state.value, state.count));
  builder.jump(done);
  builder.enter(done);
  return result;
}
