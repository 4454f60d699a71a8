/** Register allocation: what holds a register when, and programs so large that only linear passes get through. */

import { describe, expect, test } from 'vitest';
import { FunctionBuilder } from '../../../src/codegen/ir/builder.ts';
import { renumber } from '../../../src/codegen/ir/flow.ts';
import type { VirtualRegister } from '../../../src/codegen/ir/ir.ts';
import { compileFunction } from '../../../src/codegen/link.ts';
import { LiveSets } from '../../../src/codegen/registers/live-sets.ts';
import { Occupancy } from '../../../src/codegen/registers/occupancy.ts';

const holder = (...ranges: readonly (readonly [number, number])[]) => ({
  ranges: ranges.map(([start, end]) => ({ start, end })),
});

describe('occupancy', () => {
  const first = holder([10, 20], [40, 50]);
  const second = holder([25, 30]);
  const both = () => {
    const occupancy = new Occupancy<ReturnType<typeof holder>>();
    occupancy.add(first);
    occupancy.add(second);
    return occupancy;
  };

  test.each<readonly [ranges: readonly (readonly [number, number])[], isFree: boolean]>([
    [[[0, 9]], true],
    [[[0, 10]], false],
    [[[20, 22]], false],
    [[[21, 24]], true],
    [[[21, 25]], false],
    [[[12, 13]], false],
    [[[0, 100]], false],
    [[[51, 60]], true],
    [
      [
        [0, 5],
        [31, 39],
      ],
      true,
    ],
    [
      [
        [0, 5],
        [31, 40],
      ],
      false,
    ],
  ])('%j free: %s', (ranges, isFree) => {
    expect(both().isFree(holder(...ranges).ranges)).toBe(isFree);
  });

  test('names each holder once', () => {
    expect(both().holdersOf(holder([0, 100]).ranges)).toEqual([first, second]);
    expect(both().holdersOf(holder([15, 26]).ranges)).toEqual([first, second]);
    expect(both().holdersOf(holder([21, 24]).ranges)).toEqual([]);
  });

  test('forgets whoever leaves', () => {
    const occupancy = both();
    occupancy.remove(first);
    expect(occupancy.holdersOf(holder([0, 100]).ranges)).toEqual([second]);
    expect(occupancy.isFree(holder([10, 20]).ranges)).toBe(true);
  });
});

test('what a loop reads is alive until it ends', () => {
  const builder = new FunctionBuilder('f', ['integer']);
  const kept = builder.binary('add', builder.parameter(0), 1n) as VirtualRegister;
  const local = builder.binary('add', builder.parameter(0), 2n) as VirtualRegister;
  const index = builder.copy(local);
  const head = builder.block();
  const body = builder.block();
  const done = builder.block();
  builder.enter(head);
  builder.branch('less', index, kept, body, done);
  builder.enter(body);
  builder.move(index, builder.binary('add', index, 1n));
  builder.jump(head);
  builder.enter(done);
  builder.return(index);
  const fn = builder.finish();
  renumber(fn, fn.blocks);
  const sets = new LiveSets(fn);
  const sorted = (...ids: readonly { readonly id: number }[]) => ids.map(({ id }) => id).sort((a, b) => a - b);
  const alive = fn.blocks.map((_, block) => sets.liveOut(block).sort((a, b) => a - b));
  expect(alive).toEqual([sorted(kept, index), sorted(kept, index), sorted(kept, index), []]);
});

test('straight code of twenty thousand blocks compiles', () => {
  const builder = new FunctionBuilder('f', ['integer']);
  const total = builder.copy(0n);
  for (let i = 0; i < 10_000; i++) {
    const odd = builder.block();
    const next = builder.block();
    builder.branch('equal', builder.binary('and', builder.parameter(0), BigInt(i)), 0n, next, odd);
    builder.enter(odd);
    builder.move(total, builder.binary('add', total, BigInt(i)));
    builder.enter(next);
  }
  builder.return(total);
  expect(compileFunction(builder.finish()).slots).toBeGreaterThan(20_000);
});

test('jumps that no instruction can hold are noticed', () => {
  const far = (instructions: number) => {
    const builder = new FunctionBuilder('f', ['context']);
    const done = builder.block();
    const next = builder.block();
    builder.branch('equal', builder.load(builder.parameter(0), 0, 8), 0n, done, next);
    builder.enter(next);
    for (let i = 0; i < instructions; i++) builder.store(builder.parameter(0), 0, 8, 1n);
    builder.enter(done);
    builder.return(0n);
    return compileFunction(builder.finish()).isTooLong;
  };
  expect([far(0x7fff), far(0x8000)]).toEqual([false, true]);
});
