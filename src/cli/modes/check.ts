/**
 * Work on a program without running it: `--check`, `--check=syntax`, `--fmt`. None of it needs root, and none of it compiles:
 * these modes have a bundle of their own.
 */

import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { diagnosticsToJson } from '../../diagnostics/json.ts';
import { formatProgram } from '../../language/format.ts';
import { parseProgram } from '../../language/parser.ts';
import { checkScript } from '../../run/check-script.ts';
import type { CommandLine } from '../command-line.ts';
import { compileOptions } from '../compile-options.ts';
import { printDiagnostics, writeAll } from '../console.ts';
import { openFacts, problemsOf } from '../kernel-facts.ts';
import { readProgram } from '../program-source.ts';

/** runCheck reports all findings, with `-f json` as one document on stdout; 0 if there is no error. */
export function runCheck(commandLine: CommandLine): number {
  return reportFindings(commandLine, checkScript);
}

/** reportFindings does so with a compiler that goes as far as the mode wants. */
export function reportFindings(
  commandLine: CommandLine,
  compile: (...args: Parameters<typeof checkScript>) => { readonly diagnostics: readonly Diagnostic[] },
): number {
  const diagnostics = findings(commandLine, compile);
  if (commandLine.flags.format === 'json') writeAll(1, `${diagnosticsToJson(diagnostics)}\n`);
  else printDiagnostics(diagnostics);
  return diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
}

function findings(
  commandLine: CommandLine,
  compile: (...args: Parameters<typeof checkScript>) => { readonly diagnostics: readonly Diagnostic[] },
): readonly Diagnostic[] {
  const source = readProgram(commandLine.program);
  if ('severity' in source) return [source];
  const facts = openFacts(commandLine.flags);
  const depth = commandLine.flags.check === 'syntax' ? 'syntax' : 'types';
  const script = compile(source, facts, { ...compileOptions(commandLine), depth });
  const diagnostics = [...script.diagnostics, ...problemsOf(facts)];
  return commandLine.flags['no-warnings'] ? diagnostics.filter(({ severity }) => severity === 'error') : diagnostics;
}

/** runFormat prints the program in canonical form; what does not parse is not touched. */
export function runFormat(commandLine: CommandLine): number {
  const source = readProgram(commandLine.program);
  if ('severity' in source) {
    printDiagnostics([source]);
    return 1;
  }
  const { program, diagnostics } = parseProgram(source);
  if (diagnostics.some(({ severity }) => severity === 'error')) {
    printDiagnostics(diagnostics);
    return 1;
  }
  writeAll(1, formatProgram(program));
  return 0;
}
