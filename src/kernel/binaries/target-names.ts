/**
 * What the target of a uprobe or USDT probe may go on with while it is typed: entries of a directory for a path, else
 * commands of $PATH and short names of libraries.
 */

import { type Dirent, readdirSync } from 'node:fs';
import { listLibraries } from './library-cache.ts';

/** A directory of thousands of entries is no list to choose from. */
const MOST = 200;

/** targetNames lists what begins with `prefix`, sorted; directories end in `/`. */
export function targetNames(prefix: string, { PATH: searchPath = '' }: NodeJS.ProcessEnv = process.env): string[] {
  const names = prefix.includes('/') ? pathsFrom(prefix) : shortNames(prefix, searchPath);
  return [...new Set(names)].sort().slice(0, MOST);
}

function pathsFrom(prefix: string): string[] {
  const cut = prefix.lastIndexOf('/') + 1;
  const directory = prefix.slice(0, cut);
  const start = prefix.slice(cut);
  return entriesOf(directory)
    .filter(({ name }) => name.startsWith(start) && (start.startsWith('.') || !name.startsWith('.')))
    .map((entry) => `${directory}${entry.name}${entry.isDirectory() ? '/' : ''}`);
}

function shortNames(prefix: string, searchPath: string): string[] {
  if (prefix === '') return [];
  const commands = searchPath
    .split(':')
    .filter((directory) => directory.startsWith('/'))
    .flatMap(namesIn);
  const libraries = listLibraries().map(({ name }) => name.replace(/\.so(?:\.[\d.]+)?$/, ''));
  return [...libraries, ...commands].filter((name) => name.startsWith(prefix));
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
