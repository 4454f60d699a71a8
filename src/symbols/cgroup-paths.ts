/**
 * Cgroup ids to paths. An id is the inode number of the cgroup's directory, in each hierarchy on its own, so that one id
 * may name several. Directories are indexed once and again when an id is unknown; paths of cgroups that are gone stay known.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { uptimeMs } from '../session/uptime.ts';
import { wildcardExpression } from '../text/wildcard.ts';

interface Hierarchy {
  /** `unified` for version 2, else the name of the mount point's directory. */
  readonly name: string;
  readonly root: string;
}

/** A new id is looked for at once, as its cgroup may be gone soon; after so many searches in a row, in this share of the time. */
const INDEXING_BURST = 8;
const INDEXING_SHARE = 0.1;
const RELOAD_MS = 1000;
const MAX_CGROUPS = 100_000;

export class CgroupPaths {
  readonly #mounts: () => string;
  #hierarchies: readonly Hierarchy[] | undefined;
  /** Per hierarchy, in its order. */
  readonly #paths = new Map<string, Map<bigint, string>>();
  #indexedAtMs = Number.NEGATIVE_INFINITY;
  #indexingMs = 0;
  #indexedInARow = 0;
  /** Ids that no directory had, in any hierarchy, when they were looked for. */
  readonly #missing = new Set<bigint>();

  constructor(mounts: () => string = () => readFileSync('/proc/self/mounts', 'utf8')) {
    this.#mounts = mounts;
  }

  /** `unified:/a/b,cpu:/x` for the hierarchies whose name matches; empty if none has the id. */
  find(id: bigint, filter: string): string {
    const known = this.#findKnown(id, filter);
    if (known !== '') return known;
    const sinceMs = uptimeMs() - this.#indexedAtMs;
    const isRested = sinceMs >= this.#indexingMs / INDEXING_SHARE;
    if (this.#missing.has(id) ? sinceMs < RELOAD_MS : !isRested && this.#indexedInARow >= INDEXING_BURST) return known;
    this.#indexedInARow = isRested ? 1 : this.#indexedInARow + 1;
    this.#index();
    const found = this.#findKnown(id, filter);
    if (found === '' && this.#missing.size < MAX_CGROUPS) this.#missing.add(id);
    return found;
  }

  #findKnown(id: bigint, filter: string): string {
    const matcher = filter === '' ? undefined : wildcardExpression(filter, 'shell');
    const texts: string[] = [];
    for (const [name, paths] of this.#paths) {
      const path = paths.get(id);
      if (path !== undefined && (matcher === undefined || matcher.test(name))) texts.push(`${name}:${path}`);
    }
    return texts.join(',');
  }

  #index(): void {
    const startMs = uptimeMs();
    this.#hierarchies ??= this.#readHierarchies();
    for (const { name, root } of this.#hierarchies) {
      let paths = this.#paths.get(name);
      if (!paths || paths.size > MAX_CGROUPS) {
        paths = new Map();
        this.#paths.set(name, paths);
      }
      indexBelow(root, '', paths);
    }
    this.#indexedAtMs = uptimeMs();
    this.#indexingMs = this.#indexedAtMs - startMs;
  }

  #readHierarchies(): Hierarchy[] {
    try {
      return parseHierarchies(this.#mounts());
    } catch {
      return [];
    }
  }
}

/** parseHierarchies finds the cgroup mounts: the unified one first, the others by name. */
export function parseHierarchies(mounts: string): Hierarchy[] {
  const found = new Map<string, Hierarchy>();
  for (const line of mounts.split('\n')) {
    const [, escaped = '', type] = line.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    const root = escaped.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    const name = type === 'cgroup2' ? 'unified' : basename(root);
    if (!found.has(name)) found.set(name, { name, root });
  }
  const rank = (one: Hierarchy) => (one.name === 'unified' ? '' : one.name);
  return [...found.values()].sort((left, right) => (rank(left) < rank(right) ? -1 : 1));
}

function indexBelow(root: string, path: string, paths: Map<bigint, string>): void {
  try {
    paths.set(statSync(root + path, { bigint: true }).ino, path === '' ? '/' : path);
    for (const entry of readdirSync(root + path, { withFileTypes: true })) {
      if (entry.isDirectory() && paths.size <= MAX_CGROUPS) indexBelow(root, `${path}/${entry.name}`, paths);
    }
  } catch {
    // Removed while we looked.
  }
}
