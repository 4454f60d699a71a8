/**
 * Services on this machine: the compiler and the kernel. Facts, names and tools are shared by all panels; each panel has
 * a session of its own.
 */

import { type Completion as Candidate, complete } from '../../src/completion/completion.ts';
import { createDiagnostic, type Diagnostic, type Source } from '../../src/diagnostics/diagnostic.ts';
import type { FunctionFacts, KernelFacts } from '../../src/kernel/facts.ts';
import type { LiveKernelFacts } from '../../src/kernel/live.ts';
import { chooseVariant, isOfUserSpace } from '../../src/panels/library.ts';
import { restrictScript } from '../../src/panels/scope.ts';
import { compileScript } from '../../src/run/compile-script.ts';
import type { CompileOptions } from '../../src/semantics/compile-options.ts';
import { openSession } from '../../src/session/open-session.ts';
import type { Resolver } from '../../src/session/resolver.ts';
import { LateNames } from '../../src/symbols/late-names.ts';
import { LiveResolver } from '../../src/symbols/live-resolver.ts';
import { FunctionNames } from './function-names.ts';
import { LiveSource } from './live-source.ts';
import type { Completion, OpenRequest, OpenResult, Services } from './services.ts';

export interface LiveServicesOptions {
  readonly facts: LiveKernelFacts;
  /** What the command line says about every script: `--unsafe`, include folders, … */
  readonly compile: CompileOptions;
  /** Lines and inlined functions in user stacks, all read on the main thread. */
  readonly hasLines?: boolean;
  /** Why this process may not trace at all. */
  readonly missingPrivilege?: () => Diagnostic | undefined;
}

/** Processes whose mappings are kept: enough for names to stay, few enough for a machine that forks all the time. */
const MAX_PROCESSES = 48;

/** createLiveServices joins the compiler and sessions for the dashboard. */
export function createLiveServices(options: LiveServicesOptions): Services {
  const { facts } = options;
  const naming = createNaming(options);
  const names = new FunctionNames();
  const completing = withoutWaiting(facts, names);
  let queue: Promise<unknown> = Promise.resolve();
  return {
    mode: 'live',
    open: (request) => {
      // One panel after the other, with the screen and the keys in between.
      const turn = queue.then(() => new Promise((done) => setTimeout(done)));
      const opened = turn.then(() => open(request, options, naming));
      queue = opened.catch(() => undefined);
      return opened;
    },
    check: (text) => check({ name: 'prompt', text }, options),
    complete: (text, cursor) => complete(text, cursor, completing).map(describeCompletion),
    onMoreCompletions: (listener) => {
      names.onLoaded = listener;
    },
  };
}

function open(request: OpenRequest, options: LiveServicesOptions, naming: Naming): OpenResult {
  const missing = options.missingPrivilege?.();
  if (missing !== undefined) return { diagnostics: [missing] };
  const { facts } = options;
  let { text } = request;
  const pid = processOfUserSpace(request);
  if (request.tool !== undefined) {
    if (pid === undefined && request.tool.description.parameters.some((parameter) => parameter.isRequired))
      return { diagnostics: [wantsProcess(request.tool.name)] };
    const chosen = chooseVariant(request.tool, facts);
    if ('unmet' in chosen) return { diagnostics: [unmetNeeds(chosen.unmet)] };
    text = chosen.tool.text;
  }
  const source = { name: request.name, text };
  const restricted = { ...source, text: restrictScript(source, request.scope, request.scopeExpressions) };
  const compiled = compileScript(restricted, facts, { ...options.compile, positional: request.parameters });
  if (compiled.object === undefined) return { diagnostics: compiled.diagnostics.filter(isError) };
  const session = openSession(compiled.object, {
    facts,
    resolver: naming.resolver,
    isCostMeasured: true,
    ...(naming.mapResolver !== undefined && { mapResolver: naming.mapResolver }),
    ...(pid !== undefined && { pid }),
  });
  return { source: new LiveSource(session, naming.names), warnings: compiled.diagnostics, text: restricted.text };
}

interface Naming {
  readonly resolver: Resolver;
  readonly mapResolver?: Resolver;
  readonly names?: LateNames;
}

/** What is printed is named at once; maps are read again, and the thread that names their stacks leaves the keys alone. */
function createNaming({ facts, hasLines = true }: LiveServicesOptions): Naming {
  const common = { kernelSymbols: () => facts.functions.symbols, hasLines, maxProcesses: MAX_PROCESSES };
  const resolver = new LiveResolver(common);
  if (hasLines) return { resolver };
  const names = new LateNames();
  return { resolver, names, mapResolver: new LiveResolver({ ...common, lateNames: names }) };
}

/** The same facts, but for the one that takes its time. */
function withoutWaiting(facts: LiveKernelFacts, names: FunctionNames): KernelFacts {
  const functions: FunctionFacts = {
    list: () => names.list(),
    isTraceable: (name, module) => facts.functions.isTraceable(name, module),
    address: (symbol) => facts.functions.address(symbol),
  };
  return Object.create(facts, { functions: { value: functions } }) as KernelFacts;
}

/** One line says it all: what it looks like, and what it is. */
function describeCompletion({ text, start, kind, type, detail }: Candidate): Completion {
  return { text, start, kind, detail: type === '' ? detail : `${type} · ${detail}` };
}

function check(source: Source, { facts, compile }: LiveServicesOptions): readonly Diagnostic[] {
  return compileScript(source, facts, { ...compile, depth: 'types' }).diagnostics;
}

/** Probes in user space slow everybody down: a panel restricted to a process has them in that process only. */
function processOfUserSpace({ tool, scope }: OpenRequest): number | undefined {
  if (tool === undefined || !isOfUserSpace(tool)) return undefined;
  const value = scope.find(({ field }) => field === 'pid')?.value;
  return value === undefined ? undefined : Number(value);
}

function wantsProcess(name: string): Diagnostic {
  return createDiagnostic('error', 'wants-process', `${name} is for one process at a time`, undefined, {
    hints: ['open it from the row of a process', `or start it with bptop ${name} --pid PID`],
  });
}

function unmetNeeds(unmet: readonly string[]): Diagnostic {
  return createDiagnostic('error', 'unmet-needs', `This kernel lacks what the tool needs: ${unmet.join(', ')}`);
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error';
}
