/**
 * What a running session shows of itself: immutable plain data, the only thing that output, recording and the
 * dashboard ever see. Addresses, users and cgroups are already resolved to text here, so that a recording reads the
 * same on another machine.
 */

import type { Action } from '../semantics/program.ts';
import type { Type } from '../semantics/types.ts';

/** Integers are `number` where exact (|n| ≤ 2^53-1), else `bigint`. */
export type Value =
  | number
  | bigint
  | boolean
  /** Bytes decoded as UTF-8; each byte that is none is the lone surrogate U+DC00 + byte (`src/text/bytes.ts`). */
  | string
  | Uint8Array
  | readonly Value[]
  | RecordValue
  | EnumValue
  | PointerValue
  | StackValue
  | SymbolValue
  | TextValue
  | AverageValue
  | HistogramValue
  | TimeSeriesValue;

/** A struct, union or record: members in order. */
export interface RecordValue {
  readonly kind: 'record';
  readonly fields: readonly { readonly name: string; readonly value: Value }[];
}

export interface EnumValue {
  readonly kind: 'enum';
  readonly value: number | bigint;
  readonly name?: string;
}

export interface PointerValue {
  readonly kind: 'pointer';
  readonly address: bigint;
}

export interface StackValue {
  readonly kind: 'stack';
  readonly isUser: boolean;
  readonly pid: number;
  /** Leaf first. */
  readonly frames: readonly StackFrame[];
}

export interface StackFrame {
  readonly address: bigint;
  readonly symbol?: string;
  /** Bytes from the symbol's start. */
  readonly offset?: number;
  /** Path of the mapped file, or the kernel module. */
  readonly module?: string;
  /** `file:line`, where debug info says. */
  readonly location?: string;
  /** This frame was inlined into the next one. */
  readonly isInlined?: boolean;
  /** build_id mode: 40 hex digits and the offset in the file. */
  readonly buildId?: { readonly id: string; readonly offset: bigint };
}

/** ksym and usym. */
export interface SymbolValue {
  readonly kind: 'symbol';
  readonly address: bigint;
  /** Name, `0x…` or `0`. */
  readonly text: string;
}

/** inet, mac, username, timestamp, cgroup path, probe name: text for people, `raw` for filters. */
export interface TextValue {
  readonly kind: 'text';
  readonly text: string;
  readonly raw: number | bigint | string;
}

/** avg and stats. */
export interface AverageValue {
  readonly kind: 'average';
  readonly count: number | bigint;
  readonly average: number | bigint;
  readonly total: number | bigint;
}

/** hist and lhist; index → count as in layout.ts, cut to the used range `first … first + counts.length - 1`. */
export interface HistogramValue {
  readonly kind: 'histogram';
  readonly first: number;
  readonly counts: readonly number[];
  readonly total: number;
}

export interface TimeSeriesValue {
  readonly kind: 'timeSeries';
  /** Wall-clock ns since the epoch at the start of each interval that has data, oldest first. */
  readonly points: readonly {
    readonly startNs: bigint;
    readonly value: number | bigint;
  }[];
}

export interface MapSnapshot {
  readonly name: string;
  readonly keyType?: Type;
  readonly valueType: Type;
  /** In the kernel's order; views and output sort. A scalar map has one entry without a key. */
  readonly entries: readonly MapEntry[];
  /** The same entries where they lie, if the map was read to be printed at once; `entries` are then made when asked for. */
  readonly rows?: EntryRows;
  /** The same entries in columns, if the map is watched; `entries` are then made when asked for. */
  readonly columns?: MapColumns;
  readonly maxEntries: number;
  /** Updates refused so far because the map was full. */
  readonly refusedUpdates: number;
}

/** EntryRows decodes entries one at a time, so that a large map need not become as many objects. */
export interface EntryRows {
  readonly count: number;
  key(index: number): Value | undefined;
  value(index: number): Value;
  /** Where the entries lie, if in one place: until the map is read again. */
  readonly memory?: RowMemory;
}

/** RowMemory holds keys and values a fixed distance apart, each as `semantics/layout.ts` says; views show the same bytes. */
export interface RowMemory {
  readonly keys: Uint8Array;
  readonly keyView: DataView;
  readonly keyStride: number;
  readonly valueView: DataView;
  readonly valueStride: number;
  /** Of per-CPU maps, a value is that many slots. */
  readonly slotStride: number;
  readonly slotCount: number;
  /** Said behind strings that fill all the room they have. */
  readonly strTruncTrailer: string;
}

/** MapColumns is what a map holds, keys and values apart; a column that has not changed since the last reading is the same. */
export interface MapColumns {
  readonly keys: readonly (Value | undefined)[];
  readonly values: Float64Array | readonly Value[];
}

export interface MapEntry {
  readonly key?: Value;
  readonly value: Value;
}

export interface ProbeCost {
  /** Name of the first site, and how many sites the program has. */
  readonly name: string;
  readonly sites: number;
  /** Since attach, from BPF run statistics. */
  readonly runs: number;
  readonly timeNs: number;
}

export interface Snapshot {
  /** Wall clock, ms since the epoch. */
  readonly timeMs: number;
  /** Since the session started. */
  readonly elapsedMs: number;
  readonly maps: readonly MapSnapshot[];
  readonly lostEvents: number;
  readonly probes: readonly ProbeCost[];
}

/** One event, decoded: the action of the program it belongs to and its arguments, in the order they happened. */
export interface SessionEvent {
  readonly action: Action;
  readonly args: readonly Value[];
  /** Of actions that are printed directly, what several events in a row say; `args` are empty then. */
  readonly printed?: PrintedText;
}

/** PrintedText is a part of `bytes`, which are as they are until the session is polled again. */
export interface PrintedText {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly events: number;
}
