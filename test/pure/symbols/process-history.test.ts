import { expect, test } from 'vitest';
import { type NoticeRecord, ProcessHistory } from '../../../src/symbols/process-history.ts';

let time = 0n;

function record(type: number, fields: readonly number[], rest: Buffer = Buffer.alloc(0), misc = 0): NoticeRecord {
  const head = Buffer.alloc(fields.length * 4);
  for (const [index, field] of fields.entries()) head.writeUInt32LE(field, index * 4);
  const trailer = Buffer.alloc(8);
  trailer.writeBigUInt64LE(time++);
  return { type, misc, body: Buffer.concat([head, rest, trailer]) };
}

const exec = (pid: number): NoticeRecord => record(3, [pid, pid], Buffer.from('name\0\0\0\0'), 1 << 13);
const rename = (pid: number): NoticeRecord => record(3, [pid, pid], Buffer.from('name\0\0\0\0'));
const fork = (pid: number, parent: number): NoticeRecord => record(7, [pid, parent, pid, parent, 0, 0]);
const map = (pid: number, start: number, path: string, inode = 7): NoticeRecord => {
  const rest = Buffer.alloc(56);
  rest.writeBigUInt64LE(BigInt(start), 0);
  rest.writeBigUInt64LE(0x1000n, 8);
  rest.writeBigUInt64LE(0x2000n, 16);
  rest.writeBigUInt64LE(BigInt(inode), 32);
  return record(
    10,
    [pid, pid],
    Buffer.concat([rest, Buffer.from(`${path}\0`.padEnd(Math.ceil((path.length + 1) / 8) * 8, '\0'))]),
  );
};

function after(...records: readonly NoticeRecord[]): ProcessHistory {
  const batches = [records];
  return new ProcessHistory(() => batches.shift() ?? []);
}

const paths = (history: ProcessHistory, pid: number) => history.mappingsOf(pid)?.map(({ path }) => path);

test('what a program maps after its exec', () => {
  const history = after(exec(5), map(5, 0x400000, '/bin/a'), map(5, 0x7f0000000000, '/lib/b'));
  expect(history.mappingsOf(5)).toEqual([
    {
      start: 0x400000,
      end: 0x401000,
      isExecutable: true,
      fileOffset: 0x2000,
      inode: 7,
      path: '/bin/a',
      isDeleted: false,
    },
    {
      start: 0x7f0000000000,
      end: 0x7f0000001000,
      isExecutable: true,
      fileOffset: 0x2000,
      inode: 7,
      path: '/lib/b',
      isDeleted: false,
    },
  ]);
});

test('a child has what its parent had, until it runs another program', () => {
  const before = [exec(5), map(5, 0x1000, '/bin/sh'), fork(6, 5), fork(7, 5), exec(7), map(7, 0x1000, '/bin/ls')];
  const history = after(...before);
  expect(paths(history, 6)).toEqual(['/bin/sh']);
  expect(paths(history, 7)).toEqual(['/bin/ls']);
  expect(paths(history, 5)).toEqual(['/bin/sh']);
});

test('records of several CPUs are put in order', () => {
  const inOrder = [exec(5), map(5, 0x1000, '/old'), exec(5), map(5, 0x1000, '/new')];
  expect(paths(after(...inOrder.toReversed()), 5)).toEqual(['/new']);
});

test('a process that ran before has a parent at most; its threads and names change nothing', () => {
  const history = after(fork(6, 5), map(6, 0x1000, '/late'), rename(6), record(7, [6, 6, 61, 6, 0, 0]), fork(8, 6));
  expect(paths(history, 6)).toBeUndefined();
  expect(history.parentOf(6)).toBe(5);
  expect(history.parentOf(8)).toBe(5);
});

test('anonymous memory is left out', () => {
  expect(paths(after(exec(5), map(5, 0, '//anon'), map(5, 0, '[vdso]'), map(5, 0, '/a')), 5)).toEqual(['/a']);
});

test('what is remembered is bounded: the oldest processes go first', () => {
  const many = Array.from({ length: 5000 }, (_, index) => [exec(index + 1), map(index + 1, 0, '/a')]).flat();
  const history = after(...many);
  expect(paths(history, 1)).toBeUndefined();
  expect(paths(history, 5000)).toEqual(['/a']);
});
