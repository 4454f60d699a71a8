import { expect, test } from 'vitest';
import { errors, findings } from './expectations.ts';

/** Scripts with errors, and every finding: place and message, then notes and hints. */
const rows: readonly [text: string, ...findings: string[]][] = [
  ['begin { $x = 1 $y = 2; }', "1:16-18 syntax: expected ';'"],
  ['begin { $x = ; }', '1:14-15 syntax: expected expression'],
  ['begin { @x = count(; }', "1:20-21 syntax: expected expression or ')'"],
  ['begin { @x[ = 1; }', '1:13-14 syntax: expected expression'],
  ['begin { @x[1 = 1; }', "1:14-15 syntax: expected ',' or ']'"],
  ['begin { f(1, ; }', "1:14-15 syntax: expected expression or ')'"],
  ['begin { f(1 2); }', "1:13-14 syntax: expected ',' or ')'"],
  ['begin { $x = (1; }', "1:16-17 syntax: expected ',' or ')'"],
  ['begin { $x = 1 + ; }', '1:18-19 syntax: expected expression'],
  ['begin { $x = * ; }', '1:16-17 syntax: expected expression'],
  ['begin { $x = $a ? $b; }', "1:21-22 syntax: expected ':'"],
  ['begin { $x. ; }', '1:13-14 syntax: expected field'],
  ['begin { $x->; }', '1:13-14 syntax: expected field'],
  ['begin { let x; }', '1:13-14 syntax: expected variable', 'HINT: scratch variables are written $x'],
  ['begin { let $x : ; }', '1:18-19 syntax: expected type'],
  ['begin { if { } }', '1:12-13 syntax: expected expression'],
  [
    'begin { if ($x) exit(); }',
    "1:17-21 syntax: expected '{'",
    'HINT: the body of `if`, `else`, `while`, `for` and `unroll` needs braces: `if (…) { … }`',
  ],
  [
    'begin { if ($x) { } else exit(); }',
    "1:26-30 syntax: expected '{'",
    'HINT: the body of `if`, `else`, `while`, `for` and `unroll` needs braces: `if (…) { … }`',
  ],
  [
    'begin { while (1) exit(); }',
    "1:19-23 syntax: expected '{'",
    'HINT: the body of `if`, `else`, `while`, `for` and `unroll` needs braces: `if (…) { … }`',
  ],
  ['begin { for ($i : 0..) { } }', '1:22-23 syntax: expected expression'],
  [
    'begin { for (i : 0..3) { } }',
    '1:14-15 syntax: expected variable',
    'HINT: a loop goes over numbers or the entries of a map: `for $i : 0..10 { … }`, `for $kv : @map { … }` ($kv.0 is the key, $kv.1 the value)',
  ],
  [
    'begin { for $i 0..3 { } }',
    "1:16-17 syntax: expected ':'",
    'HINT: a loop goes over numbers or the entries of a map: `for $i : 0..10 { … }`, `for $kv : @map { … }` ($kv.0 is the key, $kv.1 the value)',
  ],
  ['begin { unroll { } }', '1:16-17 syntax: expected expression'],
  ['begin { $x = 1; } }', '1:19-20 syntax: expected probe', 'HINT: there is a `}` too many'],
  ['begin { $x = 1;', "1:15-16 syntax: expected '}'", "1:7-8 unbalanced '{' is here"],
  ['begin { if (1) { $x = 1; }\n', "1:26-27 syntax: expected '}'", "1:7-8 unbalanced '{' is here"],
  ['kprobe:f { if (1) {\n  $x = 1;\n}\nkprobe:g { }', "3:1-2 syntax: expected '}'", "1:10-11 unbalanced '{' is here"],
  ['kprobe:f { $x = 1;\nBEGIN { }', "1:18-19 syntax: expected '}'", "1:10-11 unbalanced '{' is here"],
  ['begin { ) }', '1:9-10 syntax: expected expression'],
  ['begin { ] $x = 1; ( $y = 2; }', '1:9-10 syntax: expected expression', "1:24-25 syntax: expected ',' or ')'"],
  ['begin', "1:5-6 syntax: expected ',', '/' or '{'"],
  ["begin { $x = 'a'; }", "1:14-17 syntax: unexpected character '''", 'HINT: strings take double quotes: "…"'],
  ["begin { printf('%d', 1); }", "1:16-20 syntax: unexpected character '''", 'HINT: strings take double quotes: "…"'],
  [
    'begin { printf(%d\\n, 1); }',
    "1:16-17 syntax: expected expression or ')'",
    'HINT: the format of printf() is a string: `printf("%d\\n", value)`',
    "1:18-19 syntax: unexpected character '\\'",
  ],
  ['begin { $x = "abc }', '1:14-20 syntax: unterminated string literal'],
  ['begin { $x = "a\\qb"; }', "1:16-18 syntax: invalid escape character '\\q'"],
  ['begin { $x = "\\400"; }', "1:15-19 syntax: octal escape sequence out of range '\\400'"],
  ['begin { $x = 1_; }', "1:14-16 syntax: trailing '_' in integer '1_'"],
  ['begin { $x = 10e3; }', '1:14-18 syntax: coefficient part of scientific literal must be 1-9'],
  ['begin { $x = 1e30; }', '1:14-18 syntax: exponent will overflow integer range: 30'],
  ['begin { $x = 12abc; }', "1:14-19 syntax: invalid integer suffix 'abc'"],
  ['begin { $x = 0b11; }', "1:14-18 syntax: invalid integer '0b11'"],
  ['begin { $x = 08; }', "1:14-16 syntax: invalid digit in octal integer '08'"],
  [
    'begin { $x = 18446744073709551616; }',
    "1:14-34 syntax: integer overflow: '18446744073709551616' does not fit its type",
  ],
  ['begin { $x = 5000000000u; }', "1:14-25 syntax: integer overflow: '5000000000u' does not fit its type"],
  ['begin { $x = 300000000000d; }', "1:14-27 syntax: integer overflow: '300000000000d' does not fit its type"],
  ['begin { $x = $0; }', '1:14-16 syntax: param $0 is out of integer range [1, 2147483647]'],
  ['begin { $x = $; }', "1:14-15 syntax: unexpected character '$'"],
  ['begin { $x = ` ; }', "1:14-15 syntax: unexpected character '`'", 'HINT: strings take double quotes: "…"'],
  [
    'begin { print(1)\u00a0; }',
    '1:17-18 syntax: unexpected character U+00A0',
    'HINT: it looks like a blank and is none, as text from web pages has it: type a blank',
  ],
  ['begin { print(2 \u2013 1); }', "1:17-18 syntax: unexpected character '\u2013'", 'HINT: minus is a plain `-`'],
  ['begin { $x = é; }', "1:14-15 syntax: unexpected character 'é'"],
  ['begin { /* never ends', '1:9-11 syntax: unterminated comment'],
  ['kprobe:f /pid = 1/ { }', "1:15-16 syntax: expected '/'", 'HINT: `=` assigns; `==` compares'],
  ['kprobe:f /pid == 1 { exit(); }', "1:20-21 syntax: expected '/'"],
  ['kprobe:f /pid == / { exit(); }', '1:18-19 syntax: expected expression'],
  ['kprobe:f / / { }', '1:12-13 syntax: expected expression'],
  [
    'kprobe:f pid == 1 { }',
    "1:10-13 syntax: expected ',', '/' or '{'",
    'HINT: a predicate stands between slashes: `kprobe:f /pid == 1/ { … }`',
  ],
  ['kprobe: f { }', "1:9-10 syntax: expected ',', '/' or '{'", 'HINT: an attach point has no blanks: `kprobe:f`'],
  ['kprobe:f kprobe:g { }', "1:10-18 syntax: expected ',', '/' or '{'"],
  [
    'kprobe:f { } $x = 1; kprobe:g { }',
    "1:17-18 syntax: expected ',', '/' or '{'",
    'HINT: statements stand in the block of a probe: `begin { … }`',
  ],
  ['@x = 1', "1:4-5 syntax: expected ',', '/' or '{'", 'HINT: statements stand in the block of a probe: `begin { … }`'],
  [
    'printf("hi");',
    "1:13-14 syntax: expected ',', '/' or '{'",
    'HINT: statements stand in the block of a probe: `begin { … }`',
  ],
  ['{ }', '1:1-2 syntax: expected probe', 'HINT: a block belongs to a probe: `begin { … }`'],
  ['/pid/ { }', '1:1-2 syntax: expected probe'],
  ['kprobe:f, { } { }', '1:15-16 syntax: expected probe', 'HINT: a block belongs to a probe: `begin { … }`'],
  [' #!/usr/bin/env bpftrace\nkprobe:f { }', "1:2-25 '#!' is for the very start of a script"],
  ['#define A 1\nkprobe:f { }\n#define B 2', '3:1-12 C definitions must appear before probes and functions'],
  ['kprobe:f { }\nstruct a { int x; };', '2:1-21 C definitions must appear before probes and functions'],
  ['kprobe:f { }\nconfig = { a = 1 }', '2:1-19 config must appear before probes and functions'],
  ['config = { a = 1 } config = { b = 2 } begin { }', '1:20-38 duplicate config block'],
  ['kprobe:f { }\nimport "x.bt";', '2:1-14 root imports must appear before probes and functions'],
  [
    'config = { a 1; b = ; c = 3 } begin { $x = ; }',
    "1:14-15 syntax: expected '='",
    '1:21-22 syntax: expected value',
    '1:44-45 syntax: expected expression',
  ],
  ['config = { a = 1', "1:16-17 syntax: expected ';'"],
  ['let @m = 5; begin { }', '1:10-11 syntax: expected map type'],
  ['let @m; begin { }', "1:7-8 syntax: expected '='"],
  [
    'let $x = 1; begin { }',
    '1:5-7 root-level let statements need to be map declarations',
    'HINT: for example let @name = hash(100);',
  ],
  ['macro f { } begin { }', "1:9-10 syntax: expected '('"],
  ['macro f($x { } begin { }', "1:12-13 syntax: expected ',' or ')'"],
  ['macro f(1) { } begin { }', "1:9-10 syntax: expected parameter or ')'"],
  ['fn f() { } begin { }', "1:8-9 syntax: expected ':'"],
  ['fn f($a) : int64 { } begin { }', "1:8-9 syntax: expected ':'"],
  ['struct a { int x;', "1:1-7 syntax: expected '}'", "1:10-11 unbalanced '{' is here"],
  [
    'begin { @.quantize(3); }',
    "1:19-20 syntax: expected ';'",
    "HINT: maps have no methods: ply's `@map.quantize(…)` is `@map = hist(value)`",
  ],
  [
    'begin { @x[1].count(); }',
    "1:20-21 syntax: expected ';'",
    "HINT: maps have no methods: ply's `@map.count(…)` is `@map = count()`",
  ],
  [
    'begin { @x.foo(1); }',
    "1:15-16 syntax: expected ';'",
    'HINT: maps have no methods; see `print(@map)`, `clear(@map)`, `delete(@map, key)`',
  ],
  [
    '#pragma D option quiet\nbegin { }',
    "1:1-23 syntax: '#pragma D' is DTrace",
    'HINT: leave it out; `-q` is the option for less output, and settings go into `config = { … }`',
  ],
  [
    'self int last[dev_t];\nbegin { }',
    "1:6-9 syntax: expected ',', '/' or '{'",
    'HINT: variables are not declared: `self->name` is `@name[tid]`, `this->name` is `$name`',
  ],
  [
    'probe kernel.function("x") { }',
    "1:7-27 syntax: expected ',', '/' or '{'",
    'HINT: a probe is written without the word `probe`: `kprobe:f { … }`',
  ],
  [
    'begin { int x = 1; }',
    "1:13-14 syntax: expected ';'",
    'HINT: variables are not declared with a type in front: `$name = value`, or `let $name : type = value`',
  ],
  [
    'begin { uint64 $x = 1; }',
    "1:16-18 syntax: expected ';'",
    'HINT: variables are not declared with a type in front: `$name = value`, or `let $name : type = value`',
  ],
  ['begin { $x = 1.5; }', '1:14-17 syntax: there are no floating-point numbers'],
  ['begin { if (1) { }; else { } }', "1:26-27 syntax: expected ';'"],
  [
    'begin { $x = $y = 1; }',
    "1:17-18 syntax: expected ';'",
    'HINT: an assignment is a statement, not a value; `==` compares',
  ],
  ['begin { if ($x = 1) { } }', "1:16-17 syntax: expected ',' or ')'", 'HINT: `=` assigns; `==` compares'],
  [
    'begin { let @x = hash(5); }',
    '1:13-15 syntax: expected variable',
    'HINT: maps are declared outside of probes: `let @name = hash(100);`; a map needs no declaration',
  ],
  [
    'config = { max_map_keys=5, stack_mode=perf } begin { }',
    "1:26-27 syntax: expected ';'",
    'HINT: settings are separated by `;`',
  ],
  [
    'begin { struct a { int x; }; }',
    "1:16-17 syntax: expected ';'",
    'HINT: C definitions stand at the top of the script',
  ],
  [
    'begin { $x == ; $y = ); @z = 1 1; print(; exit(); }',
    '1:15-16 syntax: expected expression',
    '1:22-23 syntax: expected expression',
    "1:32-33 syntax: expected ';'",
    "1:41-42 syntax: expected expression or ')'",
  ],
  ['begin { #define X 1\n }', '1:9-20 C definitions must appear before probes and functions'],
  ['begin { (uint8*; }', '1:16-17 syntax: expected expression'],
  ['begin { sizeof(; }', '1:16-17 syntax: expected expression'],
  ['begin { offsetof(struct a); }', "1:26-27 syntax: expected ','"],
  ['begin { $x = {; }', "1:17-18 syntax: expected '}'", "1:7-8 unbalanced '{' is here"],
  ['begin { (a=1, 2); }', "1:15-16 syntax: expected field or ')'"],
  [
    'kprobe:f /(pid == 1/ { } kprobe:g { $x = ; }',
    "1:20-21 syntax: expected ',' or ')'",
    '1:42-43 syntax: expected expression',
  ],
  ['begin { $a ? : ; }', '1:16-17 syntax: expected expression'],
  ['begin { x = 1 + "a" + [1]; }', '1:23-24 syntax: expected expression'],
  ['uprobe:"abc { }', '1:8-16 syntax: unterminated string literal'],
];

test.each(rows)('%s', (text, ...expected) => {
  expect(findings(text)).toEqual(expected);
});

test('a finding is shown with its line', () => {
  expect(errors('begin {\n\t$x = ;\n}')).toBe(
    'stdin:2:7-8: ERROR: syntax: expected expression\n    $x = ;\n         ~\n',
  );
});

test('what is missing at the end of a line is shown there', () => {
  expect(errors('begin {\n  $x = 1\n  $y = 2;\n}')).toBe(
    "stdin:2:8-9: ERROR: syntax: expected ';'\n  $x = 1\n       ~\n",
  );
});

test('no finding stops at the first: five errors of one line, and the second probe is read', () => {
  expect(
    findings('begin { $a = ; $b = 1 1; $c = (; f(1 2); @d[1 = 2; } end { $e = ; }').map((line) => line.split(' ')[0]),
  ).toEqual(['1:14-15', '1:23-24', '1:32-33', '1:38-39', '1:47-48', '1:65-66']);
});
