import { describe, expect, test } from 'vitest';
import { disassemble } from '../../../src/codegen/bpf/disassemble.ts';
import { FunctionBuilder } from '../../../src/codegen/ir/builder.ts';
import type { Operand } from '../../../src/codegen/ir/ir.ts';
import { validateFunction } from '../../../src/codegen/ir/validate.ts';
import { compileFunction } from '../../../src/codegen/link.ts';

/** Compiles what `build` emits; the lines without their numbers. */
function compile(build: (builder: FunctionBuilder) => Operand | undefined): string[] {
  const builder = new FunctionBuilder('f', ['context']);
  const result = build(builder);
  if (result !== undefined) builder.return(result);
  const fn = builder.finish();
  expect(validateFunction(fn)).toEqual([]);
  return disassemble(compileFunction(fn).instructions).map((line) => line.replace(/^ *\d+: /, ''));
}

const pid = (b: FunctionBuilder) => b.call('get_current_pid_tgid', []);

describe('optimisation', () => {
  const cases: readonly [string, (b: FunctionBuilder) => Operand, readonly string[]][] = [
    ['constants fold', (b) => b.binary('add', b.copy(2n), b.copy(3n)), ['r0 = 5', 'exit']],
    ['unused pure calls go', (b) => (pid(b).id > 0 ? 0n : 1n), ['r0 = 0', 'exit']],
    [
      'pure helpers are called once',
      (b) => b.binary('subtract', b.binary('shiftRight', pid(b), 32n), pid(b)),
      ['call get_current_pid_tgid#14', 'r1 = r0', 'r1 >>= 32', 'r1 -= r0', 'r0 = r1', 'exit'],
    ],
    [
      'multiplication by a power of two is a shift',
      (b) => b.binary('multiply', pid(b), 8n),
      ['call get_current_pid_tgid#14', 'r0 <<= 3', 'exit'],
    ],
    [
      'division by a power of two is a shift',
      (b) => b.binary('divide', pid(b), 8n),
      ['call get_current_pid_tgid#14', 'r0 >>= 3', 'exit'],
    ],
    [
      'remainder of a power of two is a mask',
      (b) => b.binary('remainder', pid(b), 8n),
      ['call get_current_pid_tgid#14', 'r0 &= 7', 'exit'],
    ],
    [
      'constants of 64 bits go to registers',
      (b) => b.binary('and', pid(b), 0xffffffff00n),
      ['call get_current_pid_tgid#14', 'r1 = 0xffffffff00 ll', 'r0 &= r1', 'exit'],
    ],
    [
      'invariant loads are shared',
      (b) => {
        const first = b.load(b.parameter(0), 8, 8, { isInvariant: true });
        const second = b.load(b.parameter(0), 8, 8, { isInvariant: true });
        return b.binary('add', first, second);
      },
      ['r1 = *(u64 *)(r1 +8)', 'r1 += r1', 'r0 = r1', 'exit'],
    ],
  ];
  test.each(cases)('%s', (_, build, expected) => {
    expect(compile(build)).toEqual(expected);
  });

  test('a branch on a constant is a jump', () => {
    const lines = compile((b) => {
      const yes = b.block();
      const no = b.block();
      b.branch('equal', 1n, 1n, yes, no);
      b.enter(yes);
      b.return(1n);
      b.enter(no);
      b.return(2n);
      return undefined;
    });
    expect(lines).toEqual(['r0 = 1', 'exit']);
  });
});

describe('registers', () => {
  test('values across calls live in r6 to r9, more of them on the stack', () => {
    const lines = compile((b) => {
      const values = Array.from({ length: 6 }, () => b.call('get_prandom_u32', []));
      return values.reduce<Operand>((sum, value) => b.binary('add', sum, value), 0n);
    });
    expect(lines.filter((line) => line === 'call get_prandom_u32#7')).toHaveLength(6);
    expect(lines.join('\n')).toMatch(/\*\(u64 \*\)\(r10 -8\) = r0/);
    expect(lines.join('\n')).toMatch(/r9 = r0/);
  });

  test('arguments that trade places do not overwrite each other', () => {
    const lines = compile((b) => {
      const a = b.load(b.parameter(0), 0, 8);
      const c = b.load(b.parameter(0), 8, 8);
      b.call('trace_printk', [a, c]);
      b.call('trace_printk', [c, a]);
      return 0n;
    });
    expect(lines.filter((line) => line.startsWith('call'))).toHaveLength(2);
  });
});

describe('validator', () => {
  test('finds registers that may be unwritten', () => {
    const builder = new FunctionBuilder('f', ['context']);
    builder.return(builder.register());
    expect(validateFunction(builder.finish())).toEqual(['f: %1 may be unwritten at the end of a block']);
  });

  test('finds accesses outside their slot', () => {
    const builder = new FunctionBuilder('f', ['context']);
    builder.store(builder.slot(8), 8, 4, 0n);
    builder.return(0n);
    expect(validateFunction(builder.finish())).toEqual([expect.stringContaining('access leaves its stack slot')]);
  });

  test('finds open blocks', () => {
    const builder = new FunctionBuilder('f', ['context']);
    expect(validateFunction(builder.finish())).toEqual(['f: block 0 is open']);
  });
});
