/**
 * Which kernel functions can be traced. The kernel's own list is available_filter_functions; where it cannot be read
 * (lockdown, no ftrace) those serve that both BTF and kallsyms know: probes need the one's address, arguments the
 * other's types.
 */

import type { FunctionFacts, TypeFacts } from './facts.ts';
import { Kallsyms } from './kallsyms.ts';

/** Where the texts come from; undefined where they cannot be had. */
export interface FunctionTexts {
  /** `name` or `name [module]` per line. */
  available(): string | undefined;
  kallsyms(): Buffer | undefined;
}

interface TracedFunction {
  readonly name: string;
  readonly module: string;
}

/** TextFunctionFacts reads each text once, when it is first needed. */
export class TextFunctionFacts implements FunctionFacts {
  readonly #texts: FunctionTexts;
  readonly #types: TypeFacts;
  #list: readonly TracedFunction[] | undefined;
  #modules: ReadonlyMap<string, readonly string[]> | undefined;
  #isKernelList = false;
  #kallsyms: Kallsyms | undefined;

  constructor(texts: FunctionTexts, types: TypeFacts) {
    this.#texts = texts;
    this.#types = types;
  }

  list(): readonly TracedFunction[] {
    this.#list ??= this.#read();
    return this.#list;
  }

  isTraceable(name: string, module?: string): 'yes' | 'no' | 'unknown' {
    const modules = this.#modulesOf(name);
    const isListed = modules !== undefined && (module === undefined || modules.includes(module));
    if (this.#isKernelList) return isListed ? 'yes' : 'no';
    if (isListed) return 'unknown';
    const symbol = this.symbols.find(name, module);
    return symbol?.isFunction === true ? 'unknown' : 'no';
  }

  address(symbol: string): bigint | undefined {
    const address = this.symbols.find(symbol)?.address;
    return address === 0n ? undefined : address;
  }

  /** symbols is the kernel's symbol table, empty if it cannot be read. */
  get symbols(): Kallsyms {
    this.#kallsyms ??= new Kallsyms(this.#texts.kallsyms() ?? Buffer.alloc(0));
    return this.#kallsyms;
  }

  #modulesOf(name: string): readonly string[] | undefined {
    if (this.#modules === undefined) {
      const modules = new Map<string, string[]>();
      for (const entry of this.list()) {
        const known = modules.get(entry.name);
        if (known === undefined) modules.set(entry.name, [entry.module]);
        else known.push(entry.module);
      }
      this.#modules = modules;
    }
    return this.#modules.get(name);
  }

  #read(): TracedFunction[] {
    const text = this.#texts.available();
    if (text !== undefined) {
      this.#isKernelList = true;
      return unique(parseAvailable(text));
    }
    const typed = new Set(this.#types.namesOf('function'));
    const known: TracedFunction[] = [];
    for (const entry of this.symbols.functions()) {
      if (typed.has(entry.name)) known.push(entry);
    }
    // Without kallsyms BTF alone has to do.
    return unique(known.length > 0 ? known : [...typed].map((name) => ({ name, module: 'vmlinux' })));
  }
}

function* parseAvailable(text: string): Generator<TracedFunction> {
  for (const line of text.split('\n')) {
    const [name = '', module] = line.split(/[\s[\]]+/);
    // Places that ftrace cannot name, such as functions of discarded sections.
    if (name === '' || name.startsWith('__ftrace_invalid_address__')) continue;
    yield { name, module: module === undefined || module === '' ? 'vmlinux' : module };
  }
}

/** Sorted by name; static functions of one name in several files count once. */
function unique(functions: Iterable<TracedFunction>): TracedFunction[] {
  const sorted = [...functions].sort((left, right) =>
    left.name < right.name ? -1 : left.name > right.name ? 1 : left.module < right.module ? -1 : 1,
  );
  return sorted.filter((entry, index) => {
    const before = sorted[index - 1];
    return before === undefined || before.name !== entry.name || before.module !== entry.module;
  });
}
