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

const MAX_SEARCHES = 50;

/** TextFunctionFacts reads each text once, when it is first needed. */
export class TextFunctionFacts implements FunctionFacts {
  readonly #texts: FunctionTexts;
  readonly #types: TypeFacts;
  #list: readonly TracedFunction[] | undefined;
  #available: { readonly text: string | undefined } | undefined;
  #listed: ReadonlySet<string> | undefined;
  #searches = 0;
  #kallsyms: Kallsyms | undefined;

  constructor(texts: FunctionTexts, types: TypeFacts) {
    this.#texts = texts;
    this.#types = types;
  }

  list(): readonly TracedFunction[] {
    if (this.#list === undefined) {
      const available = this.#availableText();
      this.#list = available === undefined ? this.#typedFunctions() : sortedUnique(parseAvailable(available));
    }
    return this.#list;
  }

  isTraceable(name: string, module?: string): 'yes' | 'no' | 'unknown' {
    const available = this.#availableText();
    if (available !== undefined) return this.#isListed(available, name, module) ? 'yes' : 'no';
    const typed = this.#types.function(name, module);
    if (typed !== undefined && (module === undefined || typed.module === module)) return 'unknown';
    return this.symbols.find(name, module)?.isFunction === true ? 'unknown' : 'no';
  }

  /** Mostly it is one name that is asked for, and searching the text is cheaper than taking it apart. */
  #isListed(available: string, name: string, module: string | undefined): boolean {
    if (this.#searches++ < MAX_SEARCHES) return hasLine(available, name, module);
    this.#listed ??= new Set(this.list().flatMap((entry) => [entry.name, `${entry.name}\t${entry.module}`]));
    return this.#listed.has(module === undefined ? name : `${name}\t${module}`);
  }

  address(symbol: string, module?: string): bigint | undefined {
    const address = this.symbols.find(symbol, module)?.address;
    return address === 0n ? undefined : address;
  }

  /** symbols is the kernel's symbol table, empty if it cannot be read. */
  get symbols(): Kallsyms {
    this.#kallsyms ??= new Kallsyms(this.#texts.kallsyms() ?? Buffer.alloc(0));
    return this.#kallsyms;
  }

  #availableText(): string | undefined {
    this.#available ??= { text: this.#texts.available() };
    return this.#available.text;
  }

  #typedFunctions(): TracedFunction[] {
    const typed = this.#types.namesOf('function');
    const known = this.symbols.functionNames();
    const kernel = known.get('vmlinux');
    // Without kallsyms BTF alone has to do.
    const isKnown = kernel === undefined || kernel.size === 0 ? () => true : (name: string) => kernel.has(name);
    const functions = typed.filter(isKnown).map((name) => ({ name, module: 'vmlinux' }));
    if (known.size < 2) return functions; // sorted as the names were
    const names = new Set(typed);
    for (const [module, own] of known) {
      if (module === 'vmlinux') continue;
      for (const name of own) if (names.has(name)) functions.push({ name, module });
    }
    return sortedUnique(functions);
  }
}

function hasLine(text: string, name: string, module: string | undefined): boolean {
  const suffix = module === undefined || module === 'vmlinux' ? '' : ` [${module}]`;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (at > 0 && text.charAt(at - 1) !== '\n') continue;
    const end = text.indexOf('\n', at);
    const rest = text.slice(at + name.length, end < 0 ? text.length : end);
    if (rest === suffix || (module === undefined && rest.startsWith(' ['))) return true;
  }
  return false;
}

function* parseAvailable(text: string): Generator<TracedFunction> {
  for (const line of text.split('\n')) {
    const [, name = '', module = 'vmlinux'] = /^([^\s[]+)(?:\s+\[(.*)\])?/.exec(line) ?? [];
    // Places that ftrace cannot name, such as functions of discarded sections.
    if (name === '' || name.startsWith('__ftrace_invalid_address__')) continue;
    yield { name, module };
  }
}

/** Sorted by name; static functions of one name in several files count once. */
function sortedUnique(functions: Iterable<TracedFunction>): TracedFunction[] {
  const byModule = new Map<string, TracedFunction>();
  for (const entry of functions) byModule.set(`${entry.name}\t${entry.module}`, entry);
  return [...byModule.keys()].sort().map((key) => byModule.get(key) ?? { name: key, module: 'vmlinux' });
}
