/**
 * The BPF object: everything the session needs to create maps, load and attach, as plain data. Deterministic: the
 * same typed program and features give the same object. File descriptors are bound at load through relocations.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Action, AttachSite, MapSymbol, ProgramConfig } from '../semantics/program.ts';
import type { StackType, Type } from '../semantics/types.ts';

export interface BpfObject {
  readonly config: ProgramConfig;
  readonly maps: readonly MapSpec[];
  readonly programs: readonly ProgramSpec[];
  /** BTF blob that func_info and line_info of all programs refer to; empty if the kernel wants none. */
  readonly btf: Uint8Array;
  readonly userMaps: readonly UserMap[];
  readonly actions: readonly ActionSpec[];
  readonly probeNames: readonly string[];
  /** Where loss counters lie: one u64 per CPU. */
  readonly lossCounter?: SlotPlace;
  /** Where the session puts the start time (CLOCK_BOOTTIME, u64 ns) before programs run, if `elapsed` is used. */
  readonly startTime?: SlotPlace;
}

export interface MapSpec {
  /** At most 15 characters, as the kernel shows it. */
  readonly name: string;
  readonly kind:
    | 'hash'
    | 'percpu_hash'
    | 'lru_hash'
    | 'lru_percpu_hash'
    | 'array'
    | 'percpu_array'
    | 'ringbuf'
    | 'stack_trace'
    | 'perf_event_array';
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** `BPF_F_*` */
  readonly flags: number;
  /** User space maps the values into its memory (arrays with BPF_F_MMAPABLE). */
  readonly isMapped?: boolean;
  /** Contents before the programs run; one buffer per index of an array. */
  readonly initial?: readonly Uint8Array[];
  /** The kernel must refuse user-space writes after `initial` (BPF_MAP_FREEZE), so that loads fold to constants. */
  readonly isFrozen?: boolean;
  /**
   * Of a `stack_trace` map: which stacks have their ids in it. Ids start at `firstId` (absent: 0), which is key 0 here;
   * a second map with the same properties takes stacks whose place in the first was occupied by another.
   */
  readonly stack?: Pick<StackType, 'isUser' | 'mode' | 'depth'> & { readonly firstId?: number };
}

/** A region of one value of a mapped array: `stride` bytes apart per CPU (0: one slot for all CPUs). */
export interface SlotPlace {
  /** Index in `maps`. */
  readonly map: number;
  readonly offset: number;
  readonly stride: number;
}

/** A second map that holds the elements with short keys; equal to the first but for the type of its keys. */
export interface ShortKeyMap {
  /** Index in `maps`. */
  readonly map: number;
  readonly keyType: Type;
}

/** How a map of the script is stored. Keys and values lie as `layout.ts` says. */
export interface UserMap {
  readonly symbol: MapSymbol;
  readonly storage: /** `presence`: a u64 (per CPU with a stride) that is not 0 once written; absent: the map is there unless all 0. */
    | {
        readonly kind: 'slots';
        readonly place: SlotPlace;
        readonly presence?: SlotPlace;
      }
    /** `map` indexes `maps`; per-CPU kinds are merged when read. */
    | {
        readonly kind: 'map';
        readonly map: number;
        readonly isPerCpu: boolean;
        readonly short?: ShortKeyMap;
      };
  /** Counter of updates refused because the map was full. */
  readonly fullCounter?: SlotPlace;
}

/** Event records start with u32 action id and u32 payload length; the payload follows at offset 8. */
export interface ActionSpec {
  readonly action: Action;
  /**
   * `fixed`: payload is `tupleLayout(action.args)`. `packed`: each argument in turn at its alignment, strings and
   * buffers as u16 length + bytes (no NUL), so that long capacities cost what they hold. A length equal to the
   * capacity means that no NUL was found. `join` is u16 count, then each string in this way. Of nested strings (in
   * tuples, arrays …) only those at the top level are packed.
   */
  readonly encoding: 'fixed' | 'packed';
  /** Of run-time warnings: how often it came to that, one u64 per CPU. Each CPU sends only the first `WARNINGS_SENT`. */
  readonly occurrences?: SlotPlace;
}

/**
 * What `skboutput` writes before a packet's bytes in the perf event buffers: action id, bytes to leave out at the start,
 * bytes that follow and how many there would be, all u32, and the time since boot in ns, u64.
 */
export const PACKET_RECORD = { action: 0, skipped: 4, copied: 8, whole: 12, time: 16, size: 24 } as const;

/** A warning in a hot probe would come a million times a second: the first ones say all there is to say. */
export const WARNINGS_SENT = 10;

export type ProgramType = 'tracepoint' | 'raw_tracepoint' | 'tracing' | 'perf_event' | 'kprobe' | 'xdp';

export interface ProgramSpec {
  /** At most 15 characters. */
  readonly name: string;
  readonly type: ProgramType;
  /** `BPF_*` attach type by name where the type needs one: `trace_raw_tp`, `trace_fentry`, `trace_iter`, … */
  readonly expectedAttachType?:
    | 'trace_raw_tp'
    | 'trace_fentry'
    | 'trace_fexit'
    | 'trace_iter'
    | 'trace_kprobe_multi'
    | 'trace_kprobe_session'
    | 'trace_uprobe_multi';
  readonly attachBtf?: { readonly id: number; readonly module: string };
  /** 8 bytes each, little endian; main program first, subprograms behind. */
  readonly instructions: Uint8Array;
  readonly relocations: readonly Relocation[];
  /** One per instruction that starts a source line: for BTF line_info and for verifier messages. */
  readonly lines: readonly {
    readonly instruction: number;
    readonly span: Span;
  }[];
  /** Encoded `bpf_line_info` records (16 bytes) whose string offsets are into `BpfObject.btf`; absent: none. */
  readonly lineInfo?: Uint8Array;
  /** bpf_func_info records: instruction index and BTF type id. */
  readonly functions: readonly {
    readonly instruction: number;
    readonly btfId: number;
    readonly name: string;
  }[];
  readonly attachments: readonly Attachment[];
}

/** An `ld_imm64` pair to be filled: with a map's fd, the address of its value + offset, or a vmlinux symbol's BTF id. */
export interface Relocation {
  readonly instruction: number;
  readonly target:
    | { readonly kind: 'map'; readonly map: number }
    | {
        readonly kind: 'mapValue';
        readonly map: number;
        readonly offset: number;
      }
    | { readonly kind: 'btfVariable'; readonly btfId: number }
    /** A call instruction (not a pair): `imm` becomes the kfunc's BTF id. */
    | { readonly kind: 'kfunc'; readonly name: string };
}

/** How a program is hooked up; chosen by codegen (a raw tracepoint may stand in for tracepoint sites). */
export type Attachment =
  /** Run once by BPF_PROG_TEST_RUN, at the start, the end, on a signal or by --test/--bench. */
  | { readonly kind: 'run'; readonly sites: readonly AttachSite[] }
  | { readonly kind: 'rawTracepointBtf'; readonly sites: readonly AttachSite[] }
  | {
      readonly kind: 'rawTracepoint';
      readonly event: string;
      readonly sites: readonly AttachSite[];
      readonly cookie?: bigint;
    }
  /** perf_event_open + link, with the site's `nameId` as cookie. One per site. */
  | {
      readonly kind: 'perf';
      readonly site: AttachSite;
      readonly cookie?: bigint;
    }
  /** Each site's `nameId` is its cookie. */
  | {
      readonly kind: 'kprobeMulti' | 'uprobeMulti';
      readonly sites: readonly AttachSite[];
      readonly isReturn: boolean;
    }
  /** Entries and returns of the same functions, in the same order. The cookie is the entry's `nameId`, above it the return's. */
  | {
      readonly kind: 'kprobeSession';
      readonly sites: readonly AttachSite[];
      readonly returnSites: readonly AttachSite[];
    }
  | { readonly kind: 'trampoline'; readonly site: AttachSite }
  | { readonly kind: 'iterator'; readonly site: AttachSite };

/** The maps of the script by name, for tests and the session. */
export function userMapByName(object: BpfObject, name: string): UserMap | undefined {
  return object.userMaps.find((map) => map.symbol.name === name);
}
