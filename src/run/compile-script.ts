/**
 * Script text to BPF object: parse, expand macros, check, generate code. The one place where the stages meet, shared by the
 * command line and the dashboard. Never throws for a user's mistake; stops at the first stage that found errors.
 */

import { compileProgram } from '../codegen/compile.ts';
import type { BpfObject } from '../codegen/object.ts';
import type { Diagnostic, Source } from '../diagnostics/diagnostic.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import type { Program } from '../language/ast.ts';
import { expandMacros } from '../language/macros.ts';
import { parseProgram } from '../language/parser.ts';
import { checkProgram } from '../semantics/check.ts';
import type { CompileOptions } from '../semantics/compile-options.ts';
import type { TypedProgram } from '../semantics/program.ts';

export interface CompiledScript {
  /** All findings, warnings included. */
  readonly diagnostics: readonly Diagnostic[];
  readonly syntax: Program;
  /** Absent if the script is wrong. */
  readonly program?: TypedProgram;
  readonly object?: BpfObject;
}

/** How far to go: `--check=syntax`, `--check`, or all the way. */
export type CompileDepth = 'syntax' | 'types' | 'object';

/** compileScript runs the stages up to `depth`. */
export function compileScript(
  source: Source,
  facts: KernelFacts,
  options: CompileOptions,
  depth: CompileDepth = 'object',
): CompiledScript {
  const parsed = parseProgram(source, { positionalParameters: options.positional });
  const diagnostics = [...parsed.diagnostics];
  const syntax = parsed.program;
  if (depth === 'syntax' || hasErrors(diagnostics)) return { diagnostics, syntax };
  const expanded = expandMacros(syntax);
  diagnostics.push(...expanded.diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics, syntax };
  const checked = checkProgram(expanded.program, facts, options);
  diagnostics.push(...checked.diagnostics);
  const { program } = checked;
  if (!program || hasErrors(diagnostics)) return { diagnostics, syntax };
  if (depth === 'types') return { diagnostics, syntax, program };
  const compiled = compileProgram(program, facts);
  diagnostics.push(...compiled.diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics, syntax, program };
  return { diagnostics, syntax, program, object: compiled.object };
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
