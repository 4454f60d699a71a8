/** Probes of the running kernel that need no kprobes: timers, counters, tracepoints, iterators; and what is refused. */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { liveFacts } from '../support/run-script.ts';
import { traceText, traceWorkload } from '../support/traced-run.ts';
import { compileWorkload } from '../support/workload.ts';

const PROBED = compileWorkload('probed');
const READS = ['reads', '1000'];
const forever = () => new Promise<never>(() => {});

describe('timers and counters', () => {
  test.each([
    ['interval:ms:10', 'interval:ms:10 { @++; if (@ == 3) { exit(); } }'],
    ['interval:hz:100', 'interval:hz:100 { @++; if (@ == 3) { exit(); } }'],
    ['interval:20ms', 'interval:20ms { @++; if (@ == 3) { exit(); } }'],
    ['profile:us:10000', 'profile:us:10000 /cpu == 0/ { @++; if (@ == 3) { exit(); } }'],
  ])('%s', async (_, script) => {
    const { output } = await traceText(script, forever);
    expect(Number(/^@: (\d+)$/m.exec(output)?.[1])).toBeGreaterThanOrEqual(3);
  });

  test('profile samples the process that runs', async () => {
    const busy = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
    try {
      const script = `profile:hz:199 /pid == ${busy.pid}/ { @++; if (@ == 10) { exit(); } }`;
      expect((await traceText(script, forever)).output).toMatch(/^@: \d{2,}$/m);
      const scoped = 'profile:hz:199 { @[pid]++; if (@[pid] == 10) { exit(); } }';
      const { output } = await traceText(scoped, forever, { pid: busy.pid ?? 0 });
      expect(output.trim()).toMatch(new RegExp(`^@\\[${busy.pid}\\]: \\d+$`));
    } finally {
      busy.kill('SIGKILL');
    }
  });

  test('software events, each of them', async () => {
    const { output } = await traceWorkload(
      [PROBED, 'opens', '2000', '/etc/hostname'],
      (
        pid,
      ) => `software:page-faults:1 /pid == ${pid}/ { @faults++; } software:cpu-clock:100000 /pid == ${pid}/ { @clock++; }
        s:cs:1 { @switches++; }`,
    );
    expect(output).toMatch(/^@clock: \d+$/m);
    expect(output).toMatch(/^@switches: \d+$/m);
  });

  test.runIf(!liveFacts().features.has('perf_hardware'))('hardware events without counters are refused', async () => {
    const { messages } = await traceText('hardware:cache-misses:1000000 { }', () => {});
    expect(messages).toContain('Unable to attach probe: hardware:cache-misses:1000000');
    expect(messages).toContain('this machine has no such counter; virtual machines often have none');
  });
});

describe('tracepoints', () => {
  test.each([
    ['tracepoint with fields', 'tracepoint:syscalls:sys_enter_read /args.fd == 3/', '@[args.count]', '@[1]: 1000'],
    // The read of the line that starts the program ends after attaching.
    [
      'by its alias and by pattern',
      't:syscalls:sys_exit_rea[d] /args.ret == 1/',
      '@[args.ret, probe]',
      '@[1, tracepoint:syscalls:sys_exit_read]: 1001',
    ],
    [
      'raw tracepoint',
      'rawtracepoint:sys_enter /args.id == 0 && args.regs->di == 3/',
      '@[args.regs->dx]',
      '@[1]: 1000',
    ],
    [
      'raw tracepoint, by number',
      'rt:sys_enter /arg1 == 0 && ((struct pt_regs *)arg0)->di == 3/',
      '@[arg1]',
      '@[0]: 1000',
    ],
    ['raw tracepoint in vmlinux', 'rawtracepoint:vmlinux:sys_exit /args.ret == 1/', '@[args.ret]', '@[1]: 1001'],
  ])('%s', async (_, probe, map, expected) => {
    const { output, messages } = await traceWorkload(
      [PROBED, ...READS],
      (pid) => `${probe.replace('/', `/pid == ${pid} && `)} { ${map} = count(); }`,
    );
    expect(messages).toMatch(/^Attached \d+ probes?\n$/);
    expect(output.trim()).toBe(expected);
  });

  test('-p restricts tracepoints to the process', async () => {
    const script =
      'tracepoint:syscalls:sys_enter_read { @t[pid] = count(); } rawtracepoint:sys_enter { @r[pid] = count(); }';
    const { output } = await traceWorkload([PROBED, ...READS], () => script, { isScoped: true });
    expect(output.trim()).toMatch(/^@r\[(\d+)\]: \d+\n\n?@t\[\1\]: 1000$/);
  });
});

describe('iterators', () => {
  test.each([
    ['iter:task', `iter:task /ctx.task->pid == ${process.pid}/ { printf("%s\\n", ctx.task->comm); }`, /^\S+\n/],
    ['iter:task_file', `iter:task_file /ctx.task->tgid == ${process.pid}/ { @[ctx.fd] = count(); }`, /^@\[[012]\]: /m],
    ['iter:task_vma', `iter:task_vma /ctx.task->pid == ${process.pid}/ { @ = count(); }`, /^@: \d{2,}$/m],
    ['iter:bpf_map', 'iter:bpf_map { @[ctx.map->name] = count(); }', /^@\[.*\]: \d+$/m],
  ])('%s', async (_, script, expected) => {
    const { output, messages } = await traceText(script, forever);
    expect(messages).toBe('Attached 1 probe\n');
    expect(output.trimStart()).toMatch(expected);
  });
});

test('begin and end probes run in the order of the script, around everything else', async () => {
  const { output } = await traceText(
    'end { printf("5"); } BEGIN { printf("1"); } begin { printf("2"); } interval:ms:1 /!@/ { @ = 1; printf("3"); exit(); } END { printf("6\\n"); clear(@); }',
    forever,
  );
  expect(output.trim()).toBe('12356');
});

describe('refusals say what is wrong and what to do', () => {
  test.each<[script: string, says: readonly RegExp[], skips?: boolean]>([
    ['tracepoint:sched:sched_swich { }', [/sched_swich/, /did you mean.*sched_switch/i]],
    ['tracepoint:shed:sched_switch { }', [/did you mean.*sched/i]],
    ['tracepoint:sched:nothing_* { }', [/nothing_\*/]],
    ['rawtracepoint:sched_swich { }', [/did you mean.*sched_switch/i]],
    ['kprob:vfs_read { }', [/Invalid probe type: kprob/, /kprobe/]],
    ['iter:tas { }', [/did you mean.*task/i]],
    ['software:page-fault:1 { }', [/did you mean.*page-faults/i]],
    ['hardware:cache-miss { }', [/did you mean.*cache-misses/i]],
    ['profile:hz:0 { }', [/hz:0|greater|0/]],
    ['interval:min:1 { }', [/min is not an accepted unit/, /units are hz, s, ms, us/]],
    ['watchpoint:0x1000:3:w { }', [/length/]],
    ['watchpoint:0x1001:8:w { }', [/multiple of the length/]],
    ['watchpoint:0x1000:8:q { }', [/mode/i]],
    ['watchpoint:0x1000:8:r { }', [/mode|rw/i]],
    ['uprobe:/no/such/file:main { }', [/\/no\/such\/file/, /does not exist/]],
    [`uprobe:${PROBED}:step_on { }`, [/did you mean.*step_one/i]],
    [`uprobe:${PROBED}:step_one+100000 { }`, [/Unable to attach|outside|offset|end of/i]],
    [`usdt:${PROBED}:nothing { }`, [/No probes found for usdt/, /no static markers/]],
    ['uprobe:/etc/hostname:main { }', [/\/etc\/hostname/, /no ELF file/]],
    ['tracepoint:syscalls:sys_enter_* { }', [/3 |max_probes/]],
    ['self:signal:SIGHUP { }', [/SIGUSR1/]],
    ['fentry:bpf:no_such_program { }', [/No BPF program found: no_such_program/]],
    ['fentry:bpf:1:no_such_program { }', [/No BPF program found: 1:no_such_program/]],
    ['fentry:no_such_function { }', [/No BTF found for function: no_such_function/]],
    [
      'kprobe:vfs_read { }',
      [/Unable to attach probe: kprobe:vfs_read/, /no kprobes/, /CONFIG_KPROBES: use a tracepoint/],
      liveFacts().features.has('kprobe'),
    ],
    ['fentry:vfs_read { }', [/fentry/], liveFacts().features.has('fentry')],
  ])('%s', async (script, says, skips) => {
    if (skips) return;
    const { messages } = await traceText(script, () => {}, { env: { BPFTRACE_MAX_PROBES: '100' } });
    for (const words of says) expect(messages).toMatch(words);
    expect(messages).toMatch(/ERROR/);
    expect(messages).not.toMatch(/^ {4}at /m);
    expect(messages).not.toContain('Attached');
  });

  test('max_probes: the number that would be attached', async () => {
    const count = readFileSync('/sys/kernel/tracing/available_events', 'utf8').match(/^sched:/gm)?.length ?? 0;
    const { messages } = await traceText('config = { max_probes = 3 } tracepoint:sched:* { }', () => {});
    expect(messages).toContain(`${count} probes, which exceeds the current limit of 3`);
    expect(messages).toContain('max_probes');
  });

  test.each(['warn', 'ignore'])('missing_probes = %s attaches what is there', async (how) => {
    const { output, messages } = await traceWorkload(
      [PROBED, ...READS],
      (pid) => `config = { missing_probes = ${how} }
        tracepoint:syscalls:sys_enter_read,tracepoint:syscalls:sys_enter_no,uprobe:/no/file:x /pid == ${pid}/ { @ = count(); }`,
    );
    expect(output.trim()).toMatch(/^@: 1000$/);
    expect(messages.includes('sys_enter_no')).toBe(how === 'warn');
    expect(messages).toContain('Attached 1 probe');
  });
});
