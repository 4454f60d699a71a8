/**
 * A plain interpreter of typed programs, by the rules of the contract and of language.md §4, §5, §18: what compiled
 * code is held against. Covers what `random-scripts.ts` writes.
 */

import type { TypedBlock, TypedExpression, TypedStatement } from '../../src/semantics/program.ts';
import type { Type } from '../../src/semantics/types.ts';

export type Plain = bigint | string | readonly Plain[];

interface State {
  readonly variables: Map<number, Plain>;
  /** By map name, then by the key as text; scalar maps have the key ''. */
  readonly maps: Map<string, Map<string, { readonly key: Plain | undefined; value: Plain }>>;
}

class Jump {
  readonly kind: 'break' | 'continue' | 'return';
  constructor(kind: 'break' | 'continue' | 'return') {
    this.kind = kind;
  }
}

const MAX_STEPS = 1 << 23;

/** interpret runs a body and gives the maps it leaves behind. */
export function interpret(body: TypedBlock): State['maps'] {
  const state: State = { variables: new Map(), maps: new Map() };
  run(body, state);
  return state.maps;
}

function run(block: TypedBlock, state: State): Jump | undefined {
  for (const statement of block.statements) {
    const jump = step(statement, state);
    if (jump !== undefined) return jump;
  }
  return undefined;
}

function step(s: TypedStatement, state: State): Jump | undefined {
  switch (s.kind) {
    case 'block':
      return run(s.body, state);
    case 'declareVariable':
      state.variables.set(s.variable.id, zero(s.variable.type));
      return;
    case 'assignVariable':
      state.variables.set(s.variable.id, fitTo(evaluate(s.value, state), s.variable.type));
      return;
    case 'assignMap': {
      const value = fitTo(evaluate(s.value, state), s.map.valueType);
      put(state, s.map.name, s.key && evaluate(s.key, state), value);
      return;
    }
    case 'aggregate': {
      const operand = s.args[0] === undefined ? 1n : (evaluate(s.args[0], state) as bigint);
      const key = s.key && evaluate(s.key, state);
      const old = get(state, s.map.name, key) as bigint | undefined;
      put(state, s.map.name, key, combine(s.map.valueType, old, operand));
      return;
    }
    case 'expression':
      evaluate(s.expression, state);
      return;
    case 'act':
      for (const arg of s.args) evaluate(arg, state);
      return;
    case 'if':
      if (isTrue(evaluate(s.condition, state))) return run(s.consequent, state);
      return s.alternate && run(s.alternate, state);
    case 'while':
      return loop(state, s.body, () => isTrue(evaluate(s.condition, state)));
    case 'unroll': {
      let left = s.count;
      return loop(state, s.body, () => left-- > 0);
    }
    case 'forRange': {
      const end = evaluate(s.end, state) as bigint;
      let next = evaluate(s.start, state) as bigint;
      return loop(state, s.body, () => {
        if (next >= end) return false;
        state.variables.set(s.variable.id, fitTo(next++, s.variable.type));
        return true;
      });
    }
    case 'break':
    case 'continue':
    case 'return':
      return new Jump(s.kind);
    default:
      throw new Error(`cannot interpret ${s.kind}`);
  }
}

function loop(state: State, body: TypedBlock, advance: () => boolean): Jump | undefined {
  for (let steps = 0; steps < MAX_STEPS && advance(); steps++) {
    const jump = run(body, state);
    if (jump?.kind === 'return') return jump;
    if (jump?.kind === 'break') break;
  }
  return undefined;
}

function combine(type: Type, old: bigint | undefined, value: bigint): bigint {
  const operand = 'isSigned' in type ? wrap(value, 64, type.isSigned) : value;
  switch (type.kind) {
    case 'count':
      return (old ?? 0n) + 1n;
    case 'sum':
      return wrap((old ?? 0n) + operand, 64, type.isSigned);
    case 'min':
      return old === undefined || operand < old ? operand : old;
    case 'max':
      return old === undefined || operand > old ? operand : old;
    default:
      throw new Error(`cannot aggregate ${type.kind}`);
  }
}

function evaluate(e: TypedExpression, state: State): Plain {
  switch (e.kind) {
    case 'integer':
      return fitTo(e.value, e.type);
    case 'string':
      return e.value;
    case 'variable':
      return fitTo(state.variables.get(e.variable.id) ?? zero(e.variable.type), e.type);
    case 'map':
      return get(state, e.map.name, e.key && evaluate(e.key, state)) ?? zero(e.map.valueType);
    case 'arithmetic':
      return fitTo(compute(e.operator, number(evaluate(e.left, state)), number(evaluate(e.right, state))), e.type);
    case 'comparison':
      return compare(e.operator, evaluate(e.left, state), evaluate(e.right, state), e.left.type, e.right.type)
        ? 1n
        : 0n;
    case 'logical': {
      const left = isTrue(evaluate(e.left, state));
      if (e.operator === 'and' ? !left : left) return left ? 1n : 0n;
      return isTrue(evaluate(e.right, state)) ? 1n : 0n;
    }
    case 'not':
      return isTrue(evaluate(e.operand, state)) ? 0n : 1n;
    case 'negate':
      return fitTo(fitTo(-number(evaluate(e.operand, state)), e.operand.type), e.type);
    case 'complement':
      return fitTo(fitTo(~number(evaluate(e.operand, state)), e.operand.type), e.type);
    case 'conditional':
      return evaluate(isTrue(evaluate(e.condition, state)) ? e.consequent : e.alternate, state);
    case 'cast': {
      const value = evaluate(e.operand, state);
      if (e.type.kind === 'bool') return isTrue(value) ? 1n : 0n;
      return fitTo(value, e.type);
    }
    case 'increment':
      return increment(e, state);
    case 'element': {
      const object = evaluate(e.object, state);
      return (object as readonly Plain[])[e.index] ?? 0n;
    }
    case 'tuple':
      return e.elements.map((element) => evaluate(element, state));
    case 'block':
      run(e.body, state);
      return evaluate(e.value, state);
    case 'call':
      return call(e, state);
    default:
      throw new Error(`cannot interpret ${e.kind}`);
  }
}

function call(e: Extract<TypedExpression, { kind: 'call' }>, state: State): Plain {
  const args = e.args.map((arg) => evaluate(arg, state));
  const [first, second, third] = args;
  switch (e.name) {
    case 'has_key':
      return get(state, e.map?.name ?? '', first) === undefined ? 0n : 1n;
    case 'strlen':
      return BigInt((first as string).length);
    case 'strncmp': {
      const cut = (text: Plain | undefined) => (text as string).slice(0, Number(third));
      return cut(first) === cut(second) ? 0n : 1n;
    }
    case 'strcontains':
      return (first as string).includes(second as string) ? 1n : 0n;
    case 'strstr':
      return BigInt((first as string).indexOf(second as string));
    default:
      throw new Error(`cannot interpret ${e.name}()`);
  }
}

function increment(e: Extract<TypedExpression, { kind: 'increment' }>, state: State): bigint {
  const { target } = e;
  const isMap = 'map' in target;
  const type = isMap ? target.map.valueType : target.variable.type;
  const key = isMap ? target.key && evaluate(target.key, state) : undefined;
  const old = isMap ? (get(state, target.map.name, key) ?? 0n) : (state.variables.get(target.variable.id) ?? 0n);
  const next = fitTo(number(old) + e.step, type) as bigint;
  if (isMap) put(state, target.map.name, key, next);
  else state.variables.set(target.variable.id, next);
  return e.isPrefix ? next : number(old);
}

function compute(operator: string, left: bigint, right: bigint): bigint {
  const a = BigInt.asUintN(64, left);
  const b = BigInt.asUintN(64, right);
  switch (operator) {
    case 'add':
      return a + b;
    case 'subtract':
      return a - b;
    case 'multiply':
      return a * b;
    case 'divide':
      return b === 0n ? 1n : a / b;
    case 'remainder':
      return b === 0n ? 1n : a % b;
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
    case 'shiftLeft':
      return a << (b & 63n);
    case 'shiftRight':
      return a >> (b & 63n);
    default:
      throw new Error(`no operator ${operator}`);
  }
}

function compare(operator: string, left: Plain, right: Plain, leftType: Type, rightType: Type): boolean {
  if (typeof left !== 'bigint' || typeof right !== 'bigint') {
    const isEqual = JSON.stringify(left, text) === JSON.stringify(right, text);
    return operator === 'equal' ? isEqual : !isEqual;
  }
  const isSigned = [leftType, rightType].some((type) => type.kind === 'integer' && type.isSigned);
  const a = wrap(left, 64, isSigned);
  const b = wrap(right, 64, isSigned);
  switch (operator) {
    case 'equal':
      return a === b;
    case 'notEqual':
      return a !== b;
    case 'less':
      return a < b;
    case 'lessOrEqual':
      return a <= b;
    case 'greater':
      return a > b;
    default:
      return a >= b;
  }
}

function isTrue(value: Plain): boolean {
  return typeof value === 'bigint' ? value !== 0n : value.length > 0;
}

function number(value: Plain): bigint {
  if (typeof value !== 'bigint') throw new Error('a number must be here');
  return value;
}

/** fitTo gives a value the width and sign of a type. */
function fitTo(value: Plain, type: Type): Plain {
  if (typeof value === 'bigint') {
    return type.kind === 'integer' ? wrap(value, type.bits, type.isSigned) : type.kind === 'bool' ? value : value;
  }
  if (typeof value === 'string') return value;
  return type.kind === 'tuple' ? value.map((element, index) => fitTo(element, type.elements[index] ?? type)) : value;
}

function wrap(value: bigint, bits: number, isSigned: boolean): bigint {
  return isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

function zero(type: Type): Plain {
  if (type.kind === 'string') return '';
  return type.kind === 'tuple' ? type.elements.map(zero) : 0n;
}

function text(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}

function get(state: State, name: string, key: Plain | undefined): Plain | undefined {
  return state.maps.get(name)?.get(JSON.stringify(key ?? '', text))?.value;
}

function put(state: State, name: string, key: Plain | undefined, value: Plain): void {
  let map = state.maps.get(name);
  if (map === undefined) {
    map = new Map();
    state.maps.set(name, map);
  }
  map.set(JSON.stringify(key ?? '', text), { key, value });
}
