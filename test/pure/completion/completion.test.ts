import { expect, test } from 'vitest';
import { complete } from '../../../src/completion/completion.ts';
import type { BinaryFacts } from '../../../src/kernel/facts.ts';
import { NO_BINARIES } from '../../../src/kernel/recorded.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

const facts = recordedFacts();

/** The cursor is where `|` stands. */
function at(text: string) {
  const cursor = text.indexOf('|');
  return complete(text.replace('|', ''), cursor, facts);
}

const offered: readonly [text: string, ...expected: string[]][] = [
  ['|', 'tracepoint:', 'kprobe:', 'begin'],
  ['tra|', 'tracepoint:'],
  ['kprobe:vfs_read { } int|', 'interval:s:'],
  ['t:a:b { } prof|', 'profile:hz:'],
  ['profile:hz:|', '99'],
  ['interval:s:|', '1'],
  ['tracepoint:sys|', 'syscalls:'],
  ['tracepoint:syscalls:sys_enter_open|', 'sys_enter_openat'],
  ['t:syscalls:sys_enter_open|', 'sys_enter_openat'],
  ['software:page|', 'page-faults:100'],
  ['software:maj|', 'major-faults:1'],
  ['software:cpu-clock:|', '1000000'],
  ['hardware:cyc|', 'cycles:1000000'],
  ['profile:h|', 'hz:'],
  ['interval:|', 's:', 'ms:'],
  ['tracepoint:syscalls:sys_enter_openat { args.fi|', 'filename'],
  ['tracepoint:syscalls:sys_enter_openat { print(str(args->fi|', 'filename'],
  ['tracepoint:syscalls:sys_enter_openat /args.|', 'filename', 'flags'],
  ['t:syscalls:sys_enter_* /args.fla|', 'flags'],
  ['t:syscalls:sys_enter_openat, t:syscalls:sys_exit_opena|', 'sys_exit_openat'],
  ['tracepoint:syscalls:enter_openat|', 'sys_enter_openat'],
  ['kprobe:vfs_rea|', 'vfs_read', 'vfs_readlink'],
  ['kprobe:vmlinux:vfs_rea|', 'vfs_read'],
  ['rt:sched_sw|', 'sched_switch'],
  ['iter:ta|', 'task', 'task_file'],
  ['fentry:vfs_read { args.file->f_mo|', 'f_mode'],
  ['fentry:vfs_read { $f = args.file; $f->f_mo|', 'f_mode'],
  ['fexit:vfs_open { args.|', 'path', 'file'],
  ['iter:task { ctx->ta|', 'task'],
  ['iter:task { ctx->task->com|', 'comm'],
  ['kprobe:vfs_read { ctx->d|', 'di'],
  ['profile:hz:99 { ctx->sam|', 'sample_period'],
  ['rawtracepoint:sched_switch { args.prev->com|', 'comm'],
  ['t:syscalls:sys_enter_openat { @[comm] = cou|', 'count('],
  ['t:syscalls:sys_enter_openat { @[args->|', 'filename'],
  ['begin { ((struct task_struct *)curtask)->pi|', 'pid'],
  ['begin { curtask->mm->own|', 'owner'],
  ['begin { com|', 'comm'],
  ['begin { print|', 'printf(', 'print('],
  ['begin { nsecs(bo|', 'boot'],
  ['begin { $long = 1; $l|', '$long'],
  ['begin { @counts = count(); @c|', '@counts'],
  ['begin { @|; @later = hist(1); }', '@later'],
  ['config = { max_map|', 'max_map_keys'],
  ['let @m = lru|', 'lruhash('],
  ['begin { curtask.pi|', 'pid'],
  ['begin { $t = (struct task_struct *)1; $t->com|', 'comm'],
  ['begin { ((struct task_struct *)1)->com|', 'comm'],
  ['macro twice(x) { x + x } begin { twi|', 'twice('],
];

test.each(offered)('%s', (text, ...expected) => {
  expect(at(text).map((candidate) => candidate.text)).toEqual(expect.arrayContaining(expected));
});

const silent: readonly string[] = [
  'begin { print("com|',
  'begin { // com|',
  'begin { /* com|',
  'begin { 12|',
  'tracepoint:no_such_category:|',
  'no_such_provider:|',
  't:a:b { @[pid] = |',
  'begin { |',
  'kprobe:vfs_read |',
  'kprobe:vfs_read /pid == 1/ |',
  'kprobe:v|',
  'begin { pid |',
  'begin:|',
  'uprobe:no/such/fi|',
  'uprobe:no_such_file:m|',
  'begin { $unknown->|',
  'kprobe:vfs_read { args.|',
];

test.each(silent)('nothing fits: %s', (text) => {
  expect(at(text)).toEqual([]);
});

test('a candidate says where it goes, what type it is, and what it is', () => {
  expect(at('begin { $x = elap|')[0]).toEqual({
    text: 'elapsed',
    start: 13,
    kind: 'builtin',
    type: 'elapsed: uint64',
    detail: 'nanoseconds since tracing began',
  });
});

test('the system call number is the last of the fields', () => {
  expect(at('tracepoint:syscalls:sys_enter_openat { args.|').map((candidate) => candidate.text)).toEqual([
    'dfd',
    'filename',
    'flags',
    'mode',
    '__syscall_nr',
  ]);
});

test('an event says what its arguments are', () => {
  expect(at('tracepoint:syscalls:sys_enter_openat|')[0]?.type).toBe('dfd, filename, how, usize');
});

const binaries: BinaryFacts = {
  ...NO_BINARIES,
  targets: (prefix) => ['/usr/bin/', '/usr/bash'].filter((path) => path.startsWith(prefix)),
  resolve: (target) => (target === '/usr/bash' ? [target] : []),
  symbols: () =>
    ['readline', 'readlink', 'rl_data'].map((name) => ({
      name,
      address: 0n,
      size: 0,
      fileOffset: 0n,
      isFunction: name !== 'rl_data',
    })),
  usdt: () => [{ provider: 'bash', name: 'prompt', address: 0n, fileOffset: 0n, semaphoreOffset: 0n, args: [] }],
};

test.each<[text: string, ...expected: string[]]>([
  ['uprobe:/usr/b|', '/usr/bin/', '/usr/bash:'],
  ['u:/usr/bash:readl|', 'readline', 'readlink'],
  ['uretprobe:/usr/bash:r|', 'readline', 'readlink'],
  ['usdt:/usr/bash:|', 'bash:prompt'],
  ['usdt:/usr/bash:bash:|', 'prompt'],
  ['u:/usr/bash:rl_da|'],
])('in a file: %s', (text, ...expected) => {
  const cursor = text.indexOf('|');
  const found = complete(text.replace('|', ''), cursor, { ...facts, binaries });
  expect(found.map((candidate) => candidate.text)).toEqual(expected);
});

test('the type of a map is what is assigned to it', () => {
  expect(at('begin { @h[pid] = hist(1); @|').find((candidate) => candidate.text === '@h')?.type).toBe('hist()');
});

test('what begins with the text comes before what contains it', () => {
  const texts = at('begin { sta|').map((candidate) => candidate.text);
  expect(texts.indexOf('stats(')).toBeLessThan(texts.indexOf('ustack'));
});

test('broken text is no obstacle', () => {
  for (const text of [
    'kprobe:f /|',
    'kprobe:f /pid ==|',
    'begin { if (|',
    "begin { ' |",
    'begin { @x[|',
    '{|',
    '}|',
    '"|',
    '$|',
  ])
    expect(Array.isArray(at(text))).toBe(true);
});

test.each([
  ['t|', 'tracepoint:'],
  ['k|', 'kprobe:'],
  ['u|', 'uprobe:'],
  ['te|', 'test:'],
])('%s means %s first', (text, first) => expect(at(text)[0]?.text).toBe(first));
