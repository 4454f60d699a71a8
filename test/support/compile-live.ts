/** Compiles a script on the running kernel for tests: the object, or an error that shows the findings. */

import type { BpfObject } from '../../src/codegen/object.ts';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';
import { type LiveKernelFacts, openLiveFacts } from '../../src/kernel/live.ts';
import { compileScript } from '../../src/run/compile-script.ts';
import { type CompileOptions, DEFAULT_OPTIONS } from '../../src/semantics/compile-options.ts';

let facts: LiveKernelFacts | undefined;

/** liveFacts are the facts of this kernel, read once per process. */
export function liveFacts(): LiveKernelFacts {
  facts ??= openLiveFacts();
  return facts;
}

/** compileLive gives the object of a script that must compile. */
export function compileLive(text: string, options: Partial<CompileOptions> = {}): BpfObject {
  const result = compileScript({ name: 'stdin', text }, liveFacts(), { ...DEFAULT_OPTIONS, ...options });
  if (!result.object) throw new Error(`does not compile:\n${text}\n${renderDiagnostics(result.diagnostics)}`);
  return result.object;
}
