/**
 * Where each virtual register lives, as lists of position ranges over the laid-out blocks. Instruction i reads at
 * position 2i and writes at 2i+1. Ranges have holes, so that what only a cold block needs does not press on the rest.
 */

import {
  destinationOf,
  extraDestinationOf,
  type Instruction,
  type IrFunction,
  type Operand,
  operandsOf,
  terminatorOperands,
} from '../ir/ir.ts';
import { LiveSets } from './live-sets.ts';

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
  readonly intervals: readonly Interval[];
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

const CLOSED = -1;

/** computeLiveness expects numbered blocks in layout order. */
export function computeLiveness(fn: IrFunction): Liveness {
  const liveness = new LiveSets(fn);
  const intervals: Interval[] = [];
  const byId: (Interval | undefined)[] = new Array(fn.registerCount).fill(undefined);
  const calls: number[] = [];
  const exchanges: number[] = [];
  const interval = (id: number): Interval => {
    let found = byId[id];
    if (found === undefined) {
      found = { id, ranges: [], weight: 0 };
      byId[id] = found;
      intervals.push(found);
    }
    return found;
  };
  /** Of registers alive at the place at hand: the last position at which they are. */
  const open = new Int32Array(fn.registerCount).fill(CLOSED);
  let opened: number[] = [];
  let frequency = 1;
  const use = (operand: Operand, position: number) => {
    if (typeof operand === 'bigint') return;
    interval(operand.id).weight += frequency;
    if (open[operand.id] !== CLOSED) return;
    open[operand.id] = position;
    opened.push(operand.id);
  };
  const define = (id: number, position: number) => {
    const defined = interval(id);
    defined.weight += frequency;
    const end = open[id] as number;
    open[id] = CLOSED;
    addRange(defined, position, end === CLOSED ? position : end);
  };
  let last = 0;
  for (const block of fn.blocks) last += (block.instructions.length + 1) * 2;
  // Backwards, so that ranges are built from the end to the start.
  for (let index = fn.blocks.length - 1; index >= 0; index--) {
    const block = fn.blocks[index];
    if (block === undefined) continue;
    const { instructions, terminator } = block;
    last -= 2;
    const first = last - instructions.length * 2;
    frequency = block.isCold ? 0.05 : 1;
    opened = liveness.liveOut(index);
    for (const id of opened) open[id] = last + 1;
    for (const operand of terminator ? terminatorOperands(terminator) : []) use(operand, last);
    for (let i = instructions.length - 1; i >= 0; i--) {
      const instruction = instructions[i] as Instruction;
      const position = first + i * 2;
      const dst = destinationOf(instruction);
      if (dst !== undefined) define(dst.id, position + 1);
      const extra = extraDestinationOf(instruction);
      if (extra !== undefined) define(extra.id, position + 1);
      if (CALLS.has(instruction.op)) calls.push(position);
      if (instruction.op === 'compareExchange') exchanges.push(position);
      readOperands(instruction, position, use);
    }
    for (const id of opened) {
      const end = open[id] as number;
      if (end === CLOSED) continue;
      open[id] = CLOSED;
      addRange(interval(id), index === 0 ? -1 : first, end);
    }
    last = first;
  }
  for (const { ranges } of intervals) ranges.reverse();
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

/** Ranges are kept in descending order until all are known. */
function addRange(interval: Interval, start: number, end: number): void {
  const next = interval.ranges.at(-1);
  // A write right after a read (odd after even) is no continuation: a call may lie between them.
  const isAdjacent = next !== undefined && next.start === end + 1 && next.start % 2 === 0;
  if (next !== undefined && (next.start <= end || isAdjacent)) {
    next.start = Math.min(start, next.start);
    next.end = Math.max(end, next.end);
  } else {
    interval.ranges.push({ start, end });
  }
}
