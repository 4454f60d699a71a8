import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Kallsyms } from '../../../src/kernel/kallsyms.ts';
import { CgroupPaths, parseHierarchies } from '../../../src/symbols/cgroup-paths.ts';
import { demangle } from '../../../src/symbols/demangle.ts';
import { KernelSymbols } from '../../../src/symbols/kernel-symbols.ts';
import { LiveResolver } from '../../../src/symbols/live-resolver.ts';
import { parsePasswd, UserNames } from '../../../src/symbols/user-names.ts';

const KALLSYMS = `0000000000001000 A per_cpu_start
ffffffff81000000 T _text
ffffffff81000000 t alias
ffffffff81000100 t vfs_read
ffffffff81000200 D jiffies
ffffffff81000300 T vfs_write
ffffffffc0200000 t tcp_send	[tcp_mod]
`;

const kernel = (text: string) => new LiveResolver({ kernelSymbols: () => new Kallsyms(Buffer.from(text, 'latin1')) });

test.each([
  [0xffffffff81000000n, 'alias'],
  [0xffffffff81000100n, 'vfs_read'],
  [0xffffffff810001ffn, 'vfs_read'],
  [0xffffffff81000300n, 'vfs_write'],
  [0xffffffffc0200010n, 'tcp_send'],
  [0xffffffff90000000n, '0xffffffff90000000'],
  [0x1000n, '0x1000'],
  [0n, '0'],
])('ksym %s', (address, text) => {
  expect(kernel(KALLSYMS).kernelSymbol(address)).toEqual({ kind: 'symbol', address, text });
});

test('kernel frames: outer ones name the call before the return address', () => {
  const frames = kernel(KALLSYMS).kernelStack(
    [0xffffffff81000300n, 0xffffffff81000300n, 0xffffffffc0200010n],
    'bpftrace',
  );
  expect(frames.map(({ symbol, offset, module }) => `${module ?? 'kernel'} ${symbol}+${offset}`)).toEqual([
    'kernel vfs_write+0',
    'kernel vfs_read+512',
    'tcp_mod tcp_send+16',
  ]);
});

test('stacks share their frames, also those without a name', () => {
  const resolver = kernel(KALLSYMS);
  const stack = () => resolver.kernelStack([0xffffffff81000100n, 0xffffffff90000000n, 0xffffffff90000001n], 'bpftrace');
  const [first, second] = [stack(), stack()];
  expect(first.map(({ symbol }) => symbol)).toEqual(['vfs_read', undefined, undefined]);
  for (const [index, frame] of first.entries()) expect(second[index]).toBe(frame);
});

test('addresses hidden from this user stay addresses', () => {
  const hidden = KALLSYMS.replaceAll(/^[0-9a-f]+/gm, '0'.repeat(16));
  expect(kernel(hidden).kernelSymbol(0xffffffff81000100n).text).toBe('0xffffffff81000100');
});

test('the kernel table is read once, however many addresses are unknown', () => {
  let reads = 0;
  const symbols = new KernelSymbols(() => {
    reads++;
    return new Kallsyms(Buffer.from(KALLSYMS));
  });
  for (let address = 0n; address < 100n; address++) symbols.locate(0xffffffff90000000n + address);
  expect(reads).toBe(1);
});

test.each([
  ['_ZN4shop4Cart5checkEiPKc', 'shop::Cart::check(int, char const*)'],
  ['_RNvNtCs123_4core3fmt5write', 'core::fmt::write'],
  ['_ZN4core3fmt5write17h0123456789abcdefE', 'core::fmt::write'],
  ['main', 'main'],
  ['_Zbroken', '_Zbroken'],
  ['_Z', '_Z'],
  [`_Z${'N'.repeat(20_000)}`, `_Z${'N'.repeat(20_000)}`],
])('demangle %.40s', (name, readable) => {
  expect(demangle(name)).toBe(readable);
});

test('a name that nests too deep stays as it is, and the next one is readable', () => {
  const deep = `_Z1f${'P'.repeat(16_000)}i`;
  expect(typeof demangle(deep)).toBe('string');
  expect(demangle('_Z4workv')).toBe('work()');
});

test('users', () => {
  expect(
    parsePasswd('root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\nnobody:x:65534:1\nbroken\n:x:7:\n#c:x:y:'),
  ).toEqual(
    new Map([
      [0, 'root'],
      [65534, 'nobody'],
    ]),
  );
  const directory = mkdtempSync(join(tmpdir(), 'bptop-users-'));
  const path = join(directory, 'passwd');
  writeFileSync(path, 'alice:x:1000:1000::/:\n');
  utimesSync(path, 1, 1);
  expect(new UserNames(path).find(1000)).toBe('alice');
  expect(new UserNames(path).find(1001)).toBeUndefined();
  expect(new UserNames('/nonexistent').find(0)).toBeUndefined();
  rmSync(directory, { recursive: true });
  expect(new LiveResolver({}).username(4_000_000_000)).toEqual({ kind: 'text', text: '', raw: 4_000_000_000 });
});

test('cgroup hierarchies: the unified one first', () => {
  expect(
    parseHierarchies(
      'tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\ncgroup /sys/fs/cgroup/cpu\\040a cgroup rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n',
    ),
  ).toEqual([
    { name: 'unified', root: '/sys/fs/cgroup/unified' },
    { name: 'cpu a', root: '/sys/fs/cgroup/cpu a' },
    { name: 'pids', root: '/sys/fs/cgroup/pids' },
  ]);
});

test('cgroup paths by inode, per hierarchy and filter', async () => {
  const { mkdirSync, statSync } = await import('node:fs');
  const root = mkdtempSync(join(tmpdir(), 'bptop-cgroups-'));
  for (const path of ['unified/a/b', 'cpu/x']) mkdirSync(join(root, path), { recursive: true });
  const paths = new CgroupPaths(() => `none ${root}/unified cgroup2 rw\nnone ${root}/cpu cgroup rw\n`);
  const id = (path: string) => statSync(join(root, path), { bigint: true }).ino;
  expect(paths.find(id('unified/a/b'), '')).toBe('unified:/a/b');
  expect(paths.find(id('unified'), '')).toBe('unified:/');
  expect(paths.find(id('cpu/x'), '')).toBe('cpu:/x');
  expect(paths.find(id('cpu/x'), 'c*')).toBe('cpu:/x');
  expect(paths.find(id('cpu/x'), 'unified')).toBe('');
  expect(paths.find(1n << 60n, '')).toBe('');
  const gone = id('cpu/x');
  rmSync(root, { recursive: true });
  expect(paths.find(gone, '')).toBe('cpu:/x');
});

test('times: boot clock and TAI', () => {
  const resolver = new LiveResolver({ clockOffsets: () => ({ bootNs: 1_000_000_000n, taiNs: -37_000_000_000n }) });
  const format = (ns: bigint, clock: 'boot' | 'tai') =>
    resolver.timestamp(ns, { kind: 'timestamp', format: '%s.%k', clock });
  expect(format(500n, 'boot')).toEqual({ kind: 'text', text: '1.000000500', raw: 500n });
  expect(format(38_000_000_001n, 'tai').text).toBe('1.000000001');
  expect(resolver.wallClockNs(0n)).toBe(1_000_000_000n);
});

test('the measured boot offset gives the present', async () => {
  const { readFileSync } = await import('node:fs');
  const uptimeNs = BigInt(Math.round(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1e9));
  const difference = Number(new LiveResolver({}).wallClockNs(uptimeNs) / 1_000_000n) - Date.now();
  expect(Math.abs(difference)).toBeLessThan(10_000);
});
