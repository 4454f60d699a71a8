/**
 * The program that the command line names: `-e` text, a file, or standard input for `-`.
 */

import { readFileSync } from 'node:fs';
import { createDiagnostic, type Diagnostic, type Source } from '../diagnostics/diagnostic.ts';
import { errorText } from '../output/error-names.ts';
import { decodeBytes } from '../text/bytes.ts';
import type { CommandLine } from './command-line.ts';

/** readProgram gives the source, or why it cannot be had. */
export function readProgram(program: CommandLine['program']): Source | Diagnostic {
  if (!program) {
    return createDiagnostic('error', 'usage', 'no program given', undefined, {
      hints: ['give a FILE, or a program with -e'],
    });
  }
  if (program.kind === 'text') return { name: 'stdin', text: program.value };
  const isStdin = program.value === '-';
  try {
    const text = decodeBytes(readFileSync(isStdin ? 0 : program.value));
    return { name: isStdin ? 'stdin' : program.value, text };
  } catch (error) {
    const { errno, message } = error as NodeJS.ErrnoException;
    const reason = errno === undefined ? message : errorText(errno);
    return createDiagnostic(
      'error',
      'unreadable-file',
      `failed to open file '${program.value}': ${reason}`,
      undefined,
      {
        hints: ["a program on the command line needs -e: bptop -e '…'"],
      },
    );
  }
}
