import { expect, test } from 'vitest';
import { sequentialMoves } from '../../../src/codegen/registers/parallel-moves.ts';
import fc from '../../support/property.ts';

test('any set of moves ends as if all had happened at once', () => {
  const moves = fc
    .uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1 })
    .chain((targets) =>
      fc.tuple(...targets.map((to) => fc.record({ to: fc.constant(to), from: fc.integer({ min: 0, max: 9 }) }))),
    );
  fc.assert(
    fc.property(moves, (wanted) => {
      const registers = Array.from({ length: 10 }, (_, index) => index);
      for (const { to, from } of sequentialMoves<bigint>(wanted)) {
        registers[to] = registers[Number(from)] ?? -1;
      }
      for (const { to, from } of wanted) expect(registers[to]).toBe(from);
    }),
  );
});

test('constants come last', () => {
  expect(
    sequentialMoves<bigint>([
      { to: 1, from: 5n },
      { to: 2, from: 1 },
    ]),
  ).toEqual([
    { to: 2, from: 1 },
    { to: 1, from: 5n },
  ]);
});
