/** Fuzzy search as people know it from editors: letters in order, whole words and beginnings first. */

/**
 * fuzzyScore rates a match of `query` in `text`; undefined if the letters are not there in order. Higher is better. In
 * prose, where any letters are found in some order, they must go on from each other or begin words.
 */
export function fuzzyScore(query: string, text: string, isProse = false): number | undefined {
  if (query === '') return 0;
  const wanted = query.toLowerCase();
  const given = text.toLowerCase();
  const direct = given.indexOf(wanted);
  if (direct >= 0) {
    const isWordStart = isStart(given, direct);
    return 1000 - direct + (isWordStart ? 500 : 0) - given.length * 0.1;
  }
  let score = 0;
  let at = -1;
  for (const letter of wanted) {
    if (letter === ' ') continue;
    let next = given.indexOf(letter, at + 1);
    while (isProse && next > at + 1 && !isStart(given, next)) next = given.indexOf(letter, next + 1);
    if (next < 0) return undefined;
    const isWordStart = isStart(given, next);
    score += isWordStart ? 10 : next === at + 1 ? 5 : 0;
    score -= next - at - 1;
    at = next;
  }
  return score;
}

function isStart(text: string, at: number): boolean {
  return at === 0 || /\W/.test(text[at - 1] ?? '');
}

/** fuzzySearch keeps and orders the items whose texts match; each text further back weighs less. */
export function fuzzySearch<Item>(
  query: string,
  items: readonly Item[],
  texts: (item: Item) => readonly string[],
): readonly Item[] {
  if (query.trim() === '') return items;
  return items
    .map((item) => {
      const scores = texts(item).map((text, index) => {
        const score = fuzzyScore(query.trim(), text, index > 0);
        return score === undefined ? Number.NEGATIVE_INFINITY : score - index * 400;
      });
      return { item, score: Math.max(...scores) };
    })
    .filter(({ score }) => score > Number.NEGATIVE_INFINITY)
    .sort((left, right) => right.score - left.score)
    .map(({ item }) => item);
}
