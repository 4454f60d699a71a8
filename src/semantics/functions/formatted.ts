/**
 * The functions that take a format: printf, errorf, warnf, cat, system, fail, debugf.
 */

import { isPoison } from '../checker.ts';
import { checkExpression } from '../expressions/check.ts';
import { castableInteger, castTo } from '../expressions/coerce.ts';
import { checkFormat, parseFormat } from '../format.ts';
import type { FormatString, TypedExpression } from '../program.ts';
import { settle } from '../promote.ts';
import type { FunctionCall } from './call.ts';
import type { FunctionRow } from './table.ts';

const MAX_ARGUMENTS = 127;
const MAX_DEBUG_ARGUMENTS = 3;
const ANY = Number.POSITIVE_INFINITY;

type FormatKind = 'printf' | 'errorf' | 'warnf' | 'cat' | 'system';

export const FORMAT_FUNCTIONS: readonly FunctionRow[] = [
  formatRow('printf'),
  formatRow('errorf'),
  formatRow('warnf'),
  formatRow('cat'),
  { ...formatRow('system'), isUnsafe: true },
  { name: 'fail', min: 1, max: ANY, check: checkFail },
  { name: 'debugf', min: 1, max: 1 + MAX_DEBUG_ARGUMENTS, check: checkDebug },
];

function formatRow(name: FormatKind): FunctionRow {
  return { name, min: 1, max: ANY, check: (call) => checkFormatted(call, name) };
}

interface Formatted {
  readonly format: FormatString;
  readonly args: readonly TypedExpression[];
}

/** readFormatted gives the format and its arguments; undefined after a reported error. */
function readFormatted(call: FunctionCall): Formatted | undefined {
  const node = call.node(0);
  const first = node === undefined ? undefined : checkExpression(call.checker, node);
  const args = call.nodes.slice(1).map((_, index) => argument(call, index + 1));
  if (first?.kind !== 'string') {
    if (first === undefined || !isPoison(first))
      call.error(
        'not-literal',
        `${call.name}() expects a string literal as first argument`,
        0,
        first?.type.kind === 'string' ? [`for example ${call.name}("%s", text)`] : [],
      );
    return undefined;
  }
  const { format, problem } = parseFormat(first.value);
  if (problem !== undefined) {
    call.error('invalid-format', problem, 0);
    return undefined;
  }
  if (args.length > MAX_ARGUMENTS) {
    call.error(
      'argument-count',
      `${call.name}() takes up to ${MAX_ARGUMENTS} arguments after the format (${args.length} provided)`,
    );
    return undefined;
  }
  const wrong = checkFormat(call.name, format, args);
  if (wrong !== undefined) {
    const { index } = wrong;
    const type = index === undefined ? undefined : args[index]?.type;
    const isCastable = type !== undefined && castableInteger(type) !== undefined;
    call.error(
      'format-arguments',
      wrong.message,
      index === undefined ? undefined : index + 1,
      isCastable
        ? ['a cast reads the aggregation now, for example (int64)@x']
        : wrong.message.includes(' type float ')
          ? ['there are no floating-point numbers; print integers with %d']
          : [],
    );
    return undefined;
  }
  if (args.some(isPoison)) return undefined;
  return { format, args: args.map((each) => castTo(each, settle(each.type))) };
}

/** An aggregation stays one, so that it is refused with the right words. */
function argument(call: FunctionCall, index: number): TypedExpression {
  const node = call.node(index);
  return node === undefined ? call.value(index) : checkExpression(call.checker, node);
}

function checkFormatted(call: FunctionCall, kind: FormatKind): TypedExpression {
  const formatted = readFormatted(call);
  if (formatted === undefined) return call.poison();
  return call.effect(call.checker.act({ kind, format: formatted.format }, formatted.args, call.span));
}

/** `fail` is a compile error of the script's own, when the compiler gets to see it. */
function checkFail(call: FunctionCall): TypedExpression {
  const formatted = readFormatted(call);
  if (formatted === undefined) return call.poison();
  const args = [...formatted.args];
  const parts = formatted.format.pieces.map((piece) => (typeof piece === 'string' ? piece : literalText(args.shift())));
  if (parts.includes(undefined)) return call.error('not-literal', 'fail() expects literals as arguments');
  return call.checker.isDead ? call.effect() : call.error('user-failure', parts.join(''));
}

function literalText(value: TypedExpression | undefined): string | undefined {
  if (value?.kind === 'string') return value.value;
  if (value?.kind !== 'integer') return undefined;
  return value.type.kind === 'bool' ? String(value.value !== 0n) : String(value.value);
}

function checkDebug(call: FunctionCall): TypedExpression {
  const formatted = readFormatted(call);
  if (formatted === undefined) return call.poison();
  call.checker.warning(
    'debug-function',
    'debugf() is not meant for production use: it writes to the trace pipe that all programs share',
    call.span,
  );
  return call.step('debugf', formatted.args, formatted.format.text);
}
