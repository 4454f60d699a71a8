import { expect, test } from 'vitest';
import { syscallNames, syscallNumber, tracepointSyscallNumber } from '../../../src/kernel/syscalls.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

test.each([
  ['x86_64', 0, 'read'],
  ['x86_64', 59, 'execve'],
  ['x86_64', 257, 'openat'],
  ['x86_64', 334, 'rseq'],
  ['x86_64', 435, 'clone3'],
  ['x86_64', 462, 'mseal'],
  ['aarch64', 63, 'read'],
  ['aarch64', 56, 'openat'],
  ['aarch64', 221, 'execve'],
  ['aarch64', 80, 'fstat'],
  ['aarch64', 435, 'clone3'],
] as const)('%s %i is %s', (architecture, number, name) => {
  expect(syscallNames(architecture)[number]).toBe(name);
  expect(syscallNumber(architecture, name)).toBe(number);
});

test.each([
  ['x86_64', 'sys_enter_newfstat', 5],
  ['x86_64', 'sys_exit_newstat', 4],
  ['x86_64', 'sys_enter_umount', 166],
  ['x86_64', 'sys_enter_sendfile64', 40],
  ['x86_64', 'sys_enter_futex', 202],
  ['aarch64', 'sys_enter_newfstat', 80],
  ['x86_64', 'sched_switch', undefined],
  ['x86_64', 'sys_enter_nosuch', undefined],
] as const)('%s %s is %s', (architecture, event, number) =>
  expect(tracepointSyscallNumber(architecture, event)).toBe(number),
);

test('holes stay holes', () => {
  expect(syscallNames('x86_64')[400]).toBeUndefined();
  expect(syscallNames('aarch64')[300]).toBeUndefined();
});

test('every recorded system call tracepoint has a number', () => {
  const { tracepoints } = recordedFacts();
  const unknown = tracepoints
    .events('syscalls')
    .filter((event) => tracepointSyscallNumber('x86_64', event) === undefined);
  expect(unknown).toEqual([]);
});
