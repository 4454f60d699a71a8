/**
 * What the probes of a panel cost as it is kept for going back in time: the figures of a moment, names and all else once
 * for all moments. A tool that probes every system call has hundreds of probes.
 */

import type { ProbeCost } from '../../src/session/snapshot.ts';

const FIGURES = 2;
const FIGURES_BYTES = 250;

/** KeptCosts is what the probes had cost at one moment; `before` is the moment before it, whose names and unchanged figures it shares. */
export class KeptCosts {
  readonly #described: readonly ProbeCost[];
  /** Runs and nanoseconds, in turns. */
  readonly #figures: Float64Array;

  constructor(probes: readonly ProbeCost[], before?: KeptCosts) {
    const isSame = before !== undefined && isSameProbes(before.#described, probes);
    this.#described = isSame ? before.#described : probes;
    const figures = new Float64Array(probes.length * FIGURES);
    for (const [index, { runs, timeNs }] of probes.entries()) {
      figures[index * FIGURES] = runs;
      figures[index * FIGURES + 1] = timeNs;
    }
    const isUnchanged = isSame && before.#figures.every((figure, index) => figure === figures[index]);
    this.#figures = isUnchanged ? before.#figures : figures;
  }

  /** Of memory that `before`, what they had cost at the moment kept before this one, does not have, too. */
  bytesBeside(before: KeptCosts | undefined): number {
    const figures = FIGURES_BYTES + this.#figures.byteLength;
    const names = this.#described.length * 96;
    if (before === undefined) return figures + names;
    return (this.#figures === before.#figures ? 0 : figures) + (this.#described === before.#described ? 0 : names);
  }

  get probes(): readonly ProbeCost[] {
    return this.#described.map((probe, index) => ({
      ...probe,
      runs: this.#figures[index * FIGURES] ?? 0,
      timeNs: this.#figures[index * FIGURES + 1] ?? 0,
    }));
  }
}

function isSameProbes(left: readonly ProbeCost[], right: readonly ProbeCost[]): boolean {
  return left.length === right.length && left.every(({ name }, index) => name === right[index]?.name);
}
