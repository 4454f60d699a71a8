/**
 * Integer constant expressions of C: `#if` conditions, array lengths, bitfield widths, values of enumerators. What
 * cannot be computed yields undefined; nothing here reports or throws.
 */

import type { CToken } from './tokens.ts';

interface TypeShape {
  readonly size: number;
  readonly alignment: number;
  readonly isSigned: boolean;
  /** Index of the token behind the type. */
  readonly end: number;
}

export interface ConstantContext {
  /** An enumerator, or `0` in a `#if`. */
  identifier(name: string): bigint | undefined;
  /** `sizeof(…)`/`_Alignof(…)` or a cast: the type that stands from `start`, and the token behind it. */
  typeAt?(start: number): TypeShape | undefined;
}

const LEVELS: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['<=', 7],
  ['>', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);

const TERNARY_LEVEL = 0;
const DEEPEST = 200;

/** evaluateConstant computes the expression that the tokens from `start` up to `end` hold. */
export function evaluateConstant(
  tokens: readonly CToken[],
  start: number,
  end: number,
  context: ConstantContext,
): bigint | undefined {
  const evaluator = new Evaluator(tokens, start, end, context);
  const value = evaluator.expression(TERNARY_LEVEL);
  return evaluator.isDone ? value : undefined;
}

class Evaluator {
  readonly #tokens: readonly CToken[];
  readonly #end: number;
  readonly #context: ConstantContext;
  #at: number;
  #depth = 0;

  constructor(tokens: readonly CToken[], start: number, end: number, context: ConstantContext) {
    this.#tokens = tokens;
    this.#at = start;
    this.#end = end;
    this.#context = context;
  }

  get isDone(): boolean {
    return this.#at >= this.#end;
  }

  expression(level: number): bigint | undefined {
    if (++this.#depth > DEEPEST) return undefined;
    let left = this.#unary();
    for (;;) {
      const operator = this.#peek();
      const tighter = LEVELS.get(operator ?? '');
      if (operator === undefined || tighter === undefined || tighter <= level) break;
      this.#at++;
      const right = this.expression(tighter);
      left = left === undefined || right === undefined ? undefined : apply(operator, left, right);
    }
    if (level === TERNARY_LEVEL && this.#accept('?')) {
      const yes = this.#peek() === ':' ? left : this.expression(TERNARY_LEVEL);
      const no = this.#accept(':') ? this.expression(TERNARY_LEVEL) : undefined;
      left = left === undefined ? undefined : left !== 0n ? yes : no;
    }
    this.#depth--;
    return left;
  }

  #unary(): bigint | undefined {
    if (++this.#depth > DEEPEST) return undefined;
    const value = this.#operand();
    this.#depth--;
    return value;
  }

  #operand(): bigint | undefined {
    const token = this.#tokens[this.#at];
    if (!token || this.#at >= this.#end) return undefined;
    switch (token.text) {
      case '-':
      case '+':
      case '~':
      case '!':
        this.#at++;
        return applyUnary(token.text, this.#unary());
      case '(':
        return this.#parenthesis();
      case 'sizeof':
      case '_Alignof':
      case '__alignof__':
        this.#at++;
        return this.#sizeOf(token.text === 'sizeof');
    }
    this.#at++;
    if (token.kind === 'number') return numberValue(token.text);
    if (token.kind === 'character') return characterValue(token.text);
    if (token.kind === 'identifier') return this.#context.identifier(token.text);
    return undefined;
  }

  #parenthesis(): bigint | undefined {
    const type = this.#context.typeAt?.(this.#at + 1);
    if (type && this.#tokens[type.end]?.text === ')') {
      this.#at = type.end + 1;
      const value = this.#unary();
      const bits = Math.min(type.size, 8) * 8;
      if (value === undefined) return undefined;
      return type.isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    }
    this.#at++;
    const value = this.expression(TERNARY_LEVEL);
    return this.#accept(')') ? value : undefined;
  }

  #sizeOf(isSize: boolean): bigint | undefined {
    const type = this.#peek() === '(' ? this.#context.typeAt?.(this.#at + 1) : undefined;
    if (!type || this.#tokens[type.end]?.text !== ')') return undefined;
    this.#at = type.end + 1;
    return BigInt(isSize ? type.size : type.alignment);
  }

  #peek(): string | undefined {
    return this.#at < this.#end ? this.#tokens[this.#at]?.text : undefined;
  }

  #accept(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#at++;
    return true;
  }
}

function applyUnary(operator: string, value: bigint | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  switch (operator) {
    case '-':
      return -value;
    case '~':
      return ~value;
    case '!':
      return value === 0n ? 1n : 0n;
    default:
      return value;
  }
}

const OPERATIONS: ReadonlyMap<string, (left: bigint, right: bigint) => bigint | boolean | undefined> = new Map<
  string,
  (left: bigint, right: bigint) => bigint | boolean | undefined
>([
  ['||', (left, right) => left !== 0n || right !== 0n],
  ['&&', (left, right) => left !== 0n && right !== 0n],
  ['|', (left, right) => left | right],
  ['^', (left, right) => left ^ right],
  ['&', (left, right) => left & right],
  ['==', (left, right) => left === right],
  ['!=', (left, right) => left !== right],
  ['<', (left, right) => left < right],
  ['<=', (left, right) => left <= right],
  ['>', (left, right) => left > right],
  ['>=', (left, right) => left >= right],
  ['<<', (left, right) => (right >= 0n && right < 64n ? BigInt.asIntN(64, left << right) : undefined)],
  ['>>', (left, right) => (right >= 0n && right < 64n ? left >> right : undefined)],
  ['+', (left, right) => left + right],
  ['-', (left, right) => left - right],
  ['*', (left, right) => left * right],
  ['/', (left, right) => (right === 0n ? undefined : left / right)],
  ['%', (left, right) => (right === 0n ? undefined : left % right)],
]);

function apply(operator: string, left: bigint, right: bigint): bigint | undefined {
  const result = OPERATIONS.get(operator)?.(left, right);
  if (typeof result === 'boolean') return result ? 1n : 0n;
  // Beyond 64 bits there is no meaning, and numbers that grow without bound would cost time.
  return result === undefined ? undefined : BigInt.asIntN(128, result);
}

/** numberValue reads a C integer; floating-point numbers have none. */
export function numberValue(text: string): bigint | undefined {
  const clean = text.replaceAll("'", '').replace(/[uUlLzZ]+$/, '');
  if (clean.length > 70) return undefined;
  if (/^0[0-7]+$/.test(clean)) return BigInt(`0o${clean.slice(1)}`);
  return /^(?:0[xX][\da-fA-F]+|0[bB][01]+|\d+)$/.test(clean) ? BigInt(clean) : undefined;
}

const ESCAPES: ReadonlyMap<string, number> = new Map([
  ['n', 10],
  ['t', 9],
  ['r', 13],
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['v', 11],
]);

function characterValue(text: string): bigint | undefined {
  const body = text.slice(1, -1);
  if (body.length === 1) return BigInt(body.charCodeAt(0));
  if (!body.startsWith('\\')) return undefined;
  const rest = body.slice(1);
  if (/^[0-7]{1,3}$/.test(rest)) return BigInt(`0o${rest}`);
  if (/^x[\da-fA-F]{1,2}$/.test(rest)) return BigInt(`0${rest}`);
  return rest.length === 1 ? BigInt(ESCAPES.get(rest) ?? rest.charCodeAt(0)) : undefined;
}
