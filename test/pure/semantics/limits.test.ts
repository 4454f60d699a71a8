/** Programs that grow without bound while they are checked: each is a finding, soon. */

import { expect, test } from 'vitest';
import { check } from './support.ts';

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join('');

const defines = `#define A0 1\n${times(40, (i) => `#define A${i + 1} (A${i}+A${i})\n`)}`;
const chain = `#define A0 1\n${times(20_000, (i) => `#define A${i + 1} A${i}\n`)}`;
const constants = times(40_000, (i) => `, A${i + 1} = A${i} + 1`);

test.each<readonly [name: string, text: string, codes: readonly string[]]>([
  [
    'tuples of tuples',
    `begin { $a0 = (1, 1); ${times(40, (i) => `$a${i + 1} = ($a${i}, $a${i}); `)} }`,
    ['tuple-size'],
  ],
  [
    'records of records',
    `begin { $a0 = (a=1, b=1); ${times(40, (i) => `$a${i + 1} = (a=$a${i}, b=$a${i}); `)} }`,
    ['tuple-size'],
  ],
  ['definitions that double', `${defines}begin { print(A40) }`, ['unknown-identifier']],
  ['definitions that double, a few times', `${defines}begin { print(A8) }`, []],
  ['a long row of constants', `enum e { A0${constants} };\nbegin { print(A40000) }`, []],
  ['a long row of definitions', `${chain}begin { print(A20000) }`, []],
  [
    'macros that double their argument',
    `macro m0(x) { x } ${times(40, (i) => `macro m${i + 1}(x) { m${i}(x + x) } `)}begin { $x = pid; $y = m40($x); }`,
    ['macro-limit'],
  ],
  ['a definition of itself', '#define A (A + 1)\nbegin { print(A) }', ['unknown-identifier']],
  ['definitions of each other', '#define A B\n#define B A\nbegin { print(A) }', ['unknown-identifier']],
  ['unroll in unroll', `begin { ${'unroll(100) { '.repeat(3)}@x++ ${'}'.repeat(3)} }`, ['unroll-range']],
  ['unroll in unroll, that fits', `begin { ${'unroll(10) { '.repeat(3)}@x++ ${'}'.repeat(3)} }`, []],
])('%s', (_, text, codes) => {
  const { diagnostics } = check(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual(codes);
});
