/** The compiler without a run: `--mode codegen`, and what its stages made of a program (`-d`). */

import { compileScript } from '../../run/compile-script.ts';
import { type CommandLine, debugStages } from '../command-line.ts';
import { compileOptions } from '../compile-options.ts';
import { printDiagnostics, writeAll } from '../console.ts';
import { stagesText } from '../debug-stages.ts';
import { openFacts } from '../kernel-facts.ts';
import { readProgram } from '../program-source.ts';
import { reportFindings } from './check.ts';

/** runCodegen reports what a check would, and what only compiling finds. */
export function runCodegen(commandLine: CommandLine): number {
  return reportFindings(commandLine, (source, facts, request) =>
    compileScript(source, facts, { ...request, depth: 'object' }),
  );
}

/** runStages prints what the compiler's stages made of the program, instead of running it. */
export function runStages(commandLine: CommandLine): number {
  const source = readProgram(commandLine.program);
  if ('severity' in source) {
    printDiagnostics([source]);
    return 1;
  }
  const wanted = debugStages(commandLine.flags);
  const { text, script } = stagesText(source, openFacts(commandLine.flags), compileOptions(commandLine), wanted);
  writeAll(1, text);
  printDiagnostics(script.diagnostics);
  return script.diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
}
