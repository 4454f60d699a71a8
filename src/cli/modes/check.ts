/**
 * Work on a program without running it: `--check`, `--check=syntax`, `--fmt`. None of it needs root.
 */

import { openLiveFacts } from '../../kernel/live.ts';
import { compileScript } from '../../run/compile-script.ts';
import type { CommandLine } from '../command-line.ts';
import { compileOptions } from '../compile-options.ts';
import { fail, printDiagnostics } from '../console.ts';
import { readProgram } from '../program-source.ts';

/** runCheck reports all findings; 0 if there is no error. */
export function runCheck(commandLine: CommandLine): number {
  const source = readProgram(commandLine.program);
  if ('severity' in source) {
    printDiagnostics([source]);
    return 1;
  }
  const depth =
    commandLine.flags.check === 'syntax' ? 'syntax' : commandLine.flags.mode === 'codegen' ? 'object' : 'types';
  const { diagnostics } = compileScript(source, openLiveFacts(), { ...compileOptions(commandLine), depth });
  printDiagnostics(
    commandLine.flags['no-warnings'] ? diagnostics.filter(({ severity }) => severity === 'error') : diagnostics,
  );
  return diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** runFormat prints the program in canonical form. */
export function runFormat(_commandLine: CommandLine): number {
  return fail('unsupported', '--fmt is not available yet');
}
