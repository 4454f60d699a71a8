/**
 * Runs a script on the real kernel through every stage and gives back what came of it, for kernel tests.
 */

import { compileProgram } from '../../src/codegen/compile.ts';
import type { BpfObject } from '../../src/codegen/object.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { KernelFacts } from '../../src/kernel/facts.ts';
import { type LiveKernelFacts, openLiveFacts } from '../../src/kernel/live.ts';
import { expandMacros } from '../../src/language/macros.ts';
import { parseProgram } from '../../src/language/parser.ts';
import { checkProgram } from '../../src/semantics/check-program.ts';
import { type CompileOptions, DEFAULT_OPTIONS } from '../../src/semantics/compile-options.ts';
import { openSession } from '../../src/session/open-session.ts';
import type { SessionEvent, Value } from '../../src/session/snapshot.ts';

let shared: LiveKernelFacts | undefined;

export function liveFacts(): LiveKernelFacts {
  shared ??= openLiveFacts();
  return shared;
}

export interface CompiledScript {
  readonly object?: BpfObject;
  readonly diagnostics: readonly Diagnostic[];
  readonly ir: readonly string[];
  /** What the IR validator found. */
  readonly problems: readonly string[];
}

/** compileScript takes a script through all pure stages. */
export function compileScript(
  script: string,
  options: Partial<CompileOptions> = {},
  facts: KernelFacts = liveFacts(),
): CompiledScript {
  const source = { name: 'stdin', text: script };
  const parsed = parseProgram(source);
  const expanded = expandMacros(parsed.program);
  const checked = checkProgram(expanded.program, facts, { ...DEFAULT_OPTIONS, isUnsafe: true, ...options });
  const diagnostics = [...parsed.diagnostics, ...expanded.diagnostics, ...checked.diagnostics];
  if (checked.typed === undefined || diagnostics.some((finding) => finding.severity === 'error')) {
    return { diagnostics, ir: [], problems: [] };
  }
  const ir: string[] = [];
  const problems: string[] = [];
  const compiled = compileProgram(
    checked.typed,
    facts,
    {},
    {
      ir: (text, found) => {
        ir.push(text);
        problems.push(...found);
      },
    },
  );
  return {
    diagnostics: [...diagnostics, ...compiled.diagnostics],
    ir,
    problems,
    ...(compiled.object && { object: compiled.object }),
  };
}

export interface ScriptResult {
  /** Values by map name; keyed maps as a list of [key, value]. */
  readonly maps: Readonly<Record<string, Value | readonly (readonly [Value, Value])[] | undefined>>;
  readonly events: readonly SessionEvent[];
  readonly problems: readonly string[];
}

/** runScript runs a script, `workload` in between, and collects. Errors of any stage are thrown as text. */
export async function runScript(
  script: string,
  options: Partial<CompileOptions> & { readonly workload?: () => void | Promise<void> } = {},
): Promise<ScriptResult> {
  const compiled = compileScript(script, options);
  if (compiled.object === undefined) {
    throw new Error(compiled.diagnostics.map((finding) => finding.message).join('\n'));
  }
  const session = openSession(compiled.object, { facts: liveFacts() });
  try {
    await session.start();
    await options.workload?.();
    await session.stop();
    const events = [...session.poll()];
    const maps: Record<string, Value | readonly (readonly [Value, Value])[] | undefined> = {};
    for (const map of session.snapshot().maps) {
      const [first] = map.entries;
      maps[map.name] =
        map.keyType === undefined ? first?.value : map.entries.map((entry) => [entry.key ?? 0, entry.value] as const);
    }
    return { maps, events, problems: compiled.problems };
  } finally {
    await session.close();
  }
}
