/**
 * A reading position in a debug section. Reading past the end throws `DwarfDamage`, which the entry points of this folder
 * catch: debug information is input, and may be cut off or wrong.
 */

import { readName } from '../elf.ts';

export class DwarfDamage extends Error {}

export class Cursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  u8(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new DwarfDamage('read past the end');
    this.at++;
    return value;
  }

  /** Little-endian unsigned number of 1 to 8 bytes; exact up to 2^53. */
  unsigned(size: number): number {
    const start = this.at;
    this.skip(size);
    if (size === 4) return this.bytes.readUInt32LE(start);
    if (size === 2) return this.bytes.readUInt16LE(start);
    let value = 0;
    for (let index = size - 1; index >= 0; index--) value = value * 256 + (this.bytes[start + index] ?? 0);
    return value;
  }

  uleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  sleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return byte & 0x40 ? value - scale : value;
    }
  }

  /** NUL-terminated. */
  text(): string {
    const text = readName(this.bytes, this.at);
    this.skip(text.length + 1);
    return text;
  }

  skip(count: number): void {
    const next = this.at + count;
    if (next > this.bytes.length) throw new DwarfDamage('read past the end');
    this.at = next;
  }
}
