/**
 * Calls: the function by name, the number of arguments, what is unsafe; then the function's own rule.
 */

import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Call } from '../../language/ast.ts';
import { nameHint } from '../../language/habits.ts';
import { AGGREGATIONS } from '../aggregations.ts';
import { BUILTINS } from '../builtins.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import { checkArgN } from '../expressions/args.ts';
import { checkValue, isTypeExpression } from '../expressions/check.ts';
import { castTo, isWord } from '../expressions/coerce.ts';
import type { TypedExpression, TypedFunction } from '../program.ts';
import { FunctionCall } from './call.ts';
import { type FunctionRow, functionNames, functionTable } from './table.ts';

export function checkCall(checker: Checker, node: Call): TypedExpression {
  const { name } = node;
  if (AGGREGATIONS.has(name))
    return checker.error('aggregation-place', `${name}() must be assigned directly to a map`, node.span, {
      hints: [`for example @x = ${name}(…);`],
    });
  const user = checker.functions.get(name);
  if (user !== undefined) return checkUserFunction(checker, node, user);
  const builtin = BUILTINS.get(name);
  const row = functionTable().get(name);
  if (row !== undefined && (builtin === undefined || node.args.length > 0)) return checkRow(checker, node, row);
  const argument = /^arg([0-9]+)$/.exec(name);
  if (builtin === undefined && argument === null) return unknownFunction(checker, node);
  if (node.args.length > 0) return checker.error('argument-count', `${name} takes no arguments`, node.span);
  return builtin?.value(checker, node.span) ?? checkArgN(checker, Number(argument?.[1]), node.span);
}

function checkRow(checker: Checker, node: Call, row: FunctionRow): TypedExpression {
  const wrong = argumentCountMessage(row, node.args.length);
  if (wrong !== undefined) return checker.error('argument-count', wrong, node.span);
  if (row.isUnsafe && !checker.options.isUnsafe)
    return checker.error('unsafe-function', `${row.name}() is an unsafe function being used in safe mode`, node.span, {
      hints: ['to use it, run with the --unsafe flag'],
    });
  return row.check(new FunctionCall(checker, node));
}

function unknownFunction(checker: Checker, node: Call): TypedExpression {
  const hint = nameHint(node.name);
  // What is wrong with the arguments is worth knowing all the same.
  for (const argument of node.args) if (!isTypeExpression(argument)) checkValue(checker, argument);
  return checker.error(
    hint === undefined ? 'unknown-function' : 'foreign-habit',
    `Unknown function: '${node.name}'`,
    node.nameSpan,
    {
      hints: hint === undefined ? functionHints(checker, node.name) : [hint],
    },
  );
}

function functionHints(checker: Checker, name: string): readonly string[] {
  if (checker.types.isFunctionMacro(name))
    return [`C macros with parameters are not understood here; write it as: macro ${name}(…) { … }`];
  if (checker.symbols.maps.has(`@${name}`) || checker.variables?.find(`$${name}`) !== undefined)
    return [`maps are written @${name}[key], variables $${name}`];
  return didYouMean(name, [...checker.scriptMacros, ...checker.functions.keys(), ...functionNames()]);
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** argumentCountMessage says what is wrong with the number of arguments; undefined if nothing is. */
export function argumentCountMessage(
  { name, min, max }: Pick<FunctionRow, 'name' | 'min' | 'max'>,
  count: number,
): string | undefined {
  if (count >= min && count <= max) return undefined;
  const words = (number: number) => `${NUMBERS[number] ?? number} argument${number === 1 ? '' : 's'}`;
  if (min === max) return `${name}() requires ${words(min)} (${count} provided)`;
  if (count < min) return `${name}() requires at least ${words(min)} (${count} provided)`;
  return `${name}() takes up to ${max} argument${max === 1 ? '' : 's'} (${count} provided)`;
}

function checkUserFunction(checker: Checker, node: Call, target: TypedFunction): TypedExpression {
  const { length } = target.parameters;
  const wrong = argumentCountMessage({ name: node.name, min: length, max: length }, node.args.length);
  if (wrong !== undefined) return checker.error('argument-count', wrong, node.span);
  const call = new FunctionCall(checker, node);
  const args = target.parameters.map((parameter, index) => {
    const value = call.value(index);
    if (isPoison(value)) return value;
    if (value.type.kind !== parameter.type.kind && !(isWord(value.type) && isWord(parameter.type)))
      return call.wrongType(index, `'${parameter.name}'`, value.type);
    return castTo(value, parameter.type);
  });
  if (args.some(isPoison)) return poison(node.span);
  return { kind: 'callFunction', function: target, args, type: target.returnType, span: node.span };
}
