/**
 * The lexer. It has modes, since the language has: attach points exist only outside of blocks, where `/` begins a
 * predicate; inside a predicate `/` divides or, before `{`, ends it; C definitions are taken verbatim. Never throws:
 * what cannot be read is reported and becomes an `invalid` token.
 */

import type { Lexer } from 'typescript-parsec';
import type { DiagnosticDetails, DiagnosticList, Source, Span } from '../diagnostics/diagnostic.ts';
import type { Comment } from './ast.ts';
import { deepBracket, isBlank, isDigit, isWord, isWordStart, skipDefinition, skipDirective } from './characters.ts';
import { LIMITS } from './limits.ts';
import { readInteger, readString } from './literals.ts';
import { PUNCTUATION } from './operators.ts';
import { providerNamed, takesPath } from './providers.ts';
import { SkippedText } from './skipped-text.ts';
import { ScriptToken, type TokenKind } from './tokens.ts';

/** Spellings by first character, longest first. */
const PUNCTUATION_BY_FIRST: ReadonlyMap<number, readonly string[]> = groupPunctuation();

const CLOSERS: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/** Words that begin something other than a probe outside of blocks, with what must follow. */
const ROOT_ITEMS: ReadonlyMap<string, RegExp> = new Map([
  ['config', /\s*=/y],
  ['import', /\s*"/y],
  ['let', /\s/y],
  ['macro', /\s+[A-Za-z_]/y],
  ['fn', /\s+[A-Za-z_]/y],
]);

const DEFINITION_WORDS: ReadonlySet<string> = new Set(['struct', 'union', 'enum', 'typedef']);

type Mode =
  /** Outside of everything: items, attach points. */
  | 'root'
  | 'predicate'
  /** In a block, or in an item that is no probe; `ending` says when the item is over. */
  | 'code';

interface Bracket {
  readonly text: string;
  readonly start: number;
}

export interface LexerOptions {
  /** End open blocks where a line begins like a probe: the second look, once braces turned out unbalanced. */
  readonly shouldCloseAtProbes?: boolean;
  /** Read the text as code (an expression), not as a program. */
  readonly isFragment?: boolean;
}

/** What web pages and word processors make of plain characters. */
const LOOKALIKES: readonly (readonly [characters: string, hint: string])[] = [
  ["'`\u2018\u2019\u201c\u201d\u201e", 'strings take double quotes: "…"'],
  [
    '\u00a0\u2002\u2003\u2007\u2009\u202f\u200b\ufeff',
    'it looks like a blank and is none, as text from web pages has it: type a blank',
  ],
  ['\u2010\u2011\u2012\u2013\u2014\u2212', 'minus is a plain `-`'],
];

/** ScriptLexer turns one source into a chain of tokens, and keeps what is not a token: comments and findings. */
export class ScriptLexer implements Lexer<TokenKind> {
  readonly comments: Comment[] = [];
  shebang: string | undefined = undefined;
  /** True if at the end a `{` has no partner. */
  isUnbalanced = false;
  /** Set when a limit was met: the tokens then are not worth parsing. */
  isAborted = false;

  /** What the end of the text is part of, for completion at a cursor there. */
  get endState(): { readonly mode: Mode; readonly item: string | undefined } {
    return { mode: this.#mode, item: this.#mode === 'root' ? undefined : this.#item };
  }

  readonly #source: Source;
  readonly #text: string;
  readonly #diagnostics: DiagnosticList;
  readonly #options: LexerOptions;
  #at = 0;
  #mode: Mode = 'root';
  #item: string | undefined = undefined;
  readonly #brackets: Bracket[] = [];
  #first: ScriptToken | undefined = undefined;
  #last: ScriptToken | undefined = undefined;
  #tokenCount = 0;
  #errorCount = 0;
  #predicateHasIf = false;
  readonly #skipped: SkippedText;

  constructor(source: Source, diagnostics: DiagnosticList, options: LexerOptions = {}) {
    this.#source = source;
    this.#text = source.text;
    this.#skipped = new SkippedText(source.text);
    this.#diagnostics = diagnostics;
    this.#options = options;
  }

  parse(): ScriptToken {
    if (this.#text.length > LIMITS.sourceLength) {
      this.#abort('input-limit', `syntax: the script is longer than ${LIMITS.sourceLength} characters`, 0, 0);
      return this.#finish();
    }
    if (this.#options.isFragment) this.#mode = 'code';
    else this.#readShebang();
    while (!this.isAborted) {
      this.#skipBlanks();
      if (this.#at >= this.#text.length) break;
      if (this.#tokenCount > LIMITS.tokens) {
        this.#abort('input-limit', `syntax: the script has more than ${LIMITS.tokens} tokens`, this.#at, this.#at + 1);
        break;
      }
      if (this.#mode === 'root') this.#readRoot();
      else this.#readCode();
    }
    return this.#finish();
  }

  #finish(): ScriptToken {
    const open = this.#brackets.find((bracket) => bracket.text === '{');
    this.isUnbalanced = open !== undefined;
    const end = this.#text.length;
    return this.#push('end', '', end, end, open && BigInt(open.start));
  }

  // ---- outside of blocks -----------------------------------------------------------------------------------

  #readShebang(): void {
    if (!this.#text.startsWith('#!')) return;
    const end = this.#text.indexOf('\n');
    this.shebang = this.#text.slice(0, end < 0 ? this.#text.length : end);
    this.#at = this.shebang.length;
  }

  #readRoot(): void {
    const text = this.#text;
    const start = this.#at;
    const code = text.charCodeAt(start);
    switch (text[start]) {
      case '#':
        if (text[start + 1] === '!') this.#readMisplacedShebang();
        else this.#pushTo('definition', skipDirective(text, start));
        return;
      case '/':
        this.#mode = 'predicate';
        this.#predicateHasIf = false;
        this.#pushTo('predicateStart', start + 1);
        return;
      case '{':
        this.#mode = 'code';
        this.#item = 'probe';
        this.#readPunctuation();
        return;
      case ',':
      case ';':
      case '}':
      case ')':
        this.#pushTo('punctuation', start + 1);
        return;
    }
    if (isWordStart(code) && this.#last?.text !== ',') {
      const word = this.#wordAt(start);
      if (DEFINITION_WORDS.has(word)) {
        this.#readDefinition();
        return;
      }
      const follower = ROOT_ITEMS.get(word);
      if (follower) {
        follower.lastIndex = start + word.length;
        if (follower.test(text)) {
          this.#mode = 'code';
          this.#item = word;
          this.#pushTo('identifier', start + word.length);
          return;
        }
      }
    }
    this.#readAttachPoint();
  }

  #readDefinition(): void {
    const start = this.#at;
    const end = skipDefinition(this.#text, start);
    if (end === undefined) {
      const brace = this.#text.indexOf('{', start);
      const word = this.#wordAt(start);
      this.#error(
        'syntax',
        brace < 0 ? "syntax: expected '{'" : "syntax: expected '}'",
        this.#span(start, start + word.length),
        brace < 0
          ? {}
          : {
              notes: [
                {
                  message: "unbalanced '{' is here",
                  span: this.#span(brace, brace + 1),
                },
              ],
            },
      );
      this.#pushTo('invalid', this.#text.length);
      return;
    }
    const tooDeep = deepBracket(this.#text, start, end, LIMITS.nesting);
    if (tooDeep !== undefined) {
      this.#abort('nesting-limit', `syntax: nested deeper than ${LIMITS.nesting} levels`, tooDeep, tooDeep + 1);
      return;
    }
    this.#pushTo('definition', end);
  }

  #readAttachPoint(): void {
    const text = this.#text;
    const start = this.#at;
    let end = start;
    let stopsAtSlash = true;
    let isFirstColon = true;
    scan: for (; end < text.length; end++) {
      switch (text[end]) {
        case '"':
          end = this.#endOfQuotedPart(end) - 1;
          break;
        case ':':
          if (isFirstColon) {
            isFirstColon = false;
            const provider = text.slice(start, end);
            stopsAtSlash = !takesPath(provider.slice(provider.indexOf('=') + 1));
          }
          break;
        case '/':
          if (stopsAtSlash) break scan;
          break;
        case '{':
        case ',':
          break scan;
        default:
          if (isBlank(text.charCodeAt(end))) break scan;
      }
    }
    if (text.slice(start, end).includes('\0')) {
      this.#reportCharacters(start, end);
      this.#pushTo('invalid', end);
      return;
    }
    this.#pushTo('attachPoint', end);
  }

  #endOfQuotedPart(start: number): number {
    const end = endOfQuoted(this.#text, start);
    if (end <= start + 1 || this.#text[end - 1] !== '"')
      this.#error('unterminated-string', 'syntax: unterminated string literal', this.#span(start, end));
    return end;
  }

  // ---- inside of blocks and predicates ---------------------------------------------------------------------

  #readCode(): void {
    const text = this.#text;
    const start = this.#at;
    const code = text.charCodeAt(start);
    if (isWordStart(code)) {
      if (this.#options.shouldCloseAtProbes && this.#closeBeforeProbe()) return;
      const word = this.#wordAt(start);
      if (word === 'if' || word === 'else') this.#predicateHasIf = true;
      this.#push('identifier', word, start, start + word.length);
      this.#at = start + word.length;
    } else if (isDigit(code)) this.#readInteger();
    else if (text[start] === '"') this.#readString();
    else if (text[start] === '$') this.#readDollar();
    else if (text[start] === '@') {
      const end = isWordStart(text.charCodeAt(start + 1)) ? start + 1 + this.#wordAt(start + 1).length : start + 1;
      this.#pushTo('map', end);
    } else if (text[start] === '#') this.#readMisplacedDirective();
    else this.#readPunctuation();
  }

  #readPunctuation(): void {
    const text = this.#text;
    const start = this.#at;
    if (
      text[start] === '/' &&
      this.#mode === 'predicate' &&
      !this.#brackets.some((open) => open.text === '{') &&
      this.#isBeforeBrace(start + 1)
    ) {
      this.#brackets.length = 0;
      this.#mode = 'root';
      this.#pushTo('predicateEnd', start + 1);
      return;
    }
    const spelling = PUNCTUATION_BY_FIRST.get(text.charCodeAt(start))?.find((candidate) =>
      text.startsWith(candidate, start),
    );
    if (spelling === undefined) {
      this.#readInvalid();
      return;
    }
    if (spelling === '{' || spelling === '(' || spelling === '[') this.#open(spelling, start);
    this.#push('punctuation', spelling, start, start + spelling.length);
    this.#at = start + spelling.length;
    const opener = CLOSERS.get(spelling);
    if (opener !== undefined) this.#close(spelling, opener);
    else if (spelling === ';' && this.#brackets.length === 0 && !this.#options.isFragment) this.#mode = 'root';
  }

  #open(text: string, start: number): void {
    if (
      text === '{' &&
      this.#mode === 'predicate' &&
      this.#brackets.length === 0 &&
      !this.#predicateHasIf &&
      isOperandEnd(this.#last)
    ) {
      // The closing `/` is missing: this is the block.
      this.#mode = 'code';
      this.#item = 'probe';
    }
    this.#brackets.push({ text, start });
    if (this.#brackets.length > LIMITS.nesting)
      this.#abort('nesting-limit', `syntax: nested deeper than ${LIMITS.nesting} levels`, start, start + 1);
  }

  #close(spelling: string, opener: string): void {
    const brackets = this.#brackets;
    if (spelling === '}') {
      // A brace closes whatever is still open inside of it.
      let index = brackets.length - 1;
      while (index >= 0 && brackets[index]?.text !== '{') index--;
      brackets.length = Math.max(index, 0);
      // What is open outside of all braces was never closed: the item is over all the same.
      if (!brackets.some((open) => open.text === '{')) brackets.length = 0;
      if (index < 0 && this.#mode === 'predicate') return;
    } else if (brackets.at(-1)?.text === opener) brackets.pop();
    if (
      this.#mode === 'code' &&
      brackets.length === 0 &&
      !this.#options.isFragment &&
      (spelling === '}' || (spelling === ')' && this.#item === 'let'))
    )
      this.#mode = 'root';
  }

  #closeBeforeProbe(): boolean {
    const text = this.#text;
    const start = this.#at;
    if (start > 0 && text[start - 1] !== '\n') return false;
    if (this.#brackets.length === 0) return false;
    const match = PROBE_START.exec(text.slice(start, start + 40));
    if (!match || providerNamed(match[1] ?? '') === undefined) return false;
    for (const open of this.#brackets.toReversed())
      if (open.text === '{') this.#push('unclosed', '', start, start, BigInt(open.start));
    this.#brackets.length = 0;
    this.#mode = 'root';
    return true;
  }

  #readInteger(): void {
    const start = this.#at;
    let end = start + 1;
    while (isWord(this.#text.charCodeAt(end))) end++;
    const text = this.#text.slice(start, end);
    const { value, error } = readInteger(text);
    if (error !== undefined) this.#error('invalid-integer', `syntax: ${error}`, this.#span(start, end));
    const isFraction = this.#text[end] === '.' && isDigit(this.#text.charCodeAt(end + 1));
    if (isFraction && this.#last?.text !== '.' && this.#last?.text !== '->') {
      // Taken whole, so that the fraction is not taken for an element of a tuple.
      while (isWord(this.#text.charCodeAt(end + 1))) end++;
      end++;
      this.#error('no-floating-point', 'syntax: there are no floating-point numbers', this.#span(start, end));
    }
    this.#push('integer', text, start, end, value);
    this.#at = end;
    if (this.#item === 'import') this.#mode = 'root';
  }

  #readString(): void {
    const start = this.#at;
    const end = endOfQuoted(this.#text, start);
    const isTerminated = end > start + 1 && this.#text[end - 1] === '"';
    const body = this.#text.slice(start + 1, isTerminated ? end - 1 : end);
    const reading = readString(body);
    if (!isTerminated)
      this.#error('unterminated-string', 'syntax: unterminated string literal', this.#span(start, end));
    for (const error of isTerminated ? reading.errors : [])
      this.#error(
        'invalid-escape',
        `syntax: ${error.message}`,
        this.#span(start + 1 + error.start, start + 1 + error.end),
      );
    this.#push('string', this.#text.slice(start, end), start, end, reading.value);
    this.#at = end;
    if (this.#item === 'import' && this.#brackets.length === 0) this.#mode = 'root';
  }

  #readDollar(): void {
    const text = this.#text;
    const start = this.#at;
    const code = text.charCodeAt(start + 1);
    if (isWordStart(code)) {
      this.#pushTo('variable', start + 1 + this.#wordAt(start + 1).length);
    } else if (isDigit(code)) {
      let end = start + 2;
      while (isWord(text.charCodeAt(end))) end++;
      const digits = text.slice(start + 1, end);
      const index = Number(digits);
      if (!(index >= 1 && index <= LIMITS.positionalParameter))
        this.#error(
          'invalid-parameter',
          `syntax: param $${digits} is out of integer range [1, ${LIMITS.positionalParameter}]`,
          this.#span(start, end),
        );
      this.#push('positional', text.slice(start, end), start, end, digits);
      this.#at = end;
    } else if (text[start + 1] === '#') this.#pushTo('parameterCount', start + 2);
    else this.#readInvalid();
  }

  #readMisplacedShebang(): void {
    const end = skipDirective(this.#text, this.#at);
    this.#error('misplaced-shebang', "'#!' is for the very start of a script", this.#span(this.#at, end));
    this.#at = end;
  }

  #readMisplacedDirective(): void {
    const end = skipDirective(this.#text, this.#at);
    this.#error('definition-order', 'C definitions must appear before probes and functions', this.#span(this.#at, end));
    this.#at = end;
  }

  #readInvalid(): void {
    const text = this.#text;
    const start = this.#at;
    let end = start + 1;
    const closing = text[start] === "'" ? /[^'\n]*'/y : undefined;
    if (closing) closing.lastIndex = end;
    // A text in single quotes is one finding, not one at each quote.
    if (closing?.test(text)) end = closing.lastIndex;
    while (
      end < text.length &&
      !isWord(text.charCodeAt(end)) &&
      !isBlank(text.charCodeAt(end)) &&
      !'"$@'.includes(text[end] ?? '') &&
      !PUNCTUATION_BY_FIRST.has(text.charCodeAt(end))
    )
      end++;
    this.#reportCharacters(start, end);
    this.#pushTo('invalid', end);
  }

  #reportCharacters(start: number, end: number): void {
    const character = String.fromCodePoint(
      this.#text.slice(start, end).includes('\0') ? 0 : (this.#text.codePointAt(start) ?? 0),
    );
    this.#error(
      'invalid-character',
      `syntax: unexpected character ${describeCharacter(character)}`,
      this.#span(start, end),
      { hints: LOOKALIKES.flatMap(([characters, hint]) => (characters.includes(character) ? [hint] : [])) },
    );
  }

  // ---- shared ----------------------------------------------------------------------------------------------

  #skipBlanks(): void {
    const text = this.#text;
    for (;;) {
      while (isBlank(text.charCodeAt(this.#at))) this.#at++;
      if (text[this.#at] === '#' && this.#skipSwitchedOff()) continue;
      if (text[this.#at] !== '/') return;
      const next = text[this.#at + 1];
      const start = this.#at;
      if (next === '/') {
        const end = text.indexOf('\n', start);
        this.#at = end < 0 ? text.length : end;
      } else if (next === '*') {
        const end = text.indexOf('*/', start + 2);
        if (end < 0) this.#error('unterminated-comment', 'syntax: unterminated comment', this.#span(start, start + 2));
        this.#at = end < 0 ? text.length : end + 2;
      } else return;
      this.comments.push({
        text: text.slice(start, this.#at),
        span: this.#span(start, this.#at),
      });
    }
  }

  /** A text behind `#if 0` is a comment. */
  #skipSwitchedOff(): boolean {
    const start = this.#at;
    const end = this.#skipped.endAt(start);
    if (end === undefined) return false;
    const line = skipDirective(this.#text, start);
    if (end < 0) this.#error('c-conditional', 'unterminated conditional directive', this.#span(start, line));
    this.#at = end < 0 ? this.#text.length : end;
    this.comments.push({ text: this.#text.slice(start, this.#at), span: this.#span(start, this.#at) });
    return true;
  }

  /** True if only blanks and comments stand between the offset and a `{`. */
  #isBeforeBrace(offset: number): boolean {
    const text = this.#text;
    let at = offset;
    for (;;) {
      while (isBlank(text.charCodeAt(at))) at++;
      if (text[at] === '{') return true;
      if (text.startsWith('//', at)) {
        const end = text.indexOf('\n', at);
        if (end < 0) return false;
        at = end;
      } else if (text.startsWith('/*', at)) {
        const end = text.indexOf('*/', at + 2);
        if (end < 0) return false;
        at = end + 2;
      } else return false;
    }
  }

  #wordAt(start: number): string {
    let end = start + 1;
    while (isWord(this.#text.charCodeAt(end))) end++;
    return this.#text.slice(start, end);
  }

  #pushTo(kind: TokenKind, end: number): void {
    this.#push(kind, this.#text.slice(this.#at, end), this.#at, end);
    this.#at = end;
  }

  #push(kind: TokenKind, text: string, start: number, end: number, value?: bigint | string): ScriptToken {
    const token = new ScriptToken(this.#text, kind, text, start, end, this.#last?.end ?? 0, value);
    if (this.#last) this.#last.next = token;
    else this.#first = token;
    this.#last = token;
    this.#tokenCount++;
    return this.#first ?? token;
  }

  #error(code: string, message: string, span: Span, details: DiagnosticDetails = {}): void {
    if (this.#errorCount > LIMITS.syntaxErrors) return;
    this.#errorCount++;
    if (this.#errorCount > LIMITS.syntaxErrors)
      this.#diagnostics.error('too-many-errors', 'syntax: too many errors, giving up here', span);
    else this.#diagnostics.error(code, message, span, details);
  }

  #abort(code: string, message: string, start: number, end: number): void {
    this.#diagnostics.error(code, message, this.#span(start, end));
    this.isAborted = true;
  }

  #span(start: number, end: number): Span {
    return { source: this.#source, start, end };
  }
}

const PROBE_START = /^([A-Za-z]+)(?::[^\s:]|\s*\{)/;

/** Words that a `{` may follow within an expression. */
const BLOCK_WORDS: ReadonlySet<string> = new Set(['comptime', 'if', 'else']);

function isOperandEnd(token: ScriptToken | undefined): boolean {
  if (!token || (token.kind === 'identifier' && BLOCK_WORDS.has(token.text))) return false;
  return token.kind === 'punctuation' ? token.text === ')' || token.text === ']' : token.kind !== 'predicateStart';
}

/** Offset behind the closing quote, or of the line's end. */
function endOfQuoted(text: string, start: number): number {
  let end = start + 1;
  for (; end < text.length; end++) {
    const character = text[end];
    if (character === '\\' && text[end + 1] !== '\n') end++;
    else if (character === '"') return end + 1;
    else if (character === '\n') break;
  }
  return Math.min(end, text.length);
}

function describeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code <= 0x20 || (code >= 0x7f && code < 0xa0) || code >= 0xd800 || /[\s\u200b]/.test(character)
    ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    : `'${character}'`;
}

function groupPunctuation(): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const spelling of PUNCTUATION) {
    const first = spelling.charCodeAt(0);
    groups.set(
      first,
      [...(groups.get(first) ?? []), spelling].sort((one, other) => other.length - one.length),
    );
  }
  return groups;
}
