import { describe, expect, test } from 'vitest';
import type { BinaryFacts, BtfFunction, FunctionFacts } from '../../../src/kernel/facts.ts';
import { TextFunctionFacts } from '../../../src/kernel/functions.ts';
import { NO_BINARIES } from '../../../src/kernel/recorded.ts';
import { listingText, listProbes } from '../../../src/listing/listing.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

const binaries: BinaryFacts = {
  ...NO_BINARIES,
  resolve: (target, pid) => (target === 'bin' || (target === '' && pid === 7) ? ['/bin/bin'] : []),
  symbols: () =>
    ['main', 'work', 'work', 'data'].map((name) => ({
      name,
      address: 0n,
      size: 0,
      fileOffset: 0n,
      isFunction: name !== 'data',
    })),
  usdt: () =>
    ['start', 'stop', 'start'].map((name) => ({
      provider: 'app',
      name,
      fileOffset: 0n,
      semaphoreOffset: 0n,
      args: [],
    })),
};
const program = (id: number, name: string): BtfFunction => ({
  type: {
    kind: 'function',
    name,
    parameters: [{ name: 'ctx', type: { kind: 'pointer', isUser: false, target: { kind: 'void' } } }],
    returns: { kind: 'integer', name: 'int', size: 4, isSigned: true, encoding: 'integer' },
    isVariadic: false,
  },
  btfId: 1,
  module: `bpf:${id}`,
});
const facts = recordedFacts({ binaries, bpfPrograms: () => [program(7, 'filter'), program(9, 'count')] });

const lists: readonly [pattern: string, lines: readonly string[]][] = [
  [
    'tracepoint:sched:sched_wak*',
    ['sched_wake_idle_without_ipi', 'sched_wakeup', 'sched_wakeup_new', 'sched_waking'].map(
      (event) => `tracepoint:sched:${event}`,
    ),
  ],
  ['t:sched:sched_switch', ['tracepoint:sched:sched_switch']],
  ['T:sched:sched_switch', ['tracepoint:sched:sched_switch']],
  ['t:*:sched_switch', ['tracepoint:sched:sched_switch']],
  ['t:sched_switch', ['tracepoint:sched:sched_switch']],
  ['t:raw_sys*:*', ['tracepoint:raw_syscalls:sys_enter', 'tracepoint:raw_syscalls:sys_exit']],
  ['t:raw_syscalls:', ['tracepoint:raw_syscalls:sys_enter', 'tracepoint:raw_syscalls:sys_exit']],
  ['t:sched:sched_[mp]*_numa', ['tracepoint:sched:sched_move_numa']],
  ['rt:sched_switch', ['rawtracepoint:vmlinux:sched_switch']],
  ['rawtracepoint:vmlinux:sched_switch', ['rawtracepoint:vmlinux:sched_switch']],
  ['k:vfs_read', ['kprobe:vfs_read']],
  ['kprobe:vmlinux:vfs_read', ['kprobe:vfs_read']],
  ['kprobe:nosuch:vfs_read', []],
  ['kretprobe:vfs_read', ['kretprobe:vfs_read']],
  ['kfunc:vfs_read', ['fentry:vmlinux:vfs_read']],
  ['kretfunc:vfs_read', ['fexit:vmlinux:vfs_read']],
  ['fentry:bpf:*', ['fentry:bpf:7:filter', 'fentry:bpf:9:count']],
  ['fexit:bpf:9:*', ['fexit:bpf:9:count']],
  ['fentry:bpf:f*', ['fentry:bpf:7:filter']],
  ['it:task', ['iter:task']],
  ['s:faults', ['software:faults:']],
  ['software:faults:', ['software:faults:']],
  ['h:*cycles', ['bus-cycles', 'cpu-cycles', 'cycles', 'ref-cycles'].map((event) => `hardware:${event}:`)],
  ['interval', ['interval:hz:', 'interval:ms:', 'interval:s:', 'interval:us:']],
  ['profile:*', ['profile:hz:', 'profile:ms:', 'profile:s:', 'profile:us:']],
  ['self:*', ['self:signal:SIGUSR1']],
  ['begin', ['begin']],
  ['END', ['end']],
  ['vfs_read', ['fentry:vmlinux:vfs_read', 'kprobe:vfs_read']],
  ['*raw_syscalls*', ['tracepoint:raw_syscalls:sys_enter', 'tracepoint:raw_syscalls:sys_exit']],
  ['it:task,self:*', ['iter:task', 'self:signal:SIGUSR1']],
  ['u:bin', ['uprobe:/bin/bin:main', 'uprobe:/bin/bin:work']],
  ['u:bin:w*', ['uprobe:/bin/bin:work']],
  ['uretprobe:bin:main', ['uretprobe:/bin/bin:main']],
  ['usdt:bin', ['usdt:/bin/bin:app:start', 'usdt:/bin/bin:app:stop']],
  ['U:bin:app:stop', ['usdt:/bin/bin:app:stop']],
  ['usdt:bin:other:*', []],
  ['usdt:bin:stop', ['usdt:/bin/bin:app:stop']],
  ['usdt:gone:*', []],
  ['nosuch:*', []],
  ['t:sched:[z-a]', []],
  ['', []],
  ['struct list_head', ['struct list_head']],
  ['struct list_h*', ['struct list_head']],
  ['enum pid_type', ['enum pid_type']],
  ['struct nosuch', []],
];

describe('functions of modules', () => {
  const functions = new TextFunctionFacts(
    {
      available: () => 'vfs_read\nvfs_write [vfs]\nvfs_read [vfs]\nvfsx\nvfs\nsched\nvfs_read\nzlib [a1]\nabc [a]\n',
      kallsyms: () => undefined,
    },
    facts.types,
  );

  test('stand together, where they are in the order of texts', () =>
    expect(listProbes('kprobe:*', { ...facts, functions })).toEqual(
      ['a1:zlib', 'a:abc', 'sched', 'vfs', 'vfs:vfs_read', 'vfs:vfs_write', 'vfs_read', 'vfsx'].map(
        (name) => `kprobe:${name}`,
      ),
    ));

  test.each(['kprobe:*', 'fentry:*', '*vfs*', 'k:vfs:*,t:sched:*', 'k:nothing'])(
    '%s: a text of the same lines',
    (pattern) =>
      expect(listingText(pattern, { ...facts, functions })).toBe(
        listProbes(pattern, { ...facts, functions })
          .map((line) => `${line}\n`)
          .join(''),
      ),
  );

  test('are the same for facts that only have a list', () => {
    const plain = { ...functions, list: () => functions.list() } as FunctionFacts;
    expect(listProbes('kprobe:*', { ...facts, functions: plain })).toEqual(
      listProbes('kprobe:*', { ...facts, functions }),
    );
  });
});

test.each(lists)('-l %j', (pattern, lines) => expect(listProbes(pattern, facts)).toEqual(lines));

test('-l -p', () =>
  expect(listProbes('usdt:*', facts, { pid: 7 })).toEqual(['usdt:/bin/bin:app:start', 'usdt:/bin/bin:app:stop']));

describe('-l', () => {
  const all = listProbes(undefined, facts);

  test('has every provider in order, each sorted', () => {
    const providers = [...new Set(all.map((line) => line.split(':')[0]))];
    expect(providers).toEqual(
      'fentry hardware interval iter kprobe profile rawtracepoint self software tracepoint'.split(' '),
    );
    for (const provider of providers) {
      const own = all.filter((line) => line.startsWith(`${provider}:`));
      expect(own).toEqual([...own].sort());
      expect(new Set(own).size).toBe(own.length);
    }
  });

  test('is what the wildcard provider gives', () => expect(listProbes('*:*', facts)).toEqual(all));
});

const verbose: readonly [pattern: string, text: string][] = [
  [
    't:syscalls:sys_enter_openat',
    `tracepoint:syscalls:sys_enter_openat
    int __syscall_nr
    int dfd
    const char * filename
    int flags
    umode_t mode`,
  ],
  [
    'f:vfs_read',
    `fentry:vmlinux:vfs_read
    struct file * file
    char * buf
    size_t count
    loff_t * pos`,
  ],
  [
    'fexit:tcp_sendmsg',
    `fexit:vmlinux:tcp_sendmsg
    struct sock * sk
    struct msghdr * msg
    size_t size
    int retval`,
  ],
  [
    'rt:sched_switch',
    `rawtracepoint:vmlinux:sched_switch
    bool preempt
    struct task_struct * prev
    struct task_struct * next
    unsigned int prev_state`,
  ],
  ['k:vfs_read', 'kprobe:vfs_read'],
  [
    'it:task_file',
    `iter:task_file
    struct task_struct * task
    u32 fd
    struct file * file`,
  ],
  ['s:faults', 'software:faults:'],
  ['struct timespec64', 'vmlinux: struct timespec64 {\n\ttime64_t tv_sec;\n\tlong int tv_nsec;\n};\n'],
  [
    'enum pid_type',
    'vmlinux: enum pid_type {\n\tPIDTYPE_PID = 0,\n\tPIDTYPE_TGID = 1,\n\tPIDTYPE_PGID = 2,\n\tPIDTYPE_SID = 3,\n\tPIDTYPE_MAX = 4,\n};\n',
  ],
];

test.each(verbose)('-lv %j', (pattern, text) =>
  expect(listProbes(pattern, facts, { isVerbose: true }).join('\n')).toBe(text),
);
