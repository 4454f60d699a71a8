/**
 * Collects what the programs of one object share: maps, the slots of keyless maps and counters, constant tables,
 * actions planted by the compiler. Slots lie in one mapped array: first those shared by all CPUs, then one block per
 * CPU, each on cache lines of its own.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import { alignUp, sizeOf } from '../../semantics/layout.ts';
import type { Action, MapSymbol, TypedProgram } from '../../semantics/program.ts';
import type { StackType, Type } from '../../semantics/types.ts';
import { BtfWriter } from '../btf-writer.ts';
import type { ActionSpec, MapSpec, ShortKeyMap, SlotPlace, UserMap } from '../object.ts';
import { shortKeyType } from './short-key-type.ts';
import { isAggregate, isPerCpuKind } from './types.ts';
import { deletedMaps } from './walk.ts';

const FLAG_NO_PREALLOC = 1;
const FLAG_BUILD_ID = 32;
const FLAG_MMAPABLE = 1024;
const FLAG_READ_ONLY_PROGRAM = 128;
const CACHE_LINE = 64;
/** Above this a hash allocates entries when they come instead of up front. */
const PREALLOCATION_LIMIT = 64 << 20;
/** A program may use 64 maps (MAX_USED_MAPS, include/linux/bpf_verifier.h): with more, none becomes two. */
const MOST_SPLIT = 24;
const RING_BUFFER_SIZE = 4 << 20;
/** Unless a single CPU's share is larger. */
const LARGEST_RING = 256 << 20;
const STACK_ENTRIES = 16384;
const STACK_OVERFLOW_ENTRIES = 4096;

/** Where a scalar map's value lies; `isPerCpu`: offset within the block of a CPU. */
export interface SlotRef {
  readonly isPerCpu: boolean;
  readonly offset: number;
}

export type MapStorage =
  | { readonly kind: 'slots'; readonly slot: SlotRef; readonly presence: SlotRef | undefined }
  | {
      readonly kind: 'map';
      readonly map: number;
      readonly isPerCpu: boolean;
      readonly fullCounter: SlotRef;
      /** The map of keys whose strings are all short; `map` has the others. */
      readonly short?: ShortKeyMap;
    };

const INT32: Type = { kind: 'integer', bits: 32, isSigned: true };

export class ObjectBuilder {
  readonly program: TypedProgram;
  readonly btf = new BtfWriter();
  readonly cpus: number;
  /** Power of two not below the number of CPUs: a mask keeps the index within it. */
  readonly cpuSlots: number;
  readonly lossCounter: SlotRef;
  /** Ids of maps from which the script deletes. */
  readonly deletedMaps: ReadonlySet<number>;
  usesStartTime = false;
  /** Ids of maps that programs interrupting each other update. */
  contendedMaps: ReadonlySet<number> = new Set();
  readonly #maps: MapSpec[] = [];
  readonly #storage: MapStorage[];
  readonly #actions: ActionSpec[];
  readonly #planted = new Map<string, number>();
  readonly #tables: { bytes: Uint8Array; offset: number }[] = [];
  readonly #tableKeys = new Map<string, number>();
  #tableSize = 0;
  #tableMap: number | undefined;
  #slotsMap: number | undefined;
  #eventsMap: number | undefined;
  #packetsMap: number | undefined;
  #warningsMap: number | undefined;
  #scratchMap: number | undefined;
  #scratch: { values: number; size: number } = { values: 0, size: 0 };
  #sharedSize = 0;
  #perCpuSize = 0;
  #zerosSize = 0;
  #zerosOffset = 0;
  #startTime: SlotRef | undefined;
  #isSealed = false;

  constructor(program: TypedProgram, cpus: number) {
    this.program = program;
    this.cpus = cpus;
    this.deletedMaps = deletedMaps(program);
    this.cpuSlots = 2 ** Math.ceil(Math.log2(Math.max(1, cpus)));
    this.lossCounter = this.#perCpu(8);
    this.#startTime = this.#shared(8);
    this.#storage = program.maps.map((symbol) => this.#store(symbol));
    this.#zerosOffset = alignUp(this.#sharedSize, 8);
    this.#sharedSize = this.#zerosOffset + this.#zerosSize;
    this.#actions = program.actions.map((action) => ({ action, encoding: encodingOf(action) }));
    this.#isSealed = true;
  }

  // ---- maps of the script ----

  storageOf(symbol: MapSymbol): MapStorage {
    const storage = this.#storage[symbol.id];
    if (storage === undefined) throw new Error(`${symbol.name} is not a map of the program`);
    return storage;
  }

  #store(symbol: MapSymbol): MapStorage {
    const size = sizeOf(symbol.valueType);
    const aggregate = isAggregate(symbol.valueType);
    if (symbol.keyType === undefined) {
      const slot = aggregate ? this.#perCpu(size) : this.#shared(size);
      // A sum or a scalar may be zero though it was written; all others show that they were.
      const needsPresence = !aggregate || symbol.valueType.kind === 'sum';
      const presence = needsPresence ? (aggregate ? this.#perCpu(8) : this.#shared(8)) : undefined;
      return { kind: 'slots', slot, presence };
    }
    const isPerCpu = symbol.storage === 'auto' ? aggregate : isPerCpuKind(symbol.storage);
    const isLru = symbol.storage === 'lruhash' || symbol.storage === 'percpulruhash';
    const add = (keyType: Type) => {
      const keySize = Math.max(1, sizeOf(keyType));
      const bytes = symbol.maxEntries * (keySize + size * (isPerCpu ? this.cpus : 1));
      return this.addMap({
        name: kernelName(symbol.name),
        kind: isLru ? (isPerCpu ? 'lru_percpu_hash' : 'lru_hash') : isPerCpu ? 'percpu_hash' : 'hash',
        keySize,
        valueSize: size,
        maxEntries: symbol.maxEntries,
        flags: !isLru && bytes > PREALLOCATION_LIMIT ? FLAG_NO_PREALLOC : 0,
      });
    };
    const map = add(symbol.keyType);
    // Which element a full LRU map drops must not depend on the length of its key.
    const shortType = isLru || this.program.maps.length > MOST_SPLIT ? symbol.keyType : shortKeyType(symbol.keyType);
    const short = shortType === symbol.keyType ? undefined : { map: add(shortType), keyType: shortType };
    if (aggregate) this.#zerosSize = Math.max(this.#zerosSize, alignUp(size, 8));
    return { kind: 'map', map, isPerCpu, fullCounter: this.#perCpu(8), ...(short && { short }) };
  }

  userMaps(): UserMap[] {
    return this.program.maps.map((symbol) => {
      const storage = this.storageOf(symbol);
      if (storage.kind === 'map') {
        const { kind, map, isPerCpu, short } = storage;
        const fullCounter = this.placeOf(storage.fullCounter);
        return { symbol, storage: { kind, map, isPerCpu, ...(short && { short }) }, fullCounter };
      }
      const presence = storage.presence && this.placeOf(storage.presence);
      return { symbol, storage: { kind: 'slots', place: this.placeOf(storage.slot), ...(presence && { presence }) } };
    });
  }

  // ---- slots ----

  #shared(size: number): SlotRef {
    const offset = alignUp(this.#sharedSize, 8);
    this.#sharedSize = offset + size;
    return { isPerCpu: false, offset };
  }

  #perCpu(size: number): SlotRef {
    if (this.#isSealed) throw new Error('slots are planned before code is made');
    const offset = alignUp(this.#perCpuSize, 8);
    this.#perCpuSize = offset + size;
    return { isPerCpu: true, offset };
  }

  get startTime(): SlotRef {
    if (this.#startTime === undefined) throw new Error('no start time slot');
    return this.#startTime;
  }

  get zerosOffset(): number {
    return this.#zerosOffset;
  }

  /** Start of the per-CPU blocks within the array's value. */
  get perCpuStart(): number {
    return alignUp(this.#sharedSize, CACHE_LINE);
  }

  /** A power of two while that wastes little, since it makes the address cheaper. */
  get perCpuStride(): number {
    const lines = alignUp(Math.max(this.#perCpuSize, 1), CACHE_LINE);
    const power = 2 ** Math.ceil(Math.log2(lines));
    return power <= 4096 ? power : lines;
  }

  placeOf(slot: SlotRef): SlotPlace {
    const map = this.slotsMap;
    if (!slot.isPerCpu) return { map, offset: slot.offset, stride: 0 };
    return { map, offset: this.perCpuStart + slot.offset, stride: this.perCpuStride };
  }

  get slotsMap(): number {
    this.#slotsMap ??= this.addMap({
      name: 'bptop_slots',
      kind: 'array',
      keySize: 4,
      valueSize: this.perCpuStart + this.perCpuStride * this.cpuSlots,
      maxEntries: 1,
      flags: FLAG_MMAPABLE,
      isMapped: true,
    });
    return this.#slotsMap;
  }

  get hasSlots(): boolean {
    return this.#slotsMap !== undefined;
  }

  // ---- other maps ----

  addMap(spec: MapSpec): number {
    return this.#maps.push(spec) - 1;
  }

  /** One perf event buffer per CPU; user space puts them in. */
  get packetsMap(): number {
    this.#packetsMap ??= this.addMap({
      name: 'bptop_packets',
      kind: 'perf_event_array',
      keySize: 4,
      valueSize: 4,
      maxEntries: this.cpus,
      flags: 0,
    });
    return this.#packetsMap;
  }

  get eventsMap(): number {
    this.#eventsMap ??= this.addMap({
      name: 'bptop_events',
      kind: 'ringbuf',
      keySize: 0,
      valueSize: 0,
      maxEntries: ringBufferSize(this.program.config.perfRbPages, this.cpus),
      flags: 0,
    });
    return this.#eventsMap;
  }

  /** Counters of run-time warnings: a cache line per warning and CPU. Its size is known once all code is made. */
  get warningsMap(): number {
    this.#warningsMap ??= this.addMap({
      name: 'bptop_warnings',
      kind: 'array',
      keySize: 4,
      valueSize: 0,
      maxEntries: 1,
      flags: FLAG_MMAPABLE,
      isMapped: true,
    });
    return this.#warningsMap;
  }

  /** Scratch memory: so many values per CPU, of at least this size. */
  reserveScratch(values: number, size: number): void {
    this.#scratch = {
      values: Math.max(this.#scratch.values, values),
      size: Math.max(this.#scratch.size, alignUp(size, 8)),
    };
  }

  get scratchMap(): number {
    this.#scratchMap ??= this.addMap({
      name: 'bptop_scratch',
      kind: 'percpu_array',
      keySize: 4,
      valueSize: 8,
      maxEntries: 1,
      flags: 0,
    });
    return this.#scratchMap;
  }

  /** Two maps for the stacks of a type: the second takes those whose bucket was occupied. */
  stackMaps(type: StackType): { readonly first: number; readonly second: number; readonly firstEntries: number } {
    const isBuildId = type.mode === 'build_id';
    const matches = (spec: MapSpec) =>
      spec.stack?.isUser === type.isUser && spec.stack.mode === type.mode && spec.stack.depth === type.depth;
    let first = this.#maps.findIndex((spec) => matches(spec) && spec.stack?.firstId === undefined);
    if (first < 0) {
      const common = {
        kind: 'stack_trace' as const,
        keySize: 4,
        valueSize: type.depth * (isBuildId ? 32 : 8),
        flags: isBuildId ? FLAG_BUILD_ID : 0,
      };
      const stack = { isUser: type.isUser, mode: type.mode, depth: type.depth };
      first = this.addMap({ ...common, name: 'bptop_stacks', maxEntries: STACK_ENTRIES, stack });
      const firstId = STACK_ENTRIES;
      this.addMap({
        ...common,
        name: 'bptop_stacks2',
        maxEntries: STACK_OVERFLOW_ENTRIES,
        stack: { ...stack, firstId },
      });
    }
    return { first, second: first + 1, firstEntries: STACK_ENTRIES };
  }

  /** Constant bytes the programs read; equal keys are stored once. */
  table(key: string, make: () => Uint8Array): { readonly map: number; readonly offset: number } {
    this.#tableMap ??= this.addMap({
      name: 'bptop_tables',
      kind: 'array',
      keySize: 4,
      valueSize: 8,
      maxEntries: 1,
      flags: FLAG_READ_ONLY_PROGRAM,
      isFrozen: true,
    });
    let offset = this.#tableKeys.get(key);
    if (offset === undefined) {
      const bytes = make();
      offset = alignUp(this.#tableSize, 8);
      this.#tableSize = offset + bytes.length;
      this.#tables.push({ bytes, offset });
      this.#tableKeys.set(key, offset);
    }
    return { map: this.#tableMap, offset };
  }

  // ---- actions ----

  actionSpec(action: Action): ActionSpec {
    const spec = this.#actions[action.id];
    if (spec === undefined) throw new Error(`action ${action.id} is not of the program`);
    return spec;
  }

  /** The action for a run-time warning at a place of the script. */
  helperError(helper: string, span: Span, message?: string): Action {
    return this.#plant(`${helper} ${span.start} ${span.end} ${message ?? ''}`, (id) => ({
      id,
      kind: 'helperError',
      helper,
      args: [INT32],
      span,
      ...(message !== undefined && { message }),
    }));
  }

  runtimeError(message: string, span: Span): Action {
    return this.#plant(`${span.start} ${span.end} ${message}`, (id) => ({
      id,
      kind: 'runtimeError',
      message,
      args: [],
      span,
    }));
  }

  #plant(key: string, make: (id: number) => Action): Action {
    const known = this.#planted.get(key);
    if (known !== undefined) return this.#action(known);
    const id = this.#actions.length;
    const offset = this.#planted.size * this.cpuSlots * CACHE_LINE;
    const occurrences = { map: this.warningsMap, offset, stride: CACHE_LINE };
    this.#actions.push({ action: make(id), encoding: 'fixed', occurrences });
    this.#planted.set(key, id);
    return this.#action(id);
  }

  #action(id: number): Action {
    const spec = this.#actions[id];
    if (spec === undefined) throw new Error(`no action ${id}`);
    return spec.action;
  }

  get actions(): readonly ActionSpec[] {
    return this.#actions;
  }

  /** maps gives the finished list: sizes that only all programs together settle are filled in. */
  maps(): MapSpec[] {
    return this.#maps.map((spec, index) => {
      if (index === this.#scratchMap) {
        return { ...spec, valueSize: Math.max(8, this.#scratch.size), maxEntries: Math.max(1, this.#scratch.values) };
      }
      if (index === this.#warningsMap) {
        return { ...spec, valueSize: this.#planted.size * this.cpuSlots * CACHE_LINE };
      }
      if (index === this.#tableMap) {
        const contents = new Uint8Array(alignUp(Math.max(8, this.#tableSize), 8));
        for (const { bytes, offset } of this.#tables) contents.set(bytes, offset);
        return { ...spec, valueSize: contents.length, initial: [contents] };
      }
      return spec;
    });
  }
}

const PACKED_ABOVE = 192;

/** Long strings are packed, so that an event costs what it holds; `join` always. */
function encodingOf(action: Action): 'fixed' | 'packed' {
  if (action.kind === 'join') return 'packed';
  const strings = action.args.filter((type) => type.kind === 'string' || type.kind === 'buffer');
  return strings.reduce((sum, type) => sum + sizeOf(type), 0) > PACKED_ABOVE ? 'packed' : 'fixed';
}

/** Pages are meant for each CPU, and one ring serves all: otherwise a flood on each would find too little. */
function ringBufferSize(pages: number | undefined, cpus: number): number {
  if (pages === undefined) return RING_BUFFER_SIZE;
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, pages * cpus))) * 4096;
  return Math.min(wanted, Math.max(LARGEST_RING, 2 ** Math.ceil(Math.log2(pages)) * 4096));
}

function kernelName(name: string): string {
  const text = name.replace(/^@/, 'AT_').replace(/[^A-Za-z0-9_]/g, '_');
  return text.slice(0, 15);
}
