/**
 * Facts about a function's flow: block order, predecessors, dominators, how often a register is written.
 */

import {
  type Block,
  destinationOf,
  extraDestinationOf,
  type IrFunction,
  successorsOf,
  type VirtualRegister,
} from './ir.ts';

/** orderBlocks gives the reachable blocks in reverse postorder (loops stay together), cold ones last, and numbers them. */
export function orderBlocks(fn: IrFunction): Block[] {
  const seen = new Set<Block>();
  const postorder: Block[] = [];
  const entry = fn.blocks[0];
  if (entry !== undefined) visit(entry, seen, postorder);
  const order = postorder.reverse();
  return [...order.filter((block) => !block.isCold), ...order.filter((block) => block.isCold)];
}

/** Iterative, since unrolled loops make long chains. */
function visit(entry: Block, seen: Set<Block>, postorder: Block[]): void {
  const stack: { block: Block; next: number; successors: readonly Block[] }[] = [];
  const push = (block: Block) => {
    seen.add(block);
    stack.push({ block, next: 0, successors: [...successorsOf(block)].reverse() });
  };
  push(entry);
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (top === undefined) break;
    const successor = top.successors[top.next++];
    if (successor === undefined) {
      postorder.push(top.block);
      stack.pop();
    } else if (!seen.has(successor)) {
      push(successor);
    }
  }
}

/** renumber makes `blocks` the function's blocks, ids by position. */
export function renumber(fn: IrFunction, blocks: Block[]): void {
  fn.blocks = blocks;
  blocks.forEach((block, index) => {
    (block as { id: number }).id = index;
  });
}

/** predecessorsOf is indexed by block id. */
export function predecessorsOf(fn: IrFunction): Block[][] {
  const predecessors: Block[][] = fn.blocks.map(() => []);
  for (const block of fn.blocks) {
    for (const successor of successorsOf(block)) predecessors[successor.id]?.push(block);
  }
  return predecessors;
}

/** immediateDominators (Cooper, Harvey, Kennedy) is indexed by block id; the entry's is itself. */
export function immediateDominators(fn: IrFunction): number[] {
  const order = reversePostorder(fn);
  const rank: number[] = new Array(fn.blocks.length).fill(-1);
  order.forEach((block, index) => {
    rank[block.id] = index;
  });
  const predecessors = predecessorsOf(fn);
  const dominator: number[] = new Array(fn.blocks.length).fill(-1);
  dominator[0] = 0;
  const intersect = (first: number, second: number): number => {
    let a = first;
    let b = second;
    while (a !== b) {
      while ((rank[a] ?? 0) > (rank[b] ?? 0)) a = dominator[a] ?? 0;
      while ((rank[b] ?? 0) > (rank[a] ?? 0)) b = dominator[b] ?? 0;
    }
    return a;
  };
  let changed = true;
  while (changed) {
    changed = false;
    for (const block of order.slice(1)) {
      let next = -1;
      for (const predecessor of predecessors[block.id] ?? []) {
        if (dominator[predecessor.id] === -1) continue;
        next = next === -1 ? predecessor.id : intersect(predecessor.id, next);
      }
      if (next !== dominator[block.id]) {
        dominator[block.id] = next;
        changed = true;
      }
    }
  }
  return dominator;
}

export function reversePostorder(fn: IrFunction): Block[] {
  const seen = new Set<Block>();
  const postorder: Block[] = [];
  const entry = fn.blocks[0];
  if (entry !== undefined) visit(entry, seen, postorder);
  return postorder.reverse();
}

/** definitionCounts tells how often each register is written; parameters count once. */
export function definitionCounts(fn: IrFunction): Uint32Array {
  const counts = new Uint32Array(fn.registerCount);
  const add = (register: VirtualRegister | undefined) => {
    if (register !== undefined) counts[register.id] = (counts[register.id] ?? 0) + 1;
  };
  for (const parameter of fn.parameters) add(parameter);
  for (const block of fn.blocks) {
    for (const instruction of block.instructions) {
      add(destinationOf(instruction));
      add(extraDestinationOf(instruction));
    }
  }
  return counts;
}
