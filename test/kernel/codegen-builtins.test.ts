/**
 * Builtins and functions of language.md §8 and §9 on the real kernel, run in this very process by BPF_PROG_TEST_RUN, so
 * that what they say is known.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { decodeBytes } from '../../src/text/bytes.ts';
import { liveFacts, runScript } from '../support/run-script.ts';

const comm = readFileSync('/proc/self/comm', 'utf8').trim();
const statOf = (id = '') => readFileSync(`/proc/${id}/stat`, 'utf8').split(' ');
const stat = statOf('self');
const parent = readFileSync(`/proc/${stat[3]}/comm`, 'utf8').trim();

type Check = (value: unknown) => void;

const is =
  (expected: unknown): Check =>
  (value) =>
    expect(value).toEqual(expected);
const below =
  (limit: number): Check =>
  (value) => {
    expect(Number(value)).toBeGreaterThanOrEqual(0);
    expect(Number(value)).toBeLessThan(limit);
  };
const text =
  (expected: string): Check =>
  (value) =>
    expect((value as { text: string }).text).toBe(expected);
const near =
  (expected: () => number, tolerance: number): Check =>
  (value) =>
    expect(Math.abs(Number(value) - expected())).toBeLessThan(tolerance);

/** The last one any CPU has seen. */
const jiffies = () =>
  Math.max(
    ...[...readFileSync('/proc/timer_list', 'utf8').matchAll(/last_jiffies *: (\d+)/g)].map(([, n]) => Number(n)),
  );

const bootNs = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e9;
const MINUTE = 60e9;

const ROWS: readonly (readonly [expression: string, check: Check])[] = [
  ['pid', is(process.pid)],
  ['tid', is(process.pid)],
  ['pid(init)', is(process.pid)],
  ['pid(curr_ns)', is(process.pid)],
  ['tid(init)', is(process.pid)],
  ['tid(curr_ns)', is(process.pid)],
  ['pid()', is(process.pid)],
  ['uid', is(process.getuid?.())],
  ['gid', is(process.getgid?.())],
  ['username', text(userInfo().username)],
  ['comm', is(comm)],
  ['ppid', is(Number(stat[3]))],
  ['pcomm', is(parent)],
  ['(ppid(curtask), leader_tid(curtask))', is([Number(stat[3]), process.pid])],
  ['pcomm(curtask)', is(parent)],
  ['leader_comm(curtask)', is(comm)],
  ['leader_comm(curtask.real_parent)', is(parent)],
  ['ppid(curtask.real_parent)', is(Number(statOf(stat[3])[3]))],
  ['leader_tid', is(process.pid)],
  ['leader_comm', is(comm)],
  ['nsecs', near(bootNs, MINUTE)],
  ['nsecs(boot)', near(bootNs, MINUTE)],
  ['nsecs(monotonic)', near(() => Number(process.hrtime.bigint()), MINUTE)],
  ['nsecs(tai)', near(() => Date.now() * 1e6, 2 * MINUTE)],
  ['nsecs(sw_tai)', near(() => Date.now() * 1e6, 2 * MINUTE)],
  ['elapsed', below(MINUTE)],
  ['jiffies', near(jiffies, 60_000)],
  ['has_cpid', is(false)],
  ['cpid', is(0)],
  ['config.max_map_keys', is(4096)],
  ['cpu', below(liveFacts().possibleCpus)],
  ['ncpus', is(liveFacts().possibleCpus)],
  ['numaid', below(64)],
  ['rand', below(2 ** 32)],
  ['cgroup > 0', is(true)],
  ['curtask.pid', is(process.pid)],
  ['curtask.comm', is(comm)],
  ['probe', text('begin')],
  ['probetype', is('special')],
  ['kstack', (value) => expect(value).toMatchObject({ kind: 'stack', isUser: false })],
  ['kstack(perf, 2)', (value) => expect((value as { frames: readonly unknown[] }).frames).toHaveLength(2)],
  ['ustack(3)', (value) => expect(value).toMatchObject({ kind: 'stack', isUser: true, pid: process.pid })],
  ['strftime("%Y", nsecs)', text(String(new Date().getFullYear()))],
  ['ksym(kaddr("vfs_read"))', (value) => expect(value).toMatchObject({ text: 'vfs_read' })],
  ['ntop(0x0100007f)', text('127.0.0.1')],
  ['ntop(pton("10.1.2.3"))', text('10.1.2.3')],
  ['ntop(pton("fe80::1"))', text('fe80::1')],
  ['macaddr((uint8[8])0x0807060504030201)', text('01:02:03:04:05:06')],
  ['buf("abc", 2)', is(new Uint8Array([97, 98]))],
  ['len(kstack) > 0', is(true)],
  ['len(ustack) > 0', is(true)],
  ['str(curtask.comm)', is(comm)],
  ['strcap("abc")', is(4)],
];

test.each(ROWS)('%s', async (expression, check) => {
  const { maps, problems } = await runScript(`begin { @x = ${expression} }`);
  expect(problems).toEqual([]);
  check(maps['@x']);
});

test('stacks of this process start in the system call that runs the probe', async () => {
  const { maps } = await runScript('begin { @u[ustack] = count(); @k[kstack] = count(); }');
  expect(JSON.stringify(maps['@u'], (_, value) => (typeof value === 'bigint' ? `${value}` : value))).toMatch(
    /syscall|bpf/,
  );
  expect(JSON.stringify(maps['@k'], (_, value) => (typeof value === 'bigint' ? `${value}` : value))).toMatch(
    /test_run/,
  );
});

test('a full map, a zero divisor and an index out of bounds are reported where they happen', async () => {
  const { events, maps } = await runScript(
    'let @m = hash(2); begin { @m[1] = 1; @m[2] = 1; @m[3] = 1; $z = 0; @x = 1 / $z; $b = (int8[4])(int32)5; $i = (uint64)7; @y = $b[$i]; }',
  );
  expect(
    events.map(({ action, args }) => [
      action.kind,
      action.span.source.text.slice(action.span.start, action.span.end),
      args,
    ]),
  ).toEqual([
    ['helperError', '@m[3] = 1', [-7]],
    ['runtimeError', expect.stringContaining('1 / $z'), []],
    ['runtimeError', expect.stringContaining('$b[$i]'), []],
  ]);
  expect([maps['@x'], maps['@y']]).toEqual([1, 0]);
});

/** What kernel reads of user addresses give (copy_from_kernel_nofault, mm/maccess.c). */
const ERANGE = -34;

test('-k reports failed reads and lookups', async () => {
  const { events } = await runScript('begin { @m[1] = 1; @x = @m[2]; @y = *(uint64 *)8; @s = str(kptr(8)); }', {
    runtimeWarnings: true,
  });
  expect(events.map(({ action, args }) => ('helper' in action ? [action.helper, args] : []))).toEqual([
    ['map_lookup_elem', [0]],
    ['probe_read_kernel', [ERANGE]],
    ['probe_read_kernel_str', [ERANGE]],
  ]);
});

// Names are read from the task by words: each length, and bytes beyond ASCII, must come out as the kernel has them.
test.each(['a', 'seven_c', 'eight_ch', 'nine_char', 'fourteen_chars', 'fifteen_charact', 'übermäßig', '\x01\x7f\x80'])(
  'comm %j, alone, in a key and compared',
  async (name) => {
    const bytes = Buffer.from(name);
    try {
      writeFileSync('/proc/self/comm', bytes);
      const read = readFileSync('/proc/self/comm').subarray(0, -1);
      const { maps } = await runScript(
        'begin { @x = comm; @y[1, comm] = strlen(comm); @z = comm == str(curtask.comm); }',
      );
      expect(maps['@x']).toBe(decodeBytes(read));
      expect(maps['@y']).toEqual([[[1, decodeBytes(read)], read.length]]);
      expect(maps['@z']).toBe(true);
    } finally {
      writeFileSync('/proc/self/comm', comm);
    }
  },
);

// A struct of the script stands for its own offsets, which the verifier does not know of.
test('curtask as a struct that the script declares', async () => {
  const { maps } = await runScript(
    'struct task_struct { int first; long second; } begin { @x = curtask->second; @y = 1; }',
  );
  expect(maps['@y']).toBe(1);
  expect(typeof maps['@x']).toMatch(/number|bigint/);
});
