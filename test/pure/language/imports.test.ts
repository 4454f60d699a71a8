import { expect, test } from 'vitest';
import type { ScriptFiles } from '../../../src/language/files.ts';
import { formatProgram } from '../../../src/language/format.ts';
import { loadProgram } from '../../../src/language/imports.ts';

function filesOf(contents: Record<string, string>, writable: readonly string[] = []): ScriptFiles {
  const isDirectory = (path: string) => Object.keys(contents).some((name) => name.startsWith(`${path}/`));
  return {
    kindOf: (path) => (path in contents ? 'file' : isDirectory(path) ? 'directory' : 'absent'),
    read: (path) => Buffer.from(contents[path] ?? ''),
    list: (path) =>
      Object.keys(contents)
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1))
        .sort(),
    canonical: (path) => path,
    isWorldWritable: (path) => writable.includes(path),
  };
}

function load(text: string, contents: Record<string, string>, writable: readonly string[] = []) {
  const { program, diagnostics, paths } = loadProgram(
    { name: 'main.bt', text },
    { path: '/s/main.bt', files: filesOf(contents, writable) },
  );
  return {
    text: formatProgram({ ...program, comments: [] })
      .replace(/\s+/g, ' ')
      .trim(),
    findings: diagnostics.map((finding) => finding.message),
    paths,
  };
}

const rows: readonly [name: string, text: string, contents: Record<string, string>, expected: string][] = [
  ['a macro file', 'import "a.bt"; begin { }', { '/s/a.bt': 'macro f() { 1 }' }, 'macro f() { 1 } begin { }'],
  [
    'relative to the importing file',
    'import "d/a.bt";',
    { '/s/d/a.bt': 'import "b.bt";', '/s/d/b.bt': 'end { }' },
    'end { }',
  ],
  [
    'each once',
    'import "a.bt"; import "a.bt"; import "b.bt";',
    { '/s/a.bt': 'end { }', '/s/b.bt': 'import "a.bt";' },
    'end { }',
  ],
  [
    'a cycle',
    'import "a.bt"; begin { }',
    { '/s/main.bt': '', '/s/a.bt': 'import "main.bt"; end { }' },
    'end { } begin { }',
  ],
  [
    'a directory',
    'import "d";',
    { '/s/d/b.bt': 'end { }', '/s/d/a.bt': 'begin { }', '/s/d/x.txt': '' },
    'begin { } end { }',
  ],
  ['a header', 'import "a.h"; begin { }', { '/s/a.h': 'struct a { };' }, '#include "/s/a.h" begin { }'],
  ['a block, left alone', 'begin { import "a.bt"; }', { '/s/a.bt': 'end { }' }, 'begin { import "a.bt"; }'],
  [
    'a block, if that is turned on',
    'config = { unstable_import_statement = enable } begin { if 1 { import "a.bt"; } }',
    { '/s/a.bt': 'end { }' },
    'end { } config = { unstable_import_statement = enable; } begin { if (1) { import "a.bt"; } }',
  ],
  ['definitions', 'import "a.bt"; begin { }', { '/s/a.bt': '#define A 1\n' }, '#define A 1 begin { }'],
];

test.each(rows)('%s', (_name, text, contents, expected) => {
  expect(load(text, contents)).toMatchObject({ text: expected, findings: [] });
});

const refused: readonly [name: string, text: string, contents: Record<string, string>, finding: string][] = [
  ['absent', 'import "no.bt";', {}, "import 'no.bt' not found"],
  ['config', 'import "a.bt";', { '/s/a.bt': 'config = { a = 1 }' }, 'An imported file may not hold a config block'],
  ['C', 'import "a.bpf.c";', { '/s/a.bpf.c': '' }, "import of 'a.bpf.c' needs a C compiler"],
  ['errors within', 'import "a.bt";', { '/s/a.bt': 'begin { $x = ; }' }, 'syntax: expected expression'],
];

test.each(refused)('refused: %s', (_name, text, contents, finding) => {
  expect(load(text, contents).findings).toEqual([finding]);
});

test('a directory that anyone may write to is refused', () => {
  expect(load('import "a.bt";', { '/s/a.bt': 'end { }' }, ['/s']).findings).toEqual([
    "import 'a.bt' refused: anyone may write to the directory '/s'",
  ]);
});
