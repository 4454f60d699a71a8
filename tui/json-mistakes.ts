/**
 * Where a JSON text breaks, in words for who wrote it by hand: JSON.parse says it differently in every version of Node.js,
 * and often without a place.
 */

const TOKEN = /[\s\ufeff]*("(?:[^"\\\x00-\x1f]|\\.)*"|-?\d[\w.+-]*|[A-Za-z_]+|[^\s])?/y;
const VALUE = /^(?:"|-?\d|true$|false$|null$)/;

/** whereJsonBreaks says line, column and what was expected instead of what stands there. */
export function whereJsonBreaks(text: string): string {
  const closers: string[] = [];
  // What may come next: a value, a field's name, or what follows a value.
  let state: 'value' | 'first value' | 'name' | 'first name' | 'after' = 'value';
  TOKEN.lastIndex = 0;
  for (;;) {
    const match = TOKEN.exec(text);
    const token = match?.[1] ?? '';
    const at = TOKEN.lastIndex - token.length;
    const fail = (expected: string) => `${placeOf(text, at)}: expected ${expected}, found ${found(token)}`;
    if (match === null) return 'cannot be read';
    const closer = closers.at(-1);
    if (state === 'after') {
      if (closer === undefined) return token === '' ? 'a number or a text is malformed' : fail('the end');
      if (token === closer) closers.pop();
      else if (token === ',') state = closer === '}' ? 'name' : 'value';
      else return fail(`, or ${closer}`);
    } else if (token === closer && (state === 'first value' || state === 'first name')) {
      closers.pop();
      state = 'after';
    } else if (state === 'name' || state === 'first name') {
      if (!/^".*"$/.test(token)) return fail('a name in double quotes');
      const colon = TOKEN.exec(text)?.[1] ?? '';
      if (colon !== ':') return `${placeOf(text, TOKEN.lastIndex - colon.length)}: expected :, found ${found(colon)}`;
      state = 'value';
    } else if (token === '{' || token === '[') {
      closers.push(token === '{' ? '}' : ']');
      state = token === '{' ? 'first name' : 'first value';
    } else if (VALUE.test(token) && !/^"$/.test(token)) state = 'after';
    else return fail('a value');
  }
}

/** lineOfField gives the line of a field's name. */
export function lineOfField(text: string, name: string): number {
  const at = text.indexOf(JSON.stringify(name));
  return text.slice(0, Math.max(0, at)).split('\n').length;
}

function placeOf(text: string, at: number): string {
  const lines = text.slice(0, at).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

function found(token: string): string {
  if (token === '') return 'the end';
  if (token === '/' || token === '#') return `'${token}' (JSON has no comments)`;
  return `'${token.slice(0, 24)}'`;
}
