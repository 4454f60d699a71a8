/**
 * Random well-typed programs: one `begin` probe over declared variables and maps, whose results end up in maps. Types of
 * variables are always declared and values cast to them, so that what a program means does not hang on inference;
 * every integer expression contains something that is not a literal, so that nothing but literals folds.
 */

import type { Random } from './random.ts';

const INTEGER_TYPES = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const;
const STRINGS = ['', 'a', 'ab', 'abc', 'abd', 'longer text', 'ABC', 'x y'] as const;
const ARITHMETIC = ['+', '-', '*', '/', '%', '&', '|', '^'] as const;
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
const WIDE_TYPES = ['int64', 'uint64'] as const;

interface Scope {
  readonly integers: { readonly name: string; readonly type: string }[];
  /** Loop variables: to be read, not assigned. */
  readonly counters: string[];
  readonly strings: string[];
  /** Tuples of (int64, string[16]). */
  readonly tuples: string[];
  readonly isLoop: boolean;
}

/** generateProgram gives the text of one script, which prints nothing and stores its results in `@r0`, `@r1`… */
export function generateProgram(random: Random, suffix = ''): string {
  return new Generator(random, suffix).program();
}

class Generator {
  readonly #random: Random;
  readonly #suffix: string;
  #names = 0;
  #results = 0;
  #budget = 40;

  constructor(random: Random, suffix: string) {
    this.#random = random;
    this.#suffix = suffix;
  }

  program(): string {
    const scope: Scope = {
      integers: [],
      counters: [],
      strings: [],
      tuples: [],
      isLoop: false,
    };
    const lines = [`@m${this.#suffix}[(int64)1] = (int64)7;`];
    for (let count = 3 + this.#random.below(3); count > 0; count--) lines.push(this.#declareInteger(scope));
    lines.push(this.#declareString(scope), this.#declareTuple(scope));
    for (let count = 3 + this.#random.below(6); count > 0; count--) lines.push(this.#statement(scope, 2));
    for (const { name } of scope.integers) lines.push(this.#store(`(int64)${name}`));
    for (const name of scope.strings) lines.push(`@s${this.#results++}${this.#suffix} = ${name};`);
    for (const name of scope.tuples) lines.push(this.#store(`${name}.0`));
    return `begin {\n${indent(lines.join('\n'))}\n}\n`;
  }

  #store(value: string): string {
    return `@r${this.#results++}${this.#suffix} = ${value};`;
  }

  #name(): string {
    return `$v${this.#names++}`;
  }

  #declareInteger(scope: Scope): string {
    const type = this.#random.pick(INTEGER_TYPES);
    const value = scope.integers.length === 0 ? String(this.#random.below(100)) : this.#integer(scope, 2);
    const name = this.#name();
    scope.integers.push({ name, type });
    return `let ${name} : ${type} = (${type})(${value});`;
  }

  #declareString(scope: Scope): string {
    const name = this.#name();
    scope.strings.push(name);
    return `let ${name} : string[16] = ${quote(this.#random.pick(STRINGS))};`;
  }

  #declareTuple(scope: Scope): string {
    const name = this.#name();
    const text = `let ${name} = ((int64)(${this.#integer(scope, 1)}), ${this.#string(scope)});`;
    scope.tuples.push(name);
    return text;
  }

  #statement(scope: Scope, depth: number): string {
    this.#budget--;
    const random = this.#random;
    const roll = random.below(this.#budget > 0 && depth > 0 ? 15 : 6);
    if (roll < 2) return this.#assignInteger(scope);
    if (roll === 2) return `@m${this.#suffix}[${this.#key(scope)}] = (int64)(${this.#integer(scope, 2)});`;
    if (roll === 3)
      return `@n${this.#suffix}[${this.#key(scope)}, ${this.#string(scope)}] = (uint64)(${this.#integer(scope, 2)});`;
    if (roll === 4) return this.#store(this.#wide(scope, 2));
    if (roll === 5) return this.#aggregate(scope);
    if (roll < 9) return this.#if(scope, depth);
    if (roll === 9) return this.#forRange(scope, depth);
    if (roll === 10) return this.#unroll(scope, depth);
    if (roll === 11) return this.#while(scope, depth);
    if (roll === 12) return this.#declareInteger(scope);
    if (roll === 13) return this.#forMap(scope);
    return `_ = delete(@m${this.#suffix}, (${this.#key(scope)}));`;
  }

  #assignInteger(scope: Scope): string {
    const { name, type } = this.#random.pick(scope.integers);
    const isWide = type.endsWith('64');
    if (this.#random.chance(0.2)) return `${name}${this.#random.pick(['++', '--'])};`;
    if (isWide && this.#random.chance(0.3))
      return `${name} ${this.#random.pick(ARITHMETIC)}= ${this.#like(scope, type)};`;
    return `${name} = (${type})(${this.#integer(scope, 3)});`;
  }

  #aggregate(scope: Scope): string {
    const key = this.#random.chance(0.5) ? `[(uint32)(${this.#integer(scope, 1)}) % 3]` : '';
    const kind = key ? 'k' : 's';
    const choice = this.#random.below(4);
    const value = `(int64)(${this.#integer(scope, 2)})`;
    const call = [`count()`, `sum(${value})`, `min(${value})`, `max(${value})`][choice];
    return `@${kind}a${choice}${this.#suffix}${key} = ${call};`;
  }

  #if(scope: Scope, depth: number): string {
    const other = this.#random.chance(0.5) ? ` else {\n${indent(this.#block(scope, depth - 1))}\n}` : '';
    return `if (${this.#condition(scope, 2)}) {\n${indent(this.#block(scope, depth - 1))}\n}${other}`;
  }

  #forRange(scope: Scope, depth: number): string {
    const variable = this.#name();
    const inner: Scope = { ...copy(scope), isLoop: true };
    inner.counters.push(`(int64)${variable}`);
    const start = this.#random.below(3);
    return `for ${variable} : ${start}..${start + this.#random.below(5)} {\n${indent(this.#body(inner, depth - 1))}\n}`;
  }

  #unroll(scope: Scope, depth: number): string {
    return `unroll(${1 + this.#random.below(3)}) {\n${indent(this.#body({ ...copy(scope), isLoop: false }, depth - 1))}\n}`;
  }

  #while(scope: Scope, depth: number): string {
    const counter = this.#name();
    const body = this.#body({ ...copy(scope), isLoop: true }, depth - 1);
    return `let ${counter} : int64 = (int64)0;\nwhile (${counter} < ${1 + this.#random.below(5)}) {\n${indent(`${counter}++;\n${body}`)}\n}`;
  }

  #forMap(scope: Scope): string {
    const entry = this.#name();
    const target = this.#random.pick(scope.integers);
    const value = this.#random.pick([`${entry}.0`, `${entry}.1`]);
    return `for ${entry} : @m${this.#suffix} {\n${indent(`${target.name} = (${target.type})(${target.name} + (${target.type})${value});`)}\n}`;
  }

  #body(scope: Scope, depth: number): string {
    const block = this.#block(scope, depth);
    if (!scope.isLoop || !this.#random.chance(0.4)) return block;
    return `if (${this.#condition(scope, 1)}) {\n${indent(`${this.#random.pick(['break', 'continue'])};`)}\n}\n${block}`;
  }

  #block(outer: Scope, depth: number): string {
    const scope = copy(outer);
    const lines: string[] = [];
    for (let count = 1 + this.#random.below(3); count > 0; count--) {
      lines.push(this.#statement(scope, depth));
    }
    return lines.join('\n');
  }

  #key(scope: Scope): string {
    return `(int64)(${this.#integer(scope, 1)}) % 5`;
  }

  /** An expression of a 64-bit type. */
  #wide(scope: Scope, depth: number): string {
    return `(${this.#random.pick(WIDE_TYPES)})(${this.#integer(scope, depth)})`;
  }

  #like(scope: Scope, type: string): string {
    return `(${type})(${this.#integer(scope, 2)})`;
  }

  /** An integer expression that holds at least one variable. */
  #integer(scope: Scope, depth: number): string {
    const random = this.#random;
    const names = scope.integers.map((integer) => integer.name);
    const variable = random.pick([...names, ...scope.counters]);
    if (depth === 0) return variable;
    const inner = () => this.#integer(scope, depth - 1);
    switch (random.below(12)) {
      case 0:
      case 1:
        return variable;
      case 2:
      case 3:
        return `(${inner()} ${random.pick(ARITHMETIC)} ${inner()})`;
      case 4: {
        const operator = random.pick(['+', '-', '*', '&', '|', '^'] as const);
        return random.chance(0.5)
          ? `(${inner()} ${operator} ${random.edgyInteger()})`
          : `(${random.edgyInteger()} ${operator} ${inner()})`;
      }
      case 5:
        return `(${this.#wide(scope, depth - 1)} ${random.pick(['<<', '>>'])} ${random.below(64)})`;
      case 6:
        return `(${random.pick(INTEGER_TYPES)})(${inner()})`;
      case 7:
        return `(${this.#condition(scope, depth - 1)} ? (int64)(${inner()}) : (int64)(${inner()}))`;
      case 8:
        return `(${random.pick(['-', '~'])}${this.#wide(scope, depth - 1)})`;
      case 9:
        return `@m${this.#suffix}[${this.#key(scope)}]`;
      case 10:
        return scope.tuples.length > 0 ? `${random.pick(scope.tuples)}.0` : variable;
      default:
        return random.chance(0.5)
          ? `(${inner()} + ${random.edgyInteger()} / (${variable} | 1))`
          : `(strlen(${scope.strings.length > 0 ? this.#string(scope) : '"abc"'}) + ${inner()})`;
    }
  }

  #condition(scope: Scope, depth: number): string {
    const random = this.#random;
    const inner = () => this.#condition(scope, depth - 1);
    const roll = random.below(depth === 0 ? 3 : 8);
    if (roll < 2) return `(${this.#integer(scope, depth)} ${random.pick(COMPARISONS)} ${this.#integer(scope, depth)})`;
    if (roll === 2) return `(${this.#integer(scope, depth)} ${random.pick(COMPARISONS)} ${random.edgyInteger()})`;
    if (roll === 3) return `(${inner()} && ${inner()})`;
    if (roll === 4) return `(${inner()} || ${inner()})`;
    if (roll === 5) return `(!${inner()})`;
    if (roll === 6 && scope.strings.length > 0)
      return `(${this.#string(scope)} ${random.pick(['==', '!='])} ${quote(random.pick(STRINGS))})`;
    if (roll === 7) return `has_key(@m${this.#suffix}, (${this.#key(scope)}))`;
    return `(${this.#integer(scope, depth)} != 0)`;
  }

  #string(scope: Scope): string {
    return this.#random.pick(scope.strings);
  }
}

function copy(scope: Scope): Scope {
  return {
    integers: [...scope.integers],
    counters: [...scope.counters],
    strings: [...scope.strings],
    tuples: [...scope.tuples],
    isLoop: scope.isLoop,
  };
}

function quote(text: string): string {
  return `"${text}"`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
