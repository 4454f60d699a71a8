/**
 * Work on a program without running it: `--check`, `--check=syntax`, `--fmt`. None of it needs root.
 */

import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { diagnosticsToJson } from '../../diagnostics/json.ts';
import { formatProgram } from '../../language/format.ts';
import { parseProgram } from '../../language/parser.ts';
import { checkScript } from '../../run/check-script.ts';
import { type CommandLine, debugStages } from '../command-line.ts';
import { compileOptions } from '../compile-options.ts';
import { printDiagnostics, writeAll } from '../console.ts';
import { openFacts, problemsOf } from '../kernel-facts.ts';
import { readProgram } from '../program-source.ts';

/** runCheck reports all findings, with `-f json` as one document on stdout; 0 if there is no error. */
export async function runCheck(commandLine: CommandLine): Promise<number> {
  const diagnostics = await checkedProgram(commandLine);
  if (commandLine.flags.format === 'json') writeAll(1, `${diagnosticsToJson(diagnostics)}\n`);
  else printDiagnostics(diagnostics);
  return diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
}

async function checkedProgram(commandLine: CommandLine): Promise<readonly Diagnostic[]> {
  const source = readProgram(commandLine.program);
  if ('severity' in source) return [source];
  const facts = openFacts(commandLine.flags);
  const options = compileOptions(commandLine);
  const depth = commandLine.flags.check === 'syntax' ? 'syntax' : 'types';
  const script =
    depth === 'types' && commandLine.flags.mode === 'codegen'
      ? (await import('../../run/compile-script.ts')).compileScript(source, facts, options)
      : checkScript(source, facts, { ...options, depth });
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

/** runDebug prints what the compiler's stages made of the program, instead of running it. */
export async function runDebug(commandLine: CommandLine): Promise<number> {
  const source = readProgram(commandLine.program);
  if ('severity' in source) {
    printDiagnostics([source]);
    return 1;
  }
  const wanted = debugStages(commandLine.flags);
  const { stagesText } = await import('../debug-stages.ts');
  const { text, script } = stagesText(source, openFacts(commandLine.flags), compileOptions(commandLine), wanted);
  writeAll(1, text);
  printDiagnostics(script.diagnostics);
  return script.diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
}
