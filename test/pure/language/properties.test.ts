import { expect, test } from 'vitest';
import { renderDiagnostics } from '../../../src/diagnostics/render.ts';
import { dumpProgram } from '../../../src/language/dump.ts';
import { formatProgram } from '../../../src/language/format.ts';
import { expandMacros } from '../../../src/language/macros.ts';
import { parseProgram } from '../../../src/language/parser.ts';
import { isEqualTree } from '../../../src/language/walk.ts';
import fc from '../../support/property.ts';
import { program } from './arbitrary.ts';
import { SCRIPTS } from './scripts.ts';

function parse(text: string) {
  return parseProgram({ name: 'stdin', text });
}

test('a random program prints and reads back as the same tree', () => {
  fc.assert(
    fc.property(program, (tree) => {
      const text = formatProgram(tree);
      const { program: again, diagnostics } = parse(text);
      expect(renderDiagnostics(diagnostics)).toBe('');
      if (!isEqualTree(tree, again)) expect(dumpProgram(again)).toBe(dumpProgram(tree));
      expect(formatProgram(again)).toBe(text);
    }),
    { numRuns: 300 },
  );
});

test.each(SCRIPTS.map((text, index) => [index, text] as const))(
  'script %d formats and keeps its meaning',
  (_, text) => {
    const { program: tree, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    const once = formatProgram(tree);
    const again = parse(once);
    expect(renderDiagnostics(again.diagnostics)).toBe('');
    expect(isEqualTree(tree, again.program)).toBe(true);
    expect(formatProgram(again.program)).toBe(once);
  },
);

const fragments = [
  ...'{}()[];:,./\\"\'@$#&|<>=+-*%!?~ \n\t\0\ud800',
  'é',
  '日',
  '0x',
  '1e',
  '..',
  '->',
  '/*',
  '*/',
  '//',
  '#if',
  '#include <',
  'struct ',
  'if',
  'else',
  'let ',
  'macro ',
  'fn ',
  'config = ',
  'import "',
  'kprobe:',
  'BEGIN',
  '$1',
  '(a)',
  '?:',
];

/** Mutations of real scripts: pieces cut out, doubled, or put in. */
const mutant = fc
  .tuple(
    fc.constantFrom(...SCRIPTS),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), fc.constantFrom('', ...fragments)), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([script, edits]) =>
    edits.reduce((text, [place, length, insert]) => {
      const at = Math.floor(place * text.length);
      return text.slice(0, at) + insert + text.slice(at + length);
    }, script),
  );

test('a mutated script never crashes: a program, findings, or both', () => {
  fc.assert(
    fc.property(mutant, (text) => {
      const { program: tree, diagnostics } = parse(text);
      expect(tree.kind).toBe('Program');
      renderDiagnostics(diagnostics);
      expandMacros(tree);
      for (const finding of diagnostics) {
        const { start = 0, end = 0 } = finding.span ?? {};
        expect(start >= 0 && start <= end && end <= text.length).toBe(true);
      }
      if (diagnostics.length > 0) return;
      const once = formatProgram(tree);
      const again = parse(once);
      expect(renderDiagnostics(again.diagnostics)).toBe('');
      if (!isEqualTree(tree, again.program)) expect(dumpProgram(again.program)).toBe(dumpProgram(tree));
      expect(formatProgram(again.program)).toBe(once);
    }),
    { numRuns: 1000 },
  );
});

test('text of any kind never crashes', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...fragments, 'x', ' '), { maxLength: 60 }), (parts) => {
      const { program: tree, diagnostics } = parse(parts.join(''));
      renderDiagnostics(diagnostics);
      formatProgram(tree);
    }),
    { numRuns: 1000 },
  );
});
