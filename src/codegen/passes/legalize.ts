/**
 * The last step before registers: pseudo instructions become helper calls, constants that an instruction cannot hold
 * go to registers, constants stand on the right.
 */

import type { Block, Instruction, IrFunction, Operand, RegisterKind, Terminator, VirtualRegister } from '../ir/ir.ts';
import { fitsImmediate, MIRRORED } from './evaluate.ts';

const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'multiply', 'and', 'or', 'xor']);

/** legalize rewrites `fn` in place. */
export function legalize(fn: IrFunction): void {
  for (const block of fn.blocks) legalizeBlock(fn, block);
}

function legalizeBlock(fn: IrFunction, block: Block): void {
  const out: Instruction[] = [];
  const fresh = (kind: RegisterKind = 'integer'): VirtualRegister => ({ id: fn.registerCount++, kind });
  const inRegister = (operand: Operand, span: Instruction['span']): VirtualRegister => {
    if (typeof operand === 'object') return operand;
    const dst = fresh();
    out.push({ op: 'move', dst, source: operand, span });
    return dst;
  };
  const small = (operand: Operand, span: Instruction['span']): Operand =>
    typeof operand === 'bigint' && !fitsImmediate(operand) ? inRegister(operand, span) : operand;

  for (const instruction of block.instructions) {
    const { span } = instruction;
    switch (instruction.op) {
      case 'binary': {
        const isSwapped = typeof instruction.left === 'bigint' && COMMUTATIVE.has(instruction.operator);
        const left = inRegister(isSwapped ? instruction.right : instruction.left, span);
        const raw = isSwapped ? instruction.left : instruction.right;
        // Shifts use the low six bits; a constant beyond them the verifier refuses.
        const isWideShift = typeof raw === 'bigint' && instruction.operator.startsWith('shift');
        const right = small(isWideShift ? raw & 63n : raw, span);
        out.push({ ...instruction, left, right });
        break;
      }
      case 'extend':
      case 'negate':
      case 'swap':
        out.push({ ...instruction, source: inRegister(instruction.source, span) });
        break;
      case 'store':
        out.push({ ...instruction, value: small(truncate(instruction.value, instruction.size), span) });
        break;
      case 'probeRead': {
        const address = inRegister(instruction.address, span);
        let from: Operand = address;
        if (instruction.offset !== 0) {
          from = fresh(address.kind);
          const right = small(BigInt(instruction.offset), span);
          out.push({ op: 'binary', operator: 'add', dst: from, left: address, right, span });
        }
        const to = fresh('stack');
        out.push({ op: 'frameAddress', dst: to, slot: instruction.slot, offset: 0, span });
        const helper = instruction.space === 'user' ? 'probe_read_user' : 'probe_read_kernel';
        const args = [to, BigInt(instruction.size), from];
        out.push({ op: 'call', helper, args, span, ...(instruction.status && { dst: instruction.status }) });
        const { dst, size, slot } = instruction;
        out.push({ op: 'load', dst, base: slot, offset: 0, size, span });
        break;
      }
      default:
        out.push(instruction);
    }
  }
  block.instructions = out;
  if (block.terminator) block.terminator = legalizeTerminator(block.terminator, inRegister, small);
}

function legalizeTerminator(
  terminator: Terminator,
  inRegister: (operand: Operand, span: Instruction['span']) => VirtualRegister,
  small: (operand: Operand, span: Instruction['span']) => Operand,
): Terminator {
  if (terminator.op !== 'branch') return terminator;
  const { span } = terminator;
  if (typeof terminator.left === 'bigint' && typeof terminator.right === 'object') {
    const comparison = MIRRORED[terminator.comparison];
    return { ...terminator, comparison, left: terminator.right, right: small(terminator.left, span) };
  }
  return { ...terminator, left: inRegister(terminator.left, span), right: small(terminator.right, span) };
}

/** A store of fewer than 8 bytes keeps the low ones, so that 0xffffffff is as good as -1. */
function truncate(value: Operand, size: number): Operand {
  return typeof value === 'bigint' ? BigInt.asUintN(64, BigInt.asIntN(size * 8, value)) : value;
}
