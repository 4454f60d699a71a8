/**
 * Script text to BPF object: parse with imports, check, generate code. The one place where the stages meet, shared by
 * the command line and the dashboard. Never throws for a user's mistake; nothing is compiled that has errors.
 */

import { type CompileObserver, compileProgram } from '../codegen/compile.ts';
import type { BpfObject } from '../codegen/object.ts';
import type { Source } from '../diagnostics/diagnostic.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import { type CheckedScript, type CheckRequest, checkScript, factsFor } from './check-script.ts';
import { ownPidNamespace } from './pid-namespace.ts';

export interface CompiledScript extends CheckedScript {
  readonly object?: BpfObject;
}

export interface CompileRequest extends CheckRequest {
  readonly observer?: CompileObserver;
}

/** compileScript runs the stages. */
export function compileScript(source: Source, kernel: KernelFacts, request: CompileRequest): CompiledScript {
  const checked = checkScript(source, kernel, request);
  const { depth = 'object', observer } = request;
  if (checked.program === undefined || depth !== 'object') return checked;
  const compiled = compileProgram(checked.program, factsFor(kernel, request), codegenOptions(request), observer);
  const diagnostics = [...checked.diagnostics, ...compiled.diagnostics];
  return { ...checked, diagnostics, ...(compiled.object && { object: compiled.object }) };
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
