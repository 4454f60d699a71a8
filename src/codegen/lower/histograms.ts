/**
 * Bucket numbers. The logarithm takes at most three well-predicted branches to bring the value below 256 and one load
 * from a table; the linear bucket divides by multiplying where the range allows it.
 */

import { histBuckets, lhistBuckets } from '../../semantics/layout.ts';
import type { AggregateType } from '../../semantics/types.ts';
import type { Operand, VirtualRegister } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';

/** Position of the highest bit of 0…255; 0 for 0. */
function logarithmTable(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => (value === 0 ? 0 : 31 - Math.clz32(value)));
}

/** histIndex gives the bucket of a value: 0 if negative, exact below 2^bits, then by highest bit and the bits below. */
export function histIndex(fc: FunctionContext, value: Operand, bits: number): Operand {
  const { builder } = fc;
  const index = builder.register('integer', 'bucket');
  const done = builder.block();
  const positive = builder.block();
  const negative = builder.block();
  const large = builder.block();
  const small = builder.block();
  builder.branch('lessSigned', value, 0n, negative, positive);
  builder.enter(negative);
  builder.move(index, 0n);
  builder.jump(done);
  builder.enter(positive);
  builder.branch('less', value, BigInt(2 ** bits), small, large);
  builder.enter(small);
  // Said once more with a mask: the value may be on the stack, and Linux 6.1 forgets what a branch said about that.
  builder.move(index, bits === 0 ? 1n : builder.binary('add', builder.binary('and', value, BigInt(2 ** bits - 1)), 1n));
  builder.jump(done);
  builder.enter(large);
  const highest = highestBit(fc, value);
  if (bits === 0) {
    builder.move(index, builder.binary('add', highest, 2n));
  } else {
    const exponent = builder.binary('subtract', highest, BigInt(bits));
    const mantissa = builder.binary('and', builder.binary('shiftRight', value, exponent), BigInt(2 ** bits - 1));
    const row = builder.binary('shiftLeft', builder.binary('add', exponent, 1n), BigInt(bits));
    const bucket = builder.copy(builder.binary('add', builder.binary('add', row, mantissa), 1n));
    clamp(fc, bucket, histBuckets(bits) - 1);
    builder.move(index, bucket);
  }
  builder.jump(done);
  builder.enter(done);
  return index;
}

function highestBit(fc: FunctionContext, value: Operand): Operand {
  const { builder } = fc;
  const rest = builder.copy(value);
  const base = builder.copy(0n);
  for (const shift of [32n, 16n, 8n]) {
    const above = builder.block();
    const next = builder.block();
    builder.branch('greater', rest, (1n << shift) - 1n, above, next);
    builder.enter(above);
    builder.move(rest, builder.binary('shiftRight', rest, shift));
    builder.move(base, builder.binary('add', base, shift));
    builder.jump(next);
    builder.enter(next);
  }
  const table = fc.program.object.table('log2', logarithmTable);
  const start = builder.mapValue(table.map, table.offset);
  const low = builder.load(builder.advance(start, builder.binary('and', rest, 0xffn)), 0, 1);
  return builder.binary('and', builder.binary('add', base, low), 63n);
}

/** The verifier wants to see that an index stays within the histogram. */
function clamp(fc: FunctionContext, index: VirtualRegister, max: number): void {
  const { builder } = fc;
  const above = builder.block(true);
  const done = builder.block();
  builder.branch('greater', index, BigInt(max), above, done);
  builder.enter(above);
  builder.move(index, BigInt(max));
  builder.jump(done);
  builder.enter(done);
}

/** lhistIndex gives the bucket of a value: 0 below min, the last from max on. */
export function lhistIndex(
  fc: FunctionContext,
  value: Operand,
  type: Extract<AggregateType, { kind: 'lhist' }>,
): Operand {
  const { builder } = fc;
  const last = lhistBuckets(type) - 1;
  const index = builder.register('integer', 'bucket');
  const below = builder.block();
  const notBelow = builder.block();
  const above = builder.block();
  const inside = builder.block();
  const done = builder.block();
  builder.branch('lessSigned', value, BigInt.asUintN(64, type.min), below, notBelow);
  builder.enter(below);
  builder.move(index, 0n);
  builder.jump(done);
  builder.enter(notBelow);
  builder.branch('greaterOrEqualSigned', value, BigInt.asUintN(64, type.max), above, inside);
  builder.enter(above);
  builder.move(index, BigInt(last));
  builder.jump(done);
  builder.enter(inside);
  const distance = builder.binary('subtract', value, BigInt.asUintN(64, type.min));
  const bucket = builder.copy(builder.binary('add', divideBy(fc, distance, type.step, type.max - type.min), 1n));
  clamp(fc, bucket, last);
  builder.move(index, bucket);
  builder.jump(done);
  builder.enter(done);
  return index;
}

/** Division of a value below `limit` by a constant: by multiplication with a scaled reciprocal, where that is exact. */
export function divideBy(fc: FunctionContext, value: Operand, divisor: bigint, limit: bigint): Operand {
  const { builder } = fc;
  if ((divisor & (divisor - 1n)) === 0n)
    return builder.binary('shiftRight', value, BigInt(divisor.toString(2).length - 1));
  for (let shift = 1n; shift < 64n; shift++) {
    const factor = (1n << shift) / divisor + 1n;
    const error = factor * divisor - (1n << shift);
    if (limit * factor >= 1n << 64n) break;
    if (error * limit < 1n << shift) {
      return builder.binary('shiftRight', builder.binary('multiply', value, factor), shift);
    }
  }
  return builder.binary('divide', value, divisor);
}
