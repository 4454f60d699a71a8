/**
 * Probes of kernel functions, which need a kernel with kprobes and trampolines: each against a workload whose count is
 * known. Runs in the virtual machine (test/vm/kernel-in-vm.test.ts).
 */

import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { describe, expect, test } from 'vitest';
import { compileScript } from '../../../src/run/compile-script.ts';
import { DEFAULT_OPTIONS } from '../../../src/semantics/compile-options.ts';
import { liveFacts } from '../../support/run-script.ts';
import { traceText, traceWorkload } from '../../support/traced-run.ts';
import { compileWorkload } from '../../support/workload.ts';

const PROBED = compileWorkload('probed');
/** A file of the root, which the guest sees through an overlay: its functions are those of a module. */
const FILE = '/etc/hostname';
const isTraceable = (name: string) => liveFacts().functions.isTraceable(name) === 'yes';

interface Row {
  readonly name: string;
  readonly mode: readonly string[];
  readonly script: (pid: number) => string;
  /** All that is printed, or what it must contain. */
  readonly expected: string | RegExp;
}

const READS = ['reads', '1000'];
const OPENS = ['opens', '50', FILE];

const ROWS: readonly Row[] = [
  {
    name: 'kprobe',
    mode: READS,
    script: (pid) => `kprobe:vfs_read /pid == ${pid}/ { @ = count(); }`,
    expected: '@: 1000\n',
  },
  {
    name: 'kprobe arguments, registers, function and probe name',
    mode: READS,
    script: (pid) => `k:vfs_read /pid == ${pid}/ { @[arg2, reg("dx"), func, probe] = count(); }`,
    expected: '@[1, 1, vfs_read, kprobe:vfs_read]: 1000\n',
  },
  {
    name: 'kprobe argument cast to a struct, read through four levels',
    mode: READS,
    script: (pid) =>
      `kprobe:vfs_read /pid == ${pid}/ { @[str(((struct file *)arg0)->f_path.dentry->d_name.name)] = count(); }`,
    expected: '@[zero]: 1000\n',
  },
  {
    // The run queue of the CPU at hand says who runs; there is no CPU 4095.
    name: 'a per-CPU variable of the kernel',
    mode: READS,
    script: (pid) =>
      `kprobe:vfs_read /pid == ${pid}/ {
        $here = (struct rq *)percpu_kaddr("runqueues");
        @[$here->curr->pid == tid, (uint64)$here == percpu_kaddr("runqueues", cpu), percpu_kaddr("runqueues", 4095)] = count();
      }`,
    expected: '@[true, true, 0]: 1000\n',
  },
  {
    name: 'kprobe stack',
    mode: READS,
    script: (pid) => `kprobe:vfs_read /pid == ${pid}/ { @[kstack(3)] = count(); }`,
    expected: /^@\[\n {8}vfs_read\+\d+\n {8}.*\n {8}.*\n\]: 1000$/,
  },
  {
    name: 'kretprobe and its result',
    mode: READS,
    script: (pid) => `kretprobe:vfs_read /pid == ${pid}/ { @[retval, func] = count(); }`,
    expected: '@[1, vfs_read]: 1000\n',
  },
  {
    name: 'kprobe of a module function',
    mode: OPENS,
    script: (pid) => `kprobe:overlay:ovl_open /pid == ${pid}/ { @[probe] = count(); }`,
    expected: '@[kprobe:overlay:ovl_open]: 50\n',
  },
  {
    name: 'kretprobe of a module function without its module',
    mode: OPENS,
    script: (pid) => `kretprobe:ovl_open /pid == ${pid}/ { @[retval] = count(); }`,
    expected: '@[0]: 50\n',
  },
  {
    name: 'several kprobes of one probe',
    mode: READS,
    script: (pid) => `kprobe:vfs_read,kprobe:ksys_read /pid == ${pid}/ { @[probe] = count(); }`,
    expected: /^@\[kprobe:(ksys|vfs)_read\]: 1000\n@\[kprobe:(ksys|vfs)_read\]: 1000$/,
  },
  {
    name: 'kprobe wildcard',
    mode: READS,
    script: (pid) => `kprobe:vfs_rea* /pid == ${pid}/ { @[probe, func] = count(); }`,
    expected: '@[kprobe:vfs_read, vfs_read]: 1000\n',
  },
  {
    name: 'kretprobe wildcard',
    mode: READS,
    script: (pid) => `kretprobe:vfs_rea* /pid == ${pid}/ { @[probe, retval] = count(); }`,
    expected: '@[kretprobe:vfs_read, 1]: 1000\n',
  },
  {
    name: 'kprobe and kretprobe of the same functions',
    mode: READS,
    script: (pid) => `kprobe:vfs_rea*,kprobe:ksys_rea* /pid == ${pid}/ { @in[probe, func, arg2] = count(); }
      kretprobe:vfs_rea*,kretprobe:ksys_rea* /pid == ${pid}/ { @out[probe, func, retval] = count(); }`,
    expected:
      /^@in\[kprobe:(ksys|vfs)_read, \1_read, 1\]: 1000\n@in\[kprobe:(ksys|vfs)_read, \2_read, 1\]: 1000\n\n?@out\[kretprobe:(ksys|vfs)_read, \3_read, 1\]: 1000\n@out\[kretprobe:(ksys|vfs)_read, \4_read, 1\]: 1000$/,
  },
  {
    name: 'time between the two ends of many functions, in loops and subprograms',
    mode: READS,
    script: (pid) => `fn twice($x : uint64) : uint64 { return 2 * $x; }
      kprobe:vfs_rea*,kprobe:ksys_rea* /pid == ${pid}/ { @start[tid, func] = nsecs; @twice = twice(4); }
      kretprobe:vfs_rea*,kretprobe:ksys_rea* /pid == ${pid} && @start[tid, func]/ {
        @ns[func] = hist(nsecs - @start[tid, func]); delete(@start[tid, func]);
        $func = func; for ($i : 0..3) { @loops[$func] += twice($i); } @n = count();
      }`,
    expected: /@loops\[\w+_read\]: 6000\n@loops\[\w+_read\]: 6000\n\n?@n: 2000\n[\s\S]*@twice: 8$/,
  },
  {
    name: 'kprobe wildcard in a module',
    mode: OPENS,
    script: (pid) => `kprobe:overlay:ovl_ope* /pid == ${pid}/ { @[probe] = count(); }`,
    expected: /^@\[kprobe:overlay:ovl_open\]: 50$/m,
  },
  {
    name: 'fentry with arguments by name',
    mode: READS,
    script: (pid) =>
      `fentry:vfs_read /pid == ${pid}/ { @[args.count, str(args.file->f_path.dentry->d_name.name), func] = count(); }`,
    expected: '@[1, zero, vfs_read]: 1000\n',
  },
  {
    name: 'fexit with arguments and result',
    mode: READS,
    script: (pid) => `fexit:vfs_read /pid == ${pid}/ { @[args.count, retval, probe] = count(); }`,
    expected: '@[1, 1, fexit:vmlinux:vfs_read]: 1000\n',
  },
  {
    name: 'kfunc and kretfunc, as fentry and fexit were called',
    mode: READS,
    script: (pid) =>
      `kfunc:vfs_read /pid == ${pid}/ { @in = count(); } kretfunc:vfs_read /pid == ${pid}/ { @out = sum(retval); }`,
    expected: '@in: 1000\n@out: 1000\n',
  },
  {
    name: 'fentry wildcard',
    mode: READS,
    script: (pid) => `fentry:vmlinux:vfs_rea* /pid == ${pid}/ { @[probe] = count(); }`,
    expected: '@[fentry:vmlinux:vfs_read]: 1000\n',
  },
  {
    name: 'fentry of a module function',
    mode: OPENS,
    script: (pid) =>
      `fentry:overlay:ovl_open /pid == ${pid}/ { @[str(args.file->f_path.dentry->d_name.name)] = count(); }`,
    expected: '@[hostname]: 50\n',
  },
  {
    name: 'start and end of a hundred thousand reads',
    mode: ['reads', '100000'],
    script: (pid) => `kprobe:vfs_read /pid == ${pid}/ { @start[tid] = nsecs; }
      kretprobe:vfs_read /@start[tid]/ { @ns = hist(nsecs - @start[tid]); delete(@start[tid]); @n = count(); }`,
    expected: /^@n: 100000$/m,
  },
  {
    name: 'names of opened files, by a struct of a header',
    mode: ['opens', '50'],
    script: (pid) => `#include <linux/path.h>
#include <linux/dcache.h>
      kprobe:vfs_open /pid == ${pid}/ { printf("open path: %s\\n", str(((struct path *)arg0)->dentry->d_name.name)); }`,
    expected: 'open path: zero\n'.repeat(50),
  },
  {
    name: 'names of opened files, in the words of 2018',
    mode: ['opens', '50'],
    script: (pid) => `#include <linux/path.h>
#include <linux/dcache.h>
kprobe:vfs_open
/pid == ${pid}/
{
    printf("open path: %s\\n", str(((path *)arg0)->dentry->d_name.name));
}`,
    expected: 'open path: zero\n'.repeat(50),
  },
  {
    name: 'leaked descriptors by stack',
    mode: ['leak', '7', FILE],
    script: (
      pid,
    ) => `kretprobe:${isTraceable('get_unused_fd_flags') ? 'get_unused_fd_flags' : 'alloc_fd'} /pid == ${pid}/
{
    $fd = retval;
    @alloc_stack[comm, pid, $fd] = ustack;
}
kprobe:${isTraceable('file_close_fd') ? 'file_close_fd' : 'close_fd'} /pid == ${pid}/
{
    $fd = arg0;
    delete(@alloc_stack[comm, pid, $fd]);
}`,
    // Descriptors 0 to 3 are there before.
    expected: new RegExp(
      `^${Array.from({ length: 7 }, (_, index) => `@alloc_stack\\[probed-.*, \\d+, ${index + 4}\\]: ?\\n(?: {8}.*\\n)*? {8}leaky\\+\\d+.*\\n(?: {8}.*\\n?)*\\n*`).join('')}$`,
    ),
  },
  {
    name: 'uprobe wildcard',
    mode: ['steps', '1000'],
    script: (pid) => `uprobe:${PROBED}:step_* /pid == ${pid}/ { @[probe, func] = count(); }`,
    expected: `@[uprobe:${PROBED}:step_one, step_one]: 1000\n@[uprobe:${PROBED}:step_two, step_two]: 2000\n`,
  },
  {
    name: 'uretprobe wildcard',
    mode: ['steps', '1000'],
    script: (pid) => `uretprobe:${PROBED}:step_* /pid == ${pid}/ { @[probe, func] = sum(retval); }`,
    expected: `@[uretprobe:${PROBED}:step_one, step_one]: 500500\n@[uretprobe:${PROBED}:step_two, step_two]: 1003000`,
  },
];

describe('functions', () => {
  for (const { name, mode, script, expected } of ROWS) {
    test(name, async () => {
      const { output, messages } = await traceWorkload([PROBED, ...mode], script);
      expect(messages).toMatch(/^Attached \d+ probes?\n$/);
      if (typeof expected === 'string') expect(output.trim()).toBe(expected.trim());
      else expect(output.trim()).toMatch(expected);
    });
  }

  test('-p restricts probes of kernel functions to the process', async () => {
    const script = 'kprobe:vfs_read { @[pid] = count(); } fentry:vfs_read { @f[pid] = count(); }';
    const { output } = await traceWorkload([PROBED, ...READS], () => script, { isScoped: true });
    expect(output.trim()).toMatch(/^@\[(\d+)\]: 1000\n\n?@f\[\1\]: 1000$/);
  });

  test('a pair of wildcards is one session where the kernel has them', () => {
    const script = 'kprobe:vfs_rea*,kprobe:ksys_rea* { @++; } kretprobe:vfs_rea*,kretprobe:ksys_rea* { @--; }';
    const { object } = compileScript({ name: 'stdin', text: script }, liveFacts(), DEFAULT_OPTIONS);
    const hasSessions = release().startsWith('6.12.');
    expect(liveFacts().features.has('kprobe_session')).toBe(hasSessions);
    const kinds = object?.programs.flatMap(({ attachments }) => attachments.map(({ kind }) => kind)) ?? [];
    if (hasSessions) expect(kinds).toEqual(['kprobeSession']);
    else expect(new Set(kinds)).toEqual(new Set(['perf']));
  });

  test('entry and exit of another BPF program', async () => {
    let inner = { output: '', messages: '' };
    await traceText(`kprobe:vfs_read /pid == ${process.pid}/ { @seen = count(); }`, async () => {
      const traced = liveFacts()
        .bpfPrograms?.()
        .find(({ type }) => type.name.startsWith('kprobe_'));
      const script = `fentry:bpf:kprobe_* { @in[probe] = count(); }
        fexit:${traced?.module}:kprobe_* { @out[retval] = count(); }`;
      inner = await traceText(script, () => {
        for (let read = 0; read < 10; read++) readFileSync('/proc/self/comm');
      });
    });
    expect(inner.messages).toBe('Attached 2 probes\n');
    expect(inner.output).toMatch(/^@in\[fentry:bpf:\d+:kprobe_\d+\]: \d{2,}$/m);
    expect(inner.output).toMatch(/^@out\[0\]: \d{2,}$/m);
  });

  // Past the call that ftrace patches, which IBT's landing pad precedes: the instruction starts at one of the two.
  test('offset into a function', async () => {
    const outputs: string[] = [];
    for (const offset of [5, 9]) {
      const { output, messages } = await traceWorkload(
        [PROBED, ...READS],
        (pid) => `kprobe:vfs_read+${offset} /pid == ${pid}/ { @[probe] = count(); }`,
      );
      if (output) expect(output.trim()).toBe(`@[kprobe:vfs_read+${offset}]: 1000`);
      else expect(messages).toContain(`Unable to attach probe: kprobe:vfs_read+${offset}`);
      outputs.push(output);
    }
    expect(outputs.some((output) => output !== '')).toBe(true);
  });
});

describe('refusals', () => {
  const refusals: readonly (readonly [script: string, says: readonly RegExp[]])[] = [
    [
      'kprobe:no_such_function { }',
      [/Unable to attach probe: kprobe:no_such_function/, /no such place|no such function/],
    ],
    ['kprobe:vfs_reed { }', [/vfs_read/]],
    ['kprobe:vfs_read+3 { }', [/Unable to attach probe: kprobe:vfs_read\+3/]],
    ['kprobe:vfs_read+1000000 { }', [/Unable to attach probe/]],
    ['kprobe:do_int3 { }', [/Unable to attach probe: kprobe:do_int3/]],
    ['kretprobe:vfs_read+4 { }', [/kretprobes can not be attached at function offsets/]],
    ['fentry:bpf:no_such_program { }', [/No BPF program found: no_such_program/]],
    ['fentry:no_such_function { }', [/No BTF found for function: no_such_function/]],
    ['kprobe:no_such_module:vfs_read { }', [/no_such_module/]],
    ['hardware:cache-misses:1000 { }', [/Unable to attach probe: hardware:cache-misses:1000/, /no such counter/]],
    ['kprobe:vfs_* { }', [/max_probes/]],
  ];
  for (const [script, says] of refusals) {
    test(script, async () => {
      const isMany = script.includes('*');
      const { messages } = await traceText(script, () => {}, isMany ? { env: { BPFTRACE_MAX_PROBES: '3' } } : {});
      for (const words of says) expect(messages).toMatch(words);
      expect(messages).not.toMatch(/^ {4}at /m);
      expect(messages).not.toContain('Attached');
    });
  }

  test('missing_probes = warn: what is there is attached', async () => {
    const { output, messages } = await traceWorkload(
      [PROBED, ...READS],
      (pid) => `config = { missing_probes = warn }
        kprobe:vfs_read,kprobe:no_such_function /pid == ${pid}/ { @ = count(); }`,
    );
    expect(output.trim()).toBe('@: 1000');
    expect(messages).toContain('no_such_function');
    expect(messages).toContain('Attached 1 probe');
  });

  test('missing_probes = ignore says nothing', async () => {
    const { output, messages } = await traceWorkload(
      [PROBED, ...READS],
      (pid) => `config = { missing_probes = ignore }
        kprobe:vfs_read,kprobe:no_such_function /pid == ${pid}/ { @ = count(); }`,
    );
    expect(output.trim()).toBe('@: 1000');
    expect(messages).toBe('Attached 1 probe\n');
  });
});
