/**
 * Stacks by their ids. A stack is read from the kernel once: programs ask for ids without BPF_F_REUSE_STACKID, so the
 * kernel never puts another stack under an id (it answers -EEXIST), until we delete it. Frames without a name are looked up again now and
 * then. A profile that is shown every second thus costs little, and its snapshots share their frames.
 */

import { ElementEraser, ElementReader } from '../../native/maps.ts';
import type { BpfObject } from '../codegen/object.ts';
import type { StackType } from '../semantics/types.ts';
import { Generations } from '../symbols/generations.ts';
import type { Resolver } from './resolver.ts';
import type { StackFrame } from './snapshot.ts';
import { uptimeMs } from './uptime.ts';

interface NamedStack {
  readonly bytes: Uint8Array;
  readonly frames: readonly StackFrame[];
  /** Names are still being looked up. */
  readonly isPending: boolean;
  /** Between looking up what has no name. */
  readonly pauseMs: number;
  /** Looked up again from then on. */
  readonly untilMs: number;
}

/** Stacks remembered at least, while they are asked for; where keys are remembered with their stacks, a few will do. */
const MAX_NAMED = 8192;
export const MAX_NAMED_WATCHED = 1024;
/** Frames without a name are looked up again after this: just-in-time compiled code gets its names late. */
const FIRST_PAUSE_MS = 10_000;
const LAST_PAUSE_MS = 60_000;

/** Stacks that make it worth to empty maps with room for twenty times as many. */
const CROWD = 1024;
/** Stacks that came and went between two readings, deleted at once: each takes two calls. */
const MAX_UNSEEN = 256;

/** Ids are positive, and processes have numbers of 22 bits (include/linux/threads.h: PID_MAX_LIMIT). */
const TWO_31 = 0x8000_0000;

export class StackReader {
  readonly #object: BpfObject;
  readonly #maps: readonly number[];
  readonly #resolver: Resolver;
  readonly #readers: (ElementReader | undefined)[] = [];
  readonly #validity: { untilMs: number };
  readonly #maxNamed: number;
  /** By the map that has their ids. */
  readonly #named: (Generations<number, NamedStack> | undefined)[] = [];
  /** Of stacks taken from the kernel since its maps were empty, as those have them. */
  readonly #ids: (Set<number> | undefined)[] = [];

  /** `maps`: descriptors, as the object's maps; `validity`: told when stacks are to be asked for again. */
  constructor(
    object: BpfObject,
    maps: readonly number[],
    resolver: Resolver,
    validity: { untilMs: number },
    maxNamed = MAX_NAMED,
  ) {
    this.#maxNamed = maxNamed;
    this.#validity = validity;
    this.#object = object;
    this.#maps = maps;
    this.#resolver = resolver;
  }

  /** frames gives the stack with this id; none for a negative id, which is the errno of what went wrong. */
  frames(type: StackType, id: number, pid: number): readonly StackFrame[] {
    if (id < 0) return [];
    const index = this.#mapOf(type, id);
    let stacks = this.#named[index];
    if (stacks === undefined) {
      stacks = new Generations(this.#maxNamed);
      this.#named[index] = stacks;
    }
    // The kernel's code is the same wherever it runs: most processes wait in the same few places.
    const key = type.isUser ? pid * TWO_31 + id : id;
    const known = stacks.get(key);
    if (known?.untilMs === Number.POSITIVE_INFINITY) return known.frames;
    const now = uptimeMs();
    if (known !== undefined && now < known.untilMs) {
      this.#validity.untilMs = Math.min(this.#validity.untilMs, known.untilMs);
      return known.frames;
    }
    const bytes = known?.bytes ?? this.#read(index, id);
    if (bytes === undefined) {
      this.#validity.untilMs = 0;
      return [];
    }
    const { misses } = this.#resolver;
    const named = this.#name(bytes, pid, type);
    const isPending = this.#resolver.misses !== misses;
    // Frames that got no new name stay the same object, which views tell stacks apart by.
    const frames = known !== undefined && isSameNames(known.frames, named) ? known.frames : named;
    // Most of what has no name now never gets one.
    const pauseMs =
      known === undefined || known.isPending ? FIRST_PAUSE_MS : Math.min(known.pauseMs * 2, LAST_PAUSE_MS);
    const isComplete = frames.every((frame) => frame.symbol !== undefined);
    const untilMs = isComplete ? Number.POSITIVE_INFINITY : isPending ? 0 : now + pauseMs;
    stacks.set(key, { bytes, frames, isPending, pauseMs, untilMs });
    this.#validity.untilMs = Math.min(this.#validity.untilMs, untilMs);
    return frames;
  }

  /** Many stacks lie in the kernel's maps, where the more there are the more new ones find their place taken. */
  get isFilling(): boolean {
    return this.#ids.reduce((sum, ids) => sum + (ids?.size ?? 0), 0) >= CROWD;
  }

  /** empty deletes all stacks, whose ids other stacks will get: nobody may have one of them any more. A call each. */
  empty(): void {
    this.#named.length = 0;
    for (const [index, { stack }] of this.#object.maps.entries()) {
      const fd = this.#maps[index];
      if (stack === undefined || fd === undefined) continue;
      const eraser = new ElementEraser(fd, 4);
      for (const id of this.#ids[index] ?? []) {
        eraser.key.writeUInt32LE(id);
        eraser.erase();
      }
      this.#ids[index]?.clear();
      eraser.eraseSome(MAX_UNSEEN);
    }
  }

  #read(index: number, id: number): Uint8Array | undefined {
    const fd = this.#maps[index];
    const spec = this.#object.maps[index];
    if (fd === undefined || !spec) throw new Error('stack of a kind that has no map');
    const reader = this.#readers[index] ?? new ElementReader(fd, 4, spec.valueSize);
    this.#readers[index] = reader;
    const place = id - (spec.stack?.firstId ?? 0);
    reader.key.writeUInt32LE(place);
    if (!reader.lookup()) return undefined;
    const ids = this.#ids[index] ?? new Set();
    this.#ids[index] = ids.add(place);
    const { value } = reader;
    if (spec.stack?.mode === 'build_id') return Uint8Array.from(value);
    // Mostly zeros behind the last address.
    const length = new BigUint64Array(value.buffer).indexOf(0n);
    return new Uint8Array(value.buffer.slice(0, length < 0 ? value.length : length * 8));
  }

  #name(value: Uint8Array, pid: number, type: StackType): readonly StackFrame[] {
    if (type.mode === 'build_id') return this.#resolver.buildIdStack(value);
    const addresses = new BigUint64Array(value.buffer, value.byteOffset, value.length / 8);
    return type.isUser
      ? this.#resolver.userStack(pid, addresses, type.mode)
      : this.#resolver.kernelStack(addresses, type.mode);
  }

  /** Of the maps for this type, the last whose ids have begun. */
  #mapOf(type: StackType, id: number): number {
    const { maps } = this.#object;
    for (let index = maps.length - 1; index >= 0; index--) {
      const stack = maps[index]?.stack;
      if (stack === undefined || stack.isUser !== type.isUser || (stack.firstId ?? 0) > id) continue;
      if (stack.mode === type.mode && stack.depth === type.depth) return index;
    }
    return -1;
  }
}

function isSameNames(left: readonly StackFrame[], right: readonly StackFrame[]): boolean {
  return left.length === right.length && left.every((frame, index) => frame.symbol === right[index]?.symbol);
}
