/**
 * Wildcards of attach points: `*` is any text, `[…]` a class of characters. Everything else stands for itself.
 */

/** hasWildcard tells whether the text holds one. */
export function hasWildcard(text: string): boolean {
  return /[*[]/.test(text);
}

/** wildcardMatcher compiles a pattern; a plain text and a lone `*` need no regular expression. */
export function wildcardMatcher(pattern: string): (text: string) => boolean {
  if (!hasWildcard(pattern)) return (text) => text === pattern;
  if (/^\*+$/.test(pattern)) return () => true;
  const source = pattern.replace(/\*+|\[([^\]]+)\]|[\\^$.|?+(){}[\]]/g, (token, characters?: string) => {
    if (token.startsWith('*')) return '.*';
    if (characters === undefined) return `\\${token}`;
    return `[${characters.replace(/^!/, '^').replace(/[\\[]/g, '\\$&')}]`;
  });
  try {
    const expression = new RegExp(`^${source}$`, 's');
    return (text) => expression.test(text);
  } catch {
    return () => false; // a range out of order, as in [z-a], holds no character
  }
}
