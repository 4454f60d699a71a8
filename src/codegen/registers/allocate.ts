/**
 * Linear scan over live ranges with holes: r6–r9 for values alive across calls, r0–r5 first for all others. What finds
 * no register is spilled to the stack (or computed again where that is one instruction) and allocation starts over
 * with the short-lived registers this leaves.
 */

import { definitionCounts } from '../ir/flow.ts';
import {
  destinationOf,
  type FrameSlot,
  type Instruction,
  type IrFunction,
  mapOperands,
  mapTerminatorOperands,
  type Operand,
  operandsOf,
  terminatorOperands,
  type VirtualRegister,
} from '../ir/ir.ts';
import { computeLiveness, type Interval } from './liveness.ts';
import { Occupancy } from './occupancy.ts';

/** Machine register of each virtual register, by id. */
export type Allocation = ReadonlyMap<number, number>;

const CALLER_SAVED = [1, 2, 3, 4, 5, 0];
const CALLEE_SAVED = [6, 7, 8, 9];
/** In order of preference; those without r0 are for values that live across an instruction that writes it unasked. */
const REGISTERS = {
  acrossCalls: { all: CALLEE_SAVED, withoutZero: CALLEE_SAVED },
  anywhere: {
    all: [...CALLER_SAVED, ...CALLEE_SAVED],
    withoutZero: [...CALLER_SAVED.filter((register) => register !== 0), ...CALLEE_SAVED],
  },
} as const;
const MAX_ROUNDS = 40;

/** allocateRegisters may rewrite `fn` to spill; its blocks must be numbered and in layout order. */
export function allocateRegisters(fn: IrFunction): Allocation {
  const temporaries = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { allocation, spilled } = scan(fn, temporaries);
    if (spilled.size === 0) return allocation;
    spill(fn, spilled, temporaries);
  }
  throw new Error(`registers of ${fn.name} cannot be allocated`);
}

interface Candidate extends Interval {
  readonly allowed: readonly number[];
}

function scan(
  fn: IrFunction,
  temporaries: ReadonlySet<number>,
): { allocation: Map<number, number>; spilled: Set<number> } {
  const { intervals, calls, exchanges } = computeLiveness(fn);
  const hints = collectHints(fn);
  const allocation = new Map<number, number>();
  const spilled = new Set<number>();
  const held = Array.from({ length: 10 }, () => new Occupancy<Candidate>());
  const queue: Candidate[] = [];
  for (const interval of intervals) {
    const weight = temporaries.has(interval.id) ? Number.POSITIVE_INFINITY : interval.weight / lengthOf(interval);
    const row = REGISTERS[crosses(interval, calls) ? 'acrossCalls' : 'anywhere'];
    queue.push({ ...interval, weight, allowed: crosses(interval, exchanges) ? row.withoutZero : row.all });
  }
  queue.sort((a, b) => (a.ranges[0]?.start ?? 0) - (b.ranges[0]?.start ?? 0) || a.id - b.id);
  for (const candidate of queue) {
    const free = freeRegister(candidate, hints.get(candidate.id), allocation, held);
    if (free !== undefined) {
      allocation.set(candidate.id, free);
      held[free]?.add(candidate);
      continue;
    }
    const victim = cheapestConflict(candidate, held);
    if (victim === undefined || victim.weight >= candidate.weight) {
      spilled.add(candidate.id);
      continue;
    }
    for (const loser of victim.losers) {
      allocation.delete(loser.id);
      spilled.add(loser.id);
      held[victim.register]?.remove(loser);
    }
    held[victim.register]?.add(candidate);
    allocation.set(candidate.id, victim.register);
  }
  return { allocation, spilled };
}

function freeRegister(
  candidate: Candidate,
  hints: readonly (number | VirtualRegister)[] | undefined,
  allocation: ReadonlyMap<number, number>,
  held: readonly Occupancy<Candidate>[],
): number | undefined {
  const { allowed, ranges } = candidate;
  for (const hint of hints ?? []) {
    const register = typeof hint === 'number' ? hint : allocation.get(hint.id);
    if (register !== undefined && allowed.includes(register) && held[register]?.isFree(ranges)) return register;
  }
  return allowed.find((register) => held[register]?.isFree(ranges));
}

function cheapestConflict(
  candidate: Candidate,
  held: readonly Occupancy<Candidate>[],
): { register: number; losers: readonly Candidate[]; weight: number } | undefined {
  let best: { register: number; losers: readonly Candidate[]; weight: number } | undefined;
  for (const register of candidate.allowed) {
    const losers = held[register]?.holdersOf(candidate.ranges) ?? [];
    const weight = losers.reduce((sum, loser) => sum + loser.weight, 0);
    if (best === undefined || weight < best.weight) best = { register, losers, weight };
  }
  return best;
}

function crosses(interval: Interval, positions: readonly number[]): boolean {
  return interval.ranges.some(({ start, end }) => {
    // The first position at or after the start.
    let low = 0;
    let high = positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((positions[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const position = positions[low];
    return position !== undefined && position < end;
  });
}

function lengthOf(interval: Interval): number {
  return interval.ranges.reduce((sum, range) => sum + range.end - range.start + 1, 1);
}

/** Registers in which a value would save a move: of calls, of parameters, of the other side of a copy. */
function collectHints(fn: IrFunction): Map<number, (number | VirtualRegister)[]> {
  const hints = new Map<number, (number | VirtualRegister)[]>();
  const add = (register: Operand | undefined, hint: number | Operand) => {
    if (typeof register !== 'object' || typeof hint === 'bigint') return;
    const list = hints.get(register.id);
    if (list === undefined) hints.set(register.id, [hint]);
    else list.push(hint);
  };
  for (const block of fn.blocks) {
    for (const instruction of block.instructions) {
      switch (instruction.op) {
        case 'call':
        case 'callFunction':
        case 'callKfunc':
          instruction.args.forEach((arg, index) => {
            add(arg, index + 1);
          });
          add(instruction.dst, 0);
          break;
        case 'move':
        case 'extend':
        case 'negate':
        case 'swap':
          add(instruction.dst, instruction.source);
          add(instruction.source, instruction.dst);
          break;
        case 'binary':
          add(instruction.dst, instruction.left);
          add(instruction.left, instruction.dst);
          break;
        case 'compareExchange':
          add(instruction.dst, 0);
          break;
      }
    }
    if (block.terminator?.op === 'return') add(block.terminator.value, 0);
  }
  fn.parameters.forEach((parameter, index) => {
    add(parameter, index + 1);
  });
  return hints;
}

const REPEATABLE: ReadonlySet<Instruction['op']> = new Set([
  'frameAddress',
  'mapHandle',
  'mapValue',
  'functionAddress',
  'btfVariable',
]);

/** spill gives each register of `spilled` a stack slot, or repeats its definition before each use. */
function spill(fn: IrFunction, spilled: ReadonlySet<number>, temporaries: Set<number>): void {
  const counts = definitionCounts(fn);
  const recipes = new Map<number, Instruction>();
  for (const block of fn.blocks) {
    for (const instruction of block.instructions) {
      const dst = destinationOf(instruction);
      if (dst !== undefined && spilled.has(dst.id) && counts[dst.id] === 1 && isRepeatable(instruction, counts)) {
        recipes.set(dst.id, instruction);
      }
    }
  }
  const slots = new Map<number, FrameSlot>();
  const slotOf = (id: number): FrameSlot => {
    let slot = slots.get(id);
    if (slot === undefined) {
      fn.frameSize += 8;
      slot = { slot: -1, offset: -fn.frameSize, size: 8 };
      slots.set(id, slot);
    }
    return slot;
  };
  const temporary = (register: VirtualRegister): VirtualRegister => {
    const fresh = { ...register, id: fn.registerCount++ };
    temporaries.add(fresh.id);
    return fresh;
  };
  const reload = (register: VirtualRegister, out: Instruction[], span: Instruction['span']): VirtualRegister => {
    const recipe = recipes.get(register.id);
    const source =
      recipe &&
      mapOperands(recipe, (operand) =>
        typeof operand === 'object' && spilled.has(operand.id) ? reload(operand, out, span) : operand,
      );
    const fresh = temporary(register);
    out.push(
      source === undefined
        ? { op: 'load', dst: fresh, base: slotOf(register.id), offset: 0, size: 8, span }
        : ({ ...source, dst: fresh, span } as Instruction),
    );
    return fresh;
  };
  for (const [index, block] of fn.blocks.entries()) {
    const out: Instruction[] = [];
    if (index === 0) spillParameters(fn, spilled, temporary, slotOf, out);
    for (const instruction of block.instructions) {
      const dst = destinationOf(instruction);
      if (dst !== undefined && recipes.get(dst.id) === instruction) continue;
      const reloaded = new Map<number, VirtualRegister>();
      for (const operand of operandsOf(instruction)) {
        if (typeof operand === 'object' && spilled.has(operand.id) && !reloaded.has(operand.id)) {
          reloaded.set(operand.id, reload(operand, out, instruction.span));
        }
      }
      const changed = mapOperands(instruction, (operand) =>
        typeof operand === 'object' ? (reloaded.get(operand.id) ?? operand) : operand,
      );
      if (dst !== undefined && spilled.has(dst.id)) {
        const fresh = temporary(dst);
        out.push({ ...changed, dst: fresh } as Instruction);
        out.push({ op: 'store', base: slotOf(dst.id), offset: 0, size: 8, value: fresh, span: instruction.span });
      } else {
        out.push(changed);
      }
    }
    if (block.terminator) {
      const reloaded = new Map<number, VirtualRegister>();
      for (const operand of terminatorOperands(block.terminator)) {
        if (typeof operand === 'object' && spilled.has(operand.id) && !reloaded.has(operand.id)) {
          reloaded.set(operand.id, reload(operand, out, block.terminator.span));
        }
      }
      block.terminator = mapTerminatorOperands(block.terminator, (operand) =>
        typeof operand === 'object' ? (reloaded.get(operand.id) ?? operand) : operand,
      );
    }
    block.instructions = out;
  }
}

function spillParameters(
  fn: IrFunction,
  spilled: ReadonlySet<number>,
  temporary: (register: VirtualRegister) => VirtualRegister,
  slotOf: (id: number) => FrameSlot,
  out: Instruction[],
): void {
  const parameters = fn.parameters.map((parameter) => {
    if (!spilled.has(parameter.id)) return parameter;
    const fresh = temporary(parameter);
    out.push({ op: 'store', base: slotOf(parameter.id), offset: 0, size: 8, value: fresh, span: fn.span });
    return fresh;
  });
  (fn as { parameters: readonly VirtualRegister[] }).parameters = parameters;
}

/** One instruction that gives the same wherever it is repeated: a constant, or an address at a fixed distance. */
function isRepeatable(instruction: Instruction, counts: Uint32Array): boolean {
  if (instruction.op === 'move') return typeof instruction.source === 'bigint';
  if (instruction.op === 'binary') {
    const { operator, left, right } = instruction;
    return operator === 'add' && typeof right === 'bigint' && typeof left === 'object' && isFixedAddress(left, counts);
  }
  return REPEATABLE.has(instruction.op);
}

function isFixedAddress({ id, kind }: VirtualRegister, counts: Uint32Array): boolean {
  return kind === 'mapValue' && counts[id] === 1;
}
