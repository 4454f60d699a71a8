/**
 * The reader of C declarations. One pass over the tokens finds what is declared where; the body of a struct is read
 * when someone asks for it. What is no type (functions, variables, inline bodies) is stepped over, and what is not
 * understood as well: a header is not the script's author's to repair.
 */

import type { CComposite, CEnum, CType } from '../../ctype/ctype.ts';
import { BASE_WORDS, baseType, C_INT, C_VOID, WELL_KNOWN } from './base-types.ts';
import { type ConstantContext, evaluateConstant } from './constant.ts';
import { ATTRIBUTE_WORDS, QUALIFIERS, TAGS, type Tag } from './declaration-words.ts';
import { kernelConstant } from './kernel-constants.ts';
import { alignmentOf, layOut, type MemberDeclaration, setAlignment, sizeOf } from './layout.ts';
import type { CToken } from './tokens.ts';

/** Where names come from that the text does not define: the kernel's BTF. */
export interface OuterTypes {
  struct(name: string): CComposite | undefined;
  union(name: string): CComposite | undefined;
  enum(name: string): CEnum | undefined;
  typedef(name: string): CType | undefined;
  enumConstant?(name: string): { readonly value: bigint } | undefined;
}

interface Attributes {
  isPacked: boolean;
  alignment: number | undefined;
}

interface TagDefinition {
  readonly tag: Tag;
  readonly name: string;
  /** Tokens of the body, without its braces. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
}

interface Declarator {
  readonly name: string;
  readonly wrap: (base: CType) => CType;
  readonly next: number;
}

interface Specifiers {
  readonly base: () => CType;
  readonly attributes: Attributes;
  readonly isTypedef: boolean;
  readonly next: number;
}

const LARGEST_ALIGNMENT = 1 << 16;
const LARGEST_ARRAY = 1 << 28;
const DEEPEST = 100;

/** DeclarationReader indexes tokens and makes types of them on demand. */
export class DeclarationReader {
  readonly tags = new Map<string, TagDefinition>();
  readonly typedefs = new Map<string, () => CType>();
  /** Enumerators and the definition that holds them. */
  readonly constants = new Map<string, TagDefinition>();

  readonly #tokens: readonly CToken[];
  readonly #outer: OuterTypes;
  readonly #isCharSigned: boolean;
  readonly #made = new Map<TagDefinition, CComposite | CEnum>();
  /** Constants by name, in order: each may build on those before it. */
  readonly #enumBodies = new Map<TagDefinition, ReadonlyMap<string, bigint>>();
  readonly #typedefsInWork = new Set<string>();
  readonly #bodiesInWork = new Set<TagDefinition>();
  #depth = 0;

  constructor(tokens: readonly CToken[], outer: OuterTypes, isCharSigned: boolean) {
    this.#tokens = tokens;
    this.#outer = outer;
    this.#isCharSigned = isCharSigned;
    this.#index();
  }

  // ---- the first pass --------------------------------------------------------------------------------------

  #index(): void {
    let at = 0;
    while (at < this.#tokens.length) {
      const next = this.#declaration(at);
      at = next > at ? next : at + 1;
    }
  }

  #declaration(start: number): number {
    const text = this.#text(start);
    if (text === ';') return start + 1;
    if (text === 'extern' && this.#tokens[start + 1]?.kind === 'string')
      return this.#text(start + 2) === '{' ? start + 3 : start + 2;
    const specifiers = this.#specifiers(start);
    if (!specifiers?.isTypedef) return this.#skipDeclaration(specifiers?.next ?? start);
    let at = specifiers.next;
    for (;;) {
      const declarator = this.#declarator(at);
      if (!declarator || declarator.name === '') return this.#skipDeclaration(at);
      const attributes: Attributes = { ...specifiers.attributes };
      at = this.#attributes(declarator.next, attributes);
      this.#defineTypedef(declarator, specifiers.base, attributes.alignment);
      if (this.#text(at) !== ',') return this.#skipDeclaration(at);
      at++;
    }
  }

  #defineTypedef({ name, wrap }: Declarator, base: () => CType, alignment: number | undefined): void {
    let type: CType | undefined;
    const made = (): CType => {
      if (type) return type;
      const reader = this;
      type = {
        kind: 'typedef',
        name,
        get target(): CType {
          // A typedef of itself (`typedef struct x x;` is none) would never end.
          if (reader.#typedefsInWork.has(name)) return C_VOID;
          reader.#typedefsInWork.add(name);
          try {
            return wrap(base());
          } finally {
            reader.#typedefsInWork.delete(name);
          }
        },
      };
      if (alignment !== undefined) setAlignment(type, alignment);
      return type;
    };
    if (!this.typedefs.has(name)) this.typedefs.set(name, made);
  }

  /** Behind the `;` or the body of a function that ends what begins here; nested tags are noted on the way. */
  #skipDeclaration(start: number): number {
    for (let at = start; at < this.#tokens.length; at++) {
      const text = this.#text(at);
      if (text === ';') return at + 1;
      if (text === '{') {
        const end = this.#closing(at);
        this.#noteNested(at + 1, end);
        // `= { … };` goes on to its semicolon, a function's body does not.
        if (this.#text(at - 1) !== '=') return end + 1;
        at = end;
      } else if (text === '(') at = this.#closing(at);
      else if (text === '}') return at + 1;
      else if (TAGS.has(text)) this.#noteTag(at);
    }
    return this.#tokens.length;
  }

  #noteNested(start: number, end: number): void {
    for (let at = start; at < end; at++) if (TAGS.has(this.#text(at))) this.#noteTag(at);
  }

  /** Notes `struct name {…}` and gives the definition, if there is a body. */
  #noteTag(start: number): { definition: TagDefinition; next: number } | undefined {
    const tag = this.#text(start) as Tag;
    const attributes: Attributes = { isPacked: false, alignment: undefined };
    let at = this.#attributes(start + 1, attributes);
    const name = this.#tokens[at]?.kind === 'identifier' ? this.#text(at++) : '';
    at = this.#attributes(at, attributes);
    if (tag === 'enum' && this.#text(at) === ':') while (!['{', ';', ''].includes(this.#text(at))) at++;
    if (this.#text(at) !== '{') return undefined;
    const end = this.#closing(at);
    const known = this.#definitionAt(tag, name, at + 1);
    if (known) return { definition: known, next: this.#attributes(end + 1, attributes) };
    const next = this.#attributes(end + 1, attributes);
    const definition: TagDefinition = { tag, name, start: at + 1, end, attributes };
    this.#byStart.set(at + 1, definition);
    if (name !== '' && !this.tags.has(`${tag} ${name}`)) this.tags.set(`${tag} ${name}`, definition);
    if (tag === 'enum') this.#noteConstants(definition);
    else this.#noteNested(at + 1, end);
    return { definition, next };
  }

  readonly #byStart = new Map<number, TagDefinition>();

  #definitionAt(tag: Tag, name: string, start: number): TagDefinition | undefined {
    const known = this.#byStart.get(start);
    return known?.tag === tag && known.name === name ? known : undefined;
  }

  #noteConstants(definition: TagDefinition): void {
    let isName = true;
    for (let at = definition.start; at < definition.end; at++) {
      const token = this.#tokens[at];
      if (!token) return;
      if (token.text === '(') at = this.#closing(at);
      else if (isName && token.kind === 'identifier') {
        if (!this.constants.has(token.text)) this.constants.set(token.text, definition);
        isName = false;
      } else if (token.text === ',') isName = true;
    }
  }

  // ---- specifiers, declarators, attributes -----------------------------------------------------------------

  #specifiers(start: number): Specifiers | undefined {
    const words: string[] = [];
    const attributes: Attributes = { isPacked: false, alignment: undefined };
    let base: (() => CType) | undefined;
    let isTypedef = false;
    let at = start;
    for (; at < this.#tokens.length; at++) {
      const token = this.#tokens[at];
      if (token?.kind !== 'identifier') break;
      const { text } = token;
      if (text === 'typedef') isTypedef = true;
      else if (QUALIFIERS.has(text)) continue;
      else if (ATTRIBUTE_WORDS.has(text)) at = Math.max(this.#attributes(at, attributes) - 1, at);
      else if (BASE_WORDS.has(text)) words.push(text);
      else if (TAGS.has(text)) {
        const tagged = this.#taggedType(at, text as Tag);
        if (!tagged) return undefined;
        base = tagged.type;
        at = tagged.next - 1;
      } else if ((text === 'typeof' || text === '__typeof__') && this.#text(at + 1) === '(') {
        base = () => C_INT;
        at = this.#closing(at + 1);
      } else if (base === undefined && words.length === 0) base = () => this.#named(text);
      else break;
    }
    if (at === start) return undefined;
    const simple = words.length > 0 ? baseType(words, this.#isCharSigned) : C_INT;
    return { base: base ?? (() => simple), attributes, isTypedef, next: at };
  }

  #taggedType(start: number, tag: Tag): { type: () => CType; next: number } | undefined {
    const body = this.#noteTag(start);
    if (body) return { type: () => this.#make(body.definition), next: body.next };
    const attributes: Attributes = { isPacked: false, alignment: undefined };
    const at = this.#attributes(start + 1, attributes);
    const name = this.#tokens[at];
    if (name?.kind !== 'identifier') return undefined;
    return { type: () => this.tagged(tag, name.text), next: at + 1 };
  }

  #declarator(start: number): Declarator | undefined {
    if (++this.#depth > DEEPEST) {
      this.#depth--;
      return undefined;
    }
    const result = this.#declaratorWithin(start);
    this.#depth--;
    return result;
  }

  #declaratorWithin(start: number): Declarator | undefined {
    const ignored: Attributes = { isPacked: false, alignment: undefined };
    let at = start;
    const pointers: boolean[] = [];
    for (;;) {
      const text = this.#text(at);
      if (text === '*') pointers.push(false);
      else if (text === '__user' && pointers.length > 0) pointers[pointers.length - 1] = true;
      else if (!QUALIFIERS.has(text)) {
        const behind = this.#attributes(at, ignored);
        if (behind === at) break;
        at = behind;
        continue;
      }
      at++;
    }
    const addPointers = (base: CType): CType =>
      pointers.reduce<CType>((target, isUser) => ({ kind: 'pointer', target, isUser }), base);
    let name = '';
    let inner: Declarator | undefined;
    if (this.#text(at) === '(' && !this.#startsParameters(at + 1)) {
      inner = this.#declarator(at + 1);
      if (!inner || this.#text(inner.next) !== ')') return undefined;
      at = inner.next + 1;
    } else if (this.#tokens[at]?.kind === 'identifier') name = this.#text(at++);
    const suffixes: ((base: CType) => CType)[] = [];
    for (;;) {
      const text = this.#text(at);
      if (text === '[') {
        const end = this.#closing(at);
        const length = this.#arrayLength(at + 1, end);
        suffixes.push((element) => ({ kind: 'array', element, length }));
        at = end + 1;
      } else if (text === '(') {
        const end = this.#closing(at);
        const open = at + 1;
        suffixes.push((returns) => this.#functionType(returns, open, end));
        at = end + 1;
      } else break;
    }
    const wrap = (base: CType): CType => {
      const outer = suffixes.reduceRight<CType>((type, suffix) => suffix(type), addPointers(base));
      return inner ? inner.wrap(outer) : outer;
    };
    return { name: inner?.name ?? name, wrap, next: at };
  }

  /** `(` of a parameter list, not of a nested declarator. */
  #startsParameters(at: number): boolean {
    const text = this.#text(at);
    if (text === ')' || BASE_WORDS.has(text) || TAGS.has(text)) return true;
    if (text === 'const' || text === 'volatile') return true;
    return this.#tokens[at]?.kind === 'identifier' && !ATTRIBUTE_WORDS.has(text) && this.isTypeName(text);
  }

  #functionType(returns: CType, start: number, end: number): CType {
    const parameters: { readonly name: string; readonly type: CType }[] = [];
    let isVariadic = false;
    for (let at = start; at < end; ) {
      if (this.#text(at) === '...') isVariadic = true;
      const specifiers = this.#specifiers(at);
      const declarator = specifiers && this.#declarator(specifiers.next);
      if (specifiers && declarator) {
        const type = declarator.wrap(specifiers.base());
        if (type.kind !== 'void') parameters.push({ name: declarator.name, type });
        at = declarator.next;
      }
      while (at < end && this.#text(at) !== ',') at = this.#text(at) === '(' ? this.#closing(at) + 1 : at + 1;
      at++;
    }
    return { kind: 'function', name: '', parameters, returns, isVariadic };
  }

  /** Reads attributes from `start` on and gives the offset behind them. */
  #attributes(start: number, into: Attributes): number {
    let at = start;
    while (ATTRIBUTE_WORDS.has(this.#text(at)) && this.#text(at + 1) === '(') {
      const end = this.#closing(at + 1);
      for (let inner = at; inner < end; inner++) {
        const word = this.#text(inner).replaceAll('_', '');
        if (word === 'packed') into.isPacked = true;
        else if (word === 'aligned' || word === 'Alignas') {
          const value =
            this.#text(inner + 1) === '('
              ? evaluateConstant(this.#tokens, inner + 2, this.#closing(inner + 1), this.#constantContext)
              : 16n;
          if (value !== undefined && value > 0n && value <= LARGEST_ALIGNMENT)
            into.alignment = Math.max(into.alignment ?? 1, Number(value));
        }
      }
      at = end + 1;
    }
    if (this.#text(at) === '__asm__' || this.#text(at) === 'asm') return this.#closing(at + 1) + 1;
    return at;
  }

  #arrayLength(start: number, end: number): number {
    if (start >= end) return 0;
    const value = evaluateConstant(this.#tokens, start, end, this.#constantContext);
    return value !== undefined && value > 0n && value <= LARGEST_ARRAY ? Number(value) : 0;
  }

  // ---- types on demand -------------------------------------------------------------------------------------

  /** tagged gives `struct name`, from the text or from outside; a forward declaration if nobody defines it. */
  tagged(tag: Tag, name: string): CType {
    const definition = this.tags.get(`${tag} ${name}`);
    if (definition) return this.#make(definition);
    return this.#outer[tag](name) ?? { kind: 'forward', tag, name };
  }

  /** own gives a definition of the text only. */
  own(tag: Tag, name: string): CComposite | CEnum | undefined {
    const definition = this.tags.get(`${tag} ${name}`);
    return definition && this.#make(definition);
  }

  /** constant gives the value of an enumerator of the text. */
  constant(name: string): { readonly type: CEnum; readonly value: bigint } | undefined {
    const definition = this.constants.get(name);
    const type = definition && this.#make(definition);
    if (type?.kind !== 'enum') return undefined;
    const value = type.values.find((entry) => entry.name === name)?.value;
    return value === undefined ? undefined : { type, value };
  }

  /** isComplete tells whether `struct name` is defined, here or outside. */
  isComplete(tag: Tag, name: string): boolean {
    return this.tags.has(`${tag} ${name}`) || this.#outer[tag](name) !== undefined;
  }

  /** typeNames gives the names of types that stand for themselves. */
  typeNames(): Iterable<string> {
    return [...this.typedefs.keys(), ...WELL_KNOWN.keys(), ...BASE_WORDS];
  }

  /** isConstant tells names that have a value in constant expressions. */
  isConstant(name: string): boolean {
    return this.#constantContext.identifier(name) !== undefined;
  }

  /** constantAt computes the constant expression between two tokens. */
  constantAt(start: number, end: number): bigint | undefined {
    return evaluateConstant(this.#tokens, start, end, this.#constantContext);
  }

  /** typeAt gives the type that the specifiers from a token on name. */
  typeAt(start: number): CType | undefined {
    return this.#specifiers(start)?.base();
  }

  /** The enums without a name: their constants count all the same. */
  anonymousEnums(): readonly (() => CEnum | undefined)[] {
    return [...new Set(this.constants.values())]
      .filter((definition) => definition.name === '')
      .map((definition) => () => {
        const made = this.#make(definition);
        return made.kind === 'enum' ? made : undefined;
      });
  }

  #named(name: string): CType {
    return this.typedefs.get(name)?.() ?? WELL_KNOWN.get(name) ?? this.#outer.typedef(name) ?? C_INT;
  }

  /** isTypeName tells names of types from others. */
  isTypeName(name: string): boolean {
    return this.typedefs.has(name) || WELL_KNOWN.has(name) || this.#outer.typedef(name) !== undefined;
  }

  #make(definition: TagDefinition): CComposite | CEnum {
    const known = this.#made.get(definition);
    if (known) return known;
    const made = definition.tag === 'enum' ? this.#makeEnum(definition) : this.#makeComposite(definition);
    this.#made.set(definition, made);
    return made;
  }

  #makeComposite(definition: TagDefinition): CComposite {
    let layout: ReturnType<typeof layOut> | undefined;
    const laidOut = () => {
      if (layout) return layout;
      // A struct that holds itself by value is an error of its author; it ends here.
      if (this.#bodiesInWork.has(definition)) return { members: [], size: 0, alignment: 1 };
      this.#bodiesInWork.add(definition);
      const { isPacked, alignment } = definition.attributes;
      layout = layOut(this.#members(definition), {
        isUnion: definition.tag === 'union',
        isPacked,
        ...(alignment !== undefined && { alignment }),
      });
      this.#bodiesInWork.delete(definition);
      setAlignment(type, layout.alignment);
      return layout;
    };
    const type: CComposite = {
      kind: definition.tag === 'union' ? 'union' : 'struct',
      name: definition.name,
      get size() {
        return laidOut().size;
      },
      get members() {
        return laidOut().members;
      },
    };
    return type;
  }

  #members(definition: TagDefinition): MemberDeclaration[] {
    const members: MemberDeclaration[] = [];
    let at = definition.start;
    while (at < definition.end) {
      const start = at;
      const specifiers = this.#specifiers(at);
      if (!specifiers || specifiers.next > definition.end) {
        at = this.#skipDeclaration(Math.max(at, start));
        continue;
      }
      at = specifiers.next;
      const base = specifiers.base();
      if (this.#text(at) === ';') {
        // `struct { … };` gives its members; `struct named { … };` and lone words give none.
        if ((base.kind === 'struct' || base.kind === 'union') && base.name === '')
          members.push(member('', base, specifiers.attributes));
        at++;
        continue;
      }
      at = this.#memberDeclarators(at, definition.end, base, specifiers.attributes, members);
      if (at <= start) at = start + 1;
    }
    return members;
  }

  #memberDeclarators(
    start: number,
    end: number,
    base: CType,
    shared: Attributes,
    members: MemberDeclaration[],
  ): number {
    let at = start;
    while (at < end) {
      const declarator = this.#text(at) === ':' ? undefined : this.#declarator(at);
      const type = declarator ? declarator.wrap(base) : base;
      const attributes: Attributes = { ...shared };
      let bitSize: number | undefined;
      at = declarator?.next ?? at;
      if (this.#text(at) === ':') {
        let stop = at + 1;
        while (stop < end && ![';', ','].includes(this.#text(stop)) && !ATTRIBUTE_WORDS.has(this.#text(stop))) stop++;
        const width = evaluateConstant(this.#tokens, at + 1, stop, this.#constantContext);
        bitSize = width !== undefined && width >= 0n && width <= 128n ? Number(width) : 0;
        at = stop;
      }
      at = this.#attributes(at, attributes);
      if (declarator || bitSize !== undefined)
        members.push({
          ...member(declarator?.name ?? '', type, attributes),
          ...(bitSize !== undefined && { bitSize }),
        });
      if (this.#text(at) === ',') at++;
      else break;
    }
    return this.#skipDeclaration(at);
  }

  #makeEnum(definition: TagDefinition): CEnum {
    const values = Array.from(this.#enumValues(definition), ([name, value]) => ({ name, value }));
    const isSigned = values.some((entry) => entry.value < 0n);
    const isWide = values.some((entry) => entry.value > 0xffffffffn || entry.value < -0x80000000n);
    const size = definition.attributes.isPacked ? packedEnumSize(values, isSigned) : isWide ? 8 : 4;
    return { kind: 'enum', name: definition.name, size, isSigned, values };
  }

  #enumValues(definition: TagDefinition): ReadonlyMap<string, bigint> {
    const known = this.#enumBodies.get(definition);
    if (known) return known;
    const values = new Map<string, bigint>();
    this.#enumBodies.set(definition, values);
    let next = 0n;
    for (let at = definition.start; at < definition.end; at++) {
      const name = this.#tokens[at];
      if (name?.kind !== 'identifier') continue;
      let stop = at + 1;
      while (stop < definition.end && this.#text(stop) !== ',') {
        stop = this.#text(stop) === '(' ? this.#closing(stop) + 1 : stop + 1;
      }
      const equals = this.#text(at + 1) === '=' ? at + 1 : undefined;
      const value =
        equals === undefined ? next : evaluateConstant(this.#tokens, equals + 1, stop, this.#constantContext);
      if (value !== undefined) {
        if (!values.has(name.text)) values.set(name.text, BigInt.asIntN(65, value));
        next = value + 1n;
      }
      at = stop;
    }
    return values;
  }

  readonly #constantContext: ConstantContext = {
    identifier: (name) => {
      const definition = this.constants.get(name);
      if (definition) return this.#enumValues(definition).get(name);
      // The lengths of the kernel's own arrays: TASK_COMM_LEN is an enumerator to BTF, PATH_MAX a macro that leaves no trace.
      return this.#outer.enumConstant?.(name)?.value ?? kernelConstant(name);
    },
    typeAt: (start) => {
      const first = this.#tokens[start];
      if (first?.kind !== 'identifier') return undefined;
      const isType = BASE_WORDS.has(first.text) || TAGS.has(first.text) || first.text === 'const';
      if (!isType && !this.isTypeName(first.text)) return undefined;
      const specifiers = this.#specifiers(start);
      const declarator = specifiers && this.#declarator(specifiers.next);
      if (!specifiers || !declarator) return undefined;
      const type = declarator.wrap(specifiers.base());
      return {
        size: sizeOf(type),
        alignment: alignmentOf(type),
        isSigned: isSignedType(type),
        end: declarator.next,
      };
    },
  };

  // ---- tokens ----------------------------------------------------------------------------------------------

  #text(at: number): string {
    return this.#tokens[at]?.text ?? '';
  }

  /** Index of the bracket that closes the one at `open`; the last token if none does. */
  #closing(open: number): number {
    let depth = 0;
    for (let at = open; at < this.#tokens.length; at++) {
      const text = this.#text(at);
      if (text === '(' || text === '[' || text === '{') depth++;
      else if (text === ')' || text === ']' || text === '}') {
        depth--;
        if (depth <= 0) return at;
      }
    }
    return this.#tokens.length;
  }
}

function isSignedType(type: CType): boolean {
  let current = type;
  for (let depth = 0; current.kind === 'typedef' && depth < DEEPEST; depth++) current = current.target;
  return (current.kind === 'integer' || current.kind === 'enum') && current.isSigned;
}

function member(name: string, type: CType, attributes: Attributes): MemberDeclaration {
  return {
    name,
    type,
    isPacked: attributes.isPacked,
    ...(attributes.alignment !== undefined && { alignment: attributes.alignment }),
  };
}

function packedEnumSize(values: readonly { readonly value: bigint }[], isSigned: boolean): number {
  const fits = (bits: bigint) => {
    const low = isSigned ? -(1n << (bits - 1n)) : 0n;
    const high = isSigned ? 1n << (bits - 1n) : 1n << bits;
    return values.every((entry) => entry.value >= low && entry.value < high);
  };
  return fits(8n) ? 1 : fits(16n) ? 2 : fits(32n) ? 4 : 8;
}
