/**
 * /proc/kallsyms, read once and kept as text with flat arrays of addresses and places, since 120,000 objects would
 * cost more than the questions asked of them. Unprivileged readers see every address as 0: then there are none.
 */

export interface KernelSymbol {
  readonly name: string;
  readonly address: bigint;
  /** Module, or `vmlinux`. */
  readonly module: string;
  readonly isFunction: boolean;
}

const FUNCTION_TYPES: ReadonlySet<number> = new Set([...'tTwW'].map((letter) => letter.charCodeAt(0)));
const NEWLINE = 10;
const BLANK = 32;
const TAB = 9;
const CLOSING_BRACKET = 93;
/** More names than these are looked up in an index. */
const MAX_SEARCHES = 50;

interface Table {
  /** Start of each line. */
  readonly lines: Uint32Array;
  readonly addresses: BigUint64Array;
  readonly count: number;
}

/** Kallsyms answers by name and by address. */
export class Kallsyms {
  readonly #bytes: Buffer;
  #lazyTable: Table | undefined;
  /** Positions of function symbols in order of address. */
  #byAddress: Uint32Array | undefined;
  #isHidden: boolean | undefined;
  #searches = 0;
  /** Lines by what they hold behind the type, made once many names have been asked for. */
  #byText: Map<string, number> | undefined;

  constructor(text: Buffer) {
    this.#bytes = text;
  }

  /** Made when an address or a line is asked for: names alone do without. */
  get #lines(): Uint32Array {
    return this.#table.lines;
  }

  get #addresses(): BigUint64Array {
    return this.#table.addresses;
  }

  get #count(): number {
    return this.#table.count;
  }

  get #table(): Table {
    this.#lazyTable ??= readTable(this.#bytes);
    return this.#lazyTable;
  }

  /** isHidden: the kernel shows this user no addresses. */
  get isHidden(): boolean {
    this.#isHidden ??= this.#addresses.subarray(0, this.#count).every((address) => address === 0n);
    return this.#isHidden;
  }

  /** find gives the first symbol of a name. */
  find(name: string, module?: string): KernelSymbol | undefined {
    if (this.#searches++ >= MAX_SEARCHES) {
      this.#byText ??= this.#indexTexts();
      const text = module === undefined ? `${name}\t` : module === 'vmlinux' ? name : `${name}\t[${module}]`;
      const line = this.#byText.get(text);
      return line === undefined ? undefined : this.#symbol(line);
    }
    const needle = Buffer.from(` ${name}`, 'latin1');
    for (let at = this.#bytes.indexOf(needle, 18); at >= 0; at = this.#bytes.indexOf(needle, at + needle.length)) {
      const after = this.#bytes[at + needle.length];
      if (after !== undefined && after !== NEWLINE && after !== TAB) continue;
      const symbol = this.#symbol(this.#lineAt(at));
      if (module === undefined || symbol.module === module) return symbol;
    }
    return undefined;
  }

  /** lookup gives the function symbol at or below an address, and where the next one begins. */
  lookup(address: bigint): (KernelSymbol & { readonly end?: bigint }) | undefined {
    const order = this.#ordered();
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#addresses[order[middle] ?? 0] ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0 || this.isHidden) return undefined;
    const symbol = this.#symbol(order[low - 1] ?? 0);
    return low === order.length ? symbol : { ...symbol, end: this.#addresses[order[low] ?? 0] ?? 0n };
  }

  /** functionNames tells which names functions of the kernel itself have, and lists those of modules. */
  functionNames(): FunctionNames {
    return new FunctionNames(this.#bytes);
  }

  #indexTexts(): Map<string, number> {
    const lines = new Map<string, number>();
    const text = this.#bytes.toString('latin1');
    for (let line = this.#count - 1; line >= 0; line--) {
      const end = line + 1 < this.#count ? (this.#lines[line + 1] ?? 0) : text.length;
      const symbol = text.slice((this.#lines[line] ?? 0) + 19, end).trimEnd();
      lines.set(symbol, line);
      // For those who do not care for the module.
      const tab = symbol.indexOf('\t');
      lines.set(tab < 0 ? `${symbol}\t` : symbol.slice(0, tab + 1), line);
    }
    return lines;
  }

  #ordered(): Uint32Array {
    if (this.#byAddress === undefined) {
      const order: number[] = [];
      let isSorted = true;
      let last = 0n;
      for (let line = 0; line < this.#count; line++) {
        if (!this.#isFunction(line)) continue;
        const address = this.#addresses[line] ?? 0n;
        isSorted &&= address >= last;
        last = address;
        order.push(line);
      }
      if (!isSorted) {
        // Modules and BPF programs follow the kernel's own symbols, wherever they lie.
        order.sort((left, right) => {
          const [a = 0n, b = 0n] = [this.#addresses[left], this.#addresses[right]];
          return a < b ? -1 : a > b ? 1 : left - right;
        });
      }
      this.#byAddress = Uint32Array.from(order);
    }
    return this.#byAddress;
  }

  #isFunction(line: number): boolean {
    return FUNCTION_TYPES.has(this.#bytes[(this.#lines[line] ?? 0) + 17] ?? 0);
  }

  #lineAt(offset: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lines[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #symbol(line: number): KernelSymbol {
    return {
      ...this.#nameAndModule(line),
      address: this.#addresses[line] ?? 0n,
      isFunction: this.#isFunction(line),
    };
  }

  #nameAndModule(line: number): { name: string; module: string } {
    const start = (this.#lines[line] ?? 0) + 19;
    let end = start;
    for (let byte = this.#bytes[end]; byte !== undefined && byte > BLANK; byte = this.#bytes[end]) end++;
    const name = this.#bytes.toString('latin1', start, end);
    if (this.#bytes[end] !== TAB) return { name, module: 'vmlinux' };
    const close = this.#bytes.indexOf(']', end);
    return { name, module: this.#bytes.toString('latin1', end + 2, close) };
  }
}

/**
 * FunctionNames is a hash table of places in the text: as strings in a set, 60,000 names would keep the collector busy for
 * longer than it takes to read them.
 */
export class FunctionNames {
  readonly #bytes: Buffer;
  /** Place of a name + 1 by hash, the next ones where it is taken. */
  readonly #table: Uint32Array;
  readonly #mask: number;
  /** Functions of the kernel itself. */
  readonly count: number;
  /** Names of functions by module, in the order of the text. */
  readonly modules: ReadonlyMap<string, readonly string[]>;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    // Lines are 40 bytes long, and no table is as full as all its lines would make it.
    const size = 1 << Math.max(4, Math.ceil(Math.log2(bytes.length / 20 + 1)));
    this.#table = new Uint32Array(size);
    this.#mask = size - 1;
    const ofModules: number[] = [];
    this.count = fillTable(bytes, this.#table, ofModules);
    this.modules = namesByModule(bytes, ofModules);
  }

  /** has tells whether the kernel itself has a function of that name. */
  has(name: string): boolean {
    let hash = FNV_START;
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), FNV_PRIME);
    for (let slot = (hash ^ (hash >>> 15)) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const place = this.#table[slot] ?? 0;
      if (place === 0) return false;
      if (isNameAt(this.#bytes, place - 1, name)) return true;
    }
  }
}

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Notes the names of the kernel's functions and where those of modules begin; gives the number of the former. */
function fillTable(bytes: Buffer, table: Uint32Array, ofModules: number[]): number {
  const mask = table.length - 1;
  let count = 0;
  for (let line = 0; line + 19 < bytes.length; ) {
    const type = bytes[line + 17] ?? 0;
    const start = line + 19;
    let hash = FNV_START;
    let at = start;
    let byte = bytes[at] ?? NEWLINE;
    for (; byte > BLANK; byte = bytes[++at] ?? NEWLINE) hash = Math.imul(hash ^ byte, FNV_PRIME);
    const isOfModule = byte === TAB;
    while (byte !== NEWLINE) byte = bytes[++at] ?? NEWLINE;
    line = at + 1;
    // Of t, T, w and W.
    if ((type & 0xdf) !== 0x54 && (type & 0xdf) !== 0x57) continue;
    if (isOfModule) {
      ofModules.push(start);
      continue;
    }
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (table[slot] !== 0) slot = (slot + 1) & mask;
    table[slot] = start + 1;
    count++;
  }
  return count;
}

function isNameAt(bytes: Buffer, start: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    if (bytes[start + at] !== name.charCodeAt(at)) return false;
  }
  return (bytes[start + name.length] ?? NEWLINE) <= BLANK;
}

function namesByModule(bytes: Buffer, starts: readonly number[]): Map<string, string[]> {
  const modules = new Map<string, string[]>();
  for (const start of starts) {
    const tab = bytes.indexOf(TAB, start);
    const module = bytes.toString('latin1', tab + 2, bytes.indexOf(CLOSING_BRACKET, tab));
    const names = modules.get(module) ?? [];
    names.push(bytes.toString('latin1', start, tab));
    modules.set(module, names);
  }
  return modules;
}

function readTable(text: Buffer): Table {
  // The shortest line: 16 digits, two blanks, a type, a name of one letter, a line end.
  const most = Math.ceil(text.length / 21) + 1;
  const lines = new Uint32Array(most);
  const addresses = new BigUint64Array(most);
  const halves = new Uint32Array(addresses.buffer);
  let count = 0;
  for (let at = 0; at < text.length; count++) {
    lines[count] = at;
    halves[count * 2 + 1] = hex8(text, at);
    halves[count * 2] = hex8(text, at + 8);
    const end = text.indexOf(NEWLINE, at + 19);
    at = end < 0 ? text.length : end + 1;
  }
  return { lines, addresses, count };
}

/** hex8 reads eight digits. */
export function hex8(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let at = start; at < start + 8; at++) {
    const byte = bytes[at] ?? 0;
    value = (value << 4) | (byte < 58 ? byte - 48 : (byte & 0xdf) - 55);
  }
  return value >>> 0;
}
