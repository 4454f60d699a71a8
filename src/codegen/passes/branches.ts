/**
 * Branch simplification: jumps to blocks that only jump go to the end of the chain, blocks with one predecessor melt
 * into it, unreachable blocks go. Leaves the blocks in layout order and numbered.
 */

import { orderBlocks, predecessorsOf, renumber } from '../ir/flow.ts';
import type { Block, IrFunction, Terminator } from '../ir/ir.ts';

/** simplifyBranches rewrites `fn` in place. */
export function simplifyBranches(fn: IrFunction): void {
  for (const block of fn.blocks) {
    if (block.terminator) block.terminator = thread(block.terminator);
  }
  renumber(fn, orderBlocks(fn));
  const predecessors = predecessorsOf(fn);
  const gone = new Set<Block>();
  for (const block of fn.blocks) {
    if (gone.has(block)) continue;
    while (block.terminator?.op === 'jump') {
      const target = block.terminator.target;
      if (target === block || target === fn.blocks[0] || predecessors[target.id]?.length !== 1) break;
      if (target.isCold !== block.isCold) break;
      for (const instruction of target.instructions) block.instructions.push(instruction);
      block.terminator = target.terminator;
      gone.add(target);
    }
  }
  renumber(fn, orderBlocks(fn));
}

function thread(terminator: Terminator): Terminator {
  switch (terminator.op) {
    case 'jump': {
      const target = destination(terminator.target);
      return target === terminator.target ? terminator : { ...terminator, target };
    }
    case 'branch': {
      const consequent = destination(terminator.consequent);
      const alternate = destination(terminator.alternate);
      if (consequent === alternate) return { op: 'jump', target: consequent, span: terminator.span };
      if (consequent === terminator.consequent && alternate === terminator.alternate) return terminator;
      return { ...terminator, consequent, alternate };
    }
    case 'return':
      return terminator;
  }
}

function destination(block: Block): Block {
  if (block.instructions.length > 0 || block.terminator?.op !== 'jump') return block;
  const seen = new Set<Block>();
  let current = block;
  while (current.instructions.length === 0 && current.terminator?.op === 'jump' && !seen.has(current)) {
    seen.add(current);
    current = current.terminator.target;
  }
  return current;
}
