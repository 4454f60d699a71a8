/**
 * Orders moves that are meant to happen at once (arguments of a call, parameters at entry), so that none overwrites
 * what another still has to read. Cycles go through r0, which is never a destination.
 */

export interface Move<Source> {
  readonly to: number;
  readonly from: number | Source;
}

/** sequentialMoves gives the moves in a safe order; sources that are no registers come last. */
export function sequentialMoves<Source extends object | bigint>(moves: readonly Move<Source>[]): Move<Source>[] {
  const out: Move<Source>[] = [];
  let pending = moves.filter((move) => move.from !== move.to && typeof move.from === 'number');
  while (pending.length > 0) {
    const ready = pending.filter((move) => !pending.some((other) => other !== move && other.from === move.to));
    if (ready.length > 0) {
      out.push(...ready);
      pending = pending.filter((move) => !ready.includes(move));
      continue;
    }
    const first = pending[0];
    if (first === undefined) break;
    out.push({ to: 0, from: first.from });
    pending = pending.map((move) => (move.from === first.from ? { ...move, from: 0 } : move));
  }
  return [...out, ...moves.filter((move) => typeof move.from !== 'number')];
}
