/**
 * The bytes of one BTF blob: header, type words and names, by file offset. sysfs hands out one page per read, and a
 * script names a few types out of 120,000, so pages are read when they are first touched. Everything the words say
 * is bounds-checked here or in records.ts: module BTF and the fixture are input like any other.
 */

const MAGIC = 0xeb9f;
const PAGE_BYTES = 4096;
const PAGE_WORDS = PAGE_BYTES / 4;

/** Reads up to one page at an offset into the buffer; returns the number of bytes. */
export type ReadPage = (buffer: Uint8Array, offset: number, length: number) => number;

/** BtfImage gives words and names of one blob; of a module's blob (split BTF) only what the module adds. */
export class BtfImage {
  readonly size: number;
  /** A split blob (of a module) continues the string offsets and type ids of its base (vmlinux). */
  readonly base: BtfImage | undefined;
  /** Offset behind the last string, the base's included. */
  readonly stringEnd: number;
  /** First word of the type section and the word after its last. */
  readonly typeStart: number;
  readonly typeEnd: number;
  /** File offset that string offset 0 of this blob would have. */
  readonly #stringStart: number;
  readonly #ownStrings: number;
  readonly #bytes: Buffer;
  readonly #words: Uint32Array;
  readonly #loaded: Uint8Array;
  readonly #readPage: ReadPage | undefined;
  #text: string | undefined;

  /** Opens a blob that lies in memory as a whole, or, with `readPage`, one of `size` bytes that is read by pages. */
  constructor(source: Uint8Array | { size: number; readPage: ReadPage }, base?: BtfImage) {
    this.base = base;
    this.#ownStrings = base?.stringEnd ?? 0;
    // Node.js gives small ones of a pool, at multiples of eight bytes.
    this.size = source instanceof Uint8Array ? source.length : source.size;
    this.#bytes = Buffer.allocUnsafe((this.size + 3) & ~3);
    this.#words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length >>> 2);
    this.#readPage = source instanceof Uint8Array ? undefined : source.readPage;
    this.#loaded = new Uint8Array(Math.ceil(this.size / PAGE_BYTES) + 1);
    if (source instanceof Uint8Array) {
      this.#bytes.set(source);
      this.#bytes.fill(0, this.size);
      this.#loaded.fill(1);
    }
    const headerLength = this.#header();
    this.typeStart = (headerLength + this.word(2)) >>> 2;
    this.typeEnd = this.typeStart + (this.word(3) >>> 2);
    this.#stringStart = headerLength + this.word(4) - this.#ownStrings;
    this.stringEnd = this.#ownStrings + this.word(5);
    if (this.typeEnd * 4 > this.size || this.#stringStart + this.stringEnd > this.size) {
      throw new BtfFormatError('BTF sections exceed the data');
    }
  }

  #header(): number {
    if (this.size < 24) throw new BtfFormatError('BTF is cut off');
    const first = this.word(0);
    if ((first & 0xffff) !== MAGIC || ((first >>> 16) & 0xff) !== 1) {
      throw new BtfFormatError('not BTF of this byte order');
    }
    const headerLength = this.word(1);
    if (headerLength % 4 !== 0) throw new BtfFormatError('odd BTF header');
    return headerLength;
  }

  /** word gives the 32-bit word at a word offset from the start of the blob. */
  word(index: number): number {
    if (this.#loaded[(index / PAGE_WORDS) | 0] !== 1) this.#load(index / PAGE_WORDS);
    return this.#words[index] ?? 0;
  }

  /** byte gives one byte of the string section; 0 beyond its end. */
  byte(stringOffset: number): number {
    if (stringOffset < this.#ownStrings) {
      return this.base?.byte(stringOffset) ?? 0;
    }
    if (stringOffset >= this.stringEnd) return 0;
    const index = this.#stringStart + stringOffset;
    if (this.#loaded[(index / PAGE_BYTES) | 0] !== 1) this.#load(index / PAGE_BYTES);
    return this.#bytes[index] ?? 0;
  }

  /** name gives the text at a string offset. */
  name(stringOffset: number): string {
    if (stringOffset < this.#ownStrings) {
      return this.base?.name(stringOffset) ?? '';
    }
    if (this.#text !== undefined) {
      const start = stringOffset - this.#ownStrings;
      return this.#text.slice(start, this.#text.indexOf('\0', start));
    }
    let end = stringOffset;
    while (this.byte(end) !== 0) end++;
    return this.#bytes.toString('latin1', this.#stringStart + stringOffset, this.#stringStart + end);
  }

  /** isName tells whether the text at a string offset is the name, which has to be read no further than they agree. */
  isName(stringOffset: number, name: string): boolean {
    for (let index = 0; index < name.length; index++) {
      if (this.byte(stringOffset + index) !== name.charCodeAt(index)) return false;
    }
    return this.byte(stringOffset + name.length) === 0;
  }

  /**
   * withName gives which of `count` words, `step` apart, are string offsets of the name or of nothing. Most differ in their first
   * byte, and are told by it in here: a structure has hundreds of members.
   */
  withName(start: number, step: number, count: number, name: string): number[] {
    const first = name.charCodeAt(0);
    const found: number[] = [];
    for (let index = 0, at = start; index < count; index++, at += step) {
      if (this.#loaded[(at / PAGE_WORDS) | 0] !== 1) this.#load(at / PAGE_WORDS);
      const offset = this.#words[at] as number;
      const place = this.#stringStart + offset;
      const isElse =
        offset >= this.#ownStrings && this.#loaded[(place / PAGE_BYTES) | 0] === 1 && this.#bytes[place] !== first;
      if (offset === 0 || !(isElse || !this.isName(offset, name))) found.push(index);
    }
    return found;
  }

  /** loadText reads the whole string section and keeps it as one string, for those who want many names. */
  loadText(): void {
    if (this.#text !== undefined) return;
    this.#loadAll();
    this.#text = this.#bytes.toString(
      'latin1',
      this.#stringStart + this.#ownStrings,
      this.#stringStart + this.stringEnd,
    );
  }

  #loadAll(): void {
    for (let page = 0; page * PAGE_BYTES < this.size; page++) {
      if (this.#loaded[page] !== 1) this.#load(page);
    }
  }

  /** raw gives the loaded arrays for the one pass over everything, which cannot afford a call per word. */
  raw(): {
    readonly words: Uint32Array;
    readonly signedWords: Int32Array;
    readonly bytes: Uint8Array;
    /** Index in `bytes` of string offset 0; offsets below `ownStrings` are the base's. */
    readonly stringStart: number;
    readonly ownStrings: number;
  } {
    this.#loadAll();
    return {
      words: this.#words,
      signedWords: new Int32Array(this.#words.buffer, this.#words.byteOffset, this.#words.length),
      bytes: this.#bytes,
      stringStart: this.#stringStart,
      ownStrings: this.#ownStrings,
    };
  }

  /** namesWith lists this blob's own strings that start with a prefix, whatever they name. */
  namesWith(prefix: string): string[] {
    this.loadText();
    const text = this.#text ?? '';
    const names: string[] = [];
    const needle = `\0${prefix}`;
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
      names.push(text.slice(at + 1, text.indexOf('\0', at + 1)));
    }
    return names;
  }

  #load(fractionalPage: number): void {
    const page = fractionalPage | 0;
    let offset = page * PAGE_BYTES;
    const end = Math.min(offset + PAGE_BYTES, this.size);
    while (offset < end) {
      const got = this.#readPage?.(this.#bytes, offset, end - offset) ?? 0;
      if (got <= 0) break;
      offset += got;
    }
    if (offset < end) this.#bytes.fill(0, offset, end);
    this.#loaded[page] = 1;
  }
}

/** BtfFormatError: the blob is not BTF that can be read. */
export class BtfFormatError extends Error {}
