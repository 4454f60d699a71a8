/**
 * What is known while compiling: parameters by name, questions about types and the kernel.
 */

import { isPoison } from '../checker.ts';
import { boolean, literal, text } from '../expressions/constants.ts';
import { parameterInteger } from '../expressions/parameters.ts';
import type { TypedExpression } from '../program.ts';
import { flexibleLiteral } from '../promote.ts';
import { typeOf } from '../type-expressions.ts';
import type { Type } from '../types.ts';
import type { FunctionCall } from './call.ts';
import type { FunctionRow } from './table.ts';

export const META_FUNCTIONS: readonly FunctionRow[] = [
  { name: 'getopt', min: 1, max: 3, check: checkGetopt },
  aboutType('is_str', (type) => type.kind === 'string'),
  aboutType('is_ptr', (type) => type.kind === 'pointer'),
  aboutType('is_array', (type) => type.kind === 'array'),
  aboutType('is_integer', (type) => type.kind === 'integer'),
  aboutType('is_unsigned_integer', (type) => type.kind === 'integer' && !type.isSigned),
  { name: 'is_literal', min: 1, max: 1, check: checkIsLiteral },
  { name: 'is_scalar', min: 1, max: 1, check: checkIsScalar },
  { name: 'kfunc_exist', min: 1, max: 1, check: checkKfunc },
  { name: 'kfunc_allowed', min: 1, max: 1, check: checkKfunc },
];

function aboutType(name: string, holds: (type: Type) => boolean): FunctionRow {
  return {
    name,
    min: 1,
    max: 1,
    check: (call) => {
      const node = call.nodes[0];
      if (node === undefined) return call.poison();
      const type = typeOf(call.checker, node);
      return type.kind === 'none' ? call.poison() : boolean(holds(type), call.span);
    },
  };
}

function checkIsLiteral(call: FunctionCall): TypedExpression {
  const value = call.value(0);
  if (isPoison(value)) return value;
  const isLiteral =
    value.kind === 'string' ||
    (value.kind === 'integer' &&
      (value.type.kind === 'bool' || value.value < 0n || flexibleLiteral(value.type) !== undefined));
  return boolean(isLiteral, call.span);
}

function checkIsScalar(call: FunctionCall): TypedExpression {
  const node = call.map(0);
  if (node === undefined) return call.poison();
  const map = call.checker.symbols.map(node.name, node.nameSpan);
  return boolean(map.isScalar === true, call.span);
}

function checkKfunc(call: FunctionCall): TypedExpression {
  const name = call.text(0);
  return name === undefined ? call.poison() : boolean(call.checker.facts.features.hasKfunc(name), call.span);
}

/** The type of a named parameter follows its default; without one it is a switch. */
function checkGetopt(call: FunctionCall): TypedExpression {
  const name = call.text(0);
  if (name === undefined) return call.poison();
  const fallback = call.count > 1 ? call.value(1) : boolean(false, call.span);
  const description = call.count > 2 ? call.text(2) : undefined;
  if (isPoison(fallback)) return fallback;
  if (fallback.kind !== 'integer' && fallback.kind !== 'string')
    return call.error('not-literal', 'getopt() expects a literal as second argument', 1);
  const known = call.checker.namedParameters.get(name);
  const { kind } = fallback.type;
  const defaultText = fallback.kind === 'string' ? fallback.value : numberText(fallback.value, kind === 'bool');
  if (
    known !== undefined &&
    (known.kind !== kind || known.defaultText !== defaultText || known.description !== description)
  )
    return call.error(
      'parameter-conflict',
      `Command line option '${name}' was used before with another default value or description`,
    );
  call.checker.namedParameters.set(name, { defaultText, kind, description });
  const given = call.checker.options.named.get(name);
  return given === undefined ? fallback : readGiven(call, name, fallback, given);
}

function numberText(value: bigint, isBool: boolean): string {
  return isBool ? String(value !== 0n) : String(value);
}

const TRUE = ['true', '1', 'on', 'yes'];
const FALSE = ['false', '0', 'off', 'no'];

function readGiven(call: FunctionCall, name: string, fallback: TypedExpression, given: string | true): TypedExpression {
  if (fallback.kind === 'string') {
    if (given !== true) return text(given, call.span);
    return call.error('parameter-value', `Command line option '${name}' expects a value: --${name}=text`);
  }
  if (fallback.type.kind === 'bool') {
    if (given === true || TRUE.includes(given)) return boolean(true, call.span);
    if (FALSE.includes(given)) return boolean(false, call.span);
    return call.error(
      'parameter-value',
      `Command line option '${name}' expects a boolean (e.g. 'true'): got '${given}'`,
    );
  }
  const value = given === true ? undefined : parameterInteger(given);
  if (value !== undefined) return literal(value, call.span);
  return call.error(
    'parameter-value',
    `Command line option '${name}' expects an integer: got '${given === true ? '' : given}'`,
  );
}
