import { expect, test } from 'vitest';
import { createDiagnostic, type Severity, type Source, type Span } from '../../../src/diagnostics/diagnostic.ts';
import { diagnosticToJson } from '../../../src/diagnostics/json.ts';
import { renderDiagnostic, renderDiagnostics } from '../../../src/diagnostics/render.ts';

function source(text: string, name = 'stdin'): Source {
  return { name, text };
}

function spanOf(in_: Source, part: string): Span {
  const start = in_.text.indexOf(part);
  return { source: in_, start, end: start + part.length };
}

function rendered(text: string, part: string, severity: Severity = 'error', message = 'oops'): string {
  return renderDiagnostic(createDiagnostic(severity, 'code', message, spanOf(source(text), part)));
}

const cases: readonly [name: string, text: string, part: string, expected: string][] = [
  [
    'one line',
    'begin { $x = 1; $x = "a"; }',
    '$x = "a"',
    'stdin:1:17-25: ERROR: oops\nbegin { $x = 1; $x = "a"; }\n                ~~~~~~~~\n',
  ],
  ['second line', 'begin {\n  foo\n}', 'foo', 'stdin:2:3-6: ERROR: oops\n  foo\n  ~~~\n'],
  ['tab is four blanks', '\tfoo', 'foo', 'stdin:1:2-5: ERROR: oops\n    foo\n    ~~~\n'],
  ['tab inside of the span', 'a\tb', 'a\tb', 'stdin:1:1-4: ERROR: oops\na    b\n~~~~~~\n'],
  ['several lines', 'a {\n\tb\n}', '{\n\tb\n}', 'stdin:1-3: ERROR: oops\na {\n    b\n}\n'],
  ['empty span shows one mark', 'abc', '', 'stdin:1:1-1: ERROR: oops\nabc\n~\n'],
  ['end of a line belongs to the line', 'abc\ndef', 'c\n', 'stdin:1:3-5: ERROR: oops\nabc\n  ~\n'],
  ['carriage return is no part of the line', 'abc\r\ndef', 'b', 'stdin:1:2-3: ERROR: oops\nabc\n ~\n'],
  ['control characters are shown', 'a\x1b[2Jb', 'b', 'stdin:1:6-7: ERROR: oops\na\\x1b[2Jb\n        ~\n'],
  ['overrides of direction are shown', 'a\u202eb', 'b', 'stdin:1:3-4: ERROR: oops\na\\u202eb\n       ~\n'],
  ['wide characters count once', 'ä日b', 'b', 'stdin:1:3-4: ERROR: oops\nä日b\n  ~\n'],
];

test.each(cases)('%s', (_name, text, part, expected) => {
  expect(rendered(text, part)).toBe(expected);
});

test('a warning says so', () => {
  expect(rendered('abc', 'b', 'warning')).toContain('stdin:1:2-3: WARNING: oops');
});

test('without a place only the message stands', () => {
  expect(renderDiagnostic(createDiagnostic('error', 'x', 'no root'))).toBe('ERROR: no root\n');
});

test('hints, notes and macro places follow', () => {
  const script = source('macro f() { bad }\nbegin { f() }');
  const inner: Span = { ...spanOf(script, 'bad'), expandedFrom: spanOf(script, 'f() }') };
  expect(
    renderDiagnostic(
      createDiagnostic('error', 'x', 'oops', inner, {
        notes: [{ message: 'see', span: spanOf(script, 'begin') }, { message: 'plain' }],
        hints: ['try this'],
      }),
    ),
  ).toBe(
    'stdin:1:13-16: ERROR: oops\nmacro f() { bad }\n            ~~~\n' +
      'stdin:2:9-14: expanded from\nbegin { f() }\n        ~~~~~\n' +
      'stdin:2:1-6: ERROR: see\nbegin { f() }\n~~~~~\nNOTE: plain\nHINT: try this\n',
  );
});

test('errors come before warnings', () => {
  const list = [createDiagnostic('warning', 'w', 'first'), createDiagnostic('error', 'e', 'second')];
  expect(renderDiagnostics(list)).toBe('ERROR: second\nWARNING: first\n');
});

test('colour is on the location and the mark only', () => {
  const text = renderDiagnostic(createDiagnostic('error', 'x', 'oops', spanOf(source('abc'), 'b')), {
    isColored: true,
  });
  expect(text).toBe('\x1b[31mstdin:1:2-3: ERROR: oops\x1b[0m\nabc\n \x1b[31m~\x1b[0m\n');
});

test('a line of 100 kB is cut around the place', () => {
  const text = `${'x'.repeat(50_000)}HERE${'y'.repeat(50_000)}`;
  const lines = rendered(text, 'HERE').split('\n');
  expect(lines[1]).toBe(`...${'x'.repeat(100)}HERE${'y'.repeat(100)}...`);
  expect(lines[2]).toBe(`${' '.repeat(103)}~~~~`);
});

test('the name of a file cannot drive the terminal', () => {
  const span = { source: source('abc', 'a\x1b]0;b.bt'), start: 0, end: 1 };
  expect(renderDiagnostic(createDiagnostic('error', 'x', 'bad \x07 name', span))).toContain(
    'a\\x1b]0;b.bt:1:1-2: ERROR: bad \\x07 name',
  );
});

test('the machine-readable form has the code, lines and the repair', () => {
  const script = source('a\nbcd');
  const span = spanOf(script, 'cd');
  expect(
    diagnosticToJson(createDiagnostic('error', 'some-code', 'oops', span, { fix: { span, text: 'x' }, hints: ['h'] })),
  ).toEqual({
    code: 'some-code',
    severity: 'error',
    message: 'oops',
    span: { file: 'stdin', line: 2, column: 2, endLine: 2, endColumn: 4, start: 3, end: 5 },
    notes: [],
    hints: ['h'],
    fix: { span: { file: 'stdin', line: 2, column: 2, endLine: 2, endColumn: 4, start: 3, end: 5 }, text: 'x' },
  });
});
