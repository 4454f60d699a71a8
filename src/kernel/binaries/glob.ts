/**
 * Shell patterns over the file system (Node 20 has none built in): `*`, `?` and `[…]` within one component, hidden files
 * only where the pattern names the dot.
 */

import { existsSync, readdirSync } from 'node:fs';
import { hasWildcard, wildcardExpression } from '../../text/wildcard.ts';

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
  if (!hasWildcard(component, 'shell')) {
    const path = join(component);
    return existsSync(path) ? [path] : [];
  }
  const matcher = wildcardExpression(component, 'shell');
  try {
    return readdirSync(base === '' ? '.' : base)
      .filter((name) => matcher.test(name) && (component.startsWith('.') || !name.startsWith('.')))
      .map(join);
  } catch {
    return [];
  }
}
