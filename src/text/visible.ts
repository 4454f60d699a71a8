/**
 * Traced text on a terminal: what could drive the terminal is written as `\xNN`, byte by byte, so that a process name
 * or a path can neither move the cursor nor change the title. Pipes and files get the bytes as they are.
 */

/** C0 controls, DEL, C1 controls, and the lone surrogates that stand for bytes that are no UTF-8 (`bytes.ts`). */
const UNSAFE = /[\p{Cc}\udc80-\udcff]/u;
const ALL_UNSAFE = /[\p{Cc}\udc80-\udcff]/gu;

/** visible writes every control character and invalid byte of a traced string as `\xNN`. */
export function visible(text: string): string {
  return UNSAFE.test(text) ? text.replace(ALL_UNSAFE, escapeUnsafe) : text;
}

/** visibleLines does the same for text of several lines: line ends and tabs stay. */
export function visibleLines(text: string): string {
  return UNSAFE.test(text)
    ? text.replace(ALL_UNSAFE, (match) => (match === '\n' || match === '\t' ? match : escapeUnsafe(match)))
    : text;
}

function escapeUnsafe(match: string): string {
  const code = match.charCodeAt(0);
  if (code >= 0xdc80) return hexByte(code - 0xdc00);
  return code < 0x80 ? hexByte(code) : hexByte(0xc2) + hexByte(code);
}

/** hexByte gives `\xNN`, lower case. */
export function hexByte(byte: number): string {
  return `\\x${byte < 16 ? '0' : ''}${byte.toString(16)}`;
}
