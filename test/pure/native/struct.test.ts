import { expect, test } from 'vitest';
import { installCommand } from '../../../native/library.ts';
import { errnoName, NativeError } from '../../../native/native-error.ts';
import { StructLayout } from '../../../native/struct.ts';

test('fields lie at their natural alignment', () => {
  const layout = new StructLayout([
    ['a', 'u8'],
    ['b', 'u32'],
    ['name', 5],
    ['c', 'u64'],
    ['d', 'u16'],
  ]);
  expect(['a', 'b', 'name', 'c', 'd'].map((name) => layout.offsetOf(name))).toEqual([0, 4, 8, 16, 24]);
  expect(layout.size).toBe(32);
});

test('values are encoded, the size by itself', () => {
  const layout = new StructLayout([
    ['sz', 'size'],
    ['a', 'i32'],
    ['b', 'u32'],
    ['name', 4],
  ]);
  const struct = layout.encode({ a: -1, b: -2, name: 'ab' });
  expect(struct.bytes.toString('hex')).toBe('1800000000000000fffffffffeffffff6162000000000000');
  expect([struct.get('a'), struct.get('b')]).toEqual([-1, 4294967294]);
});

test('text that is too long is refused', () => {
  const layout = new StructLayout([['name', 2]]);
  expect(() => layout.encode({ name: 'abc' })).toThrow('name');
  expect(() => layout.encode({ other: 1 })).toThrow('no field other');
});

test.each([
  ['ID=debian\nVERSION_ID="12"\n', 'apt-get install libbpf1'],
  ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'apt-get install libbpf1'],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf install libbpf'],
  ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'zypper install libbpf1'],
  ['ID=arch\n', 'pacman -S libbpf'],
  ['', 'install the package that has libbpf.so.1 (libbpf 1.0 or newer)'],
])('how to install libbpf: %j', (osRelease, command) => {
  expect(installCommand(osRelease)).toBe(command);
});

test('errors carry names', () => {
  expect(errnoName(1)).toBe('EPERM');
  expect(errnoName(524)).toBe('ENOTSUPP');
  expect(new NativeError('mmap', 12).message).toBe('mmap: ENOMEM');
});
