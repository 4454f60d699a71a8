/**
 * Wildcards of attach points, files and cgroups: `*` is any text, `[…]` a class of characters (`[!…]` all others), and in
 * the manner of the shell `?` any one character. Everything else stands for itself.
 */

export type WildcardStyle =
  /** `?` stands for itself: it is part of C++ and Go names. */
  'probe' | 'shell';

/** hasWildcard tells whether the text holds one. */
export function hasWildcard(text: string, style: WildcardStyle = 'probe'): boolean {
  return style === 'shell' ? /[*?[]/.test(text) : /[*[]/.test(text);
}

/** wildcardMatcher compiles a pattern; a plain text and a lone `*` need no regular expression. */
export function wildcardMatcher(pattern: string): (text: string) => boolean {
  if (!hasWildcard(pattern)) return (text) => text === pattern;
  if (/^\*+$/.test(pattern)) return () => true;
  const expression = wildcardExpression(pattern, 'probe');
  return (text) => expression.test(text);
}

/** wildcardExpression gives the pattern as a regular expression for whole texts. */
export function wildcardExpression(pattern: string, style: WildcardStyle): RegExp {
  const source = pattern.replace(/\*+|\[(.[^\]]*)\]|[\\^$.|?+(){}[\]]/gs, (token, characters?: string) => {
    if (token.startsWith('*')) return '.*';
    if (characters !== undefined) return `[${characters.replace(/^!/, '^').replace(/[\\[\]]/g, '\\$&')}]`;
    return token === '?' && style === 'shell' ? '.' : `\\${token}`;
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return /^(?!)/; // a range out of order, as in [z-a], holds no character
  }
}
