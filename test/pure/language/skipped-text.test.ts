import { describe, expect, test } from 'vitest';
import { formatProgram } from '../../../src/language/format.ts';
import { parseProgram } from '../../../src/language/parser.ts';

const parse = (text: string) => parseProgram({ name: 'stdin', text });

/** Spellings of the probes, and messages with their lines. */
function outcome(text: string): readonly string[] {
  const { program, diagnostics } = parse(text);
  const probes = program.items.flatMap((item) =>
    item.kind === 'Probe' ? item.attachPoints.map(({ text: own }) => own) : [],
  );
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  return [...probes, ...diagnostics.map(({ message, span }) => `${lineOf(span?.start ?? 0)}: ${message}`)];
}

const OFF = '#if 0\nthis is BEGIN { not C @x = 1; \'\n"\n#endif\n';

test.each<[text: string, outcome: readonly string[]]>([
  [`${OFF}BEGIN { }`, ['BEGIN']],
  [`BEGIN { }\n${OFF}END { }`, ['BEGIN', 'END']],
  [`BEGIN {\n@a = 1;\n${OFF}@b = 2; }`, ['BEGIN']],
  ['BEGIN { }\n#if 0 // not now\nEND { }\n#endif', ['BEGIN']],
  ['#  if 0\r\nfoo\r\n# endif\r\nBEGIN { }', ['BEGIN']],
  ['#if 0\n#if 1\nfoo\n#else\nbar\n#endif\nbaz\n#endif\nBEGIN { }', ['BEGIN']],
  ['#if 0\nfoo\n#else\nBEGIN { }\n#endif\nEND { }', ['BEGIN', 'END']],
  ['#if 0\nfoo\n#else\n#ifdef X\n#define A 1\n#endif\nBEGIN { }\n#endif\nEND { }', ['BEGIN', 'END']],
  ['#if 0\nfoo\n#else\n#if 0\nbar\n#endif\nBEGIN { }\n#endif\nEND { }', ['BEGIN', 'END']],
  // Lines are counted on.
  [`${OFF}BEGIN { @; }\nEND { 1 +; }`, ['BEGIN', 'END', '6: syntax: expected expression']],
  ['BEGIN { }\n#if 0\nfoo', ['BEGIN', '2: unterminated conditional directive']],
  // Not ours: conditions of macros, and what is no directive.
  ['#if 1\nstruct a { int x; };\n#endif\nBEGIN { }', ['BEGIN']],
  ['#if 0\nstruct b { int y; };\n#elif 1\nstruct a { int x; };\n#endif\nBEGIN { }', ['BEGIN']],
  ['BEGIN { printf("#if 0"); }', ['BEGIN']],
])('%j', (text, expected) => expect(outcome(text)).toEqual(expected));

describe('is kept where a program is formatted', () => {
  test.each([
    [`${OFF}BEGIN { }`],
    [`BEGIN { @a = 1; }\n\n${OFF}\nEND { @b = 1; }`],
    ['#if 0\nfoo\n#else\nBEGIN { @a = 1; }\n#endif\nEND { @b = 1; }'],
    [`BEGIN {\n  @a = 1;\n${OFF}  @b = 2;\n}`],
  ])('%j', (text) => {
    const once = formatProgram(parse(text).program);
    expect(once).toContain('#if 0\n');
    expect(parse(once).diagnostics).toEqual([]);
    expect(formatProgram(parse(once).program)).toBe(once);
  });
});
