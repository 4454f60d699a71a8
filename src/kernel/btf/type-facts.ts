/**
 * TypeFacts over BTF: vmlinux first, then the modules in order of their names, each opened when a name is not found
 * before it.
 */

import type { CComposite, CEnum, CFunction, CType } from '../../ctype/ctype.ts';
import type { BtfFunction, TypeFacts } from '../facts.ts';
import type { NameSpace } from './index.ts';
import type { BtfSource } from './sources.ts';
import type { BtfTypes } from './types.ts';

const RAW_TRACEPOINT = 'btf_trace_';
const ITERATOR = 'bpf_iter_';
/** Each iterator has a context of this name; other functions that begin like iterators do not. */
const ITERATOR_CONTEXT = 'bpf_iter__';

type Found = { readonly types: BtfTypes; readonly id: number };

/** BtfTypeFacts answers from BTF. */
export class BtfTypeFacts implements TypeFacts {
  readonly #source: BtfSource;
  readonly #names = new Map<string, readonly string[]>();

  constructor(source: BtfSource) {
    this.#source = source;
  }

  get isAvailable(): boolean {
    return this.#source.vmlinux() !== undefined;
  }

  struct(name: string): CComposite | undefined {
    return this.#typeOf('struct', name) as CComposite | undefined;
  }

  union(name: string): CComposite | undefined {
    return this.#typeOf('union', name) as CComposite | undefined;
  }

  enum(name: string): CEnum | undefined {
    return this.#typeOf('enum', name) as CEnum | undefined;
  }

  typedef(name: string): CType | undefined {
    return this.#typeOf('typedef', name);
  }

  enumConstant(name: string) {
    const found = this.#find('constant', name);
    if (found === undefined) return undefined;
    const type = found.types.type(found.id) as CEnum;
    const constant = type.values.find((value) => value.name === name);
    return constant && { type, value: constant.value };
  }

  function(name: string, module?: string): BtfFunction | undefined {
    const found = this.#find('function', name, module);
    return found && this.#function(found, found.types.type(found.id) as CFunction);
  }

  rawTracepoint(name: string): BtfFunction | undefined {
    const found = this.#find('typedef', RAW_TRACEPOINT + name);
    if (found === undefined) return undefined;
    // typedef void (*btf_trace_NAME)(void *, …)
    let type = found.types.type(found.id);
    while (type.kind === 'typedef' || type.kind === 'pointer') {
      type = type.target;
    }
    if (type.kind !== 'function') return undefined;
    return this.#function(
      found,
      withoutFirstParameter(type, name, () => this.#named(type, found, name)),
    );
  }

  /** The typedef's parameters have no names; functions that the same macro makes have (6.7 on, or 5.10 on, or 4.17 on). */
  #named(type: CFunction, found: Found, name: string): CFunction {
    for (const prefix of ['__probestub_', '__traceiter_', '__bpf_trace_']) {
      const id = found.types.idOf('function', prefix + name);
      const candidate = id === 0 ? undefined : found.types.type(id);
      if (candidate?.kind === 'function' && candidate.parameters.length === type.parameters.length) return candidate;
    }
    return type;
  }

  iterator(name: string): BtfFunction | undefined {
    return this.#find('struct', ITERATOR_CONTEXT + name) === undefined ? undefined : this.function(ITERATOR + name);
  }

  perCpuVariable(name: string) {
    const found = this.#find('variable', name, 'vmlinux');
    return found && { btfId: found.id, type: found.types.type(found.id) };
  }

  compositeId(kind: 'struct' | 'union', name: string): number {
    return this.#find(kind, name)?.id ?? 0;
  }

  structNames(): readonly string[] {
    return this.namesOf('struct');
  }

  iteratorNames(): readonly string[] {
    return this.#cached('iterators', () =>
      this.#prefixed(ITERATOR_CONTEXT).filter((name) => this.iterator(name) !== undefined),
    );
  }

  rawTracepointNames(): readonly string[] {
    return this.#cached('rawTracepoints', () =>
      this.#prefixed(RAW_TRACEPOINT).filter((name) => this.#find('typedef', RAW_TRACEPOINT + name) !== undefined),
    );
  }

  namesOf(kind: 'struct' | 'union' | 'enum' | 'typedef' | 'function'): readonly string[] {
    return this.#cached(kind, () => this.#all().flatMap((types) => types.names(kind)));
  }

  #typeOf(space: NameSpace, name: string): CType | undefined {
    const found = this.#find(space, name);
    return found?.types.type(found.id);
  }

  #find(space: NameSpace, name: string, module?: string): Found | undefined {
    if (name === '') return undefined;
    const kernel = this.#source.vmlinux();
    if (kernel === undefined) return undefined;
    if (module === undefined || module === 'vmlinux') {
      const id = kernel.idOf(space, name);
      if (id !== 0) return { types: kernel, id };
    }
    const modules = module === undefined ? this.#source.moduleNames() : [module];
    for (const candidate of modules) {
      const types = this.#source.module(candidate);
      const id = types?.idOf(space, name) ?? 0;
      if (types !== undefined && id !== 0) return { types, id };
    }
    return undefined;
  }

  #function(found: Found, type: CFunction): BtfFunction {
    return { type, btfId: found.id, module: found.types.module };
  }

  #prefixed(prefix: string): string[] {
    return this.#all().flatMap((types) => types.image.namesWith(prefix).map((name) => name.slice(prefix.length)));
  }

  #all(): BtfTypes[] {
    const kernel = this.#source.vmlinux();
    const modules = this.#source.moduleNames().map((name) => this.#source.module(name));
    return [kernel, ...modules].filter((types) => types !== undefined);
  }

  #cached(key: string, list: () => string[]): readonly string[] {
    let names = this.#names.get(key);
    if (names === undefined) {
      names = list()
        .sort()
        .filter((name, index, all) => name !== all[index - 1]);
      this.#names.set(key, names);
    }
    return names;
  }
}

/** A raw tracepoint's first argument is the `void *` of its registration, which programs do not see. */
function withoutFirstParameter(type: CFunction, name: string, named: () => CFunction): CFunction {
  let parameters: CFunction['parameters'] | undefined;
  return {
    kind: 'function',
    name,
    get parameters() {
      parameters ??= named().parameters.slice(1);
      return parameters;
    },
    get returns() {
      return type.returns;
    },
    get isVariadic() {
      return type.isVariadic;
    },
  };
}
