/**
 * Traced text is data: nothing in it may drive the terminal or move its neighbours. Control characters become visible,
 * direction and zero-width characters are named, combining marks are composed or replaced, undecodable bytes show as
 * `\xNN`. The result holds only code points that fill one or two cells.
 */

import { isPlain, textWidth } from './width.ts';

const INVISIBLE = /\p{Cf}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}/u;
const COMBINING = /\p{M}/u;
const SPACE = /\p{Zs}/u;

/** sanitize makes untrusted text safe and honest to show. */
export function sanitize(text: string): string {
  if (isPlain(text)) return text;
  let clean = '';
  for (const character of text.normalize('NFC')) {
    const code = character.codePointAt(0) ?? 0;
    clean += code >= 0x20 && code <= 0x7e ? character : visible(code);
  }
  return clean;
}

/** shownWidth gives the cells that untrusted text will take. */
export function shownWidth(text: string): number {
  return isPlain(text) ? text.length : textWidth(sanitize(text));
}

/** Characters of our own texts that have a likeness in ASCII of the same width. */
const LIKENESS: Readonly<Record<string, string>> = {
  '±': '~',
  '≥': '>',
  '…': '.',
  '→': '>',
  '←': '<',
  '↑': '^',
  '↓': 'v',
  '·': '|',
  '—': '-',
  '▏': '_',
  '›': '>',
};

/** asciiOnly replaces what a terminal without Unicode cannot show. */
export function asciiOnly(text: string): string {
  return isPlain(text) ? text : text.replace(/[^\x20-\x7e]/gu, (character) => LIKENESS[character] ?? '?');
}

function visible(code: number): string {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  if (code < 0xa0) return `\\x${code.toString(16)}`;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  const character = String.fromCodePoint(code);
  if (INVISIBLE.test(character)) return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  if (COMBINING.test(character)) return '\ufffd';
  if (SPACE.test(character)) return ' ';
  return character;
}
