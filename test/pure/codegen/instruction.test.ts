import { expect, test } from 'vitest';
import { formatInstruction } from '../../../src/codegen/bpf/disassemble.ts';
import { decodeInstructions, encodeInstructions } from '../../../src/codegen/bpf/instruction.ts';

/** Bytes as the kernel takes them, and the text of the verifier's log. */
const INSTRUCTIONS: readonly (readonly [bytes: string, text: string])[] = [
  ['b7 00 00 00 00 00 00 00', 'r0 = 0'],
  ['bf 16 00 00 00 00 00 00', 'r6 = r1'],
  ['bc 12 00 00 00 00 00 00', 'w2 = w1'],
  ['07 02 00 00 f8 ff ff ff', 'r2 += -8'],
  ['0f 12 00 00 00 00 00 00', 'r2 += r1'],
  ['77 01 00 00 20 00 00 00', 'r1 >>= 32'],
  ['c7 01 00 00 38 00 00 00', 'r1 s>>= 56'],
  ['3f 21 00 00 00 00 00 00', 'r1 /= r2'],
  ['87 03 00 00 00 00 00 00', 'r3 = -r3'],
  ['dc 01 00 00 10 00 00 00', 'r1 = be16 r1'],
  ['79 12 08 00 00 00 00 00', 'r2 = *(u64 *)(r1 +8)'],
  ['61 a1 fc ff 00 00 00 00', 'r1 = *(u32 *)(r10 -4)'],
  ['71 21 00 00 00 00 00 00', 'r1 = *(u8 *)(r2 +0)'],
  ['69 21 02 00 00 00 00 00', 'r1 = *(u16 *)(r2 +2)'],
  ['7b 1a f8 ff 00 00 00 00', '*(u64 *)(r10 -8) = r1'],
  ['62 0a e8 ff 01 00 00 00', '*(u32 *)(r10 -24) = 1'],
  ['db 10 00 00 00 00 00 00', 'lock *(u64 *)(r0 +0) += r1'],
  ['db 10 00 00 01 00 00 00', 'r1 = atomic_fetch_add(*(u64 *)(r0 +0), r1)'],
  ['db 12 08 00 f1 00 00 00', 'r0 = atomic_cmpxchg(*(u64 *)(r2 +8), r0, r1)'],
  ['85 00 00 00 0e 00 00 00', 'call get_current_pid_tgid#14'],
  ['85 10 00 00 05 00 00 00', 'call pc+5'],
  ['95 00 00 00 00 00 00 00', 'exit'],
  ['05 00 03 00 00 00 00 00', 'goto pc+3'],
  ['15 00 02 00 00 00 00 00', 'if r0 == 0 goto pc+2'],
  ['2d 21 fe ff 00 00 00 00', 'if r1 > r2 goto pc-2'],
  ['c5 01 01 00 ff ff ff ff', 'if r1 s< -1 goto pc+1'],
  ['18 01 00 00 ff ff ff ff 00 00 00 00 00 00 00 00', 'r1 = 0xffffffff ll'],
  ['18 11 00 00 00 00 00 00 00 00 00 00 00 00 00 00', 'r1 = map'],
  ['18 22 00 00 00 00 00 00 00 00 00 00 40 02 00 00', 'r2 = map value+576'],
  ['18 42 00 00 07 00 00 00 00 00 00 00 00 00 00 00', 'r2 = func pc+7'],
];

test.each(INSTRUCTIONS)('%s is %s', (hex, text) => {
  const bytes = Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16));
  const decoded = decodeInstructions(bytes);
  expect(decoded.map((instruction) => formatInstruction(instruction))).toEqual([text]);
  expect(encodeInstructions(decoded)).toEqual(bytes);
});
