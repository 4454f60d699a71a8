/**
 * Which registers are alive at the end of each block, as bit sets. Nearly all registers live and die within a block;
 * only those that some block reads before it writes them take part.
 */

import {
  destinationOf,
  extraDestinationOf,
  type IrFunction,
  type Operand,
  operandsOf,
  successorsOf,
  terminatorOperands,
} from '../ir/ir.ts';

export class LiveSets {
  /** Registers by bit. */
  readonly #registers: number[] = [];
  /** Words of a block's set. */
  readonly #words: number;
  readonly #liveOut: Uint32Array;

  /** The blocks must be numbered. */
  constructor(fn: IrFunction) {
    const { uses, definitions } = this.#collect(fn);
    const words = (this.#registers.length + 31) >>> 5;
    const bits = new Int32Array(fn.registerCount).fill(-1);
    this.#registers.forEach((id, bit) => {
      bits[id] = bit;
    });
    const sets = (lists: readonly (readonly number[])[]): Uint32Array => {
      const set = new Uint32Array(fn.blocks.length * words);
      lists.forEach((list, block) => {
        for (const id of list) {
          const bit = bits[id] as number;
          if (bit >= 0)
            set[block * words + (bit >>> 5)] = (set[block * words + (bit >>> 5)] as number) | (1 << (bit & 31));
        }
      });
      return set;
    };
    this.#words = words;
    this.#liveOut = solve(fn, words, sets(uses), sets(definitions));
  }

  /** Ids of the registers alive at the end of a block. */
  liveOut(block: number): number[] {
    const ids: number[] = [];
    for (let word = 0; word < this.#words; word++) {
      let rest = this.#liveOut[block * this.#words + word] as number;
      while (rest !== 0) {
        const bit = 31 - Math.clz32(rest & -rest);
        rest &= rest - 1;
        ids.push(this.#registers[word * 32 + bit] as number);
      }
    }
    return ids;
  }

  /** What each block reads before it writes it, and what it writes. */
  #collect(fn: IrFunction): { readonly uses: number[][]; readonly definitions: number[][] } {
    const uses: number[][] = [];
    const definitions: number[][] = [];
    /** By register: 1 + the last block that wrote or read it first. */
    const writtenIn = new Uint32Array(fn.registerCount);
    const readIn = new Uint32Array(fn.registerCount);
    fn.blocks.forEach((block, index) => {
      const stamp = index + 1;
      const used: number[] = [];
      const defined: number[] = [];
      const read = (operand: Operand) => {
        if (typeof operand === 'bigint') return;
        const { id } = operand;
        if (writtenIn[id] === stamp || readIn[id] === stamp) return;
        if (readIn[id] === 0) this.#registers.push(id);
        readIn[id] = stamp;
        used.push(id);
      };
      const write = (id: number | undefined) => {
        if (id === undefined || writtenIn[id] === stamp) return;
        writtenIn[id] = stamp;
        defined.push(id);
      };
      for (const instruction of block.instructions) {
        for (const operand of operandsOf(instruction)) read(operand);
        write(destinationOf(instruction)?.id);
        write(extraDestinationOf(instruction)?.id);
      }
      for (const operand of block.terminator ? terminatorOperands(block.terminator) : []) read(operand);
      uses.push(used);
      definitions.push(defined);
    });
    return { uses, definitions };
  }
}

/** Backwards over the blocks until nothing changes, which takes one sweep more than loops are deep. */
function solve(fn: IrFunction, words: number, liveIn: Uint32Array, definitions: Uint32Array): Uint32Array {
  const liveOut = new Uint32Array(fn.blocks.length * words);
  let changed = true;
  while (changed) {
    changed = false;
    for (let index = fn.blocks.length - 1; index >= 0; index--) {
      const block = fn.blocks[index];
      if (block === undefined) continue;
      for (const { id } of successorsOf(block)) {
        for (let word = 0; word < words; word++) {
          const at = index * words + word;
          const before = liveOut[at] as number;
          const after = (before | (liveIn[id * words + word] as number)) >>> 0;
          if (after === before) continue;
          liveOut[at] = after;
          liveIn[at] = (liveIn[at] as number) | (after & ~(definitions[at] as number));
          changed = true;
        }
      }
    }
  }
  return liveOut;
}
