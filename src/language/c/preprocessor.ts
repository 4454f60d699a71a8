/**
 * A C preprocessor, complete enough for system headers: object- and function-like macros, pasting, conditionals,
 * includes. It yields the tokens that remain. Headers are others' text: whatever they hold, it ends in bounded time.
 */

import { evaluateConstant } from './constant.ts';
import { findHeader, type HeaderOptions, isKernelHeader } from './headers.ts';
import { expandTokens, type MacroDefinition } from './macro-expansion.ts';
import { type CToken, joinLines, makeToken, tokenizeC } from './tokens.ts';

const DEEPEST_INCLUDE = 64;
const MOST_TOKENS = 3_000_000;

interface Conditional {
  /** This branch is read. */
  isActive: boolean;
  /** A branch was read already. */
  wasTaken: boolean;
  /** The surroundings are read. */
  readonly isOuterActive: boolean;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  /** Offset in the text given to `readText`; only for that text, not for headers. */
  readonly start: number;
}

/** Preprocessor keeps macros and tokens over several texts: the definitions of a script, in order. */
export class Preprocessor {
  readonly tokens: CToken[] = [];
  readonly macros = new Map<string, MacroDefinition>();
  /** The kernel's headers that are not there: BTF answers instead. */
  readonly absentHeaders: string[] = [];
  /** One of the kernel's headers was asked for, there or not. */
  hasKernelHeader = false;
  readonly problems: Problem[] = [];

  readonly #options: HeaderOptions;
  readonly #conditionals: Conditional[] = [];
  readonly #onceOnly = new Set<string>();
  #depth = 0;
  #lastLine = 0;

  constructor(options: HeaderOptions) {
    this.#options = options;
  }

  get openConditionals(): number {
    return this.#conditionals.length;
  }

  /** Reads one text; conditionals may stay open for the next. */
  readText(text: string, path: string | undefined): void {
    const joined = joinLines(text);
    const tokens = tokenizeC(joined);
    let at = 0;
    let pending: CToken[] = [];
    const flush = () => {
      if (pending.length === 0) return;
      for (const token of expandTokens(pending, this.macros)) this.tokens.push(token);
      pending = [];
    };
    while (at < tokens.length && this.tokens.length < MOST_TOKENS) {
      const token = tokens[at];
      if (!token) break;
      if (token.isFirst && token.text === '#') {
        // A macro's arguments may go over lines, but not over directives.
        flush();
        at = this.#directive(tokens, at, joined, path);
        continue;
      }
      if (this.#isActive) pending.push(token);
      at++;
    }
    flush();
  }

  get #isActive(): boolean {
    return this.#conditionals.at(-1)?.isActive ?? true;
  }

  #directive(tokens: readonly CToken[], hash: number, text: string, path: string | undefined): number {
    let end = hash + 1;
    while (end < tokens.length && !tokens[end]?.isFirst) end++;
    const name = tokens[hash + 1];
    if (!name || hash + 1 >= end) return end;
    const line = tokens.slice(hash + 2, end);
    this.#lastLine = tokens[hash]?.start ?? 0;
    switch (name.text) {
      case 'if':
        this.#open(this.#isActive && this.#condition(line));
        break;
      case 'ifdef':
        this.#open(this.#isActive && this.macros.has(line[0]?.text ?? ''));
        break;
      case 'ifndef':
        this.#open(this.#isActive && !this.macros.has(line[0]?.text ?? ''));
        break;
      case 'elif':
        this.#otherwise(() => this.#condition(line));
        break;
      case 'else':
        this.#otherwise(() => true);
        break;
      case 'endif':
        if (!this.#conditionals.pop()) this.#report(path, 'c-conditional', '#endif without #if');
        break;
      default:
        if (this.#isActive) this.#activeDirective(name.text, line, text, name, path);
    }
    return end;
  }

  #activeDirective(name: string, line: readonly CToken[], text: string, token: CToken, path: string | undefined): void {
    switch (name) {
      case 'define':
        this.#define(line);
        break;
      case 'undef':
        this.macros.delete(line[0]?.text ?? '');
        break;
      case 'include':
      case 'include_next':
      case 'import':
        this.#include(line, text, token, path, name === 'include_next');
        break;
      case 'pragma':
        if (line[0]?.text === 'once' && path !== undefined) this.#onceOnly.add(path);
        break;
      case 'error':
        this.#report(path, 'c-error', `#error ${line.map((part) => part.text).join(' ')}`);
        break;
      case 'warning':
      case 'line':
      case 'ident':
        break;
      default:
        this.#report(path, 'c-directive', `invalid preprocessing directive '#${name}'`);
    }
  }

  /** Findings are about the script; what is wrong in a header cannot be helped by its reader. */
  #report(path: string | undefined, code: string, message: string): void {
    if (this.#depth === 0 || path === undefined) this.problems.push({ code, message, start: this.#lastLine });
  }

  #open(isActive: boolean): void {
    const isOuterActive = this.#isActive;
    this.#conditionals.push({ isActive: isOuterActive && isActive, wasTaken: isActive, isOuterActive });
  }

  #otherwise(test: () => boolean): void {
    const conditional = this.#conditionals.at(-1);
    if (!conditional) return;
    conditional.isActive = conditional.isOuterActive && !conditional.wasTaken && test();
    conditional.wasTaken ||= conditional.isActive;
  }

  #condition(line: readonly CToken[]): boolean {
    const resolved: CToken[] = [];
    for (let at = 0; at < line.length; at++) {
      const token = line[at];
      if (!token) break;
      if (token.text === 'defined') {
        const isOpen = line[at + 1]?.text === '(';
        const name = line[at + (isOpen ? 2 : 1)]?.text ?? '';
        resolved.push(makeToken('number', this.macros.has(name) ? '1' : '0'));
        at += isOpen ? 3 : 1;
      } else if (token.text.startsWith('__has_') && line[at + 1]?.text === '(') {
        while (at < line.length && line[at]?.text !== ')') at++;
        resolved.push(makeToken('number', '0'));
      } else resolved.push(token);
    }
    const expanded = expandTokens(resolved, this.macros);
    const value = evaluateConstant(expanded, 0, expanded.length, { identifier: () => 0n });
    return value !== undefined && value !== 0n;
  }

  #define(line: readonly CToken[]): void {
    const [name, open] = line;
    if (name?.kind !== 'identifier') return;
    if (open?.text !== '(' || open.hasSpace) {
      this.macros.set(name.text, { name: name.text, body: line.slice(1) });
      return;
    }
    const close = line.findIndex((token) => token.text === ')');
    if (close < 0) return;
    const parameters = line
      .slice(2, close)
      .filter((token) => token.text !== ',')
      .map((token) => token.text);
    this.macros.set(name.text, { name: name.text, parameters, body: line.slice(close + 1) });
  }

  #include(line: readonly CToken[], text: string, token: CToken, path: string | undefined, isNext: boolean): void {
    const end = text.indexOf('\n', token.start);
    const written = text.slice(token.start + token.text.length, end < 0 ? text.length : end);
    const match = /^\s*(?:<([^>\n]+)>|"([^"\n]+)")/.exec(written) ?? this.#computedInclude(line);
    const name = match?.[1] ?? match?.[2];
    if (name === undefined) {
      this.#report(path, 'c-include', 'expected "FILENAME" or <FILENAME>');
      return;
    }
    const isQuoted = match?.[2] !== undefined;
    this.hasKernelHeader ||= isKernelHeader(name);
    const header = isNext ? undefined : findHeader(name, isQuoted, path, this.#options);
    if (!header) {
      if (isKernelHeader(name)) this.absentHeaders.push(name);
      else this.#report(path, 'c-include', `'${name}' file not found`);
      return;
    }
    if (this.#onceOnly.has(header.path) || this.#depth >= DEEPEST_INCLUDE) return;
    const open = this.#conditionals.length;
    this.#depth++;
    this.readText(header.text, header.path);
    this.#depth--;
    this.#conditionals.length = Math.min(this.#conditionals.length, open);
  }

  #computedInclude(line: readonly CToken[]): RegExpExecArray | null {
    const text = expandTokens(line, this.macros)
      .map((token) => token.text)
      .join('');
    return /^(?:<([^>]+)>|"([^"]+)")/.exec(text);
  }
}
