/**
 * The probe providers (language.md §11): names, aliases, how many parts their attach points have. Feeds parsing of
 * attach points, suggestions, completion and help.
 */

import type { ProviderName } from './probe-context.ts';

export interface ProviderRow {
  readonly name: ProviderName;
  readonly aliases: readonly string[];
  /** Shown in help and after a malformed attach point. */
  readonly form: string;
  /** Numbers of parts after the provider that are possible. */
  readonly parts: readonly number[];
  readonly doc: string;
}

export const PROVIDERS: readonly ProviderRow[] = [
  {
    name: 'begin',
    aliases: [],
    form: 'begin',
    parts: [0],
    doc: 'runs once before all other probes',
  },
  {
    name: 'end',
    aliases: [],
    form: 'end',
    parts: [0],
    doc: 'runs once after all other probes',
  },
  {
    name: 'self',
    aliases: [],
    form: 'self:signal:SIGUSR1',
    parts: [2],
    doc: 'a signal sent to the tracer',
  },
  {
    name: 'test',
    aliases: [],
    form: 'test:name',
    parts: [0, 1],
    doc: 'runs with --test',
  },
  {
    name: 'bench',
    aliases: [],
    form: 'bench:name',
    parts: [0, 1],
    doc: 'runs with --bench',
  },
  {
    name: 'kprobe',
    aliases: ['k'],
    form: 'kprobe:[module:]function[+offset]',
    parts: [1, 2],
    doc: 'entry of a kernel function',
  },
  {
    name: 'kretprobe',
    aliases: ['kr'],
    form: 'kretprobe:[module:]function',
    parts: [1, 2],
    doc: 'return of a kernel function',
  },
  {
    name: 'fentry',
    aliases: ['f', 'kfunc'],
    form: 'fentry:[module:]function',
    parts: [1, 2, 3],
    doc: 'entry of a kernel function, with typed arguments',
  },
  {
    name: 'fexit',
    aliases: ['fr', 'kretfunc'],
    form: 'fexit:[module:]function',
    parts: [1, 2, 3],
    doc: 'return of a kernel function, with typed arguments',
  },
  {
    name: 'uprobe',
    aliases: ['u'],
    form: 'uprobe:binary:function[+offset]',
    parts: [1, 2, 3],
    doc: 'entry of a user-space function',
  },
  {
    name: 'uretprobe',
    aliases: ['ur'],
    form: 'uretprobe:binary:function',
    parts: [1, 2, 3],
    doc: 'return of a user-space function',
  },
  {
    name: 'usdt',
    aliases: ['U'],
    form: 'usdt:binary:[namespace:]name',
    parts: [1, 2, 3],
    doc: 'a static marker of a program',
  },
  {
    name: 'tracepoint',
    aliases: ['t'],
    form: 'tracepoint:category:event',
    parts: [1, 2],
    doc: 'a static trace event of the kernel',
  },
  {
    name: 'rawtracepoint',
    aliases: ['rt'],
    form: 'rawtracepoint:[module:]event',
    parts: [1, 2],
    doc: 'a kernel tracepoint with its raw, typed arguments',
  },
  {
    name: 'software',
    aliases: ['s'],
    form: 'software:event[:count]',
    parts: [1, 2],
    doc: 'an event the kernel counts',
  },
  {
    name: 'hardware',
    aliases: ['h'],
    form: 'hardware:event[:count]',
    parts: [1, 2],
    doc: 'an event the processor counts',
  },
  {
    name: 'profile',
    aliases: ['p'],
    form: 'profile:hz:N',
    parts: [1, 2],
    doc: 'samples all CPUs at a rate',
  },
  {
    name: 'interval',
    aliases: ['i'],
    form: 'interval:s:N',
    parts: [1, 2],
    doc: 'runs at an interval on one CPU',
  },
  {
    name: 'watchpoint',
    aliases: ['w'],
    form: 'watchpoint:address:length:mode',
    parts: [3],
    doc: 'access to a memory address',
  },
  {
    name: 'iter',
    aliases: ['it'],
    form: 'iter:object[:pin]',
    parts: [1, 2],
    doc: 'walks over kernel objects once',
  },
];

const byName = new Map<string, ProviderRow>(
  PROVIDERS.flatMap((row) => [row.name, ...row.aliases].map((name) => [name, row] as const)),
);

/** findProvider resolves a provider name or alias; full names are case-insensitive, one-letter aliases are not. */
export function findProvider(text: string): ProviderRow | undefined {
  return byName.get(text) ?? (text.length > 2 ? byName.get(text.toLowerCase()) : undefined);
}

export interface PerfEventRow {
  readonly names: readonly string[];
  readonly event: number;
  readonly defaultCount: bigint;
}

/** SOFTWARE_EVENTS: `PERF_COUNT_SW_*` of include/uapi/linux/perf_event.h, default counts of language.md §11. */
export const SOFTWARE_EVENTS: readonly PerfEventRow[] = [
  { names: ['cpu-clock', 'cpu'], event: 0, defaultCount: 1000000n },
  { names: ['task-clock'], event: 1, defaultCount: 1n },
  { names: ['page-faults', 'faults'], event: 2, defaultCount: 100n },
  { names: ['context-switches', 'cs'], event: 3, defaultCount: 1000n },
  { names: ['cpu-migrations'], event: 4, defaultCount: 1n },
  { names: ['minor-faults'], event: 5, defaultCount: 100n },
  { names: ['major-faults'], event: 6, defaultCount: 1n },
  { names: ['alignment-faults'], event: 7, defaultCount: 1n },
  { names: ['emulation-faults'], event: 8, defaultCount: 1n },
  { names: ['dummy'], event: 9, defaultCount: 1n },
  { names: ['bpf-output'], event: 10, defaultCount: 1n },
];

/** HARDWARE_EVENTS: `PERF_COUNT_HW_*` of the same header. */
export const HARDWARE_EVENTS: readonly PerfEventRow[] = [
  { names: ['cpu-cycles', 'cycles'], event: 0, defaultCount: 1000000n },
  { names: ['instructions'], event: 1, defaultCount: 1000000n },
  { names: ['cache-references'], event: 2, defaultCount: 1000000n },
  { names: ['cache-misses'], event: 3, defaultCount: 1000000n },
  {
    names: ['branch-instructions', 'branches'],
    event: 4,
    defaultCount: 100000n,
  },
  { names: ['branch-misses'], event: 5, defaultCount: 100000n },
  { names: ['bus-cycles'], event: 6, defaultCount: 100000n },
  { names: ['frontend-stalls'], event: 7, defaultCount: 1000000n },
  { names: ['backend-stalls'], event: 8, defaultCount: 1000000n },
  { names: ['ref-cycles'], event: 9, defaultCount: 1000000n },
];
