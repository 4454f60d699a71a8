/**
 * What a script calls the parts of a map's key: `@[pid, comm]` gives `pid` and `comm`. Read from the text, since column
 * titles must also be there for a recording, which has no compiler at hand.
 */

/** keyTitles gives a title to each part of a map's key. */
export function keyTitles(script: string, map: string): readonly string[] {
  return keyExpressions(script, map).map(title);
}

/** keyExpressions finds the first use of a map with a key and returns what stands between its brackets, as written. */
export function keyExpressions(script: string, map: string): readonly string[] {
  const text = script.replace(/\/\*[\s\S]*?\*\//g, ' ');
  const start = text.indexOf(`${map}[`);
  if (start < 0) return [];
  const parts: string[] = [];
  let depth = 0;
  let current = '';
  for (let at = start + map.length + 1; at < text.length; at++) {
    const character = text[at] ?? '';
    if (depth === 0 && (character === ']' || character === ',')) {
      parts.push(current.trim());
      current = '';
      if (character === ']') return parts;
      continue;
    }
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    current += character;
  }
  return [];
}

/** `args.dev` is titled `dev`, `str(args.filename)` `filename`; what is longer stays as written. */
function title(text: string): string {
  const inner =
    /^(?:str|ksym|usym|ntop|path|kstack|ustack|buf|cgroup_path|username)\s*\((.*)\)$/s.exec(text)?.[1] ?? text;
  const member = /^(?:args|curtask|ctx)(?:\.|->)(?:\w+(?:\.|->))*(\w+)$/.exec(inner.split(',')[0]?.trim() ?? '');
  const name = member?.[1] ?? (inner === '' ? text : inner);
  return name.replace(/^\$/, '').slice(0, 24);
}
