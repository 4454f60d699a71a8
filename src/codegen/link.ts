/**
 * Puts the functions of one program together: main first, then the subprograms it reaches, calls between them
 * resolved, positions of relocations and lines made absolute.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import { type BpfInstruction, encodeInstructions } from './bpf/instruction.ts';
import type { BtfWriter } from './btf-writer.ts';
import { type EmittedFunction, emitFunction } from './emit.ts';
import { renumber } from './ir/flow.ts';
import type { IrFunction } from './ir/ir.ts';
import { printFunction } from './ir/print.ts';
import { validateFunction } from './ir/validate.ts';
import type { Relocation } from './object.ts';
import { optimize, prepare } from './passes/pipeline.ts';
import { allocateRegisters } from './registers/allocate.ts';

export interface LinkedProgram {
  readonly instructions: Uint8Array;
  readonly listing: readonly BpfInstruction[];
  readonly relocations: readonly Relocation[];
  readonly lines: readonly { readonly instruction: number; readonly span: Span }[];
  readonly functions: readonly { readonly instruction: number; readonly btfId: number; readonly name: string }[];
  /** Stack bytes of the deepest chain of calls, as the kernel counts them. */
  readonly stackDepth: number;
  /** A function is so long that its jumps cannot be encoded: not to be loaded. */
  readonly isTooLong: boolean;
}

/** What a caller may look at on the way: IR after optimisation, for `-d ir` and for tests. */
export interface LinkObserver {
  readonly ir?: (text: string, problems: readonly string[]) => void;
}

/** linkProgram compiles and joins `functions`; the first is the program's entry. */
export function linkProgram(
  functions: readonly IrFunction[],
  btf: BtfWriter,
  observer: LinkObserver = {},
): LinkedProgram {
  const emitted = new Map<string, { code: EmittedFunction; fn: IrFunction }>();
  const main = functions[0];
  if (main === undefined) throw new Error('a program needs a function');
  const order: string[] = [];
  const queue = [main.name];
  const byName = new Map(functions.map((fn) => [fn.name, fn]));
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const fn = byName.get(name);
    if (fn === undefined || emitted.has(name)) continue;
    const code = compileFunction(fn, observer);
    emitted.set(name, { code, fn });
    order.push(name);
    for (const { callee } of code.references) queue.push(callee);
  }

  const starts = new Map<string, number>();
  let slot = 0;
  for (const name of order) {
    starts.set(name, slot);
    slot += emitted.get(name)?.code.slots ?? 0;
  }
  const listing: BpfInstruction[] = [];
  const relocations: Relocation[] = [];
  const lines: { instruction: number; span: Span }[] = [];
  const infos: { instruction: number; btfId: number; name: string }[] = [];
  for (const name of order) {
    const entry = emitted.get(name);
    const start = starts.get(name) ?? 0;
    if (entry === undefined) continue;
    const { code, fn } = entry;
    const parameters = fn.parameters.map(({ kind }) => (kind === 'integer' ? 'integer' : 'pointer'));
    infos.push({ instruction: start, btfId: btf.function(fn.name, parameters), name: fn.name });
    for (const relocation of code.relocations) {
      relocations.push({ ...relocation, instruction: relocation.instruction + start });
    }
    for (const { slot: at, span } of code.lines) lines.push({ instruction: at + start, span });
    const resolved = [...code.instructions];
    for (const reference of code.references) {
      const instruction = resolved[reference.index];
      const callee = starts.get(reference.callee);
      if (instruction === undefined || callee === undefined) throw new Error(`no function ${reference.callee}`);
      const distance = callee - (start + reference.slot) - 1;
      const isAddress = typeof instruction.immediate === 'bigint';
      resolved[reference.index] = {
        ...instruction,
        immediate: isAddress ? BigInt.asUintN(32, BigInt(distance)) : distance,
      };
    }
    for (const instruction of resolved) listing.push(instruction);
  }
  return {
    instructions: encodeInstructions(listing),
    listing,
    relocations,
    lines,
    functions: infos,
    stackDepth: depthOf(main.name, emitted),
    isTooLong: order.some((name) => emitted.get(name)?.code.isTooLong),
  };
}

/** Each frame is rounded up to 32 bytes (check_max_stack_depth, kernel/bpf/verifier.c). */
function depthOf(name: string, emitted: ReadonlyMap<string, { code: EmittedFunction; fn: IrFunction }>): number {
  const entry = emitted.get(name);
  if (entry === undefined) return 0;
  const own = Math.ceil(Math.max(entry.fn.frameSize, 1) / 32) * 32;
  const callees = new Set(entry.code.references.map((reference) => reference.callee));
  return own + Math.max(0, ...[...callees].map((callee) => depthOf(callee, emitted)));
}

/** compileFunction runs the passes, allocates registers and emits. */
export function compileFunction(fn: IrFunction, observer: LinkObserver = {}): EmittedFunction {
  optimize(fn);
  observer.ir?.(printFunction(fn), validateFunction(fn));
  prepare(fn);
  renumber(fn, fn.blocks);
  const allocation = allocateRegisters(fn);
  return emitFunction(fn, allocation);
}
