/**
 * Numbers to names: what decoders ask when they turn a record into a value. `src/symbols/live-resolver.ts` implements it on the
 * running system; tests give a table. Answers are immediate and cached, and never throw: what is unknown stays a number.
 */

import type { StackMode, TimestampType } from '../semantics/types.ts';
import type { StackFrame, SymbolValue, TextValue } from './snapshot.ts';

export interface Resolver {
  /** Rises with each answer that lacks a name which is still being looked up; absent where answers are final. */
  readonly misses?: number;
  /**
   * Frames of a stack, leaf first, inlined ones included; `addresses` ends at its first 0. In mode `raw` nothing is
   * looked up.
   */
  kernelStack(addresses: AddressList, mode: StackMode): readonly StackFrame[];
  /** `pid` is the tgid as this process sees it. Mode `build_id` has its own method. */
  userStack(pid: number, addresses: AddressList, mode: StackMode): readonly StackFrame[];
  /** `bytes` are the kernel's `struct bpf_stack_build_id`, 32 bytes each. */
  buildIdStack(bytes: Uint8Array): readonly StackFrame[];
  kernelSymbol(address: bigint): SymbolValue;
  userSymbol(pid: number, address: bigint): SymbolValue;
  /** Empty text for an unknown user. */
  username(uid: number): TextValue;
  /** `hierarchy:path` list over all hierarchies whose name matches the pattern `filter` (empty: all). */
  cgroupPath(id: bigint, filter: string): TextValue;
  /** strftime of ns since boot or of the TAI clock; `(?)` if impossible. */
  timestamp(ns: bigint, type: TimestampType): TextValue;
  /** Wall clock, ns since the epoch, of a time of the boot clock. */
  wallClockNs(bootNs: bigint): bigint;
  /** Remembers what a process has mapped, now and later on, so that its addresses keep their names after its end. */
  observe(pid: number): void;
}

/** A row of a stack map, or addresses from a test. */
export type AddressList = BigUint64Array | readonly bigint[];
