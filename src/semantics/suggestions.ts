/**
 * Nearest names for "did you mean": edit distance with transpositions, at most a third of the word wrong.
 */

/** Among names of two letters everything is near. */
const MIN_LENGTH = 3;

/** nearestName gives the candidate closest to `name`, or undefined if none is close enough to be a slip. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length < MIN_LENGTH) return undefined;
  const lower = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(lower, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** didYouMean gives the hint for a misspelled name as a list, empty if nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): readonly string[] {
  const nearest = nearestName(name, candidates);
  return nearest === undefined || nearest === name ? [] : [`did you mean '${nearest}'?`];
}

/** Damerau's distance with adjacent transpositions; gives up at `limit`. */
function editDistance(left: string, right: string, limit: number): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest >= limit) return limit;
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? limit;
}
