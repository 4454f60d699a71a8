/**
 * Clocks, ids and names of tasks with arguments: nsecs(mode), pid(mode), comm(pid), ppid(task), strftime, cgroups.
 */

import { statSync } from 'node:fs';
import { didYouMean } from '../../diagnostics/nearest.ts';
import { kernelBuiltin } from '../builtins.ts';
import { isPoison } from '../checker.ts';
import { uint64 } from '../expressions/constants.ts';
import { type TaskField, taskField } from '../expressions/task-fields.ts';
import type { BuiltinName, TypedExpression } from '../program.ts';
import { stringType, UINT32, UINT64 } from '../promote.ts';
import type { FunctionCall } from './call.ts';
import type { FunctionRow } from './table.ts';

export const TASK_FUNCTIONS: readonly FunctionRow[] = [
  { name: 'nsecs', min: 0, max: 1, check: checkClock },
  { name: 'pid', min: 0, max: 1, check: (call) => checkNamespace(call, 'pid', 'pidInit') },
  { name: 'tid', min: 0, max: 1, check: (call) => checkNamespace(call, 'tid', 'tidInit') },
  { name: 'comm', min: 0, max: 1, check: checkComm },
  relatedTask('pcomm'),
  relatedTask('ppid'),
  relatedTask('leader_comm'),
  relatedTask('leader_tid'),
  { name: 'strftime', min: 2, max: 2, check: checkTimestamp },
  { name: 'cgroupid', min: 1, max: 1, check: checkCgroupId },
  { name: 'cgroup_path', min: 1, max: 2, check: checkCgroupPath },
];

function relatedTask(name: TaskField): FunctionRow {
  return {
    name,
    min: 0,
    max: 1,
    check: (call) => taskField(call.checker, name, call.count === 0 ? undefined : call.value(0), call.span),
  };
}

const CLOCKS: ReadonlyMap<string, BuiltinName> = new Map([
  ['boot', 'nsecs'],
  ['monotonic', 'nsecsMonotonic'],
  ['tai', 'nsecsTai'],
  ['sw_tai', 'nsecsSwTai'],
]);

function checkClock(call: FunctionCall): TypedExpression {
  const mode = call.word(0);
  const name = CLOCKS.get(mode ?? '');
  if (name !== undefined) return kernelBuiltin(name, UINT64, call.span);
  return call.error('invalid-mode', `Invalid timestamp mode: ${mode ?? 'expected a bare word'}`, 0, [
    ...didYouMean(mode ?? '', CLOCKS.keys()),
    `modes are ${[...CLOCKS.keys()].join(', ')}`,
  ]);
}

function checkNamespace(call: FunctionCall, current: BuiltinName, initial: BuiltinName): TypedExpression {
  const mode = call.word(0);
  if (mode === 'curr_ns') return kernelBuiltin(current, UINT32, call.span);
  if (mode === 'init') return kernelBuiltin(initial, UINT32, call.span);
  return call.error(
    'invalid-mode',
    `Invalid PID namespace mode: ${mode ?? 'expected a bare word'} (expects: curr_ns or init)`,
    0,
  );
}

function checkComm(call: FunctionCall): TypedExpression {
  const pid = call.integer(0, UINT32);
  if (isPoison(pid)) return pid;
  if (!call.checker.facts.features.hasKfunc('bpf_task_from_pid'))
    return call.error('missing-feature', 'comm(pid) needs a kernel with the kfunc bpf_task_from_pid');
  return call.operation('comm', stringType(16), [pid]);
}

function checkTimestamp(call: FunctionCall): TypedExpression {
  const format = call.text(0);
  const time = call.integer(1, UINT64);
  if (format === undefined || isPoison(time)) return call.poison();
  const clock = time.kind === 'builtin' ? time.name : 'nsecs';
  if (clock === 'nsecsMonotonic')
    return call.error('invalid-mode', 'strftime() can not take a monotonic timestamp', 1, ['use nsecs, or nsecs(tai)']);
  const isTai = clock === 'nsecsTai' || clock === 'nsecsSwTai';
  return call.operation('strftime', { kind: 'timestamp', format, clock: isTai ? 'tai' : 'boot' }, [time]);
}

/** A cgroup's id is the inode number of its directory. */
function checkCgroupId(call: FunctionCall): TypedExpression {
  const path = call.text(0);
  if (path === undefined) return call.poison();
  const id = (call.checker.options.cgroupId ?? inodeOf)(path);
  if (id !== undefined) return uint64(id, call.span);
  return call.error('no-such-cgroup', `No such cgroup: ${path}`, 0, [
    'give the whole path, for example /sys/fs/cgroup/system.slice',
  ]);
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function checkCgroupPath(call: FunctionCall): TypedExpression {
  const id = call.integer(0, UINT64);
  const filter = call.count > 1 ? call.text(1) : '';
  if (isPoison(id) || filter === undefined) return call.poison();
  return call.operation('cgroup_path', { kind: 'cgroupPath', filter }, [id]);
}
