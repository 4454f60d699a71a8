import { expect, test } from 'vitest';
import { FunctionNames } from '../../../tui/sources/function-names.ts';

test('functions are there once they were listed, and are listed once', async () => {
  let loads = 0;
  const names = new FunctionNames(async () => {
    loads++;
    return 'kprobe:vfs_read\nkprobe:ext4:ext4_sync_file\n';
  });
  expect(names.list()).toEqual([]);
  await Promise.resolve();
  await Promise.resolve();
  expect(names.list()).toEqual([
    { name: 'vfs_read', module: 'vmlinux' },
    { name: 'ext4_sync_file', module: 'ext4' },
  ]);
  expect(names.list()).toBe(names.list());
  expect(loads).toBe(1);
});

test('where they cannot be listed there are none', async () => {
  const names = new FunctionNames(() => Promise.reject(new Error('refused')));
  expect(names.list()).toEqual([]);
  await Promise.resolve();
  await Promise.resolve();
  expect(names.list()).toEqual([]);
});
