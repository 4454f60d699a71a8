import { expect, test } from 'vitest';
import { matchingNames } from '../../../src/completion/candidate.ts';
import { NameIndex } from '../../../src/completion/name-index.ts';

const NAMES = ['vfs_write', 'vfs_read', 'vfs_readv', 'do_vfs_read', 'vfs_read', 'Vfs_ReadX', 'x', ''];
const index = new NameIndex(NAMES);

test.each([
  ['vfs_read', ['vfs_readv', 'Vfs_ReadX', 'do_vfs_read']],
  ['READ', ['vfs_read', 'vfs_readv', 'do_vfs_read', 'Vfs_ReadX']],
  ['v', ['vfs_write', 'vfs_read', 'vfs_readv', 'Vfs_ReadX']],
  ['x', []],
  ['nope', []],
])('%s: %j', (prefix, expected) => {
  expect(index.search(prefix)).toEqual(expected);
  expect(matchingNames(prefix, NAMES)).toEqual(expected);
});

test('all begin with nothing', () => {
  expect(index.search('')).toEqual(['vfs_write', 'vfs_read', 'vfs_readv', 'do_vfs_read', 'Vfs_ReadX', 'x']);
});

test('no more than help', () => {
  const many = new NameIndex(Array.from({ length: 5000 }, (_, at) => `name_${at}`));
  expect(many.search('name').length).toBe(100);
  expect(many.search('ame').length).toBe(100);
});
