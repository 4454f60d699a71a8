/** Keys keep their numbers however they come and go between two states of a map. */

import { expect, test } from 'vitest';
import { KeyTable } from '../../../src/panels/key-table.ts';
import type { Value } from '../../../src/session/snapshot.ts';
import fc from '../../support/property.ts';

test('numbers of a state are those of its keys one by one, whatever was there before', () => {
  const objects: readonly Value[] = Array.from({ length: 60 }, (_, index) => [`name ${index}`, index]);
  const states = fc.array(fc.uniqueArray(fc.nat({ max: 59 })), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(states, fc.boolean(), (chosen, isSorted) => {
      const table = new KeyTable();
      const other = new KeyTable();
      for (const state of chosen) {
        const places = isSorted ? [...state].sort((left, right) => left - right) : state;
        const keys = places.map((index) => objects[index]);
        expect([...table.numbersOf(keys)]).toEqual(keys.map((key) => other.numberOf(key)));
      }
    }),
  );
});

test('keys that are equal without being the same have one number', () => {
  const table = new KeyTable();
  expect([...table.numbersOf([['a', 1], 'b', undefined, 7])]).toEqual([0, 1, 2, 3]);
  expect([...table.numbersOf([['a', 1], undefined, 7, 'b', ['c', 1]])]).toEqual([0, 2, 3, 1, 4]);
});
