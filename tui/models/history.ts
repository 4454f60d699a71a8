/**
 * The snapshots that a panel keeps, oldest first. Live, paused and replayed views are all "the history up to a moment".
 * Bounded in number, so that it has its full size after some minutes and stays there, and by an estimate of its memory.
 * Moments that go are those closest together for their age: what was an hour ago is known by the minute.
 */

import { KeyTable } from '../../src/panels/key-table.ts';
import type { ProbeCost, Snapshot } from '../../src/session/snapshot.ts';
import { KeptCosts } from './kept-costs.ts';
import { KeptMap } from './kept-map.ts';

/** KeptSnapshot is a snapshot whose maps share their keys with the others of its panel. */
export class KeptSnapshot {
  readonly timeMs: number;
  readonly elapsedMs: number;
  readonly maps: readonly KeptMap[];
  readonly lostEvents: number;
  readonly costs: KeptCosts;
  /** How often the panel had been attached anew by then. */
  readonly session: number;

  constructor(snapshot: Snapshot, maps: readonly KeptMap[], costs: KeptCosts, session: number) {
    this.timeMs = snapshot.timeMs;
    this.elapsedMs = snapshot.elapsedMs;
    this.lostEvents = snapshot.lostEvents;
    this.maps = maps;
    this.costs = costs;
    this.session = session;
  }

  get probes(): readonly ProbeCost[] {
    return this.costs.probes;
  }
}

export interface MapMoment {
  readonly timeMs: number;
  readonly map: KeptMap;
}

/** A view looks back so far at most; of what is older, some moments are kept: more if there is much room. */
const RECENT_MOMENTS = 240;
const OLDER_MOMENTS = 60;
const ROOM_PER_MOMENT = 4096;
/** Trends look back so far: these are let go only if there is room for nothing else. */
const NEWEST_MOMENTS = 24;
/** One moment in eight goes at once. */
const THINNED_SHIFT = 3;
/** A snapshot by itself. */
const MOMENT_BYTES = 256;

/** A key table that has seen this many keys more than the newest snapshot has is begun anew. */
const MAX_STALE_KEYS = 1000;
const MAX_STALE_STACKS = 500;

/** History is a bounded sequence of snapshots. */
export class History {
  readonly #maxBytes: number;
  readonly #maxMoments: number;
  readonly #tables = new Map<string, KeyTable>();
  #snapshots: KeptSnapshot[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  /** Kept snapshots by the tables that their keys are in. */
  readonly #uses = new Map<KeyTable, number>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#maxMoments = Math.max(RECENT_MOMENTS + OLDER_MOMENTS, maxBytes / ROOM_PER_MOMENT);
  }

  get length(): number {
    return this.#snapshots.length;
  }

  /** Of the snapshots and of the keys that these share. */
  get bytes(): number {
    let bytes = this.#bytes;
    for (const table of this.#uses.keys()) bytes += table.bytes;
    return bytes;
  }

  get first(): KeptSnapshot | undefined {
    return this.#snapshots[0];
  }

  get last(): KeptSnapshot | undefined {
    return this.#snapshots.at(-1);
  }

  get(index: number): KeptSnapshot | undefined {
    return this.#snapshots[index];
  }

  push(snapshot: Snapshot): void {
    const before = this.last;
    const maps = snapshot.maps.map((map) => {
      const table = this.#tableOf(map.name, map.columns?.keys.length ?? map.entries.length);
      return KeptMap.after(
        before?.maps.find((known) => known.table === table),
        map,
        table,
      );
    });
    const isAnew = before !== undefined && before.elapsedMs > snapshot.elapsedMs;
    const session = (before?.session ?? 0) + (isAnew ? 1 : 0);
    const kept = new KeptSnapshot(snapshot, maps, new KeptCosts(snapshot.probes, before?.costs), session);
    const size = bytesBeside(kept, before);
    this.#snapshots.push(kept);
    this.#sizes.push(size);
    this.#bytes += size;
    for (const { table } of maps) this.#uses.set(table, (this.#uses.get(table) ?? 0) + 1);
    if (this.length > this.#maxMoments) this.#thin(RECENT_MOMENTS);
    // A panel shows what changed between two moments, so that the last two stay whatever they take.
    while (this.length > 2 && this.bytes > this.#maxBytes) this.#thin(NEWEST_MOMENTS);
  }

  /**
   * Lets go of some moments before the newest so many, no two of them neighbours: looking for them in each push would take
   * a tenth of what a dashboard costs.
   */
  #thin(newest: number): void {
    const scores = this.#scores(newest);
    const wanted = Math.max(1, scores.length >>> THINNED_SHIFT);
    const order = Array.from(scores.keys()).sort((left, right) => (scores[right] ?? 0) - (scores[left] ?? 0));
    const chosen = new Set<number>();
    for (const index of order) {
      if (chosen.size === wanted) break;
      if (!chosen.has(index - 1) && !chosen.has(index + 1)) chosen.add(index);
    }
    if (chosen.size === 0) chosen.add(0);
    // From the newest, so that the places of the others stay.
    for (const index of [...chosen].sort((left, right) => right - left)) this.#remove(index);
  }

  /** For each moment before the newest so many: high for one that frees much and leaves a small gap for its age. */
  #scores(newest: number): readonly number[] {
    const now = this.last?.timeMs ?? 0;
    const scores: number[] = [];
    for (let index = 0; index < this.length - newest; index++) {
      const timeMs = this.#snapshots[index]?.timeMs ?? 0;
      const age = now - timeMs;
      // The first is how far back one can go.
      const earlier = this.#snapshots[index - 1]?.timeMs ?? timeMs - age;
      const later = this.#snapshots[index + 1]?.timeMs ?? now;
      scores.push((this.#freedBy(index) * age) / Math.max(1, later - earlier));
    }
    return scores;
  }

  /** Keys are shared by many moments. */
  #freedBy(index: number): number {
    let bytes = this.#sizes[index] ?? 0;
    for (const { table } of this.#snapshots[index]?.maps ?? []) bytes += table.bytes / (this.#uses.get(table) ?? 1);
    return bytes;
  }

  #remove(index: number): void {
    const [removed] = this.#snapshots.splice(index, 1);
    const [size = 0] = this.#sizes.splice(index, 1);
    this.#bytes -= size;
    for (const { table } of removed?.maps ?? []) {
      const uses = (this.#uses.get(table) ?? 0) - 1;
      if (uses > 0) this.#uses.set(table, uses);
      else this.#uses.delete(table);
    }
    // What the one behind it shared with it is its own now.
    const next = this.#snapshots[index];
    if (next === undefined) return;
    const own = bytesBeside(next, this.#snapshots[index - 1]);
    this.#bytes += own - (this.#sizes[index] ?? 0);
    this.#sizes[index] = own;
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

  /** Up to `count` states of one map that end at `index`, oldest first, all of one session and one key table. */
  mapHistory(name: string, index: number, count: number): readonly MapMoment[] {
    const moments: MapMoment[] = [];
    const newest = this.#snapshots[index]?.maps.find((map) => map.name === name);
    const session = this.#snapshots[index]?.session;
    for (let at = index; at >= 0 && moments.length < count; at--) {
      const snapshot = this.#snapshots[at];
      // A panel attached anew counts from zero: rates and trends must not reach back over that.
      if (snapshot === undefined || snapshot.session !== session) break;
      const map = snapshot.maps.find((candidate) => candidate.name === name);
      if (map === undefined || map.table !== newest?.table) break;
      moments.push({ timeMs: snapshot.timeMs, map });
    }
    return moments.reverse();
  }

  clear(): void {
    this.#snapshots = [];
    this.#sizes = [];
    this.#bytes = 0;
    this.#uses.clear();
    this.#tables.clear();
  }

  #tableOf(name: string, entries: number): KeyTable {
    let table = this.#tables.get(name);
    const allowance = table?.hasStacks === true ? MAX_STALE_STACKS : MAX_STALE_KEYS;
    if (table === undefined || table.size > entries * 2 + allowance) {
      table = new KeyTable();
      this.#tables.set(name, table);
    }
    return table;
  }
}

/** What a snapshot takes that the one kept before it does not have, too; but for the keys. */
function bytesBeside({ maps, costs }: KeptSnapshot, before: KeptSnapshot | undefined): number {
  let bytes = MOMENT_BYTES + costs.bytesBeside(before?.costs);
  for (const map of maps) bytes += map.bytesBeside(before?.maps.find(({ table }) => table === map.table));
  return bytes;
}
