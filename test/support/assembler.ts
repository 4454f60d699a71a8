/**
 * A tiny assembler for tests of what loads and runs programs: just enough instructions, by hand, so that these tests
 * do not depend on the compiler. Encoding: include/uapi/linux/bpf.h.
 */

type Line = Uint8Array;

/** insn encodes one instruction. */
export function insn(code: number, dst: number, src: number, offset: number, imm: number): Line {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8((src << 4) | dst, 1);
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(imm | 0, 4);
  return bytes;
}

export const mov = (dst: number, imm: number) => insn(0xb7, dst, 0, 0, imm);
export const movReg = (dst: number, src: number) => insn(0xbf, dst, src, 0, 0);
export const add = (dst: number, imm: number) => insn(0x07, dst, 0, 0, imm);
export const and = (dst: number, imm: number) => insn(0x57, dst, 0, 0, imm);
export const shiftLeft = (dst: number, imm: number) => insn(0x67, dst, 0, 0, imm);
export const shiftRight = (dst: number, imm: number) => insn(0x77, dst, 0, 0, imm);
export const addReg = (dst: number, src: number) => insn(0x0f, dst, src, 0, 0);
/** *(u64 *)(dst + offset) = src */
export const store = (dst: number, offset: number, src: number) => insn(0x7b, dst, src, offset, 0);
export const storeWord = (dst: number, offset: number, src: number) => insn(0x63, dst, src, offset, 0);
export const storeImmediate = (dst: number, offset: number, imm: number) => insn(0x7a, dst, 0, offset, imm);
/** dst = *(u64 *)(src + offset) */
export const load = (dst: number, src: number, offset: number) => insn(0x79, dst, src, offset, 0);
/** lock *(u64 *)(dst + offset) += src */
export const atomicAdd = (dst: number, offset: number, src: number) => insn(0xdb, dst, src, offset, 0);
export const jumpIfNotEqual = (dst: number, imm: number, offset: number) => insn(0x55, dst, 0, offset, imm);
export const jumpIfEqual = (dst: number, imm: number, offset: number) => insn(0x15, dst, 0, offset, imm);
export const jump = (offset: number) => insn(0x05, 0, 0, offset, 0);
export const call = (helper: number) => insn(0x85, 0, 0, 0, helper);
export const exit = () => insn(0x95, 0, 0, 0, 0);
/** A pair, to be filled by a relocation of the session or with a descriptor at once. */
export const loadMap = (dst: number, fd = 0) => Buffer.concat([insn(0x18, dst, 1, 0, fd), insn(0, 0, 0, 0, 0)]);
export const loadMapValue = (dst: number, fd = 0, offset = 0) =>
  Buffer.concat([insn(0x18, dst, 2, 0, fd), insn(0, 0, 0, 0, offset)]);

/** Numbers of helpers, enum bpf_func_id. */
export const HELPERS = {
  mapLookup: 1,
  mapUpdate: 2,
  ktimeGetNs: 5,
  getSmpProcessorId: 8,
  getCurrentPidTgid: 14,
  getCurrentComm: 16,
  getStackId: 27,
  ringbufOutput: 130,
  ringbufReserve: 131,
  ringbufSubmit: 132,
  getAttachCookie: 174,
};

/** assemble joins instructions. */
export function assemble(...lines: readonly Line[]): Uint8Array {
  return Buffer.concat(lines);
}
