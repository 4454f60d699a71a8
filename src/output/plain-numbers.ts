/** Integers where they lie in memory of a map, as numbers: no value is made per entry. */

import type { Type } from '../semantics/types.ts';
import type { RowMemory } from '../session/snapshot.ts';

/** PlainNumber is how an integer lies: 8 to 64 bits, slots of several CPUs to be added up. */
export interface PlainNumber {
  readonly bits: 8 | 16 | 32 | 64;
  readonly isSigned: boolean;
}

const TWO_32 = 0x1_0000_0000;
/** High halves within these keep the whole within 2^53. */
const SAFE_HIGH = 0x20_0000;

/** plainNumberOf tells how a type's integer lies; undefined if it is none, or is more than its bits say. */
export function plainNumberOf(type: Type): PlainNumber | undefined {
  switch (type.kind) {
    case 'integer':
      return { bits: type.bits, isSigned: type.isSigned };
    case 'count':
      return { bits: 64, isSigned: false };
    case 'sum':
      return { bits: 64, isSigned: type.isSigned };
    default:
      return undefined;
  }
}

/** plainNumberAt reads one integer; NaN where a number is not exact. */
export function plainNumberAt(view: DataView, at: number, { bits, isSigned }: PlainNumber): number {
  switch (bits) {
    case 8:
      return isSigned ? view.getInt8(at) : view.getUint8(at);
    case 16:
      return isSigned ? view.getInt16(at, true) : view.getUint16(at, true);
    case 32:
      return isSigned ? view.getInt32(at, true) : view.getUint32(at, true);
    case 64: {
      const high = isSigned ? view.getInt32(at + 4, true) : view.getUint32(at + 4, true);
      return high < SAFE_HIGH && high > -SAFE_HIGH ? high * TWO_32 + view.getUint32(at, true) : Number.NaN;
    }
  }
}

/**
 * plainValues reads all values of a map; undefined if they are no integers, or one of them is no exact number. Only
 * integers of 64 bits are added up over CPUs.
 */
export function plainValues(type: Type, memory: RowMemory, count: number): Float64Array | undefined {
  const kind = plainNumberOf(type);
  const { valueView, valueStride, slotStride, slotCount } = memory;
  if (!kind || (slotCount > 1 && kind.bits !== 64)) return undefined;
  const numbers = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    let sum = 0;
    for (let slot = 0; slot < slotCount; slot++) {
      sum += plainNumberAt(valueView, index * valueStride + slot * slotStride, kind);
    }
    if (!Number.isSafeInteger(sum)) return undefined;
    numbers[index] = sum;
  }
  return numbers;
}
