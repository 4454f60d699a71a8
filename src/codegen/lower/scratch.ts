/**
 * Scratch memory: one value of a per-CPU array per program, for what is too large for the stack or shared with
 * callbacks. A program does not interrupt itself on a CPU (see `slots.ts`), so one value is enough, except for uprobe
 * programs, which may be preempted by another task that runs the same program: these take one of several values, marked
 * as taken by a locked exchange, and give it back at every exit.
 */

import type { FunctionBuilder } from '../ir/builder.ts';
import type { Block, VirtualRegister } from '../ir/ir.ts';
import type { ProgramContext } from './program-context.ts';

/** Values of a preemptible program; more tasks than this in the middle of a run on one CPU lose their event. */
export const PREEMPTIBLE_VALUES = 4;

/** findScratch looks the program's value up; the program ends in the impossible case that there is none. */
export function findScratch(program: ProgramContext, builder: FunctionBuilder, index: number): VirtualRegister {
  const scratch = lookup(program, builder, index);
  const missing = builder.block(true);
  const next = builder.block();
  missing.terminator = { op: 'return', value: 0n };
  builder.function.blocks.push(missing);
  builder.branch('equal', scratch, 0n, missing, next);
  builder.enter(next);
  return scratch;
}

function lookup(program: ProgramContext, builder: FunctionBuilder, index: number): VirtualRegister {
  const key = builder.permanent(8);
  builder.store(key, 0, 4, BigInt(index));
  const map = builder.mapHandle(program.object.scratchMap);
  return builder.call('map_lookup_elem', [map, builder.frameAddress(key)], 'mapValue');
}

/** takeScratch takes a free value. Its last word says that it is taken. */
export function takeScratch(program: ProgramContext, builder: FunctionBuilder): VirtualRegister {
  const held = builder.register('mapValue', 'held');
  const taken = builder.block();
  const one = builder.copy(1n);
  for (let index = 0; index < PREEMPTIBLE_VALUES; index++) {
    const candidate = findScratch(program, builder, program.index + index);
    const next = builder.block();
    const got = builder.block();
    const old = builder.register();
    builder.emit({ op: 'compareExchange', dst: old, base: candidate, offset: 0, expected: 0n, value: one });
    builder.branch('equal', old, 0n, got, next);
    builder.enter(got);
    builder.move(held, candidate);
    builder.jump(taken);
    builder.enter(next);
  }
  const { slotsMap, lossCounter, perCpuStart } = program.object;
  const counter = builder.mapValue(slotsMap, perCpuStart + lossCounter.offset);
  builder.emit({ op: 'atomicAdd', base: counter, offset: 0, value: one });
  builder.return(0n);
  builder.enter(taken);
  return held;
}

/** releaseAtExits gives a value that was taken back wherever the function returns. */
export function releaseAtExits(builder: FunctionBuilder, held: VirtualRegister, entry: Block): void {
  entry.instructions.unshift({ op: 'move', dst: held, source: 0n });
  for (const block of [...builder.function.blocks]) {
    if (block.terminator?.op !== 'return') continue;
    const exit = block.terminator;
    const release = builder.block(block.isCold);
    const leave = builder.block(block.isCold);
    block.terminator = {
      op: 'branch',
      comparison: 'equal',
      left: held,
      right: 0n,
      consequent: leave,
      alternate: release,
      span: exit.span,
    };
    release.instructions.push({ op: 'store', base: held, offset: 0, size: 8, value: 0n, span: exit.span });
    release.terminator = { op: 'jump', target: leave, span: exit.span };
    leave.terminator = exit;
    builder.function.blocks.push(release, leave);
  }
}
