import { describe, expect, test } from 'vitest';
import { createDiagnostic, type Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { renderDiagnostic, renderDiagnostics } from '../../../src/output/diagnostic-text.ts';
import { spanOf } from './support.ts';

const error = (source: string, part: string, message: string, details = {}): Diagnostic =>
  createDiagnostic('error', 'code', message, spanOf(source, part), details);

describe('diagnostics as text', () => {
  test.each<readonly [string, Diagnostic, string]>([
    [
      'place, message, source line and underline',
      error('begin { $x = 1; $x = "a"; }', '$x = "a"', 'Type mismatch'),
      'stdin:1:17-25: ERROR: Type mismatch\nbegin { $x = 1; $x = "a"; }\n                ~~~~~~~~\n',
    ],
    ['a later line, tabs as four blanks', error('a\n\tbb', 'bb', 'm'), 'stdin:2:2-4: ERROR: m\n    bb\n    ~~\n'],
    ['several lines, not underlined', error('a {\n b\n}', '{\n b\n}', 'm'), 'stdin:1-3: ERROR: m\na {\n b\n}\n'],
    [
      'no place',
      createDiagnostic('error', 'c', 'no root', undefined, { hints: ['use sudo'] }),
      'ERROR: no root\nHINT: use sudo\n',
    ],
    [
      'notes and hints',
      error('a b', 'b', 'm', { notes: [{ message: 'first here', span: spanOf('a b', 'a') }], hints: ['h'] }),
      'stdin:1:3-4: ERROR: m\na b\n  ~\nstdin:1:1-2: ERROR: first here\na b\n~\nHINT: h\n',
    ],
    [
      'an empty span still shows where',
      createDiagnostic('error', 'c', 'm', { ...spanOf('ab', ''), start: 2, end: 2 }),
      'stdin:1:3-3: ERROR: m\nab\n  ~\n',
    ],
  ])('%s', (_, diagnostic, text) => {
    expect(renderDiagnostic(diagnostic)).toBe(text);
  });

  test('errors come before warnings', () => {
    const list = [createDiagnostic('warning', 'w', 'w'), createDiagnostic('error', 'e', 'e')];
    expect(renderDiagnostics(list)).toBe('ERROR: e\nWARNING: w\n');
  });

  test('color', () => {
    expect(renderDiagnostic(createDiagnostic('error', 'e', 'e'), { isColored: true })).toBe(
      '\x1b[31mERROR: e\x1b[0m\n',
    );
  });
});
