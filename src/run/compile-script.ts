/**
 * Script text to BPF object: parse with imports, check, generate code. The one place where the stages meet, shared by
 * the command line and the dashboard. Never throws for a user's mistake; nothing is compiled that has errors.
 */

import { dirname } from 'node:path';
import { type CompileObserver, compileProgram } from '../codegen/compile.ts';
import type { BpfObject } from '../codegen/object.ts';
import type { Diagnostic, Source } from '../diagnostics/diagnostic.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import type { Program } from '../language/ast.ts';
import { loadProgram } from '../language/imports.ts';
import { checkProgram, type ScriptParameter } from '../semantics/check-program.ts';
import type { CompileOptions } from '../semantics/compile-options.ts';
import type { TypedProgram } from '../semantics/program.ts';
import { ownPidNamespace } from './pid-namespace.ts';

export interface CompiledScript {
  /** All findings, warnings included. */
  readonly diagnostics: readonly Diagnostic[];
  readonly syntax: Program;
  /** Absent if the script is wrong, or was not to be looked at so far. */
  readonly program?: TypedProgram;
  readonly object?: BpfObject;
  /** What the script asks for with getopt(). */
  readonly parameters?: readonly ScriptParameter[];
}

export interface CompileRequest extends CompileOptions {
  /** The script's own path, which its imports are relative to. */
  readonly path?: string;
  /** How far to go: `--check=syntax`, `--check`, or all the way (the default). */
  readonly depth?: 'syntax' | 'types' | 'object';
  readonly observer?: CompileObserver;
}

/** compileScript runs the stages. */
export function compileScript(source: Source, kernel: KernelFacts, request: CompileRequest): CompiledScript {
  const facts = without(kernel, request.disabledFeatures);
  const { depth = 'object', path } = request;
  const loaded = loadProgram(source, {
    positionalParameters: request.positional,
    ...(path !== undefined && { path }),
  });
  const diagnostics = [...loaded.diagnostics];
  const syntax = loaded.program;
  if (depth === 'syntax') return { diagnostics, syntax };
  // A script with syntax errors is checked all the same: one run shows everything that is wrong.
  const checked = checkProgram(syntax, facts, {
    ...request,
    isIncomplete: hasErrors(diagnostics),
    ...(path !== undefined && { scriptDirectory: dirname(path) }),
  });
  diagnostics.push(...checked.diagnostics);
  const { typed: program, parameters } = checked;
  if (!program || hasErrors(diagnostics)) return { diagnostics, syntax, parameters };
  if (depth === 'types') return { diagnostics, syntax, program, parameters };
  const compiled = compileProgram(program, facts, codegenOptions(request), request.observer);
  diagnostics.push(...compiled.diagnostics);
  return { diagnostics, syntax, program, parameters, ...(compiled.object && { object: compiled.object }) };
}

function codegenOptions({ childPid, env }: CompileRequest): NonNullable<Parameters<typeof compileProgram>[2]> {
  const pidNamespace = ownPidNamespace();
  const clockMap = env['BPFTRACE_DUMMY_TS_MAP'];
  return {
    ...(childPid !== undefined && { childPid }),
    ...(pidNamespace && { pidNamespace }),
    ...(clockMap !== undefined && { clockMap }),
  };
}

/** `--no-feature`: the kernel's facts, as if it lacked these. */
function without(facts: KernelFacts, disabled: readonly string[]): KernelFacts {
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
