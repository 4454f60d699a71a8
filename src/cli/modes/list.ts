/**
 * `-l`: the probes of this machine that match, or those of a program; `-v` with arguments, structs with members.
 */

import { existsSync } from 'node:fs';
import type { KernelFacts } from '../../kernel/facts.ts';
import { listingText, listProbes } from '../../listing/listing.ts';
import { checkScript } from '../../run/check-script.ts';
import type { CommandLine } from '../command-line.ts';
import { compileOptions } from '../compile-options.ts';
import { fail, printDiagnostics, writeAll } from '../console.ts';
import { openFacts } from '../kernel-facts.ts';
import { readProgram } from '../program-source.ts';

/** runList prints one probe per line. */
export function runList(commandLine: CommandLine): number {
  const { flags, positional } = commandLine;
  const facts = openFacts(flags);
  const options = { isVerbose: flags.verbose, ...(flags.pid !== undefined && { pid: Number(flags.pid) }) };
  const program = programOf(commandLine);
  if (program) return listProgram({ ...commandLine, program, positional: [] }, facts, options);
  const text = listingText(positional.length === 0 ? undefined : positional.join(','), facts, options);
  writeAll(1, text);
  if (text !== '' || positional.length === 0) return 0;
  return fail('no-probes', `no probe matches '${positional.join(',')}'`, ...facts.problems());
}

/** `-l FILE` and `-l -e PROGRAM` list what the program would attach to. */
function programOf({ program, positional }: CommandLine): CommandLine['program'] {
  if (program) return program;
  const [path] = positional;
  return path?.endsWith('.bt') && existsSync(path) ? { kind: 'file', value: path } : undefined;
}

function listProgram(commandLine: CommandLine, facts: KernelFacts, options: { readonly isVerbose: boolean }): number {
  const source = readProgram(commandLine.program);
  if ('severity' in source) {
    printDiagnostics([source]);
    return 1;
  }
  const script = checkScript(source, facts, { ...compileOptions(commandLine), depth: 'types' });
  printDiagnostics(script.diagnostics.filter(({ severity }) => severity === 'error'));
  if (!script.program) return 1;
  const names = script.program.probes
    .flatMap(({ sites }) => sites)
    .filter(({ provider }) => provider !== 'begin' && provider !== 'end')
    .map(({ name }) => name);
  const lines = options.isVerbose ? names.flatMap((name) => listProbes(name, facts, options)) : names;
  writeAll(1, lines.map((line) => `${line}\n`).join(''));
  return 0;
}
