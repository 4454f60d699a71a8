/** One-liners through parser and check against the recorded kernel: what they mean, or what is wrong with them. */

import { expect } from 'vitest';
import { parseProgram } from '../../../src/language/parser.ts';
import { checkProgram } from '../../../src/semantics/check-program.ts';
import { type CompileOptions, DEFAULT_OPTIONS } from '../../../src/semantics/compile-options.ts';
import { printTypes } from '../../../src/semantics/print-types.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

export type Row = readonly [source: string, expected: string];

/** `begin { … }` around statements that stand alone. */
export function inBegin(text: string): string {
  return /^[a-z]+(?::|,)|^(?:begin|end|BEGIN|END|config|let @|macro|fn|struct|enum|union|#)/.test(text)
    ? text
    : `begin { ${text} }`;
}

export function check(text: string, options: Partial<CompileOptions> = {}) {
  const all = { ...DEFAULT_OPTIONS, positional: ['5', 'abc'], ...options };
  const parsed = parseProgram({ name: 'stdin', text }, { positionalParameters: all.positional });
  expect(parsed.diagnostics).toEqual([]);
  return checkProgram(parsed.program, recordedFacts(), all);
}

/** meaningOf gives the typed program in one line; warnings are not part of it. */
export function meaningOf(text: string, options: Partial<CompileOptions> = {}): string {
  const { typed, diagnostics } = check(inBegin(text), options);
  expect(diagnostics.filter((finding) => finding.severity === 'error').map((finding) => finding.message)).toEqual([]);
  const lines = (typed === undefined ? '' : printTypes(typed)).trim().split('\n');
  const shown = lines.map((line) => line.trim()).filter((line) => line !== 'begin');
  return shown.join('; ').replaceAll('{; ', '{ ').replaceAll('; }', ' }');
}

/** findingsOf gives one finding a line: severity, text, the source it points to, hints. */
export function findingsOf(text: string, options: Partial<CompileOptions> = {}): string {
  const source = inBegin(text);
  return check(source, options)
    .diagnostics.map(({ severity, message, span, hints }) => {
      const place = span === undefined ? '' : ` <${span.source.text.slice(span.start, span.end)}>`;
      return [`${severity}: ${message}${place}`, ...hints.map((hint) => `  hint: ${hint}`)].join('\n');
    })
    .join('\n');
}
