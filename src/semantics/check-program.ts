/**
 * The semantic stage: names, types and probes of a program resolved against kernel facts; the typed program that
 * codegen compiles, or findings that say what is wrong. Types are found by repeating one pass over the whole program
 * until nothing grows any more; the last pass's tree is the result.
 */

import { type Diagnostic, DiagnosticList } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import type { ConfigBlock, FunctionDefinition, MapDeclaration, Probe, Program } from '../language/ast.ts';
import { readDefinitions } from '../language/c/definitions.ts';
import { expandMacros } from '../language/macros.ts';
import { BUILTINS } from './builtins.ts';
import { Checker } from './checker.ts';
import type { CompileOptions } from './compile-options.ts';
import { readConfig } from './config.ts';
import { checkFunctions, collectFunctions, type FunctionSource } from './fn.ts';
import { declareMap } from './map-declarations.ts';
import { checkProbe } from './probes/check-probe.ts';
import { groupSites, NameTable, type ProbeGroup } from './probes/groups.ts';
import type { TypedProgram } from './program.ts';
import { SymbolTable } from './symbols.ts';
import { TypeSource } from './type-source.ts';

export interface CheckedProgram {
  /** Absent if there are errors. */
  readonly typed?: TypedProgram;
  readonly diagnostics: readonly Diagnostic[];
  /** Named parameters that the script asks for, for `-- --help`. */
  readonly parameters: readonly ScriptParameter[];
}

export interface ScriptParameter {
  readonly name: string;
  /** As the script spells it; a switch has `false`. */
  readonly defaultText: string;
  readonly description?: string;
}

/** Each pass lets types grow by at least one step; real programs settle in two or three. */
const MAX_PASSES = 16;

/** checkProgram checks a program as parsed, imports resolved. */
export function checkProgram(parsed: Program, facts: KernelFacts, options: CompileOptions): CheckedProgram {
  const findings = new DiagnosticList();
  const { program, diagnostics: macroFindings, macroNames } = expandMacros(parsed);
  findings.add(...macroFindings);
  const definitions = readDefinitions(program.definitions, {
    types: facts.types,
    hasBtf: () => facts.types.isAvailable,
    architecture: facts.architecture,
    includeDirectories: options.includeDirectories,
    includeFiles: options.includes,
    ...(options.scriptDirectory !== undefined && { scriptDirectory: options.scriptDirectory }),
  });
  findings.add(...definitions.diagnostics);
  const items = (kind: string) => program.items.filter((item) => item.kind === kind);
  const config = readConfig(items('ConfigBlock') as ConfigBlock[], options, findings);
  const checker = new Checker({
    facts,
    options,
    config,
    types: new TypeSource(definitions, facts.types),
    symbols: new SymbolTable(config.program.maxMapKeys),
  });
  checker.isBuiltin = (name) => BUILTINS.has(name);
  checker.diagnostics = findings;
  checker.scriptMacros = macroNames;
  for (const item of items('MapDeclaration') as MapDeclaration[]) declareMap(checker, item);
  const functions = collectFunctions(items('FunctionDefinition') as FunctionDefinition[], findings);
  const names = new NameTable();
  const groups = expandProbes(checker, items('Probe') as Probe[], names);
  checker.probeNames = names.names;
  const typed = checkBodies(checker, program, groups, functions);
  if (!findings.hasErrors) refuseCircularMaps(checker);
  const parameters = listParameters(checker);
  refuseUnknownParameters(checker, parameters);
  const diagnostics = unique([...findings.items, ...checker.diagnostics.items]);
  const hasErrors = diagnostics.some((finding) => finding.severity === 'error');
  return { diagnostics: errorsFirst(diagnostics), parameters, ...(!hasErrors && { typed }) };
}

function expandProbes(checker: Checker, probes: readonly Probe[], names: NameTable): readonly ProbeGroup[] {
  const { probeFilter } = checker.options;
  const filter = probeFilter === undefined ? undefined : new RegExp(probeFilter);
  const isWanted = (name: string) => filter?.test(name) ?? true;
  const groups = probes.flatMap((probe) => groupSites(checker, probe, names, isWanted));
  const iterator = groups.find((group) => group.context.provider === 'iter');
  if (iterator !== undefined && groups.length > 1)
    checker.error('iter-alone', 'iter probe must be the only attach point of the program', iterator.node.span);
  const { maxProbes } = checker.config.program;
  const sites = groups.reduce((sum, group) => sum + group.context.sites.length, 0);
  if (sites > maxProbes) {
    const most = groups.reduce((left, right) =>
      right.context.sites.length > left.context.sites.length ? right : left,
    );
    checker.error(
      'too-many-probes',
      `Your program is trying to generate ${sites} probes, which exceeds the current limit of ${maxProbes}`,
      most.node.span,
      {
        hints: [
          "You can increase the limit through the 'max_probes' config variable, but BEWARE since a high number of probes attached can cause your system to crash.",
        ],
      },
    );
  }
  const { maxBpfProgs } = checker.config.program;
  const last = groups.at(-1);
  if (last !== undefined && groups.length > maxBpfProgs)
    checker.error(
      'too-many-programs',
      `Your program is trying to generate ${groups.length} BPF programs, which exceeds the current limit of ${maxBpfProgs}`,
      last.node.span,
      { hints: ["the limit is the 'max_bpf_progs' config variable"] },
    );
  return groups;
}

function checkBodies(
  checker: Checker,
  program: Program,
  groups: readonly ProbeGroup[],
  functions: readonly FunctionSource[],
): TypedProgram {
  for (let pass = 0; ; pass++) {
    checker.startPass();
    const typedFunctions = checkFunctions(checker, functions);
    const probes = groups.map((group, id) => checkProbe(checker, group, id));
    const { symbols } = checker;
    // Messages name what is alike, also what comes later in the text: a wrong program is looked at twice.
    const isWrong = pass === 0 && checker.diagnostics.hasErrors;
    if ((symbols.hasChanged || isWrong) && pass < MAX_PASSES) continue;
    if (!checker.isGuessing && symbols.hasOpenTypes()) {
      checker.isGuessing = true;
      continue;
    }
    return {
      source: program.span.source,
      config: checker.config.program,
      maps: symbols.mapSymbols,
      actions: checker.actions,
      functions: typedFunctions,
      probes,
      probeNames: checker.probeNames,
    };
  }
}

/** Maps that only get their values from each other have no type, and nothing has said so yet. */
function refuseCircularMaps(checker: Checker): void {
  if (checker.diagnostics.hasErrors || checker.options.isIncomplete) return;
  for (const map of checker.symbols.maps.values())
    if (map.hasPoison && map.value.type.kind === 'none')
      checker.error('undefined-map', `Undefined map: ${map.name}`, map.span);
}

function listParameters(checker: Checker): readonly ScriptParameter[] {
  return [...checker.namedParameters].map(([name, { defaultText, description }]) => ({
    name,
    defaultText,
    ...(description !== undefined && { description }),
  }));
}

function refuseUnknownParameters(checker: Checker, known: readonly ScriptParameter[]): void {
  const names = known.map((parameter) => parameter.name);
  const unknown = [...checker.options.named.keys()].filter((name) => name !== 'help' && !names.includes(name));
  if (unknown.length === 0) return;
  checker.diagnostics.error(
    'unknown-parameter',
    `unexpected program command line options: ${unknown.map((name) => `--${name}`).join(', ')}`,
    undefined,
    {
      hints: [
        names.length === 0
          ? 'the script takes no options'
          : `expected program options: ${names.map((name) => `--${name}`).join(', ')}`,
        ...unknown.flatMap((name) => didYouMean(name, names)),
      ],
    },
  );
}

/** A body checked for several groups reports the same finding several times. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, message, span }) => {
    const key = `${code} ${span?.start} ${span?.end} ${span?.source.name} ${message}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** All errors come before all warnings, each kind in the order of the text. */
function errorsFirst(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const of = (severity: Diagnostic['severity']) =>
    diagnostics
      .filter((finding) => finding.severity === severity)
      .sort((left, right) => (left.span?.start ?? -1) - (right.span?.start ?? -1));
  return [...of('error'), ...of('warning')];
}
