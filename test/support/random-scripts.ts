/**
 * Random bodies of probes for the differential test: integers of all widths and signs, comparisons, strings, tuples,
 * maps, nested control flow. The same seed gives the same text.
 */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** 0 … limit-1 */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

const TYPES = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'];
const LITERALS = [
  '0',
  '1',
  '2',
  '3',
  '7',
  '8',
  '100',
  '127',
  '128',
  '255',
  '256',
  '1000',
  '65535',
  '0x7fffffff',
  '0x80000000',
  '0xffffffff',
  '0x7fffffffffffffff',
];
const WORDS = ['', 'a', 'ab', 'abc', 'abd', 'hello', 'hello world', 'node', 'longer than eight'];
const INTEGERS = ['$a', '$b', '$c', '$d'];
const TEXTS = ['$s', '$t'];

/** randomBody writes statements that leave their results in maps whose names end in `suffix`. */
export function randomBody(random: Random, suffix: string): string {
  return new BodyWriter(random, suffix).body();
}

class BodyWriter {
  readonly #random: Random;
  readonly #suffix: string;
  #loops = 0;

  constructor(random: Random, suffix: string) {
    this.#random = random;
    this.#suffix = suffix;
  }

  body(): string {
    const random = this.#random;
    const lines = INTEGERS.map((name) => `${name} = (${random.pick(TYPES)})${random.pick(LITERALS)};`);
    lines.push(`$s = "${random.pick(WORDS)}"; $t = "${random.pick(WORDS)}";`);
    lines.push(this.#statements(3, 2 + random.below(4)));
    lines.push(`@r${this.#suffix} = (${INTEGERS.join(', ')}, ${this.#condition(2)}, $s, ${this.#integer(2)});`);
    return lines.join(' ');
  }

  #statements(depth: number, count: number): string {
    return Array.from({ length: count }, () => this.#statement(depth)).join(' ');
  }

  #statement(depth: number): string {
    const random = this.#random;
    const kind = random.below(depth > 0 ? 11 : 6);
    switch (kind) {
      case 0:
      case 1:
        return `${random.pick(INTEGERS)} = ${this.#integer(3)};`;
      case 2:
        return `${random.pick(TEXTS)} = ${this.#text()};`;
      case 3:
        return `@m${this.#suffix}[${this.#key()}] ${random.pick(['=', '+=', '-=', '^='])} ${this.#integer(2)};`;
      case 4:
        return `@c${this.#suffix}[${this.#key()}] = count();`;
      case 5:
        return random.pick([
          `${random.pick(INTEGERS)}++;`,
          `@n${this.#suffix}++;`,
          `@x${this.#suffix} = max(${this.#integer(1)});`,
          `@y${this.#suffix} = sum(${this.#integer(1)});`,
        ]);
      case 6:
      case 7:
        return `if (${this.#condition(2)}) { ${this.#statements(depth - 1, 2)} } else { ${this.#statements(depth - 1, 1)} }`;
      case 8: {
        const name = `$i${this.#loops++}`;
        const leave =
          random.below(3) === 0 ? `if (${name} == ${random.below(4)}) { ${random.pick(['break', 'continue'])}; }` : '';
        return `for ${name} : 0..${random.below(5)} { ${leave} ${this.#statements(depth - 1, 2)} }`;
      }
      case 9:
        return `unroll(${1 + random.below(3)}) { ${this.#statements(depth - 1, 1)} }`;
      default: {
        const name = `$w${this.#loops++}`;
        return `${name} = 0; while (${name} < ${random.below(4)}) { ${name}++; ${this.#statements(depth - 1, 1)} }`;
      }
    }
  }

  #key(): string {
    return `(${this.#integer(1)}, ${this.#random.pick(TEXTS)})`;
  }

  #text(): string {
    const random = this.#random;
    const word = () => (random.below(2) === 0 ? `"${random.pick(WORDS)}"` : random.pick(TEXTS));
    return random.below(3) === 0 ? `(${this.#condition(1)} ? ${word()} : ${word()})` : word();
  }

  #integer(depth: number): string {
    const random = this.#random;
    if (depth === 0) return random.below(4) === 0 ? random.pick(LITERALS) : random.pick(INTEGERS);
    switch (random.below(9)) {
      case 0:
      case 1:
      case 2:
        return `(${this.#integer(depth - 1)} ${random.pick(['+', '-', '*', '&', '|', '^', '/', '%'])} ${random.pick(INTEGERS)})`;
      case 3:
        return `(${random.pick(INTEGERS)} ${random.pick(['<<', '>>'])} ${random.below(20)})`;
      case 4:
        return `(${random.pick(TYPES)})${this.#integer(depth - 1)}`;
      case 5:
        return `(${this.#condition(depth - 1)} ? ${this.#integer(depth - 1)} : ${random.pick(INTEGERS)})`;
      case 6:
        return `(${random.pick(['-', '~'])}${random.pick(INTEGERS)})`;
      case 7:
        return random.pick([
          `@m${this.#suffix}[${this.#key()}]`,
          `strlen(${random.pick(TEXTS)})`,
          `strstr(${random.pick(TEXTS)}, "${random.pick(WORDS)}")`,
        ]);
      default:
        return this.#integer(0);
    }
  }

  #condition(depth: number): string {
    const random = this.#random;
    if (depth > 0 && random.below(4) === 0) {
      return `(${this.#condition(depth - 1)} ${random.pick(['&&', '||'])} ${this.#condition(depth - 1)})`;
    }
    switch (random.below(6)) {
      case 0:
        return `(${random.pick(TEXTS)} ${random.pick(['==', '!='])} ${this.#text()})`;
      case 1:
        return `!(${this.#condition(0)})`;
      case 2:
        return `strncmp(${random.pick(TEXTS)}, "${random.pick(WORDS)}", ${1 + random.below(6)}) == 0`;
      case 3:
        return `((${random.pick(INTEGERS)}, ${random.pick(TEXTS)}) ${random.pick(['==', '!='])} (${random.pick(INTEGERS)}, ${random.pick(TEXTS)}))`;
      default:
        return `(${this.#integer(depth)} ${random.pick(['<', '<=', '>', '>=', '==', '!='])} ${random.pick(INTEGERS)})`;
    }
  }
}
