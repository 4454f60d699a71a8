/** The running kernel as the options and the environment want it seen: the one place where the modes get their facts from. */

import { createDiagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { setDebugRoots } from '../kernel/binaries/debug-files.ts';
import { type LiveKernelFacts, openLiveFacts } from '../kernel/live.ts';
import type { Flags } from './command-line.ts';

/** openFacts opens the facts; nothing is read yet. */
export function openFacts(flags: Flags, env: NodeJS.ProcessEnv = process.env): LiveKernelFacts {
  const { debuginfo, 'traceable-functions': traceableFunctions } = flags;
  const btfFile = env['BPFTRACE_BTF'];
  if (debuginfo !== undefined) setDebugRoots(listOf(debuginfo));
  return openLiveFacts({
    ...(traceableFunctions !== undefined && { traceableFunctions }),
    ...(btfFile !== undefined && btfFile !== '' && { btf: { file: btfFile } }),
  });
}

/** problemsOf says what could not be read of the kernel, which may be why a script is refused. */
export function problemsOf(facts: LiveKernelFacts): readonly Diagnostic[] {
  return facts.problems().map((problem) => createDiagnostic('warning', 'kernel-facts', problem));
}

/** listOf takes a list apart that is written with commas or colons. */
export function listOf(text: string): readonly string[] {
  return text.split(/[,:]/).filter((part) => part !== '');
}
