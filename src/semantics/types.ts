/**
 * The types of the language. Structs keep their C description and are decoded field by field on use. Sizes are bytes.
 */

import type { CComposite } from '../ctype/ctype.ts';

export type Type =
  | { readonly kind: 'none' }
  | { readonly kind: 'void' }
  | { readonly kind: 'bool' }
  | IntegerType
  | EnumType
  | PointerType
  | StringType
  | BufferType
  | ArrayType
  | TupleType
  | RecordType
  | StructType
  | StackType
  | { readonly kind: 'ksym' }
  | { readonly kind: 'usym' }
  | { readonly kind: 'inet' }
  | { readonly kind: 'mac' }
  | { readonly kind: 'username' }
  | TimestampType
  | CgroupPathType
  | { readonly kind: 'probeName' }
  | AggregateType;

export interface IntegerType {
  readonly kind: 'integer';
  readonly bits: 8 | 16 | 32 | 64;
  readonly isSigned: boolean;
}

export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly bits: 8 | 16 | 32 | 64;
  readonly isSigned: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

/** `context` pointers are read directly by the program; `map` points into a map value or a stack slot of ours. */
export type AddressSpace = 'kernel' | 'user' | 'context' | 'map' | 'none';

export interface PointerType {
  readonly kind: 'pointer';
  readonly target: Type;
  readonly space: AddressSpace;
  /** A pointer BTF vouches for (raw tracepoint, fentry, iterator arguments): may be loaded through directly. */
  readonly isTrusted?: boolean;
}

/** `capacity` includes the NUL. In memory: `capacity` bytes, zero-filled behind the text. */
export interface StringType {
  readonly kind: 'string';
  readonly capacity: number;
}

/** In memory: u32 length, then `capacity` bytes. */
export interface BufferType {
  readonly kind: 'buffer';
  readonly capacity: number;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly element: Type;
  readonly length: number;
}

export interface TupleType {
  readonly kind: 'tuple';
  readonly elements: readonly Type[];
}

export interface RecordType {
  readonly kind: 'record';
  readonly fields: readonly { readonly name: string; readonly type: Type }[];
}

export interface StructType {
  readonly kind: 'struct';
  readonly composite: CComposite;
}

export type StackMode = 'bpftrace' | 'perf' | 'raw' | 'build_id';

/** In memory: i32 id in the stack map of its kind, depth and mode (negative: errno), u32 tgid (0 for kernel stacks). */
export interface StackType {
  readonly kind: 'stack';
  readonly isUser: boolean;
  readonly mode: StackMode;
  readonly depth: number;
}

/** In memory: u64 nanoseconds. */
export interface TimestampType {
  readonly kind: 'timestamp';
  readonly format: string;
  readonly clock: 'boot' | 'tai';
}

export interface CgroupPathType {
  readonly kind: 'cgroupPath';
  readonly filter: string;
}

/** Only map values; kept per CPU and merged when read. */
export type AggregateType =
  | { readonly kind: 'count' }
  | { readonly kind: 'sum'; readonly isSigned: boolean }
  | { readonly kind: 'min'; readonly isSigned: boolean }
  | { readonly kind: 'max'; readonly isSigned: boolean }
  | { readonly kind: 'avg'; readonly isSigned: boolean }
  | { readonly kind: 'stats'; readonly isSigned: boolean }
  | { readonly kind: 'hist'; readonly bits: number }
  | {
      readonly kind: 'lhist';
      readonly min: bigint;
      readonly max: bigint;
      readonly step: bigint;
    }
  | {
      readonly kind: 'tseries';
      readonly intervalNs: bigint;
      readonly intervals: number;
      readonly aggregation: 'none' | 'avg' | 'max' | 'min' | 'sum';
      readonly isSigned: boolean;
    };
