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
  | { readonly kind: 'bytes' }
  | { readonly kind: 'tuple'; readonly elements: readonly StaticType[]; readonly names?: readonly string[] };
export type RuntimeValue = bigint | boolean | string | readonly RuntimeValue[];

/** What a program left behind: scalars by map name, keyed maps by map name and rendered key. */
export interface Outcome {
  readonly scalars: ReadonlyMap<string, bigint | string>;
  readonly keyed: ReadonlyMap<string, ReadonlyMap<string, RuntimeValue>>;
}

const INT64: IntegerType = { kind: 'integer', bits: 64, isSigned: true };
const UINT64: IntegerType = { kind: 'integer', bits: 64, isSigned: false };

const AGGREGATIONS = new Set(['count', 'sum', 'min', 'max']);

class Break extends Error {}
class Continue extends Error {}
class Return extends Error {
  readonly value: RuntimeValue;

  constructor(value: RuntimeValue) {
    super('return');
    this.value = value;
  }
}

/** interpret runs the probes of a program one after the other and gives the contents of its maps. */
export function interpret(program: ast.Program): Outcome {
  const machine = new Machine(program.items.filter((item) => item.kind === 'FunctionDefinition'));
  for (const item of program.items) {
    if (item.kind === 'Probe') machine.run(item.body.statements);
  }
  return { scalars: machine.scalars, keyed: machine.renderedMaps() };
}

class Machine {
  readonly scalars = new Map<string, bigint | string>();
  readonly #functions: ReadonlyMap<string, ast.FunctionDefinition>;
  readonly #maps = new Map<string, Map<string, { key: RuntimeValue; value: RuntimeValue }>>();
  #variables = new Map<string, { type: StaticType; value: RuntimeValue }>();

  constructor(functions: readonly ast.FunctionDefinition[]) {
    this.#functions = new Map(functions.map((each) => [each.name, each]));
  }

  renderedMaps(): Map<string, Map<string, RuntimeValue>> {
    const result = new Map<string, Map<string, RuntimeValue>>();
    for (const [name, entries] of this.#maps) {
      result.set(name, new Map([...entries].map(([key, { value }]) => [key, value])));
    }
    return result;
  }

  /** Runs a body until its end or a `return`. */
  run(statements: readonly ast.Statement[]): RuntimeValue {
    try {
      this.block(statements);
    } catch (error) {
      if (error instanceof Return) return error.value;
      throw error;
    }
    return 0n;
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
      case 'Return':
        throw new Return(node.value ? this.#value(node.value) : 0n);
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
      try {
        this.block(node.body.statements);
      } catch (error) {
        if (error instanceof Break) return;
        if (!(error instanceof Continue)) throw error;
      }
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
    // The value comes before the key, which matters where a function changes a map; `+=` evaluates the key twice.
    const call = node.value.kind === 'Call' && AGGREGATIONS.has(node.value.name) ? node.value : undefined;
    if (call) {
      const operand = call.args[0] ? this.#integer(call.args[0] as ast.Expression) : 0n;
      return this.#aggregate(node.target.name, this.#key(node.target), call.name, operand);
    }
    const value =
      node.operator === '='
        ? this.#value(node.value)
        : this.#arithmetic(node.operator.slice(0, -1) as ast.BinaryOperator, node.target, node.value);
    this.#store(node.target.name, this.#key(node.target), value);
  }

  #aggregate(map: string, key: readonly RuntimeValue[] | undefined, name: string, operand: bigint): void {
    const before = key ? this.#maps.get(map)?.get(renderKey(key))?.value : this.scalars.get(map);
    const old = typeof before === 'bigint' ? before : undefined;
    const results: { [name: string]: bigint } = {
      count: (old ?? 0n) + 1n,
      sum: wrap((old ?? 0n) + operand, INT64),
      min: old === undefined || operand < old ? operand : old,
      max: old === undefined || operand > old ? operand : old,
    };
    this.#store(map, key, results[name] ?? 0n);
  }

  #store(map: string, key: readonly RuntimeValue[] | undefined, value: RuntimeValue): void {
    if (!key) {
      if (typeof value !== 'bigint' && typeof value !== 'string')
        throw new Error('scalar maps hold integers and strings');
      this.scalars.set(map, value);
      return;
    }
    const entries = this.#maps.get(map) ?? new Map();
    this.#maps.set(map, entries);
    entries.set(renderKey(key), {
      key: key.length === 1 ? (key[0] ?? 0n) : key,
      value,
    });
  }

  #key(node: ast.MapAccess): readonly RuntimeValue[] | undefined {
    return node.keys?.map((part) => this.#value(part));
  }

  #load(map: string, key: readonly RuntimeValue[] | undefined): RuntimeValue {
    if (key === undefined) return this.scalars.get(map) ?? 0n;
    return this.#maps.get(map)?.get(renderKey(key))?.value ?? 0n;
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
        return this.#load(node.name, this.#key(node));
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
      case 'Record':
        return node.fields.map((field) => this.#value(field.value));
      case 'Member': {
        const record = this.#value(node.object);
        const value = Array.isArray(record) ? record[memberIndex(this.#type(node.object), node.name)] : undefined;
        if (value === undefined) throw new Error('no such field');
        return value;
      }
      case 'Index':
        return this.#index(node);
      case 'If':
        return this.#value(this.#truth(node.condition) ? node.consequent : (node.alternate ?? node.consequent));
      case 'BlockExpression':
        this.block(node.statements);
        return node.value ? this.#value(node.value) : 0n;
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
      default:
        throw new Error(`the generator does not write ${node.kind}`);
    }
  }

  /** A byte of text or of an integer's memory; there is nothing beyond the end. */
  #index(node: ast.Index): bigint {
    const value = this.#value(node.object);
    const at = Number(this.#integer(node.index));
    if (typeof value === 'string') return BigInt(value.charCodeAt(at) || 0);
    if (typeof value !== 'bigint') throw new Error('the generator indexes text and bytes');
    return at < 8 ? BigInt.asIntN(8, value >> BigInt(8 * at)) : 0n;
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
    if (node.operand.kind === 'MapAccess') {
      const key = this.#key(node.operand);
      const old = this.#load(node.operand.name, key);
      if (typeof old !== 'bigint') throw new Error('not an integer');
      const next = wrap(old + (node.operator === '++' ? 1n : -1n), INT64);
      this.#store(node.operand.name, key, next);
      return node.isPrefix ? next : old;
    }
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
        return String(left) === String(right);
      case '!=':
        return String(left) !== String(right);
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
        return wrap(a << (b & 63n), shiftType(this.#type(leftNode)));
      case '>>':
        return wrap(a >> (b & 63n), shiftType(this.#type(leftNode)));
      default:
        throw new Error(`no arithmetic operator: ${operator}`);
    }
  }

  #call(node: ast.Call): RuntimeValue {
    const args = node.args as readonly ast.Expression[];
    const definition = this.#functions.get(node.name);
    if (definition) return this.#callFunction(definition, args);
    const [first, second] = args;
    if (first?.kind === 'MapAccess') return this.#mapFunction(node.name, first, args);
    const values = args.map((arg) => this.#value(arg));
    const [text, other, limit] = values;
    switch (node.name) {
      case 'strlen':
        return BigInt(String(text).length);
      case 'str':
        return String(text).slice(0, Number(other));
      case 'str_concat':
        return `${text}${other}`;
      case 'strcontains':
        return String(text).includes(String(other));
      case 'strstr':
        return BigInt(String(text).indexOf(String(other)));
      case 'strncmp':
        return String(text).slice(0, Number(limit)) === String(other).slice(0, Number(limit)) ? 0n : 1n;
      case 'bswap':
        return swapBytes(BigInt(text as bigint), bitsOf(first && this.#type(first)));
      default:
        throw new Error(`the generator does not call ${node.name}${second ? ' with so many arguments' : ''}`);
    }
  }

  #mapFunction(name: string, map: ast.MapAccess, [, key, target]: readonly ast.Expression[]): RuntimeValue {
    const entries = this.#maps.get(map.name);
    if (name === 'len') return BigInt(entries?.size ?? 0);
    if (!key) throw new Error(`${name} lacks its key`);
    const rendered = renderKey([this.#value(key)]);
    if (name === 'has_key') return entries?.has(rendered) ?? false;
    if (name === 'delete') return entries?.delete(rendered) ?? false;
    if (name !== 'find' || target?.kind !== 'Variable') throw new Error(`the generator does not call ${name}`);
    this.#variables.set(target.name, { type: INT64, value: entries?.get(rendered)?.value ?? 0n });
    return entries?.has(rendered) ?? false;
  }

  #callFunction(definition: ast.FunctionDefinition, args: readonly ast.Expression[]): RuntimeValue {
    const outer = this.#variables;
    const own = new Map(
      definition.parameters.map(({ name, type }, index) => {
        const declared = declaredType(type);
        const argument = args[index];
        if (!argument) throw new Error('too few arguments');
        return [name, { type: declared, value: convert(this.#value(argument), declared) }];
      }),
    );
    this.#variables = own;
    try {
      return convert(this.run(definition.body.statements), declaredType(definition.returnType));
    } finally {
      this.#variables = outer;
    }
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
        return node.name === '@n' ? UINT64 : INT64;
      case 'Cast':
        return declaredType(node.type);
      case 'Tuple':
        return {
          kind: 'tuple',
          elements: node.elements.map((element) => this.#type(element)),
        };
      case 'Record':
        return {
          kind: 'tuple',
          elements: node.fields.map((field) => this.#type(field.value)),
          names: node.fields.map((field) => field.name),
        };
      case 'Member': {
        const record = this.#type(node.object);
        const field = record.kind === 'tuple' ? record.elements[memberIndex(record, node.name)] : undefined;
        if (!field) throw new Error('no such field');
        return field;
      }
      case 'Index':
        return { kind: 'integer', bits: 8, isSigned: true };
      case 'TupleElement': {
        const tuple = this.#type(node.object);
        const element = tuple.kind === 'tuple' ? tuple.elements[node.index] : undefined;
        if (!element) throw new Error('no such element');
        return element;
      }
      case 'Ternary':
        return this.#type(node.alternate);
      case 'Unary':
        return node.operator === '!' ? { kind: 'bool' } : shiftType(this.#type(node.operand));
      case 'IncrementDecrement':
        return this.#type(node.operand);
      case 'Call':
        return this.#callType(node);
      case 'Binary':
        return this.#binaryType(node);
      default:
        throw new Error(`no type for ${node.kind}`);
    }
  }

  #callType(node: ast.Call): StaticType {
    const definition = this.#functions.get(node.name);
    if (definition) return declaredType(definition.returnType);
    if (node.name === 'bswap') {
      const [operand] = node.args as readonly ast.Expression[];
      return { kind: 'integer', bits: bitsOf(operand && this.#type(operand)), isSigned: false };
    }
    return CALL_TYPES[node.name] ?? { kind: 'bool' };
  }

  #binaryType(node: ast.Binary): StaticType {
    if (['&&', '||', '==', '!=', '<', '<=', '>', '>='].includes(node.operator)) return { kind: 'bool' };
    if (node.operator === '-') return INT64;
    if (node.operator === '<<' || node.operator === '>>') return shiftType(this.#type(node.left));
    return this.#common(node.left, node.right);
  }
}

const CALL_TYPES: { readonly [name: string]: StaticType } = {
  strlen: UINT64,
  strstr: INT64,
  strncmp: UINT64,
  len: INT64,
  str: { kind: 'string' },
  str_concat: { kind: 'string' },
};

function bitsOf(type: StaticType | undefined): number {
  if (type?.kind !== 'integer') throw new Error('not an integer');
  return type.bits;
}

function swapBytes(value: bigint, bits: number): bigint {
  let rest = BigInt.asUintN(bits, value);
  let swapped = 0n;
  for (let done = 0; done < bits; done += 8, rest >>= 8n) swapped = (swapped << 8n) | (rest & 255n);
  return swapped;
}

function memberIndex(type: StaticType, name: string): number {
  return type.kind === 'tuple' ? (type.names?.indexOf(name) ?? -1) : -1;
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
  if (node.kind === 'ArrayType') {
    return node.element.kind === 'NamedType' && node.element.name === 'string' ? { kind: 'string' } : { kind: 'bytes' };
  }
  if (node.kind !== 'NamedType') throw new Error('the generator declares no such type');
  if (node.name === 'bool') return { kind: 'bool' };
  const match = /^(u?)int(8|16|32|64)$/.exec(node.name);
  if (!match) throw new Error('the generator declares integers, booleans, text and bytes');
  return { kind: 'integer', bits: Number(match[2]), isSigned: match[1] === '' };
}

function convert(value: RuntimeValue, type: StaticType): RuntimeValue {
  if (type.kind === 'bool') return typeof value === 'boolean' ? value : value !== 0n;
  if (typeof value !== 'bigint' && typeof value !== 'boolean') return value;
  return type.kind === 'integer' ? wrap(BigInt(value), type) : value;
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
