/** What was typed into the prompt, kept between runs: one JSON string per line in `$XDG_STATE_HOME/bptop/history`. */

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const MAX_ENTRIES = 1000;

export class PromptHistory {
  readonly #path: string | undefined;
  readonly #entries: string[];

  /** Without a path, the history lives as long as the program. */
  constructor(path: string | undefined) {
    this.#path = path;
    this.#entries = path === undefined ? [] : readEntries(path);
  }

  get entries(): readonly string[] {
    return this.#entries;
  }

  add(text: string): void {
    if (text.trim() === '' || this.#entries.at(-1) === text) return;
    this.#entries.push(text);
    if (this.#path === undefined) return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      if (this.#entries.length > MAX_ENTRIES * 1.2) {
        this.#entries.splice(0, this.#entries.length - MAX_ENTRIES);
        writeFileSync(this.#path, this.#entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 });
      } else appendFileSync(this.#path, `${JSON.stringify(text)}\n`, { mode: 0o600 });
    } catch {
      // A read-only home must not spoil the prompt.
    }
  }
}

function readEntries(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .slice(-MAX_ENTRIES)
      .map(readEntry)
      .filter((entry) => entry !== '');
  } catch {
    return [];
  }
}

/** A line that is damaged, as two programs that wrote at once may leave it, costs itself alone. */
function readEntry(line: string): string {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'string' ? entry : '';
  } catch {
    return '';
  }
}
