/**
 * Stacks by their ids. A stack is read from the kernel when a value that names it is decoded, once per generation (one
 * snapshot, one round of events): the kernel may put another stack under an id later. Frames are named again only if the
 * addresses have changed or not all had a name, so that a profile that is shown every second costs little, and its
 * snapshots share their frames.
 */

import { lookupElement } from '../../native/maps.ts';
import type { BpfObject } from '../codegen/object.ts';
import type { StackType } from '../semantics/types.ts';
import type { Resolver } from './resolver.ts';
import type { StackFrame } from './snapshot.ts';

interface NamedStack {
  readonly bytes: Uint8Array;
  readonly frames: readonly StackFrame[];
  readonly isComplete: boolean;
  readonly namedAtMs: number;
}

/** Stacks remembered at most; beyond, all are named anew. */
const MAX_NAMED = 20_000;
/** Frames without a name are looked up again after this: just-in-time compiled code gets its names late. */
const RENAME_MS = 5000;

export class StackReader {
  readonly #object: BpfObject;
  readonly #maps: readonly number[];
  readonly #resolver: Resolver;
  readonly #key = Buffer.alloc(4);
  #frames = new Map<string, readonly StackFrame[]>();
  #named = new Map<string, NamedStack>();
  readonly #buffers = new Map<number, Uint8Array>();

  /** `maps`: descriptors, as the object's maps. */
  constructor(object: BpfObject, maps: readonly number[], resolver: Resolver) {
    this.#object = object;
    this.#maps = maps;
    this.#resolver = resolver;
  }

  /** forget starts a new generation. */
  forget(): void {
    if (this.#frames.size > 0) this.#frames = new Map();
  }

  /** frames reads the stack with this id; none for a negative id, which is the errno of what went wrong. */
  frames(type: StackType, id: number, pid: number): readonly StackFrame[] {
    if (id < 0) return [];
    const index = this.#mapOf(type, id);
    const key = `${index}:${id}:${pid}`;
    let frames = this.#frames.get(key);
    if (!frames) {
      frames = this.#read(index, id, pid, type, key);
      this.#frames.set(key, frames);
    }
    return frames;
  }

  #read(index: number, id: number, pid: number, type: StackType, key: string): readonly StackFrame[] {
    const fd = this.#maps[index];
    const spec = this.#object.maps[index];
    if (fd === undefined || !spec) throw new Error('stack of a kind that has no map');
    let value = this.#buffers.get(index);
    if (value === undefined) {
      value = new Uint8Array(spec.valueSize);
      this.#buffers.set(index, value);
    }
    value.fill(0);
    this.#key.writeUInt32LE(id - (spec.stack?.firstId ?? 0));
    if (!lookupElement(fd, this.#key, value)) return [];
    const known = this.#named.get(key);
    const now = performance.now();
    const isFresh = known !== undefined && (known.isComplete || now - known.namedAtMs < RENAME_MS);
    if (isFresh && Buffer.compare(known.bytes, value) === 0) return known.frames;
    const bytes = value.slice();
    const frames = this.#name(bytes, pid, type);
    if (this.#named.size >= MAX_NAMED) this.#named = new Map();
    const isComplete = frames.every((frame) => frame.symbol !== undefined);
    this.#named.set(key, { bytes, frames, isComplete, namedAtMs: now });
    return frames;
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
    return this.#object.maps.findLastIndex(
      ({ stack }) =>
        stack?.isUser === type.isUser &&
        stack.mode === type.mode &&
        stack.depth === type.depth &&
        (stack.firstId ?? 0) <= id,
    );
  }
}
