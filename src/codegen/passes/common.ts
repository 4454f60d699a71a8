/**
 * Common subexpressions: an instruction that computes what a dominating one has computed from the same registers is
 * replaced by a copy. Taken are pure operations, helpers whose answer does not change within a run (pid, cpu, uid …),
 * loads from memory the program does not change, and fault-safe reads of the same field. Map handles are not: loading
 * the constant again is cheaper than a register kept across calls.
 */

import { helperInfo } from '../bpf/helpers.ts';
import { definitionCounts, immediateDominators } from '../ir/flow.ts';
import { destinationOf, type Instruction, type IrFunction, isRegister, type Operand, operandsOf } from '../ir/ir.ts';

/** shareSubexpressions rewrites `fn` in place; its blocks must be numbered. */
export function shareSubexpressions(fn: IrFunction): void {
  const counts = definitionCounts(fn);
  const dominators = immediateDominators(fn);
  const children: number[][] = fn.blocks.map(() => []);
  dominators.forEach((dominator, block) => {
    if (block !== 0 && dominator >= 0) children[dominator]?.push(block);
  });
  const available = new Map<string, Operand>();
  const walk = (blockId: number) => {
    const block = fn.blocks[blockId];
    if (block === undefined) return;
    const added: string[] = [];
    block.instructions = block.instructions.map((instruction) => {
      const key = keyOf(instruction, counts);
      const dst = destinationOf(instruction);
      if (key === undefined || dst === undefined || counts[dst.id] !== 1) return instruction;
      const known = available.get(key);
      if (known !== undefined) return { op: 'move', dst, source: known, span: instruction.span };
      available.set(key, dst);
      added.push(key);
      return instruction;
    });
    for (const child of children[blockId] ?? []) walk(child);
    for (const key of added) available.delete(key);
  };
  walk(0);
}

function keyOf(instruction: Instruction, counts: Uint32Array): string | undefined {
  for (const operand of operandsOf(instruction)) {
    if (typeof operand === 'object' && counts[operand.id] !== 1) return;
  }
  switch (instruction.op) {
    case 'binary':
      return `${instruction.operator} ${name(instruction.left)} ${name(instruction.right)}`;
    case 'extend':
      return `extend${instruction.bits}${instruction.isSigned} ${name(instruction.source)}`;
    case 'swap':
      return `swap${instruction.bits} ${name(instruction.source)}`;
    case 'negate':
      return `negate ${name(instruction.source)}`;
    case 'load':
      return instruction.isInvariant && isRegister(instruction.base)
        ? `load${instruction.size} ${name(instruction.base)} ${instruction.offset}`
        : undefined;
    case 'probeRead':
      return instruction.status === undefined
        ? `read${instruction.space}${instruction.size} ${name(instruction.address)} ${instruction.offset}`
        : undefined;
    case 'mapValue':
      return `mapValue ${instruction.map} ${instruction.offset}`;
    case 'btfVariable':
      return `btf ${instruction.btfId}`;
    case 'call':
      return helperInfo(instruction.helper).isPure
        ? `${instruction.helper} ${instruction.args.map(name).join(' ')}`
        : undefined;
    default:
      return;
  }
}

function name(operand: Operand): string {
  return typeof operand === 'bigint' ? `#${operand}` : `%${operand.id}`;
}
