/**
 * BPF links: a program hooked up for as long as the descriptor is open. Straight through bpf(2), since Debian's libbpf
 * 1.1 knows neither uprobe_multi nor the newer options.
 */

import { callLibbpf } from './library.ts';
import { checked } from './native-error.ts';
import { ATTACH_TYPES, type AttachType } from './programs.ts';
import { type FieldKind, type Struct, StructLayout } from './struct.ts';
import { bpfCall } from './syscall.ts';

const BPF_LINK_CREATE = 28;
const BPF_F_KPROBE_MULTI_RETURN = 1;
const BPF_F_UPROBE_MULTI_RETURN = 1;

const LINK_HEAD = [
  ['prog_fd', 'u32'],
  ['target_fd', 'u32'],
  ['attach_type', 'u32'],
  ['flags', 'u32'],
] as const;

/** `link_create` of `union bpf_attr`, one layout per member of its inner union. */
const LINKS = {
  plain: linkLayout([]),
  perfEvent: linkLayout([['bpf_cookie', 'u64']]),
  tracing: linkLayout([
    ['target_btf_id', 'u32'],
    ['cookie', 'u64'],
  ]),
  iterator: linkLayout([
    ['iter_info', 'pointer'],
    ['iter_info_len', 'u32'],
  ]),
  kprobeMulti: linkLayout([
    ['multi_flags', 'u32'],
    ['cnt', 'u32'],
    ['syms', 'pointer'],
    ['addrs', 'pointer'],
    ['cookies', 'pointer'],
  ]),
  uprobeMulti: linkLayout([
    ['path', 'pointer'],
    ['offsets', 'pointer'],
    ['ref_ctr_offsets', 'pointer'],
    ['cookies', 'pointer'],
    ['cnt', 'u32'],
    ['multi_flags', 'u32'],
    ['pid', 'u32'],
  ]),
};

/** linkPerfEvent ties a program to a perf event, with a cookie that bpf_get_attach_cookie yields. */
export function linkPerfEvent(programFd: number, eventFd: number, cookie = 0n): number {
  return create('perfEvent', 'perf_event', {
    prog_fd: programFd,
    target_fd: eventFd,
    bpf_cookie: cookie,
  });
}

/** linkTracing attaches a BTF raw tracepoint, fentry or fexit program to what it was loaded for. */
export function linkTracing(programFd: number, attachType: AttachType, cookie = 0n): number {
  if (cookie === 0n) return openRawTracepoint(programFd);
  return create('tracing', attachType, { prog_fd: programFd, cookie });
}

/** `raw_tracepoint` of `union bpf_attr`; kernels before 6.10 know no cookie and see a shorter structure. */
const RAW_TRACEPOINT = new StructLayout([
  ['name', 'pointer'],
  ['prog_fd', 'u32'],
  ['cookie', 'u64'],
]);
const BPF_RAW_TRACEPOINT_OPEN = 17;

/** openRawTracepoint attaches a raw tracepoint by name, or a tracing program (no name) to what it was loaded for. */
export function openRawTracepoint(programFd: number, name?: string, cookie = 0n): number {
  if (cookie !== 0n && name !== undefined) {
    const attr = RAW_TRACEPOINT.encode({ name: cString(name), prog_fd: programFd, cookie });
    return bpfCall(BPF_RAW_TRACEPOINT_OPEN, 'BPF_RAW_TRACEPOINT_OPEN', attr);
  }
  const fd = callLibbpf('bpf_raw_tracepoint_open', [
    name === undefined ? ['i64', 0] : ['string', name],
    ['i32', programFd],
  ]);
  return checked('BPF_RAW_TRACEPOINT_OPEN', fd);
}

/** linkIterator attaches an iterator; `openIterator` then gives descriptors to read from. */
export function linkIterator(programFd: number): number {
  return create('iterator', 'trace_iter', { prog_fd: programFd });
}

/** openIterator returns a descriptor; reading it to the end runs the program once per object. */
export function openIterator(linkFd: number): number {
  return checked('BPF_ITER_CREATE', callLibbpf('bpf_iter_create', [['i32', linkFd]]));
}

/** pinDescriptor gives a map, program or link a path in a BPF file system; it lives on until the path is removed. */
export function pinDescriptor(fd: number, path: string): void {
  const result = callLibbpf('bpf_obj_pin', [
    ['i32', fd],
    ['string', path],
  ]);
  checked('BPF_OBJ_PIN', result);
}

export interface KprobeMultiOptions {
  /** Functions by name, or else by address. */
  readonly symbols?: readonly string[];
  readonly addresses?: readonly bigint[];
  readonly cookies?: readonly bigint[];
  readonly isReturn?: boolean;
  readonly isSession?: boolean;
}

/** linkKprobeMulti attaches one program to many kernel functions at once. */
export function linkKprobeMulti(programFd: number, options: KprobeMultiOptions): number {
  const names = options.symbols?.map(cString);
  const { addresses } = options;
  return create('kprobeMulti', options.isSession ? 'trace_kprobe_session' : 'trace_kprobe_multi', {
    prog_fd: programFd,
    multi_flags: options.isReturn ? BPF_F_KPROBE_MULTI_RETURN : 0,
    cnt: names?.length ?? addresses?.length ?? 0,
    syms: names && pointers(names),
    addrs: addresses && words(addresses),
    cookies: options.cookies && words(options.cookies),
  });
}

export interface UprobeMultiOptions {
  readonly path: string;
  readonly offsets: readonly bigint[];
  readonly cookies?: readonly bigint[];
  /** File offsets of semaphores, 0 for none. */
  readonly semaphores?: readonly bigint[];
  readonly isReturn?: boolean;
  readonly pid?: number;
}

/** linkUprobeMulti attaches one program to many places of one file. */
export function linkUprobeMulti(programFd: number, options: UprobeMultiOptions): number {
  return create('uprobeMulti', 'trace_uprobe_multi', {
    prog_fd: programFd,
    path: cString(options.path),
    offsets: words(options.offsets),
    ref_ctr_offsets: options.semaphores?.some((offset) => offset !== 0n) ? words(options.semaphores) : undefined,
    cookies: options.cookies && words(options.cookies),
    cnt: options.offsets.length,
    multi_flags: options.isReturn ? BPF_F_UPROBE_MULTI_RETURN : 0,
    pid: options.pid,
  });
}

/** cString gives the text with its NUL, as C wants it. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function linkLayout(fields: readonly (readonly [string, FieldKind])[]): StructLayout {
  // The inner union holds 64-bit members and so starts at a multiple of 8, which the head's four u32 fill.
  return new StructLayout([...LINK_HEAD, ...fields]);
}

function create(
  kind: keyof typeof LINKS,
  attachType: AttachType,
  values: Parameters<StructLayout['encode']>[0] = {},
): number {
  const attr = LINKS[kind].encode({
    ...values,
    attach_type: ATTACH_TYPES[attachType],
  });
  return bpfCall(BPF_LINK_CREATE, `BPF_LINK_CREATE ${attachType}`, attr);
}

function words(values: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value), index * 8);
  });
  return bytes;
}

/** An array of pointers that keeps alive what they lead to. */
function pointers(texts: readonly Buffer[]): Struct {
  const layout = new StructLayout(texts.map((_, index) => [`${index}`, 'pointer'] as const));
  return layout.encode(Object.fromEntries(texts.entries()));
}
