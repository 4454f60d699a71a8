/** Lines too long for their box. */

import { expect, test } from 'vitest';
import { wrapSpans } from '../../../tui/components/wrap-spans.ts';
import type { TextLine } from '../../../tui/state/overlay.ts';

const lines = (line: TextLine, width: number) =>
  wrapSpans(line, width).map((row) => row.map(({ text }) => text).join(''));

test.each([
  ['what fits stays', 'one two', 10, ['one two']],
  ['breaks at blanks', 'one two three', 8, ['one two', 'three']],
  ['keeps the indent', '  one two three', 9, ['  one two', '  three']],
  ['breaks a word that is too long', 'abcdefgh', 3, ['abc', 'def', 'gh']],
  ['counts wide characters twice', '漢字漢字', 5, ['漢字', '漢字']],
  ['nothing', '', 5, ['']],
])('%s', (_name, text, width, expected) => {
  expect(lines([{ text, tone: 'text' }], width)).toEqual(expected);
});

test('goes on behind the title, each part in its own tone', () => {
  const line: TextLine = [
    { text: 'Next  ', tone: 'key' },
    { text: 'one two three', tone: 'text' },
  ];
  expect(lines(line, 14)).toEqual(['Next  one two', '      three']);
  expect(wrapSpans(line, 14)[1]?.every(({ tone }) => tone === 'text')).toBe(true);
});
