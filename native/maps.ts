/**
 * BPF maps by descriptor. Reading goes by batch into buffers that the caller reuses: one call per 100,000 entries, as
 * each call through ffi-rs costs microseconds.
 */

import { type Argument, callLibbpf, type PreparedCall, prepareLibbpf } from './library.ts';
import { MappedMemory } from './memory.ts';
import { checked, errnoName, NativeError } from './native-error.ts';
import { addressOf, StructLayout } from './struct.ts';

/** enum bpf_map_type, include/uapi/linux/bpf.h */
const MAP_KINDS = {
  hash: 1,
  array: 2,
  perf_event_array: 4,
  percpu_hash: 5,
  percpu_array: 6,
  stack_trace: 7,
  lru_hash: 9,
  lru_percpu_hash: 10,
  ringbuf: 27,
} as const;

export type MapKind = keyof typeof MAP_KINDS;

/** Flags of map creation. */
export const BPF_F_NO_PREALLOC = 1;
export const BPF_F_STACK_BUILD_ID = 32;
export const BPF_F_MMAPABLE = 1024;

export interface MapOptions {
  readonly name: string;
  readonly kind: MapKind;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags?: number;
}

const CREATE_OPTIONS = new StructLayout([
  ['sz', 'size'],
  ['btf_fd', 'u32'],
  ['btf_key_type_id', 'u32'],
  ['btf_value_type_id', 'u32'],
  ['btf_vmlinux_value_type_id', 'u32'],
  ['inner_map_fd', 'u32'],
  ['map_flags', 'u32'],
  ['map_extra', 'u64'],
  ['numa_node', 'u32'],
  ['map_ifindex', 'u32'],
]);

/** createMap returns the descriptor of a new map. */
export function createMap(options: MapOptions): number {
  const opts = CREATE_OPTIONS.encode({ map_flags: options.flags ?? 0 });
  const fd = callLibbpf('bpf_map_create', [
    ['i32', MAP_KINDS[options.kind]],
    ['string', kernelName(options.name)],
    ['u32', options.keySize],
    ['u32', options.valueSize],
    ['u32', options.maxEntries],
    ['buffer', opts.bytes],
  ]);
  return checked('BPF_MAP_CREATE', fd);
}

/** mapArray views the values of an array with BPF_F_MMAPABLE; each lies at a multiple of 8 bytes. */
export function mapArray(fd: number, valueSize: number, maxEntries: number): MappedMemory {
  return MappedMemory.map(fd, Math.ceil(valueSize / 8) * 8 * maxEntries, { isWritable: true });
}

/** freezeMap makes user space's writes fail from now on, so that the verifier may take the contents as constant. */
export function freezeMap(fd: number): void {
  checked('BPF_MAP_FREEZE', callLibbpf('bpf_map_freeze', [['i32', fd]]));
}

/** updateElement writes one entry, whether or not it exists. */
export function updateElement(fd: number, key: Uint8Array, value: Uint8Array): void {
  const result = callLibbpf('bpf_map_update_elem', [
    ['i32', fd],
    ['buffer', key],
    ['buffer', value],
    ['i64', 0],
  ]);
  checked('BPF_MAP_UPDATE_ELEM', result);
}

/** lookupElement fills `value`; false if there is no such key. Per-CPU values take 8-byte slots of all possible CPUs. */
export function lookupElement(fd: number, key: Uint8Array, value: Uint8Array): boolean {
  const result = callLibbpf('bpf_map_lookup_elem', [
    ['i32', fd],
    ['buffer', key],
    ['buffer', value],
  ]);
  return found('BPF_MAP_LOOKUP_ELEM', result);
}

/** ElementReader looks up element after element of one map, with memory of its own: half the time of `lookupElement`. */
export class ElementReader {
  readonly #fd: number;
  readonly key: Buffer;
  /** What the last look-up found. */
  readonly value: Buffer;

  constructor(fd: number, keySize: number, valueSize: number) {
    this.#fd = fd;
    this.key = ownMemory(keySize);
    this.value = ownMemory(valueSize);
  }

  /** lookup fills `value` from the element with the key in `key`; false if there is none. */
  lookup(): boolean {
    prepared.lookup ??= prepareLibbpf('bpf_map_lookup_elem', ['i32', 'i64', 'i64']);
    return found('BPF_MAP_LOOKUP_ELEM', prepared.lookup(this.#fd, addressOf(this.key), addressOf(this.value)));
  }
}

/** ElementEraser deletes element after element of one map that has no batches, with memory of its own as `ElementReader`. */
export class ElementEraser {
  readonly #fd: number;
  readonly key: Buffer;
  readonly #next: Buffer;

  constructor(fd: number, keySize: number) {
    this.#fd = fd;
    this.key = ownMemory(keySize);
    this.#next = ownMemory(keySize);
  }

  /** erase deletes the element with the key in `key`; false if there is none. */
  erase(): boolean {
    prepared.erase ??= prepareLibbpf('bpf_map_delete_elem', ['i32', 'i64']);
    return found('BPF_MAP_DELETE_ELEM', prepared.erase(this.#fd, addressOf(this.key)));
  }

  /** eraseSome deletes up to `limit` elements, whatever their keys. */
  eraseSome(limit: number): void {
    prepared.next ??= prepareLibbpf('bpf_map_get_next_key', ['i32', 'i64', 'i64']);
    const next = (from: number, to: Buffer) =>
      found('BPF_MAP_GET_NEXT_KEY', prepared.next?.(this.#fd, from, addressOf(to)) ?? 0);
    let isThere = next(0, this.key);
    for (let count = 0; isThere && count < limit; count++) {
      // The key behind one that is gone would be looked for from the start.
      isThere = next(addressOf(this.key), this.#next);
      this.erase();
      this.#next.copy(this.key);
    }
  }
}

/** Calls of every refresh, made with the first. */
const prepared: { lookup?: PreparedCall; batch?: PreparedCall; erase?: PreparedCall; next?: PreparedCall } = {};

/** Not from Node's pool, which would keep much else alive for it. */
function ownMemory(size: number): Buffer {
  return Buffer.from(new ArrayBuffer(size));
}

/** nextKey fills `next` with the key behind `key` (undefined: the first); false at the end. */
export function nextKey(fd: number, key: Uint8Array | undefined, next: Uint8Array): boolean {
  const result = callLibbpf('bpf_map_get_next_key', [
    ['i32', fd],
    key ? ['buffer', key] : ['i64', 0],
    ['buffer', next],
  ]);
  return found('BPF_MAP_GET_NEXT_KEY', result);
}

const BATCH_OPTIONS = new StructLayout([
  ['sz', 'size'],
  ['elem_flags', 'u64'],
  ['flags', 'u64'],
]);

export interface BatchResult {
  /** Entries written to `keys` and `values`. */
  readonly count: number;
  /**
   * `more`: call again with the same cursor. `end`: that was all. `grow`: one hash bucket holds more than fits; call
   * again with larger buffers.
   */
  readonly outcome: 'more' | 'end' | 'grow';
}

/** BatchCursor is where a batched reading of one map stands; used again and again, with `isStarted` reset. */
export class BatchCursor {
  readonly position: Buffer;
  readonly count = ownMemory(4);
  isStarted = false;

  /** Hash maps keep a bucket number there, other kinds a key. */
  constructor(keySize: number) {
    this.position = ownMemory(Math.max(8, keySize));
  }
}

const PLAIN_BATCH = BATCH_OPTIONS.encode().bytes;

/**
 * lookupBatch reads up to `capacity` entries into memory that is used again. Throws EINVAL or ENOTSUPP where the kind of map
 * has no batches.
 */
export function lookupBatch(
  fd: number,
  cursor: BatchCursor,
  keys: Uint8Array,
  values: Uint8Array,
  capacity: number,
): BatchResult {
  const { position, count } = cursor;
  count.writeUInt32LE(capacity);
  prepared.batch ??= prepareLibbpf('bpf_map_lookup_batch', ['i32', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64']);
  const at = addressOf(position);
  const result = prepared.batch(
    fd,
    cursor.isStarted ? at : 0,
    at,
    addressOf(keys),
    addressOf(values),
    addressOf(count),
    addressOf(PLAIN_BATCH),
  );
  const error = result < 0 ? errnoName(-result) : undefined;
  if (error === 'ENOSPC') return { count: 0, outcome: 'grow' };
  if (error && error !== 'ENOENT') throw new NativeError('BPF_MAP_LOOKUP_BATCH', -result);
  cursor.isStarted = true;
  return { count: count.readUInt32LE(), outcome: error ? 'end' : 'more' };
}

/** deleteBatch removes keys that lie one after the other; one that is gone already does not matter. */
export function deleteBatch(fd: number, keys: Buffer, count: number, keySize: number): void {
  runBatch('bpf_map_delete_batch', count, (start, length) => [
    ['i32', fd],
    ['buffer', keys.subarray(start * keySize)],
    ['buffer', length],
  ]);
}

/** updateBatch writes values that lie one after the other. */
export function updateBatch(
  fd: number,
  keys: Buffer,
  values: Buffer,
  count: number,
  keySize: number,
  valueStride: number,
): void {
  runBatch('bpf_map_update_batch', count, (start, length) => [
    ['i32', fd],
    ['buffer', keys.subarray(start * keySize)],
    ['buffer', values.subarray(start * valueStride)],
    ['buffer', length],
  ]);
}

/** A batch stops at the first entry that fails; go on behind it. */
function runBatch(name: string, count: number, args: (start: number, length: Buffer) => Argument[]): void {
  for (let start = 0; start < count; ) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(count - start);
    const result = callLibbpf(name, [...args(start, length), ['buffer', BATCH_OPTIONS.encode().bytes]]);
    if (result === 0) return;
    const error = errnoName(-result);
    if (error !== 'ENOENT' && error !== 'E2BIG') throw new NativeError(name, -result);
    start += length.readUInt32LE() + 1;
  }
}

/** kernelName cuts a name to what the kernel takes: 15 letters, digits, `_` and `.`. */
export function kernelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, 15);
}

function found(operation: string, result: number): boolean {
  if (result < 0 && errnoName(-result) === 'ENOENT') return false;
  checked(operation, result);
  return true;
}
