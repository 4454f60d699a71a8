import { expect, test } from 'vitest';
import type { Macro } from '../../../src/language/ast.ts';
import { formatProgram } from '../../../src/language/format.ts';
import { expandMacros } from '../../../src/language/macros.ts';
import { parse } from './expectations.ts';

function expanded(text: string, library = ''): { text: string; findings: string[] } {
  const macros = parse(library).program.items.filter((item): item is Macro => item.kind === 'Macro');
  const { program, diagnostics } = expandMacros(parse(text).program, macros);
  return {
    text: formatProgram({ ...program, comments: [] })
      .replace(/\s+/g, ' ')
      .trim(),
    findings: diagnostics.map((finding) => finding.message),
  };
}

const rows: readonly [text: string, expected: string][] = [
  ['macro two() { 2 } begin { $x = two() + two; }', 'begin { $x = 2 + 2; }'],
  ['macro twice(e) { e + e } begin { $x = twice($a * 2); }', 'begin { $x = $a * 2 + $a * 2; }'],
  ['macro twice(e) { e * 2 } begin { $x = twice(1 + 2); }', 'begin { $x = (1 + 2) * 2; }'],
  ['macro inc($v) { $v += 1; $v } begin { $x = inc($a); }', 'begin { $x = { $a += 1; $a }; }'],
  ['macro add(@m, k) { @m[k]++; } begin { add(@c, tid); }', 'begin { { @c[tid]++; } }'],
  ['macro own(e) { let $t = e; $t } begin { $x = own(1); }', 'begin { $x = { let $$own:1:t = 1; $$own:1:t }; }'],
  [
    'macro own(e) { let $t = e; $t } begin { $x = own(own($t)); }',
    'begin { $x = { let $$own:2:t = { let $$own:1:t = $t; $$own:1:t }; $$own:2:t }; }',
  ],
  ['macro a(x) { b(x) + 1 } macro b(x) { x * 2 } begin { $x = a(3); }', 'begin { $x = 3 * 2 + 1; }'],
  [
    'macro f(x) { 1 } macro f($x) { 2 } macro f(@x) { 3 } begin { $r = (f(0), f($a), f(@m), f(@m[1])); }',
    'begin { $r = (1, 2, 3, 1); }',
  ],
  ['macro f(x) { 1 } macro f(x, y) { 2 } begin { $r = (f(0), f(0, 0)); }', 'begin { $r = (1, 2); }'],
  [
    'macro size(t) { sizeof(t) } begin { $x = size(typeof(uint32)) + size($y); }',
    'begin { $x = sizeof(typeof(uint32)) + sizeof($y); }',
  ],
  ['macro to(t, e) { (t)e } begin { $x = to(typeof(uint32), 1); }', 'begin { $x = (typeof(uint32))1; }'],
  ['macro f(x) { if x { 1 } else { 2 } } begin { $x = f(pid); }', 'begin { $x = if (pid) { 1 } else { 2 }; }'],
  ['macro f(x) { args.x } begin { $x = f(1); }', 'begin { $x = args.x; }'],
  [
    'macro loop(@m) { for $kv : @m { print($kv); } } begin { loop(@a); }',
    'begin { { for ($$loop:1:kv : @a) { print($$loop:1:kv); } } }',
  ],
];

test.each(rows)('%s', (text, expected) => {
  expect(expanded(text)).toEqual({ text: expected, findings: [] });
});

const refused: readonly [text: string, ...findings: string[]][] = [
  ['macro f(x) { f(x) } begin { f(1); }', 'Recursive macro call detected. Call chain: f > f'],
  ['macro a() { b() } macro b() { a() } begin { a(); }', 'Recursive macro call detected. Call chain: a > b > a'],
  ['macro f() { $x } begin { }', 'Unhygienic access to scratch variable: $x'],
  ['macro f() { @x } begin { }', 'Unhygienic access to map: @x'],
  ['macro f() { return; } begin { }', "'return' is not allowed in a macro"],
  ['macro f() { break; } begin { }', "'break' is not allowed in a macro"],
  ['macro f(x, x) { x } begin { }', 'Macro f has two parameters named x'],
  ['macro f(x) { x } macro f(y) { y } begin { }', 'Redefinition of macro: f'],
  ['macro f(x) { x } begin { f(); }', 'f() takes 1 argument (0 provided)'],
  ['macro f() { 1 } macro f(x, y) { x } begin { f(1); }', 'f() takes 0 or 2 arguments (1 provided)'],
  ['macro f($x) { $x } begin { f(1); }', 'f() wants a scratch variable for its parameter $x'],
  ['macro f(@x) { @x } begin { f(@m[1]); }', 'f() wants a map without a key for its parameter @x'],
  [
    `macro a(x) { x + x } macro b(x) { ${'a('.repeat(10)}x${')'.repeat(10)} } begin { b(b(b(1))); }`,
    'Macros expand to more than this program can hold',
  ],
];

test.each(refused)('%s', (text, ...expected) => {
  expect(expanded(text).findings).toEqual(expected);
});

test('a library macro is there, and a script may override it', () => {
  const library = 'macro lib(x) { x + 1 }';
  expect(expanded('begin { $x = lib(1); }', library).text).toBe('begin { $x = 1 + 1; }');
  expect(expanded('macro lib(x) { x + 2 } begin { $x = lib(1); }', library).text).toBe('begin { $x = 1 + 2; }');
});

test('what comes out of a macro says where it was called', () => {
  const text = 'macro f() { bad } begin { f(); }';
  const { program } = expandMacros(parse(text).program);
  const [probe] = program.items;
  const [statement] = probe?.kind === 'Probe' ? probe.body.statements : [];
  const span = statement?.kind === 'ExpressionStatement' ? statement.expression.span : undefined;
  expect(text.slice(span?.start, span?.end)).toBe('bad');
  expect(text.slice(span?.expandedFrom?.start, span?.expandedFrom?.end)).toBe('f()');
});
