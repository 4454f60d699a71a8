/**
 * Encodes structures of the kernel and of libbpf by the names and sizes of their fields, never by hand-counted
 * offsets. Fields lie at their natural alignment as in C; a pointer field takes the memory itself, and keeps it alive.
 */

import { addressFrom } from './library.ts';

/** `size`: a `size_t` that receives the structure's own size; a number: that many bytes of text. */
export type FieldKind = 'u8' | 'u16' | 'u32' | 'i32' | 'u64' | 'pointer' | 'size' | number;

export type StructValue = number | bigint | string | Uint8Array | Struct;

export type StructValues = Readonly<Record<string, StructValue | undefined>>;

const SIZES: Record<Exclude<FieldKind, number>, number> = {
  u8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  pointer: 8,
  size: 8,
};

interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly offset: number;
}

/** StructLayout places fields one after the other, each at its alignment. */
export class StructLayout {
  readonly size: number;
  readonly #fields = new Map<string, Field>();

  /** A name that starts with `_` is padding. `align` as for unions that the kernel aligns to 8. */
  constructor(fields: readonly (readonly [name: string, kind: FieldKind])[], align = 8) {
    let end = 0;
    for (const [name, kind] of fields) {
      const size = typeof kind === 'number' ? kind : SIZES[kind];
      const fieldAlign = typeof kind === 'number' ? 1 : size;
      const offset = Math.ceil(end / fieldAlign) * fieldAlign;
      this.#fields.set(name, { name, kind, offset });
      end = offset + size;
    }
    this.size = Math.ceil(end / align) * align;
  }

  /** offsetOf gives where a field starts. */
  offsetOf(name: string): number {
    return this.#field(name).offset;
  }

  /** encode fills a new buffer; fields that are not given are zero. */
  encode(values: StructValues = {}): Struct {
    const struct = new Struct(this);
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined) struct.set(name, value);
    }
    for (const field of this.#fields.values()) {
      if (field.kind === 'size') struct.bytes.writeBigUInt64LE(BigInt(this.size), field.offset);
    }
    return struct;
  }

  /** read gives an integer field of memory that the kernel filled. */
  read(bytes: Buffer, name: string): bigint {
    const { kind, offset } = this.#field(name);
    const size = typeof kind === 'number' ? kind : SIZES[kind];
    if (size === 8) return bytes.readBigUInt64LE(offset);
    return BigInt(kind === 'i32' ? bytes.readInt32LE(offset) : bytes.readUIntLE(offset, size));
  }

  /** write puts one field's value at its place. */
  write(bytes: Buffer, name: string, value: number | bigint | string | Uint8Array): void {
    const { kind, offset } = this.#field(name);
    if (typeof value === 'string') {
      const text = Buffer.from(value);
      if (typeof kind !== 'number' || text.length > kind) throw new RangeError(`${name}: text too long`);
      text.copy(bytes, offset);
    } else if (typeof value === 'object') {
      bytes.writeBigUInt64LE(BigInt(addressOf(value)), offset);
    } else if (typeof kind === 'number') {
      throw new TypeError(`${name} takes text`);
    } else if (SIZES[kind] === 8) {
      bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), offset);
    } else {
      const bits = SIZES[kind] * 8;
      bytes.writeUIntLE(Number(BigInt.asUintN(bits, BigInt(value))), offset, SIZES[kind]);
    }
  }

  #field(name: string): Field {
    const field = this.#fields.get(name);
    if (!field) throw new Error(`no field ${name}`);
    return field;
  }
}

/** Struct is one encoded structure together with the memory its pointers lead to. */
export class Struct {
  readonly bytes: Buffer;
  readonly layout: StructLayout;
  readonly #targets: Uint8Array[] = [];

  constructor(layout: StructLayout) {
    this.layout = layout;
    this.bytes = Buffer.alloc(layout.size);
  }

  set(name: string, value: StructValue): void {
    if (value instanceof Struct) {
      this.layout.write(this.bytes, name, value.bytes);
      this.#targets.push(value.bytes, ...value.#targets);
      return;
    }
    this.layout.write(this.bytes, name, value);
    if (typeof value === 'object') this.#targets.push(value);
  }

  get(name: string): number {
    return Number(this.layout.read(this.bytes, name));
  }

  /** during runs a call that reads the structure; what its pointers lead to stays alive until the call is over. */
  during<T>(call: (bytes: Buffer) => T): T {
    const result = call(this.bytes);
    keepAlive(this.#targets);
    return result;
  }
}

const baseAddresses = new WeakMap<ArrayBufferLike, number>();

/** addressOf gives where memory lies; it does not move while the Uint8Array lives. Empty memory has no address: 0. */
export function addressOf(memory: Uint8Array): number {
  if (memory.length === 0) return 0;
  // Asking for `.buffer` moves small arrays off V8's heap for good, so that the address holds.
  const { buffer } = memory;
  let base = baseAddresses.get(buffer);
  if (base === undefined) {
    const whole = new Uint8Array(buffer);
    base = addressFrom('memmove', [
      ['buffer', whole],
      ['buffer', whole],
      ['i64', 0],
    ]);
    baseAddresses.set(buffer, base);
  }
  return base + memory.byteOffset;
}

const holder: { targets?: readonly Uint8Array[] } = {};

/** Storing the targets after the call keeps the garbage collector from seeing them as dead before it. */
function keepAlive(targets: readonly Uint8Array[]): void {
  holder.targets = targets;
  delete holder.targets;
}
