/**
 * How long x86-64 instructions are: enough to tell whether an offset in a function is where one begins. A uprobe writes
 * a breakpoint there, and in the middle of an instruction that changes what the traced process does. What is not known
 * here ends the walk, so that nobody is refused by ignorance.
 */

/** One-byte opcodes with a ModRM byte. */
function hasModRm(opcode: number): boolean {
  if (opcode < 0x40) return (opcode & 7) < 4;
  return (
    opcode === 0x62 ||
    opcode === 0x63 ||
    opcode === 0x69 ||
    opcode === 0x6b ||
    (opcode >= 0x80 && opcode <= 0x8f) ||
    opcode === 0xc0 ||
    opcode === 0xc1 ||
    opcode === 0xc6 ||
    opcode === 0xc7 ||
    (opcode >= 0xd0 && opcode <= 0xd3) ||
    (opcode >= 0xd8 && opcode <= 0xdf) ||
    opcode === 0xf6 ||
    opcode === 0xf7 ||
    opcode === 0xfe ||
    opcode === 0xff
  );
}

/** Bytes of immediate of a one-byte opcode; undefined where 64-bit mode has no such instruction. */
function immediateSize(opcode: number, isWide: boolean, isShort: boolean, modRm: number): number | undefined {
  const word = isShort ? 2 : 4;
  if (opcode < 0x40) {
    const low = opcode & 7;
    return low === 4 ? 1 : low === 5 ? word : low > 5 ? undefined : 0;
  }
  if (opcode === 0x68 || opcode === 0x69 || opcode === 0x81 || opcode === 0xc7 || opcode === 0xa9) return word;
  if (opcode === 0xe8 || opcode === 0xe9) return 4;
  if (opcode === 0x6a || opcode === 0x6b || opcode === 0x80 || opcode === 0x83 || opcode === 0xa8) return 1;
  if (opcode >= 0x70 && opcode <= 0x7f) return 1;
  if (opcode >= 0xa0 && opcode <= 0xa3) return 8;
  if (opcode >= 0xb0 && opcode <= 0xb7) return 1;
  if (opcode >= 0xb8 && opcode <= 0xbf) return isWide ? 8 : word;
  if (opcode === 0xc0 || opcode === 0xc1 || opcode === 0xc6 || opcode === 0xcd) return 1;
  if (opcode === 0xc2 || opcode === 0xca) return 2;
  if (opcode === 0xc8) return 3;
  if ((opcode >= 0xe0 && opcode <= 0xe7) || opcode === 0xeb) return 1;
  if (opcode === 0xf6) return (modRm & 0x38) < 0x10 ? 1 : 0;
  if (opcode === 0xf7) return (modRm & 0x38) < 0x10 ? word : 0;
  if ([0x60, 0x61, 0x82, 0x9a, 0xc4, 0xc5, 0xce, 0xd4, 0xd5, 0xd6, 0xea].includes(opcode)) return undefined;
  return 0;
}

/** Two-byte opcodes (0f xx) without a ModRM byte. */
const PLAIN_0F: ReadonlySet<number> = new Set([
  0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x0e, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x37, 0x77, 0xa0, 0xa1, 0xa2, 0xa8,
  0xa9, 0xaa, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf,
]);

/** Two-byte opcodes with a byte of immediate behind the ModRM byte. */
const IMMEDIATE_0F: ReadonlySet<number> = new Set([0x70, 0x71, 0x72, 0x73, 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6]);

const PREFIXES: ReadonlySet<number> = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

/** LONGEST_INSTRUCTION is what the processor takes at most. */
export const LONGEST_INSTRUCTION = 15;

/** instructionLength gives the bytes of the instruction at `start`; undefined if it is none that is known here. */
export function instructionLength(code: Uint8Array, start: number): number | undefined {
  const byte = (at: number): number => code[at] ?? 0;
  let at = start;
  let isShort = false;
  while (PREFIXES.has(byte(at)) && at - start < LONGEST_INSTRUCTION) isShort = byte(at++) === 0x66 || isShort;
  const isRex = (byte(at) & 0xf0) === 0x40;
  const isWide = isRex && (byte(at) & 8) !== 0;
  if (isRex) at++;
  const opcode = byte(at++);
  let end: number | undefined;
  if (opcode === 0xc5) end = vectorEnd(code, at + 1, 1);
  else if (opcode === 0xc4) end = vectorEnd(code, at + 2, byte(at) & 0x1f);
  else if (opcode === 0x62) end = vectorEnd(code, at + 3, byte(at) & 7);
  else if (opcode === 0x0f) end = twoByteEnd(code, at);
  else {
    const modRm = byte(at);
    if (hasModRm(opcode)) at = behindModRm(code, at);
    const size = immediateSize(opcode, isWide, isShort && !isWide, modRm);
    end = size === undefined ? undefined : at + size;
  }
  return end === undefined || end > code.length || end - start > LONGEST_INSTRUCTION ? undefined : end - start;
}

function twoByteEnd(code: Uint8Array, start: number): number | undefined {
  const opcode = code[start] ?? 0;
  if (opcode === 0x38) return behindModRm(code, start + 2);
  if (opcode === 0x3a) return behindModRm(code, start + 2) + 1;
  if (opcode >= 0x80 && opcode <= 0x8f) return start + 5;
  if (PLAIN_0F.has(opcode)) return start + 1;
  if (opcode === 0x0f || opcode === 0x04 || opcode === 0x0a || opcode === 0x0c || opcode === 0x36) return undefined;
  return behindModRm(code, start + 1) + (IMMEDIATE_0F.has(opcode) ? 1 : 0);
}

/** VEX and EVEX: the opcode at `start`, of map 1 (0f), 2 (0f 38) or 3 (0f 3a). */
function vectorEnd(code: Uint8Array, start: number, map: number): number | undefined {
  const opcode = code[start] ?? 0;
  if (map < 1 || map > 3) return undefined;
  if (map === 1 && opcode === 0x77) return start + 1;
  const end = behindModRm(code, start + 1);
  return map === 3 || (map === 1 && IMMEDIATE_0F.has(opcode)) ? end + 1 : end;
}

function behindModRm(code: Uint8Array, start: number): number {
  const modRm = code[start] ?? 0;
  const mode = modRm >> 6;
  let at = start + 1;
  if (mode === 3) return at;
  if ((modRm & 7) === 4) {
    if (mode === 0 && ((code[at] ?? 0) & 7) === 5) at += 4;
    at++;
  } else if (mode === 0 && (modRm & 7) === 5) at += 4;
  return at + (mode === 1 ? 1 : mode === 2 ? 4 : 0);
}

/** isInsideInstruction tells whether an offset lies within an instruction, as read from the function's start. */
export function isInsideInstruction(code: Uint8Array, offset: number): boolean {
  let at = 0;
  while (at < offset) {
    const length = instructionLength(code, at);
    if (length === undefined) return false;
    at += length;
  }
  return at > offset;
}
