/**
 * Decisions that need more than one token of look-ahead: is `( …` a cast, is `sizeof( …` about a type. They look at
 * the shape only, so that no names need to be known.
 */

import { isBuiltinName } from './docs.ts';
import type { ScriptToken } from './tokens.ts';
import { C_INTEGER_WORDS, isTypeName } from './type-names.ts';

const TAGS: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);
const QUALIFIERS: ReadonlySet<string> = new Set(['const', 'volatile']);

/** isTag is true of the words that begin `struct name`. */
export function isTag(token: ScriptToken): boolean {
  return token.kind === 'identifier' && TAGS.has(token.text);
}

/** isQualifier is true of words that say nothing here: `const`. */
export function isQualifier(token: ScriptToken): boolean {
  return token.kind === 'identifier' && QUALIFIERS.has(token.text);
}

/** Words that begin an expression and never a type. */
const NO_TYPES: ReadonlySet<string> = new Set(['true', 'false', 'if', 'sizeof', 'offsetof', 'typeinfo', 'comptime']);

interface TypeShape {
  /** The token behind the type. */
  readonly next: ScriptToken;
  /** No expression looks like this. */
  readonly isCertain: boolean;
  /** A single word with no suffix. */
  readonly word?: string;
}

/** isCast decides at a `(` whether a type and an operand follow. */
export function isCast(open: ScriptToken): boolean {
  const inner = open.next;
  if (!inner) return false;
  const shape = typeShape(inner);
  if (!shape || !isText(shape.next, ')')) return false;
  const operand = shape.next.next;
  if (!operand) return false;
  if (shape.isCertain) return true;
  if (shape.word !== undefined && isBuiltinName(shape.word)) return false;
  if (shape.word !== undefined && isTypeName(shape.word)) return startsOperand(operand) || PREFIXES.has(operand.text);
  return startsOperand(operand);
}

/** isTypeOperand decides behind `sizeof(` whether a type is meant. */
export function isTypeOperand(first: ScriptToken): boolean {
  const shape = typeShape(first);
  if (!shape || !(isText(shape.next, ')') || isText(shape.next, ','))) return false;
  if (shape.isCertain) return true;
  return shape.word !== undefined ? !isBuiltinName(shape.word) : isTypeName(first.text);
}

/** Prefix operators that are binary operators as well: not enough to tell a cast. */
const PREFIXES: ReadonlySet<string> = new Set(['-', '*', '&', '++', '--']);

function startsOperand(token: ScriptToken): boolean {
  switch (token.kind) {
    case 'identifier':
      return token.text !== 'else';
    case 'variable':
    case 'map':
    case 'positional':
    case 'parameterCount':
    case 'integer':
    case 'string':
      return true;
    case 'punctuation':
      return token.text === '(' || token.text === '!' || token.text === '~';
    default:
      return false;
  }
}

/** Walks over what could be a type; the tuple types of casts are only followed to their closing parenthesis. */
function typeShape(first: ScriptToken): TypeShape | undefined {
  let token: ScriptToken | undefined = first;
  let isCertain = false;
  let words = 0;
  while (token && isQualifier(token)) {
    isCertain = true;
    token = token.next;
  }
  if (token?.kind !== 'identifier' || NO_TYPES.has(token.text)) return undefined;
  if (token.text === 'typeof') {
    const close: ScriptToken | undefined = token.next && closing(token.next);
    if (!close?.next) return undefined;
    token = close.next;
    isCertain = true;
  } else if (isTag(token)) {
    if (token.next?.kind !== 'identifier') return undefined;
    token = token.next.next;
    isCertain = true;
  } else {
    const isInteger = C_INTEGER_WORDS.has(token.text);
    do {
      words++;
      token = token.next;
    } while (isInteger && token?.kind === 'identifier' && C_INTEGER_WORDS.has(token.text));
    if (words > 1) isCertain = true;
  }
  let suffixes = 0;
  for (; token; suffixes++) {
    if (isQualifier(token)) token = token.next;
    else if (isText(token, '*')) {
      const after: ScriptToken | undefined = token.next;
      if (!after || !(PointerFollowers.has(after.text) || isQualifier(after))) return undefined;
      isCertain = true;
      token = after;
    } else if (isText(token, '[')) {
      if (token.next && isText(token.next, ']')) isCertain = true;
      const close = closing(token);
      if (!close) return undefined;
      token = close.next;
    } else break;
  }
  if (!token) return undefined;
  const isWord = words === 1 && suffixes === 0;
  return {
    next: token,
    isCertain,
    ...(isWord && { word: first.text }),
  };
}

const PointerFollowers: ReadonlySet<string> = new Set(['*', ')', '[', ',']);

function isText(token: ScriptToken, text: string): boolean {
  return token.kind === 'punctuation' && token.text === text;
}

/** The bracket that closes the given one, within a bounded distance. */
function closing(open: ScriptToken): ScriptToken | undefined {
  let depth = 0;
  let token: ScriptToken | undefined = open;
  for (let distance = 0; token && distance < 200; distance++) {
    if (isText(token, '(') || isText(token, '[')) depth++;
    else if (isText(token, ')') || isText(token, ']')) {
      depth--;
      if (depth === 0) return token;
    }
    token = token.next;
  }
  return undefined;
}
