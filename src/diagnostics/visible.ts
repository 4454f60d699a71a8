/**
 * Script text on its way to a terminal. A script may come from anyone: control characters, the overrides of text
 * direction and bytes that are no text are shown as escapes, so that they neither drive the terminal nor hide code.
 */

/** Compiling the tables of Unicode takes half a millisecond, and hardly a script has more than this. */
const PLAIN = /^[\x20-\x7e]*$/;

/** visibleText makes such characters visible. */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\p{Cs}]/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  return `\\u${hex(code, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

export interface VisibleLine {
  readonly text: string;
  /** Column in `text`, from 0, of each offset in the line, its end included. */
  readonly columns: readonly number[];
}

const TAB = '    ';

/** visibleLine does so for a source line, with tabs as blanks, and keeps where each character went. */
export function visibleLine(line: string): VisibleLine {
  const columns: number[] = [];
  if (PLAIN.test(line)) {
    for (let column = 0; column <= line.length; column++) columns.push(column);
    return { text: line, columns };
  }
  let text = '';
  let width = 0;
  for (const character of line) {
    const shown = character === '\t' ? TAB : visibleText(character);
    for (let unit = 0; unit < character.length; unit++) columns.push(width);
    text += shown;
    width += shown === character ? 1 : shown.length;
  }
  columns.push(width);
  return { text, columns };
}
