/**
 * Where each virtual register lives, as lists of position ranges over the laid-out blocks. Instruction i reads at
 * position 2i and writes at 2i+1. Ranges have holes, so that what only a cold block needs does not press on the rest.
 */

import {
  type Block,
  destinationOf,
  extraDestinationOf,
  type Instruction,
  type IrFunction,
  type Operand,
  operandsOf,
  successorsOf,
  terminatorOperands,
} from '../ir/ir.ts';

export interface Range {
  start: number;
  end: number;
}

export interface Interval {
  readonly id: number;
  /** Ascending and disjoint. */
  readonly ranges: Range[];
  /** Uses and definitions, weighted by how often the place runs. */
  weight: number;
}

export interface Liveness {
  readonly intervals: ReadonlyMap<number, Interval>;
  /** Positions at which r0–r5 are lost. */
  readonly calls: readonly number[];
  /** Positions at which only r0 is lost. */
  readonly exchanges: readonly number[];
}

const CALLS: ReadonlySet<string> = new Set(['call', 'callFunction', 'callKfunc']);

const ORDERED: ReadonlySet<string> = new Set([
  'subtract',
  'divide',
  'remainder',
  'shiftLeft',
  'shiftRight',
  'shiftRightSigned',
]);

/** computeLiveness expects numbered blocks in layout order. */
export function computeLiveness(fn: IrFunction): Liveness {
  const liveOut = liveOutSets(fn);
  const intervals = new Map<number, Interval>();
  const calls: number[] = [];
  const exchanges: number[] = [];
  const blockStarts: number[] = [];
  let total = 0;
  for (const block of fn.blocks) {
    blockStarts.push(total);
    total += block.instructions.length + 1;
  }
  const interval = (id: number): Interval => {
    let found = intervals.get(id);
    if (found === undefined) {
      found = { id, ranges: [], weight: 0 };
      intervals.set(id, found);
    }
    return found;
  };
  // Blocks backwards, so that ranges are built from the end to the start and stay sorted by unshifting.
  for (let index = fn.blocks.length - 1; index >= 0; index--) {
    const block = fn.blocks[index];
    if (block === undefined) continue;
    const first = (blockStarts[index] ?? 0) * 2;
    const last = first + block.instructions.length * 2;
    const frequency = block.isCold ? 0.05 : 1;
    const open = new Map<number, number>();
    for (const id of liveOut[index] ?? []) open.set(id, last + 1);
    const use = (operand: Operand, position: number) => {
      if (typeof operand === 'bigint') return;
      interval(operand.id).weight += frequency;
      if (!open.has(operand.id)) open.set(operand.id, position);
    };
    const define = (id: number, position: number) => {
      interval(id).weight += frequency;
      const end = open.get(id) ?? position;
      open.delete(id);
      addRange(interval(id), position, end);
    };
    for (const operand of block.terminator ? terminatorOperands(block.terminator) : []) use(operand, last);
    for (let i = block.instructions.length - 1; i >= 0; i--) {
      const instruction = block.instructions[i];
      if (instruction === undefined) continue;
      const position = first + i * 2;
      const dst = destinationOf(instruction);
      if (dst !== undefined) define(dst.id, position + 1);
      const extra = extraDestinationOf(instruction);
      if (extra !== undefined) define(extra.id, position + 1);
      if (CALLS.has(instruction.op)) calls.push(position);
      if (instruction.op === 'compareExchange') exchanges.push(position);
      readOperands(instruction, position, use);
    }
    for (const [id, end] of open) addRange(interval(id), index === 0 ? -1 : first, end);
  }
  return { intervals, calls: calls.reverse(), exchanges: exchanges.reverse() };
}

/** Operands that must not share a register with the result are read as late as it is written. */
function readOperands(
  instruction: Instruction,
  position: number,
  use: (operand: Operand, position: number) => void,
): void {
  if (instruction.op === 'binary') {
    use(instruction.left, position);
    use(instruction.right, ORDERED.has(instruction.operator) ? position + 1 : position);
    return;
  }
  const isLate = instruction.op === 'compareExchange' || instruction.op === 'atomicAdd';
  for (const operand of operandsOf(instruction)) use(operand, isLate ? position + 1 : position);
}

function addRange(interval: Interval, start: number, end: number): void {
  const next = interval.ranges[0];
  // A write right after a read (odd after even) is no continuation: a call may lie between them.
  const isAdjacent = next !== undefined && next.start === end + 1 && next.start % 2 === 0;
  if (next !== undefined && (next.start <= end || isAdjacent)) {
    next.start = Math.min(start, next.start);
    next.end = Math.max(end, next.end);
  } else {
    interval.ranges.unshift({ start, end });
  }
}

function liveOutSets(fn: IrFunction): Set<number>[] {
  const uses: Set<number>[] = [];
  const definitions: Set<number>[] = [];
  for (const block of fn.blocks) {
    const used = new Set<number>();
    const defined = new Set<number>();
    const read = (operand: Operand) => {
      if (typeof operand === 'object' && !defined.has(operand.id)) used.add(operand.id);
    };
    for (const instruction of block.instructions) {
      operandsOf(instruction).forEach(read);
      const dst = destinationOf(instruction);
      if (dst !== undefined) defined.add(dst.id);
      const extra = extraDestinationOf(instruction);
      if (extra !== undefined) defined.add(extra.id);
    }
    if (block.terminator) terminatorOperands(block.terminator).forEach(read);
    uses.push(used);
    definitions.push(defined);
  }
  const liveIn = uses.map((set) => new Set(set));
  const liveOut: Set<number>[] = fn.blocks.map(() => new Set<number>());
  let changed = true;
  while (changed) {
    changed = false;
    for (let index = fn.blocks.length - 1; index >= 0; index--) {
      const out = liveOut[index];
      const into = liveIn[index];
      const block: Block | undefined = fn.blocks[index];
      if (out === undefined || into === undefined || block === undefined) continue;
      for (const successor of successorsOf(block)) {
        for (const id of liveIn[successor.id] ?? []) {
          if (out.has(id)) continue;
          out.add(id);
          if (definitions[index]?.has(id) || into.has(id)) continue;
          into.add(id);
          changed = true;
        }
      }
    }
  }
  return liveOut;
}
