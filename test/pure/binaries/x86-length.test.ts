/** Lengths of instructions: of each encoding one, and all of the shell's as objdump has them. */

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { instructionLength, isInsideInstruction } from '../../../src/kernel/binaries/x86-length.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');

test.each<readonly [hex: string, text: string]>([
  ['55', 'push %rbp'],
  ['48 89 e5', 'mov %rsp,%rbp'],
  ['8d 04 37', 'lea (%rdi,%rsi,1),%eax'],
  ['48 b8 88 77 66 55 44 33 22 11', 'movabs'],
  ['66 b8 34 12', 'mov $0x1234,%ax'],
  ['48 8b 05 00 00 00 00', 'mov 0(%rip),%rax'],
  ['8b 04 25 00 00 00 00', 'mov 0x0,%eax'],
  ['f6 c1 01', 'test $1,%cl'],
  ['f7 d9', 'neg %ecx'],
  ['66 f7 c1 34 12', 'test $0x1234,%cx'],
  ['0f 84 00 00 00 00', 'je'],
  ['66 0f 1f 84 00 00 00 00 00', 'nopw'],
  ['f3 0f 1e fa', 'endbr64'],
  ['66 0f 3a 0f c1 08', 'palignr'],
  ['c5 f8 77', 'vzeroupper'],
  ['c5 fd 70 c0 1b', 'vpshufd'],
  ['c4 e3 7d 39 c1 01', 'vextracti128'],
  ['62 f1 fe 48 6f 06', 'vmovdqu64'],
  ['c8 10 00 00', 'enter'],
  ['c2 08 00', 'ret $8'],
  ['64 48 8b 04 25 28 00 00 00', 'mov %fs:0x28,%rax'],
])('%s', (hex) => {
  const code = bytes(hex);
  expect(instructionLength(Buffer.concat([code, Buffer.alloc(16, 0x90)]), 0)).toBe(code.length);
});

test('what is cut off or none has no length, and refuses nobody', () => {
  expect(instructionLength(bytes('48 b8 88'), 0)).toBeUndefined();
  expect(instructionLength(bytes('06 90 90'), 0)).toBeUndefined();
  expect(isInsideInstruction(bytes('06 90 90'), 2)).toBe(false);
});

test('an offset is a beginning or not', () => {
  const code = bytes('55 48 89 e5 8d 04 37 c3');
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((offset) => isInsideInstruction(code, offset))).toEqual([
    false,
    false,
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
});

test.skipIf(process.arch !== 'x64')('the code of the shell is as objdump reads it', () => {
  const listing = execFileSync('objdump', ['-d', '-w', '--insn-width=16', '--section=.text', '/bin/sh'], {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  const rows = [...listing.matchAll(/^\s+[0-9a-f]+:\t([0-9a-f ]+?)\s*\t(.*)$/gm)].filter(
    ([, , text]) => !text?.includes('(bad)'),
  );
  expect(rows.length).toBeGreaterThan(1000);
  const wrong = rows.filter(([, hex]) => {
    const code = bytes(hex ?? '');
    return instructionLength(Buffer.concat([code, Buffer.alloc(16, 0x90)]), 0) !== code.length;
  });
  expect(wrong.map(([row]) => row)).toEqual([]);
});
