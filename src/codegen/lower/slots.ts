/**
 * Addresses of slots: keyless maps and counters in the mapped array. The address of this CPU's block is pure
 * arithmetic on the CPU's number, so that all uses in a program share it.
 *
 * A program's own run is not interrupted by itself on the same CPU: the kernel keeps a busy counter per program for
 * BTF and raw tracepoints, fentry and the like (bpf_trace.c __bpf_trace_run, trampoline.c __bpf_prog_enter_recur, 6.1),
 * one per CPU for perf tracepoints, kprobes and perf events (bpf_prog_active). Different programs may nest, and uprobe
 * programs can be preempted (bpf_prog_run_array_uprobe only disables migration); what they share is added to with
 * locked instructions (`ProgramPlan.needsAtomics`).
 */

import type { Operand } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';
import type { SlotRef } from './object-builder.ts';
import type { Place } from './place.ts';

/** slotPlace gives the place of a slot, this CPU's if it is per CPU. */
export function slotPlace(fc: FunctionContext, slot: SlotRef): Place {
  const { builder } = fc;
  const { object } = fc.program;
  if (!slot.isPerCpu) return { base: builder.mapValue(object.slotsMap, slot.offset), offset: 0, space: 'memory' };
  const start = builder.mapValue(object.slotsMap, object.perCpuStart);
  return { base: builder.advance(start, cpuOffset(fc)), offset: slot.offset, space: 'memory' };
}

/** slotPlaceOf gives the place of a slot for a CPU by number, which must be below the number of slots. */
export function slotPlaceOf(fc: FunctionContext, slot: SlotRef, cpu: Operand): Place {
  const { object } = fc.program;
  const start = fc.builder.mapValue(object.slotsMap, object.perCpuStart);
  const offset = fc.builder.binary('multiply', cpu, BigInt(object.perCpuStride));
  return { base: fc.builder.advance(start, offset), offset: slot.offset, space: 'memory' };
}

function cpuOffset(fc: FunctionContext): Operand {
  const { builder } = fc;
  const { object } = fc.program;
  if (object.cpuSlots === 1) return 0n;
  const cpu = builder.call('get_smp_processor_id', []);
  // The mask tells the verifier the bound; CPU numbers are below it anyway.
  const bounded = builder.binary('and', cpu, BigInt(object.cpuSlots - 1));
  return builder.binary('multiply', bounded, BigInt(object.perCpuStride));
}

/** addTo adds to 8 bytes in memory, locked where programs may interrupt each other. */
export function addTo(fc: FunctionContext, place: Place, value: Operand, isAtomic: boolean): void {
  const { builder } = fc;
  if (isAtomic) {
    const register = typeof value === 'bigint' ? builder.copy(value) : value;
    builder.emit({ op: 'atomicAdd', base: place.base, offset: place.offset, value: register });
    return;
  }
  const old = builder.load(place.base, place.offset, 8);
  builder.store(place.base, place.offset, 8, builder.binary('add', old, value));
}
