/**
 * Expressions whose value fits a register, and conditions. A register holds the value extended to 64 bits by its own
 * sign, so that conversions to wider types cost nothing.
 */

import type { TypedExpression } from '../../semantics/program.ts';
import type { Type } from '../../semantics/types.ts';
import type { BinaryOperator, Block, Comparison, Operand } from '../ir/ir.ts';
import { lowerArgument, lowerRegister, lowerReturnValue, lowerTracepointField } from './arguments.ts';
import { lowerBuiltin } from './builtins.ts';
import { lowerCall } from './calls.ts';
import type { FunctionContext } from './function-context.ts';
import { callUserFunction } from './functions.ts';
import { mapElementAddress, readMapScalar, writeMapScalar } from './maps.ts';
import { placeOfValue, pointedAt } from './memory-values.ts';
import { addressOf, loadBytes, loadScalar, type Place, storeScalar } from './place.ts';
import { lowerBlock } from './statements.ts';
import { compareMemory } from './strings.ts';
import { accessSize, isAggregate, isScalar, isSigned, scalarBits } from './types.ts';
import { reportRuntimeError } from './warnings.ts';

/** scalar computes an expression of a scalar type into a register or constant. */
export function scalar(fc: FunctionContext, expression: TypedExpression): Operand {
  const { builder } = fc;
  const outer = builder.span;
  builder.span = expression.span;
  const value = compute(fc, expression);
  builder.span = outer;
  return value;
}

function compute(fc: FunctionContext, e: TypedExpression): Operand {
  const { builder } = fc;
  switch (e.kind) {
    case 'integer':
      return BigInt.asUintN(64, e.value);
    case 'variable': {
      const home = fc.homeOf(e.variable);
      if (home.kind !== 'register') return loadScalar(fc, fc.placeOf(e.variable), e.variable.type);
      // A copy, since the variable may change before the value is used.
      return builder.copy(home.register);
    }
    case 'map':
      return readMapScalar(fc, e.map, e.key, e.type);
    case 'arithmetic':
      return arithmetic(fc, e);
    case 'comparison':
    case 'logical':
    case 'not':
      return booleanOf(fc, e);
    case 'negate':
    case 'complement':
      return unary(fc, e);
    case 'conditional':
      return conditional(fc, e);
    case 'cast':
      return cast(fc, e.operand, e.type);
    case 'increment':
      return increment(fc, e);
    case 'dereference':
      return loadScalar(fc, pointedAt(fc, e.pointer), e.type);
    case 'member':
      return member(fc, e);
    case 'element':
    case 'index':
      return loadScalar(fc, placeOfValue(fc, e), e.type);
    case 'block':
      lowerBlock(fc, e.body);
      return scalar(fc, e.value);
    case 'address':
      return addressOfTarget(fc, e);
    case 'tracepointField':
      return lowerTracepointField(fc, e);
    case 'argument':
      return lowerArgument(fc, e);
    case 'returnValue':
      return lowerReturnValue(fc, e.type);
    case 'context':
      return fc.context;
    case 'register':
      return lowerRegister(fc, e.name);
    case 'builtin':
      return lowerBuiltin(fc, e);
    case 'call':
      return lowerCall(fc, e);
    case 'callFunction':
      return callUserFunction(fc, e);
    case 'string':
    case 'bytes':
    case 'tuple':
      // A memory value where a truth or a number is wanted: its first bytes.
      return loadBytes(fc, placeOfValue(fc, e), 1);
  }
}

// ---- operators ----

const BINARY: Readonly<Record<string, BinaryOperator>> = {
  add: 'add',
  subtract: 'subtract',
  multiply: 'multiply',
  divide: 'divide',
  remainder: 'remainder',
  and: 'and',
  or: 'or',
  xor: 'xor',
  shiftLeft: 'shiftLeft',
  shiftRight: 'shiftRight',
};

const DIVIDE_BY_ZERO =
  'Divide or modulo by 0 detected. This can lead to unexpected results. 1 is being used as the result.';

function arithmetic(fc: FunctionContext, e: Extract<TypedExpression, { kind: 'arithmetic' }>): Operand {
  const { builder } = fc;
  const left = scalar(fc, e.left);
  const right = scalar(fc, e.right);
  const operator = BINARY[e.operator];
  if (operator === undefined) throw new Error(`no operator ${e.operator}`);
  const isDivision = operator === 'divide' || operator === 'remainder';
  if (!isDivision || (typeof right === 'bigint' && right !== 0n)) {
    return narrow(fc, builder.binary(operator, left, right), e.type);
  }
  const result = builder.register();
  builder.move(result, 1n);
  const zero = builder.block(true);
  const divide = builder.block();
  const done = builder.block();
  builder.branch('equal', right, 0n, zero, divide);
  builder.enter(zero);
  reportRuntimeError(fc, DIVIDE_BY_ZERO);
  builder.jump(done);
  builder.enter(divide);
  builder.move(result, builder.binary(operator, left, right));
  builder.jump(done);
  builder.enter(done);
  return narrow(fc, result, e.type);
}

function unary(fc: FunctionContext, e: Extract<TypedExpression, { kind: 'negate' | 'complement' }>): Operand {
  const { builder } = fc;
  const value = scalar(fc, e.operand);
  const computed =
    e.kind === 'complement' ? builder.binary('xor', value, 0xffffffffffffffffn) : builder.binary('subtract', 0n, value);
  // Computed at the operand's width and zero-extended from there (language.md §5), unless that is signed.
  const bits = scalarBits(e.operand.type);
  return bits === 64 ? computed : builder.extend(computed, bits, isSigned(e.operand.type));
}

function conditional(fc: FunctionContext, e: Extract<TypedExpression, { kind: 'conditional' }>): Operand {
  const { builder } = fc;
  const result = builder.register();
  const yes = builder.block();
  const no = builder.block();
  const done = builder.block();
  branchOn(fc, e.condition, yes, no);
  for (const [block, value] of [
    [yes, e.consequent],
    [no, e.alternate],
  ] as const) {
    builder.enter(block);
    const computed = value.type.kind === 'void' || value.type.kind === 'none' ? effect(fc, value) : scalar(fc, value);
    builder.move(result, computed);
    builder.jump(done);
  }
  builder.enter(done);
  return result;
}

function effect(fc: FunctionContext, e: TypedExpression): Operand {
  evaluate(fc, e);
  return 0n;
}

/** evaluate computes an expression for its effect alone. */
export function evaluate(fc: FunctionContext, e: TypedExpression): void {
  if (isScalar(e.type) || e.type.kind === 'void' || e.type.kind === 'none') {
    if (e.kind === 'block') {
      lowerBlock(fc, e.body);
      evaluate(fc, e.value);
    } else if (e.kind === 'integer') {
      return;
    } else {
      scalar(fc, e);
    }
  } else if (!isAggregate(e.type)) {
    placeOfValue(fc, e);
  }
}

/** narrow brings a 64-bit result to the width of its type. */
export function narrow(fc: FunctionContext, value: Operand, type: Type): Operand {
  const bits = scalarBits(type);
  return bits === 64 || !isScalar(type) ? value : fc.builder.extend(value, bits, isSigned(type));
}

/** cast converts to a scalar type. */
function cast(fc: FunctionContext, operand: TypedExpression, type: Type): Operand {
  const { builder } = fc;
  const from = operand.type;
  if (type.kind === 'bool') return from.kind === 'bool' ? scalar(fc, operand) : booleanOf(fc, operand);
  if (!isScalar(from) && !isAggregate(from)) {
    return narrow(fc, loadBytes(fc, placeOfValue(fc, operand), accessSize(type)), type);
  }
  const value = scalar(fc, operand);
  const bits = scalarBits(type);
  if (bits === 64 || isAggregate(from)) return narrow(fc, value, type);
  const sourceBits = scalarBits(from);
  const fits =
    sourceBits < bits ? !isSigned(from) || isSigned(type) : sourceBits === bits && isSigned(from) === isSigned(type);
  return fits ? value : builder.extend(value, bits, isSigned(type));
}

function increment(fc: FunctionContext, e: Extract<TypedExpression, { kind: 'increment' }>): Operand {
  const { builder } = fc;
  const { target } = e;
  if ('map' in target) {
    return writeMapScalar(fc, target.map, target.key, (old) => {
      const next = narrow(fc, builder.binary('add', old, BigInt.asUintN(64, e.step)), target.map.valueType);
      return { stored: next, result: e.isPrefix ? next : old };
    });
  }
  const home = fc.homeOf(target.variable);
  const place = home.kind === 'register' ? undefined : fc.placeOf(target.variable);
  const old =
    home.kind === 'register' ? builder.copy(home.register) : loadScalar(fc, place as Place, target.variable.type);
  const next = narrow(fc, builder.binary('add', old, BigInt.asUintN(64, e.step)), target.variable.type);
  if (home.kind === 'register') builder.move(home.register, next);
  else storeScalar(fc, place as Place, target.variable.type, next);
  return e.isPrefix ? next : old;
}

function member(fc: FunctionContext, e: Extract<TypedExpression, { kind: 'member' }>): Operand {
  if (e.bitSize === undefined) return loadScalar(fc, placeOfValue(fc, e), e.type);
  // Bitfield: the smallest aligned piece of memory that holds all of it.
  const { builder } = fc;
  const place = placeOfValue(fc, { ...e, bitOffset: 0 });
  let size: 1 | 2 | 4 | 8 = 1;
  while (size < 8 && Math.floor(e.bitOffset / (size * 8)) * size * 8 + size * 8 < e.bitOffset + e.bitSize) size *= 2;
  const start = Math.floor(e.bitOffset / (size * 8)) * size;
  const raw = loadBytes(fc, { ...place, offset: place.offset + start }, size as 1 | 2 | 4 | 8);
  const shift = e.bitOffset - start * 8;
  const left = builder.binary('shiftLeft', raw, BigInt(64 - shift - e.bitSize));
  return builder.binary(isSigned(e.type) ? 'shiftRightSigned' : 'shiftRight', left, BigInt(64 - e.bitSize));
}

function addressOfTarget(fc: FunctionContext, e: Extract<TypedExpression, { kind: 'address' }>): Operand {
  if ('map' in e.target) return mapElementAddress(fc, e.target.map, e.target.key);
  return addressOf(fc, fc.placeOf(e.target.variable));
}

// ---- conditions ----

const UNSIGNED: Readonly<Record<string, Comparison>> = {
  equal: 'equal',
  notEqual: 'notEqual',
  less: 'less',
  lessOrEqual: 'lessOrEqual',
  greater: 'greater',
  greaterOrEqual: 'greaterOrEqual',
};

const SIGNED: Readonly<Record<string, Comparison>> = {
  equal: 'equal',
  notEqual: 'notEqual',
  less: 'lessSigned',
  lessOrEqual: 'lessOrEqualSigned',
  greater: 'greaterSigned',
  greaterOrEqual: 'greaterOrEqualSigned',
};

/** branchOn continues in `yes` or `no`; conditions never become numbers on the way. */
export function branchOn(fc: FunctionContext, e: TypedExpression, yes: Block, no: Block): void {
  const { builder } = fc;
  const outer = builder.span;
  builder.span = e.span;
  switch (e.kind) {
    case 'comparison': {
      if (!isScalar(e.left.type) && !isAggregate(e.left.type)) {
        compareMemory(fc, e.left, e.right, e.operator === 'equal' ? yes : no, e.operator === 'equal' ? no : yes);
        break;
      }
      const left = scalar(fc, e.left);
      const right = scalar(fc, e.right);
      const table = isSigned(e.left.type) || isSigned(e.right.type) ? SIGNED : UNSIGNED;
      const comparison = table[e.operator];
      if (comparison === undefined) throw new Error(`no comparison ${e.operator}`);
      builder.branch(comparison, left, right, yes, no);
      break;
    }
    case 'logical': {
      const middle = builder.block();
      if (e.operator === 'and') branchOn(fc, e.left, middle, no);
      else branchOn(fc, e.left, yes, middle);
      builder.enter(middle);
      branchOn(fc, e.right, yes, no);
      break;
    }
    case 'not':
      branchOn(fc, e.operand, no, yes);
      break;
    default:
      if (e.kind === 'cast' && e.type.kind === 'bool') branchOn(fc, e.operand, yes, no);
      else if (e.type.kind === 'string') builder.branch('notEqual', loadBytes(fc, placeOfValue(fc, e), 1), 0n, yes, no);
      else builder.branch('notEqual', scalar(fc, e), 0n, yes, no);
  }
  builder.span = outer;
}

function booleanOf(fc: FunctionContext, e: TypedExpression): Operand {
  const { builder } = fc;
  const result = builder.register();
  const yes = builder.block();
  const no = builder.block();
  const done = builder.block();
  branchOn(fc, e, yes, no);
  builder.enter(yes);
  builder.move(result, 1n);
  builder.jump(done);
  builder.enter(no);
  builder.move(result, 0n);
  builder.jump(done);
  builder.enter(done);
  return result;
}

export const INDEX_OUT_OF_BOUNDS = 'Array access out of bounds. Tried to access index outside the array.';
