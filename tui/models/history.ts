/**
 * The snapshots that a panel keeps, oldest first, bounded by an estimate of their memory. Live, paused and replayed
 * views are all "the history up to a moment".
 */

import type { MapSnapshot, Snapshot, Value } from '../../src/session/snapshot.ts';

export interface Moment {
  readonly snapshot: Snapshot;
  /** The snapshots before it, for rates and trends. */
  readonly index: number;
}

/** History is a bounded sequence of snapshots. */
export class History {
  readonly #maxBytes: number;
  readonly #snapshots: Snapshot[] = [];
  readonly #sizes: number[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#snapshots.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get first(): Snapshot | undefined {
    return this.#snapshots[0];
  }

  get last(): Snapshot | undefined {
    return this.#snapshots.at(-1);
  }

  get(index: number): Snapshot | undefined {
    return this.#snapshots[index];
  }

  push(snapshot: Snapshot): void {
    const size = estimateBytes(snapshot);
    this.#snapshots.push(snapshot);
    this.#sizes.push(size);
    this.#bytes += size;
    let drop = 0;
    while (this.#bytes > this.#maxBytes && drop < this.#snapshots.length - 2) {
      this.#bytes -= this.#sizes[drop] ?? 0;
      drop++;
    }
    if (drop > 0) {
      this.#snapshots.splice(0, drop);
      this.#sizes.splice(0, drop);
    }
  }

  /** Index of the last snapshot taken at or before a time; -1 if there is none. */
  indexAt(timeMs: number): number {
    let low = 0;
    let high = this.#snapshots.length - 1;
    let found = -1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if ((this.#snapshots[middle]?.timeMs ?? 0) <= timeMs) {
        found = middle;
        low = middle + 1;
      } else high = middle - 1;
    }
    return found;
  }

  /** Up to `count` states of one map that end at `index`, oldest first. */
  mapHistory(name: string, index: number, count: number): readonly MapMoment[] {
    const moments: MapMoment[] = [];
    for (let at = this.#sessionStart(index, count); at <= index; at++) {
      const snapshot = this.#snapshots[at];
      const map = snapshot?.maps.find((candidate) => candidate.name === name);
      if (snapshot !== undefined && map !== undefined) moments.push({ timeMs: snapshot.timeMs, map });
    }
    return moments;
  }

  /** A panel attached anew counts from zero: rates and trends must not reach back over that. */
  #sessionStart(index: number, count: number): number {
    let start = index;
    const end = Math.max(0, index - count + 1);
    while (start > end && (this.#snapshots[start - 1]?.elapsedMs ?? 0) <= (this.#snapshots[start]?.elapsedMs ?? 0))
      start--;
    return start;
  }

  clear(): void {
    this.#snapshots.length = 0;
    this.#sizes.length = 0;
    this.#bytes = 0;
  }
}

export interface MapMoment {
  readonly timeMs: number;
  readonly map: MapSnapshot;
}

/** Objects cost about this much each in V8, measured over snapshots of tables. */
const ENTRY_BYTES = 96;

function estimateBytes(snapshot: Snapshot): number {
  let bytes = 256 + snapshot.probes.length * 64;
  for (const map of snapshot.maps) {
    bytes += 128;
    // Entries of one map are alike: measuring a few is enough.
    const sample = map.entries.slice(0, 8);
    let sampled = 0;
    for (const entry of sample) sampled += ENTRY_BYTES + valueBytes(entry.key) + valueBytes(entry.value);
    if (sample.length > 0) bytes += (sampled / sample.length) * map.entries.length;
  }
  return bytes;
}

function valueBytes(value: Value | undefined): number {
  if (value === undefined || typeof value === 'number' || typeof value === 'boolean') return 8;
  if (typeof value === 'string') return 24 + value.length;
  if (typeof value === 'bigint') return 24;
  if (value instanceof Uint8Array) return 96 + value.length;
  if (!('kind' in value)) return 32 + value.reduce<number>((sum, item) => sum + valueBytes(item), 0);
  if (value.kind === 'histogram') return 64 + value.counts.length * 8;
  if (value.kind === 'stack') return 64 + value.frames.length * 120;
  if (value.kind === 'timeSeries') return 48 + value.points.length * 64;
  return 96;
}
