import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TextFunctionFacts } from '../../../src/kernel/functions.ts';
import { Kallsyms } from '../../../src/kernel/kallsyms.ts';
import { readKernelText } from '../../../src/kernel/kernel-text.ts';
import { parseCpuList } from '../../../src/kernel/live.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

const AVAILABLE = `vfs_read
vfs_readv
__ftrace_invalid_address___64
nf_register [nf_tables]
vfs_read [fuse]
start_kernel
`;

const KALLSYMS = `ffffffff81000000 T _text
ffffffff81000100 t vfs_read
ffffffff81000200 T vfs_write
ffffffff81000300 D jiffies
ffffffff81000400 T __kernel_end
ffffffffc0000500 t late\t[fuse]
ffffffffc0000400 t early\t[fuse]
ffffffffc0000600 t vfs_read\t[fuse]
`;

const { types } = recordedFacts();
const listed = () =>
  new TextFunctionFacts({ available: () => AVAILABLE, kallsyms: () => Buffer.from(KALLSYMS) }, types);
const unlisted = () =>
  new TextFunctionFacts({ available: () => undefined, kallsyms: () => Buffer.from(KALLSYMS) }, types);

describe('with the list of the kernel', () => {
  test('sorted, with modules', () =>
    expect(listed().list()).toEqual([
      { name: 'nf_register', module: 'nf_tables' },
      { name: 'start_kernel', module: 'vmlinux' },
      { name: 'vfs_read', module: 'fuse' },
      { name: 'vfs_read', module: 'vmlinux' },
      { name: 'vfs_readv', module: 'vmlinux' },
    ]));

  const answers: readonly [name: string, module: string | undefined, answer: string][] = [
    ['vfs_read', undefined, 'yes'],
    ['vfs_read', 'vmlinux', 'yes'],
    ['vfs_read', 'fuse', 'yes'],
    ['vfs_read', 'ext4', 'no'],
    ['vfs_rea', undefined, 'no'],
    ['fs_read', undefined, 'no'],
    ['nf_register', undefined, 'yes'],
    ['nf_register', 'vmlinux', 'no'],
    ['start_kernel', undefined, 'yes'],
    ['vfs_write', undefined, 'no'],
  ];

  test.each(answers)('%s of %s: %s', (name, module, answer) => {
    const facts = listed();
    expect(facts.isTraceable(name, module)).toBe(answer);
    // Asked often, it answers from a set instead of the text.
    for (let round = 0; round < 100; round++) facts.isTraceable('other');
    expect(facts.isTraceable(name, module)).toBe(answer);
  });
});

describe('without it', () => {
  test('what BTF and the symbol table know', () =>
    expect(unlisted().list()).toEqual([
      { name: 'vfs_read', module: 'fuse' },
      { name: 'vfs_read', module: 'vmlinux' },
      { name: 'vfs_write', module: 'vmlinux' },
    ]));

  test.each([
    ['vfs_read', 'unknown'],
    ['__kernel_end', 'unknown'],
    ['jiffies', 'no'],
    ['nothing', 'no'],
  ])('%s: %s', (name, answer) => expect(unlisted().isTraceable(name)).toBe(answer));
});

describe('names of functions', () => {
  const names = new Kallsyms(Buffer.from(`${KALLSYMS}ffffffff81000700 W at_the_end`)).functionNames();

  test.each([
    ['vfs_read', true],
    ['__kernel_end', true],
    ['at_the_end', true],
    ['jiffies', false],
    ['vfs_rea', false],
    ['vfs_readv', false],
    ['late', false],
    ['', false],
  ])('%s: %s', (name, isKnown) => expect(names.has(name)).toBe(isKnown));

  test('of modules', () => expect([...names.modules]).toEqual([['fuse', ['late', 'early', 'vfs_read']]]));

  test('none', () => expect(new Kallsyms(Buffer.alloc(0)).functionNames().has('vfs_read')).toBe(false));
});

test('a long text of the kernel is read whole', () => {
  for (const path of ['/proc/self/maps', '/proc/self/cmdline']) {
    const text = readKernelText(path, 16)?.toString();
    expect(text?.length).toBeGreaterThan(16);
    if (path.endsWith('cmdline')) expect(text).toBe(readFileSync(path, 'utf8'));
  }
  expect(readKernelText('/proc/self/nothing')).toBeUndefined();
});

describe('kallsyms', () => {
  const symbols = new Kallsyms(Buffer.from(KALLSYMS));

  test.each([
    [0xffffffff81000100n, 'vfs_read'],
    [0xffffffff810001ffn, 'vfs_read'],
    [0xffffffff81000300n, 'vfs_write'], // data is no function
    [0xffffffffc0000401n, 'early'], // modules need not be in order
    [0xffffffffc0000501n, 'late'],
  ])('%s is in %s', (address, name) => expect(symbols.lookup(address)?.name).toBe(name));

  test('below the first there is nothing', () => expect(symbols.lookup(0xffffffff80ffffffn)).toBeUndefined());

  test('by name', () => {
    expect(symbols.find('jiffies')).toEqual({
      name: 'jiffies',
      address: 0xffffffff81000300n,
      module: 'vmlinux',
      isFunction: false,
    });
    expect(symbols.find('vfs_read', 'fuse')?.address).toBe(0xffffffffc0000600n);
    // Asked often, it answers from an index.
    for (let round = 0; round < 100; round++) symbols.find('other', 'vmlinux');
    expect(symbols.find('vfs_read', 'fuse')?.address).toBe(0xffffffffc0000600n);
    expect(symbols.find('vfs_read', 'vmlinux')?.address).toBe(0xffffffff81000100n);
    expect(symbols.find('early', 'vmlinux')).toBeUndefined();
    expect(symbols.find('vfs')).toBeUndefined();
    expect(symbols.find('read')).toBeUndefined();
  });

  test('hidden addresses are no addresses', () => {
    const hidden = new Kallsyms(Buffer.from('0000000000000000 T a\n0000000000000000 T b\n'));
    expect(hidden.isHidden).toBe(true);
    expect(hidden.lookup(5n)).toBeUndefined();
  });

  test('an empty table', () => expect(new Kallsyms(Buffer.alloc(0)).lookup(1n)).toBeUndefined());
});

test.each([
  ['0\n', [0]],
  ['0-3', [0, 1, 2, 3]],
  ['0-1,4,6-7', [0, 1, 4, 6, 7]],
])('CPUs %j', (text, cpus) => expect(parseCpuList(text)).toEqual(cpus));
