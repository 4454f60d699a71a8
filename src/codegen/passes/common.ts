/**
 * Common subexpressions: an instruction that computes what a dominating one has computed from the same registers is
 * replaced by a copy. Taken are pure operations, helpers whose answer does not change within a run (pid, cpu, uid …),
 * loads from memory the program does not change, and fault-safe reads of the same field. Map handles are not: loading
 * the constant again is cheaper than a register kept across calls.
 */

import { helperInfo } from '../bpf/helpers.ts';
import { definitionCounts, immediateDominators } from '../ir/flow.ts';
import {
  type Block,
  destinationOf,
  type Instruction,
  type IrFunction,
  isRegister,
  type Operand,
  operandsOf,
} from '../ir/ir.ts';

/** shareSubexpressions rewrites `fn` in place; its blocks must be numbered. */
export function shareSubexpressions(fn: IrFunction): void {
  const counts = definitionCounts(fn);
  const dominators = immediateDominators(fn);
  const children: number[][] = fn.blocks.map(() => []);
  dominators.forEach((dominator, block) => {
    if (block !== 0 && dominator >= 0) children[dominator]?.push(block);
  });
  const available = new Map<string, Operand>();
  const share = (block: Block | undefined): readonly string[] => {
    const added: string[] = [];
    const instructions = block?.instructions ?? [];
    for (let index = 0; index < instructions.length; index++) {
      const instruction = instructions[index] as Instruction;
      const dst = destinationOf(instruction);
      if (dst === undefined || counts[dst.id] !== 1) continue;
      const key = keyOf(instruction, counts);
      if (key === undefined) continue;
      const known = available.get(key);
      if (known === undefined) {
        available.set(key, dst);
        added.push(key);
      } else {
        instructions[index] = { op: 'move', dst, source: known, span: instruction.span };
      }
    }
    return added;
  };
  // Down the tree of dominators; without recursion, since straight code makes a deep one.
  const path: { readonly block: number; readonly added: readonly string[]; next: number }[] = [];
  const enter = (block: number) => path.push({ block, added: share(fn.blocks[block]), next: 0 });
  enter(0);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const child = children[top.block]?.[top.next++];
    if (child !== undefined) {
      enter(child);
      continue;
    }
    for (const key of top.added) available.delete(key);
    path.pop();
  }
}

function keyOf(instruction: Instruction, counts: Uint32Array): string | undefined {
  if (UNSHARED.has(instruction.op)) return;
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

/** Most of what there is: not worth a closer look. */
const UNSHARED: ReadonlySet<Instruction['op']> = new Set(['move', 'store', 'frameAddress', 'mapHandle', 'atomicAdd']);

function name(operand: Operand): string {
  return typeof operand === 'bigint' ? `#${operand}` : `%${operand.id}`;
}
