/** BPF programs and BTF by descriptor: loading with the verifier's log, test runs, run statistics. */

import { callLibbpf } from './library.ts';
import { kernelName } from './maps.ts';
import { checked, NativeError } from './native-error.ts';
import { withoutSignals } from './signals.ts';
import { StructLayout } from './struct.ts';
import { closeDescriptor } from './syscall.ts';

/** enum bpf_prog_type, include/uapi/linux/bpf.h */
const PROGRAM_TYPES = {
  kprobe: 2,
  tracepoint: 5,
  xdp: 6,
  perf_event: 7,
  raw_tracepoint: 17,
  tracing: 26,
} as const;

/** enum bpf_attach_type */
export const ATTACH_TYPES = {
  trace_raw_tp: 23,
  trace_fentry: 24,
  trace_fexit: 25,
  trace_iter: 28,
  perf_event: 41,
  trace_kprobe_multi: 42,
  trace_uprobe_multi: 48,
  trace_kprobe_session: 56,
} as const;

export type NativeProgramType = keyof typeof PROGRAM_TYPES;
export type AttachType = keyof typeof ATTACH_TYPES;

export interface ProgramOptions {
  readonly name: string;
  readonly type: NativeProgramType;
  readonly license: string;
  readonly instructions: Uint8Array;
  readonly expectedAttachType?: AttachType;
  /** BTF id of the function, tracepoint typedef or iterator that a tracing program is for. */
  readonly attachBtfId?: number;
  /** Descriptor of the BTF that defines it, if not the kernel's own. */
  readonly attachBtfFd?: number;
  /** BTF of the program itself, and the records that refer to it. */
  readonly btf?: {
    readonly fd: number;
    readonly functions: Uint8Array;
    readonly lines: Uint8Array;
  };
  /** 0: no log. 1: what the verifier looked at; 4: statistics. */
  readonly logLevel?: number;
  readonly logSize?: number;
}

const LOAD_OPTIONS = new StructLayout([
  ['sz', 'size'],
  ['attempts', 'i32'],
  ['expected_attach_type', 'u32'],
  ['prog_btf_fd', 'u32'],
  ['prog_flags', 'u32'],
  ['prog_ifindex', 'u32'],
  ['kern_version', 'u32'],
  ['attach_btf_id', 'u32'],
  ['attach_prog_fd', 'u32'],
  ['attach_btf_obj_fd', 'u32'],
  ['fd_array', 'pointer'],
  ['func_info', 'pointer'],
  ['func_info_cnt', 'u32'],
  ['func_info_rec_size', 'u32'],
  ['line_info', 'pointer'],
  ['line_info_cnt', 'u32'],
  ['line_info_rec_size', 'u32'],
  ['log_level', 'u32'],
  ['log_size', 'u32'],
  ['log_buf', 'pointer'],
]);

/** struct bpf_func_info and struct bpf_line_info */
const FUNC_INFO_SIZE = 8;
const LINE_INFO_SIZE = 16;
const DEFAULT_LOG_SIZE = 1 << 20;

/**
 * loadProgram returns the descriptor; a refusal is a NativeError with the log, if one was asked for. The verifier gives up
 * with EAGAIN where a signal is pending (do_check, kernel/bpf/verifier.c, 6.18): where they come too often for libbpf's
 * attempts, as from a profiler, they have to wait.
 */
export function loadProgram(options: ProgramOptions): number {
  const load = () => loadOnce(options);
  try {
    return load();
  } catch (error) {
    if (!(error instanceof NativeError) || error.code !== 'EAGAIN') throw error;
    return withoutSignals(load);
  }
}

function loadOnce(options: ProgramOptions): number {
  const log = options.logLevel ? Buffer.alloc(options.logSize ?? DEFAULT_LOG_SIZE) : undefined;
  const { btf } = options;
  const opts = LOAD_OPTIONS.encode({
    attempts: 5,
    expected_attach_type: options.expectedAttachType && ATTACH_TYPES[options.expectedAttachType],
    attach_btf_id: options.attachBtfId,
    attach_btf_obj_fd: options.attachBtfFd,
    ...(btf && {
      prog_btf_fd: btf.fd,
      func_info: btf.functions,
      func_info_cnt: btf.functions.length / FUNC_INFO_SIZE,
      func_info_rec_size: FUNC_INFO_SIZE,
      line_info: btf.lines,
      line_info_cnt: btf.lines.length / LINE_INFO_SIZE,
      line_info_rec_size: LINE_INFO_SIZE,
    }),
    ...(log && {
      log_level: options.logLevel,
      log_size: log.length,
      log_buf: log,
    }),
  });
  const fd = opts.during((bytes) =>
    callLibbpf('bpf_prog_load', [
      ['i32', PROGRAM_TYPES[options.type]],
      ['string', kernelName(options.name)],
      ['string', options.license],
      ['buffer', options.instructions],
      ['i64', options.instructions.length / 8],
      ['buffer', bytes],
    ]),
  );
  if (fd < 0) throw new NativeError('BPF_PROG_LOAD', -fd, textOf(log));
  return fd;
}

const BTF_OPTIONS = new StructLayout([
  ['sz', 'size'],
  ['log_buf', 'pointer'],
  ['log_level', 'u32'],
  ['log_size', 'u32'],
]);

/** loadBtf returns the descriptor of a BTF blob; libbpf itself asks again with a log where the kernel refuses. */
export function loadBtf(blob: Uint8Array): number {
  const log = Buffer.alloc(1 << 16);
  const opts = BTF_OPTIONS.encode({ log_buf: log, log_size: log.length });
  const fd = opts.during((bytes) =>
    callLibbpf('bpf_btf_load', [
      ['buffer', blob],
      ['i64', blob.length],
      ['buffer', bytes],
    ]),
  );
  if (fd < 0) throw new NativeError('BPF_BTF_LOAD', -fd, textOf(log));
  return fd;
}

const TEST_RUN_OPTIONS = new StructLayout([
  ['sz', 'size'],
  ['data_in', 'pointer'],
  ['data_out', 'pointer'],
  ['data_size_in', 'u32'],
  ['data_size_out', 'u32'],
  ['ctx_in', 'pointer'],
  ['ctx_out', 'pointer'],
  ['ctx_size_in', 'u32'],
  ['ctx_size_out', 'u32'],
  ['retval', 'u32'],
  ['repeat', 'i32'],
  ['duration', 'u32'],
  ['flags', 'u32'],
  ['cpu', 'u32'],
  ['batch_size', 'u32'],
]);

const BPF_F_TEST_RUN_ON_CPU = 1;

export interface TestRunOptions {
  /** Packet of an XDP program; at least 14 bytes. */
  readonly data?: Uint8Array;
  /** Arguments of a raw tracepoint program, 8 bytes each. */
  readonly context?: Uint8Array;
  readonly repeat?: number;
  /** Raw tracepoint programs only. */
  readonly cpu?: number;
}

/** testRun runs a raw_tracepoint or xdp program now, in this process. `durationNs` is per run. */
export function testRun(fd: number, options: TestRunOptions = {}) {
  const opts = TEST_RUN_OPTIONS.encode({
    ...(options.data && {
      data_in: options.data,
      data_size_in: options.data.length,
    }),
    ...(options.context && {
      ctx_in: options.context,
      ctx_size_in: options.context.length,
    }),
    repeat: options.repeat ?? 0,
    ...(options.cpu !== undefined && {
      cpu: options.cpu,
      flags: BPF_F_TEST_RUN_ON_CPU,
    }),
  });
  const result = opts.during((bytes) =>
    callLibbpf('bpf_prog_test_run_opts', [
      ['i32', fd],
      ['buffer', bytes],
    ]),
  );
  checked('BPF_PROG_TEST_RUN', result);
  return { returnValue: opts.get('retval'), durationNs: opts.get('duration') };
}

/** struct bpf_prog_info up to what is read here; the kernel fills as much as it is given room for. */
const PROGRAM_INFO = new StructLayout([
  ['type', 'u32'],
  ['id', 'u32'],
  ['tag', 8],
  ['jited_prog_len', 'u32'],
  ['xlated_prog_len', 'u32'],
  ['jited_prog_insns', 'u64'],
  ['xlated_prog_insns', 'u64'],
  ['load_time', 'u64'],
  ['created_by_uid', 'u32'],
  ['nr_map_ids', 'u32'],
  ['map_ids', 'u64'],
  ['name', 16],
  ['ifindex', 'u32'],
  ['flags', 'u32'],
  ['netns_dev', 'u64'],
  ['netns_ino', 'u64'],
  ['nr_jited_ksyms', 'u32'],
  ['nr_jited_func_lens', 'u32'],
  ['jited_ksyms', 'u64'],
  ['jited_func_lens', 'u64'],
  ['btf_id', 'u32'],
  ['func_info_rec_size', 'u32'],
  ['func_info', 'pointer'],
  ['nr_func_info', 'u32'],
  ['nr_line_info', 'u32'],
  ['line_info', 'u64'],
  ['jited_line_info', 'u64'],
  ['nr_jited_line_info', 'u32'],
  ['line_info_rec_size', 'u32'],
  ['jited_line_info_rec_size', 'u32'],
  ['nr_prog_tags', 'u32'],
  ['prog_tags', 'u64'],
  ['run_time_ns', 'u64'],
  ['run_cnt', 'u64'],
  ['recursion_misses', 'u64'],
]);

/** programStatistics gives the runs and the time since loading, as far as statistics were on. */
export function programStatistics(fd: number): {
  readonly id: number;
  readonly runs: number;
  readonly timeNs: number;
} {
  const info = objectInfo(fd, PROGRAM_INFO);
  return {
    id: info.get('id'),
    runs: info.get('run_cnt'),
    timeNs: info.get('run_time_ns'),
  };
}

/** enableStatistics makes the kernel count runs and time of all programs while the returned descriptor is open. */
export function enableStatistics(): number {
  const BPF_STATS_RUN_TIME = 0;
  return checked('BPF_ENABLE_STATS', callLibbpf('bpf_enable_stats', [['i32', BPF_STATS_RUN_TIME]]));
}

const BTF_INFO = new StructLayout([
  ['btf', 'pointer'],
  ['btf_size', 'u32'],
  ['id', 'u32'],
  ['name', 'pointer'],
  ['name_len', 'u32'],
  ['kernel_btf', 'u32'],
]);

/** openModuleBtf finds the BTF of a kernel module; undefined if the module is not loaded or has none. */
export function openModuleBtf(module: string): number | undefined {
  const id = Buffer.alloc(4);
  while (
    callLibbpf('bpf_btf_get_next_id', [
      ['u32', id.readUInt32LE()],
      ['buffer', id],
    ]) === 0
  ) {
    const fd = callLibbpf('bpf_btf_get_fd_by_id', [['u32', id.readUInt32LE()]]);
    if (fd < 0) continue;
    const name = Buffer.alloc(64);
    const info = objectInfo(fd, BTF_INFO, { name, name_len: name.length });
    if (info.get('kernel_btf') && textOf(name) === module) return fd;
    closeDescriptor(fd);
  }
  return undefined;
}

/** openProgram gives a descriptor of a program that any process has loaded; undefined once it is gone. */
export function openProgram(id: number): number | undefined {
  const fd = callLibbpf('bpf_prog_get_fd_by_id', [['u32', id]]);
  return fd < 0 ? undefined : fd;
}

/** newestProgramId gives the number of the program that was loaded last, starting with one known; that one without the right to ask. */
export function newestProgramId(known: number): number {
  const next = Buffer.alloc(4);
  next.writeUInt32LE(known);
  while (nextProgramId(next));
  return next.readUInt32LE();
}

/** Goes on to the next program in the kernel; false behind the last. */
function nextProgramId(id: Buffer): boolean {
  return (
    callLibbpf('bpf_prog_get_next_id', [
      ['u32', id.readUInt32LE()],
      ['buffer', id],
    ]) === 0
  );
}

export interface ProgramType {
  readonly programId: number;
  /** Of its main function, in `btf`. */
  readonly functionId: number;
  readonly btf: Buffer;
}

/** programTypes describes the programs in the kernel that have types of their own. */
export function programTypes(): readonly ProgramType[] {
  const found: ProgramType[] = [];
  const next = Buffer.alloc(4);
  while (nextProgramId(next)) {
    const programId = next.readUInt32LE();
    const fd = openProgram(programId);
    if (fd === undefined) continue;
    const functions = Buffer.alloc(FUNC_INFO_SIZE);
    const request = { func_info: functions, nr_func_info: 1, func_info_rec_size: FUNC_INFO_SIZE };
    const info = objectInfo(fd, PROGRAM_INFO, request);
    closeDescriptor(fd);
    const btf = info.get('nr_func_info') > 0 ? btfOf(info.get('btf_id')) : undefined;
    if (btf !== undefined) found.push({ programId, functionId: functions.readUInt32LE(4), btf });
  }
  return found;
}

function btfOf(id: number): Buffer | undefined {
  const fd = callLibbpf('bpf_btf_get_fd_by_id', [['u32', id]]);
  if (fd < 0) return undefined;
  const size = objectInfo(fd, BTF_INFO).get('btf_size');
  const btf = Buffer.alloc(size);
  objectInfo(fd, BTF_INFO, { btf, btf_size: size });
  closeDescriptor(fd);
  return btf;
}

/** objectInfo is BPF_OBJ_GET_INFO_BY_FD into a structure that may itself lead to buffers. */
export function objectInfo(fd: number, layout: StructLayout, values: Parameters<StructLayout['encode']>[0] = {}) {
  const info = layout.encode(values);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(layout.size);
  const result = info.during((bytes) =>
    callLibbpf('bpf_obj_get_info_by_fd', [
      ['i32', fd],
      ['buffer', bytes],
      ['buffer', length],
    ]),
  );
  checked('BPF_OBJ_GET_INFO_BY_FD', result);
  return info;
}

function textOf(buffer: Buffer | undefined): string | undefined {
  if (!buffer) return undefined;
  const end = buffer.indexOf(0);
  return buffer.toString('utf8', 0, end < 0 ? buffer.length : end);
}
