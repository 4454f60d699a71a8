import { expect, test } from 'vitest';
import { parseProgram } from '../../../src/language/parser.ts';

test('reads a probe with predicate and block', () => {
  const { program, diagnostics } = parseProgram({
    name: 'stdin',
    text: 'kprobe:f /pid == 1/ { @x[tid] = count(); }',
  });
  expect(diagnostics).toEqual([]);
  expect(program.items.map((item) => item.kind)).toEqual(['Probe']);
});
