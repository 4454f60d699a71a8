/** What becomes of a one-liner, as text: its findings, and unless one is an error what it means. */

import type { CType } from '../../../src/ctype/ctype.ts';
import type { BinaryFacts, BinarySymbol } from '../../../src/kernel/facts.ts';
import { NO_BINARIES } from '../../../src/kernel/recorded.ts';
import { parseProgram } from '../../../src/language/parser.ts';
import { checkProgram } from '../../../src/semantics/check-program.ts';
import { DEFAULT_OPTIONS } from '../../../src/semantics/compile-options.ts';
import { printTypes } from '../../../src/semantics/print-types.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

function symbol(name: string, address: bigint, size: number, isFunction: boolean): BinarySymbol {
  return { name, address, size, fileOffset: address, isFunction };
}

const INT: CType = { kind: 'integer', name: 'int', size: 4, isSigned: true, encoding: 'integer' };
const CHAR: CType = { kind: 'integer', name: 'char', size: 1, isSigned: true, encoding: 'char' };

/** One program, with debug information for `main` and a marker. */
const binaries: BinaryFacts = {
  ...NO_BINARIES,
  resolve: (target) => (['/bin/tool', 'tool', '/bin/to*'].includes(target) ? ['/bin/tool'] : []),
  symbols: () => [
    symbol('main', 0x1000n, 64, true),
    symbol('helper', 0x1040n, 32, true),
    symbol('counter', 0x4000n, 4, false),
  ],
  fileOffset: (_, address) => address,
  usdt: () => [
    {
      provider: 'tool',
      name: 'start',
      address: 0x1020n,
      fileOffset: 0x1020n,
      semaphoreOffset: 0n,
      args: [
        { size: 4, isSigned: true, location: { kind: 'register', register: 'di' } },
        { size: 8, isSigned: false, location: { kind: 'register', register: 'si' } },
      ],
    },
  ],
  functionType: (_, name) =>
    name === 'main'
      ? {
          kind: 'function',
          name: 'main',
          parameters: [
            { name: 'count', type: INT },
            {
              name: 'text',
              type: { kind: 'pointer', target: CHAR, isUser: false },
            },
          ],
          returns: INT,
          isVariadic: false,
        }
      : undefined,
};

const facts = recordedFacts({ binaries });

/** Statements stand alone in the corpus; `!` in front says that the text is a whole program all the same. */
function programOf(row: string): string {
  const text = row.replaceAll('⏎', '\n');
  if (text.startsWith('!')) return text.slice(1);
  return /^[A-Za-z]+(?::|,)|^(?:begin|end|BEGIN|END|config|let @|macro|fn|struct|enum|union|import|typedef)\b|^let @|^#/.test(
    text,
  )
    ? text
    : `begin { ${text} }`;
}

/** outcomeOf gives the lines. */
export function outcomeOf(row: string, isUnsafe: boolean): readonly string[] {
  const text = programOf(row);
  const positional = ['5', 'abc'];
  const parsed = parseProgram({ name: 'stdin', text }, { positionalParameters: positional });
  const isIncomplete = parsed.diagnostics.length > 0;
  const { typed, diagnostics } = checkProgram(parsed.program, facts, {
    ...DEFAULT_OPTIONS,
    positional,
    isUnsafe,
    isIncomplete,
  });
  const found = [...parsed.diagnostics, ...diagnostics];
  const lines = found.flatMap(({ severity, message, span, notes, hints }) => [
    `${severity}: ${message}${span ? ` <${inOneLine(span.source.text.slice(span.start, span.end))}>` : ''}`,
    ...notes.map((note) => `note: ${note.message}`),
    ...hints.map((hint) => `hint: ${hint}`),
  ]);
  if (found.some(({ severity }) => severity === 'error')) return lines;
  const meaning = typed === undefined ? '' : printTypes(typed).trim();
  const words = meaning.split('\n').map((line) => line.trim());
  return [
    ...lines,
    `= ${words
      .filter((line) => line !== 'begin')
      .join('; ')
      .replaceAll('{; ', '{ ')
      .replaceAll('; }', ' }')}`.trim(),
  ];
}

function inOneLine(text: string): string {
  return text.replaceAll('\n', '⏎');
}
