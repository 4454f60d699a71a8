/**
 * Functions that user space carries out later: printing, time, files, commands, the end.
 */

import { isPoison } from '../checker.ts';
import { checkExpression } from '../expressions/check.ts';
import { asCondition, castableInteger, castTo, isAggregate, readAggregate } from '../expressions/coerce.ts';
import { constant, constantInteger } from '../expressions/constants.ts';
import { isPrintable } from '../format.ts';
import type { FormatString, TypedExpression, TypedStatement } from '../program.ts';
import { BOOL, INT8, INT32, settle, stringType } from '../promote.ts';
import { typeName } from '../type-names.ts';
import { pointerTo } from '../type-source.ts';
import type { Type } from '../types.ts';
import type { FunctionCall } from './call.ts';
import { FORMAT_FUNCTIONS } from './formatted.ts';
import { referToMap } from './map-functions.ts';
import type { FunctionRow } from './table.ts';

export const OUTPUT_FUNCTIONS: readonly FunctionRow[] = [
  ...FORMAT_FUNCTIONS,
  { name: 'print', min: 1, max: 3, check: checkPrint },
  { name: 'time', min: 0, max: 1, check: checkTime },
  { name: 'join', min: 1, max: 2, check: checkJoin },
  { name: 'exit', min: 0, max: 1, check: checkExit },
  { name: 'assert', min: 2, max: 2, check: checkAssert },
  { name: 'static_assert', min: 2, max: 2, check: checkStaticAssert },
  { name: 'unwatch', min: 1, max: 1, check: checkUnwatch },
];

function checkPrint(call: FunctionCall): TypedExpression {
  const node = call.node(0);
  if (node?.kind === 'MapAccess' && node.keys === undefined) return printWholeMap(call);
  if (call.count > 1)
    return call.error('argument-count', 'print() takes top and div only with a whole map', undefined, [
      'for example print(@map, 5)',
    ]);
  const value = node === undefined ? call.value(0) : checkExpression(call.checker, node);
  if (isPoison(value)) return value;
  if (isAggregate(value.type) && castableInteger(value.type) === undefined)
    return call.error(
      'print-aggregate',
      `Map type ${typeName(value.type)} cannot print the value of individual keys. You must print the whole map.`,
      0,
    );
  const plain = readAggregate(value);
  if (!isPrintable(plain.type))
    return call.error('not-printable', `Cannot print value of type '${typeName(plain.type)}'`, 0);
  return call.effect(call.checker.act({ kind: 'print' }, [castTo(plain, settle(plain.type))], call.span));
}

function printWholeMap(call: FunctionCall): TypedExpression {
  const node = call.map(0);
  const map = node && referToMap(call.checker, node);
  const top = call.count > 1 ? call.literal(1) : 0n;
  const div = call.count > 2 ? call.literal(2) : 0n;
  if (map === undefined || top === undefined || div === undefined) return call.poison();
  for (const [index, value] of [top, div].entries()) {
    if (value < 0n)
      return call.error('invalid-argument', `print() expects positive literals (${value} provided)`, index + 1);
  }
  warnIgnored(call, map.value.type);
  const symbol = call.checker.symbols.mapSymbol(map);
  return call.effect(
    call.checker.act({ kind: 'printMap', map: symbol, top: Number(top), div: div === 0n ? 1n : div }, [], call.span),
  );
}

function warnIgnored(call: FunctionCall, type: Type): void {
  const ignored =
    type.kind === 'stats' && call.count > 1
      ? 'top and div are'
      : type.kind === 'lhist' && call.count > 2
        ? 'div is'
        : undefined;
  if (ignored !== undefined)
    call.checker.warning('ignored-argument', `${ignored} ignored for maps of type ${typeName(type)}`, call.span);
}

function checkTime(call: FunctionCall): TypedExpression {
  const format = call.count === 0 ? '%H:%M:%S\n' : call.text(0);
  if (format === undefined) return call.poison();
  return call.effect(call.checker.act({ kind: 'time', format }, [], call.span));
}

const JOIN_STRINGS = 16;

function checkJoin(call: FunctionCall): TypedExpression {
  const pointer = call.address(0, pointerTo(INT8, 'user'));
  const separator = call.count > 1 ? call.text(1) : ' ';
  if (isPoison(pointer) || separator === undefined) return call.poison();
  const type: Type = {
    kind: 'array',
    element: stringType(call.checker.config.program.maxStrlen),
    length: JOIN_STRINGS,
  };
  return call.effect(call.checker.act({ kind: 'join', separator }, [pointer], call.span, [type]));
}

function checkExit(call: FunctionCall): TypedExpression {
  const code = call.count === 0 ? constant(0n, INT32, call.span) : call.integer(0, INT32);
  return isPoison(code) ? code : call.effect(...exitStatements(call, code));
}

function exitStatements(call: FunctionCall, code: TypedExpression): readonly TypedStatement[] {
  return [call.checker.act({ kind: 'exit' }, [code], call.span), { kind: 'return', span: call.span }];
}

function plainFormat(text: string): FormatString {
  return { text: text.replaceAll('%', '%%'), pieces: text === '' ? [] : [text] };
}

function checkAssert(call: FunctionCall): TypedExpression {
  const condition = asCondition(call.checker, call.value(0), 'assert()');
  const message = call.text(1);
  if (isPoison(condition) || message === undefined) return call.poison();
  const { span } = call;
  return call.effect({
    kind: 'if',
    condition: { kind: 'not', operand: condition, type: BOOL, span },
    consequent: {
      statements: [
        call.checker.act({ kind: 'errorf', format: plainFormat(message) }, [], span),
        ...exitStatements(call, constant(1n, INT32, span)),
      ],
    },
    span,
  });
}

function checkStaticAssert(call: FunctionCall): TypedExpression {
  const value = constantInteger(asCondition(call.checker, call.value(0), 'static_assert()'));
  const message = call.text(1);
  if (message === undefined) return call.poison();
  if (value === undefined)
    return call.error('not-literal', 'static_assert() expects a condition known when compiling', 0);
  return value === 0n && !call.checker.isDead ? call.error('user-failure', message) : call.effect();
}

function checkUnwatch(call: FunctionCall): TypedExpression {
  const address = call.word64(0);
  return isPoison(address) ? address : call.effect(call.checker.act({ kind: 'unwatch' }, [address], call.span));
}
