/**
 * Events for user space. Small records are built on the stack and handed over with one helper call; larger ones are
 * reserved in the ring buffer and written in place; long strings are packed in scratch memory and output at their real
 * length. The reader polls, so records do not wake it, except for `exit`.
 */

import { alignUp, sizeOf, tupleLayout } from '../../semantics/layout.ts';
import type { Action, TypedExpression } from '../../semantics/program.ts';
import type { Operand } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';
import { writeInto } from './memory-values.ts';
import { emitPacked } from './packed-events.ts';
import { addressOf, at, inFrame, type Place, storeBytes, storeScalar, zeroFill } from './place.ts';
import { scalar } from './scalars.ts';
import { addTo, slotPlace } from './slots.ts';
import { isScalar } from './types.ts';

export const HEADER_SIZE = 8;
/** BPF_RB_NO_WAKEUP */
const NO_WAKEUP = 1n;
/** BPF_RB_FORCE_WAKEUP */
const FORCE_WAKEUP = 2n;
const STACK_RECORD_LIMIT = 128;

/** An argument that has been computed already, or is still an expression. */
export type EventArgument = TypedExpression | Operand;

/** emitEvent queues the action with its arguments. */
export function emitEvent(fc: FunctionContext, action: Action, args: readonly EventArgument[]): void {
  fc.scoped(() => {
    const { encoding } = fc.program.object.actionSpec(action);
    if (encoding === 'packed') emitPacked(fc, action, args);
    else emitFixed(fc, action, args);
  });
}

function emitFixed(fc: FunctionContext, action: Action, args: readonly EventArgument[]): void {
  const layout = tupleLayout(action.args);
  const size = HEADER_SIZE + alignUp(layout.size, 8);
  // Scalars first: their helper calls need no register for the record then.
  const values = args.map((arg, index) => {
    const type = action.args[index];
    if (isComputed(arg)) return arg;
    return type !== undefined && isScalar(type) ? scalar(fc, arg) : arg;
  });
  const isOnStack = size <= Math.min(STACK_RECORD_LIMIT, Math.max(fc.program.stackLimit, 32));
  if (isOnStack) {
    const record = inFrame(fc.builder.slot(size));
    fill(fc, record, action, values, size);
    outputRecord(fc, addressOf(fc, record), BigInt(size), wakeup(action));
    return;
  }
  const { builder } = fc;
  const map = builder.mapHandle(fc.program.object.eventsMap);
  const record = builder.call('ringbuf_reserve', [map, BigInt(size), 0n], 'record');
  const reserved = builder.block();
  const lost = builder.block(true);
  const done = builder.block();
  builder.branch('equal', record, 0n, lost, reserved);
  builder.enter(lost);
  countLoss(fc);
  builder.jump(done);
  builder.enter(reserved);
  fill(fc, { base: record, offset: 0, space: 'memory' }, action, values, size);
  builder.emit({ op: 'call', helper: 'ringbuf_submit', args: [record, wakeup(action)] });
  builder.jump(done);
  builder.enter(done);
}

export function isComputed(arg: EventArgument): arg is Operand {
  return typeof arg === 'bigint' || !('span' in arg);
}

export function wakeup(action: Action): bigint {
  return action.kind === 'exit' ? FORCE_WAKEUP : NO_WAKEUP;
}

function fill(
  fc: FunctionContext,
  record: Place,
  action: Action,
  values: readonly EventArgument[],
  size: number,
): void {
  const layout = tupleLayout(action.args);
  writeHeader(fc, record, action.id, BigInt(layout.size));
  let written = HEADER_SIZE;
  values.forEach((value, index) => {
    const type = action.args[index];
    const offset = HEADER_SIZE + (layout.offsets[index] ?? 0);
    if (type === undefined) return;
    if (offset > written) zeroFill(fc, at(record, written), offset - written);
    if (isComputed(value)) storeScalar(fc, at(record, offset), type, value);
    else fc.scoped(() => writeInto(fc, value, type, at(record, offset)));
    written = offset + sizeOf(type);
  });
  if (size > written) zeroFill(fc, at(record, written), size - written);
}

/** writeHeader writes action id and payload length. */
export function writeHeader(fc: FunctionContext, record: Place, id: number, length: Operand): void {
  if (typeof length === 'bigint' && length === 0n) {
    storeBytes(fc, record, 8, BigInt(id));
    return;
  }
  storeBytes(fc, record, 4, BigInt(id));
  storeBytes(fc, at(record, 4), 4, length);
}

/** outputRecord copies a record into the ring buffer; a full one counts as a loss. */
export function outputRecord(fc: FunctionContext, record: Operand, size: Operand, flags: bigint): void {
  const { builder } = fc;
  const map = builder.mapHandle(fc.program.object.eventsMap);
  const status = builder.call('ringbuf_output', [map, record, size, flags]);
  const lost = builder.block(true);
  const done = builder.block();
  builder.branch('notEqual', status, 0n, lost, done);
  builder.enter(lost);
  countLoss(fc);
  builder.jump(done);
  builder.enter(done);
}

/** Locked: losing count of losses under pressure would be the worst time. */
export function countLoss(fc: FunctionContext): void {
  addTo(fc, slotPlace(fc, fc.program.object.lossCounter), 1n, true);
}
