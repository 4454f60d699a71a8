/**
 * Functions that interfere with what is traced; all need --unsafe.
 */

import { didYouMean } from '../../diagnostics/nearest.ts';
import { isPoison } from '../checker.ts';
import { castTo } from '../expressions/coerce.ts';
import { constant, constantInteger } from '../expressions/constants.ts';
import type { TypedExpression } from '../program.ts';
import { INT32, UINT8, UINT64 } from '../promote.ts';
import type { FunctionCall } from './call.ts';
import type { FunctionRow } from './table.ts';

export const CONTROL_FUNCTIONS: readonly FunctionRow[] = [
  { name: 'signal', min: 1, max: 1, isUnsafe: true, check: (call) => checkSignal(call, 'signal') },
  { name: 'signal_thread', min: 1, max: 1, isUnsafe: true, check: (call) => checkSignal(call, 'signal_thread') },
  { name: 'override', min: 1, max: 1, isUnsafe: true, check: checkOverride },
  { name: 'write_user', min: 3, max: 3, isUnsafe: true, check: checkWriteUser },
];

/** Numbers of include/uapi/asm-generic/signal.h, in order from 1. */
const SIGNALS =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

function checkSignal(call: FunctionCall, name: 'signal' | 'signal_thread'): TypedExpression {
  const value = call.value(0);
  if (isPoison(value)) return value;
  if (value.kind === 'string') {
    const short = value.value.replace(/^SIG/, '');
    const number = SIGNALS.indexOf(short) + 1;
    if (number > 0) return call.step(name, [constant(BigInt(number), INT32, call.span)]);
    return call.error('unknown-signal', `${value.value} is not a valid signal`, 0, didYouMean(short, SIGNALS));
  }
  const signal = call.integer(0, INT32);
  const known = constantInteger(signal);
  if (known !== undefined && (known < 1n || known > 64n))
    return call.error('unknown-signal', `${known} is not a valid signal, allowed range: [1,64]`, 0);
  return call.step(name, [signal]);
}

function checkOverride(call: FunctionCall): TypedExpression {
  return call.refuseProbe(['kprobe']) ?? call.step('override', [call.integer(0, UINT64)]);
}

/** Operands: the address in user space, the address of the data, its length. */
function checkWriteUser(call: FunctionCall): TypedExpression {
  const destination = call.address(0, UINT8);
  const source = call.value(1);
  const length = call.integer(2, UINT64);
  if (isPoison(source) || isPoison(destination)) return call.poison();
  if (source.type.kind !== 'pointer') return call.wrongType(1, 'a pointer', source.type);
  return call.step('write_user', [castTo(destination, destination.type), source, length]);
}
