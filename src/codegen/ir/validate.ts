/**
 * Checks a function's IR for mistakes of ours, in tests and with `-d`: open blocks, targets outside the function,
 * registers read on a path that has not written them, stack accesses out of their slot or misaligned.
 */

import {
  type Block,
  destinationOf,
  extraDestinationOf,
  type Instruction,
  type IrFunction,
  isRegister,
  operandsOf,
  successorsOf,
  terminatorOperands,
} from './ir.ts';
import { printInstruction } from './print.ts';

/** validateFunction gives one line per mistake; an empty list is a sound function. */
export function validateFunction(fn: IrFunction): string[] {
  const problems: string[] = [];
  const members = new Set(fn.blocks);
  for (const [index, block] of fn.blocks.entries()) {
    if (block.terminator === undefined) problems.push(`${fn.name}: block ${index} is open`);
    for (const successor of successorsOf(block)) {
      if (!members.has(successor)) problems.push(`${fn.name}: block ${index} leaves the function`);
    }
    for (const instruction of block.instructions) {
      const problem = accessProblem(instruction);
      if (problem) problems.push(`${fn.name}: ${problem}: ${printInstruction(instruction)}`);
    }
  }
  return problems.length > 0 ? problems : undefinedReads(fn);
}

function accessProblem(instruction: Instruction): string | undefined {
  if (instruction.op !== 'load' && instruction.op !== 'store') return;
  const { base, offset, size } = instruction;
  if (isRegister(base)) {
    if (offset < -32768 || offset > 32767) return 'offset does not fit an instruction';
    return;
  }
  if (offset < 0 || offset + size > base.size) return 'access leaves its stack slot';
  if (offset % size !== 0) return 'misaligned stack access';
  return;
}

/** Forward dataflow: registers certainly written on every path. */
function undefinedReads(fn: IrFunction): string[] {
  const problems: string[] = [];
  const definedIn = new Map<Block, Set<number>>();
  const entry = fn.blocks[0];
  if (entry === undefined) return [`${fn.name}: no blocks`];
  definedIn.set(entry, new Set(fn.parameters.map((parameter) => parameter.id)));
  const work: Block[] = [entry];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    const out = new Set(definedIn.get(block));
    for (const instruction of block.instructions) addDefinitions(out, instruction);
    for (const successor of successorsOf(block)) {
      const before = definedIn.get(successor);
      const after = before === undefined ? out : new Set([...before].filter((id) => out.has(id)));
      if (before === undefined || after.size < before.size) {
        definedIn.set(successor, new Set(after));
        work.push(successor);
      }
    }
  }
  for (const [block, defined] of definedIn) {
    const now = new Set(defined);
    for (const instruction of block.instructions) {
      for (const operand of operandsOf(instruction)) {
        if (typeof operand === 'object' && !now.has(operand.id)) {
          problems.push(`${fn.name}: %${operand.id} may be unwritten: ${printInstruction(instruction)}`);
        }
      }
      addDefinitions(now, instruction);
    }
    for (const operand of block.terminator ? terminatorOperands(block.terminator) : []) {
      if (typeof operand === 'object' && !now.has(operand.id)) {
        problems.push(`${fn.name}: %${operand.id} may be unwritten at the end of a block`);
      }
    }
  }
  return problems;
}

function addDefinitions(set: Set<number>, instruction: Instruction): void {
  const dst = destinationOf(instruction);
  if (dst !== undefined) set.add(dst.id);
  const extra = extraDestinationOf(instruction);
  if (extra !== undefined) set.add(extra.id);
}
