/**
 * A plain interpreter of the syntax tree for the part of the language that the generator writes. It shares nothing with
 * the type checker or the compiler: types follow from the declarations in the script and the rules of the reference.
 */

import type * as ast from '../../src/language/ast.ts';

interface IntegerType {
  readonly kind: 'integer';
  readonly bits: number;
  readonly isSigned: boolean;
  /** A non-negative literal takes the sign of the other side. */
  readonly isFlexible?: boolean;
}

type StaticType =
  | IntegerType
  | { readonly kind: 'bool' }
  | { readonly kind: 'string' }
  | { readonly kind: 'tuple'; readonly elements: readonly StaticType[] };
type RuntimeValue = bigint | boolean | string | readonly RuntimeValue[];

/** What a program left behind: scalars by map name, keyed maps by map name and rendered key. */
export interface Outcome {
  readonly scalars: ReadonlyMap<string, bigint | string>;
  readonly keyed: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
}

const INT64: IntegerType = { kind: 'integer', bits: 64, isSigned: true };
const UINT64: IntegerType = { kind: 'integer', bits: 64, isSigned: false };

class Break extends Error {}
class Continue extends Error {}

/** interpret runs the probes of a program one after the other and gives the contents of its maps. */
export function interpret(program: ast.Program): Outcome {
  const machine = new Machine();
  for (const item of program.items) {
    if (item.kind === 'Probe') machine.block(item.body.statements);
  }
  return { scalars: machine.scalars, keyed: machine.renderedMaps() };
}

class Machine {
  readonly scalars = new Map<string, bigint | string>();
  readonly #maps = new Map<string, Map<string, { key: RuntimeValue; value: bigint }>>();
  readonly #variables = new Map<string, { type: StaticType; value: RuntimeValue }>();

  renderedMaps(): Map<string, Map<string, bigint>> {
    const result = new Map<string, Map<string, bigint>>();
    for (const [name, entries] of this.#maps) {
      result.set(name, new Map([...entries].map(([key, { value }]) => [key, value])));
    }
    return result;
  }

  block(statements: readonly ast.Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(node: ast.Statement): void {
    switch (node.kind) {
      case 'Block':
        return this.block(node.statements);
      case 'Let':
        return this.#declare(node);
      case 'Assignment':
        return this.#assign(node);
      case 'Discard':
        this.#value(node.value);
        return;
      case 'ExpressionStatement':
        this.#value(node.expression);
        return;
      case 'If':
        return this.#if(node);
      case 'While':
        return this.#loop(
          () => this.#truth(node.condition),
          () => this.block(node.body.statements),
        );
      case 'Unroll':
        for (let count = integerLiteral(node.count); count > 0n; count--) this.block(node.body.statements);
        return;
      case 'For':
        return this.#for(node);
      case 'Break':
        throw new Break();
      case 'Continue':
        throw new Continue();
      default:
        throw new Error(`the generator does not write ${node.kind}`);
    }
  }

  #declare(node: ast.Let): void {
    if (!node.value) throw new Error('the generator gives every variable a value');
    const type = node.type ? declaredType(node.type) : this.#type(node.value);
    this.#variables.set(node.variable.name, {
      type,
      value: convert(this.#value(node.value), type),
    });
  }

  #if(node: ast.If): void {
    if (this.#truth(node.condition)) return this.block(node.consequent.statements);
    if (node.alternate?.kind === 'If') return this.#if(node.alternate);
    if (node.alternate) this.block(node.alternate.statements);
  }

  #loop(hasNext: () => boolean, body: () => void): void {
    while (hasNext()) {
      try {
        body();
      } catch (error) {
        if (error instanceof Break) return;
        if (!(error instanceof Continue)) throw error;
      }
    }
  }

  #for(node: ast.For): void {
    const name = node.variable.name;
    if (node.iterable.kind === 'Range') {
      let next = this.#integer(node.iterable.start);
      const end = this.#integer(node.iterable.end);
      return this.#loop(
        () => next < end,
        () => {
          this.#variables.set(name, { type: INT64, value: next++ });
          this.block(node.body.statements);
        },
      );
    }
    if (node.iterable.kind !== 'MapAccess') throw new Error('the generator iterates ranges and maps');
    for (const { key, value } of [...(this.#maps.get(node.iterable.name)?.values() ?? [])]) {
      this.#variables.set(name, {
        type: { kind: 'tuple', elements: [INT64, INT64] },
        value: [key, value],
      });
      this.block(node.body.statements);
    }
  }

  #assign(node: ast.Assignment): void {
    if (node.target.kind === 'Variable') {
      const variable = this.#variable(node.target.name);
      const value =
        node.operator === '='
          ? this.#value(node.value)
          : this.#arithmetic(node.operator.slice(0, -1) as ast.BinaryOperator, node.target, node.value);
      variable.value = convert(value, variable.type);
      return;
    }
    if (node.target.kind !== 'MapAccess') throw new Error('the generator assigns to variables and maps');
    const key = node.target.keys?.map((part) => this.#value(part));
    if (node.value.kind === 'Call' && ['count', 'sum', 'min', 'max'].includes(node.value.name)) {
      return this.#aggregate(node.target.name, key, node.value);
    }
    this.#store(node.target.name, key, this.#value(node.value));
  }

  #aggregate(map: string, key: readonly RuntimeValue[] | undefined, call: ast.Call): void {
    const operand = call.args[0] ? this.#integer(call.args[0] as ast.Expression) : 0n;
    const before = key ? this.#maps.get(map)?.get(renderKey(key))?.value : this.scalars.get(map);
    const old = typeof before === 'bigint' ? before : undefined;
    const results: { [name: string]: bigint } = {
      count: (old ?? 0n) + 1n,
      sum: wrap((old ?? 0n) + operand, INT64),
      min: old === undefined || operand < old ? operand : old,
      max: old === undefined || operand > old ? operand : old,
    };
    this.#store(map, key, results[call.name] ?? 0n);
  }

  #store(map: string, key: readonly RuntimeValue[] | undefined, value: RuntimeValue): void {
    if (!key) {
      if (typeof value !== 'bigint' && typeof value !== 'string')
        throw new Error('scalar maps hold integers and strings');
      this.scalars.set(map, value);
      return;
    }
    if (typeof value !== 'bigint') throw new Error('keyed maps hold integers');
    const entries = this.#maps.get(map) ?? new Map();
    this.#maps.set(map, entries);
    entries.set(renderKey(key), {
      key: key.length === 1 ? (key[0] ?? 0n) : key,
      value,
    });
  }

  #truth(node: ast.Expression): boolean {
    const value = this.#value(node);
    return typeof value === 'boolean' ? value : value !== 0n;
  }

  #integer(node: ast.Expression): bigint {
    const value = this.#value(node);
    if (typeof value === 'bigint') return value;
    throw new Error(`not an integer: ${node.kind}`);
  }

  #value(node: ast.Expression): RuntimeValue {
    switch (node.kind) {
      case 'IntegerLiteral':
        return node.value;
      case 'StringLiteral':
        return node.value;
      case 'Variable':
        return this.#variable(node.name).value;
      case 'MapAccess':
        return this.#maps.get(node.name)?.get(renderKey((node.keys ?? []).map((key) => this.#value(key))))?.value ?? 0n;
      case 'Cast':
        return convert(this.#value(node.operand), declaredType(node.type));
      case 'Tuple':
        return node.elements.map((element) => this.#value(element));
      case 'TupleElement': {
        const tuple = this.#value(node.object);
        const element = Array.isArray(tuple) ? tuple[node.index] : undefined;
        if (element === undefined) throw new Error('no such element');
        return element;
      }
      case 'Ternary':
        return this.#ternary(node);
      case 'Unary':
        return this.#unary(node);
      case 'IncrementDecrement':
        return this.#increment(node);
      case 'Binary':
        return this.#binary(node);
      case 'Call':
        return this.#call(node);
      case 'If':
      case 'BlockExpression':
        throw new Error(`the generator does not write ${node.kind} as an expression`);
      default:
        throw new Error(`the generator does not write ${node.kind}`);
    }
  }

  #ternary(node: ast.Ternary): RuntimeValue {
    if (!node.consequent) throw new Error('the generator writes both branches');
    const value = this.#value(this.#truth(node.condition) ? node.consequent : node.alternate);
    return convert(value, this.#type(node));
  }

  #unary(node: ast.Unary): RuntimeValue {
    if (node.operator === '!') return !this.#truth(node.operand);
    const type = this.#type(node.operand);
    if (type.kind !== 'integer') throw new Error('not an integer');
    const value = this.#integer(node.operand);
    return wrap(node.operator === '-' ? -value : ~value, type);
  }

  #increment(node: ast.IncrementDecrement): RuntimeValue {
    if (node.operand.kind !== 'Variable') throw new Error('the generator increments variables');
    const variable = this.#variable(node.operand.name);
    if (typeof variable.value !== 'bigint') throw new Error('not an integer');
    const before = variable.value;
    variable.value = convert(before + (node.operator === '++' ? 1n : -1n), variable.type);
    return node.isPrefix ? variable.value : before;
  }

  #binary(node: ast.Binary): RuntimeValue {
    if (node.operator === '&&') return this.#truth(node.left) && this.#truth(node.right);
    if (node.operator === '||') return this.#truth(node.left) || this.#truth(node.right);
    if (['==', '!=', '<', '<=', '>', '>='].includes(node.operator)) return this.#compare(node);
    return this.#arithmetic(node.operator, node.left, node.right);
  }

  #compare(node: ast.Binary): boolean {
    let left = this.#value(node.left);
    let right = this.#value(node.right);
    if (typeof left === 'bigint' && typeof right === 'bigint') {
      const type = this.#common(node.left, node.right);
      left = wrap(left, type);
      right = wrap(right, type);
    }
    switch (node.operator) {
      case '==':
        return left === right;
      case '!=':
        return left !== right;
      case '<':
        return left < right;
      case '<=':
        return left <= right;
      case '>':
        return left > right;
      default:
        return left >= right;
    }
  }

  #arithmetic(operator: ast.BinaryOperator, leftNode: ast.Expression, rightNode: ast.Expression): bigint {
    const left = this.#integer(leftNode);
    const right = this.#integer(rightNode);
    const common = this.#common(leftNode, rightNode);
    const a = wrap(left, UINT64);
    const b = wrap(right, UINT64);
    switch (operator) {
      case '+':
        return wrap(left + right, common);
      case '-':
        return wrap(left - right, INT64);
      case '*':
        return wrap(left * right, common);
      case '/':
        return wrap(b === 0n ? 1n : a / b, common);
      case '%':
        return wrap(b === 0n ? 1n : a % b, common);
      case '&':
        return wrap(a & b, common);
      case '|':
        return wrap(a | b, common);
      case '^':
        return wrap(a ^ b, common);
      case '<<':
        return wrap(a << b, shiftType(this.#type(leftNode)));
      case '>>':
        return wrap(a >> b, shiftType(this.#type(leftNode)));
      default:
        throw new Error(`no arithmetic operator: ${operator}`);
    }
  }

  #call(node: ast.Call): RuntimeValue {
    const args = node.args as readonly ast.Expression[];
    const [first, second] = args;
    if (node.name === 'strlen' && first) return BigInt(String(this.#value(first)).length);
    if ((node.name === 'has_key' || node.name === 'delete') && first?.kind === 'MapAccess' && second) {
      const entries = this.#maps.get(first.name);
      const key = renderKey([this.#value(second)]);
      return node.name === 'delete' ? (entries?.delete(key) ?? false) : (entries?.has(key) ?? false);
    }
    throw new Error(`the generator does not call ${node.name}`);
  }

  #variable(name: string): { type: StaticType; value: RuntimeValue } {
    const variable = this.#variables.get(name);
    if (!variable) throw new Error(`undeclared ${name}`);
    return variable;
  }

  /** The 64-bit type that two operands meet in. */
  #common(left: ast.Expression, right: ast.Expression): IntegerType {
    const a = this.#type(left);
    const b = this.#type(right);
    if (a.kind !== 'integer' || b.kind !== 'integer') throw new Error('not integers');
    const isSigned = a.isFlexible ? b.isSigned : b.isFlexible ? a.isSigned : a.isSigned || b.isSigned;
    return isSigned ? INT64 : UINT64;
  }

  #type(node: ast.Expression): StaticType {
    switch (node.kind) {
      case 'IntegerLiteral':
        return literalType(node.value);
      case 'StringLiteral':
        return { kind: 'string' };
      case 'Variable':
        return this.#variable(node.name).type;
      case 'MapAccess':
        return node.name.startsWith('@n') ? UINT64 : INT64;
      case 'Cast':
        return declaredType(node.type);
      case 'Tuple':
        return {
          kind: 'tuple',
          elements: node.elements.map((element) => this.#type(element)),
        };
      case 'TupleElement': {
        const tuple = this.#type(node.object);
        const element = tuple.kind === 'tuple' ? tuple.elements[node.index] : undefined;
        if (!element) throw new Error('no such element');
        return element;
      }
      case 'Ternary':
        return this.#type(node.alternate);
      case 'Unary':
        return node.operator === '!' ? { kind: 'bool' } : this.#type(node.operand);
      case 'IncrementDecrement':
        return this.#type(node.operand);
      case 'Call':
        return node.name === 'strlen' ? UINT64 : { kind: 'bool' };
      case 'Binary':
        return this.#binaryType(node);
      default:
        throw new Error(`no type for ${node.kind}`);
    }
  }

  #binaryType(node: ast.Binary): StaticType {
    if (['&&', '||', '==', '!=', '<', '<=', '>', '>='].includes(node.operator)) return { kind: 'bool' };
    if (node.operator === '-') return INT64;
    if (node.operator === '<<' || node.operator === '>>') return shiftType(this.#type(node.left));
    return this.#common(node.left, node.right);
  }
}

function shiftType(left: StaticType): IntegerType {
  return left.kind === 'integer' && left.isSigned ? INT64 : UINT64;
}

function literalType(value: bigint): IntegerType {
  for (const bits of [8, 16, 32, 64]) {
    if (value < 1n << BigInt(bits - 1)) return { kind: 'integer', bits, isSigned: true, isFlexible: true };
  }
  return UINT64;
}

function declaredType(node: ast.TypeExpression): StaticType {
  if (node.kind === 'ArrayType') return { kind: 'string' };
  const match = node.kind === 'NamedType' ? /^(u?)int(8|16|32|64)$/.exec(node.name) : undefined;
  if (!match) throw new Error('the generator declares integers and strings');
  return { kind: 'integer', bits: Number(match[2]), isSigned: match[1] === '' };
}

function convert(value: RuntimeValue, type: StaticType): RuntimeValue {
  return type.kind === 'integer' && typeof value === 'bigint' ? wrap(value, type) : value;
}

function wrap(value: bigint, type: IntegerType): bigint {
  return type.isSigned ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}

function integerLiteral(node: ast.Expression): bigint {
  if (node.kind !== 'IntegerLiteral') throw new Error('not a literal');
  return node.value;
}

/** renderKey is how a key is named in an `Outcome`: its parts, joined by commas. */
export function renderKey(key: readonly RuntimeValue[]): string {
  return key.map(String).join(',');
}
