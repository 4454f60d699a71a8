/**
 * The typed program: what semantics hands to codegen. Names are resolved, macros expanded, constants folded, wildcards
 * expanded, conversions explicit. Every expression has its final type; nothing here needs kernel facts any more.
 */

import type { Source, Span } from '../diagnostics/diagnostic.ts';
import type { TracepointField, UsdtArgument } from '../kernel/facts.ts';
import type { Type } from './types.ts';

export interface TypedProgram {
  readonly source: Source;
  readonly config: ProgramConfig;
  readonly maps: readonly MapSymbol[];
  readonly actions: readonly Action[];
  readonly functions: readonly TypedFunction[];
  readonly probes: readonly TypedProbe[];
  /** Text of each probe id of a `probeName` value; index = id. */
  readonly probeNames: readonly string[];
}

/** Config values in effect, defaults filled in; names as in language.md §14, in camel case. */
export interface ProgramConfig {
  readonly license: string;
  readonly maxMapKeys: number;
  readonly maxStrlen: number;
  readonly maxProbes: number;
  readonly maxBpfProgs: number;
  readonly maxCatBytes: number;
  readonly onStackLimit: number;
  readonly logSize: number;
  readonly perfRbPages?: number;
  readonly printMapsOnExit: boolean;
  readonly strTruncTrailer: string;
  readonly stackMode: 'bpftrace' | 'perf' | 'raw' | 'build_id';
  readonly missingProbes: 'error' | 'warn' | 'ignore';
  readonly cppDemangle: boolean;
  readonly lazySymbolication: boolean;
  readonly cacheUserSymbols: 'PER_PID' | 'PER_PROGRAM' | 'NONE';
  readonly showDebugInfo: boolean;
  /** `-k`: failed reads and lookups are reported at run time. */
  readonly runtimeWarnings: boolean;
}

export interface MapSymbol {
  /** Index in `TypedProgram.maps`. */
  readonly id: number;
  /** With the leading `@`. */
  readonly name: string;
  /** Absent for a scalar map. */
  readonly keyType?: Type;
  readonly valueType: Type;
  readonly storage: 'auto' | 'hash' | 'lruhash' | 'percpuhash' | 'percpulruhash';
  readonly maxEntries: number;
  readonly span: Span;
}

export interface VariableSlot {
  readonly id: number;
  /** With the leading `$`; temporaries of ours start with `$.`. */
  readonly name: string;
  readonly type: Type;
}

export interface TypedFunction {
  readonly name: string;
  readonly parameters: readonly VariableSlot[];
  readonly returnType: Type;
  readonly body: TypedBlock;
  readonly span: Span;
}

/**
 * One body and all the sites it runs at. Sites whose arguments lie differently have been given bodies of their own,
 * so one TypedProbe is one program, attached once per site (or once for all, where the kernel can).
 */
export interface TypedProbe {
  readonly id: number;
  readonly sites: readonly AttachSite[];
  /** The predicate has become an `if` around the statements, marked so that codegen can test it first. */
  readonly predicate?: TypedExpression;
  readonly body: TypedBlock;
  /** Address space of pointers that the probe's arguments hold. */
  readonly argumentSpace: 'kernel' | 'user';
  readonly span: Span;
}

/** One place to attach to, resolved; `name` is what `probe` yields and `nameId` its index in `probeNames`. */
export type AttachSite = SiteBase &
  (
    | { readonly provider: 'begin' | 'end' }
    | { readonly provider: 'self'; readonly signal: string }
    | { readonly provider: 'test' | 'bench'; readonly testName: string }
    | { readonly provider: 'interval' | 'profile'; readonly period: Period }
    | {
        readonly provider: 'software' | 'hardware';
        /** `PERF_COUNT_*` number. */
        readonly event: number;
        readonly count: bigint;
      }
    | {
        readonly provider: 'tracepoint';
        readonly category: string;
        readonly event: string;
        readonly tracefsId: number;
        /** BTF id of `btf_trace_EVENT` where it exists, so that a raw tracepoint may serve instead. */
        readonly rawBtfId: number | undefined;
        /** `sys_enter_*` / `sys_exit_*`: the number of the system call. */
        readonly syscallNumber?: number;
      }
    | {
        readonly provider: 'rawtracepoint';
        readonly event: string;
        readonly btfId: number;
        readonly module: string;
      }
    | {
        readonly provider: 'kprobe' | 'kretprobe';
        readonly symbol: string;
        readonly offset: bigint;
        readonly module?: string;
        /** Set for a probe on a bare address. */
        readonly address?: bigint;
      }
    | {
        readonly provider: 'fentry' | 'fexit';
        readonly symbol: string;
        readonly btfId: number;
        /** `bpf:ID` if the function is a BPF program. */
        readonly module: string;
        /** Number of arguments of the function: an fexit program finds the return value behind them. */
        readonly argumentCount: number;
      }
    | {
        readonly provider: 'uprobe' | 'uretprobe';
        readonly path: string;
        readonly symbol: string;
        readonly fileOffset: bigint;
        readonly pid?: number;
      }
    | {
        readonly provider: 'usdt';
        readonly path: string;
        readonly fileOffset: bigint;
        readonly semaphoreOffset: bigint;
        readonly args: readonly UsdtArgument[];
        readonly pid?: number;
      }
    | {
        readonly provider: 'watchpoint';
        readonly address: bigint;
        readonly length: 1 | 2 | 4 | 8;
        readonly mode: string;
        readonly pid?: number;
      }
    | {
        readonly provider: 'iter';
        readonly iterator: string;
        readonly btfId: number;
        readonly pin?: string;
      }
  );

interface SiteBase {
  /** Full expanded name, such as `tracepoint:sched:sched_switch`. */
  readonly name: string;
  /** Index in `TypedProgram.probeNames`. */
  readonly nameId: number;
  readonly span: Span;
}

export type Period =
  | { readonly kind: 'frequency'; readonly hz: number }
  | { readonly kind: 'time'; readonly ns: bigint };

// ---- asynchronous actions ----------------------------------------------------------------------------------------

/**
 * Something user space does when the kernel says so. An event record carries the action's index and the values of
 * `args`, laid out by `tupleLayout`; everything constant stays here.
 */
export type Action = ActionBase &
  (
    | {
        readonly kind: 'printf' | 'errorf' | 'warnf' | 'cat' | 'system';
        readonly format: FormatString;
      }
    | { readonly kind: 'print' }
    | {
        readonly kind: 'printMap';
        readonly map: MapSymbol;
        readonly top: number;
        readonly div: bigint;
      }
    | { readonly kind: 'clear' | 'zero'; readonly map: MapSymbol }
    | { readonly kind: 'time'; readonly format: string }
    /** One array of up to 16 strings; `args` is a single array type of strings. */
    | { readonly kind: 'join'; readonly separator: string }
    /** `args`: the exit code, an int32. */
    | { readonly kind: 'exit' }
    /** Its events carry wall-clock nanoseconds, the packet's bytes, and how many there would be; `args` is empty. */
    | { readonly kind: 'skboutput'; readonly file: string }
    | { readonly kind: 'unwatch' }
    /**
     * A run-time warning that codegen plants: map full, failed read, division by zero, index out of bounds. `args` of a
     * helperError: the helper's result, an int32; of a runtimeError: none.
     */
    | {
        readonly kind: 'helperError';
        readonly helper: string;
        readonly message?: string;
      }
    | { readonly kind: 'runtimeError'; readonly message: string }
  );

interface ActionBase {
  /** Index in `TypedProgram.actions`. */
  readonly id: number;
  readonly args: readonly Type[];
  readonly span: Span;
}

/** A printf format, parsed: literal text and conversions alternate as they appear. */
export interface FormatString {
  readonly text: string;
  readonly pieces: readonly (string | FormatConversion)[];
}

export interface FormatConversion {
  /** Without `%`, flags and length: `d`, `s`, `rx`, `rh`, `gr` … */
  readonly conversion: 'd' | 'i' | 'u' | 'o' | 'x' | 'X' | 'c' | 'p' | 's' | 'r' | 'rx' | 'rh' | 'gr';
  readonly length: '' | 'hh' | 'h' | 'l' | 'll' | 'j' | 'z' | 't';
  readonly flags: {
    readonly left: boolean;
    readonly plus: boolean;
    readonly zero: boolean;
    readonly alternate: boolean;
  };
  readonly width?: number;
}

// ---- statements --------------------------------------------------------------------------------------------------

export interface TypedBlock {
  readonly statements: readonly TypedStatement[];
}

export type TypedStatement = { readonly span: Span } & (
  | { readonly kind: 'block'; readonly body: TypedBlock }
  /** `let $x;`: the variable is zero or empty from here on, each time control passes. */
  | { readonly kind: 'declareVariable'; readonly variable: VariableSlot }
  | {
      readonly kind: 'assignVariable';
      readonly variable: VariableSlot;
      readonly value: TypedExpression;
    }
  | {
      readonly kind: 'assignMap';
      readonly map: MapSymbol;
      readonly key?: TypedExpression;
      readonly value: TypedExpression;
    }
  /** `@m[k] = count()` and its like; `args` are the aggregation's run-time operands (none or one), 64 bits wide. */
  | {
      readonly kind: 'aggregate';
      readonly map: MapSymbol;
      readonly key?: TypedExpression;
      readonly args: readonly TypedExpression[];
    }
  | { readonly kind: 'expression'; readonly expression: TypedExpression }
  /** Queues the action; `exit` and `assert` failures are followed by a `return` statement of their own. */
  | {
      readonly kind: 'act';
      readonly action: Action;
      readonly args: readonly TypedExpression[];
    }
  | {
      readonly kind: 'if';
      readonly condition: TypedExpression;
      readonly consequent: TypedBlock;
      readonly alternate?: TypedBlock;
    }
  | {
      readonly kind: 'while';
      readonly condition: TypedExpression;
      readonly body: TypedBlock;
    }
  | {
      readonly kind: 'unroll';
      readonly count: number;
      readonly body: TypedBlock;
    }
  /** `variable` holds the (key, value) tuple of the entry at hand. */
  | {
      readonly kind: 'forMap';
      readonly variable: VariableSlot;
      readonly map: MapSymbol;
      readonly body: TypedBlock;
    }
  | {
      readonly kind: 'forRange';
      readonly variable: VariableSlot;
      readonly start: TypedExpression;
      readonly end: TypedExpression;
      readonly body: TypedBlock;
    }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'return'; readonly value?: TypedExpression }
);

// ---- expressions -------------------------------------------------------------------------------------------------

/**
 * Integer operators work on 64 bits: operands have been cast to 64-bit types of one sign, and `type` is the result's.
 * `divide` and `remainder` are unsigned and yield 1 on a zero divisor, `shiftRight` is logical (language.md §18).
 */
export type ArithmeticOperator =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'remainder'
  | 'and'
  | 'or'
  | 'xor'
  | 'shiftLeft'
  | 'shiftRight';

export type ComparisonOperator = 'equal' | 'notEqual' | 'less' | 'lessOrEqual' | 'greater' | 'greaterOrEqual';

export type TypedExpression = {
  readonly type: Type;
  readonly span: Span;
} /** Also bool (0/1), enum and pointer constants. */ & (
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: string }
  /** Constant bytes: `pton`, casts of string literals. */
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'variable'; readonly variable: VariableSlot }
  /** The value of a map or an element; zero/empty if absent. Of an aggregation: merged over CPUs to an integer. */
  | {
      readonly kind: 'map';
      readonly map: MapSymbol;
      readonly key?: TypedExpression;
    }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: TypedExpression;
      readonly right: TypedExpression;
    }
  /** Of integers, bools, enums, pointers (sign as the operands' common type), strings, arrays, tuples and records. */
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: TypedExpression;
      readonly right: TypedExpression;
    }
  | {
      readonly kind: 'logical';
      readonly operator: 'and' | 'or';
      readonly left: TypedExpression;
      readonly right: TypedExpression;
    }
  | { readonly kind: 'not'; readonly operand: TypedExpression }
  /** Computed at the operand's width, zero-extended from there (language.md §5). */
  | {
      readonly kind: 'negate' | 'complement';
      readonly operand: TypedExpression;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: TypedExpression;
      readonly consequent: TypedExpression;
      readonly alternate: TypedExpression;
    }
  /** Integer width and sign, integer ↔ pointer, any → bool (truth), resizing of strings, element-wise for tuples. */
  /** `namesSpace`: `kptr()` or `uptr()`, which say whose memory it is. */
  | { readonly kind: 'cast'; readonly operand: TypedExpression; readonly namesSpace?: true }
  /** `++` and `--` on a variable or map element; `step` is 1 or the size of a pointer's target, negative for `--`. */
  | {
      readonly kind: 'increment';
      readonly target:
        | { readonly variable: VariableSlot }
        | { readonly map: MapSymbol; readonly key?: TypedExpression };
      readonly step: bigint;
      readonly isPrefix: boolean;
    }
  /** What a pointer points to, read with its address space's helper. Composite values are read lazily, by member. */
  | { readonly kind: 'dereference'; readonly pointer: TypedExpression }
  /** Member of a struct value; `bitOffset` from the struct's start; `bitSize` for bitfields. */
  | {
      readonly kind: 'member';
      readonly object: TypedExpression;
      readonly name: string;
      readonly bitOffset: number;
      readonly bitSize?: number;
    }
  /** Element of a tuple or record. */
  | {
      readonly kind: 'element';
      readonly object: TypedExpression;
      readonly index: number;
    }
  /** Element of an array or a byte of a string; a run-time index is checked (`isChecked` absent: known in bounds). */
  | {
      readonly kind: 'index';
      readonly object: TypedExpression;
      readonly index: TypedExpression;
      readonly isChecked?: boolean;
    }
  | { readonly kind: 'tuple'; readonly elements: readonly TypedExpression[] }
  | {
      readonly kind: 'block';
      readonly body: TypedBlock;
      readonly value: TypedExpression;
    }
  /** `&$x`, `&@m[k]` */
  | {
      readonly kind: 'address';
      readonly target:
        | { readonly variable: VariableSlot }
        | { readonly map: MapSymbol; readonly key?: TypedExpression };
    }
  // -- the probe's context --
  /** `args.x` of a tracepoint: a field of its record. */
  | {
      readonly kind: 'tracepointField';
      readonly field: TracepointField;
      readonly syscallArgument?: number | 'number' | 'return';
    }
  /** Argument by number: pt_regs for k/uprobes, u64 slots for raw tracepoints and fentry, marker operands for usdt. */
  | { readonly kind: 'argument'; readonly index: number }
  /** All arguments as a record (fentry, uprobe, rawtracepoint). */
  | { readonly kind: 'returnValue' }
  | { readonly kind: 'context' }
  | { readonly kind: 'register'; readonly name: string }
  // -- builtins and functions computed in the kernel --
  | { readonly kind: 'builtin'; readonly name: BuiltinName }
  | {
      readonly kind: 'call';
      readonly name: FunctionName;
      readonly args: readonly TypedExpression[];
      readonly map?: MapSymbol;
      readonly variable?: VariableSlot;
      /** Of `find`: no statement before it declares the variable, which is empty when nothing is found. */
      readonly isDeclaration?: boolean;
      /** Of `debugf`: its format. */
      readonly text?: string;
      /** Of `skboutput`: what is to be done with the packet. */
      readonly action?: Action;
    }
  | {
      readonly kind: 'callFunction';
      readonly function: TypedFunction;
      readonly args: readonly TypedExpression[];
    }
);

export type BuiltinName =
  | 'pid'
  | 'tid'
  | 'pidInit'
  | 'tidInit'
  | 'uid'
  | 'gid'
  | 'username'
  | 'comm'
  | 'nsecs'
  | 'nsecsMonotonic'
  | 'nsecsTai'
  | 'nsecsSwTai'
  | 'elapsed'
  | 'jiffies'
  | 'cpu'
  | 'numaid'
  | 'cgroup'
  | 'curtask'
  | 'rand'
  | 'cpid'
  | 'func'
  | 'probe'
  | 'usermode';

export type FunctionName =
  | 'str'
  | 'buf'
  | 'path'
  | 'comm'
  | 'strncmp'
  | 'strcontains'
  | 'strstr'
  | 'strlen'
  | 'str_concat'
  | 'memcmp'
  | 'strerror'
  | 'signal_name'
  | 'syscall_name'
  | 'ksym'
  | 'usym'
  | 'percpu_kaddr'
  | 'uaddr'
  | 'kstack'
  | 'ustack'
  | 'ntop'
  | 'macaddr'
  | 'bswap'
  | 'cgroup_path'
  | 'strftime'
  | 'socket_cookie'
  | 'skboutput'
  | 'debugf'
  | 'signal'
  | 'signal_thread'
  | 'override'
  | 'write_user'
  | 'is_err'
  | 'has_key'
  | 'delete'
  | 'find'
  | 'len';
