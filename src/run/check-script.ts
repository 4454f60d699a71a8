/**
 * Script text to a checked program: parse with imports, check. Apart from `compile-script.ts`, so that `--check` and lists
 * load no code generator. Never throws for a user's mistake.
 */

import { dirname } from 'node:path';
import type { Diagnostic, Source } from '../diagnostics/diagnostic.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import type { Program } from '../language/ast.ts';
import { loadProgram } from '../language/imports.ts';
import { checkProgram, type ScriptParameter } from '../semantics/check-program.ts';
import type { CompileOptions } from '../semantics/compile-options.ts';
import type { TypedProgram } from '../semantics/program.ts';

export interface CheckedScript {
  /** All findings, warnings included. */
  readonly diagnostics: readonly Diagnostic[];
  readonly syntax: Program;
  /** Absent if the script is wrong, or was not to be looked at so far. */
  readonly program?: TypedProgram;
  /** What the script asks for with getopt(). */
  readonly parameters?: readonly ScriptParameter[];
}

export interface CheckRequest extends CompileOptions {
  /** The script's own path, which its imports are relative to. */
  readonly path?: string;
  /** How far to go: `--check=syntax`, `--check`, or all the way (the default). */
  readonly depth?: 'syntax' | 'types' | 'object';
}

/** checkScript runs the stages that need no code. */
export function checkScript(source: Source, kernel: KernelFacts, request: CheckRequest): CheckedScript {
  const { depth, path } = request;
  const loaded = loadProgram(source, {
    positionalParameters: request.positional,
    env: request.env,
    ...(path !== undefined && { path }),
  });
  const diagnostics = [...loaded.diagnostics];
  const syntax = loaded.program;
  if (depth === 'syntax') return { diagnostics, syntax };
  // A script with syntax errors is checked all the same: one run shows everything that is wrong.
  const checked = checkProgram(syntax, factsFor(kernel, request), {
    ...request,
    isIncomplete: hasErrors(diagnostics),
    ...(path !== undefined && { scriptDirectory: dirname(path) }),
  });
  diagnostics.push(...checked.diagnostics);
  const { typed: program, parameters } = checked;
  if (!program || hasErrors(diagnostics)) return { diagnostics, syntax, parameters };
  return { diagnostics, syntax, program, parameters };
}

/** factsFor gives the kernel's facts as if it lacked what `--no-feature` says. */
export function factsFor(facts: KernelFacts, { disabledFeatures: disabled }: CompileOptions): KernelFacts {
  if (disabled.length === 0) return facts;
  const { features } = facts;
  return {
    ...facts,
    features: {
      hasHelper: (name, type) => features.hasHelper(name, type),
      hasMapKind: (kind) => features.hasMapKind(kind),
      hasKfunc: (name) => features.hasKfunc(name),
      has: (feature) => !disabled.includes(feature) && features.has(feature),
    },
  };
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
