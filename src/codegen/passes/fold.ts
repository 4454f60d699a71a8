/**
 * Constant folding: constants and copies of registers that are written once replace their uses, operations on
 * constants are computed, identities removed, multiplications and divisions by powers of two become shifts.
 */

import { definitionCounts } from '../ir/flow.ts';
import {
  destinationOf,
  type Instruction,
  type IrFunction,
  mapOperands,
  mapTerminatorOperands,
  type Operand,
  type Terminator,
} from '../ir/ir.ts';
import { evaluateBinary, evaluateComparison } from './evaluate.ts';

/** foldConstants rewrites `fn` in place. */
export function foldConstants(fn: IrFunction): void {
  const counts = definitionCounts(fn);
  const known = new Map<number, Operand>();
  const isStable = (operand: Operand) => typeof operand === 'bigint' || counts[operand.id] === 1;
  const resolve = (operand: Operand): Operand => {
    let current = operand;
    while (typeof current === 'object') {
      const next = known.get(current.id);
      if (next === undefined) break;
      current = next;
    }
    return current;
  };
  /** Sources of extensions, which stores of no more than the extended bits need not wait for. */
  const extended = new Map<number, Extract<Instruction, { op: 'extend' }>>();
  const note = (instruction: Instruction) => {
    const dst = destinationOf(instruction);
    if (instruction.op === 'extend' && counts[instruction.dst.id] === 1 && isStable(instruction.source)) {
      extended.set(instruction.dst.id, instruction);
    }
    if (instruction.op !== 'move' || dst === undefined || counts[dst.id] !== 1) return;
    if (isStable(instruction.source)) known.set(dst.id, instruction.source);
  };
  for (const { instructions } of fn.blocks) {
    for (let index = 0; index < instructions.length; index++) {
      const folded = foldInstruction(mapOperands(instructions[index] as Instruction, resolve));
      note(folded);
      instructions[index] = folded;
    }
  }
  // A second sweep reaches uses laid out before their definitions.
  for (const block of fn.blocks) {
    const { instructions, terminator } = block;
    for (let index = 0; index < instructions.length; index++) {
      instructions[index] = storeSource(mapOperands(instructions[index] as Instruction, resolve), extended);
    }
    if (terminator) block.terminator = foldTerminator(mapTerminatorOperands(terminator, resolve));
  }
}

function storeSource(
  instruction: Instruction,
  extended: ReadonlyMap<number, Extract<Instruction, { op: 'extend' }>>,
): Instruction {
  if (instruction.op !== 'store' || typeof instruction.value === 'bigint') return instruction;
  const extension = extended.get(instruction.value.id);
  if (extension === undefined || extension.bits < instruction.size * 8) return instruction;
  return { ...instruction, value: extension.source };
}

function foldInstruction(instruction: Instruction): Instruction {
  switch (instruction.op) {
    case 'binary':
      return foldBinary(instruction);
    case 'extend':
      if (typeof instruction.source !== 'bigint') return instruction;
      return toMove(
        instruction,
        BigInt.asUintN(
          64,
          instruction.isSigned
            ? BigInt.asIntN(instruction.bits, instruction.source)
            : BigInt.asUintN(instruction.bits, instruction.source),
        ),
      );
    case 'negate':
      return typeof instruction.source === 'bigint'
        ? toMove(instruction, BigInt.asUintN(64, -instruction.source))
        : instruction;
    default:
      return instruction;
  }
}

type Binary = Extract<Instruction, { op: 'binary' }>;

function foldBinary(instruction: Binary): Instruction {
  const { operator, left, right } = instruction;
  if (typeof left === 'bigint') {
    if (typeof right === 'bigint') {
      const value = evaluateBinary(operator, left, right);
      return value === undefined ? instruction : toMove(instruction, value);
    }
    return COMMUTATIVE.has(operator) ? foldBinary({ ...instruction, left: right, right: left }) : instruction;
  }
  if (typeof right !== 'bigint') return instruction;
  const value = BigInt.asUintN(64, right);
  if (value === IDENTITY[operator]) return toMove(instruction, left);
  if (value === 0n && (operator === 'and' || operator === 'multiply')) return toMove(instruction, 0n);
  const power = logarithm(value);
  if (power !== undefined) {
    if (operator === 'multiply') return { ...instruction, operator: 'shiftLeft', right: power };
    if (operator === 'divide') return { ...instruction, operator: 'shiftRight', right: power };
    if (operator === 'remainder') return { ...instruction, operator: 'and', right: value - 1n };
  }
  return instruction;
}

const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'multiply', 'and', 'or', 'xor']);

const IDENTITY: Readonly<Record<string, bigint>> = {
  add: 0n,
  subtract: 0n,
  or: 0n,
  xor: 0n,
  shiftLeft: 0n,
  shiftRight: 0n,
  shiftRightSigned: 0n,
  multiply: 1n,
  divide: 1n,
  and: 0xffffffffffffffffn,
};

function logarithm(value: bigint): bigint | undefined {
  if (value <= 0n || (value & (value - 1n)) !== 0n) return;
  return BigInt(value.toString(2).length - 1);
}

function toMove(instruction: Instruction & { readonly dst: Binary['dst'] }, source: Operand): Instruction {
  return { op: 'move', dst: instruction.dst, source, span: instruction.span };
}

function foldTerminator(terminator: Terminator): Terminator {
  if (terminator.op !== 'branch') return terminator;
  const { left, right, comparison, consequent, alternate, span } = terminator;
  if (consequent === alternate) return { op: 'jump', target: consequent, span };
  if (typeof left !== 'bigint' || typeof right !== 'bigint') return terminator;
  return { op: 'jump', target: evaluateComparison(comparison, left, right) ? consequent : alternate, span };
}
