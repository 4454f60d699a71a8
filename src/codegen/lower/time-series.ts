/**
 * tseries: a ring of intervals, each with the number of the interval since boot, a value and a count.
 */

import type { AggregateType } from '../../semantics/types.ts';
import type { Operand } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';
import { readMapScalar } from './maps.ts';
import type { Place } from './place.ts';

/** The time since boot, or what a test keeps in a map of the script instead (`BPFTRACE_DUMMY_TS_MAP`). */
function clock(fc: FunctionContext): Operand {
  const { object, options } = fc.program;
  const substitute = object.program.maps.find((map) => map.name === options.clockMap && map.keyType === undefined);
  if (!substitute) return fc.builder.call('ktime_get_boot_ns', []);
  return readMapScalar(fc, substitute, undefined, substitute.valueType);
}

/** updateTimeSeries takes a value into the interval of now. */
export function updateTimeSeries(
  fc: FunctionContext,
  type: Extract<AggregateType, { kind: 'tseries' }>,
  value: Operand,
  place: Place,
): void {
  const { builder } = fc;
  const now = clock(fc);
  const interval = builder.binary('divide', now, type.intervalNs);
  const index = builder.binary('remainder', interval, BigInt(type.intervals));
  const offset = builder.binary('multiply', index, 24n);
  if (!('kind' in place.base)) throw new Error('time series on the stack');
  const bounded = builder.copy(offset);
  const beyond = builder.block(true);
  const within = builder.block();
  // The verifier does not bound remainders before 6.17.
  builder.branch('greater', bounded, BigInt((type.intervals - 1) * 24), beyond, within);
  builder.enter(beyond);
  builder.move(bounded, 0n);
  builder.jump(within);
  builder.enter(within);
  const base = builder.advance(place.base, bounded);
  const at = place.offset;
  const fresh = builder.block();
  const known = builder.block();
  const done = builder.block();
  const same = builder.block();
  builder.branch('equal', builder.load(base, at, 8), interval, same, fresh);
  // The first interval after boot has the number of those never used.
  builder.enter(same);
  const seen = builder.load(base, at + 16, 8);
  builder.branch('equal', seen, 0n, fresh, known);
  builder.enter(fresh);
  builder.store(base, at, 8, interval);
  builder.store(base, at + 8, 8, value);
  builder.store(base, at + 16, 8, 1n);
  builder.jump(done);
  builder.enter(known);
  const old = builder.load(base, at + 8, 8);
  const count = builder.binary('add', seen, 1n);
  builder.store(base, at + 16, 8, count);
  if (type.aggregation === 'min' || type.aggregation === 'max') {
    const replace = builder.block();
    const signed = type.isSigned;
    const beyondOld =
      type.aggregation === 'min' ? (signed ? 'lessSigned' : 'less') : signed ? 'greaterSigned' : 'greater';
    builder.branch(beyondOld, value, old, replace, done);
    builder.enter(replace);
    builder.store(base, at + 8, 8, value);
  } else {
    const next = type.aggregation === 'none' ? value : builder.binary('add', old, value);
    builder.store(base, at + 8, 8, next);
  }
  builder.jump(done);
  builder.enter(done);
}
