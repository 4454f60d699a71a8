/**
 * What the target of a uprobe or USDT probe means: a path, a pattern, a command of $PATH, a library's short name, or the
 * binaries of a process. A process in a container is looked at through /proc/PID/root.
 */

import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { basename, resolve as resolvePath } from 'node:path';
import { hasWildcard, wildcardExpression } from '../../text/wildcard.ts';
import { splitArchivePath } from './archive.ts';
import { isExecutableElf, withElf } from './elf.ts';
import { globPaths } from './glob.ts';
import { isLibraryNamed, listLibraries } from './library-cache.ts';
import { executablePath, isFileMapping, type Mapping, mappedFilePath, processRoot, readMaps } from './process-maps.ts';

/** resolveBinary lists the absolute paths a target stands for; empty if there is none. */
export function resolveBinary(
  target: string,
  pid?: number,
  { PATH: searchPath = '' }: NodeJS.ProcessEnv = process.env,
): string[] {
  if (target === '') return pid === undefined ? [] : [executablePath(pid)];
  if (target === '*') return pid === undefined ? allMappedBinaries() : mappedBinaries(pid);
  const root = pid === undefined ? '' : processRoot(pid);
  if (target.includes('/')) return resolveGivenPath(target, root);
  const name = hasWildcard(target, 'shell') ? wildcardExpression(target, 'shell') : target;
  const commands = findCommands(name, root, searchPath);
  if (commands.length > 0) return commands;
  if (pid !== undefined) {
    const mapped = mappedBinaries(pid).filter((path) => matchesLibrary(basename(path), name));
    if (mapped.length > 0) return mapped;
  }
  const libraries = listLibraries(root)
    .filter((library) => matchesLibrary(library.name, name))
    .map((library) => root + library.path);
  const found = distinctBinaries(libraries);
  return found.length > 0 ? found : resolveGivenPath(target, root);
}

function resolveGivenPath(target: string, root: string): string[] {
  const path = root + resolvePath(target);
  if (canRead(path)) return [path];
  if (splitArchivePath(path) !== undefined && isBinary(path)) return [path];
  // A path of ours for a process that does not see it (chroot).
  if (root !== '' && canRead(resolvePath(target))) return [resolvePath(target)];
  return hasWildcard(target, 'shell') ? distinctBinaries(globPaths(path)) : [];
}

function findCommands(name: string | RegExp, root: string, searchPath: string): string[] {
  const directories = searchPath.split(':').filter((directory) => directory.startsWith('/'));
  if (typeof name === 'string') {
    for (const directory of directories) {
      const path = `${root}${directory}/${name}`;
      if (canRead(path) && isBinary(path)) return [path];
    }
    return [];
  }
  return distinctBinaries(
    directories.flatMap((directory) =>
      listDirectory(root + directory)
        .filter((entry) => name.test(entry))
        .map((entry) => `${root}${directory}/${entry}`),
    ),
  );
}

function matchesLibrary(fileName: string, name: string | RegExp): boolean {
  return typeof name === 'string' ? isLibraryNamed(fileName, name) : name.test(fileName);
}

/** Keeps executables and libraries, each file once although /lib and /usr/lib may be the same directory. */
function distinctBinaries(paths: readonly string[]): string[] {
  const seen = new Set<string>();
  return paths.filter((path) => {
    let real: string;
    try {
      real = realpathSync(path);
    } catch {
      return false;
    }
    if (seen.has(real)) return false;
    seen.add(real);
    return isBinary(path);
  });
}

function mappedBinaries(pid: number): string[] {
  const byInode = new Map<number, Mapping>();
  for (const mapping of readMaps(pid))
    if (mapping.isExecutable && isFileMapping(mapping))
      if (!byInode.has(mapping.inode)) byInode.set(mapping.inode, mapping);
  return [...byInode.values()].map((mapping) => mappedFilePath(pid, mapping)).filter((path) => isBinary(path));
}

function allMappedBinaries(): string[] {
  const pids = listDirectory('/proc').filter((name) => /^\d+$/.test(name));
  return distinctBinaries([...new Set(pids.flatMap((pid) => mappedBinaries(Number(pid))))].sort());
}

function isBinary(path: string): boolean {
  return withElf(path, isExecutableElf) ?? false;
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
