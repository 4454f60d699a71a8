/**
 * The back end: typed program to BPF object. Pure and deterministic. A program that needs more than 512 bytes of stack
 * is compiled again with more of its values in scratch memory.
 */

import { type Diagnostic, DiagnosticList } from '../diagnostics/diagnostic.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import type { TypedProgram } from '../semantics/program.ts';
import { planPrograms } from './attachment.ts';
import type { IrFunction } from './ir/ir.ts';
import { lineInfo } from './line-info.ts';
import { type LinkedProgram, linkProgram } from './link.ts';
import { contendedMaps } from './lower/contended-maps.ts';
import { checkHelpers } from './lower/needed-helpers.ts';
import { ObjectBuilder } from './lower/object-builder.ts';
import { lowerProbe } from './lower/probe.ts';
import { type CompileOptions, ProgramContext, type StackLimits } from './lower/program-context.ts';
import { PREEMPTIBLE_VALUES } from './lower/scratch.ts';
import type { BpfObject, ProgramSpec } from './object.ts';
import type { ProgramPlan } from './plan.ts';
import { dispatch, pairSessions } from './sessions.ts';

/** Scratch memory of variables; the next is tried when it does not do. */
const SCRATCH_FOR_VARIABLES = [8192, 20_480] as const;
/** Values of up to so many bytes stay on the stack; the next row is tried when 512 bytes do not do. */
const LIMITS: readonly StackLimits[] = SCRATCH_FOR_VARIABLES.flatMap((scratchForVariables) => [
  { temporary: 128, variable: 64, scratchForVariables },
  { temporary: 64, variable: 32, scratchForVariables },
  { temporary: 24, variable: 16, scratchForVariables },
  { temporary: 16, variable: 8, scratchForVariables },
]);
const STACK_SIZE = 512;

export interface CompileObserver {
  /** IR of each function after optimisation, with the validator's findings. */
  readonly ir?: (text: string, problems: readonly string[]) => void;
}

export interface CompileResult {
  readonly object?: BpfObject;
  readonly diagnostics: readonly Diagnostic[];
}

/** compileProgram makes the object; without one, the diagnostics say why. */
export function compileProgram(
  typed: TypedProgram,
  facts: KernelFacts,
  options: CompileOptions = {},
  observer: CompileObserver = {},
): CompileResult {
  const diagnostics = new DiagnosticList();
  const object = new ObjectBuilder(typed, facts.possibleCpus);
  const programs: ProgramSpec[] = [];
  const plans = typed.probes.flatMap((probe) => planPrograms(probe, facts));
  object.contendedMaps = contendedMaps(plans);
  let scratchIndex = 0;
  for (const plan of pairSessions(plans, facts)) {
    const linked = compileWithin(plan, scratchIndex, object, facts, options, diagnostics, observer);
    if (linked === undefined) continue;
    programs.push(toSpec(plan, programs.length, linked, object));
    scratchIndex += valuesOf(plan);
  }
  if (diagnostics.hasErrors) return { diagnostics: diagnostics.items };
  const userMaps = object.userMaps();
  const lossCounter = object.placeOf(object.lossCounter);
  return {
    diagnostics: diagnostics.items,
    object: {
      config: typed.config,
      maps: object.maps(),
      programs,
      btf: object.btf.bytes(),
      userMaps,
      actions: object.actions,
      probeNames: typed.probeNames,
      lossCounter,
      ...(object.usesStartTime && { startTime: object.placeOf(object.startTime) }),
    },
  };
}

function compileWithin(
  plan: ProgramPlan,
  index: number,
  object: ObjectBuilder,
  facts: KernelFacts,
  options: CompileOptions,
  diagnostics: DiagnosticList,
  observer: CompileObserver,
): LinkedProgram | undefined {
  for (const limits of LIMITS) {
    const attempt = new DiagnosticList();
    const parts = { object, facts, options, diagnostics: attempt, limits };
    const { functions, scratchSize, hasTooManyVariables } = lowerPlan(plan, index, parts);
    if (hasTooManyVariables && limits.scratchForVariables !== SCRATCH_FOR_VARIABLES.at(-1)) continue;
    if (attempt.hasErrors) {
      diagnostics.add(...attempt.items);
      return;
    }
    const linked = linkProgram(functions, object.btf, observer);
    if (linked.isTooLong) {
      diagnostics.error(
        'program-too-large',
        'this probe is longer than jumps in a BPF program reach',
        plan.probe.span,
        {
          hints: ['Split the probe: several probes may have the same attach point.'],
        },
      );
      return;
    }
    if (linked.stackDepth > STACK_SIZE) continue;
    if (scratchSize > 0) object.reserveScratch(index + valuesOf(plan), scratchSize);
    diagnostics.add(...attempt.items);
    return linked;
  }
  diagnostics.error(
    'stack-too-large',
    'this probe needs more than the 512 bytes of stack a BPF program has',
    plan.probe.span,
    {
      hints: ['Split the probe, or use fewer variables at a time.'],
    },
  );
  return;
}

interface LoweredPlan {
  /** The main function first. */
  readonly functions: readonly IrFunction[];
  readonly scratchSize: number;
  /** More than the scratch memory set aside for them holds. */
  readonly hasTooManyVariables: boolean;
}

type ContextParts = ConstructorParameters<typeof ProgramContext>[0];

function lowerPlan(plan: ProgramPlan, index: number, parts: Omit<ContextParts, 'plan' | 'index'>): LoweredPlan {
  const name = programName(plan, index);
  const { onReturn, ...own } = plan;
  if (onReturn === undefined) return lowerBody(name, { ...parts, plan, index });
  const entry = lowerBody(`${name}_entry`, { ...parts, plan: own, index, namePrefix: 'entry_' });
  const returns = lowerBody(`${name}_return`, { ...parts, plan: onReturn, index: index + 1, namePrefix: 'return_' });
  const [first] = entry.functions;
  const [second] = returns.functions;
  if (first === undefined || second === undefined) throw new Error('a session without two bodies');
  return {
    functions: [dispatch(name, first, second), ...entry.functions, ...returns.functions],
    scratchSize: Math.max(entry.scratchSize, returns.scratchSize),
    hasTooManyVariables: entry.hasTooManyVariables || returns.hasTooManyVariables,
  };
}

function lowerBody(name: string, parts: ContextParts): LoweredPlan {
  const program = new ProgramContext(parts);
  lowerProbe(program, name);
  checkHelpers(program);
  const main = program.functions.pop();
  if (main === undefined) throw new Error('a probe without a main function');
  const { functions, scratchSize, hasTooManyVariables } = program;
  return { functions: [main, ...functions], scratchSize, hasTooManyVariables };
}

function valuesOf(plan: ProgramPlan): number {
  if (plan.onReturn !== undefined) return 2;
  return plan.isPreemptible === true ? PREEMPTIBLE_VALUES : 1;
}

function programName(plan: ProgramPlan, index: number): string {
  const provider = plan.sites[0]?.provider ?? 'probe';
  return `${provider.slice(0, 11)}_${index}`.replace(/[^A-Za-z0-9_]/g, '_');
}

function toSpec(plan: ProgramPlan, index: number, linked: LinkedProgram, object: ObjectBuilder): ProgramSpec {
  return {
    name: programName(plan, index),
    type: plan.type,
    ...(plan.expectedAttachType && { expectedAttachType: plan.expectedAttachType }),
    ...(plan.attachBtf && { attachBtf: plan.attachBtf }),
    instructions: linked.instructions,
    relocations: linked.relocations,
    lines: linked.lines,
    lineInfo: lineInfo(linked.lines, object.btf),
    functions: linked.functions,
    attachments: plan.attachments,
  };
}
