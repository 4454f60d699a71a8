/**
 * TracepointFacts from the texts that tracefs serves (or a fixture kept). One event's format is one small file; the
 * list of all events is read only when something is to be matched against it.
 */

import type { TracepointFacts, TracepointFormat, TypeFacts } from '../facts.ts';
import { parseFormat } from './format.ts';
import { formatFromBtf } from './raw-struct.ts';

/** Where the texts come from; undefined where they cannot be had. */
export interface TracepointTexts {
  /** `category:event`, one per line. */
  events(): string | undefined;
  format(category: string, event: string): string | undefined;
}

/** TextTracepointFacts parses each text once. */
export class TextTracepointFacts implements TracepointFacts {
  readonly #texts: TracepointTexts;
  readonly #types: TypeFacts;
  readonly #formats = new Map<string, TracepointFormat | undefined>();
  #events: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(texts: TracepointTexts, types: TypeFacts) {
    this.#texts = texts;
    this.#types = types;
  }

  categories(): readonly string[] {
    return [...this.#byCategory().keys()];
  }

  events(category: string): readonly string[] {
    return this.#byCategory().get(category) ?? [];
  }

  format(category: string, event: string): TracepointFormat | undefined {
    const key = `${category}:${event}`;
    if (!this.#formats.has(key)) this.#formats.set(key, this.#read(category, event));
    return this.#formats.get(key);
  }

  #read(category: string, event: string): TracepointFormat | undefined {
    // The parts become a path: nothing but names may pass.
    if (!/^[\w-]+$/.test(category) || !/^[\w-]+$/.test(event)) return undefined;
    const text = this.#texts.format(category, event);
    if (text !== undefined) return parseFormat(category, event, text, this.#types);
    // With tracefs at hand, what it does not have does not exist.
    return this.#texts.events() === undefined ? formatFromBtf(category, event, this.#types) : undefined;
  }

  #byCategory(): ReadonlyMap<string, readonly string[]> {
    this.#events ??= groupEvents(this.#texts.events() ?? '');
    return this.#events;
  }
}

function groupEvents(text: string): Map<string, string[]> {
  const lines = text.split('\n').filter((line) => line.includes(':'));
  const groups = new Map<string, string[]>();
  for (const line of lines.sort()) {
    const at = line.indexOf(':');
    const category = line.slice(0, at);
    const events = groups.get(category);
    if (events === undefined) groups.set(category, [line.slice(at + 1)]);
    else events.push(line.slice(at + 1));
  }
  return new Map([...groups].sort(([left], [right]) => (left < right ? -1 : 1)));
}
