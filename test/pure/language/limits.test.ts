import { expect, test } from 'vitest';
import { renderDiagnostics } from '../../../src/diagnostics/render.ts';
import { sourceFromBytes } from '../../../src/language/files.ts';
import { parse } from './expectations.ts';

/** What nobody writes: each is a finding, or a program, and never an exception. */
const rows: readonly [name: string, text: string, code: string | undefined][] = [
  ['10,000 parentheses', `begin { $x = ${'('.repeat(10_000)}1${')'.repeat(10_000)}; }`, 'nesting-limit'],
  ['150 parentheses', `begin { $x = ${'('.repeat(150)}1${')'.repeat(150)}; }`, undefined],
  ['10,000 blocks', `begin ${'{'.repeat(10_000)}${'}'.repeat(10_000)}`, 'nesting-limit'],
  ['10,000 map keys', `begin { ${'@['.repeat(10_000)} }`, 'nesting-limit'],
  ['10,000 prefix operators', `begin { $x = ${'!'.repeat(10_000)}1; }`, 'nesting-limit'],
  ['10,000 casts', `begin { $x = ${'(uint8)'.repeat(10_000)}1; }`, 'nesting-limit'],
  ['10,000 conditions', `begin { $x = ${'1 ? 2 : '.repeat(10_000)}3; }`, 'nesting-limit'],
  ['10,000 branches', `begin { if 1 { }${' else if 1 { }'.repeat(10_000)} }`, 'nesting-limit'],
  ['10,000 operands', `begin { $x = 1${' + 1'.repeat(10_000)}; }`, 'nesting-limit'],
  ['10,000 fields', `begin { $x = $a${'.b'.repeat(10_000)}; }`, 'nesting-limit'],
  ['10,000 pointers', `begin { let $x : uint8${'*'.repeat(10_000)}; }`, 'nesting-limit'],
  [
    'unbalanced within unbalanced, which must not be read twice at each depth',
    `begin { ${'(x['.repeat(60)} }`,
    'syntax',
  ],
  ['open maps', `begin { ${'@['.repeat(100)} }`, 'syntax'],
  ['1 MiB of statements', `begin { ${'a;'.repeat(1 << 19)} }`, 'input-limit'],
  ['1 MiB of blanks', ' '.repeat(1 << 20), undefined],
  ['1 MiB of one word', 'x'.repeat(1 << 20), 'syntax'],
  ['1 MiB of NUL', '\0'.repeat(1 << 20), 'invalid-character'],
  ['1 MiB of NUL in a block', `begin { ${'\0'.repeat(1 << 20)}`, 'syntax'],
  ['1 MiB of digits', `begin { $x = ${'1'.repeat(1 << 20)}; }`, 'invalid-integer'],
  ['1 MiB of escapes', `begin { "${'\\q'.repeat(1 << 19)}"; }`, 'invalid-escape'],
  ['1 MiB of wrong characters', `begin { ${'` '.repeat(1 << 19)}`, 'input-limit'],
  ['1 MiB of comment starts', '/*'.repeat(1 << 19), 'unterminated-comment'],
  ['1 MiB of braces in a struct', `struct x { ${'{'.repeat(1 << 20)}`, 'syntax'],
  [
    '10,000 structs in a struct',
    `struct x { ${'struct { '.repeat(10_000)} ${'} y; '.repeat(10_000)} };`,
    'nesting-limit',
  ],
  ['5 MiB', ' '.repeat(5 << 20), 'input-limit'],
  ['a line of 100 kB', `begin { printf("${'x'.repeat(100_000)}"); $x = ; }`, 'syntax'],
];

test.each(rows)('%s', (_name, text, code) => {
  const { program, diagnostics } = parse(text);
  expect(program.kind).toBe('Program');
  const codes = diagnostics.map((finding) => finding.code);
  if (code === undefined) expect(codes).toEqual([]);
  else expect(codes).toContain(code);
  expect(diagnostics.length).toBeLessThanOrEqual(110);
  for (const line of renderDiagnostics(diagnostics).split('\n')) expect(line.length).toBeLessThan(4500);
});

const files: readonly [name: string, bytes: Uint8Array, message: string | undefined][] = [
  ['text', Buffer.from('begin { }'), undefined],
  ['empty', Buffer.from(''), undefined],
  ['NUL', Buffer.from('a\0b'), "'x.bt' is not a script: a NUL byte stands at offset 1"],
  ['not UTF-8', Buffer.from([0x61, 0xff, 0xfe]), undefined],
  ['too long', Buffer.alloc(5 << 20, 32), "'x.bt' is longer than 4194304 bytes"],
];

test.each(files)('a file: %s', (_name, bytes, message) => {
  const { source, diagnostics } = sourceFromBytes(bytes, 'x.bt');
  expect(diagnostics[0]?.message).toBe(message);
  expect(source === undefined).toBe(message !== undefined);
});
