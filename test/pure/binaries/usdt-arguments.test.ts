import { expect, test } from 'vitest';
import { parseUsdtArguments } from '../../../src/kernel/binaries/usdt-arguments.ts';
import type { UsdtArgument } from '../../../src/kernel/facts.ts';

const SYMBOLS = new Map([['counter', 0x4000]]);

function parse(text: string, machine: 'x86_64' | 'aarch64'): string[] {
  return parseUsdtArguments(text, {
    machine,
    probeAddress: 0x1000,
    symbolAddress: (name) => SYMBOLS.get(name),
  }).map(show);
}

function show({ size, isSigned, location }: UsdtArgument): string {
  const prefix = `${isSigned ? 's' : 'u'}${size * 8} `;
  switch (location.kind) {
    case 'constant':
      return `${prefix}${location.value}`;
    case 'register':
      return prefix + location.register;
    case 'memory': {
      const index = location.index ? `+${location.index.register}*${location.index.scale}` : '';
      return `${prefix}[${location.register}${location.offset < 0 ? '' : '+'}${location.offset}${index}]`;
    }
    case 'unknown':
      return `${prefix}?${location.text}`;
  }
}

test.each([
  ['-4@$5', 's32 5'],
  ['-4@$-1', 's32 -1'],
  ['8@$0x10', 'u64 16'],
  ['8@%rax', 'u64 ax'],
  ['-4@%eax', 's32 ax'],
  ['2@%cx', 'u16 cx'],
  ['1@%dil', 'u8 di'],
  ['1@%bl', 'u8 bx'],
  ['-4@%r10d', 's32 r10'],
  ['1@%r15b', 'u8 r15'],
  ['8@%ah', 'u64 ?%ah'],
  ['8f@%xmm0', 'u64 ?%xmm0'],
  ['8@%xmm0', 'u64 ?%xmm0'],
  ['4@-20(%rbp)', 'u32 [bp-20]'],
  ['-8@(%rdi)', 's64 [di+0]'],
  ['8@0x18(%rsp)', 'u64 [sp+24]'],
  ['8@(%rax,%rbx,8)', 'u64 [ax+0+bx*8]'],
  ['8@-4(%rax,%rbx)', 'u64 [ax-4+bx*1]'],
  ['4@24(%r8,%r9,4)', 'u32 [r8+24+r9*4]'],
  ['8@(%rax, %rbx, 2)', 'u64 [ax+0+bx*2]'],
  ['4@counter(%rip)', 'u32 [ip+12288]'],
  ['4@counter+4(%rip)', 'u32 [ip+12292]'],
  ['4@counter-8(%rip)', 'u32 [ip+12280]'],
  ['8@counter', 'u64 [ip+12288]'],
  ['8@nosuch(%rip)', 'u64 ?nosuch(%rip)'],
  ['8@(,%rax,8)', 'u64 ?(,%rax,8)'],
])('x86-64 %s', (text, expected) => {
  expect(parse(text, 'x86_64')).toEqual([expected]);
});

test.each([
  ['8@x0', 'u64 r0'],
  ['-4@w19', 's32 r19'],
  ['8@sp', 'u64 sp'],
  ['-4@5', 's32 5'],
  ['-8@-1', 's64 -1'],
  ['4@[sp, 12]', 'u32 [sp+12]'],
  ['-4@[sp,-8]', 's32 [sp-8]'],
  ['8@[x29]', 'u64 [r29+0]'],
  ['8@[x1, x2, lsl 3]', 'u64 [r1+0+r2*8]'],
  ['8@[x1, x2]', 'u64 [r1+0+r2*1]'],
  ['8@x31', 'u64 ?x31'],
  ['8@d0', 'u64 ?d0'],
])('arm64 %s', (text, expected) => {
  expect(parse(text, 'aarch64')).toEqual([expected]);
});

test('several arguments', () => {
  expect(parse('8@%rdi -4@-20(%rbp) 4@$7', 'x86_64')).toEqual(['u64 di', 's32 [bp-20]', 'u32 7']);
  expect(parse('4@[sp, 12] 8@x0', 'aarch64')).toEqual(['u32 [sp+12]', 'u64 r0']);
  expect(parse('', 'x86_64')).toEqual([]);
});
