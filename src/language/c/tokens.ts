/** Tokens of C, for the preprocessor and the declaration reader. Line structure matters only to directives. */

export interface CToken {
  readonly kind: 'identifier' | 'number' | 'string' | 'character' | 'punctuation';
  readonly text: string;
  /** First on its line: a `#` here begins a directive. */
  readonly isFirst: boolean;
  /** Blanks before it: tells `#define f(x)` from `#define f (x)`. */
  readonly hasSpace: boolean;
  /** Offset in the text, with joined lines. */
  readonly start: number;
}

const TOKEN =
  /([A-Za-z_$][\w$]*)|(\.?\d(?:[eEpP][+-]|[\w.'])*)|("(?:\\.|[^"\\\n])*")|('(?:\\.|[^'\\\n])*')|(\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||##|[-+*/%&|^]=|[\s\S])/y;

/** joinLines removes the backslashes that continue a line. */
export function joinLines(text: string): string {
  return text.includes('\\') ? text.replace(/\\\r?\n/g, '') : text;
}

/** tokenizeC never fails: what is no token of C becomes punctuation of one character. */
export function tokenizeC(text: string): CToken[] {
  const tokens: CToken[] = [];
  let at = 0;
  let isFirst = true;
  let hasSpace = false;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 10) {
      isFirst = true;
      at++;
      continue;
    }
    if (code === 32 || (code >= 9 && code <= 13)) {
      hasSpace = true;
      at++;
      continue;
    }
    if (code === 47) {
      const end = endOfComment(text, at);
      if (end > at) {
        hasSpace = true;
        at = end;
        continue;
      }
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) break;
    const [spelling, identifier, number, string, character] = match;
    tokens.push({
      kind:
        identifier !== undefined
          ? 'identifier'
          : number !== undefined
            ? 'number'
            : string !== undefined
              ? 'string'
              : character !== undefined
                ? 'character'
                : 'punctuation',
      text: spelling,
      isFirst,
      hasSpace,
      start: at,
    });
    isFirst = false;
    hasSpace = false;
    at += spelling.length;
  }
  return tokens;
}

/** Offset behind a comment that begins here; the same offset if none does. One that never ends takes the rest. */
function endOfComment(text: string, at: number): number {
  const next = text[at + 1];
  if (next === '/') {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  if (next !== '*') return at;
  const end = text.indexOf('*/', at + 2);
  return end < 0 ? text.length : end + 2;
}

/** makeToken builds a token that no text holds: the result of pasting, a predefined value. */
export function makeToken(kind: CToken['kind'], text: string): CToken {
  return { kind, text, isFirst: false, hasSpace: true, start: 0 };
}
