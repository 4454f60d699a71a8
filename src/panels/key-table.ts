/**
 * The keys that a map has had, numbered. Histories and recordings keep numbers in place of keys: a key is the same in
 * hundreds of snapshots, and one with stacks in it is large.
 */

import type { StackFrame, StackValue, Value } from '../session/snapshot.ts';
import { keyParts, valueText } from './value-text.ts';

/** As V8 lays them out: a key with its identity and place in the map, and a place in a stack, whose frames are shared. */
const BYTES_PER_KEY = 200;
const BYTES_PER_FRAME = 8;

/** KeyTable numbers the keys that a map has had. */
export class KeyTable {
  readonly keys: (Value | undefined)[] = [];
  readonly #texts: (string | undefined)[] = [];
  readonly #numbers = new Map<string, number>();
  /** Sessions hand out the same object for a key each time. */
  readonly #byObject = new WeakMap<object, number>();
  #lastKeys: readonly (Value | undefined)[] | undefined;
  #lastNumbers = new Uint32Array(0);
  #hasStacks = false;
  #bytes = 0;
  /** Keys share their stacks: the kernel's stays the same in many processes. */
  readonly #weighed = new WeakSet<readonly StackFrame[]>();

  /** Keys with stacks in them take hundreds of times the memory of others. */
  get hasStacks(): boolean {
    return this.#hasStacks;
  }

  /** What the keys take, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.keys.length;
  }

  numberOf(key: Value | undefined): number {
    if (typeof key === 'object') {
      const known = this.#byObject.get(key);
      if (known !== undefined) return known;
    }
    const identity = key === undefined ? '' : identityOf(key);
    let number = this.#numbers.get(identity);
    if (number === undefined) {
      number = this.keys.length;
      this.#numbers.set(identity, number);
      this.keys.push(key);
      this.#bytes += BYTES_PER_KEY + identity.length + this.#stackBytes(key);
      if (number === 0) this.#hasStacks = keyParts(key).some(isStack);
    }
    if (typeof key === 'object') this.#byObject.set(key, number);
    return number;
  }

  #stackBytes(key: Value | undefined): number {
    let bytes = 0;
    for (const part of keyParts(key)) {
      if (!isStack(part) || this.#weighed.has(part.frames)) continue;
      this.#weighed.add(part.frames);
      bytes += part.frames.length * BYTES_PER_FRAME;
    }
    return bytes;
  }

  /** The numbers of all keys of a state of the map; the same array for the same keys. */
  numbersOf(keys: readonly (Value | undefined)[]): Uint32Array {
    const before = this.#lastKeys;
    if (before === keys) return this.#lastNumbers;
    const numbers = new Uint32Array(keys.length);
    // Keys that were there come in the same order, as the same objects: comparing takes a tenth of looking up.
    let from = 0;
    for (let place = 0; place < keys.length; place++) {
      const key = keys[place];
      const found = before === undefined ? -1 : placeOf(key, before, from);
      numbers[place] = found < 0 ? this.numberOf(key) : (this.#lastNumbers[found] ?? 0);
      if (found >= 0) from = found + 1;
    }
    this.#lastNumbers = numbers;
    this.#lastKeys = keys;
    return numbers;
  }

  /** The key as one line of text, for filters and as a name. */
  text(number: number): string {
    let text = this.#texts[number];
    if (text === undefined) {
      text = keyParts(this.keys[number]).map(valueText).join(' ');
      this.#texts[number] = text;
    }
    return text;
  }
}

/** Keys that are looked through for the next known one: some are gone. */
const LOOK_AHEAD = 8;

/** Where a key was, not far behind where it would be if none had gone; -1 if it was not there. */
function placeOf(key: Value | undefined, keys: readonly (Value | undefined)[], from: number): number {
  const end = Math.min(from + LOOK_AHEAD, keys.length);
  for (let place = from; place < end; place++) if (keys[place] === key) return place;
  return -1;
}

function isStack(value: Value): value is StackValue {
  return typeof value === 'object' && 'kind' in value && value.kind === 'stack';
}

/** Stacks are told apart by the identity of their frames, which sessions share between snapshots: text would be long. */
const STACK_NUMBERS = new WeakMap<readonly StackFrame[], number>();
let nextStack = 1;

function identityOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value instanceof Uint8Array) return valueText(value);
  if (!('kind' in value)) {
    let identity = '';
    for (let at = 0; at < value.length; at++)
      identity = at === 0 ? identityOf(value[0] as Value) : `${identity}\0${identityOf(value[at] as Value)}`;
    return identity;
  }
  if (value.kind !== 'stack') return valueText(value);
  if (value.frames.length === 0) return 'empty stack';
  let number = STACK_NUMBERS.get(value.frames);
  if (number === undefined) {
    number = nextStack++;
    STACK_NUMBERS.set(value.frames, number);
  }
  return `stack ${number}`;
}
