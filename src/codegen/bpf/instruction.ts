/**
 * eBPF instructions as data and their encoding: 8 bytes, little endian (opcode, registers, offset, immediate); a
 * 64-bit constant takes two. Constants are those of uapi/linux/bpf_common.h and bpf.h.
 */

export interface BpfInstruction {
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  /** 32 bits signed; all 64 for `LOAD_IMMEDIATE_64`. */
  readonly immediate: number | bigint;
}

export const CLASS = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, jmp32: 6, alu64: 7 } as const;
export const SOURCE_REGISTER = 0x08;
export const MODE_MEMORY = 0x60;
export const MODE_ATOMIC = 0xc0;
export const SIZE_CODES: Readonly<Record<number, number>> = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 };
export const LOAD_IMMEDIATE_64 = 0x18;
export const CALL = 0x85;
export const EXIT = 0x95;
export const JUMP = 0x05;
export const BYTE_SWAP = 0xdc;
export const ATOMIC_ADD = 0x00;
export const ATOMIC_FETCH = 0x01;
export const ATOMIC_COMPARE_EXCHANGE = 0xf1;

export const ALU_CODES = {
  add: 0x00,
  subtract: 0x10,
  multiply: 0x20,
  divide: 0x30,
  or: 0x40,
  and: 0x50,
  shiftLeft: 0x60,
  shiftRight: 0x70,
  negate: 0x80,
  remainder: 0x90,
  xor: 0xa0,
  move: 0xb0,
  shiftRightSigned: 0xc0,
} as const;

export const JUMP_CODES = {
  equal: 0x10,
  greater: 0x20,
  greaterOrEqual: 0x30,
  test: 0x40,
  notEqual: 0x50,
  greaterSigned: 0x60,
  greaterOrEqualSigned: 0x70,
  less: 0xa0,
  lessOrEqual: 0xb0,
  lessSigned: 0xc0,
  lessOrEqualSigned: 0xd0,
} as const;

/** `src` of a `LOAD_IMMEDIATE_64`: what the constant stands for (BPF_PSEUDO_*). */
export const PSEUDO = { constant: 0, map: 1, mapValue: 2, btfVariable: 3, function: 4 } as const;
/** `src` of a call. */
export const CALL_KIND = { helper: 0, program: 1, kfunc: 2 } as const;

/** instructionSlots gives how many 8-byte slots an instruction takes. */
export function instructionSlots(instruction: BpfInstruction): 1 | 2 {
  return instruction.code === LOAD_IMMEDIATE_64 ? 2 : 1;
}

/** encodeInstructions lays instructions out in memory. */
export function encodeInstructions(instructions: readonly BpfInstruction[]): Uint8Array {
  let slots = 0;
  for (const instruction of instructions) slots += instructionSlots(instruction);
  const bytes = new Uint8Array(slots * 8);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { code, dst, src, offset, immediate } of instructions) {
    bytes[at] = code;
    bytes[at + 1] = dst | (src << 4);
    view.setInt16(at + 2, offset, true);
    if (code === LOAD_IMMEDIATE_64) {
      const value = BigInt.asUintN(64, BigInt(immediate));
      view.setUint32(at + 4, Number(value & 0xffffffffn), true);
      view.setUint32(at + 12, Number(value >> 32n), true);
      at += 16;
    } else {
      view.setInt32(at + 4, Number(immediate), true);
      at += 8;
    }
  }
  return bytes;
}

/** decodeInstructions is the inverse of `encodeInstructions`. */
export function decodeInstructions(bytes: Uint8Array): BpfInstruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const instructions: BpfInstruction[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const code = view.getUint8(at);
    const registers = view.getUint8(at + 1);
    let immediate: number | bigint = view.getInt32(at + 4, true);
    const instruction = { code, dst: registers & 15, src: registers >> 4, offset: view.getInt16(at + 2, true) };
    if (code === LOAD_IMMEDIATE_64) {
      const high = at + 16 <= bytes.length ? view.getUint32(at + 12, true) : 0;
      immediate = (BigInt(high) << 32n) | BigInt(view.getUint32(at + 4, true));
      at += 8;
    }
    instructions.push({ ...instruction, immediate });
  }
  return instructions;
}
