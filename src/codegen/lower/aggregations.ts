/**
 * Updates of aggregations. Where the value lies is found first (a slot of this CPU, or the element of a per-CPU hash,
 * created from zeros on a miss), then it is changed in place.
 */

import { histBuckets, lhistBuckets } from '../../semantics/layout.ts';
import type { MapSymbol, TypedExpression } from '../../semantics/program.ts';
import type { AggregateType } from '../../semantics/types.ts';
import type { Operand } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';
import { histIndex, lhistIndex } from './histograms.ts';
import { forElement, lookup, mapHandle, markPresent, slotOf, valuePlace } from './maps.ts';
import type { MapStorage } from './object-builder.ts';
import { at, type Place } from './place.ts';
import { scalar } from './scalars.ts';
import { addTo } from './slots.ts';
import { updateTimeSeries } from './time-series.ts';
import { isAggregate } from './types.ts';
import { reportFull } from './warnings.ts';

/** aggregate is `@m[k] = count()` and its like. */
export function aggregate(
  fc: FunctionContext,
  symbol: MapSymbol,
  key: TypedExpression | undefined,
  args: readonly TypedExpression[],
): void {
  const type = symbol.valueType;
  if (!isAggregate(type)) throw new Error(`${symbol.name} holds no aggregation`);
  const argument = args[0];
  const value = argument === undefined ? 1n : scalar(fc, argument);
  const storage = fc.program.object.storageOf(symbol);
  if (storage.kind === 'slots') {
    updateValue(fc, type, value, slotOf(fc, storage.slot), isContended(fc, symbol));
    markPresent(fc, storage.presence);
    return;
  }
  updateElement(fc, symbol, type, storage, key, value);
}

function isContended(fc: FunctionContext, symbol: MapSymbol): boolean {
  return fc.program.plan.needsAtomics || fc.program.object.contendedMaps.has(symbol.id);
}

function updateElement(
  fc: FunctionContext,
  symbol: MapSymbol,
  type: AggregateType,
  storage: Extract<MapStorage, { kind: 'map' }>,
  key: TypedExpression | undefined,
  value: Operand,
): void {
  const { builder } = fc;
  const { object } = fc.program;
  const isAtomic = isContended(fc, symbol) || !storage.isPerCpu;
  const pointer = builder.register('mapValue');
  const done = builder.block();
  forElement(fc, symbol, storage, key, (element) => {
    const missing = builder.block(true);
    const refused = builder.block(true);
    const found = builder.block();
    builder.move(pointer, lookup(fc, element));
    builder.branch('equal', pointer, 0n, missing, found);
    builder.enter(missing);
    // Created only if nobody else was quicker (BPF_NOEXIST), so that no count is overwritten.
    const zeros = builder.mapValue(object.slotsMap, object.zerosOffset);
    const status = builder.call('map_update_elem', [mapHandle(fc, element), element.key, zeros, 1n]);
    builder.move(pointer, lookup(fc, element));
    builder.branch('equal', pointer, 0n, refused, found);
    builder.enter(refused);
    reportFull(fc, storage, status);
    builder.jump(done);
    builder.enter(found);
  });
  updateValue(fc, type, value, valuePlace(pointer), isAtomic);
  builder.jump(done);
  builder.enter(done);
}

function updateValue(fc: FunctionContext, type: AggregateType, value: Operand, place: Place, isAtomic: boolean): void {
  switch (type.kind) {
    case 'count':
      addTo(fc, place, 1n, isAtomic);
      break;
    case 'sum':
      addTo(fc, place, value, isAtomic);
      break;
    case 'avg':
    case 'stats':
      addTo(fc, place, value, isAtomic);
      addTo(fc, at(place, 8), 1n, isAtomic);
      break;
    case 'min':
    case 'max':
      updateExtreme(fc, type, value, place);
      break;
    case 'hist':
      addToBucket(fc, place, histIndex(fc, value, type.bits), histBuckets(type.bits), isAtomic);
      break;
    case 'lhist':
      addToBucket(fc, place, lhistIndex(fc, value, type), lhistBuckets(type), isAtomic);
      break;
    case 'tseries':
      updateTimeSeries(fc, type, value, place);
      break;
  }
}

function addToBucket(fc: FunctionContext, place: Place, index: Operand, buckets: number, isAtomic: boolean): void {
  const { builder } = fc;
  const offset = builder.binary('shiftLeft', index, 3n);
  if (typeof offset === 'bigint') {
    addTo(fc, at(place, Number(offset)), 1n, isAtomic);
    return;
  }
  if (!('kind' in place.base)) throw new Error(`histogram of ${buckets} buckets on the stack`);
  addTo(fc, { ...place, base: builder.advance(place.base, offset) }, 1n, isAtomic);
}

/** The first value is always taken: the second word says whether there was one. */
function updateExtreme(
  fc: FunctionContext,
  type: Extract<AggregateType, { kind: 'min' | 'max' }>,
  value: Operand,
  place: Place,
): void {
  const { builder } = fc;
  const compare = builder.block();
  const store = builder.block();
  const done = builder.block();
  const isSet = builder.load(place.base, place.offset + 8, 8);
  builder.branch('equal', isSet, 0n, store, compare);
  builder.enter(compare);
  const old = builder.load(place.base, place.offset, 8);
  const isBeyond =
    type.kind === 'min' ? (type.isSigned ? 'lessSigned' : 'less') : type.isSigned ? 'greaterSigned' : 'greater';
  builder.branch(isBeyond, value, old, store, done);
  builder.enter(store);
  builder.store(place.base, place.offset, 8, value);
  builder.store(place.base, place.offset + 8, 8, 1n);
  builder.jump(done);
  builder.enter(done);
}
