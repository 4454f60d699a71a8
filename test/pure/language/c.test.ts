import { expect, test } from 'vitest';
import type { CType } from '../../../src/ctype/ctype.ts';
import { type DefinitionOptions, readDefinitions } from '../../../src/language/c/definitions.ts';
import type { ScriptFiles } from '../../../src/language/files.ts';
import { printExpression } from '../../../src/language/print-expressions.ts';
import { parse } from './expectations.ts';

function read(text: string, options: DefinitionOptions = {}) {
  return readDefinitions(parse(`${text}\n`).program.definitions, options);
}

/** A type in short; members as `name@bit` or `name@bit:width`. */
function short(type: CType | undefined, depth = 0): string {
  switch (type?.kind) {
    case 'pointer':
      return `${short(type.target, depth + 1)}*`;
    case 'array':
      return `${short(type.element, depth + 1)}[${type.length}]`;
    case 'struct':
    case 'union': {
      if (depth > 0 && type.name !== '') return `${type.kind} ${type.name}`;
      const members = type.members.map(
        (member) =>
          `${member.name}@${member.bitOffset}${member.bitSize === undefined ? '' : `:${member.bitSize}`} ${short(member.type, depth + 1)}`,
      );
      return `${type.kind}${type.size}{${members.join(', ')}}`;
    }
    case 'enum':
      return `enum${type.size}{${type.values.map((entry) => `${entry.name}=${entry.value}`).join(', ')}}`;
    case 'function':
      return `fn(${type.parameters.map((parameter) => short(parameter.type, depth + 1)).join(', ')})`;
    case 'typedef':
      return type.name;
    case 'forward':
      return `${type.tag} ${type.name}?`;
    case 'integer':
    case 'float':
      return type.name;
    default:
      return type?.kind ?? 'nothing';
  }
}

/** Layouts that gcc gives on x86-64, too. */
const structs: readonly [text: string, expected: string][] = [
  ['struct a { int x; char y; };', 'struct8{x@0 int, y@32 char}'],
  ['struct a { char x; long y; };', 'struct16{x@0 char, y@64 long int}'],
  ['struct a { char x; int y; } __attribute__((packed));', 'struct5{x@0 char, y@8 int}'],
  ['struct __attribute__((packed)) a { char x; int y; };', 'struct5{x@0 char, y@8 int}'],
  ['struct a { char x; } __attribute__((aligned(16)));', 'struct16{x@0 char}'],
  ['struct a { char x; int y __attribute__((aligned(8))); };', 'struct16{x@0 char, y@64 int}'],
  ['struct a { int x:3; int y:30; };', 'struct8{x@0:3 int, y@32:30 int}'],
  ['struct a { unsigned x:4, :0, y:4; };', 'struct8{x@0:4 unsigned int, y@32:4 unsigned int}'],
  ['struct a { char c; unsigned long z:40; };', 'struct8{c@0 char, z@8:40 long unsigned int}'],
  ['struct a { int x[2][3]; char *y[4]; };', 'struct56{x@0 int[3][2], y@192 char*[4]}'],
  ['struct a { int (*f)(int, char *); void *(*g[2])(void); };', 'struct24{f@0 fn(int, char*)*, g@64 fn()*[2]}'],
  [
    'struct a { struct { int x; }; union { int y; long z; } u; };',
    'struct16{@0 struct4{x@0 int}, u@64 union8{y@0 int, z@0 long int}}',
  ],
  ['struct a { struct b { int x; } y; struct b *z; };', 'struct16{y@0 struct b, z@64 struct b*}'],
  ['struct a { struct a *next; };', 'struct8{next@0 struct a*}'],
  ['struct a { struct unknown *x; };', 'struct8{x@0 struct unknown?*}'],
  ['struct a { int n; char rest[]; };', 'struct4{n@0 int, rest@32 char[0]}'],
  [
    'struct a { const volatile unsigned long int x; signed char y; _Bool z; };',
    'struct16{x@0 long unsigned int, y@64 signed char, z@72 _Bool}',
  ],
  [
    'struct a { u8 a; __u16 b; uint32_t c; u64 d; size_t e; };',
    'struct24{a@0 unsigned char, b@16 short unsigned int, c@32 unsigned int, d@64 long long unsigned int, e@128 long unsigned int}',
  ],
  ['typedef unsigned int num; struct a { num x; };', 'struct4{x@0 num}'],
  ['#define N 4\nstruct a { int x[N + 1]; };', 'struct20{x@0 int[5]}'],
  ['#define ARRAY(type, name, n) type name[n]\nstruct a { ARRAY(long, x, 2); };', 'struct16{x@0 long int[2]}'],
  ['#define FIELD(n) int n ## _field\nstruct a { FIELD(x); };', 'struct4{x_field@0 int}'],
  ['enum e { A = 2, B }; struct a { enum e x; int y[B]; };', 'struct16{x@0 enum4{A=2, B=3}, y@32 int[3]}'],
  ['struct b { long x; }; struct a { char y[sizeof(struct b) * 2]; };', 'struct16{y@0 char[16]}'],
  ['#if 1\nstruct a { int x; };\n#else\nstruct a { long y; };\n#endif', 'struct4{x@0 int}'],
  [
    '#define X\n#ifndef X\nstruct a { int x; };\n#elif defined(X) && 2 > 1\nstruct a { long y; };\n#endif',
    'struct8{y@0 long int}',
  ],
  ['#ifdef __x86_64__\nstruct a { int x; };\n#endif', 'struct4{x@0 int}'],
  ['struct a { int x, *y, z[2]; };', 'struct24{x@0 int, y@64 int*, z@128 int[2]}'],
  ['struct a { float x; double y; };', 'struct16{x@0 float, y@64 double}'],
  ['struct a { struct a x; };', 'struct0{x@0 struct a}'],
  ['struct a { int x; garbage here }; ', 'struct8{x@0 int, here@32 int}'],
];

test.each(structs)('%s', (text, expected) => {
  expect(short(read(text).structs.get('a'))).toBe(expected);
});

test('unions, enums and typedefs have maps of their own', () => {
  const definitions = read(
    'union u { int a; char b[6]; };\nenum e { X = 1 << 4, Y, Z = -1, };\ntypedef struct { int a; } t;',
  );
  expect(short(definitions.unions.get('u'))).toBe('union8{a@0 int, b@0 char[6]}');
  expect(short(definitions.enums.get('e'))).toBe('enum4{X=16, Y=17, Z=-1}');
  expect(definitions.enumConstant('Y')?.value).toBe(17n);
  const t = definitions.typedefs.get('t');
  expect(short(t?.kind === 'typedef' ? t.target : undefined)).toBe('struct4{a@0 int}');
});

test('constants of an enum without a name count', () => {
  const definitions = read('enum { ONE = 1, BIG = 0x100000000 };');
  expect(definitions.enumConstant('BIG')).toMatchObject({ value: 0x100000000n, type: { size: 8 } });
});

const macros: readonly [text: string, name: string, expected: string | undefined][] = [
  ['#define A 5', 'A', '5'],
  ['#define A (1 << 3) | 2', 'A', '(1 << 3) | 2'],
  ['#define B 2\n#define A B + 1', 'A', '2 + 1'],
  ['#define A B\n#define B A', 'A', 'A'],
  ['#define A "text"', 'A', '"text"'],
  ['#define A', 'A', undefined],
  ['#define A(x) x', 'A', undefined],
  ['#define A 1 +', 'A', undefined],
  ['#define A 1\n#undef A', 'A', undefined],
  ['#define A 0x10UL', 'A', '0x10UL'],
  ['#define A args.foo', 'A', 'args.foo'],
  ['#define A 1', 'B', undefined],
  ['#define A 1', '__x86_64__', undefined],
];

test.each(macros)('%s: %s', (text, name, expected) => {
  const value = read(text).macro(name);
  expect(value && printExpression(value)).toBe(expected);
});

test('names that the text does not define are asked of the kernel', () => {
  const known = { kind: 'struct', name: 'path', size: 16, members: [] } as const;
  const definitions = read('struct a { struct path p; struct path *q; };', {
    types: {
      struct: (name) => (name === 'path' ? known : undefined),
      union: () => undefined,
      enum: () => undefined,
      typedef: () => undefined,
    },
  });
  expect(short(definitions.structs.get('a'))).toBe('struct24{p@0 struct path, q@128 struct path*}');
});

function headers(contents: Record<string, string>): ScriptFiles {
  return {
    kindOf: (path) => (path in contents ? 'file' : 'absent'),
    read: (path) => Buffer.from(contents[path] ?? ''),
    list: () => [],
    canonical: (path) => path,
    isWorldWritable: () => false,
  };
}

const includes: readonly [text: string, contents: Record<string, string>, expected: string][] = [
  ['#include "a.h"', { '/s/a.h': 'struct a { int x; };' }, 'struct4{x@0 int}'],
  ['#include <a.h>', { '/inc/a.h': 'struct a { int x; };' }, 'struct4{x@0 int}'],
  ['#include <a.h>', { '/inc/a.h': '#include "b.h"\n', '/inc/b.h': 'struct a { int x; };' }, 'struct4{x@0 int}'],
  ['#include <a.h>\n#include <a.h>', { '/inc/a.h': '#pragma once\nstruct a { int x; };' }, 'struct4{x@0 int}'],
  ['#include <a.h>', { '/inc/a.h': '#include <a.h>\nstruct a { int x; };' }, 'struct4{x@0 int}'],
  [
    '#include <a.h>',
    { '/inc/a.h': 'extern "C" {\nstatic inline int f(int x) { return x; }\nstruct a { int x; };\nint g(void);\n}' },
    'struct4{x@0 int}',
  ],
  [
    '#include <a.h>',
    {
      '/inc/a.h':
        '#ifndef A_H\n#define A_H\nextern int v[3] = { 1, 2, 3 };\nstruct a { int x; } __attribute__((packed)) w;\n#endif',
    },
    'struct4{x@0 int}',
  ],
  ['#include <a.h>', { '/inc/a.h': '}}}) ;;; @@ struct a { int x; }; (((' }, 'struct4{x@0 int}'],
];

test.each(includes)('%s of %j', (text, contents, expected) => {
  const definitions = read(text, { files: headers(contents), scriptDirectory: '/s', includeDirectories: ['/inc'] });
  expect(definitions.diagnostics).toEqual([]);
  expect(short(definitions.structs.get('a'))).toBe(expected);
});

test("the kernel's headers may be absent, others may not", () => {
  const definitions = read('#include <linux/path.h>\n#include <net/sock.h>\n#include <nosuch.h>', {
    files: headers({}),
  });
  expect(definitions.absentHeaders).toEqual(['linux/path.h', 'net/sock.h']);
  expect(definitions.diagnostics.map((finding) => finding.message)).toEqual(["'nosuch.h' file not found"]);
});

test('files of --include are found in the working directory and in those of -I; one that is not there is told', () => {
  const files = headers({ [`${process.cwd()}/here.h`]: '#define A 1', '/inc/there.h': '#define B 2' });
  const includes = (...includeFiles: string[]) =>
    readDefinitions([], { files, includeFiles, includeDirectories: ['/inc'] });
  const both = includes('here.h', 'there.h', 'linux/path.h');
  expect([both.macroNames, both.diagnostics]).toEqual([['A', 'B'], []]);
  expect(includes('nosuch.h').diagnostics).toMatchObject([{ message: "--include: 'nosuch.h' file not found" }]);
});

test('conditionals must be balanced', () => {
  const messages = (text: string) => read(text).diagnostics.map((finding) => finding.message);
  expect(messages('#if 1\n')).toEqual(['unterminated conditional directive']);
  expect(messages('#endif\n')).toEqual(['#endif without #if']);
  expect(messages('#error no\n')).toEqual(['#error no']);
  expect(messages('#if 0\n#error no\n#endif\n')).toEqual([]);
  expect(messages('#nonsense\n')).toEqual(["invalid preprocessing directive '#nonsense'"]);
});

test('BPFTRACE_HAVE_BTF is defined where the kernel has BTF', () => {
  const value = (hasBtf: boolean) => readDefinitions([], { hasBtf: () => hasBtf }).macro('BPFTRACE_HAVE_BTF');
  expect(value(true)).toMatchObject({ value: 1n });
  expect(value(false)).toBeUndefined();
});

test('macros that grow without bound end', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `#define M${index + 1} M${index} M${index}`).join('\n');
  expect(read(`#define M0 x x\n${lines}\nstruct a { int M60; };`).structs.has('a')).toBe(true);
});

test('every file of the machine can be read as a header without an exception', () => {
  for (const text of [
    '\0\0',
    '#',
    '#define',
    '#define (',
    '#include',
    '"',
    "'",
    '/*',
    'struct',
    'struct {',
    'typedef',
    'enum { A = }',
    '\\',
    '#if (\nx\n#endif',
    'struct a { int x : ; };',
    'typedef int (((((x;',
    'struct a { __attribute__ int x; };',
  ])
    expect(() => {
      const definitions = readDefinitions([
        { kind: 'CDefinition', text, span: { source: { name: 'x', text }, start: 0, end: text.length } },
      ]);
      for (const type of definitions.structs.values()) short(type);
      for (const type of definitions.enums.values()) short(type);
      for (const type of definitions.typedefs.values()) short(type);
    }).not.toThrow();
});
