/**
 * BTF records → CType. A node decodes its own record when it is made and its parts when a getter is asked, so that
 * naming `struct task_struct` does not decode the thousands of types it leads to. One node per id: nodes of one blob
 * can be compared by identity.
 */

import type { CFloat, CForward, CType } from '../../ctype/ctype.ts';
import type { BtfImage } from './image.ts';
import type { BtfIndex, NameSpace } from './index.ts';
import {
  BtfArray,
  BtfComposite,
  BtfEnum,
  BtfFunctionType,
  BtfPointer,
  BtfTypedef,
  decodeInteger,
  VOID,
} from './nodes.ts';
import { BTF_KIND, HEADER_WORDS, recordFlag, recordKind, recordWords } from './records.ts';

const KINDS_OF_SPACE: Readonly<Record<NameSpace, readonly number[]>> = {
  struct: [BTF_KIND.struct],
  union: [BTF_KIND.union],
  enum: [BTF_KIND.enum, BTF_KIND.enum64],
  typedef: [BTF_KIND.typedef],
  function: [BTF_KIND.function],
  variable: [BTF_KIND.variable],
  integer: [BTF_KIND.integer, BTF_KIND.float],
  constant: [BTF_KIND.enum, BTF_KIND.enum64],
};

/** BtfTypes decodes the types of one blob; a module's rests on vmlinux's. */
export class BtfTypes {
  /** `vmlinux` or the module's name. */
  readonly module: string;
  readonly image: BtfImage;
  readonly index: BtfIndex;
  readonly base: BtfTypes | undefined;
  /** Id of the first type of this blob. */
  readonly firstId: number;
  readonly #types = new Map<number, CType>();

  constructor(module: string, image: BtfImage, index: BtfIndex, base?: BtfTypes) {
    this.module = module;
    this.image = image;
    this.index = index;
    this.base = base;
    this.firstId = base === undefined ? 1 : base.firstId + base.count;
  }

  get count(): number {
    return this.index.records.count;
  }

  /** idOf finds the first declaration of a name, 0 if there is none. */
  idOf(space: NameSpace, name: string): number {
    for (const ordinal of this.index.candidates(space, name)) {
      const word = this.index.records.at(ordinal);
      if (word < 0) continue;
      const kind = recordKind(this.image.word(word + 1));
      if (!KINDS_OF_SPACE[space].includes(kind)) continue;
      if (space === 'constant' || this.image.isName(this.image.word(word), name)) {
        return this.firstId + ordinal;
      }
    }
    return 0;
  }

  /** type gives the type of an id; void for 0 and for ids that do not exist. Qualifiers and tags are passed over. */
  type(id: number): CType {
    if (id < this.firstId) return this.base?.type(id) ?? VOID;
    let type = this.#types.get(id);
    if (type === undefined) {
      const word = this.place(id);
      const info = word < 0 ? 0 : this.image.word(word + 1);
      type = PASSED_OVER.has(recordKind(info)) ? this.type(this.#target(id)) : this.#decode(id, word, info);
      this.#types.set(id, type);
    }
    return type;
  }

  /** place gives the place of an id's record in this blob, or -1. */
  place(id: number): number {
    return this.index.records.at(id - this.firstId);
  }

  #decode(id: number, word: number, info: number): CType {
    if (word < 0) return VOID;
    const { image } = this;
    const third = image.word(word + 2);
    switch (recordKind(info)) {
      case BTF_KIND.integer:
        return decodeInteger(image.name(image.word(word)), third, image.word(word + HEADER_WORDS));
      case BTF_KIND.float:
        return { kind: 'float', name: image.name(image.word(word)), size: third } satisfies CFloat;
      case BTF_KIND.pointer:
        return new BtfPointer(this, third);
      case BTF_KIND.array:
        return new BtfArray(this, image.word(word + HEADER_WORDS), image.word(word + HEADER_WORDS + 2));
      case BTF_KIND.struct:
      case BTF_KIND.union:
        return new BtfComposite(this, word, info, third);
      case BTF_KIND.enum:
      case BTF_KIND.enum64:
        return new BtfEnum(this, word);
      case BTF_KIND.forward:
        return {
          kind: 'forward',
          tag: recordFlag(info) ? 'union' : 'struct',
          name: image.name(image.word(word)),
        } satisfies CForward;
      case BTF_KIND.typedef:
        return new BtfTypedef(this, image.word(word), third);
      case BTF_KIND.function:
        return new BtfFunctionType(this, image.name(image.word(word)), third);
      case BTF_KIND.prototype:
        return new BtfFunctionType(this, '', id);
      case BTF_KIND.variable:
        return this.type(third);
      default:
        return VOID;
    }
  }

  /** The id behind qualifiers and tags, which may be the base's. */
  #target(id: number): number {
    let current = id;
    // A malformed blob could chain qualifiers in a circle.
    for (let hops = 0; hops < 32; hops++) {
      if (current < this.firstId) return current;
      const word = this.place(current);
      if (word < 0) return 0;
      if (!PASSED_OVER.has(recordKind(this.image.word(word + 1)))) {
        return current;
      }
      current = this.image.word(word + 2);
    }
    return 0;
  }

  /** hasTag tells whether a type tag stands among the qualifiers of the id. */
  hasTag(id: number, tag: string): boolean {
    let current = id;
    for (let hops = 0; hops < 32 && current !== 0; hops++) {
      if (current < this.firstId) {
        return this.base?.hasTag(current, tag) ?? false;
      }
      const word = this.place(current);
      if (word < 0) return false;
      const kind = recordKind(this.image.word(word + 1));
      if (kind === BTF_KIND.typeTag && this.image.isName(this.image.word(word), tag)) return true;
      if (!PASSED_OVER.has(kind)) return false;
      current = this.image.word(word + 2);
    }
    return false;
  }

  /** qualifiers gives the words that stand before the type itself. */
  qualifiers(id: number): string {
    if (id !== 0 && id < this.firstId) return this.base?.qualifiers(id) ?? '';
    const word = id === 0 ? -1 : this.place(id);
    const kind = word < 0 ? BTF_KIND.void : recordKind(this.image.word(word + 1));
    if (word < 0 || !PASSED_OVER.has(kind)) return '';
    const own = kind === BTF_KIND.const ? 'const' : kind === BTF_KIND.volatile ? 'volatile' : '';
    const inner = this.qualifiers(this.image.word(word + 2));
    return own !== '' && inner !== '' ? `${own} ${inner}` : own + inner;
  }

  /** prototypeAt finds the record of a FUNC_PROTO, which may be the base's. */
  prototypeAt(id: number): [types: BtfTypes, word: number] {
    if (id < this.firstId && this.base !== undefined) {
      return this.base.prototypeAt(id);
    }
    const word = this.place(id);
    const isPrototype = word >= 0 && recordKind(this.image.word(word + 1)) === BTF_KIND.prototype;
    return [this, isPrototype ? word : -1];
  }

  /** legacyBits reads a bitfield the way of blobs without the flag: by the width of its integer type. */
  legacyBits(typeId: number, bitOffset: number): { bitOffset: number; bitSize: number } {
    const target = this.#target(typeId);
    if (target < this.firstId && this.base !== undefined) {
      return this.base.legacyBits(target, bitOffset);
    }
    const word = this.place(target);
    if (word < 0) return { bitOffset, bitSize: 0 };
    if (recordKind(this.image.word(word + 1)) !== BTF_KIND.integer) {
      return { bitOffset, bitSize: 0 };
    }
    const extra = this.image.word(word + HEADER_WORDS);
    const bits = extra & 0xff;
    const isWhole = bits === this.image.word(word + 2) * 8 && bitOffset % 8 === 0;
    return {
      bitOffset: bitOffset + ((extra >>> 16) & 0xff),
      bitSize: isWhole ? 0 : bits,
    };
  }

  /** names lists the names of a kind, in order of ids; one that is declared twice comes twice. */
  names(space: Exclude<NameSpace, 'constant'>): string[] {
    const [first, second] = KINDS_OF_SPACE[space];
    const { image } = this;
    image.loadText();
    const { words } = image.raw();
    const names: string[] = [];
    for (let word = image.typeStart; word < image.typeEnd; ) {
      const info = words[word + 1] ?? 0;
      const kind = recordKind(info);
      const name = words[word] ?? 0;
      if ((kind === first || kind === second) && name !== 0) names.push(image.name(name));
      word += recordWords(info);
    }
    return names;
  }
}

const PASSED_OVER: ReadonlySet<number> = new Set([
  BTF_KIND.const,
  BTF_KIND.volatile,
  BTF_KIND.restrict,
  BTF_KIND.typeTag,
]);
