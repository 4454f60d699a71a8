/**
 * Names of just-in-time compiled code, as Node (--perf-basic-prof), the JVM and others write them to /tmp/perf-PID.map:
 * `START SIZE NAME` in hex, appended while the program runs; a later line replaces what it overlaps, since code moves. The file belongs to whom is traced: it must be a
 * regular file of the process's user, reached without symbolic links, and only so much of it is read.
 */

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs';
import { lastNotAbove } from '../kernel/binaries/symbol-table.ts';
import { uptimeMs } from '../session/uptime.ts';
import { decodeBytes } from '../text/bytes.ts';
import type { FileSymbol } from './symbol-file.ts';

const MAX_BYTES = 256 << 20;
const PIECE = 4 << 20;
const REREAD_MS = 50;
/** Most processes have no such file, and their unnamed frames ask for it again and again: doubled each time in vain. */
const MISSING_MS = { first: 2000, last: 8000 } as const;

/** PerfMap reads the map of one process, and on later calls what was appended since. */
export class PerfMap {
  readonly #pid: number;
  #entries: PerfMapEntry[] = [];
  #starts: Float64Array | undefined;
  /** For each place in `#starts` the greatest end of the entries so far: beyond it nothing can enclose an address. */
  #reach: Float64Array = new Float64Array();
  #bytesRead = 0;
  #rest = '';
  #readAtMs = Number.NEGATIVE_INFINITY;
  #isMissing = false;
  #missingMs: number = MISSING_MS.first;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** The latest entry that covers the address. */
  symbolAt(address: number): FileSymbol | undefined {
    return this.#find(address) ?? (this.readMore() ? this.#find(address) : undefined);
  }

  #find(address: number): FileSymbol | undefined {
    const starts = this.#index();
    let best: PerfMapEntry | undefined;
    for (let at = lastNotAbove(starts, address); at >= 0 && (this.#reach[at] ?? 0) > address; at--) {
      const entry = this.#entries[at];
      if (entry && address < entry.start + entry.size && entry.order > (best?.order ?? -1)) best = entry;
    }
    return best && { name: best.name, offset: address - best.start };
  }

  #index(): Float64Array {
    if (this.#starts) return this.#starts;
    this.#entries.sort((left, right) => left.start - right.start || left.order - right.order);
    this.#starts = Float64Array.from(this.#entries, (entry) => entry.start);
    let reach = 0;
    this.#reach = Float64Array.from(this.#entries, (entry) => {
      reach = Math.max(reach, entry.start + entry.size);
      return reach;
    });
    return this.#starts;
  }

  /** Whether nothing has been read, and there was nothing to read a moment ago. */
  get isEmpty(): boolean {
    return this.#isMissing && this.#bytesRead === 0 && uptimeMs() - this.#readAtMs < this.#missingMs;
  }

  /** readMore takes in what was written since; false where nothing was, or where it was asked for a moment ago. */
  readMore(): boolean {
    const now = uptimeMs();
    if (now - this.#readAtMs < (this.#isMissing ? this.#missingMs : REREAD_MS)) return false;
    this.#readAtMs = now;
    const descriptor = openPerfMap(this.#pid);
    const isMissing = descriptor === undefined;
    this.#missingMs = this.#isMissing && isMissing ? Math.min(this.#missingMs * 2, MISSING_MS.last) : MISSING_MS.first;
    this.#isMissing = isMissing;
    if (descriptor === undefined) return false;
    try {
      const size = Math.min(fstatSync(descriptor).size, MAX_BYTES);
      if (size < this.#bytesRead) this.#forget();
      if (size === this.#bytesRead) return false;
      while (this.#bytesRead < size) {
        const piece = Buffer.allocUnsafe(Math.min(PIECE, size - this.#bytesRead));
        const count = readSync(descriptor, piece, 0, piece.length, this.#bytesRead);
        if (count === 0) break;
        this.#bytesRead += count;
        this.#add(piece.toString('latin1', 0, count));
      }
      this.#starts = undefined;
      return true;
    } catch {
      return false;
    } finally {
      closeSync(descriptor);
    }
  }

  #add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const entry = parsePerfMapLine(line, this.#entries.length);
      if (entry) this.#entries.push(entry);
    }
  }

  /** The file was begun anew: another process got the same number. */
  #forget(): void {
    this.#entries = [];
    this.#bytesRead = 0;
    this.#rest = '';
  }
}

interface PerfMapEntry {
  readonly start: number;
  readonly size: number;
  readonly name: string;
  /** Place in the file. */
  readonly order: number;
}

function parsePerfMapLine(line: string, order: number): PerfMapEntry | undefined {
  const match = /^(?:0x)?([0-9a-f]{1,16})\s+(?:0x)?([0-9a-f]{1,12})\s+(.+)$/i.exec(line);
  if (!match) return undefined;
  const [, start = '', size = '', name = ''] = match;
  return {
    start: Number.parseInt(start, 16),
    size: Number.parseInt(size, 16),
    name: decodeBytes(Buffer.from(name, 'latin1')),
    order,
  };
}

/** In the process's own /tmp under the number it knows itself by, else in ours. */
function openPerfMap(pid: number): number | undefined {
  const ownPid = pidInNamespace(pid);
  return (
    openOwned(`/proc/${pid}/root/tmp`, `perf-${ownPid}.map`, pid) ??
    openOwned('/tmp', `perf-${pid}.map`, pid) ??
    undefined
  );
}

function openOwned(directory: string, name: string, pid: number): number | undefined {
  let descriptor: number | undefined;
  try {
    // An absolute link in a container would lead out of it: into our own file system.
    if (!lstatSync(directory).isDirectory()) return undefined;
    const path = `${directory}/${name}`;
    // Hardly any process has one, and to fail at opening it takes several times as long.
    if (!existsSync(path)) return undefined;
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stat = fstatSync(descriptor);
    if (stat.isFile() && isOwnerTrusted(stat.uid, pid)) return descriptor;
  } catch {
    // None there, or the process is gone and its root with it.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

/** Anyone can write into /tmp: only root and the process's user may say what its code is called. */
function isOwnerTrusted(owner: number, pid: number): boolean {
  if (owner === 0 || owner === process.geteuid?.()) return true;
  try {
    return statSync(`/proc/${pid}`).uid === owner;
  } catch {
    return false;
  }
}

/** The last number of NSpid: the one in the innermost namespace. */
function pidInNamespace(pid: number): number {
  try {
    if (readlinkSync(`/proc/${pid}/ns/pid`) === readlinkSync('/proc/self/ns/pid')) return pid;
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const numbers = /^NSpid:(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/);
    return Number(numbers?.at(-1) ?? pid);
  } catch {
    return pid;
  }
}
