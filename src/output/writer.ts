/**
 * The way out of the process: text is gathered into large chunks and written in order, without blocking the main
 * thread, so that signals are heard while a reader is slow. Memory is bounded by the caller: while `isFull`, it waits
 * for `drain()` instead of producing more, and the kernel counts what it cannot deliver meanwhile.
 */

import { close, fstatSync, openSync, write, writeSync } from 'node:fs';
import { encodeText, hasStrayBytes } from '../text/bytes.ts';
import { isTerminal } from './terminal.ts';

/** When gathered text goes out: after each batch of events, when a chunk is full, or with every message. */
export type Buffering = 'line' | 'full' | 'none';

const CHUNK_CHARACTERS = 64 * 1024;
/** The kernel's buffer is the one to make larger for a reader that is slow at times. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** Room for a chunk and the last text added to it, each letter at its longest. */
const BUFFER_BYTES = 4 * CHUNK_CHARACTERS;
/** What the kernel's pipes take at once. */
const BLOCK_BYTES = 64 * 1024;
const RETRY_MS = 5;

export class Writer {
  readonly isTerminal: boolean;
  readonly #fd: number;
  readonly #buffering: Buffering;
  /** Files and the null device never block for long: written at once, without a thread. */
  readonly #isImmediate: boolean;
  readonly #ownsDescriptor: boolean;
  #text = '';
  /** Bytes that wait; all text that waits comes behind them. */
  #block: Buffer | undefined;
  #filled = 0;
  #queue: Uint8Array[] = [];
  readonly #spare: Buffer[] = [];
  readonly #blocks: Buffer[] = [];
  #queuedBytes = 0;
  #isWriting = false;
  #waiters: { readonly limit: number; readonly resolve: () => void }[] = [];
  #failure: NodeJS.ErrnoException | undefined;

  constructor(fd: number, options: { readonly buffering?: Buffering; readonly ownsDescriptor?: boolean } = {}) {
    this.#fd = fd;
    this.#buffering = options.buffering ?? 'line';
    this.#ownsDescriptor = options.ownsDescriptor ?? false;
    this.isTerminal = isTerminal(fd);
    this.#isImmediate = !this.isTerminal && neverBlocks(fd);
  }

  /** Set once the reader is gone or the disk is full; everything written from then on is dropped. */
  get failure(): NodeJS.ErrnoException | undefined {
    return this.#failure;
  }

  /** Whether the caller should `drain()` before it goes on. */
  get isFull(): boolean {
    return this.#queuedBytes > MAX_QUEUED_BYTES;
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= CHUNK_CHARACTERS || this.#buffering === 'none') this.#send();
  }

  /** Writes bytes behind the text so far; they must not change any more. */
  writeBytes(bytes: Uint8Array): void {
    this.#send();
    this.#sendBytes(bytes);
  }

  /** Copies a part of some bytes behind the text so far. */
  append(bytes: Uint8Array, start: number, end: number): void {
    if (this.#failure) return;
    if (this.#text !== '' && !this.#moveText()) this.#send();
    if (end - start > BLOCK_BYTES) {
      this.writeBytes(bytes.slice(start, end));
      return;
    }
    if (this.#filled + end - start > BLOCK_BYTES) this.#sendBlock();
    this.#block ??= this.#blocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#block.set(bytes.subarray(start, end), this.#filled);
    this.#filled += end - start;
    if (this.#buffering === 'none') this.#send();
  }

  /** Ends a batch: what was gathered goes out, unless full buffering was asked for. */
  flush(): void {
    if (this.#buffering !== 'full') this.#send();
  }

  /** Resolves when there is room again. */
  async drain(): Promise<void> {
    await this.#until(MAX_QUEUED_BYTES / 2);
  }

  /** Resolves when everything has been written, or can no longer be. */
  async settle(): Promise<void> {
    this.#send();
    await this.#until(0);
  }

  /** The same, for the last time. */
  async finish(): Promise<void> {
    await this.settle();
    if (this.#ownsDescriptor) await new Promise((resolve) => close(this.#fd, resolve));
  }

  /** Text goes behind the bytes that wait; not if there is too little room. */
  #moveText(): boolean {
    if (this.#text.length * 3 > BLOCK_BYTES - this.#filled || hasStrayBytes(this.#text)) return false;
    this.#block ??= this.#blocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#filled += this.#block.write(this.#text, this.#filled, 'utf8');
    this.#text = '';
    return true;
  }

  #sendBlock(): void {
    if (!this.#block || this.#filled === 0) return;
    const bytes = this.#block.subarray(0, this.#filled);
    this.#filled = 0;
    // A block that is nearly empty would take its whole size until it is written.
    if (bytes.length < BLOCK_BYTES / 4) {
      this.#sendBytes(Uint8Array.from(bytes));
      return;
    }
    this.#block = undefined;
    this.#sendBytes(bytes);
  }

  #send(): void {
    if (this.#filled > 0) {
      if (this.#text !== '') this.#moveText();
      this.#sendBlock();
    }
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (!this.#failure) this.#sendBytes(this.#encode(text));
  }

  #sendBytes(bytes: Uint8Array): void {
    if (this.#failure) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#isImmediate) this.#writeNow();
    else this.#writeNext();
  }

  /** Chunks of a flood go through the same few buffers; new ones would wait for the collector. */
  #encode(text: string): Uint8Array {
    if (text.length < CHUNK_CHARACTERS || text.length * 3 > BUFFER_BYTES || hasStrayBytes(text))
      return encodeText(text);
    const buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    return buffer.subarray(0, buffer.write(text, 'utf8'));
  }

  #reuse({ buffer }: Uint8Array): void {
    if (buffer.byteLength === BUFFER_BYTES) this.#spare.push(Buffer.from(buffer));
    if (buffer.byteLength === BLOCK_BYTES) this.#blocks.push(Buffer.from(buffer));
  }

  #writeNow(): void {
    for (const bytes of this.#queue) {
      try {
        for (let start = 0; start < bytes.length; ) start += writeSync(this.#fd, bytes, start);
      } catch (error) {
        this.#fail(error as NodeJS.ErrnoException);
      }
      this.#reuse(bytes);
    }
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #writeNext(): void {
    const bytes = this.#queue[0];
    if (this.#isWriting || !bytes) return;
    this.#isWriting = true;
    write(this.#fd, bytes, 0, bytes.length, null, (error, written) => {
      this.#isWriting = false;
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeNext(), RETRY_MS);
        return;
      }
      if (error) this.#fail(error);
      else this.#consume(bytes, written);
      this.#wake();
      this.#writeNext();
    });
  }

  #consume(bytes: Uint8Array, written: number): void {
    this.#queuedBytes -= written;
    if (written < bytes.length) this.#queue[0] = bytes.subarray(written);
    else {
      this.#queue.shift();
      this.#reuse(bytes);
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#failure ??= error;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#wake();
  }

  async #until(limit: number): Promise<void> {
    if (this.#failure || this.#queuedBytes <= limit) return;
    await new Promise<void>((resolve) => this.#waiters.push({ limit, resolve }));
  }

  #wake(): void {
    const isDone = ({ limit }: { readonly limit: number }): boolean => this.#queuedBytes <= limit;
    for (const waiter of this.#waiters.filter(isDone)) waiter.resolve();
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
  }
}

/** openFile gives a writer on a file of its own, emptied first. */
export function openFile(path: string, buffering: Buffering): Writer {
  return new Writer(openSync(path, 'w'), { buffering, ownsDescriptor: true });
}

/** isSameTerminal says whether two descriptors are one terminal, whose lines must not overtake each other. */
export function isSameTerminal(left: number, right: number): boolean {
  return isTerminal(left) && isTerminal(right) && fstatSync(left).rdev === fstatSync(right).rdev;
}

function neverBlocks(fd: number): boolean {
  try {
    const status = fstatSync(fd);
    return status.isFile() || status.isCharacterDevice();
  } catch {
    return false;
  }
}
