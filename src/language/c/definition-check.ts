/**
 * What is wrong with the C definitions that a script itself makes. The declaration reader makes sense of anything, since a
 * header is not its reader's to repair; a misspelled type in a script would otherwise read wrong bytes without a word. Only
 * the tokens of the script's own definitions are looked at, as the preprocessor left them.
 */

import type { CType } from '../../ctype/ctype.ts';
import type { DiagnosticList, Span } from '../../diagnostics/diagnostic.ts';
import { nearestName } from '../../diagnostics/nearest.ts';
import type { CDefinition } from '../ast.ts';
import { BASE_WORDS } from './base-types.ts';
import { ATTRIBUTE_WORDS, QUALIFIERS, TAGS, type Tag } from './declaration-words.ts';
import { sizeOf } from './layout.ts';
import type { CToken } from './tokens.ts';

/** The tokens from `start` to `end` are what one definition of the script came to. */
export interface DefinitionRange {
  readonly definition: CDefinition;
  readonly start: number;
  readonly end: number;
}

/** What the checker asks of the declaration reader. */
export interface DefinitionFacts {
  isTypeName(name: string): boolean;
  /** Names to choose a suggestion from. */
  typeNames(): Iterable<string>;
  isComplete(tag: Tag, name: string): boolean;
  isConstant(name: string): boolean;
  /** The value of the constant expression between two tokens. */
  constantAt(start: number, end: number): bigint | undefined;
  /** The type that the specifiers from a token on name. */
  typeAt(start: number): CType | undefined;
}

interface Specified {
  readonly next: number;
  /** A type that is only mentioned: nothing can be of it by value. */
  readonly incomplete?: string;
}

const DEEPEST = 100;
/** A header pasted into a script may lack thousands of types: nobody reads as many findings, and suggestions cost time. */
const MOST_FINDINGS = 1000;
const MOST_SUGGESTIONS = 20;

/** checkDefinitions reports what a C compiler would refuse. */
export function checkDefinitions(
  tokens: readonly CToken[],
  ranges: readonly DefinitionRange[],
  facts: DefinitionFacts,
  findings: DiagnosticList,
): void {
  const checker = new DefinitionChecker(tokens, facts, findings);
  for (const range of ranges) checker.check(range);
}

class DefinitionChecker {
  readonly #tokens: readonly CToken[];
  readonly #facts: DefinitionFacts;
  readonly #findings: DiagnosticList;
  /** Tags and enumerators with the place that defines them. */
  readonly #defined = new Map<string, { readonly range: DefinitionRange | undefined; readonly at: number }>();
  readonly #open = new Set<string>();
  #range: DefinitionRange | undefined;
  #depth = 0;
  #unknownTypes = 0;
  #reported = 0;

  constructor(tokens: readonly CToken[], facts: DefinitionFacts, findings: DiagnosticList) {
    this.#tokens = tokens;
    this.#facts = facts;
    this.#findings = findings;
  }

  check(range: DefinitionRange): void {
    this.#range = range;
    const { next, incomplete } = this.#specifiers(range.start);
    if (this.#text(range.start) === 'typedef') this.#declarators(range.start, next, range.end, undefined, incomplete);
  }

  // ---- specifiers ------------------------------------------------------------------------------------------

  #specifiers(start: number): Specified {
    let at = start;
    let hasBase = false;
    let incomplete: string | undefined;
    for (; this.#tokens[at]?.kind === 'identifier'; at++) {
      const text = this.#text(at);
      if (text === 'typedef' || QUALIFIERS.has(text)) continue;
      if (ATTRIBUTE_WORDS.has(text)) at = this.#lastOfAttributes(at);
      else if (BASE_WORDS.has(text)) hasBase = true;
      else if (TAGS.has(text)) {
        const tagged = this.#tagged(at, text as Tag);
        at = tagged.next - 1;
        incomplete = tagged.incomplete;
        hasBase = true;
      } else if ((text === 'typeof' || text === '__typeof__') && this.#text(at + 1) === '(') {
        at = this.#closing(at + 1);
        hasBase = true;
      } else if (hasBase) break;
      else {
        this.#requireTypeName(at, text);
        hasBase = true;
      }
    }
    return { next: at, ...(incomplete !== undefined && { incomplete }) };
  }

  #requireTypeName(at: number, name: string): void {
    if (this.#facts.isTypeName(name)) return;
    const tag = (['struct', 'union', 'enum'] as const).find((word) => this.#facts.isComplete(word, name));
    const isWorthwhile = ++this.#unknownTypes <= MOST_SUGGESTIONS;
    const near = tag === undefined ? isWorthwhile && nearestName(name, this.#facts.typeNames()) : `${tag} ${name}`;
    this.#report('c-unknown-type', `unknown type name '${name}'`, at, !near ? [] : [`did you mean '${near}'?`]);
  }

  #tagged(start: number, tag: Tag): Specified {
    let at = this.#afterAttributes(start + 1);
    const nameAt = at;
    const name = this.#tokens[at]?.kind === 'identifier' ? this.#text(at++) : '';
    at = this.#afterAttributes(at);
    if (tag === 'enum' && this.#text(at) === ':') while (!['{', ';', ''].includes(this.#text(at))) at++;
    const key = `${tag} ${name}`;
    if (this.#text(at) !== '{') {
      const isKnown = name !== '' && !this.#open.has(key) && this.#facts.isComplete(tag, name);
      return isKnown ? { next: at } : { next: at, incomplete: key };
    }
    const end = this.#closing(at);
    if (name !== '') this.#define(key, name, nameAt);
    this.#open.add(key);
    this.#depth++;
    if (tag === 'enum') this.#enumerators(at + 1, end);
    else if (this.#depth <= DEEPEST) this.#members(at + 1, end);
    this.#depth--;
    this.#open.delete(key);
    return { next: this.#afterAttributes(end + 1) };
  }

  #define(key: string, name: string, at: number): void {
    const first = this.#defined.get(key);
    if (first === undefined) this.#defined.set(key, { range: this.#range, at });
    else if (++this.#reported <= MOST_FINDINGS)
      this.#findings.error('c-redefinition', `redefinition of '${name}'`, this.#span(at), {
        notes: [{ message: 'first defined here', span: this.#span(first.at, first.range) }],
      });
  }

  // ---- bodies ----------------------------------------------------------------------------------------------

  #members(start: number, end: number): void {
    const names = new Set<string>();
    let at = start;
    while (at < end) {
      const text = this.#text(at);
      if (text === ';') at++;
      else if (text === '_Static_assert' || text === 'static_assert') at = this.#afterSemicolon(at, end);
      else {
        const { next, incomplete } = this.#specifiers(at);
        if (next === at) {
          this.#report('c-syntax', 'expected a member declaration', at);
          at = this.#afterSemicolon(at, end);
        } else at = this.#declarators(at, next, end, names, incomplete);
      }
    }
  }

  /** The names that share the specifiers from `first` on; those of a struct when `members` are given. */
  #declarators(
    first: number,
    start: number,
    end: number,
    members: Set<string> | undefined,
    incomplete: string | undefined,
  ): number {
    let at = start;
    if (this.#text(at) === ';' || at >= end) return members === undefined ? end : this.#expectSemicolon(at, end);
    for (;;) {
      const nameAt = this.#nameIn(at, end);
      const name = nameAt === undefined ? '' : this.#text(nameAt);
      const isIndirect = this.#tokens.slice(at, nameAt ?? at).some((token) => token.text === '*');
      const behind = this.#behindDeclarator(at, end, name);
      if (behind === at && this.#text(at) !== ':') {
        this.#report('c-syntax', "expected a name or ';' behind the type", Math.min(at, end - 1));
        return this.#afterSemicolon(at, end);
      }
      if (members !== undefined && nameAt !== undefined) {
        if (members.has(name)) this.#report('c-redefinition', `duplicate member '${name}'`, nameAt);
        members.add(name);
        if (incomplete !== undefined && !isIndirect)
          this.#report('c-incomplete', `field has incomplete type '${incomplete}'`, nameAt);
      }
      at = this.#text(behind) === ':' ? this.#bits(first, behind, end, name) : behind;
      at = this.#afterAttributes(at);
      if (this.#text(at) !== ',' || at >= end) return this.#expectSemicolon(at, end);
      at++;
    }
  }

  /** The token that names what is declared: the first word that is no qualifier, through pointers and parentheses. */
  #nameIn(start: number, end: number): number | undefined {
    for (let at = start; at < end; at++) {
      const token = this.#tokens[at];
      if (token === undefined) return undefined;
      if (ATTRIBUTE_WORDS.has(token.text)) at = this.#lastOfAttributes(at);
      else if (token.kind === 'identifier' && !QUALIFIERS.has(token.text)) return at;
      else if (token.kind !== 'identifier' && token.text !== '*' && token.text !== '(') return undefined;
    }
    return undefined;
  }

  #behindDeclarator(start: number, end: number, name: string): number {
    let at = start;
    let hasName = false;
    while (at < end) {
      const token = this.#tokens[at];
      if (token === undefined) break;
      const { text } = token;
      if (ATTRIBUTE_WORDS.has(text)) at = this.#lastOfAttributes(at) + 1;
      else if (text === '*' || QUALIFIERS.has(text)) at++;
      else if (text === '(') {
        at = this.#closing(at) + 1;
        hasName = true;
      } else if (text === '[') {
        const close = this.#closing(at);
        this.#length(at, close, name);
        at = close + 1;
      } else if (token.kind === 'identifier' && !hasName) {
        hasName = true;
        at++;
      } else break;
    }
    return at;
  }

  #length(open: number, close: number, name: string): void {
    if (close === open + 1) return;
    const value = this.#constant(open + 1, close);
    if (value !== undefined && value < 0n)
      this.#report('c-array-size', `'${name}' is an array of negative size (${value})`, open + 1);
  }

  #bits(first: number, colon: number, end: number, name: string): number {
    let stop = colon + 1;
    while (stop < end && ![';', ','].includes(this.#text(stop)) && !ATTRIBUTE_WORDS.has(this.#text(stop))) stop++;
    const width = this.#constant(colon + 1, stop);
    const type = this.#facts.typeAt(first);
    const bits = type === undefined ? 0 : sizeOf(type) * 8;
    if (width === undefined) return stop;
    if (width < 0n) this.#report('c-bits', `bit-field '${name}' has a negative width (${width})`, colon + 1);
    else if (width === 0n && name !== '')
      this.#report('c-bits', `bit-field '${name}' has a name, but no bits`, colon + 1);
    else if (bits > 0 && width > BigInt(bits))
      this.#report('c-bits', `bit-field '${name}' is wider (${width} bits) than its type (${bits} bits)`, colon + 1);
    return stop;
  }

  #enumerators(start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#tokens[at]?.kind !== 'identifier') {
        this.#report('c-syntax', 'expected the name of a constant', at);
        return;
      }
      this.#define(`constant ${this.#text(at)}`, this.#text(at), at);
      at = this.#afterAttributes(at + 1);
      if (this.#text(at) === '=') {
        let stop = at + 1;
        while (stop < end && this.#text(stop) !== ',')
          stop = this.#text(stop) === '(' ? this.#closing(stop) + 1 : stop + 1;
        this.#constant(at + 1, stop);
        at = stop;
      }
      if (at < end && this.#text(at) !== ',') {
        this.#report('c-syntax', "missing ',' between the constants of an enum", at);
        return;
      }
      at++;
    }
  }

  #constant(start: number, end: number): bigint | undefined {
    const value = this.#facts.constantAt(start, end);
    if (value !== undefined) return value;
    for (let at = start; at < end; at++) {
      const token = this.#tokens[at];
      if (token?.kind !== 'identifier' || this.#isKnownWord(token.text)) continue;
      this.#report('c-undeclared', `use of undeclared identifier '${token.text}'`, at);
      return undefined;
    }
    this.#report('c-constant', 'expected a constant integer', Math.min(start, end - 1));
    return undefined;
  }

  #isKnownWord(word: string): boolean {
    return (
      ['sizeof', '_Alignof', '__alignof__'].includes(word) ||
      TAGS.has(word) ||
      BASE_WORDS.has(word) ||
      QUALIFIERS.has(word) ||
      this.#facts.isConstant(word) ||
      this.#facts.isTypeName(word)
    );
  }

  #expectSemicolon(at: number, end: number): number {
    if (at < end && this.#text(at) === ';') return at + 1;
    if (at < end || this.#range?.end !== end)
      this.#report('c-syntax', "expected ';' behind a declaration", Math.min(at, end - 1));
    return this.#afterSemicolon(at, end);
  }

  // ---- tokens ----------------------------------------------------------------------------------------------

  #text(at: number): string {
    return this.#tokens[at]?.text ?? '';
  }

  #afterSemicolon(start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const text = this.#text(at);
      if (text === ';') return at + 1;
      if (text === '{' || text === '(' || text === '[') at = this.#closing(at);
    }
    return end;
  }

  #afterAttributes(start: number): number {
    let at = start;
    while (ATTRIBUTE_WORDS.has(this.#text(at)) && this.#text(at + 1) === '(') at = this.#closing(at + 1) + 1;
    return at;
  }

  /** An attribute word without parentheses is one token. */
  #lastOfAttributes(at: number): number {
    return Math.max(this.#afterAttributes(at) - 1, at);
  }

  #closing(open: number): number {
    let depth = 0;
    for (let at = open; at < this.#tokens.length; at++) {
      const text = this.#text(at);
      if (text === '(' || text === '[' || text === '{') depth++;
      else if ((text === ')' || text === ']' || text === '}') && --depth <= 0) return at;
    }
    return this.#tokens.length;
  }

  #report(code: string, message: string, at: number, hints: readonly string[] = []): void {
    if (++this.#reported <= MOST_FINDINGS) this.#findings.error(code, message, this.#span(at), { hints });
  }

  /** Where a token stands in the script; all of the definition if a macro or a joined line hides that. */
  #span(at: number, range = this.#range): Span {
    const token = this.#tokens[at];
    const definition = range?.definition;
    if (definition === undefined) throw new Error('a definition is checked outside of its range');
    const { span, text } = definition;
    if (token === undefined || text.includes('\\\n') || !text.startsWith(token.text, token.start)) return span;
    const start = span.start + token.start;
    return { ...span, start, end: start + token.text.length };
  }
}
