/**
 * The intermediate form: functions of basic blocks, three-address instructions on virtual registers that may be
 * written more than once. Registers hold 64 bits, integers extended to that by their own sign. Memory of the function
 * is named by frame slots, so that no register is spent on addressing it.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type { HelperName } from '../bpf/helpers.ts';

/** What a register holds; the kinds are those the kernel's verifier tells apart. */
export type RegisterKind = 'integer' | 'stack' | 'mapValue' | 'map' | 'context' | 'kernel' | 'record' | 'function';

export interface VirtualRegister {
  readonly id: number;
  readonly kind: RegisterKind;
  /** Shown by the printer. */
  readonly name?: string;
}

export type Operand = VirtualRegister | bigint;

/** A piece of the function's stack; `offset` from the frame pointer is settled by `FunctionBuilder.finish`. */
export interface FrameSlot {
  readonly slot: number;
  offset: number;
  size: number;
}

export type Base = VirtualRegister | FrameSlot;

export type BinaryOperator =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'remainder'
  | 'and'
  | 'or'
  | 'xor'
  | 'shiftLeft'
  | 'shiftRight'
  | 'shiftRightSigned';

export type Comparison =
  | 'equal'
  | 'notEqual'
  | 'less'
  | 'lessOrEqual'
  | 'greater'
  | 'greaterOrEqual'
  | 'lessSigned'
  | 'lessOrEqualSigned'
  | 'greaterSigned'
  | 'greaterOrEqualSigned'
  | 'test';

export type AccessSize = 1 | 2 | 4 | 8;

export type Instruction = { readonly span?: Span | undefined } & (
  | { readonly op: 'move'; readonly dst: VirtualRegister; readonly source: Operand }
  | {
      readonly op: 'binary';
      readonly operator: BinaryOperator;
      readonly dst: VirtualRegister;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly op: 'negate'; readonly dst: VirtualRegister; readonly source: Operand }
  /** Sign- or zero-extension from the low `bits`. */
  | {
      readonly op: 'extend';
      readonly dst: VirtualRegister;
      readonly source: Operand;
      readonly bits: 8 | 16 | 32;
      readonly isSigned: boolean;
    }
  /** To network order and back; zero-extended. */
  | { readonly op: 'swap'; readonly dst: VirtualRegister; readonly source: Operand; readonly bits: 16 | 32 | 64 }
  /** Zero-extended. `isInvariant`: nothing in the program changes the place, so equal loads may be shared. */
  | {
      readonly op: 'load';
      readonly dst: VirtualRegister;
      readonly base: Base;
      readonly offset: number;
      readonly size: AccessSize;
      readonly isInvariant?: boolean;
    }
  | {
      readonly op: 'store';
      readonly base: Base;
      readonly offset: number;
      readonly size: AccessSize;
      readonly value: Operand;
    }
  /** Locked addition; with `dst` the old value is fetched. */
  | {
      readonly op: 'atomicAdd';
      readonly dst?: VirtualRegister;
      readonly base: Base;
      readonly offset: number;
      readonly value: VirtualRegister;
    }
  | {
      readonly op: 'compareExchange';
      readonly dst: VirtualRegister;
      readonly base: Base;
      readonly offset: number;
      readonly expected: Operand;
      readonly value: VirtualRegister;
    }
  | { readonly op: 'frameAddress'; readonly dst: VirtualRegister; readonly slot: FrameSlot; readonly offset: number }
  | { readonly op: 'mapHandle'; readonly dst: VirtualRegister; readonly map: number }
  | { readonly op: 'mapValue'; readonly dst: VirtualRegister; readonly map: number; readonly offset: number }
  | { readonly op: 'btfVariable'; readonly dst: VirtualRegister; readonly btfId: number }
  | { readonly op: 'functionAddress'; readonly dst: VirtualRegister; readonly callee: string }
  | {
      readonly op: 'call';
      readonly dst?: VirtualRegister;
      readonly helper: HelperName;
      readonly args: readonly Operand[];
    }
  | {
      readonly op: 'callFunction';
      readonly dst?: VirtualRegister;
      readonly callee: string;
      readonly args: readonly Operand[];
    }
  | {
      readonly op: 'callKfunc';
      readonly dst?: VirtualRegister;
      readonly name: string;
      readonly args: readonly Operand[];
    }
  /** A fault-safe read of one integer; becomes a helper call through a stack slot in `passes/expand.ts`. */
  | {
      readonly op: 'probeRead';
      readonly dst: VirtualRegister;
      readonly space: 'kernel' | 'user';
      readonly address: Operand;
      readonly offset: number;
      readonly size: AccessSize;
      readonly slot: FrameSlot;
      /** Receives the helper's result, where a failure is to be reported. */
      readonly status?: VirtualRegister;
    }
);

export type Terminator = { readonly span?: Span | undefined } & (
  | { readonly op: 'jump'; readonly target: Block }
  | {
      readonly op: 'branch';
      readonly comparison: Comparison;
      readonly left: Operand;
      readonly right: Operand;
      readonly consequent: Block;
      readonly alternate: Block;
    }
  | { readonly op: 'return'; readonly value: Operand }
);

export interface Block {
  readonly id: number;
  instructions: Instruction[];
  terminator: Terminator | undefined;
  /** Rarely run: laid out behind everything else. */
  isCold: boolean;
}

export interface IrFunction {
  readonly name: string;
  readonly parameters: readonly VirtualRegister[];
  /** The first one is the entry. */
  blocks: Block[];
  /** Bytes of stack used by slots; spills go below. */
  frameSize: number;
  registerCount: number;
  readonly span?: Span | undefined;
}

export function isRegister(operand: Operand | Base): operand is VirtualRegister {
  return typeof operand === 'object' && 'kind' in operand;
}

/** destinationOf gives the register an instruction writes first; `extraDestinationOf` the rarer second one. */
export function destinationOf(instruction: Instruction): VirtualRegister | undefined {
  return 'dst' in instruction ? instruction.dst : undefined;
}

export function extraDestinationOf(instruction: Instruction): VirtualRegister | undefined {
  return instruction.op === 'probeRead' ? instruction.status : undefined;
}

/** operandsOf lists what an instruction reads, bases of memory accesses included. */
export function operandsOf(instruction: Instruction): readonly Operand[] {
  switch (instruction.op) {
    case 'move':
    case 'negate':
    case 'extend':
    case 'swap':
      return [instruction.source];
    case 'binary':
      return [instruction.left, instruction.right];
    case 'load':
      return isRegister(instruction.base) ? [instruction.base] : [];
    case 'store':
    case 'atomicAdd':
      return isRegister(instruction.base) ? [instruction.base, instruction.value] : [instruction.value];
    case 'compareExchange':
      return isRegister(instruction.base)
        ? [instruction.base, instruction.expected, instruction.value]
        : [instruction.expected, instruction.value];
    case 'call':
    case 'callFunction':
    case 'callKfunc':
      return instruction.args;
    case 'probeRead':
      return [instruction.address];
    default:
      return [];
  }
}

export function terminatorOperands(terminator: Terminator): readonly Operand[] {
  switch (terminator.op) {
    case 'jump':
      return [];
    case 'branch':
      return [terminator.left, terminator.right];
    case 'return':
      return [terminator.value];
  }
}

export function successorsOf(block: Block): readonly Block[] {
  const terminator = block.terminator;
  if (terminator === undefined || terminator.op === 'return') return [];
  return terminator.op === 'jump' ? [terminator.target] : [terminator.consequent, terminator.alternate];
}

/** mapOperands rewrites what an instruction reads; one that reads the same as before is given back as it is. */
export function mapOperands(instruction: Instruction, change: (operand: Operand) => Operand): Instruction {
  switch (instruction.op) {
    case 'move':
    case 'negate':
    case 'extend':
    case 'swap': {
      const source = change(instruction.source);
      return source === instruction.source ? instruction : { ...instruction, source };
    }
    case 'binary': {
      const left = change(instruction.left);
      const right = change(instruction.right);
      return left === instruction.left && right === instruction.right ? instruction : { ...instruction, left, right };
    }
    case 'load': {
      const base = mapBase(instruction.base, change);
      return base === instruction.base ? instruction : { ...instruction, base };
    }
    case 'store': {
      const base = mapBase(instruction.base, change);
      const value = change(instruction.value);
      return base === instruction.base && value === instruction.value ? instruction : { ...instruction, base, value };
    }
    case 'atomicAdd': {
      const base = mapBase(instruction.base, change);
      const value = mapRegister(instruction.value, change);
      return base === instruction.base && value === instruction.value ? instruction : { ...instruction, base, value };
    }
    case 'compareExchange': {
      const base = mapBase(instruction.base, change);
      return {
        ...instruction,
        base,
        expected: change(instruction.expected),
        value: mapRegister(instruction.value, change),
      };
    }
    case 'call':
    case 'callFunction':
    case 'callKfunc': {
      const args = instruction.args.map(change);
      return args.every((arg, index) => arg === instruction.args[index]) ? instruction : { ...instruction, args };
    }
    case 'probeRead': {
      const address = change(instruction.address);
      return address === instruction.address ? instruction : { ...instruction, address };
    }
    default:
      return instruction;
  }
}

function mapBase(base: Base, change: (operand: Operand) => Operand): Base {
  return isRegister(base) ? mapRegister(base, change) : base;
}

function mapRegister(register: VirtualRegister, change: (operand: Operand) => Operand): VirtualRegister {
  const changed = change(register);
  return typeof changed === 'bigint' ? register : changed;
}

/** Like `mapOperands`. */
export function mapTerminatorOperands(terminator: Terminator, change: (operand: Operand) => Operand): Terminator {
  switch (terminator.op) {
    case 'jump':
      return terminator;
    case 'branch': {
      const left = change(terminator.left);
      const right = change(terminator.right);
      return left === terminator.left && right === terminator.right ? terminator : { ...terminator, left, right };
    }
    case 'return': {
      const value = change(terminator.value);
      return value === terminator.value ? terminator : { ...terminator, value };
    }
  }
}
