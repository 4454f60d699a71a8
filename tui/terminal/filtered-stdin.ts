/**
 * The stdin that Ink gets: our own object, fed by the tokenizer with keys only. Ink never reads the real terminal, so
 * mouse reports and pastes cannot show up as typed text, and a second reader cannot starve the first.
 */

import { EventEmitter } from 'node:events';

export class FilteredStdin extends EventEmitter {
  readonly isTTY = true;
  readonly #queue: string[] = [];

  /** Offers one key's sequence to whichever Ink component listens. */
  feed(sequence: string): void {
    if (this.listenerCount('readable') === 0) return;
    this.#queue.push(sequence);
    this.emit('readable');
  }

  read(): string | null {
    return this.#queue.shift() ?? null;
  }

  setEncoding(): this {
    return this;
  }

  /** Raw mode is `TerminalModes`' business. */
  setRawMode(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
