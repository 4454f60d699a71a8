/**
 * JSON as the bpftrace command line writes it: a blank after `:` and after `,` between members, none in arrays, and
 * only `" \ \n \r \t` and control bytes escaped. All strings of JSON output go through here.
 */

import type { Integer } from './integers.ts';

const SPECIAL = /["\\\p{Cc}]/u;
const ALL_SPECIAL = /["\\\p{Cc}]/gu;
/** On a terminal also the lone surrogates that stand for bytes that are no UTF-8. */
const ALL_SPECIAL_OR_DAMAGED = /["\\\p{Cc}\udc80-\udcff]/gu;

const SHORT: { readonly [character: string]: string } = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** quote writes a JSON string; DEL, C1 controls and bytes that are no UTF-8 stay as they are. */
export function quote(text: string): string {
  return SPECIAL.test(text)
    ? `"${text.replace(ALL_SPECIAL, (match) => (match >= '\x7f' ? match : escapeCharacter(match)))}"`
    : `"${text}"`;
}

/** quoteForTerminal escapes in addition all that a terminal could act on. */
export function quoteForTerminal(text: string): string {
  return `"${text.replace(ALL_SPECIAL_OR_DAMAGED, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** jsonInteger is a number where a double holds it exactly, else a string. */
export function jsonInteger(value: Integer): string {
  if (typeof value === 'number') return String(value);
  return BigInt(Number(value)) === value ? String(value) : `"${value}"`;
}
