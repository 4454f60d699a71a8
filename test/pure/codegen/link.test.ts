/** Stack of a program: what is on it at once, not what all its functions need together. */

import { expect, test } from 'vitest';
import { BtfWriter } from '../../../src/codegen/btf-writer.ts';
import { FunctionBuilder } from '../../../src/codegen/ir/builder.ts';
import type { IrFunction } from '../../../src/codegen/ir/ir.ts';
import { linkProgram } from '../../../src/codegen/link.ts';

/** A function with that much on its stack, which gives the others to bpf_loop one after the other. */
function caller(name: string, stack: number, ...callees: readonly string[]): IrFunction {
  const builder = new FunctionBuilder(name, ['integer', 'stack']);
  builder.store(builder.slot(stack), 0, 8, 1n);
  for (const callee of callees) {
    builder.call('loop', [10n, builder.functionAddress(callee), builder.parameter(1), 0n]);
  }
  builder.return(0n);
  return builder.finish();
}

const depth = (...functions: readonly IrFunction[]) => linkProgram(functions, new BtfWriter()).stackDepth;

test.each<readonly [name: string, functions: () => readonly IrFunction[], expected: number]>([
  ['one frame, rounded up', () => [caller('main', 40)], 64],
  ['callbacks one after the other', () => [caller('main', 32, 'a', 'b'), caller('a', 64), caller('b', 128)], 32 + 128],
  [
    'callbacks within each other',
    () => [caller('main', 32, 'a'), caller('a', 64, 'b'), caller('b', 128)],
    32 + 64 + 128,
  ],
  [
    'the deeper of two chains',
    () => [caller('main', 32, 'a', 'c'), caller('a', 64, 'b'), caller('b', 128), caller('c', 160)],
    32 + 64 + 128,
  ],
  [
    'a callback that two share',
    () => [caller('main', 32, 'a', 'b'), caller('a', 64, 'b'), caller('b', 32)],
    32 + 64 + 32,
  ],
])('%s', (_, functions, expected) => {
  expect(depth(...functions())).toBe(expected);
});
