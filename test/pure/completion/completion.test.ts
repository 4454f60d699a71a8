import { expect, test } from 'vitest';
import { complete } from '../../../src/completion/completion.ts';
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
  ['kprobe:vfs_read { } int|', 'interval:'],
  ['tracepoint:sys|', 'syscalls:'],
  ['tracepoint:syscalls:sys_enter_open|', 'sys_enter_openat'],
  ['t:syscalls:sys_enter_open|', 'sys_enter_openat'],
  ['software:page|', 'page-faults'],
  ['profile:h|', 'hz:'],
  ['interval:|', 's:', 'ms:'],
  ['tracepoint:syscalls:sys_enter_openat { args.fi|', 'filename'],
  ['tracepoint:syscalls:sys_enter_openat { print(str(args->fi|', 'filename'],
  ['tracepoint:syscalls:sys_enter_openat /args.|', 'filename', 'flags'],
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
