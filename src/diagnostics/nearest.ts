/**
 * "Did you mean": the name nearest to a misspelled one, by edits (insert, delete, replace, swap of neighbours). A
 * kernel has 100,000 names to compare with, so what cannot be near enough is left out before anything is measured.
 */

/** Among names of two letters everything is near. */
const SHORTEST = 3;

export interface NearestOptions {
  /** How many to give at most. */
  readonly limit?: number;
}

/** nearestName gives the one name that was most probably meant, if any is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  return nearestNames(name, candidates, { limit: 1 })[0];
}

/** nearestNames gives the near ones, nearest first. */
export function nearestNames(name: string, candidates: Iterable<string>, options: NearestOptions = {}): string[] {
  if (name.length < SHORTEST) return [];
  const wanted = name.toLowerCase();
  const allowed = allowedDistance(wanted.length);
  const wantedLetters = letterSet(wanted);
  const rows = createRows(wanted.length + allowed + 2);
  const found: { candidate: string; distance: number; prefix: number; growth: number }[] = [];
  for (const candidate of candidates) {
    if (candidate === name) continue;
    if (Math.abs(candidate.length - wanted.length) > allowed) continue;
    const lower = candidate.toLowerCase();
    if (bitCount(letterSet(lower) ^ wantedLetters) > 2 * allowed) continue;
    const distance = editDistance(wanted, lower, allowed, rows);
    if (distance <= allowed)
      found.push({
        candidate,
        distance,
        prefix: commonPrefix(wanted, lower),
        growth: Math.abs(lower.length - wanted.length),
      });
  }
  found.sort(
    (one, other) =>
      one.distance - other.distance ||
      one.growth - other.growth ||
      other.prefix - one.prefix ||
      (one.candidate < other.candidate ? -1 : one.candidate > other.candidate ? 1 : 0),
  );
  return found.slice(0, options.limit ?? 3).map((entry) => entry.candidate);
}

/** didYouMean gives the usual hint as a list, empty if nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): readonly string[] {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? [] : [`did you mean '${nearest}'?`];
}

/** One edit in three letters, at most three: more is another word. */
function allowedDistance(length: number): number {
  return Math.min(3, Math.max(1, Math.floor((length + 1) / 3)));
}

type Rows = [Uint16Array, Uint16Array, Uint16Array];

function createRows(size: number): Rows {
  return [new Uint16Array(size + 1), new Uint16Array(size + 1), new Uint16Array(size + 1)];
}

/** Optimal string alignment distance; gives up with `limit + 1` once a whole row is above the limit. */
function editDistance(one: string, other: string, limit: number, rows: Rows): number {
  let [before, previous, current] = rows;
  const width = other.length;
  for (let column = 0; column <= width; column++) previous[column] = column;
  for (let row = 1; row <= one.length; row++) {
    current[0] = row;
    let best = row;
    const letter = one.charCodeAt(row - 1);
    for (let column = 1; column <= width; column++) {
      const otherLetter = other.charCodeAt(column - 1);
      let value = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (letter === otherLetter ? 0 : 1),
      );
      if (row > 1 && column > 1 && letter === other.charCodeAt(column - 2) && one.charCodeAt(row - 2) === otherLetter)
        value = Math.min(value, (before[column - 2] ?? 0) + 1);
      current[column] = value;
      if (value < best) best = value;
    }
    if (best > limit) return limit + 1;
    [before, previous, current] = [previous, current, before];
  }
  return previous[width] ?? limit + 1;
}

/** A bit for each letter, digit or other character that occurs: two sets differ by at most two bits per edit. */
function letterSet(text: string): number {
  let set = 0;
  for (let index = 0; index < text.length; index++) set |= 1 << (text.charCodeAt(index) & 31);
  return set;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function commonPrefix(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
