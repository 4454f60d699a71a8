/**
 * A tiny assembler for tests of what loads and runs programs: just enough instructions, by hand, so that these tests
 * do not depend on the compiler. Encoding: include/uapi/linux/bpf.h.
 */

import type { Relocation } from '../../src/codegen/object.ts';

/** An instruction, a place to jump to, or an instruction whose target or operand is filled in later. */
type Line =
  | Uint8Array
  | { readonly label: string }
  | { readonly code: Uint8Array; readonly to: string }
  | { readonly code: Uint8Array; readonly target: Relocation['target'] };

/** insn encodes one instruction. */
export function insn(code: number, dst: number, src: number, offset: number, imm: number): Buffer {
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
export const jumpIfNotEqual = (dst: number, imm: number, to: string) => ({ code: insn(0x55, dst, 0, 0, imm), to });
export const jumpIfEqual = (dst: number, imm: number, to: string) => ({ code: insn(0x15, dst, 0, 0, imm), to });
export const jump = (to: string) => ({ code: insn(0x05, 0, 0, 0, 0), to });
export const label = (name: string) => ({ label: name });
export const call = (helper: number) => insn(0x85, 0, 0, 0, helper);
export const exit = () => insn(0x95, 0, 0, 0, 0);
/** dst = the map with this index in the object, bound by the loader. */
export const mapOf = (dst: number, map: number) => ({ code: loadMap(dst, 0), target: { kind: 'map', map } as const });
export const slotOf = (dst: number, map: number, offset = 0) => ({
  code: loadMapValue(dst, 0),
  target: { kind: 'mapValue', map, offset } as const,
});
/** dst = the map, or its value's address, by descriptor. */
export const loadMap = (dst: number, fd: number) => Buffer.concat([insn(0x18, dst, 1, 0, fd), insn(0, 0, 0, 0, 0)]);
export const loadMapValue = (dst: number, fd: number, offset = 0) =>
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
  return link(...lines).instructions;
}

/** link resolves labels and lists what the loader has to bind. */
export function link(...lines: readonly Line[]) {
  const labels = new Map<string, number>();
  const relocations: Relocation[] = [];
  let at = 0;
  for (const line of lines) {
    if ('label' in line) labels.set(line.label, at);
    else {
      if ('target' in line) relocations.push({ instruction: at, target: line.target });
      at += codeOf(line).length / 8;
    }
  }
  const parts: Uint8Array[] = [];
  at = 0;
  for (const line of lines) {
    if ('label' in line) continue;
    const code = Buffer.from(codeOf(line));
    if ('to' in line) code.writeInt16LE((labels.get(line.to) ?? Number.NaN) - at - 1, 2);
    parts.push(code);
    at += code.length / 8;
  }
  return { instructions: Buffer.concat(parts), relocations };
}

function codeOf(line: Exclude<Line, { readonly label: string }>): Uint8Array {
  return 'code' in line ? line.code : line;
}
