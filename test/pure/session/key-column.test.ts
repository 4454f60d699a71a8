/** Keys that come again: the same objects as long as nothing about them may have changed, wherever the kernel lists them. */

import { expect, test } from 'vitest';
import type { Type } from '../../../src/semantics/types.ts';
import { KeyColumn } from '../../../src/session/key-column.ts';
import type { Resolver } from '../../../src/session/resolver.ts';
import type { Value } from '../../../src/session/snapshot.ts';
import fc from '../../support/property.ts';

const PID: Type = { kind: 'integer', bits: 32, isSigned: false };
const COMM: Type = { kind: 'string', capacity: 4 };
const PAIR: Type = { kind: 'tuple', elements: [PID, COMM] };
const STACK: Type = { kind: 'tuple', elements: [{ kind: 'stack', isUser: false, mode: 'bpftrace', depth: 8 }, COMM] };

function column(type: Type, size: number, until: () => number = () => Number.POSITIVE_INFINITY) {
  const resolver: Partial<Resolver> = { username: (uid) => ({ kind: 'text', text: 'root', raw: uid }) };
  const validity = { untilMs: 0 };
  const context = {
    resolver: resolver as Resolver,
    strTruncTrailer: '',
    probeNames: [],
    validity,
    stackFrames: (_type: unknown, id: number) => {
      validity.untilMs = until();
      return [{ address: BigInt(id) }];
    },
  };
  return new KeyColumn(type, context, size);
}

/** A reader of pairs of a number and its text. */
function pairs() {
  const keys = column(PAIR, 8);
  return (numbers: readonly number[]) => {
    const bytes = Buffer.alloc(numbers.length * 8 + 16, 0x55);
    for (const [index, number] of numbers.entries()) {
      bytes.writeUInt32LE(number, index * 8);
      bytes.write(`${number % 1000}`.padEnd(4, '\0'), index * 8 + 4, 'latin1');
    }
    return keys.read(bytes, numbers.length);
  };
}

const shown = (numbers: readonly number[]): Value[] => numbers.map((number) => [number, `${number % 1000}`]);

test('a map that has not changed has the same keys', () => {
  const read = pairs();
  const first = read([7, 8, 9]);
  expect(first).toEqual(shown([7, 8, 9]));
  expect(read([7, 8, 9])).toBe(first);
});

test.each([
  ['added in front', [1, 2, 3], [9, 1, 2, 3]],
  ['added in between', [1, 2, 3], [1, 9, 2, 3]],
  ['added behind', [1, 2, 3], [1, 2, 3, 9]],
  ['removed', [1, 2, 3, 4], [1, 4]],
  ['replaced', [1, 2, 3], [1, 9, 3]],
  ['another order', [1, 2, 3], [3, 2, 1]],
  ['all gone', [1, 2, 3], []],
])('%s', (_, before, after) => {
  const read = pairs();
  const known = read(before);
  const keys = read(after);
  expect(keys).toEqual(shown(after));
  if (after.includes(1) && after.indexOf(1) <= after.indexOf(3)) expect(keys[after.indexOf(1)]).toBe(known[0]);
});

test('whatever comes and goes, keys are what the bytes say', () => {
  const numbers = fc.uniqueArray(fc.nat(400), { maxLength: 300 });
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 5 }), fc.boolean(), (readings, isSorted) => {
      const read = pairs();
      for (const reading of readings) {
        const listed = isSorted ? [...reading].sort((left, right) => left - right) : reading;
        expect(read(listed)).toEqual(shown(listed));
      }
    }),
    { numRuns: 60 },
  );
});

test('hundreds of new keys do not hide the known ones behind them', () => {
  const read = pairs();
  const known = read([1000, 1001]);
  const many = Array.from({ length: 300 }, (_, index) => index);
  const keys = read([...many, 1000, 1001]);
  expect(keys[300]).toBe(known[0]);
  expect(keys[301]).toBe(known[1]);
});

test('a stack is asked for again when it may have got names, and not before', () => {
  let untilMs = Number.POSITIVE_INFINITY;
  const keys = column(STACK, 16, () => untilMs);
  const bytes = Buffer.alloc(16, 1);
  const named = keys.read(bytes, 1);
  expect(keys.renewed()).toBe(named);
  untilMs = 0;
  const others = Buffer.alloc(32, 2);
  const [first] = keys.read(others, 2);
  expect(keys.renewed()[0]).not.toBe(first);
  untilMs = Number.POSITIVE_INFINITY;
  const last = keys.renewed();
  expect(keys.read(others, 2)).toBe(last);
});
