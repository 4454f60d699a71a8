/**
 * `#if 0`: what it switches off is text like any other comment, and need be neither C nor a script. Other conditions depend
 * on macros, which only the C part of a script knows (`c/preprocessor.ts`).
 */

const SWITCHED_OFF = /#[ \t]*if[ \t]+0[ \t]*(?:$|\/\/|\/\*|\r?\n)/y;
const CONDITIONALS = /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b[^\n]*/gm;

/** SkippedText finds the texts, one after the other. */
export class SkippedText {
  readonly #text: string;
  /** Conditionals that are open behind an `#else` that switched on again; true if it is one of ours. */
  readonly #open: boolean[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** endAt gives the offset behind what is skipped from a `#` on; undefined if nothing is, -1 if it never ends. */
  endAt(start: number): number | undefined {
    const lineStart = this.#text.lastIndexOf('\n', start - 1) + 1;
    if (/[^ \t]/.test(this.#text.slice(lineStart, start))) return undefined;
    SWITCHED_OFF.lastIndex = start;
    if (SWITCHED_OFF.test(this.#text)) return this.#behind(lineStart, true);
    if (this.#open.length === 0) return undefined;
    CONDITIONALS.lastIndex = lineStart;
    const [line = '', word = ''] = CONDITIONALS.exec(this.#text) ?? [];
    if (CONDITIONALS.lastIndex - line.length !== lineStart) return undefined;
    if (word.startsWith('if')) this.#open.push(false);
    if (word.startsWith('if') || this.#open.at(-1) !== true) {
      if (word === 'endif') this.#open.pop();
      return undefined;
    }
    this.#open.pop();
    return word === 'endif' ? lineStart + line.trimEnd().length : this.#behind(lineStart, false);
  }

  /** Up to the `#endif` of the line's conditional, or to an `#else` that may switch on. */
  #behind(lineStart: number, mayGoOn: boolean): number | undefined {
    let depth = 0;
    CONDITIONALS.lastIndex = this.#text.indexOf('\n', lineStart);
    while (CONDITIONALS.lastIndex >= 0) {
      const match = CONDITIONALS.exec(this.#text);
      if (match === null) return -1;
      const [line, word = ''] = match;
      const end = match.index + line.trimEnd().length;
      if (word.startsWith('if')) depth++;
      else if (word === 'endif' && depth-- === 0) return end;
      else if (depth === 0 && mayGoOn && word === 'else') {
        this.#open.push(true);
        return end;
      }
      // What this one asks depends on macros.
      else if (depth === 0 && mayGoOn && word.startsWith('elif')) return undefined;
    }
    return -1;
  }
}
