/** Ranges are found by any place in them, whatever the order they came in, and are never more than their number. */

import { expect, test } from 'vitest';
import { NamedRanges } from '../../../src/symbols/named-ranges.ts';

test('a place is found in its range alone', () => {
  const ranges = new NamedRanges<string>(10);
  ranges.add(20, 30, 'b');
  ranges.add(40, 41, 'c');
  ranges.add(10, 15, 'a');
  ranges.add(22, 25, 'known already');
  const found = [9, 10, 14, 15, 19, 20, 24, 29, 30, 40, 41].map((place) => ranges.find(place));
  expect(found).toEqual([undefined, 'a', 'a', undefined, undefined, 'b', 'b', 'b', undefined, 'c', undefined]);
});

test('one more than there may be begins anew', () => {
  const ranges = new NamedRanges<number>(3);
  for (let index = 0; index < 4; index++) ranges.add(index * 10, index * 10 + 5, index);
  expect([0, 10, 20, 30].map((place) => ranges.find(place))).toEqual([undefined, undefined, undefined, 3]);
});
