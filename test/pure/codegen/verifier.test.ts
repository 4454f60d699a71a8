import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { explainLog } from '../../../src/codegen/verifier/explain.ts';
import type { Span } from '../../../src/diagnostics/diagnostic.ts';

const source = { name: 'stdin', text: 'begin { one; two; }' };
const ONE: Span = { source, start: 8, end: 11 };
const TWO: Span = { source, start: 13, end: 16 };
const lines = [
  { instruction: 0, span: ONE },
  { instruction: 2, span: TWO },
];

/** Logs as kernels 6.1 and 6.18 wrote them. */
const LOGS: readonly (readonly [name: string, words: string, at: Span | undefined])[] = [
  ['helper-argument', 'a helper was given scalar where it takes ptr_, trusted_ptr_, rcu_ptr_', TWO],
  ['helper-not-allowed', "probes of this kind may not use the kernel's helper bpf_override_return", ONE],
  ['infinite-loop', 'some instructions can never run', undefined],
  ['invalid-memory-access', 'an access leaves the stack, or reads what was never written', ONE],
  ['misaligned-stack', 'a memory access is not aligned', ONE],
  ['no-exit', 'the program does not end properly', undefined],
  ['null-pointer', 'a pointer that may be null (trusted_ptr_or_null) is used without a test', TWO],
  ['scalar-dereference', 'something that is no pointer to the verifier is read directly', ONE],
  ['stack-limit', 'an access leaves the stack, or reads what was never written', ONE],
  ['too-large', 'the program is too complex: the kernel gave up after looking at 1000001 instructions', undefined],
  ['too-many-maps', 'a program may use 64 maps at most, those that bptop needs for itself among them', undefined],
  ['unbounded-size', 'the kernel cannot see the bounds of a length or index', TWO],
  ['uninitialised-register', 'a register is read before it is written', ONE],
  ['unknown-helper', 'this kernel does not have the helper unknown#900', ONE],
];

test.each(LOGS)('%s', (name, words, at) => {
  const log = readFileSync(new URL(`fixtures/verifier/${name}.log`, import.meta.url), 'utf8');
  const finding = explainLog(log, { name: 'begin', lines });
  expect(finding.message).toBe(`the kernel refuses begin: ${words}`);
  expect(finding.span).toBe(at);
});

test('an unknown complaint is quoted', () => {
  const finding = explainLog('0: (95) exit\nR0 is odd\nprocessed 1 insns\n', { name: 'x', span: ONE });
  expect(finding.message).toBe('the kernel refuses x: R0 is odd');
  expect(finding.span).toBe(ONE);
  expect(finding.notes[0]?.message).toBe('verifier: 0: (95) exit\nR0 is odd');
});
