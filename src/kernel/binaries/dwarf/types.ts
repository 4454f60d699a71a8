/**
 * C types from debug information. Targets and members are read when asked for, which also lets types refer to themselves.
 * C++ is told in C's terms: a reference is a pointer, a class a struct, its bases unnamed members.
 */

import type { CComposite, CEnum, CFunction, CMember, CType } from '../../../ctype/ctype.ts';
import { AT, FORM, TAG } from './constants.ts';
import type { DwarfFile, Entry } from './dwarf-file.ts';

const VOID: CType = { kind: 'void' };
const ENCODING_BOOL = 2;
const ENCODING_FLOAT = 4;
const ENCODING_SIGNED = 5;
const ENCODING_SIGNED_CHAR = 6;
const ENCODING_UNSIGNED_CHAR = 8;
const ENCODING_UTF = 16;

export class DwarfTypes {
  readonly #file: DwarfFile;
  readonly #known = new Map<number, CType>();

  constructor(file: DwarfFile) {
    this.#file = file;
  }

  /** The type that an entry's DW_AT_type names; void if it has none. */
  typeOf(entry: Entry): CType {
    const target = this.#file.reference(entry, AT.type);
    return target ? this.type(target) : VOID;
  }

  type(entry: Entry): CType {
    let type = this.#known.get(entry.offset);
    if (!type) {
      type = this.#read(entry);
      this.#known.set(entry.offset, type);
    }
    return type;
  }

  /** The function an entry describes, its result type and name possibly told by the entries it derives from. */
  function(entry: Entry): CFunction {
    // The concrete instance of an inlined function may lack parameters that were optimised away; the abstract one has all.
    const source = this.#file.reference(entry, AT.abstractOrigin) ?? entry;
    const parameters: { name: string; type: CType }[] = [];
    let isVariadic = false;
    for (const child of this.#file.children(source)) {
      if (child.tag === TAG.unspecifiedParameters) isVariadic = true;
      if (child.tag !== TAG.formalParameter) continue;
      parameters.push({ name: this.#file.text(child, AT.name) ?? '', type: this.typeOf(child) });
    }
    // A method defined outside its class leaves its result type to the declaration.
    const declared = this.#file.reference(source, AT.specification);
    const returns = this.typeOf(source.attributes.has(AT.type) ? source : (declared ?? source));
    return { kind: 'function', name: this.name(source), parameters, returns, isVariadic };
  }

  /** The plain name of an entry or of what it derives from. */
  name(entry: Entry): string {
    const name = this.#file.text(entry, AT.name);
    if (name !== undefined) return name;
    const source = this.#file.reference(entry, AT.abstractOrigin) ?? this.#file.reference(entry, AT.specification);
    return source ? this.name(source) : '';
  }

  #isConstant(entry: Entry | undefined): boolean {
    return entry?.tag === TAG.constType;
  }

  #read(entry: Entry): CType {
    const name = this.#file.text(entry, AT.name) ?? '';
    const typeOf = () => this.typeOf(entry);
    switch (entry.tag) {
      case TAG.baseType:
        return this.#base(entry, name);
      case TAG.pointerType:
      case TAG.referenceType:
      case TAG.rvalueReferenceType:
      case TAG.pointerToMember:
        return {
          kind: 'pointer',
          isUser: true,
          ...(this.#isConstant(this.#file.reference(entry, AT.type)) && { qualifiers: 'const' }),
          get target() {
            return typeOf();
          },
        };
      case TAG.constType:
      case TAG.volatileType:
      case TAG.restrictType:
      case TAG.atomicType:
        return typeOf();
      case TAG.typedef:
        return {
          kind: 'typedef',
          name,
          get target() {
            return typeOf();
          },
        };
      case TAG.structureType:
      case TAG.classType:
        return this.#composite(entry, 'struct', name);
      case TAG.unionType:
        return this.#composite(entry, 'union', name);
      case TAG.enumerationType:
        return this.#enum(entry, name);
      case TAG.arrayType:
        return this.#array(entry);
      case TAG.subroutineType:
        return this.function(entry);
      default:
        return VOID;
    }
  }

  #base(entry: Entry, name: string): CType {
    const size = this.#file.number(entry, AT.byteSize) ?? 0;
    const encoding = this.#file.number(entry, AT.encoding) ?? 0;
    if (encoding === ENCODING_FLOAT) return { kind: 'float', name, size };
    const isChar =
      encoding === ENCODING_SIGNED_CHAR || encoding === ENCODING_UNSIGNED_CHAR || encoding === ENCODING_UTF;
    return {
      kind: 'integer',
      name,
      size,
      isSigned: encoding === ENCODING_SIGNED || encoding === ENCODING_SIGNED_CHAR,
      encoding: encoding === ENCODING_BOOL ? 'bool' : isChar && size === 1 ? 'char' : 'integer',
    };
  }

  #composite(entry: Entry, kind: 'struct' | 'union', name: string): CType {
    if (entry.attributes.has(AT.declaration)) return { kind: 'forward', tag: kind, name };
    const readMembers = () => this.#members(entry);
    let members: readonly CMember[] | undefined;
    const composite: CComposite = {
      kind,
      name,
      size: this.#file.number(entry, AT.byteSize) ?? 0,
      get members() {
        members ??= readMembers();
        return members;
      },
    };
    return composite;
  }

  #members(entry: Entry): CMember[] {
    const members: CMember[] = [];
    for (const child of this.#file.children(entry)) {
      // Static members have a declaration and no place.
      if (child.tag !== TAG.member && child.tag !== TAG.inheritance) continue;
      if (child.attributes.has(AT.declaration)) continue;
      members.push({
        name: child.tag === TAG.member ? (this.#file.text(child, AT.name) ?? '') : '',
        type: this.typeOf(child),
        ...this.#placeOf(child),
      });
    }
    return members;
  }

  #placeOf(member: Entry): { readonly bitOffset: number; readonly bitSize?: number } {
    const location = member.attributes.get(AT.memberLocation);
    const byteOffset = location && location.length === undefined ? location.value : 0;
    const bitSize = this.#file.number(member, AT.bitSize);
    if (bitSize === undefined) return { bitOffset: byteOffset * 8 };
    const dataBitOffset = this.#file.number(member, AT.dataBitOffset);
    if (dataBitOffset !== undefined) return { bitOffset: dataBitOffset, bitSize };
    // DWARF 3 counts from the most significant bit of the storage unit.
    const storage = this.#file.number(member, AT.byteSize) ?? sizeOfType(this.typeOf(member));
    const fromTop = this.#file.number(member, AT.bitOffset) ?? 0;
    return { bitOffset: byteOffset * 8 + storage * 8 - fromTop - bitSize, bitSize };
  }

  #enum(entry: Entry, name: string): CEnum {
    const values: { name: string; value: bigint }[] = [];
    const underlying = resolveTypedefs(this.typeOf(entry));
    let isSigned = underlying.kind === 'integer' && underlying.isSigned;
    for (const child of this.#file.children(entry)) {
      if (child.tag !== TAG.enumerator) continue;
      const constant = child.attributes.get(AT.constValue);
      const value = constant?.value ?? 0;
      if (constant?.form === FORM.sdata && value < 0) isSigned = true;
      values.push({ name: this.#file.text(child, AT.name) ?? '', value: BigInt(value) });
    }
    return { kind: 'enum', name, size: this.#file.number(entry, AT.byteSize) ?? 4, isSigned, values };
  }

  /** Several dimensions are arrays of arrays. */
  #array(entry: Entry): CType {
    const lengths: number[] = [];
    for (const child of this.#file.children(entry)) {
      if (child.tag !== TAG.subrangeType) continue;
      const count = this.#constant(child, AT.count);
      const upper = this.#constant(child, AT.upperBound);
      lengths.push(count ?? (upper === undefined ? 0 : upper + 1));
    }
    let element = this.typeOf(entry);
    for (const length of lengths.reverse()) element = { kind: 'array', element, length };
    return lengths.length === 0 ? { kind: 'array', element, length: 0 } : element;
  }

  /** Undefined where the bound is a variable or an expression. */
  #constant(entry: Entry, attribute: number): number | undefined {
    const found = entry.attributes.get(attribute);
    if (!found || found.length !== undefined || REFERENCES.has(found.form)) return undefined;
    return found.value;
  }
}

const REFERENCES: ReadonlySet<number> = new Set([FORM.refAddr, FORM.ref1, FORM.ref2, FORM.ref4, FORM.ref8]);

function resolveTypedefs(type: CType): CType {
  let resolved = type;
  for (let depth = 0; resolved.kind === 'typedef' && depth < 64; depth++) resolved = resolved.target;
  return resolved;
}

function sizeOfType(type: CType): number {
  const resolved = resolveTypedefs(type);
  return 'size' in resolved ? resolved.size : 8;
}
