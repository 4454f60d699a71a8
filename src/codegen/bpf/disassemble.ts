/**
 * Instructions to text, in the notation of the kernel's verifier log, which people know: `r1 = *(u64 *)(r10 -8)`.
 */

import { helperNameOf } from './helpers.ts';
import {
  ALU_CODES,
  ATOMIC_COMPARE_EXCHANGE,
  ATOMIC_FETCH,
  type BpfInstruction,
  BYTE_SWAP,
  CALL,
  CALL_KIND,
  CLASS,
  EXIT,
  instructionSlots,
  JUMP,
  JUMP_CODES,
  LOAD_IMMEDIATE_64,
  MODE_ATOMIC,
  PSEUDO,
  SIZE_CODES,
  SOURCE_REGISTER,
} from './instruction.ts';

const ALU_SYMBOLS: Readonly<Record<string, string>> = {
  add: '+=',
  subtract: '-=',
  multiply: '*=',
  divide: '/=',
  or: '|=',
  and: '&=',
  shiftLeft: '<<=',
  shiftRight: '>>=',
  remainder: '%=',
  xor: '^=',
  move: '=',
  shiftRightSigned: 's>>=',
};

const JUMP_SYMBOLS: Readonly<Record<string, string>> = {
  equal: '==',
  greater: '>',
  greaterOrEqual: '>=',
  test: '&',
  notEqual: '!=',
  greaterSigned: 's>',
  greaterOrEqualSigned: 's>=',
  less: '<',
  lessOrEqual: '<=',
  lessSigned: 's<',
  lessOrEqualSigned: 's<=',
};

const ALU_BY_CODE = invert(ALU_CODES, ALU_SYMBOLS);
const JUMP_BY_CODE = invert(JUMP_CODES, JUMP_SYMBOLS);
const SIZE_BY_CODE = new Map(Object.entries(SIZE_CODES).map(([size, code]) => [code, Number(size) * 8]));

/** Notes of a reader who knows more than the bytes say: what a relocated constant stands for. */
export type InstructionNote = (slot: number) => string | undefined;

/** disassemble gives one line per instruction, numbered as the kernel counts them. */
export function disassemble(instructions: readonly BpfInstruction[], note?: InstructionNote): string[] {
  let slot = 0;
  return instructions.map((instruction) => {
    const text = `${String(slot).padStart(4)}: ${formatInstruction(instruction, slot)}`;
    const remark = note?.(slot);
    slot += instructionSlots(instruction);
    return remark === undefined ? text : `${text} ; ${remark}`;
  });
}

/** formatInstruction gives one instruction; jumps name their target slot if `slot` is given. */
export function formatInstruction(instruction: BpfInstruction, slot?: number): string {
  const { code, dst, src, offset, immediate } = instruction;
  const instructionClass = code & 7;
  if (code === LOAD_IMMEDIATE_64) return `r${dst} = ${pseudoText(src, immediate)}`;
  if (code === EXIT) return 'exit';
  if (code === CALL) return callText(src, immediate);
  if (code === JUMP) return `goto ${target(offset, slot)}`;
  if (code === BYTE_SWAP) return `r${dst} = be${immediate} r${dst}`;
  switch (instructionClass) {
    case CLASS.alu:
    case CLASS.alu64: {
      const register = instructionClass === CLASS.alu ? 'w' : 'r';
      if ((code & 0xf0) === ALU_CODES.negate) return `${register}${dst} = -${register}${dst}`;
      const right = code & SOURCE_REGISTER ? `${register}${src}` : `${immediate}`;
      return `${register}${dst} ${ALU_BY_CODE.get(code & 0xf0)} ${right}`;
    }
    case CLASS.jmp:
    case CLASS.jmp32: {
      const register = instructionClass === CLASS.jmp32 ? 'w' : 'r';
      const right = code & SOURCE_REGISTER ? `${register}${src}` : `${immediate}`;
      return `if ${register}${dst} ${JUMP_BY_CODE.get(code & 0xf0)} ${right} goto ${target(offset, slot)}`;
    }
    case CLASS.ldx:
      return `r${dst} = ${memory(code, src, offset)}`;
    case CLASS.st:
      return `${memory(code, dst, offset)} = ${immediate}`;
    case CLASS.stx:
      return (code & 0xe0) === MODE_ATOMIC ? atomicText(instruction) : `${memory(code, dst, offset)} = r${src}`;
    default:
      return `(${code.toString(16)}) r${dst} r${src} ${offset} ${immediate}`;
  }
}

function atomicText({ code, dst, src, offset, immediate }: BpfInstruction): string {
  const place = memory(code, dst, offset);
  if (immediate === ATOMIC_COMPARE_EXCHANGE) return `r0 = atomic_cmpxchg(${place}, r0, r${src})`;
  const isFetch = (Number(immediate) & ATOMIC_FETCH) !== 0;
  return isFetch ? `r${src} = atomic_fetch_add(${place}, r${src})` : `lock ${place} += r${src}`;
}

function callText(src: number, immediate: number | bigint): string {
  if (src === CALL_KIND.program) return `call pc+${immediate}`;
  if (src === CALL_KIND.kfunc) return `call kfunc#${immediate}`;
  return `call ${helperNameOf(Number(immediate)) ?? 'helper'}#${immediate}`;
}

function pseudoText(src: number, immediate: number | bigint): string {
  const value = BigInt(immediate);
  switch (src) {
    case PSEUDO.map:
      return 'map';
    case PSEUDO.mapValue:
      return `map value+${value >> 32n}`;
    case PSEUDO.btfVariable:
      return 'kernel variable';
    case PSEUDO.function:
      return `func pc+${BigInt.asIntN(32, value)}`;
    default:
      return `0x${value.toString(16)} ll`;
  }
}

function memory(code: number, base: number, offset: number): string {
  return `*(u${SIZE_BY_CODE.get(code & 0x18)} *)(r${base} ${offset < 0 ? '-' : '+'}${Math.abs(offset)})`;
}

function target(offset: number, slot: number | undefined): string {
  return slot === undefined ? `pc${offset < 0 ? '' : '+'}${offset}` : String(slot + 1 + offset);
}

function invert(
  codes: Readonly<Record<string, number>>,
  symbols: Readonly<Record<string, string>>,
): ReadonlyMap<number, string> {
  return new Map(Object.entries(codes).map(([name, code]) => [code, symbols[name] ?? name]));
}
