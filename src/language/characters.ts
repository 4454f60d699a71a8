/** Character classes and the verbatim spans of C: directives and type definitions. */

export function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

export function isWord(code: number): boolean {
  return isWordStart(code) || isDigit(code);
}

/** skipDirective gives the offset behind a preprocessor line, with the lines that a backslash joins. */
export function skipDirective(text: string, start: number): number {
  let end = start;
  for (;;) {
    const line = text.indexOf('\n', end);
    if (line < 0) return text.length;
    const last = text[line - 1] === '\r' ? line - 2 : line - 1;
    if (text[last] !== '\\') return text[line - 1] === '\r' ? line - 1 : line;
    end = line + 1;
  }
}

/**
 * skipDefinition gives the offset behind a type definition: behind its last brace, its attributes and an optional
 * `;`. Undefined if it never ends.
 */
export function skipDefinition(text: string, start: number): number | undefined {
  const isTypedef = text.startsWith('typedef', start);
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) {
      at = skipComment(text, at) - 1;
    } else if (character === '{' || character === '(') depth++;
    else if (character === '}' || character === ')') {
      depth--;
      if (depth === 0 && character === '}' && !isTypedef) return skipTail(text, at + 1);
    } else if (character === ';' && depth === 0) return at + 1;
  }
  return undefined;
}

/** deepBracket gives the bracket of a definition that is nested deeper than `limit`, if there is one. */
export function deepBracket(text: string, start: number, end: number, limit: number): number | undefined {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const character = text[at];
    if (character === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) at = skipComment(text, at) - 1;
    else if (character === '}' || character === ')') depth--;
    else if ((character === '{' || character === '(') && ++depth > limit) return at;
  }
  return undefined;
}

const ATTRIBUTE = /\s*__attribute__\s*\(/y;

function skipTail(text: string, start: number): number {
  let at = start;
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(text);
    if (!match) break;
    let depth = 1;
    at += match[0].length;
    for (; depth > 0 && at < text.length; at++) {
      if (text[at] === '(') depth++;
      else if (text[at] === ')') depth--;
    }
  }
  let blank = at;
  while (isBlank(text.charCodeAt(blank))) blank++;
  return text[blank] === ';' ? blank + 1 : at;
}

function skipComment(text: string, start: number): number {
  const isLine = text[start + 1] === '/';
  const end = text.indexOf(isLine ? '\n' : '*/', start + 2);
  if (end < 0) return text.length;
  return isLine ? end : end + 2;
}
