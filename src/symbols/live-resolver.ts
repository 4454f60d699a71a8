/**
 * The resolver on the running system. A stack's outer frames are return addresses: what they name is the call, one byte before,
 * since a call that never returns is the last instruction of its function and the address after it belongs to the next one.
 */

import type { StackMode, TimestampType } from '../semantics/types.ts';
import type { AddressList, Resolver } from '../session/resolver.ts';
import type { StackFrame, SymbolValue, TextValue } from '../session/snapshot.ts';
import { strftime } from '../text/strftime.ts';
import { CgroupPaths } from './cgroup-paths.ts';
import { type ClockOffsets, readClockOffsets } from './clock.ts';
import { demangle, isMangled } from './demangle.ts';
import { Generations } from './generations.ts';
import { type KernelLocation, KernelSymbols, type KernelSymbolTable, readKallsyms } from './kernel-symbols.ts';
import type { LateNames } from './late-names.ts';
import type { ProcessHistory } from './process-history.ts';
import type { Frames, ProcessView, UserLocation } from './process-view.ts';
import { UserNames } from './user-names.ts';
import { type UserSymbolCache, UserSymbols } from './user-symbols.ts';

export interface ResolverOptions {
  /** What processes had mapped that were not seen alive. */
  readonly history?: ProcessHistory;
  /** Reads /proc/kallsyms unless given; called with the first kernel address. */
  readonly kernelSymbols?: () => KernelSymbolTable;
  readonly cacheUserSymbols?: UserSymbolCache;
  readonly isDemangled?: boolean;
  /** Lines and inlined functions in user stacks, where the binary has debug information. */
  readonly hasLines?: boolean;
  /** Names of functions in stacks, and of user addresses, may come later. */
  readonly lateNames?: LateNames;
  /** Processes whose mappings are remembered. */
  readonly maxProcesses?: number;
  /** Exact offsets, where native code has them. */
  readonly clockOffsets?: () => ClockOffsets;
}

const MAX_UNNAMED_FRAMES = 1024;
const TWO_32 = 0x1_0000_0000;
const KERNEL_HIGH = 0xfff0_0000;
const MAX_KERNEL_FRAMES = 4096;
const BUILD_ID_ENTRY_BYTES = 32;
const BUILD_ID_VALID = 1;
const BUILD_ID_ADDRESS = 2;

export class LiveResolver implements Resolver {
  readonly #kernel: KernelSymbols;
  readonly #users: UserSymbols;
  readonly #late: LateNames | undefined;
  readonly #isDemangled: boolean;
  readonly #hasLines: boolean;
  readonly #readClocks: () => ClockOffsets;
  readonly #userNames = new UserNames();
  readonly #cgroups = new CgroupPaths();
  readonly #callFrames: SharedFrames = new WeakMap();
  readonly #leafFrames: SharedFrames = new WeakMap();
  readonly #unnamedFrames = new Generations<bigint, readonly StackFrame[]>(MAX_UNNAMED_FRAMES);
  readonly #kernelCalls = new Generations<number, readonly StackFrame[]>(MAX_KERNEL_FRAMES);
  readonly #kernelLeaves = new Generations<number, readonly StackFrame[]>(MAX_KERNEL_FRAMES);
  #clocks: ClockOffsets | undefined;

  constructor(options: ResolverOptions) {
    this.#kernel = new KernelSymbols(options.kernelSymbols ?? readKallsyms, readKallsyms);
    this.#users = new UserSymbols(
      options.cacheUserSymbols ?? 'PER_PID',
      options.maxProcesses,
      options.lateNames,
      options.history,
      options.lateNames !== undefined,
    );
    this.#late = options.lateNames;
    this.#isDemangled = options.isDemangled ?? true;
    this.#hasLines = options.hasLines ?? true;
    this.#readClocks = options.clockOffsets ?? readClockOffsets;
  }

  get misses(): number {
    return this.#late?.misses ?? 0;
  }

  kernelStack(addresses: AddressList, mode: StackMode): readonly StackFrame[] {
    if (mode === 'raw') return mapAddresses(addresses, (address) => [{ address }]);
    const words = wordsOf(addresses);
    const frames: StackFrame[] = [];
    for (let index = 0; index < words.length; index += 2) {
      const low = words[index] ?? 0;
      const high = words[index + 1] ?? 0;
      if (low === 0 && high === 0) break;
      const isLeaf = index === 0;
      const known = isLeaf ? this.#kernelLeaves : this.#kernelCalls;
      // All the kernel's code lies where the upper twelve bits are ones: the others are a number.
      const at = high >= KERNEL_HIGH ? (high - KERNEL_HIGH) * TWO_32 + low : 0;
      let found = known.get(at);
      if (found === undefined) {
        found = this.#kernelFramesAt((BigInt(high) << 32n) | BigInt(low), isLeaf);
        if (at !== 0 && found.every(({ symbol }) => symbol !== undefined)) known.set(at, found);
      }
      append(frames, found);
    }
    return frames;
  }

  userStack(pid: number, addresses: AddressList, mode: StackMode): readonly StackFrame[] {
    if (mode === 'raw') return mapAddresses(addresses, (address) => [{ address }]);
    const view = this.#users.viewOf(pid);
    const words = wordsOf(addresses);
    const frames: StackFrame[] = [];
    // Most of the processes that come and go are gone by now.
    if (view === undefined && this.#late && !this.#users.hasHistory) return addUnseen(frames, words);
    if (this.#late) view?.checkUnnamed();
    for (let index = 0; index < words.length; index += 2) {
      const at = (words[index + 1] ?? 0) * TWO_32 + (words[index] ?? 0);
      if (at === 0) break;
      const known = index === 0 ? view?.leafFrames : view?.callFrames;
      append(frames, known?.get(at) ?? this.#userFramesAt(pid, at, index === 0, view, known));
    }
    return frames;
  }

  buildIdStack(bytes: Uint8Array): readonly StackFrame[] {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frames: StackFrame[] = [];
    for (let at = 0; at + BUILD_ID_ENTRY_BYTES <= view.length; at += BUILD_ID_ENTRY_BYTES) {
      const status = view.readInt32LE(at);
      const place = view.readBigUInt64LE(at + 24);
      if (status === BUILD_ID_VALID) {
        const id = view.toString('hex', at + 4, at + 24);
        frames.push({ address: 0n, buildId: { id, offset: place } });
      } else if (status === BUILD_ID_ADDRESS) frames.push({ address: place });
      else break;
    }
    return frames;
  }

  kernelSymbol(address: bigint): SymbolValue {
    return symbolValue(address, this.#kernel.locate(address)?.symbol);
  }

  userSymbol(pid: number, address: bigint): SymbolValue {
    const { symbol } = this.#users.locate(pid, Number(address));
    return symbolValue(address, symbol && this.#readable(symbol));
  }

  username(uid: number): TextValue {
    return { kind: 'text', text: this.#userNames.find(uid) ?? '', raw: uid };
  }

  cgroupPath(id: bigint, filter: string): TextValue {
    return { kind: 'text', text: this.#cgroups.find(id, filter), raw: id };
  }

  timestamp(ns: bigint, type: TimestampType): TextValue {
    const wallNs = type.clock === 'tai' ? ns + this.#offsets().taiNs : this.wallClockNs(ns);
    return { kind: 'text', text: strftime(type.format, wallNs, { hasFractions: true }), raw: ns };
  }

  wallClockNs(bootNs: bigint): bigint {
    return bootNs + this.#offsets().bootNs;
  }

  observe(pid: number): void {
    this.#users.observe(pid);
  }

  #offsets(): ClockOffsets {
    this.#clocks ??= this.#readClocks();
    return this.#clocks;
  }

  #kernelFramesAt(address: bigint, isLeaf: boolean): readonly StackFrame[] {
    return this.#framesOf(
      address,
      isLeaf,
      (at) => (this.#late ?? this.#kernel).locate(at),
      (location) => [kernelFrame(address, location)],
    );
  }

  #userFramesAt(
    pid: number,
    at: number,
    isLeaf: boolean,
    view: ProcessView | undefined,
    known: Map<number, Frames> | undefined,
  ): Frames {
    // Where the address is a call and where it is a leaf, different bytes are looked up.
    const place = isLeaf ? -at : at;
    const unnamed = this.#late && view?.unnamedFrames;
    const without = unnamed?.get(place);
    if (without !== undefined) return without;
    const { misses } = this;
    const frame = this.#hasLines ? undefined : view?.frameAt(at, isLeaf);
    // One of both places may have a name already while the other's is looked up.
    if (frame !== undefined && this.misses === misses) {
      const { symbol } = frame;
      if (symbol === undefined) {
        if (unnamed) view?.keepUnnamed(place, frame);
        return frame;
      }
      const named = isMangled(symbol) ? { ...frame, symbol: this.#readable(symbol) } : frame;
      known?.set(at, named);
      return named;
    }
    const all = this.#framesOf(
      BigInt(at),
      isLeaf,
      (address) => this.#users.locate(pid, Number(address)),
      (location) => this.#userFrames(BigInt(at), location),
    );
    const [only] = all;
    const frames = all.length === 1 && only !== undefined ? only : all;
    if (all.every(({ symbol }) => symbol !== undefined)) known?.set(at, frames);
    else if (this.#late && this.misses === misses) view?.keepUnnamed(place, frames);
    return frames;
  }

  /**
   * Looks up the call before a return address, or the address itself where no symbol reaches there (signal frames). Thousands
   * of stacks go through the same few functions: they share the frames, which are found by the location looked up.
   */
  #framesOf<T extends Location>(
    address: bigint,
    isLeaf: boolean,
    locate: (address: bigint) => T | undefined,
    toFrames: (location: T | Record<string, never>) => readonly StackFrame[],
  ): readonly StackFrame[] {
    const call = isLeaf ? undefined : locate(address - 1n);
    if (call?.symbol !== undefined)
      return shared(this.#callFrames, call, () => toFrames({ ...call, offset: (call.offset ?? 0) + 1 }));
    const location = locate(address);
    if (location?.symbol === undefined) return this.#unnamed(address, toFrames(location ?? {}));
    return shared(this.#leafFrames, location, () => toFrames(location));
  }

  /** Shares frames without a name, too: of code that has none, stacks are full of the same few addresses. */
  #unnamed(address: bigint, frames: readonly StackFrame[]): readonly StackFrame[] {
    const [frame] = frames;
    if (frames.length !== 1 || frame?.symbol !== undefined || frame?.location !== undefined) return frames;
    const known = this.#unnamedFrames.get(address);
    if (known !== undefined && known[0]?.module === frame?.module) return known;
    this.#unnamedFrames.set(address, frames);
    return frames;
  }

  /** The frame and, before it, the functions that were inlined into it. */
  #userFrames(address: bigint, { symbol, offset, module, file, fileOffset }: UserLocation): StackFrame[] {
    const outer: StackFrame = {
      address,
      ...(symbol !== undefined && { symbol: this.#readable(symbol), offset: offset ?? 0 }),
      ...(module && { module }),
    };
    if (!this.#hasLines || !file || fileOffset === undefined) return [outer];
    const sources = file.sourceFramesAt(fileOffset);
    if (sources.length === 0) return [outer];
    return sources.map(({ inlinedName, line }) => ({
      ...(inlinedName === undefined
        ? outer
        : { address, symbol: this.#readable(inlinedName), isInlined: true, ...(module && { module }) }),
      ...(line && { location: `${line.file}:${line.line}` }),
    }));
  }

  #readable(symbol: string): string {
    return this.#isDemangled ? demangle(symbol) : symbol;
  }
}

function mapAddresses(
  addresses: AddressList,
  toFrames: (address: bigint, isLeaf: boolean) => readonly StackFrame[],
): readonly StackFrame[] {
  const frames: StackFrame[] = [];
  for (const address of addresses) {
    if (address === 0n) break;
    frames.push(...toFrames(address, frames.length === 0));
  }
  return frames;
}

/** `Array.isArray` does not narrow what is read-only. */
function isList(frames: Frames): frames is readonly StackFrame[] {
  return Array.isArray(frames);
}

/** No iterator: before V8 optimizes, each of its steps makes an object. */
function append(frames: StackFrame[], more: Frames): void {
  if (!isList(more)) frames.push(more);
  else for (let index = 0; index < more.length; index++) frames.push(more[index] as StackFrame);
}

/** What is said of a stack whose process was never seen: where it has been. */
function addUnseen(frames: StackFrame[], words: Uint32Array): readonly StackFrame[] {
  for (let index = 0; index < words.length; index += 2) {
    const at = (words[index + 1] ?? 0) * TWO_32 + (words[index] ?? 0);
    if (at === 0) break;
    frames.push({ address: BigInt(at) });
  }
  return frames;
}

/** Addresses as pairs of words, of which numbers are made at less cost than of bigints. */
function wordsOf(addresses: AddressList): Uint32Array {
  const { buffer, byteOffset, length } =
    addresses instanceof BigUint64Array ? addresses : BigUint64Array.from(addresses);
  return new Uint32Array(buffer, byteOffset, length * 2);
}

type Location = { readonly symbol?: string; readonly offset?: number };
type SharedFrames = WeakMap<Location, readonly StackFrame[]>;

function shared(known: SharedFrames, location: Location, make: () => readonly StackFrame[]): readonly StackFrame[] {
  let frames = known.get(location);
  if (frames === undefined) {
    frames = make();
    known.set(location, frames);
  }
  return frames;
}

function kernelFrame(address: bigint, location: Partial<KernelLocation>): StackFrame {
  const { symbol, offset, module } = location;
  return {
    address,
    ...(symbol !== undefined && { symbol, offset: offset ?? 0 }),
    ...(module !== undefined && { module }),
  };
}

function symbolValue(address: bigint, symbol: string | undefined): SymbolValue {
  const text = symbol ?? (address === 0n ? '0' : `0x${address.toString(16)}`);
  return { kind: 'symbol', address, text };
}
