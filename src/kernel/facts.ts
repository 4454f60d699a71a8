/**
 * Facts about the running kernel, as an interface: `LiveFacts` (live.ts) asks the system, `RecordedFacts`
 * (recorded.ts) answers from a small fixture, so that language, semantics and codegen need neither root nor Linux.
 * Everything is lazy: an unasked question costs nothing. A question the system cannot answer yields `undefined` or
 * an empty list, and `problems()` says why, in words for the user.
 */

import type { CComposite, CEnum, CFunction, CType } from '../ctype/ctype.ts';

export interface KernelFacts {
  readonly architecture: 'x86_64' | 'aarch64';
  /** Possible CPUs: the number of slots of a per-CPU map value. */
  readonly possibleCpus: number;
  readonly onlineCpus: readonly number[];
  readonly pageSize: number;
  readonly types: TypeFacts;
  readonly tracepoints: TracepointFacts;
  readonly functions: FunctionFacts;
  readonly binaries: BinaryFacts;
  readonly features: FeatureFacts;
  /** The functions that BPF programs in the kernel consist of, for fentry and fexit; their module is `bpf:ID`. */
  bpfPrograms?(): readonly BtfFunction[];
  /** Why something was not to be had: no BTF, no tracefs, no root. One line each, with the way out. */
  problems(): readonly string[];
}

/** Types by name, from vmlinux BTF and, where `module` says so or vmlinux lacks the name, from module BTF. */
export interface TypeFacts {
  readonly isAvailable: boolean;
  struct(name: string): CComposite | undefined;
  union(name: string): CComposite | undefined;
  enum(name: string): CEnum | undefined;
  typedef(name: string): CType | undefined;
  /** The enum that declares the constant, and its value. */
  enumConstant(name: string): { readonly type: CEnum; readonly value: bigint } | undefined;
  function(name: string, module?: string): BtfFunction | undefined;
  /** BTF raw tracepoints: the prototype behind `btf_trace_NAME`, without its leading `void *`. */
  rawTracepoint(name: string): BtfFunction | undefined;
  /** `bpf_iter_NAME` functions, as in `iter:NAME`. */
  iterator(name: string): BtfFunction | undefined;
  /** A per-CPU variable of vmlinux: the id of its VAR, and its type. */
  perCpuVariable(name: string): { readonly btfId: number; readonly type: CType } | undefined;
  /** The BTF id in vmlinux, or in the module that declares it; 0 if there is none. */
  compositeId(kind: 'struct' | 'union', name: string): number;
  structNames(): readonly string[];
  iteratorNames(): readonly string[];
  rawTracepointNames(): readonly string[];
  /** Names of the same kind for "did you mean". */
  namesOf(kind: 'struct' | 'union' | 'enum' | 'typedef' | 'function'): readonly string[];
}

export interface BtfFunction {
  readonly type: CFunction;
  /** BTF id to pass as attach_btf_id: of the FUNC, or of the typedef for a raw tracepoint. */
  readonly btfId: number;
  /** Where the id is defined: `vmlinux`, a module's name, or `bpf:ID` for the types of a BPF program. */
  readonly module: string;
}

export interface TracepointFacts {
  /** Categories, sorted. */
  categories(): readonly string[];
  /** Events of a category, sorted. */
  events(category: string): readonly string[];
  format(category: string, event: string): TracepointFormat | undefined;
}

export interface TracepointFormat {
  readonly category: string;
  readonly event: string;
  /** tracefs id, as perf_event_open wants it in `config`; 0 if only BTF describes the event. */
  readonly id: number;
  /** Fields after the common ones, in order. */
  readonly fields: readonly TracepointField[];
  /** Length of the record in bytes. */
  readonly size: number;
}

export interface TracepointField {
  readonly name: string;
  /** As the format file declares it, without the name: `const char *`, `__data_loc char[]`, `char[16]`. */
  readonly declaration: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  readonly isSigned: boolean;
  /** `__data_loc` (absolute) and `__rel_loc` (relative to the end of the field) hold offset and length of the data. */
  readonly location?: 'absolute' | 'relative';
  /** The declared type, where it can be understood with BTF's help. */
  readonly type: CType;
}

/** Names of functions by module, both sorted; `vmlinux` are those of the kernel itself. */
export type FunctionsByModule = ReadonlyMap<string, readonly string[]>;

export interface FunctionFacts {
  /** The same as `list`, for those who want all of them: an object each is what takes the time. */
  byModule?(): FunctionsByModule;
  /** Kernel functions that can be traced; module is `vmlinux` for those of the kernel itself. */
  list(): readonly { readonly name: string; readonly module: string }[];
  isTraceable(name: string, module?: string): 'yes' | 'no' | 'unknown';
  /** Address by /proc/kallsyms; undefined if absent or hidden from this user. */
  address(symbol: string, module?: string): bigint | undefined;
}

export interface BinaryFacts {
  /** Absolute path for a path, a command of $PATH or a library name such as `libc`; globs give several. */
  resolve(target: string, pid?: number): readonly string[];
  /** Targets that begin with the text, for completion: paths (directories end in `/`), commands, short library names. */
  targets(prefix: string): readonly string[];
  /** Functions and data objects by address; the name is the mangled one, size 0 where unknown, names may repeat. */
  symbols(path: string): readonly BinarySymbol[];
  usdt(path: string): readonly UsdtProbe[];
  /** Virtual address to file offset. */
  fileOffset(path: string, address: bigint): bigint | undefined;
  /** Whether an offset in a function lies within an instruction, as far as can be told. */
  isInsideInstruction?(path: string, symbol: BinarySymbol, offset: bigint): boolean;
  /** The file that the kernel knows a binary by, and where in it the binary starts: not at 0 in an archive. */
  mappedAt(path: string): { readonly path: string; readonly offset: bigint };
  /** Argument names and types from DWARF, where present. */
  functionType(path: string, symbol: string): CFunction | undefined;
  /** A type that the binary's debug information defines. */
  namedType?(path: string, kind: 'struct' | 'union' | 'enum' | 'typedef', name: string): CType | undefined;
  /** Where the code of a source line begins, once per function; `file` is a path or the end of one. For `bin@file:line`. */
  sourceLines(path: string, file: string, line: number): readonly SourceLocation[];
}

export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly fileOffset: bigint;
}

export interface BinarySymbol {
  readonly name: string;
  /** Computed when asked for; absent if the name is not a mangled one. */
  readonly demangled?: string | undefined;
  /** Virtual address as in the symbol table. */
  readonly address: bigint;
  readonly size: number;
  /** Where a uprobe goes. */
  readonly fileOffset: bigint;
  readonly isFunction: boolean;
}

export interface UsdtProbe {
  readonly provider: string;
  readonly name: string;
  readonly fileOffset: bigint;
  /** File offset of the semaphore (ref counter), 0 if none. */
  readonly semaphoreOffset: bigint;
  /** One per argument. */
  readonly args: readonly UsdtArgument[];
}

/**
 * Where a marker's argument lies: a constant, a register, or memory at register + offset (+ index · scale). Registers are
 * named as `reg()` names them (`ax`, `r8`, `ip`; on arm64 `r0`, `sp`), always the whole register.
 */
export interface UsdtArgument {
  readonly size: 1 | 2 | 4 | 8;
  readonly isSigned: boolean;
  readonly location:
    | { readonly kind: 'constant'; readonly value: bigint }
    | { readonly kind: 'register'; readonly register: string }
    | {
        readonly kind: 'memory';
        readonly register: string;
        readonly offset: bigint;
        readonly index?: { readonly register: string; readonly scale: number };
      }
    /** An operand that cannot be read, such as a vector register; `text` as in the note. */
    | { readonly kind: 'unknown'; readonly text: string };
}

/** Features are probed, never derived from a version; each answer is cached. Without privilege: assume yes. */
export interface FeatureFacts {
  /** Helper by its name without `bpf_`, such as `loop` or `get_attach_cookie`, for a program type's name. */
  hasHelper(name: string, programType: string): boolean;
  hasMapKind(kind: string): boolean;
  hasKfunc(name: string): boolean;
  /** `kprobe`, `kprobe_multi`, `kprobe_session`, `uprobe_multi`, `fentry`, `raw_tp_btf`, `iter`, `perf_hardware`, `perf_link`. */
  has(feature: string): boolean;
}
