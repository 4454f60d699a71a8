/**
 * perf events: what timers, samples, tracepoints, breakpoints and single uprobes and kprobes hang on. Opened disabled,
 * so that a program is attached before the first event, and all events start together.
 */

import { readFileSync } from 'node:fs';
import { callLibc } from './library.ts';
import { NativeError } from './native-error.ts';
import { StructLayout } from './struct.ts';
import { systemCall } from './syscall.ts';

/** struct perf_event_attr, include/uapi/linux/perf_event.h; PERF_ATTR_SIZE_VER5 */
const ATTR = new StructLayout([
  ['type', 'u32'],
  ['size', 'u32'],
  ['config', 'u64'],
  ['sample_period', 'u64'],
  ['sample_type', 'u64'],
  ['read_format', 'u64'],
  ['flags', 'u64'],
  ['wakeup_events', 'u32'],
  ['bp_type', 'u32'],
  ['config1', 'u64'],
  ['config2', 'u64'],
  ['branch_sample_type', 'u64'],
  ['sample_regs_user', 'u64'],
  ['sample_stack_user', 'u32'],
  ['clockid', 'i32'],
  ['sample_regs_intr', 'u64'],
  ['aux_watermark', 'u32'],
  ['sample_max_stack', 'u16'],
  ['_reserved', 'u16'],
]);

/** Bits of `flags`, in the order in which the header declares them. */
const FLAG_BITS = {
  disabled: 0,
  inherit: 1,
  pinned: 2,
  exclude_kernel: 5,
  exclude_hv: 6,
  mmap: 8,
  comm: 9,
  freq: 10,
  task: 13,
  sample_id_all: 18,
  mmap2: 23,
  comm_exec: 24,
} as const;

/** mmap2 says more than mmap, which has to be asked for with it; comm_exec marks the names that come with an exec. */
const NOTICES = ['mmap', 'mmap2', 'comm', 'comm_exec', 'task', 'sample_id_all'] as const;

/** enum perf_type_id */
export const PERF_TYPES = {
  hardware: 0,
  software: 1,
  tracepoint: 2,
  breakpoint: 5,
} as const;
export const PERF_COUNT_SW_CPU_CLOCK = 0;
export const PERF_COUNT_SW_DUMMY = 9;
export const PERF_COUNT_SW_BPF_OUTPUT = 10;
export const PERF_SAMPLE_TIME = 1 << 2;
export const PERF_SAMPLE_RAW = 1 << 10;

const PERF_FLAG_FD_CLOEXEC = 8;
const PERF_EVENT_IOC_ENABLE = 0x2400;
const PERF_EVENT_IOC_DISABLE = 0x2401;
const PERF_EVENT_IOC_SET_BPF = 0x40042408;

export interface PerfEventOptions {
  /** A `PERF_TYPES` number, or that of a dynamic PMU (`pmuType`). */
  readonly type: number;
  readonly config?: bigint | number;
  /** Events per sample, or samples per second with `isFrequency`. */
  readonly period?: bigint | number;
  readonly isFrequency?: boolean;
  /** `HW_BREAKPOINT_*` bits. */
  readonly breakpointType?: number;
  /** Breakpoint address; path or symbol of a uprobe or kprobe as text ending in NUL. */
  readonly config1?: bigint | Uint8Array;
  /** Breakpoint length; offset of a uprobe or kprobe. */
  readonly config2?: bigint;
  /** Children count too. */
  readonly isInherited?: boolean;
  readonly excludeKernel?: boolean;
  /** `PERF_SAMPLE_*` bits: what records in the event's buffer hold. */
  readonly sampleType?: number;
  /** The event's buffer gets a record for each exec, fork and executable mapping. */
  readonly isNotice?: boolean;
  /** -1: every process (then a CPU is needed). */
  readonly pid: number;
  /** -1: any CPU. */
  readonly cpu: number;
}

/** openPerfEvent returns the descriptor of a disabled event. */
export function openPerfEvent(options: PerfEventOptions): number {
  const flags = [
    'disabled',
    options.isFrequency && 'freq',
    options.isInherited && 'inherit',
    options.excludeKernel && 'exclude_kernel',
    ...(options.isNotice ? NOTICES : []),
  ].filter((flag): flag is keyof typeof FLAG_BITS => Boolean(flag));
  const attr = ATTR.encode({
    type: options.type,
    size: ATTR.size,
    config: options.config,
    sample_period: options.period,
    sample_type: options.sampleType,
    flags: flags.reduce((bits, flag) => bits | (1 << FLAG_BITS[flag]), 0),
    wakeup_events: 1,
    bp_type: options.breakpointType,
    config1: options.config1,
    config2: options.config2,
  });
  return attr.during((bytes) =>
    systemCall('perf_event_open', [
      ['buffer', bytes],
      ['i64', options.pid],
      ['i64', options.cpu],
      ['i64', -1],
      ['i64', PERF_FLAG_FD_CLOEXEC],
    ]),
  );
}

/** enablePerfEvent starts the event. */
export function enablePerfEvent(fd: number): void {
  control(fd, PERF_EVENT_IOC_ENABLE, 'PERF_EVENT_IOC_ENABLE');
}

/** disablePerfEvent stops the event at once, which closing takes its time for. */
export function disablePerfEvent(fd: number): void {
  control(fd, PERF_EVENT_IOC_DISABLE, 'PERF_EVENT_IOC_DISABLE');
}

/** attachToPerfEvent hooks a program to an event where the kernel has no perf links (before 5.15); no cookie. */
export function attachToPerfEvent(fd: number, programFd: number): void {
  control(fd, PERF_EVENT_IOC_SET_BPF, 'PERF_EVENT_IOC_SET_BPF', programFd);
}

const pmuTypes = new Map<string, number | undefined>();

/** pmuType gives the number of a dynamic PMU such as `uprobe` or `kprobe`; undefined if the kernel lacks it. */
export function pmuType(name: string): number | undefined {
  if (!pmuTypes.has(name)) pmuTypes.set(name, Number.parseInt(readDevice(name, 'type') ?? '', 10) || undefined);
  return pmuTypes.get(name);
}

/** returnProbeBit gives the bit of `config` that makes a uprobe or kprobe a return probe. */
export function returnProbeBit(name: 'uprobe' | 'kprobe'): bigint {
  const [, bit] = readDevice(name, 'format/retprobe')?.match(/^config:(\d+)/) ?? [];
  return 1n << BigInt(bit ?? 0);
}

function readDevice(name: string, file: string): string | undefined {
  try {
    return readFileSync(`/sys/bus/event_source/devices/${name}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

function control(fd: number, request: number, operation: string, argument = 0): void {
  const { value, errno } = callLibc('ioctl', [
    ['i32', fd],
    ['i64', request],
    ['i64', argument],
  ]);
  if (value < 0) throw new NativeError(operation, errno);
}
