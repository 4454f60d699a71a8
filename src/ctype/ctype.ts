/**
 * C types as the kernel, a header or debug info describe them: the common tongue of the BTF reader, the tracefs
 * format reader, the C declaration reader and DWARF. Members and targets are getters, so that nothing a script does
 * not name is decoded. Qualifiers matter to nobody but the reader of a listing, who finds them beside what they qualify;
 * the BTF type tag `user` survives as the address space of a pointer.
 */

export type CType =
  | CVoid
  | CInteger
  | CFloat
  | CPointer
  | CArray
  | CComposite
  | CEnum
  | CTypedef
  | CFunction
  | CForward;

export interface CVoid {
  readonly kind: 'void';
}

export interface CInteger {
  readonly kind: 'integer';
  /** As C spells it: `unsigned int`, `_Bool`, `char`. */
  readonly name: string;
  /** Bytes: 1, 2, 4, 8 or 16. */
  readonly size: number;
  readonly isSigned: boolean;
  readonly encoding: 'integer' | 'char' | 'bool';
}

export interface CFloat {
  readonly kind: 'float';
  readonly name: string;
  readonly size: number;
}

export interface CPointer {
  readonly kind: 'pointer';
  readonly target: CType;
  /** `const`, `volatile` or both, of what it points to. */
  readonly qualifiers?: string;
  /** `__user` in the declaration, where BTF has type tags or a header says so. */
  readonly isUser: boolean;
}

export interface CArray {
  readonly kind: 'array';
  readonly element: CType;
  /** 0 for a flexible array. */
  readonly length: number;
}

export interface CComposite {
  readonly kind: 'struct' | 'union';
  /** Empty for an anonymous one. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** In order of declaration; anonymous members have an empty name and are to be searched through. */
  readonly members: readonly CMember[];
  /** What a search for the name has to look at: members of that name and anonymous ones, in order. Where this is missing, all. */
  membersFor?(name: string): readonly CMember[];
}

export interface CMember {
  readonly name: string;
  /** As a pointer's. */
  readonly qualifiers?: string;
  readonly type: CType;
  /** From the start of the composite, in bits. */
  readonly bitOffset: number;
  /** Width in bits of a bitfield; absent otherwise. */
  readonly bitSize?: number;
}

export interface CEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly size: number;
  readonly isSigned: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

export interface CTypedef {
  readonly kind: 'typedef';
  readonly name: string;
  readonly target: CType;
}

export interface CFunction {
  readonly kind: 'function';
  readonly name: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: CType;
  }[];
  readonly returns: CType;
  readonly isVariadic: boolean;
}

/** A name without a definition in this source of types. */
export interface CForward {
  readonly kind: 'forward';
  readonly tag: 'struct' | 'union' | 'enum';
  readonly name: string;
}
