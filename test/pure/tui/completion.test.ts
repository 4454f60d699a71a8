import { describe, expect, test } from 'vitest';
import type { TracepointFormat } from '../../../src/kernel/facts.ts';
import { type CompletionFacts, completeScript } from '../../../tui/sources/script-completion.ts';

const FIELDS = ['dfd', 'filename', 'flags'];

const facts = {
  tracepoints: {
    categories: () => ['block', 'sched', 'syscalls'],
    events: (category: string) =>
      category === 'syscalls' ? ['sys_enter_open', 'sys_enter_openat', 'sys_exit_openat'] : [],
    format: () => ({ fields: FIELDS.map((name) => ({ name, declaration: 'int' })) }) as unknown as TracepointFormat,
  },
  types: { rawTracepointNames: () => ['sched_switch'] },
  functions: { list: () => [{ name: 'vfs_read', module: 'vmlinux' }] },
} as unknown as CompletionFacts;

/** `|` marks the cursor. */
function texts(marked: string): readonly string[] {
  const cursor = marked.indexOf('|');
  const text = marked.replace('|', '');
  return completeScript(text, cursor, facts).map((item) => text.slice(0, item.start) + item.text);
}

describe('completion', () => {
  test.each([
    ['trac|', 'tracepoint:'],
    ['t:sysc|', 't:syscalls:'],
    ['tracepoint:syscalls:enter_openat|', 'tracepoint:syscalls:sys_enter_openat'],
    ['t:a:b, t:syscalls:sys_exit|', 't:a:b, t:syscalls:sys_exit_openat'],
    ['kprobe:vfs|', 'kprobe:vfs_read'],
    ['rt:sw|', 'rt:sched_switch'],
    ['software:maj|', 'software:major-faults:1'],
    ['t:syscalls:sys_enter_openat { @[co|', 't:syscalls:sys_enter_openat { @[comm'],
    ['t:syscalls:sys_enter_openat { @[comm] = cou|', 't:syscalls:sys_enter_openat { @[comm] = count('],
    ['t:syscalls:sys_enter_openat { @[str(args.fil|', 't:syscalls:sys_enter_openat { @[str(args.filename'],
    ['t:syscalls:sys_enter_openat { @[args->|', 't:syscalls:sys_enter_openat { @[args->dfd'],
    ['t:syscalls:sys_enter_* /args.fla|', 't:syscalls:sys_enter_* /args.flags'],
    ['t:a:b { @bytes = 1; } t:c:d { @by|', 't:a:b { @bytes = 1; } t:c:d { @bytes'],
    ['t:a:b { $long = 1; print($l|', 't:a:b { $long = 1; print($long'],
    ['t:a:b { } prof|', 't:a:b { } profile:hz:'],
  ])('%s', (marked, first) => {
    expect(texts(marked)[0]).toBe(first);
  });

  test('nothing where nothing fits', () => {
    expect(texts('t:a:b { @[pid] = |')).toEqual([]);
    expect(texts('t:nosuch:|')).toEqual([]);
  });
});
