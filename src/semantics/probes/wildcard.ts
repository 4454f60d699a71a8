/**
 * Wildcards in attach points: `*` matches any text, `[…]` marks a character class, as a regular expression built once.
 */

/** hasWildcard says whether the text is a pattern. */
export function hasWildcard(text: string): boolean {
  return /[*[]/.test(text);
}

/** wildcardMatcher gives a test for names. */
export function wildcardMatcher(pattern: string): (name: string) => boolean {
  if (!hasWildcard(pattern)) return (name) => name === pattern;
  const source = pattern.replaceAll(/\*|\[[^\]]*\]|[^*[]|\[/g, (part) => {
    if (part === '*') return '.*';
    if (part.length > 1 && part.startsWith('[')) return part.replaceAll('\\', '\\\\');
    return part.replaceAll(/[.+?^${}()|[\]\\/]/g, '\\$&');
  });
  const regex = new RegExp(`^(?:${source})$`);
  return (name) => regex.test(name);
}
