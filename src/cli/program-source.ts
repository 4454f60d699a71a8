/**
 * The program that the command line names: `-e` text, a file, or standard input for `-`.
 */

import { readFileSync } from 'node:fs';
import { createDiagnostic, type Diagnostic, type Source } from '../diagnostics/diagnostic.ts';
import { readSource, sourceFromBytes } from '../language/files.ts';
import type { CommandLine } from './command-line.ts';

/** readProgram gives the source, or why it cannot be had. */
export function readProgram(program: CommandLine['program']): Source | Diagnostic {
  if (!program) {
    return createDiagnostic('error', 'usage', 'no program given', undefined, {
      hints: ['give a FILE, or a program with -e'],
    });
  }
  if (program.kind === 'text') return { name: program.name ?? 'stdin', text: program.value };
  const { source, diagnostics } =
    program.value === '-' ? sourceFromBytes(readFileSync(0), 'stdin') : readSource(program.value);
  if (source) return source;
  const [problem] = diagnostics;
  return {
    ...(problem ?? createDiagnostic('error', 'file-unreadable', `failed to open file '${program.value}'`)),
    hints: ["a program on the command line needs -e: bptop -e '…'"],
  };
}
