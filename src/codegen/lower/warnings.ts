/**
 * Run-time warnings: events that say what failed and where. All of this is cold code behind one predictable branch. Every
 * warning is counted, but only the first few on each CPU become events: in a hot probe they would drown everything.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Action } from '../../semantics/program.ts';
import type { Operand } from '../ir/ir.ts';
import { WARNINGS_SENT } from '../object.ts';
import { emitEvent } from './events.ts';
import type { FunctionContext } from './function-context.ts';
import type { MapStorage } from './object-builder.ts';
import { slotPlace } from './slots.ts';

/** inCold runs `body` in a cold block when the comparison holds, then goes on. */
export function inCold(
  fc: FunctionContext,
  comparison: 'equal' | 'notEqual' | 'lessSigned',
  left: Operand,
  right: bigint,
  body: () => void,
): void {
  const { builder } = fc;
  if (builder.isTerminated) return;
  const cold = builder.block(true);
  const next = builder.block();
  builder.branch(comparison, left, right, cold, next);
  builder.enter(cold);
  body();
  builder.jump(next);
  builder.enter(next);
}

/** reportStatus plants a warning for a negative result of a helper. */
export function reportStatus(fc: FunctionContext, status: Operand, helper: string): void {
  const span = fc.builder.span ?? fc.program.span;
  inCold(fc, 'lessSigned', status, 0n, () => reportHelper(fc, status, helper, span));
}

/** reportHelper says which helper failed with what result. */
export function reportHelper(fc: FunctionContext, status: Operand, helper: string, span: Span, message?: string): void {
  warn(fc, fc.program.object.helperError(helper, span, message), [status]);
}

export function reportRuntimeError(fc: FunctionContext, message: string): void {
  warn(fc, fc.program.object.runtimeError(message, fc.builder.span ?? fc.program.span), []);
}

/** Counts without a lock: a count lost to a program that interrupts this one changes nothing that matters. */
function warn(fc: FunctionContext, action: Action, args: readonly Operand[]): void {
  const { builder } = fc;
  const { object } = fc.program;
  const { occurrences } = object.actionSpec(action);
  if (occurrences === undefined) throw new Error('a warning without a counter');
  const cpu = builder.binary('and', builder.call('get_smp_processor_id', []), BigInt(object.cpuSlots - 1));
  const start = builder.mapValue(occurrences.map, occurrences.offset);
  const counter = builder.advance(start, builder.binary('multiply', cpu, BigInt(occurrences.stride)));
  const before = builder.load(counter, 0, 8);
  builder.store(counter, 0, 8, builder.binary('add', before, 1n));
  const send = builder.block(true);
  const done = builder.block(true);
  builder.branch('less', before, BigInt(WARNINGS_SENT), send, done);
  builder.enter(send);
  emitEvent(fc, action, args);
  builder.jump(done);
  builder.enter(done);
}

/** reportFull counts and reports an update that the map refused. */
export function reportFull(fc: FunctionContext, storage: Extract<MapStorage, { kind: 'map' }>, status: Operand): void {
  const { builder } = fc;
  const counter = slotPlace(fc, storage.fullCounter);
  builder.store(
    counter.base,
    counter.offset,
    8,
    builder.binary('add', builder.load(counter.base, counter.offset, 8), 1n),
  );
  const message =
    "Map full; can't update element. Try increasing max_map_keys config or manually setting the max entries in a map " +
    'declaration e.g. `let @a = hash(5000)`';
  reportHelper(fc, status, 'map_update_elem', builder.span ?? fc.program.span, message);
}
