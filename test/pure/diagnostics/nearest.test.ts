import { expect, test } from 'vitest';
import { didYouMean, nearestName, nearestNames } from '../../../src/diagnostics/nearest.ts';

const cases: readonly [name: string, candidates: string[], expected: string | undefined][] = [
  ['vfs_raed', ['vfs_read', 'vfs_write'], 'vfs_read'],
  ['commm', ['comm', 'common'], 'comm'],
  ['prinft', ['printf', 'print'], 'printf'],
  ['nsec', ['nsecs', 'nsid'], 'nsecs'],
  ['PID', ['tid', 'pid'], 'pid'],
  ['filname', ['filename', 'flags'], 'filename'],
  ['x', ['y', 'pid'], undefined],
  ['quantize', ['hist', 'printf'], undefined],
  ['comm', ['comm'], undefined],
  ['', ['abc'], undefined],
  ['block_rq_isue', ['block_rq_issue', 'block_rq_insert'], 'block_rq_issue'],
  ['kprob', ['kprobe', 'uprobe'], 'kprobe'],
];

test.each(cases)('%s is meant for one of %j: %s', (name, candidates, expected) => {
  expect(nearestName(name, candidates)).toBe(expected);
});

test('several near names come nearest first', () => {
  expect(nearestNames('vfs_rea', ['vfs_write', 'vfs_reads', 'vfs_read'])).toEqual(['vfs_read', 'vfs_reads']);
});

test('the hint names it', () => {
  expect(didYouMean('arsg', ['args', 'arg0'])).toEqual(["did you mean 'args'?"]);
});
