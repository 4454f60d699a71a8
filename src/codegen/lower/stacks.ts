/**
 * Stacks: an id in a stack map, and for user stacks the process, which the addresses belong to.
 */

import type { TypedExpression } from '../../semantics/program.ts';
import type { StackType } from '../../semantics/types.ts';
import type { Operand } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';
import { addressOf } from './place.ts';

/** BPF_F_USER_STACK, BPF_F_USER_BUILD_ID */
const USER_STACK = 256n;
const BUILD_ID = 2048n;
/** -EEXIST: another stack occupies the bucket. */
const OCCUPIED = BigInt.asUintN(64, -17n);

type Call = Extract<TypedExpression, { kind: 'call' }>;

/** stackId gives the 64 bits of a stack value: id below, tgid above. */
export function stackId(fc: FunctionContext, e: Call): Operand {
  const { builder } = fc;
  const type = e.type;
  if (type.kind !== 'stack') throw new Error('a stack must be here');
  const { first, second, firstEntries } = fc.program.object.stackMaps(type);
  const flags = flagsOf(type);
  const id = builder.copy(builder.call('get_stackid', [fc.context, builder.mapHandle(first), flags]));
  const again = builder.block(true);
  const done = builder.block();
  builder.branch('equal', id, OCCUPIED, again, done);
  builder.enter(again);
  builder.move(id, builder.call('get_stackid', [fc.context, builder.mapHandle(second), flags]));
  const shifted = builder.block(true);
  builder.branch('lessSigned', id, 0n, done, shifted);
  builder.enter(shifted);
  builder.move(id, builder.binary('add', id, BigInt(firstEntries)));
  builder.jump(done);
  builder.enter(done);
  const low = builder.extend(id, 32, false);
  if (!type.isUser) return low;
  const tgid = builder.binary('shiftRight', builder.call('get_current_pid_tgid', []), 32n);
  return builder.binary('or', low, builder.binary('shiftLeft', tgid, 32n));
}

function flagsOf(type: StackType): bigint {
  return type.isUser ? USER_STACK : 0n;
}

/** stackDepth is `len(kstack)`: the number of frames now. */
export function stackDepth(fc: FunctionContext, e: TypedExpression): Operand {
  const { builder } = fc;
  const type = e.type;
  if (type.kind !== 'stack') throw new Error('a stack must be here');
  const frame = type.mode === 'build_id' ? 32 : 8;
  const size = type.depth * frame;
  const memory = fc.scratch(fc.program.allocateScratch(size));
  const flags = flagsOf(type) | (type.mode === 'build_id' ? BUILD_ID : 0n);
  const bytes = builder.copy(builder.call('get_stack', [fc.context, addressOf(fc, memory), BigInt(size), flags]));
  const failed = builder.block(true);
  const done = builder.block();
  builder.branch('lessSigned', bytes, 0n, failed, done);
  builder.enter(failed);
  builder.move(bytes, 0n);
  builder.jump(done);
  builder.enter(done);
  return builder.binary('divide', bytes, BigInt(frame));
}
