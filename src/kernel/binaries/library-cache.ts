/**
 * Shared libraries by name, as the dynamic linker finds them: /etc/ld.so.cache (glibc's format 1.1, also behind the older
 * one), and the standard directories where there is no cache (musl).
 */

import { readdirSync, readFileSync } from 'node:fs';
import { readName } from './elf.ts';

export interface CachedLibrary {
  readonly name: string;
  readonly path: string;
}

const CACHE_PATH = '/etc/ld.so.cache';
const MAGIC = 'glibc-ld.so.cache1.1';
const HEADER_SIZE = 48;
const ENTRY_SIZE = 24;
/** The architecture in an entry's flags (bits 8…15), and libc6 in the low byte. */
const FLAGS: Readonly<Record<string, number>> = { x64: 0x303, arm64: 0xa03 };
const STANDARD_DIRECTORIES: readonly string[] = [
  '/usr/local/lib',
  '/lib64',
  '/usr/lib64',
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/lib',
  '/usr/lib',
];

/** parseLibraryCache lists the libraries of this architecture in the linker's order. */
export function parseLibraryCache(bytes: Buffer, architecture: string): CachedLibrary[] {
  const start = bytes.indexOf(MAGIC, 0, 'latin1');
  if (start < 0 || start + HEADER_SIZE > bytes.length) return [];
  const cache = bytes.subarray(start);
  const wantedFlags = FLAGS[architecture];
  const count = cache.readUInt32LE(20);
  const libraries: CachedLibrary[] = [];
  for (let index = 0; index < count; index++) {
    const at = HEADER_SIZE + index * ENTRY_SIZE;
    if (at + ENTRY_SIZE > cache.length) break;
    if (wantedFlags !== undefined && cache.readUInt32LE(at) !== wantedFlags) continue;
    libraries.push({
      name: readName(cache, cache.readUInt32LE(at + 4)),
      path: readName(cache, cache.readUInt32LE(at + 8)),
    });
  }
  return libraries;
}

/** listLibraries lists what the dynamic linker below `root` would find. */
export function listLibraries(root = ''): CachedLibrary[] {
  try {
    const cached = parseLibraryCache(readFileSync(root + CACHE_PATH), process.arch);
    if (cached.length > 0) return cached;
  } catch {
    // No cache: look into the directories.
  }
  return STANDARD_DIRECTORIES.flatMap((directory) => {
    try {
      return readdirSync(root + directory)
        .filter((name) => /\.so(\.|$)/.test(name))
        .map((name) => ({ name, path: `${directory}/${name}` }));
    } catch {
      return [];
    }
  });
}

/** isLibraryNamed tells whether a file name such as `libc.so.6` is what the short name `libc` (or itself) means. */
export function isLibraryNamed(fileName: string, wanted: string): boolean {
  return (
    fileName === wanted ||
    fileName.startsWith(`${wanted}.so.`) ||
    fileName === `${wanted}.so` ||
    // musl's and older glibc's file names carry the version: libc-2.31.so
    (fileName.startsWith(`${wanted}-`) && /^[\d.]+\.so$/.test(fileName.slice(wanted.length + 1)))
  );
}
