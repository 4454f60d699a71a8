/**
 * Dead code: instructions without effect whose result nobody reads.
 */

import type { HelperName } from '../bpf/helpers.ts';
import { helperInfo } from '../bpf/helpers.ts';
import {
  type Block,
  destinationOf,
  extraDestinationOf,
  type Instruction,
  type IrFunction,
  operandsOf,
  terminatorOperands,
} from '../ir/ir.ts';

const WITHOUT_EFFECT: ReadonlySet<Instruction['op']> = new Set([
  'move',
  'binary',
  'negate',
  'extend',
  'swap',
  'load',
  'frameAddress',
  'mapHandle',
  'mapValue',
  'btfVariable',
  'functionAddress',
  'probeRead',
]);

const HELPERS_WITHOUT_EFFECT: ReadonlySet<HelperName> = new Set<HelperName>([
  'ktime_get_ns',
  'ktime_get_boot_ns',
  'ktime_get_tai_ns',
  'jiffies64',
  'get_prandom_u32',
  'map_lookup_elem',
]);

/** removeDeadCode rewrites `fn` in place; true if anything went. */
export function removeDeadCode(fn: IrFunction): boolean {
  const uses = new Uint32Array(fn.registerCount);
  const count = (instruction: Instruction, by: number) => {
    for (const operand of operandsOf(instruction)) {
      if (typeof operand === 'object') uses[operand.id] = (uses[operand.id] ?? 0) + by;
    }
  };
  for (const block of fn.blocks) {
    for (const instruction of block.instructions) count(instruction, 1);
    for (const operand of block.terminator ? terminatorOperands(block.terminator) : []) {
      if (typeof operand === 'object') uses[operand.id] = (uses[operand.id] ?? 0) + 1;
    }
  }
  const isDead = (instruction: Instruction) => {
    const dst = destinationOf(instruction);
    if (dst === undefined || uses[dst.id] !== 0 || !hasNoEffect(instruction)) return false;
    const extra = extraDestinationOf(instruction);
    return extra === undefined || uses[extra.id] === 0;
  };
  let removed = false;
  let changed = true;
  while (changed) {
    changed = false;
    // From the end, so that what only dead instructions read goes in the same sweep.
    for (let index = fn.blocks.length - 1; index >= 0; index--) {
      const block = fn.blocks[index];
      if (block !== undefined && removeFrom(block, isDead, count)) changed = true;
    }
    removed ||= changed;
  }
  return removed;
}

function removeFrom(
  block: Block,
  isDead: (instruction: Instruction) => boolean,
  count: (instruction: Instruction, by: number) => void,
): boolean {
  const { instructions } = block;
  let dead: Set<Instruction> | undefined;
  for (let index = instructions.length - 1; index >= 0; index--) {
    const instruction = instructions[index];
    if (instruction === undefined || !isDead(instruction)) continue;
    count(instruction, -1);
    dead ??= new Set();
    dead.add(instruction);
  }
  if (dead === undefined) return false;
  const gone = dead;
  block.instructions = instructions.filter((instruction) => !gone.has(instruction));
  return true;
}

function hasNoEffect(instruction: Instruction): boolean {
  if (instruction.op === 'call') {
    return HELPERS_WITHOUT_EFFECT.has(instruction.helper) || helperInfo(instruction.helper).isPure === true;
  }
  return WITHOUT_EFFECT.has(instruction.op);
}
