/**
 * Maps of the script: keys, lookups, assignment, increment, delete. Scalar maps are slots of the mapped array, keyed
 * ones hashes.
 */

import { sizeOf } from '../../semantics/layout.ts';
import type { MapSymbol, TypedExpression } from '../../semantics/program.ts';
import type { Type } from '../../semantics/types.ts';
import type { Operand, VirtualRegister } from '../ir/ir.ts';
import { readAggregate } from './aggregate-reads.ts';
import type { FunctionContext } from './function-context.ts';
import { writeApart, writeInto } from './memory-values.ts';
import type { MapStorage, SlotRef } from './object-builder.ts';
import { addressOf, at, copyBytes, loadScalar, type Place, storeScalar, temporary, zeroFill } from './place.ts';
import { writeShortKey } from './short-keys.ts';
import { slotPlace } from './slots.ts';
import { isAggregate, isScalar } from './types.ts';
import { reportFull, reportHelper } from './warnings.ts';

type HashStorage = Extract<MapStorage, { kind: 'map' }>;

/** An element as the map helpers want it. */
export interface ElementRef {
  /** The map's index, or the map itself where it is only known when the program runs. */
  readonly map: number | VirtualRegister;
  /** Address of the key. */
  readonly key: VirtualRegister;
}

/**
 * forElement writes the key and runs `use` on the element; twice, one time for each form, if the map has a second one
 * for short keys (`short-keys.ts`). The key's register may be used again after a helper.
 */
export function forElement(
  fc: FunctionContext,
  symbol: MapSymbol,
  storage: HashStorage,
  key: TypedExpression | undefined,
  use: (element: ElementRef) => void,
): void {
  const { builder } = fc;
  const type = symbol.keyType;
  if (type === undefined || key === undefined) throw new Error(`${symbol.name} has no key`);
  const { short } = storage;
  const place = temporary(fc, short?.keyType ?? type);
  if (short === undefined) {
    writeInto(fc, key, type, place);
    use({ map: storage.map, key: addressOf(fc, place) });
    return;
  }
  const long = builder.block(true);
  const done = builder.block();
  const complete = writeShortKey(fc, key, type, short.keyType, place, long);
  use({ map: short.map, key: addressOf(fc, place) });
  builder.jump(done);
  builder.enter(long);
  builder.inCold(() =>
    fc.withScratchHere(() => {
      const full = temporary(fc, type);
      zeroFill(fc, full, sizeOf(type));
      complete(full);
      use({ map: storage.map, key: addressOf(fc, full) });
    }),
  );
  builder.jump(done);
  builder.enter(done);
}

/** lookup gives a pointer to the value, or null. */
export function lookup(fc: FunctionContext, element: ElementRef): VirtualRegister {
  return fc.builder.call('map_lookup_elem', [mapHandle(fc, element), element.key], 'mapValue');
}

export function mapHandle(fc: FunctionContext, { map }: ElementRef): VirtualRegister {
  return typeof map === 'number' ? fc.builder.mapHandle(map) : map;
}

/** findElement looks the element with the key up. */
export function findElement(
  fc: FunctionContext,
  symbol: MapSymbol,
  storage: HashStorage,
  key: TypedExpression | undefined,
): VirtualRegister {
  const pointer = fc.builder.register('mapValue');
  forElement(fc, symbol, storage, key, (element) => fc.builder.move(pointer, lookup(fc, element)));
  return pointer;
}

export function slotOf(fc: FunctionContext, slot: SlotRef): Place {
  return slotPlace(fc, slot);
}

/** Runs `body` if the pointer is not null, `otherwise` if it is. */
export function ifFound(
  fc: FunctionContext,
  pointer: VirtualRegister,
  body: () => void,
  otherwise: () => void = () => {},
): void {
  const { builder } = fc;
  const found = builder.block();
  const missing = builder.block();
  const done = builder.block();
  builder.branch('equal', pointer, 0n, missing, found);
  builder.enter(found);
  body();
  builder.jump(done);
  builder.enter(missing);
  otherwise();
  builder.jump(done);
  builder.enter(done);
}

function inMapValue(pointer: VirtualRegister): Place {
  return { base: pointer, offset: 0, space: 'memory' };
}

const MISSING = "Can't lookup map element because it does not exist.";

function reportMissing(fc: FunctionContext): void {
  if (!fc.program.reportsReads) return;
  reportHelper(fc, 0n, 'map_lookup_elem', fc.builder.span ?? fc.program.span, MISSING);
}

/** readMapScalar gives the value of a map or element, 0 if absent; an aggregation is merged to an integer. */
export function readMapScalar(
  fc: FunctionContext,
  symbol: MapSymbol,
  key: TypedExpression | undefined,
  type: Type,
): Operand {
  const { valueType } = symbol;
  if (isAggregate(valueType)) return readAggregate(fc, symbol, key);
  const storage = fc.program.object.storageOf(symbol);
  if (storage.kind === 'slots') return loadScalar(fc, slotOf(fc, storage.slot), valueType);
  const pointer = findElement(fc, symbol, storage, key);
  const result = fc.builder.register();
  ifFound(
    fc,
    pointer,
    () => fc.builder.move(result, loadScalar(fc, inMapValue(pointer), isScalar(valueType) ? valueType : type)),
    () => {
      fc.builder.move(result, 0n);
      reportMissing(fc);
    },
  );
  return result;
}

/** readMapInto copies the value of a map or element, zeros if absent. */
export function readMapInto(fc: FunctionContext, symbol: MapSymbol, key: TypedExpression | undefined, to: Place): void {
  const size = sizeOf(symbol.valueType);
  const storage = fc.program.object.storageOf(symbol);
  if (storage.kind === 'slots') {
    copyBytes(fc, slotOf(fc, storage.slot), to, size);
    return;
  }
  const pointer = findElement(fc, symbol, storage, key);
  ifFound(
    fc,
    pointer,
    () => copyBytes(fc, inMapValue(pointer), to, size),
    () => {
      zeroFill(fc, to, size);
      reportMissing(fc);
    },
  );
}

/** assignMap is `@m = v` and `@m[k] = v`. */
export function assignMap(
  fc: FunctionContext,
  symbol: MapSymbol,
  key: TypedExpression | undefined,
  value: TypedExpression,
): void {
  const storage = fc.program.object.storageOf(symbol);
  const { valueType } = symbol;
  if (storage.kind === 'slots') {
    // A function may read or change any map.
    const isOwn = (e: TypedExpression) => (e.kind === 'map' && e.map.id === symbol.id) || e.kind === 'callFunction';
    writeApart(fc, value, valueType, () => slotOf(fc, storage.slot), isOwn);
    markPresent(fc, storage.presence);
    return;
  }
  const place = temporary(fc, valueType);
  writeInto(fc, value, valueType, place);
  forElement(fc, symbol, storage, key, (element) => {
    if (!updatesInPlace(fc, symbol)) {
      update(fc, storage, element, addressOf(fc, place));
      return;
    }
    const pointer = lookup(fc, element);
    ifFound(
      fc,
      pointer,
      () => copyBytes(fc, place, inMapValue(pointer), sizeOf(valueType)),
      () => update(fc, storage, element, addressOf(fc, place)),
    );
  });
}

/**
 * Writing to the element found is several times cheaper than replacing it, but a miss costs an extra lookup: done for
 * maps the script never deletes from. Values of one machine word only, which readers see whole.
 */
function updatesInPlace(fc: FunctionContext, symbol: MapSymbol): boolean {
  const size = sizeOf(symbol.valueType);
  return isScalar(symbol.valueType) && size <= 8 && !fc.program.object.deletedMaps.has(symbol.id);
}

export function markPresent(fc: FunctionContext, presence: SlotRef | undefined): void {
  if (presence === undefined) return;
  const place = slotPlace(fc, presence);
  fc.builder.store(place.base, place.offset, 8, 1n);
}

/** update puts an element into a hash; a refusal is counted and reported. */
export function update(fc: FunctionContext, storage: HashStorage, element: ElementRef, value: Operand): void {
  const { builder } = fc;
  const status = builder.call('map_update_elem', [mapHandle(fc, element), element.key, value, 0n]);
  const refused = builder.block(true);
  const done = builder.block();
  builder.branch('notEqual', status, 0n, refused, done);
  builder.enter(refused);
  reportFull(fc, storage, status);
  builder.jump(done);
  builder.enter(done);
}

/** writeMapScalar reads a scalar element, computes the new value from it and stores that: `@m[k]++`. */
export function writeMapScalar(
  fc: FunctionContext,
  symbol: MapSymbol,
  key: TypedExpression | undefined,
  change: (old: Operand) => { readonly stored: Operand; readonly result: Operand },
): Operand {
  const { builder } = fc;
  const { valueType } = symbol;
  const storage = fc.program.object.storageOf(symbol);
  if (storage.kind === 'slots') {
    const place = slotOf(fc, storage.slot);
    const { stored, result } = change(loadScalar(fc, place, valueType));
    storeScalar(fc, place, valueType, stored);
    markPresent(fc, storage.presence);
    return result;
  }
  const outcome = builder.register();
  forElement(fc, symbol, storage, key, (element) => {
    const pointer = lookup(fc, element);
    ifFound(
      fc,
      pointer,
      () => {
        const place = inMapValue(pointer);
        const { stored, result } = change(loadScalar(fc, place, valueType));
        storeScalar(fc, place, valueType, stored);
        builder.move(outcome, result);
      },
      () => {
        const { stored, result } = change(0n);
        const place = temporary(fc, valueType);
        storeScalar(fc, place, valueType, stored);
        builder.move(outcome, result);
        update(fc, storage, element, addressOf(fc, place));
      },
    );
  });
  return outcome;
}

/** mapElementAddress is `&@m[k]`: the address of the value, 0 if absent. */
export function mapElementAddress(fc: FunctionContext, symbol: MapSymbol, key: TypedExpression | undefined): Operand {
  const storage = fc.program.object.storageOf(symbol);
  if (storage.kind === 'slots') return addressOf(fc, slotOf(fc, storage.slot));
  const pointer = findElement(fc, symbol, storage, key);
  const result = fc.builder.register();
  ifFound(
    fc,
    pointer,
    () => fc.builder.move(result, pointer),
    () => fc.builder.move(result, 0n),
  );
  return result;
}

/** deleteElement is `delete(@m, k)`: true if the element was there. */
export function deleteElement(fc: FunctionContext, symbol: MapSymbol, key: TypedExpression | undefined): Operand {
  const { builder } = fc;
  const storage = fc.program.object.storageOf(symbol);
  if (storage.kind === 'slots') {
    zeroFill(fc, slotOf(fc, storage.slot), sizeOf(symbol.valueType));
    if (storage.presence) {
      const place = slotPlace(fc, storage.presence);
      builder.store(place.base, place.offset, 8, 0n);
    }
    return 1n;
  }
  const status = builder.register();
  forElement(fc, symbol, storage, key, (element) => {
    builder.move(status, builder.call('map_delete_elem', [mapHandle(fc, element), element.key]));
  });
  return isZero(fc, status);
}

/** hasKey is `has_key(@m, k)`. */
export function hasKey(fc: FunctionContext, symbol: MapSymbol, key: TypedExpression | undefined): Operand {
  const storage = fc.program.object.storageOf(symbol);
  if (storage.kind === 'slots') return 1n;
  const pointer = findElement(fc, symbol, storage, key);
  const result = fc.builder.register();
  ifFound(
    fc,
    pointer,
    () => fc.builder.move(result, 1n),
    () => fc.builder.move(result, 0n),
  );
  return result;
}

function isZero(fc: FunctionContext, value: Operand): Operand {
  const { builder } = fc;
  const result = builder.register();
  builder.move(result, 1n);
  const no = builder.block();
  const done = builder.block();
  builder.branch('equal', value, 0n, done, no);
  builder.enter(no);
  builder.move(result, 0n);
  builder.jump(done);
  builder.enter(done);
  return result;
}

/** valuePlace gives the place of the value behind a pointer from a lookup, for members of it. */
export function valuePlace(pointer: VirtualRegister, offset = 0): Place {
  return at(inMapValue(pointer), offset);
}
