/**
 * The snapshots that a panel keeps, oldest first, bounded by an estimate of their memory. Live, paused and replayed
 * views are all "the history up to a moment".
 */

import { KeyTable } from '../../src/panels/key-table.ts';
import type { ProbeCost, Snapshot } from '../../src/session/snapshot.ts';
import { KeptCosts } from './kept-costs.ts';
import { KeptMap } from './kept-map.ts';

/** KeptSnapshot is a snapshot whose maps share their keys with the others of its panel. */
export interface KeptSnapshot {
  readonly timeMs: number;
  readonly elapsedMs: number;
  readonly maps: readonly KeptMap[];
  readonly lostEvents: number;
  readonly probes: readonly ProbeCost[];
  readonly costs: KeptCosts;
}

export interface MapMoment {
  readonly timeMs: number;
  readonly map: KeptMap;
}

/** A key table that has seen this many keys more than the newest snapshot has is begun anew. */
const MAX_STALE_KEYS = 4000;
const MAX_STALE_STACKS = 500;

/** History is a bounded sequence of snapshots. */
export class History {
  readonly #maxBytes: number;
  readonly #tables = new Map<string, KeyTable>();
  #snapshots: KeptSnapshot[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  /** Kept snapshots by the tables that their keys are in. */
  readonly #uses = new Map<KeyTable, number>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
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
    const { timeMs, elapsedMs, lostEvents, probes } = snapshot;
    const maps = snapshot.maps.map((map) => {
      const table = this.#tableOf(map.name, map.columns?.keys.length ?? map.entries.length);
      return new KeptMap(
        map,
        table,
        this.last?.maps.find((before) => before.table === table),
      );
    });
    const costs = new KeptCosts(probes, this.last?.costs);
    const size = 256 + costs.bytes + maps.reduce((sum, map) => sum + map.bytes, 0);
    this.#snapshots.push({
      timeMs,
      elapsedMs,
      maps,
      lostEvents,
      costs,
      get probes() {
        return costs.probes;
      },
    });
    this.#sizes.push(size);
    this.#bytes += size;
    for (const { table } of maps) this.#uses.set(table, (this.#uses.get(table) ?? 0) + 1);
    this.#dropOldest();
  }

  /** A panel shows what changed between two moments, so that the last two stay whatever they take. */
  #dropOldest(): void {
    let bytes = this.bytes;
    let drop = 0;
    while (bytes > this.#maxBytes && drop < this.#snapshots.length - 2) {
      const size = this.#sizes[drop] ?? 0;
      this.#bytes -= size;
      bytes -= size;
      for (const { table } of this.#snapshots[drop]?.maps ?? []) {
        const uses = (this.#uses.get(table) ?? 0) - 1;
        this.#uses.set(table, uses);
        if (uses > 0) continue;
        this.#uses.delete(table);
        bytes -= table.bytes;
      }
      drop++;
    }
    if (drop === 0) return;
    this.#snapshots.splice(0, drop);
    this.#sizes.splice(0, drop);
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
    let later = Number.POSITIVE_INFINITY;
    for (let at = index; at >= 0 && moments.length < count; at--) {
      const snapshot = this.#snapshots[at];
      // A panel attached anew counts from zero: rates and trends must not reach back over that.
      if (snapshot === undefined || snapshot.elapsedMs > later) break;
      later = snapshot.elapsedMs;
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
