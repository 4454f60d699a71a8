/** What probes cost, from the kernel's run statistics in two snapshots. */

import type { Snapshot } from '../../src/session/snapshot.ts';

/** What the cost of probes is computed from. */
export type Metered = Pick<Snapshot, 'timeMs' | 'probes'>;

export interface Cost {
  /** Share of one CPU (0..1, more on several) that the panel's probes took since the last refresh. */
  readonly share: number;
  readonly eventsPerSecond: number;
}

export const NO_COST: Cost = { share: 0, eventsPerSecond: 0 };

/** costBetween compares two snapshots; without a first one there is nothing to say yet. */
export function costBetween(before: Metered | undefined, now: Metered, otherwise: Cost): Cost {
  const elapsed = before === undefined ? 0 : now.timeMs - before.timeMs;
  if (before === undefined || elapsed <= 0) return otherwise;
  const timeNs = sum(now, 'timeNs') - sum(before, 'timeNs');
  const runs = sum(now, 'runs') - sum(before, 'runs');
  // The panel was attached anew in between: its counters started over.
  if (timeNs < 0 || runs < 0) return NO_COST;
  return { share: timeNs / (elapsed * 1e6), eventsPerSecond: (runs * 1000) / elapsed };
}

function sum(snapshot: Metered, field: 'timeNs' | 'runs'): number {
  return snapshot.probes.reduce((total, probe) => total + probe[field], 0);
}

/** Run statistics are read about once a second, however often maps are: in between, snapshots repeat them. */
const METERING_MS = 900;

/** isSameMetering tells that a snapshot only repeats what an earlier one said. */
export function isSameMetering(before: Metered, now: Metered): boolean {
  if (now.timeMs - before.timeMs >= METERING_MS || now.probes.length !== before.probes.length) return false;
  return now.probes.every(
    ({ runs, timeNs }, index) => runs === before.probes[index]?.runs && timeNs === before.probes[index]?.timeNs,
  );
}

/** Refreshes a quarter of a second apart would show noise, and asking for the memory alone takes as long as reading a map. */
const MEASURED_US = 900_000;

/** OwnCost measures this process: CPU share since the last call, and resident memory. */
export class OwnCost {
  #cpu = process.cpuUsage();
  #time = performance.now();
  share = 0;
  rssBytes = process.memoryUsage.rss();

  measure(): void {
    const now = performance.now();
    const elapsed = (now - this.#time) * 1000;
    if (elapsed < MEASURED_US) return;
    const before = this.#cpu;
    this.#cpu = process.cpuUsage();
    this.share = (this.#cpu.user - before.user + this.#cpu.system - before.system) / elapsed;
    this.#time = now;
    this.rssBytes = process.memoryUsage.rss();
  }
}
