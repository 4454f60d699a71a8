/**
 * `pcomm`, `ppid`, `leader_comm`, `leader_tid`: fields of tasks related to the current one, as member reads.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import { BUILTINS } from '../builtins.ts';
import { type Checker, isPoison } from '../checker.ts';
import type { TypedExpression } from '../program.ts';
import { UINT32 } from '../promote.ts';
import { typeName } from '../type-names.ts';
import { memberOf } from './access.ts';
import { castTo } from './coerce.ts';

const PATHS = {
  pcomm: ['real_parent', 'comm'],
  ppid: ['real_parent', 'tgid'],
  leader_comm: ['group_leader', 'comm'],
  leader_tid: ['group_leader', 'pid'],
} as const;

export type TaskField = keyof typeof PATHS;

/** taskField reads the field of `task`, or of the current task. */
export function taskField(
  checker: Checker,
  name: TaskField,
  task: TypedExpression | undefined,
  span: Span,
): TypedExpression {
  const start = task ?? BUILTINS.get('curtask')?.value(checker, span);
  if (start === undefined || isPoison(start)) return start ?? checker.error('no-task', name, span);
  if (start.type.kind !== 'pointer')
    return checker.error(
      'no-btf',
      task === undefined
        ? `${name} needs the kernel's BTF, which is not available`
        : `${name}() expects a struct task_struct * (${typeName(start.type)} provided)`,
      span,
      { hints: checker.facts.problems() },
    );
  let value: TypedExpression = start;
  for (const member of PATHS[name]) value = memberOf(checker, value, member, span);
  return value.type.kind === 'integer' ? castTo(value, UINT32) : value;
}
