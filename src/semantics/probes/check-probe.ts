/**
 * One group of sites and its body: predicate, statements, variables; the typed probe.
 */

import { kernelBuiltin } from '../builtins.ts';
import type { Checker } from '../checker.ts';
import { checkValue } from '../expressions/check.ts';
import { asCondition, castTo } from '../expressions/coerce.ts';
import { constant } from '../expressions/constants.ts';
import type { TypedExpression, TypedProbe } from '../program.ts';
import { BOOL, UINT32, UINT64 } from '../promote.ts';
import { checkBlock } from '../statements/check.ts';
import type { ProbeGroup } from './groups.ts';
import type { ProbeContext, ProviderName } from './probe-context.ts';

/** Attached to everything, whatever -p says: the program tests the process itself. */
const FILTERED_BY_PID: ReadonlySet<ProviderName> = new Set([
  'kprobe',
  'kretprobe',
  'fentry',
  'fexit',
  'tracepoint',
  'rawtracepoint',
]);

export function checkProbe(checker: Checker, group: ProbeGroup, id: number): TypedProbe {
  const { context, node, variables } = group;
  checker.probe = context;
  checker.variables = variables;
  variables.startPass();
  checker.types.ofBinaries = typesOfBinaries(checker, context);
  const written =
    node.predicate === undefined ? undefined : asCondition(checker, checkValue(checker, node.predicate), 'predicate');
  const body = checkBlock(checker, node.body);
  // An unknown type was reported already.
  for (const variable of variables.variables())
    if (
      !variable.isAssigned &&
      !variable.isLoopVariable &&
      !(variable.cell.isFixed && variable.cell.type.kind === 'none')
    )
      checker.warning('never-assigned', `Variable ${variable.name} was never assigned to.`, variable.span);
  checker.probe = undefined;
  checker.types.ofBinaries = undefined;
  checker.variables = undefined;
  const predicate = withProcess(checker, group, written);
  return {
    id,
    sites: context.sites,
    ...(predicate && { predicate }),
    body,
    argumentSpace: context.argumentSpace,
    span: node.span,
  };
}

function typesOfBinaries(checker: Checker, { sites }: ProbeContext): Checker['types']['ofBinaries'] {
  const paths = [...new Set(sites.flatMap((site) => ('path' in site ? site.path : [])))];
  if (paths.length === 0) return undefined;
  const { binaries } = checker.facts;
  return (tag, name) => {
    for (const path of paths) {
      const found = binaries.namedType?.(path, tag, name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function withProcess(
  checker: Checker,
  { context, node }: ProbeGroup,
  predicate: TypedExpression | undefined,
): TypedExpression | undefined {
  const { pid } = checker.options;
  if (pid === undefined || !FILTERED_BY_PID.has(context.provider)) return predicate;
  const { span } = node;
  const isProcess: TypedExpression = {
    kind: 'comparison',
    operator: 'equal',
    left: castTo(kernelBuiltin('pid', UINT32, span), UINT64),
    right: constant(BigInt(pid), UINT64, span),
    type: BOOL,
    span,
  };
  if (predicate === undefined) return isProcess;
  return { kind: 'logical', operator: 'and', left: isProcess, right: predicate, type: BOOL, span };
}
