/**
 * Where C types come from: the script's own definitions first, then the kernel's BTF, last the debug information of the
 * binary that is probed. Also C types as types of the
 * language: `char[N]` is `string[N]`, an enum keeps its names, a pointer its address space.
 */

import type { CComposite, CEnum, CType } from '../ctype/ctype.ts';
import { nearestName } from '../diagnostics/nearest.ts';
import type { TypeFacts } from '../kernel/facts.ts';
import type { Expression } from '../language/ast.ts';
import type { CDefinitions } from '../language/c/definitions.ts';
import { integerType, VOID } from './promote.ts';
import type { AddressSpace, IntegerType, Type } from './types.ts';

type Tag = 'struct' | 'union' | 'enum' | 'typedef';

/** TypeSource answers type names for one program. */
export class TypeSource {
  /** Types that only the binaries of the probe at hand know. */
  ofBinaries: ((tag: Tag, name: string) => CType | undefined) | undefined;
  readonly #script: CDefinitions;
  readonly #facts: TypeFacts;

  constructor(script: CDefinitions, facts: TypeFacts) {
    this.#script = script;
    this.#facts = facts;
  }

  get hasKernelTypes(): boolean {
    return this.#facts.isAvailable;
  }

  struct(name: string): CComposite | undefined {
    return this.#script.structs.get(name) ?? this.#facts.struct(name) ?? this.#composite('struct', name);
  }

  union(name: string): CComposite | undefined {
    return this.#script.unions.get(name) ?? this.#facts.union(name) ?? this.#composite('union', name);
  }

  /** The kernel's BTF id of a composite; 0 for one that the script or a binary defines. */
  compositeId({ kind, name }: CComposite): number {
    const own = kind === 'struct' ? this.#script.structs : this.#script.unions;
    return own.has(name) ? 0 : this.#facts.compositeId(kind, name);
  }

  enum(name: string): CEnum | undefined {
    const known = this.#script.enums.get(name) ?? this.#facts.enum(name);
    if (known !== undefined) return known;
    const found = this.ofBinaries?.('enum', name);
    return found?.kind === 'enum' ? found : undefined;
  }

  typedef(name: string): CType | undefined {
    return this.#script.typedefs.get(name) ?? this.#facts.typedef(name) ?? this.ofBinaries?.('typedef', name);
  }

  #composite(tag: 'struct' | 'union', name: string): CComposite | undefined {
    const found = this.ofBinaries?.(tag, name);
    return found?.kind === 'struct' || found?.kind === 'union' ? found : undefined;
  }

  enumConstant(name: string): { readonly type: CEnum; readonly value: bigint } | undefined {
    return this.#script.enumConstant(name) ?? this.#facts.enumConstant(name);
  }

  /** macro gives what an object-like `#define` of the script stands for. */
  macro(name: string): Expression | undefined {
    return this.#script.macro(name);
  }

  get macroNames(): readonly string[] {
    return this.#script.macroNames;
  }

  isFunctionMacro(name: string): boolean {
    return this.#script.isFunctionMacro(name);
  }

  /** named looks a bare or tagged name up as C does, and without a tag as old scripts do: `(path *)arg0`. */
  named(name: string, tag?: 'struct' | 'union' | 'enum'): CType | undefined {
    switch (tag) {
      case 'struct':
        return this.struct(name);
      case 'union':
        return this.union(name);
      case 'enum':
        return this.enum(name);
      default:
        return this.typedef(name) ?? this.struct(name) ?? this.union(name) ?? this.enum(name);
    }
  }

  /** Nearest known name of the kind, for "did you mean". */
  nearest(name: string, tag: 'struct' | 'union' | 'enum' | 'typedef'): string | undefined {
    const script =
      tag === 'struct'
        ? this.#script.structs
        : tag === 'union'
          ? this.#script.unions
          : tag === 'enum'
            ? this.#script.enums
            : this.#script.typedefs;
    return nearestName(name, script.keys()) ?? nearestName(name, this.#facts.namesOf(tag));
  }

  /** resolve follows typedefs and completes forward declarations. */
  resolve(type: CType): CType {
    let current = type;
    for (let depth = 0; depth < 64; depth++) {
      if (current.kind === 'typedef') current = current.target;
      else if (current.kind === 'forward') {
        const complete = this.named(current.name, current.tag);
        if (complete === undefined || complete.kind === 'forward') return current;
        current = complete;
      } else return current;
    }
    return current;
  }

  /** fromC gives the language's type for a C type; pointers within point into `space`. */
  fromC(type: CType, space: AddressSpace, isTrusted = false): Type {
    const resolved = this.resolve(type);
    switch (resolved.kind) {
      case 'forward':
        return emptyStruct(resolved.name);
      case 'integer':
        if (resolved.encoding === 'bool') return { kind: 'bool' };
        return integerType(bitsOf(resolved.size), resolved.isSigned);
      case 'float':
        return integerType(bitsOf(resolved.size), false);
      case 'enum':
        return {
          kind: 'enum',
          name: resolved.name,
          bits: bitsOf(resolved.size),
          isSigned: resolved.isSigned,
          values: resolved.values,
        };
      case 'pointer': {
        const pointerSpace = resolved.isUser ? 'user' : space;
        const target = this.pointee(resolved.target, pointerSpace);
        const canTrust = isTrusted && target.kind === 'struct' && !resolved.isUser;
        return {
          kind: 'pointer',
          target,
          space: pointerSpace,
          ...(canTrust && { isTrusted: true }),
        };
      }
      case 'array':
        return this.#array(resolved, space);
      case 'struct':
      case 'union':
        return { kind: 'struct', composite: resolved };
      default:
        return VOID; // void, a function, a typedef without end
    }
  }

  /** What a pointer points to: pointers to functions and incomplete types are void. */
  pointee(type: CType, space: AddressSpace): Type {
    const resolved = this.resolve(type);
    // `char *` is a pointer to bytes; only an array of them in a struct is text.
    return this.fromC(resolved, space);
  }

  #array(type: CType & { kind: 'array' }, space: AddressSpace): Type {
    const element = this.resolve(type.element);
    if (
      element.kind === 'integer' &&
      element.size === 1 &&
      element.encoding !== 'bool' &&
      isCharacter(element.name, element.encoding)
    )
      return { kind: 'string', capacity: type.length };
    return {
      kind: 'array',
      element: this.fromC(type.element, space),
      length: type.length,
    };
  }
}

/** BTF of gcc marks no encoding for `char`: the name tells text from small numbers. */
function isCharacter(name: string, encoding: string): boolean {
  return name === 'char' || (encoding === 'char' && name !== 'unsigned char');
}

function emptyStruct(name: string): Type {
  return {
    kind: 'struct',
    composite: { kind: 'struct', name, size: 0, members: [] },
  };
}

function bitsOf(size: number): IntegerType['bits'] {
  switch (size) {
    case 1:
      return 8;
    case 2:
      return 16;
    case 4:
      return 32;
    default:
      return 64;
  }
}

/** contextPointer is the type of `ctx` for a context structure. */
export function pointerTo(target: Type, space: AddressSpace, isTrusted = false): Type {
  return {
    kind: 'pointer',
    target,
    space,
    ...(isTrusted && { isTrusted: true }),
  };
}
