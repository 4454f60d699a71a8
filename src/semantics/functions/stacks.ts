/**
 * Stacks: `kstack`, `ustack`, with mode and depth.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Checker } from '../checker.ts';
import type { TypedExpression } from '../program.ts';
import type { StackMode, StackType } from '../types.ts';
import type { FunctionCall } from './call.ts';
import type { FunctionRow } from './table.ts';

export const DEFAULT_STACK_DEPTH = 127;
const MAX_STACK_DEPTH = 1024n;
const MODES: readonly StackMode[] = ['bpftrace', 'perf', 'raw', 'build_id'];

export const STACK_FUNCTIONS: readonly FunctionRow[] = [
  { name: 'kstack', min: 0, max: 2, check: (call) => checkStack(call, false) },
  { name: 'ustack', min: 0, max: 2, check: (call) => checkStack(call, true) },
  { name: 'dw_ustack', min: 0, max: 2, check: checkDwarfStack },
];

/** stackBuiltin is `kstack` or `ustack` without arguments. */
export function stackBuiltin(checker: Checker, isUser: boolean, span: Span): TypedExpression {
  return stack({ kind: 'stack', isUser, mode: defaultMode(checker, isUser), depth: DEFAULT_STACK_DEPTH }, span);
}

function stack(type: StackType, span: Span): TypedExpression {
  return { kind: 'call', name: type.isUser ? 'ustack' : 'kstack', args: [], type, span };
}

/** Kernel stacks have no build ids. */
function defaultMode(checker: Checker, isUser: boolean): StackMode {
  const mode = checker.config.program.stackMode;
  return mode === 'build_id' && !isUser ? 'bpftrace' : mode;
}

function checkStack(call: FunctionCall, isUser: boolean): TypedExpression {
  let mode = defaultMode(call.checker, isUser);
  let depth = DEFAULT_STACK_DEPTH;
  const word = call.word(0);
  if (call.count === 2 && word === undefined)
    return call.error('invalid-stack-mode', 'Expected stack mode as first argument', 0, [
      `modes are ${MODES.join(', ')}`,
    ]);
  if (word !== undefined) {
    const known = MODES.find((each) => each === word);
    if (known === undefined)
      return call.error('invalid-stack-mode', `Unknown stack mode: '${word}'`, 0, didYouMean(word, MODES));
    if (known === 'build_id' && !isUser)
      return call.error('invalid-stack-mode', "'build_id' stack mode can only be used for user stacks", 0);
    mode = known;
  }
  const depthIndex = word === undefined ? 0 : 1;
  if (call.count > depthIndex) {
    const literal = call.literal(depthIndex);
    if (literal === undefined) return call.poison();
    if (literal > MAX_STACK_DEPTH || literal < 0n)
      return call.error(
        'invalid-stack-depth',
        `${call.name}([int stack_size]): stack_size exceeds maximum value of ${MAX_STACK_DEPTH}`,
        depthIndex,
      );
    depth = literal === 0n ? DEFAULT_STACK_DEPTH : Number(literal);
  }
  return stack({ kind: 'stack', isUser, mode, depth }, call.span);
}

/** Unwinding by DWARF is not offered: the stack is the one that frame pointers give. */
function checkDwarfStack(call: FunctionCall): TypedExpression {
  if (call.checker.config.unstable.get('unstable_dw_ustack') === 'error')
    return call.error('unstable-feature', 'dw_ustack() is an unstable feature that is turned off', undefined, [
      "set the 'unstable_dw_ustack' config variable to 'enable'",
    ]);
  call.checker.warning('dwarf-stack', 'dw_ustack() is unwound by frame pointers, as ustack is', call.span);
  return checkStack(call, true);
}
