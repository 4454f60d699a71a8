/**
 * Random well-typed programs: one `begin` probe over declared variables, maps and functions, whose results end up in maps.
 * Types of variables are always declared and values cast to them, so that what a program means does not hang on inference;
 * every integer expression contains something that is not a literal, so that nothing but literals folds.
 */

import type { Random } from './random.ts';
import { copy, INTEGER_TYPES, indent, quote, type Scope, STRINGS, scopeOf } from './scope.ts';

const ARITHMETIC = ['+', '-', '*', '/', '%', '&', '|', '^'] as const;
const ASSIGNED = [...ARITHMETIC, '<<', '>>'] as const;
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
const WIDE_TYPES = ['int64', 'uint64'] as const;

/** generateProgram gives the text of one script, which prints nothing and stores its results in `@r0`, `@r1`… */
export function generateProgram(random: Random): string {
  return new Generator(random).program();
}

interface Callable {
  readonly name: string;
  readonly parameters: readonly string[];
}

class Generator {
  readonly #random: Random;
  readonly #functions: Callable[] = [];
  #names = 0;
  #results = 0;
  #budget = 40;

  constructor(random: Random) {
    this.#random = random;
  }

  program(): string {
    const functions = this.#random.chance(0.4) ? [this.#function()] : [];
    const scope = scopeOf([]);
    const lines = ['@m[(int64)1] = (int64)7;', this.#declareString(scope)];
    for (let count = 3 + this.#random.below(3); count > 0; count--) lines.push(this.#declareInteger(scope));
    lines.push(this.#declareTuple(scope), this.#declareBool(scope));
    if (this.#random.chance(0.6)) lines.push(this.#declareNested(scope));
    if (this.#random.chance(0.6)) lines.push(this.#declareRecord(scope));
    for (let count = 3 + this.#random.below(6); count > 0; count--) lines.push(this.#statement(scope, 2));
    for (const { name } of scope.integers) lines.push(this.#store(`(int64)${name}`));
    for (const name of scope.bools) lines.push(this.#store(`(int64)${name}`));
    for (const name of scope.strings) lines.push(`@s${this.#results++} = ${name};`);
    for (const name of scope.tuples) lines.push(this.#store(`${name}.0`));
    for (const name of scope.nested) lines.push(this.#store(`(int64)${name}.1.0`), `@s${this.#results++} = ${name}.2;`);
    for (const name of scope.records) lines.push(this.#store(`(int64)${name}.a`), this.#store(`(int64)${name}.b.d`));
    return `${functions.join('')}begin {\n${indent(lines.join('\n'))}\n}\n`;
  }

  /** Kept for what comes after it: functions do not call each other. */
  #function(): string {
    const types = [this.#random.pick(INTEGER_TYPES), this.#random.pick(INTEGER_TYPES)];
    const parameters = types.map((type) => ({ name: this.#name(), type }));
    const scope = { ...scopeOf(parameters), isFunction: true };
    const lines = [this.#declareString(scope), this.#declareInteger(scope)];
    lines.push(this.#statement(scope, 1), this.#statement(scope, 1));
    if (this.#random.chance(0.5)) lines.push(`if ${this.#condition(scope, 1)} {\n${indent(this.#return(scope))}\n}`);
    lines.push(this.#return(scope));
    const list = parameters.map(({ name, type }) => `${name} : ${type}`).join(', ');
    this.#functions.push({ name: 'f0', parameters: types });
    return `fn f0(${list}) : int64 {\n${indent(lines.join('\n'))}\n}\n`;
  }

  #return(scope: Scope): string {
    return scope.isFunction ? `return (int64)(${this.#integer(scope, 2)});` : 'return;';
  }

  #store(value: string): string {
    return `@r${this.#results++} = ${value};`;
  }

  #name(): string {
    return `$v${this.#names++}`;
  }

  // ---- declarations ----

  #declareInteger(scope: Scope): string {
    const type = this.#random.pick(INTEGER_TYPES);
    const value = scope.integers.length === 0 ? String(this.#random.below(100)) : this.#integer(scope, 2);
    const name = this.#name();
    scope.integers.push({ name, type });
    return `let ${name} : ${type} = (${type})(${value});`;
  }

  #declareBool(scope: Scope): string {
    const text = this.#condition(scope, 1);
    const name = this.#name();
    scope.bools.push(name);
    return `let ${name} : bool = ${text};`;
  }

  #declareString(scope: Scope): string {
    const name = this.#name();
    scope.strings.push(name);
    return `let ${name} : string[16] = ${quote(this.#random.pick(STRINGS))};`;
  }

  #declareTuple(scope: Scope): string {
    const name = this.#name();
    const text = `let ${name} = ${this.#tuple(scope)};`;
    scope.tuples.push(name);
    return text;
  }

  #declareNested(scope: Scope): string {
    const name = this.#name();
    const text = `let ${name} = ${this.#nested(scope)};`;
    scope.nested.push(name);
    return text;
  }

  #declareRecord(scope: Scope): string {
    const name = this.#name();
    const text = `let ${name} = ${this.#record(scope)};`;
    scope.records.push(name);
    return text;
  }

  #tuple(scope: Scope): string {
    return `((int64)(${this.#integer(scope, 1)}), ${this.#string(scope)})`;
  }

  #nested(scope: Scope): string {
    return `((int8)(${this.#integer(scope, 1)}), ((uint16)(${this.#integer(scope, 0)}), (int64)(${this.#integer(scope, 1)})), ${this.#string(scope)})`;
  }

  #record(scope: Scope): string {
    const fields = [
      `a=(int32)(${this.#integer(scope, 1)})`,
      `b=(c=(uint8)(${this.#integer(scope, 0)}), d=(int16)(${this.#integer(scope, 1)}))`,
    ];
    return `(${fields.join(', ')})`;
  }

  // ---- statements ----

  #statement(scope: Scope, depth: number): string {
    this.#budget--;
    const random = this.#random;
    const roll = random.below(this.#budget > 0 && depth > 0 ? 21 : 9);
    if (roll < 2) return this.#assignInteger(scope);
    if (roll === 2) return `@m[${this.#key(scope)}] = (int64)(${this.#integer(scope, 2)});`;
    if (roll === 3) return `@n[${this.#key(scope)}, ${this.#string(scope)}] = (uint64)(${this.#integer(scope, 2)});`;
    if (roll === 4) return this.#store(this.#wide(scope, 2));
    if (roll === 5) return this.#aggregate(scope);
    if (roll === 6) return this.#assignOther(scope);
    if (roll === 7) return this.#storeComposite(scope);
    if (roll === 8) return this.#countMap(scope);
    if (roll < 12) return this.#if(scope, depth);
    if (roll < 14) return this.#forRange(scope, depth);
    if (roll === 14) return this.#unroll(scope, depth);
    if (roll === 15) return this.#while(scope, depth);
    if (roll === 16) return this.#declareInteger(scope);
    if (roll === 17) return this.#forMap(scope);
    if (roll === 18) return this.#find(scope);
    if (roll === 19) return this.#returnEarly(scope);
    return `_ = delete(@m, (${this.#key(scope)}));`;
  }

  #assignInteger(scope: Scope): string {
    const random = this.#random;
    const { name, type } = random.pick(scope.integers);
    const isWide = type.endsWith('64');
    if (random.chance(0.2)) return `${name}${random.pick(['++', '--'])};`;
    if (isWide && random.chance(0.3)) return `${name} ${random.pick(ASSIGNED)}= ${this.#like(scope, type)};`;
    if (random.chance(0.15)) {
      const inner = this.#name();
      return `${name} = { let ${inner} : ${type} = ${this.#like(scope, type)}; (${type})(${inner} ${random.pick(ARITHMETIC)} ${name}) };`;
    }
    if (random.chance(0.1)) {
      return `${name} = if ${this.#condition(scope, 1)} { ${this.#like(scope, type)} } else { ${this.#like(scope, type)} };`;
    }
    return `${name} = (${type})(${this.#integer(scope, 3)});`;
  }

  #assignOther(scope: Scope): string {
    const { bools, strings, tuples, nested, records } = scope;
    const rows: (readonly [readonly string[], () => string])[] = [
      [bools, () => this.#condition(scope, 2)],
      [strings, () => this.#string(scope)],
      [tuples, () => this.#tuple(scope)],
      [nested, () => this.#nested(scope)],
      [records, () => this.#record(scope)],
    ];
    const usable = rows.filter(([names]) => names.length > 0);
    if (usable.length === 0) return this.#assignInteger(scope);
    const [names, value] = this.#random.pick(usable);
    return `${this.#random.pick(names)} = ${value()};`;
  }

  /** Composites as keys, and text and tuples as values. */
  #storeComposite(scope: Scope): string {
    const value = () => `(int64)(${this.#integer(scope, 1)})`;
    const either = (names: readonly string[], make: () => string) =>
      names.length > 0 && this.#random.chance(0.6) ? this.#random.pick(names) : make();
    switch (this.#random.below(4)) {
      case 0:
        return `@q[${either(scope.nested, () => this.#nested(scope))}] = ${value()};`;
      case 1:
        return `@e[${either(scope.records, () => this.#record(scope))}] = ${value()};`;
      case 2:
        return `@t[${this.#key(scope)}] = ${this.#string(scope)};`;
      default:
        return `@p[${this.#key(scope)}] = ${either(scope.tuples, () => this.#tuple(scope))};`;
    }
  }

  #countMap(scope: Scope): string {
    const target = this.#random.chance(0.5) ? '@g' : `@m[${this.#key(scope)}]`;
    const how = this.#random.below(3);
    if (how === 2) return `${target} += (int64)(${this.#integer(scope, 1)});`;
    return `${target}${how === 0 ? '++' : '--'};`;
  }

  #aggregate(scope: Scope): string {
    const key = this.#random.chance(0.5) ? `[(uint32)(${this.#integer(scope, 1)}) % 3]` : '';
    const kind = key ? 'k' : 's';
    const choice = this.#random.below(4);
    const value = `(int64)(${this.#integer(scope, 2)})`;
    const call = [`count()`, `sum(${value})`, `min(${value})`, `max(${value})`][choice];
    return `@${kind}a${choice}${key} = ${call};`;
  }

  #if(scope: Scope, depth: number): string {
    const other = this.#random.chance(0.5) ? ` else {\n${indent(this.#block(scope, depth - 1))}\n}` : '';
    return `if (${this.#condition(scope, 2)}) {\n${indent(this.#block(scope, depth - 1))}\n}${other}`;
  }

  #returnEarly(scope: Scope): string {
    return `if (${this.#condition(scope, 1)} && ${this.#condition(scope, 1)} && ${this.#condition(scope, 0)}) {\n${indent(this.#return(scope))}\n}`;
  }

  #forRange(scope: Scope, depth: number): string {
    const variable = this.#name();
    const inner: Scope = { ...copy(scope), isLoop: true };
    inner.counters.push(`(int64)${variable}`);
    const start = this.#random.below(3);
    const range = this.#random.chance(0.3)
      ? `((int64)(${this.#integer(scope, 1)}) % 3)..((int64)(${this.#integer(scope, 1)}) % 6)`
      : `${start}..${start + this.#random.below(5)}`;
    return `for ${variable} : ${range} {\n${indent(this.#body(inner, depth - 1))}\n}`;
  }

  #unroll(scope: Scope, depth: number): string {
    return `unroll(${1 + this.#random.below(3)}) {\n${indent(this.#body({ ...copy(scope), isLoop: false }, depth - 1))}\n}`;
  }

  #while(scope: Scope, depth: number): string {
    const counter = this.#name();
    const body = this.#body({ ...copy(scope), isLoop: true }, depth - 1);
    return `let ${counter} : int64 = (int64)0;\nwhile (${counter} < ${1 + this.#random.below(5)}) {\n${indent(`${counter}++;\n${body}`)}\n}`;
  }

  /** Elements come in no known order: sums do not hang on it, nor does what is done for one of them alone. */
  #forMap(scope: Scope): string {
    const random = this.#random;
    const entry = this.#name();
    const target = random.pick(scope.integers);
    const add = `${target.name} = (${target.type})(${target.name} + (${target.type})${random.pick([`${entry}.0`, `${entry}.1`])});`;
    const rows = [
      add,
      `if (${entry}.0 < 2) {\n  continue;\n}\n${add}`,
      `if (${entry}.0 == ${random.below(5)}) {\n  ${target.name} = (${target.type})${entry}.1;\n  break;\n}`,
      `if (${entry}.0 == ${random.below(5)} && ${this.#condition(scope, 1)}) {\n${indent(this.#return(scope))}\n}`,
      `for $i${entry.slice(1)} : 0..3 {\n  ${add}\n}`,
    ];
    return `for ${entry} : @m {\n${indent(random.pick(rows))}\n}`;
  }

  #find(scope: Scope): string {
    const found = this.#name();
    const target = this.#random.pick(scope.integers);
    return `if (find(@m, (${this.#key(scope)}), ${found})) {\n  ${target.name} = (${target.type})(${target.name} ^ (${target.type})${found});\n}`;
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

  // ---- expressions ----

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
    switch (random.below(18)) {
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
      case 5: {
        const amount = random.chance(0.5) ? String(random.below(80)) : `(uint64)(${inner()})`;
        return `(${this.#wide(scope, depth - 1)} ${random.pick(['<<', '>>'])} ${amount})`;
      }
      case 6:
      case 7:
        return `(${random.pick(INTEGER_TYPES)})(${inner()})`;
      case 8:
        return `(${this.#condition(scope, depth - 1)} ? (int64)(${inner()}) : (int64)(${inner()}))`;
      case 9:
        return `(${random.pick(['-', '~'])}${random.chance(0.5) ? this.#wide(scope, depth - 1) : variable})`;
      case 10:
        return random.chance(0.8) ? `@m[${this.#key(scope)}]` : 'len(@m)';
      case 11:
        return scope.tuples.length > 0 ? `${random.pick(scope.tuples)}.0` : variable;
      case 12:
        return this.#part(scope) ?? variable;
      case 13:
        return this.#textNumber(scope);
      case 14: {
        const called = this.#functions[0];
        if (!called || scope.isFunction) return variable;
        return `f0(${called.parameters.map((type) => `(${type})(${inner()})`).join(', ')})`;
      }
      case 15: {
        const index = random.chance(0.5) ? String(random.below(8)) : `(uint64)(${inner()}) % 11`;
        return `((int8[8])((uint64)(${inner()})))[${index}]`;
      }
      case 16: {
        const bits = random.pick(['16', '32', '64']);
        return random.chance(0.5) && scope.bools.length > 0
          ? `(int64)${random.pick(scope.bools)}`
          : `bswap((uint${bits})(${inner()}))`;
      }
      default:
        return random.chance(0.5)
          ? `(${inner()} + ${random.edgyInteger()} / (${variable} | 1))`
          : `(strlen(${this.#string(scope)}) + ${inner()})`;
    }
  }

  /** An integer within a tuple or record. */
  #part(scope: Scope): string | undefined {
    const parts = [
      ...scope.nested.flatMap((name) => [`${name}.0`, `${name}.1.0`, `${name}.1.1`]),
      ...scope.records.flatMap((name) => [`${name}.a`, `${name}.b.c`, `${name}.b.d`]),
    ];
    return parts.length > 0 ? this.#random.pick(parts) : undefined;
  }

  /** An integer told from text. */
  #textNumber(scope: Scope): string {
    const random = this.#random;
    const text = this.#string(scope);
    switch (random.below(3)) {
      case 0:
        return `strstr(${text}, ${quote(random.pick(['', 'b', 'ab', 'bc', ' ', 'zz']))})`;
      case 1:
        return `${random.pick(scope.strings)}[${random.below(16)}]`;
      default:
        return `strlen(${text})`;
    }
  }

  #condition(scope: Scope, depth: number): string {
    const random = this.#random;
    const inner = () => this.#condition(scope, depth - 1);
    const roll = random.below(depth === 0 ? 3 : 12);
    if (roll < 2) return `(${this.#integer(scope, depth)} ${random.pick(COMPARISONS)} ${this.#integer(scope, depth)})`;
    if (roll === 2) return `(${this.#integer(scope, depth)} ${random.pick(COMPARISONS)} ${random.edgyInteger()})`;
    if (roll === 3) return `(${inner()} && ${inner()})`;
    if (roll === 4) return `(${inner()} || ${inner()})`;
    if (roll === 5) return `(!${inner()})`;
    if (roll === 6) return this.#textCondition(scope);
    if (roll === 7) return `has_key(@m, (${this.#key(scope)}))`;
    if (roll === 8 && scope.bools.length > 0) return random.pick(scope.bools);
    if (roll === 9) return `((bool)(${this.#integer(scope, depth - 1)}))`;
    if (roll === 10 && scope.tuples.length > 0) {
      const equality = random.pick(['==', '!=']);
      return `(${random.pick(scope.tuples)} ${equality} ${random.pick(scope.tuples)})`;
    }
    return `(${this.#integer(scope, depth)} != 0)`;
  }

  #textCondition(scope: Scope): string {
    const random = this.#random;
    const text = this.#string(scope);
    switch (random.below(4)) {
      case 0:
        return `(${text} ${random.pick(['==', '!='])} ${quote(random.pick(STRINGS))})`;
      case 1:
        return `(${text} ${random.pick(['==', '!='])} ${this.#string(scope)})`;
      case 2:
        return `(strncmp(${text}, ${quote(random.pick(STRINGS))}, ${1 + random.below(5)}) == 0)`;
      default:
        return `strcontains(${text}, ${quote(random.pick(['a', 'b', 'bc', 'text']))})`;
    }
  }

  /** Text of at most 15 characters. */
  #string(scope: Scope): string {
    const random = this.#random;
    const variable = random.pick(scope.strings);
    switch (random.below(8)) {
      case 0:
        return `str(${variable}, ${random.below(8)})`;
      case 1:
        return `str(str_concat(${variable}, ${random.pick(scope.strings)}), ${15 - random.below(6)})`;
      case 2:
        return scope.tuples.length > 0 ? `${random.pick(scope.tuples)}.1` : variable;
      default:
        return variable;
    }
  }
}
