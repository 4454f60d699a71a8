/**
 * Which kernel functions can be traced. The kernel's own list is available_filter_functions; where it cannot be read
 * (lockdown, no ftrace) those serve that both BTF and kallsyms know: probes need the one's address, arguments the
 * other's types.
 */

import type { FunctionFacts, FunctionsByModule, TypeFacts } from './facts.ts';
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
  #byModule: FunctionsByModule | undefined;
  #list: readonly TracedFunction[] | undefined;
  #available: { readonly text: string | undefined } | undefined;
  #listed: ReadonlySet<string> | undefined;
  #searches = 0;
  readonly #answers = new Map<string, 'yes' | 'no' | 'unknown'>();
  #kallsyms: Kallsyms | undefined;

  constructor(texts: FunctionTexts, types: TypeFacts) {
    this.#texts = texts;
    this.#types = types;
  }

  byModule(): FunctionsByModule {
    if (this.#byModule === undefined) {
      const available = this.#availableText();
      this.#byModule = available === undefined ? this.#typedFunctions() : parseAvailable(available);
    }
    return this.#byModule;
  }

  list(): readonly TracedFunction[] {
    this.#list ??= listOf(this.byModule());
    return this.#list;
  }

  isTraceable(name: string, module?: string): 'yes' | 'no' | 'unknown' {
    const key = module === undefined ? name : `${name}\t${module}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = this.#traceable(name, module);
      this.#answers.set(key, answer);
    }
    return answer;
  }

  #traceable(name: string, module: string | undefined): 'yes' | 'no' | 'unknown' {
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

  #typedFunctions(): FunctionsByModule {
    const typed = this.#types.namesOf('function');
    const known = this.symbols.functionNames();
    // Without kallsyms BTF alone has to do.
    const modules = new Map([['vmlinux', known.count === 0 ? typed : typed.filter((name) => known.has(name))]]);
    if (known.modules.size === 0) return modules;
    const names = new Set(typed);
    for (const [module, own] of known.modules) {
      modules.set(module, sortedUnique(own.filter((name) => names.has(name))));
    }
    return inOrder(modules);
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

function parseAvailable(text: string): FunctionsByModule {
  const modules = new Map<string, string[]>();
  const kernel: string[] = [];
  modules.set('vmlinux', kernel);
  for (const line of text.split('\n')) {
    // Places that ftrace cannot name, such as functions of discarded sections.
    if (line === '' || line.startsWith('__ftrace_invalid_address__')) continue;
    if (!/[\s[]/.test(line)) {
      kernel.push(line);
      continue;
    }
    const [, name = '', module = 'vmlinux'] = /^([^\s[]+)(?:\s+\[(.*)\])?/.exec(line) ?? [];
    if (name === '') continue;
    const names = modules.get(module);
    if (names === undefined) modules.set(module, [name]);
    else names.push(name);
  }
  return inOrder(new Map([...modules].map(([module, names]) => [module, sortedUnique(names)])));
}

/** Static functions of one name in several files count once. */
function sortedUnique(names: string[]): readonly string[] {
  return names.sort().filter((name, index) => name !== names[index - 1]);
}

/** By the names of the modules; those without functions are left out. */
function inOrder(modules: ReadonlyMap<string, readonly string[]>): FunctionsByModule {
  const filled = [...modules].filter(([, names]) => names.length > 0);
  return new Map(filled.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Sorted by name, then by module. */
function listOf(modules: FunctionsByModule): readonly TracedFunction[] {
  const kernel = modules.get('vmlinux') ?? [];
  const others = [...modules]
    .filter(([module]) => module !== 'vmlinux')
    .flatMap(([module, names]) => names.map((name) => ({ name, module })))
    .sort(compare);
  const list: TracedFunction[] = [];
  let at = 0;
  for (const name of kernel) {
    const own = { name, module: 'vmlinux' };
    for (let other = others[at]; other !== undefined && compare(other, own) < 0; other = others[++at]) list.push(other);
    list.push(own);
  }
  return at === others.length ? list : list.concat(others.slice(at));
}

function compare(left: TracedFunction, right: TracedFunction): number {
  if (left.name !== right.name) return left.name < right.name ? -1 : 1;
  return left.module < right.module ? -1 : left.module > right.module ? 1 : 0;
}
