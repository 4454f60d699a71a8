/**
 * Shell patterns over the file system (Node 20 has none built in): `*`, `?` and `[…]` within one component, hidden files
 * only where the pattern names the dot.
 */

import { existsSync, readdirSync } from 'node:fs';

/** hasPattern tells whether a text holds a pattern character. */
export function hasPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

/** patternToRegExp compiles one component's pattern. */
export function patternToRegExp(pattern: string): RegExp {
  let source = '';
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (char === '[') {
      const end = pattern.indexOf(']', index + 2);
      if (end < 0) source += '\\[';
      else {
        const body = pattern.slice(index + 1, end).replace(/[\\\]]/g, '\\$&');
        source += `[${body.replace(/^!/, '^')}]`;
        index = end;
      }
    } else source += char.replace(/[\\^$.|+(){}]/, '\\$&');
  }
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return /^(?!)/; // a range out of order, as in [z-a]: matches nothing
  }
}

/** globPaths lists the existing paths that match, sorted. */
export function globPaths(pattern: string): string[] {
  const components = pattern.split('/');
  let paths = [pattern.startsWith('/') ? '/' : ''];
  for (const component of components) {
    if (component === '') continue;
    paths = paths.flatMap((base) => expandComponent(base, component));
    if (paths.length === 0) return [];
  }
  return paths.sort();
}

function expandComponent(base: string, component: string): string[] {
  const join = (name: string) => (base === '' || base.endsWith('/') ? base + name : `${base}/${name}`);
  if (!hasPattern(component)) {
    const path = join(component);
    return existsSync(path) ? [path] : [];
  }
  const matcher = patternToRegExp(component);
  try {
    return readdirSync(base === '' ? '.' : base)
      .filter((name) => matcher.test(name) && (component.startsWith('.') || !name.startsWith('.')))
      .map(join);
  } catch {
    return [];
  }
}
