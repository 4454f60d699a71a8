/**
 * The builtins (language.md §8): one row each, with the rule for its value. Their documentation is in
 * `language/docs.ts`.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Checker } from './checker.ts';
import { checkArgs, checkContext, checkRetval, refuseContext } from './expressions/args.ts';
import { configRecord } from './expressions/config-record.ts';
import { boolean, constant, text, uint64 } from './expressions/constants.ts';
import { taskField } from './expressions/task-fields.ts';
import { stackBuiltin } from './functions/stacks.ts';
import { PERF_EVENT_PROVIDERS, probeType, REGISTER_PROVIDERS } from './probes/probe-context.ts';
import type { BuiltinName, TypedExpression } from './program.ts';
import { stringType, UINT8, UINT32, UINT64 } from './promote.ts';
import { pointerTo } from './type-source.ts';
import type { Type } from './types.ts';

export interface BuiltinRow {
  readonly name: string;
  readonly value: (checker: Checker, span: Span) => TypedExpression;
}

/** kernelBuiltin is a builtin that programs compute. */
export function kernelBuiltin(name: BuiltinName, type: Type, span: Span): TypedExpression {
  return { kind: 'builtin', name, type, span };
}

function plain(name: BuiltinName, type: Type): BuiltinRow {
  return { name, value: (_, span) => kernelBuiltin(name, type, span) };
}

const COMM = stringType(16);

const ROWS: readonly BuiltinRow[] = [
  plain('pid', UINT32),
  plain('tid', UINT32),
  plain('uid', UINT64),
  plain('gid', UINT64),
  plain('username', { kind: 'username' }),
  plain('comm', COMM),
  plain('nsecs', UINT64),
  plain('elapsed', UINT64),
  plain('jiffies', UINT64),
  plain('cpu', UINT64),
  plain('numaid', UINT64),
  plain('cgroup', UINT64),
  plain('rand', UINT32),
  {
    name: 'ncpus',
    value: (checker, span) => uint64(BigInt(checker.facts.onlineCpus.length), span),
  },
  {
    name: 'curtask',
    value: currentTask,
  },
  {
    name: 'cpid',
    value: childPid,
  },
  {
    name: 'has_cpid',
    value: (checker, span) => boolean(checker.options.hasCommand, span),
  },
  { name: 'ctx', value: checkContext },
  { name: 'args', value: checkArgs },
  { name: 'retval', value: checkRetval },
  { name: 'func', value: functionName },
  { name: 'probe', value: probeName },
  {
    name: 'probetype',
    value: (checker, span) => text(checker.probe === undefined ? '' : probeType(checker.probe.provider), span),
  },
  {
    name: 'kstack',
    value: (checker, span) => stackBuiltin(checker, false, span),
  },
  { name: 'ustack', value: (checker, span) => stackBuiltin(checker, true, span) },
  { name: 'usermode', value: userMode },
  { name: 'config', value: configRecord },
  {
    name: 'pcomm',
    value: (checker, span) => taskField(checker, 'pcomm', undefined, span),
  },
  {
    name: 'ppid',
    value: (checker, span) => taskField(checker, 'ppid', undefined, span),
  },
  {
    name: 'leader_comm',
    value: (checker, span) => taskField(checker, 'leader_comm', undefined, span),
  },
  {
    name: 'leader_tid',
    value: (checker, span) => taskField(checker, 'leader_tid', undefined, span),
  },
];

/** BUILTINS by name; `arg0 …` are not among them. */
export const BUILTINS: ReadonlyMap<string, BuiltinRow> = new Map(ROWS.map((row) => [row.name, row]));

function currentTask(checker: Checker, span: Span): TypedExpression {
  const composite = checker.types.struct('task_struct');
  // Without type facts `curtask` is the number that old versions had.
  if (composite === undefined) return kernelBuiltin('curtask', UINT64, span);
  // A script may declare a struct of that name, whose offsets the verifier does not know.
  const isTrusted = checker.types.compositeId(composite) !== 0;
  const type = pointerTo({ kind: 'struct', composite }, 'kernel', isTrusted);
  return kernelBuiltin('curtask', type, span);
}

function childPid(checker: Checker, span: Span): TypedExpression {
  if (!checker.options.hasCommand) {
    checker.warning('no-child', 'cpid builtin is 0: no command was given with -c', span);
    return uint64(0n, span);
  }
  return kernelBuiltin('cpid', UINT64, span);
}

function functionName(checker: Checker, span: Span): TypedExpression {
  const refused = refuseContext(checker, 'func', span);
  if (refused !== undefined) return refused;
  const provider = checker.probe?.provider ?? 'begin';
  if (provider === 'uprobe' || provider === 'uretprobe') return kernelBuiltin('func', { kind: 'usym' }, span);
  if (['kprobe', 'kretprobe', 'fentry', 'fexit'].includes(provider))
    return kernelBuiltin('func', { kind: 'ksym' }, span);
  return checker.error('wrong-probe', `The func builtin can not be used with '${provider}' probes`, span, {
    hints: ["use `probe` for the probe's full name"],
  });
}

function probeName(checker: Checker, span: Span): TypedExpression {
  const type: Type = { kind: 'probeName' };
  const sites = checker.probe?.sites ?? [];
  const [first] = sites;
  const isSame = sites.every((site) => site.nameId === first?.nameId);
  if (first !== undefined && isSame) return constant(BigInt(first.nameId), type, span);
  return kernelBuiltin('probe', type, span);
}

function userMode(checker: Checker, span: Span): TypedExpression {
  const refused = refuseContext(checker, 'usermode', span);
  if (refused !== undefined) return refused;
  const provider = checker.probe?.provider ?? 'begin';
  if (checker.facts.architecture !== 'x86_64')
    return checker.error('wrong-architecture', "'usermode' builtin is only supported on x86_64", span);
  if (!PERF_EVENT_PROVIDERS.has(provider) && !REGISTER_PROVIDERS.has(provider))
    return checker.error('wrong-probe', `The usermode builtin can not be used with '${provider}' probes`, span);
  return kernelBuiltin('usermode', UINT8, span);
}
