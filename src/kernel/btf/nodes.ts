/**
 * The CType nodes of BTF: they hold an id or a place in the blob and decode it when a getter is asked. Made by
 * types.ts only, which keeps one node per id.
 */

import type {
  CArray,
  CComposite,
  CEnum,
  CFunction,
  CInteger,
  CMember,
  CPointer,
  CType,
  CTypedef,
} from '../../ctype/ctype.ts';
import { BTF_KIND, HEADER_WORDS, recordCount, recordFlag, recordKind } from './records.ts';
import type { BtfTypes } from './types.ts';

/** VOID is the one void type. */
export const VOID: CType = Object.freeze({ kind: 'void' });

const INTEGER_SIGNED = 1;
const INTEGER_CHAR = 2;
const INTEGER_BOOL = 4;

/** decodeInteger reads an INT record: name, size, and the word of encoding and bits. */
export function decodeInteger(name: string, size: number, extra: number): CInteger {
  const encoding = (extra >>> 24) & 0xf;
  return {
    kind: 'integer',
    name,
    size,
    isSigned: (encoding & INTEGER_SIGNED) !== 0,
    encoding:
      (encoding & INTEGER_BOOL) !== 0
        ? 'bool'
        : (encoding & INTEGER_CHAR) !== 0 || name === 'char'
          ? 'char'
          : 'integer',
  };
}

/** BtfPointer leads on only when asked. */
export class BtfPointer implements CPointer {
  readonly kind = 'pointer';
  readonly #types: BtfTypes;
  readonly #targetId: number;

  constructor(types: BtfTypes, targetId: number) {
    this.#types = types;
    this.#targetId = targetId;
  }

  get target(): CType {
    return this.#types.type(this.#targetId);
  }

  get qualifiers(): string {
    return this.#types.qualifiers(this.#targetId);
  }

  get isUser(): boolean {
    return this.#types.hasTag(this.#targetId, 'user');
  }
}

/** BtfArray is an array type. */
export class BtfArray implements CArray {
  readonly kind = 'array';
  readonly length: number;
  readonly #types: BtfTypes;
  readonly #elementId: number;

  constructor(types: BtfTypes, elementId: number, length: number) {
    this.#types = types;
    this.#elementId = elementId;
    this.length = length;
  }

  get element(): CType {
    return this.#types.type(this.#elementId);
  }
}

/** BtfTypedef is a typedef; its name is for messages. */
export class BtfTypedef implements CTypedef {
  readonly kind = 'typedef';
  readonly #types: BtfTypes;
  readonly #nameAt: number;
  readonly #targetId: number;

  constructor(types: BtfTypes, nameAt: number, targetId: number) {
    this.#types = types;
    this.#nameAt = nameAt;
    this.#targetId = targetId;
  }

  get name(): string {
    return this.#types.image.name(this.#nameAt);
  }

  get target(): CType {
    return this.#types.type(this.#targetId);
  }
}

/** BtfComposite decodes its members when they are first asked for, and a member alone if one is. */
export class BtfComposite implements CComposite {
  readonly kind: 'struct' | 'union';
  readonly size: number;
  readonly #types: BtfTypes;
  readonly #word: number;
  readonly #info: number;
  #name: string | undefined;
  #members: readonly CMember[] | undefined;

  constructor(types: BtfTypes, word: number, info: number, size: number) {
    this.#types = types;
    this.#word = word;
    this.#info = info;
    this.kind = recordKind(info) === BTF_KIND.struct ? 'struct' : 'union';
    this.size = size;
  }

  get name(): string {
    const { image } = this.#types;
    this.#name ??= image.name(image.word(this.#word));
    return this.#name;
  }

  get members(): readonly CMember[] {
    this.#members ??= Array.from({ length: recordCount(this.#info) }, (_, index) => this.#member(index));
    return this.#members;
  }

  membersFor(name: string): readonly CMember[] {
    const count = recordCount(this.#info);
    const found = this.#types.image.withName(this.#word + HEADER_WORDS, MEMBER_WORDS, count, name);
    return found.map((index) => this.#members?.[index] ?? this.#member(index));
  }

  #member(index: number): CMember {
    const { image } = this.#types;
    const word = this.#word + HEADER_WORDS + index * MEMBER_WORDS;
    const typeId = image.word(word + 1);
    const place = image.word(word + 2);
    const bits = recordFlag(this.#info)
      ? { bitOffset: place & 0xffffff, bitSize: place >>> 24 }
      : this.#types.legacyBits(typeId, place);
    return new BtfMember(this.#types, image.name(image.word(word)), typeId, bits.bitOffset, bits.bitSize);
  }
}

const MEMBER_WORDS = 3;

class BtfMember implements CMember {
  readonly name: string;
  readonly bitOffset: number;
  declare readonly bitSize?: number;
  readonly #types: BtfTypes;
  readonly #typeId: number;

  constructor(types: BtfTypes, name: string, typeId: number, bitOffset: number, bitSize: number) {
    this.name = name;
    this.bitOffset = bitOffset;
    if (bitSize !== 0) this.bitSize = bitSize;
    this.#types = types;
    this.#typeId = typeId;
  }

  get type(): CType {
    return this.#types.type(this.#typeId);
  }

  get qualifiers(): string {
    return this.#types.qualifiers(this.#typeId);
  }
}

/** BtfEnum decodes its constants when they are first asked for. */
export class BtfEnum implements CEnum {
  readonly kind = 'enum';
  readonly name: string;
  readonly size: number;
  readonly isSigned: boolean;
  readonly #types: BtfTypes;
  readonly #word: number;
  #values: CEnum['values'] | undefined;

  constructor(types: BtfTypes, word: number) {
    const { image } = types;
    this.#types = types;
    this.#word = word;
    this.name = image.name(image.word(word));
    this.size = image.word(word + 2);
    this.isSigned = recordFlag(image.word(word + 1));
  }

  get values(): CEnum['values'] {
    this.#values ??= this.#decodeValues();
    return this.#values;
  }

  #decodeValues(): CEnum['values'] {
    const { image } = this.#types;
    const info = image.word(this.#word + 1);
    const is64 = recordKind(info) === BTF_KIND.enum64;
    const step = is64 ? 3 : 2;
    const values: { name: string; value: bigint }[] = [];
    for (let index = 0; index < recordCount(info); index++) {
      const word = this.#word + HEADER_WORDS + index * step;
      const low = BigInt(image.word(word + 1));
      const high = is64 ? BigInt(image.word(word + 2)) << 32n : 0n;
      const bits = is64 ? 64 : 32;
      values.push({
        name: image.name(image.word(word)),
        value: this.isSigned ? BigInt.asIntN(bits, high | low) : high | low,
      });
    }
    return values;
  }
}

/** BtfFunctionType is a FUNC, or a FUNC_PROTO without a name. */
export class BtfFunctionType implements CFunction {
  readonly kind = 'function';
  readonly name: string;
  readonly #types: BtfTypes;
  readonly #prototypeId: number;
  #parameters: CFunction['parameters'] | undefined;
  #isVariadic = false;

  constructor(types: BtfTypes, name: string, prototypeId: number) {
    this.#types = types;
    this.name = name;
    this.#prototypeId = prototypeId;
  }

  get parameters(): CFunction['parameters'] {
    this.#parameters ??= this.#decodeParameters();
    return this.#parameters;
  }

  get isVariadic(): boolean {
    return this.parameters !== undefined && this.#isVariadic;
  }

  get returns(): CType {
    const [types, word] = this.#types.prototypeAt(this.#prototypeId);
    return word < 0 ? VOID : types.type(types.image.word(word + 2));
  }

  #decodeParameters(): CFunction['parameters'] {
    const [types, prototype] = this.#types.prototypeAt(this.#prototypeId);
    if (prototype < 0) return [];
    const { image } = types;
    const count = recordCount(image.word(prototype + 1));
    const parameters: { name: string; readonly type: CType }[] = [];
    for (let index = 0; index < count; index++) {
      const word = prototype + HEADER_WORDS + index * 2;
      const typeId = image.word(word + 1);
      if (index === count - 1 && typeId === 0 && image.word(word) === 0) {
        this.#isVariadic = true;
        break;
      }
      parameters.push({
        name: image.name(image.word(word)),
        get type() {
          return types.type(typeId);
        },
      });
    }
    return parameters;
  }
}
