/** Scripts from text to numbers on the running kernel, held against a workload whose numbers are known. */

import { describe, expect, test } from 'vitest';
import { liveFacts, runScript, type ScriptResult } from '../support/run-script.ts';
import { compileWorkload, Workload } from '../support/workload.ts';

const CALLS = 1_000_000;
const GETPPID = 110;
const SYSCALLS = compileWorkload('syscalls');

/** Runs a script of the workload's pid while it makes its calls on one CPU. */
async function whileCalling(script: (pid: number) => string, cpu: number, calls = CALLS): Promise<ScriptResult> {
  const workload = await Workload.start(SYSCALLS, [String(calls), String(cpu), 'wait']);
  return runScript(script(workload.pid), {
    workload: async () => {
      workload.go();
      await workload.done;
    },
  });
}

describe.each(liveFacts().onlineCpus)('a million calls on CPU %i', (cpu) => {
  test('are counted, summed, averaged and put into the right buckets', async () => {
    const { maps } = await whileCalling(
      (pid) => `tracepoint:raw_syscalls:sys_enter /pid == ${pid} && args.id == ${GETPPID}/ {
        @count = count(); @sum = sum(args.id); @avg = avg(args.id); @min = min(args.id); @max = max(args.id);
        @stats = stats(args.id); @hist = hist(args.id); @lhist = lhist(args.id, 100, 200, 10); @x++;
      }`,
      cpu,
    );
    expect(maps).toEqual({
      '@count': CALLS,
      '@sum': CALLS * GETPPID,
      '@avg': { kind: 'average', count: CALLS, average: GETPPID, total: CALLS * GETPPID },
      '@min': GETPPID,
      '@max': GETPPID,
      '@stats': { kind: 'average', count: CALLS, average: GETPPID, total: CALLS * GETPPID },
      // 0 is for negative numbers, 1 for 0, 2 for 1, then one per power of two: 64 to 127.
      '@hist': { kind: 'histogram', first: 8, counts: [CALLS], total: CALLS },
      '@lhist': { kind: 'histogram', first: 2, counts: [CALLS], total: CALLS },
      '@x': CALLS,
    });
  });

  test('reach keys of four parts', async () => {
    let traced = 0;
    const { maps } = await whileCalling((pid) => {
      traced = pid;
      return `tracepoint:syscalls:sys_enter_getppid /pid == ${pid}/ {
        @[pid, comm, (uint8)7, (cpu, "x")] = count(); @sum[probe] = sum(2); @hist[comm] = hist(nsecs * 0 + 5);
      }`;
    }, cpu);
    const comm = SYSCALLS.split('/').at(-1)?.slice(0, 15);
    expect(maps['@']).toEqual([[[traced, comm, 7, [cpu, 'x']], CALLS]]);
    expect(byName(maps['@sum'])).toEqual({ 'tracepoint:syscalls:sys_enter_getppid': CALLS * 2 });
    expect(maps['@hist']).toEqual([[comm, { kind: 'histogram', first: 4, counts: [CALLS], total: CALLS }]]);
  });
});

test('wildcards count each call under its name', async () => {
  const { maps } = await whileCalling(
    (pid) =>
      `tracepoint:syscalls:sys_enter_getpp*, tracepoint:syscalls:sys_exit_getpp* /pid == ${pid}/ { @[probe] = count(); }`,
    0,
    10_000,
  );
  expect(byName(maps['@'])).toEqual({
    'tracepoint:syscalls:sys_enter_getppid': 10_000,
    'tracepoint:syscalls:sys_exit_getppid': 10_000,
  });
});

test('every event arrives, in order', async () => {
  const { events } = await whileCalling(
    (pid) => `tracepoint:syscalls:sys_enter_getppid /pid == ${pid}/ { @n++; printf("%d %s %s", @n, comm, probe); }`,
    0,
    20_000,
  );
  const numbers = events.map(({ args }) => args[0]);
  expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
});

test('uprobes count calls of a function', async () => {
  const { maps } = await whileCalling(
    (pid) => `uprobe:${SYSCALLS}:main, uprobe:libc:syscall /pid == ${pid}/ { @[probe] = count(); }`,
    0,
    5000,
  );
  const counts = byName(maps['@']);
  expect(Object.entries(counts).find(([name]) => name.endsWith(':syscall'))?.[1]).toBe(5000);
});

/** Keyed values by the text of their keys. */
function byName(map: ScriptResult['maps'][string]): Record<string, unknown> {
  const entries = map as readonly (readonly [{ readonly text: string }, unknown])[];
  return Object.fromEntries(entries.map(([key, value]) => [key.text, value]));
}
