/**
 * Where the debug information of a stripped binary lies: a file named by its build id, one named by .gnu_debuglink
 * beside it, in .debug/ or below /usr/lib/debug (`--debuginfo` names other folders), or (symbols only) an xz-packed ELF inside .gnu_debugdata. A debug file
 * counts only if its build id, or the checksum in the link, agrees.
 */

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { memorySource } from './byte-source.ts';
import { crc32 } from './crc32.ts';
import { type Elf, findSection, openElf, readElf, readName, readSection } from './elf.ts';
import { buildId } from './elf-notes.ts';

let debugRoots: readonly string[] = ['/usr/lib/debug'];
const MAX_PACKED_BYTES = 64 << 20;
const MAX_CHECKED_BYTES = 2 ** 31;

/** setDebugRoots says in which folders debug files are kept (`--debuginfo`), once, before any is looked for. */
export function setDebugRoots(directories: readonly string[]): void {
  debugRoots = directories;
}

/** openWithDebugInfo opens a binary and what belongs to it for the time of `use`. */
export function openWithDebugInfo<T>(
  path: string,
  use: (binary: Elf, debug: readonly Elf[]) => T | undefined,
): T | undefined {
  const binary = openElf(path);
  if (!binary) return undefined;
  const debug: Elf[] = [];
  try {
    if (!findSection(binary, '.symtab')) {
      const found = openDebugFile(binary, path) ?? openMiniDebugInfo(binary);
      if (found) debug.push(found);
    }
    return use(binary, debug);
  } finally {
    for (const elf of [binary, ...debug]) elf.source.close();
  }
}

/** openDebugFile opens the separate debug file of a binary, if there is one. */
export function openDebugFile(binary: Elf, path: string): Elf | undefined {
  // A container's binary has its debug files in the container, if anywhere.
  const root = /^\/proc\/\d+\/root(?=\/)/.exec(path)?.[0] ?? '';
  return (
    openByBuildId(binary, root) ??
    (root === '' ? undefined : openByBuildId(binary, '')) ??
    openByDebugLink(binary, path, root)
  );
}

function openByBuildId(binary: Elf, root: string): Elf | undefined {
  const id = buildId(binary);
  if (id === undefined || id.length < 4) return undefined;
  for (const directory of debugRoots) {
    const debug = openElf(`${root}${directory}/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`);
    if (debug && buildId(debug) === id) return debug;
    debug?.source.close();
  }
  return undefined;
}

function openByDebugLink(binary: Elf, path: string, root: string): Elf | undefined {
  const section = findSection(binary, '.gnu_debuglink');
  if (!section) return undefined;
  const bytes = readSection(binary, section);
  const name = readName(bytes, 0);
  const checksumAt = (name.length + 4) & ~3;
  // The name comes from the binary: only a bare file name may go on.
  if (name === '' || name.includes('/') || bytes.length < checksumAt + 4) return undefined;
  const checksum = bytes.readUInt32LE(checksumAt);
  const directory = dirname(path);
  const candidates = [
    `${directory}/${name}`,
    `${directory}/.debug/${name}`,
    ...debugRoots.flatMap((debugRoot) => [
      `${root}${debugRoot}${directory.slice(root.length)}/${name}`,
      `${root}${debugRoot}/${name}`,
    ]),
  ];
  for (const candidate of candidates) {
    if (candidate === path) continue;
    const debug = openElf(candidate);
    if (!debug) continue;
    if (isSameBuild(binary, debug, checksum)) return debug;
    debug.source.close();
  }
  return undefined;
}

function isSameBuild(binary: Elf, debug: Elf, checksum: number): boolean {
  const wanted = buildId(binary);
  if (wanted !== undefined) return buildId(debug) === wanted;
  return debug.source.size <= MAX_CHECKED_BYTES && crc32(debug.source) === checksum;
}

/** The symbol table that Fedora packs into its binaries. */
function openMiniDebugInfo(binary: Elf): Elf | undefined {
  const section = findSection(binary, '.gnu_debugdata');
  if (!section || section.size > MAX_PACKED_BYTES) return undefined;
  const unpacked = unpackXz(readSection(binary, section));
  return unpacked && readElf(memorySource(unpacked, `${binary.source.identity}:debugdata`));
}

interface XzModule {
  readonly decompressSync: (bytes: Uint8Array) => Buffer;
}

/** A native package that is not there for every platform: without it such a binary has its dynamic symbols only. */
function unpackXz(bytes: Buffer): Buffer | undefined {
  try {
    const xz: XzModule = createRequire(import.meta.url)('@napi-rs/lzma/xz');
    return xz.decompressSync(bytes);
  } catch {
    return undefined;
  }
}
