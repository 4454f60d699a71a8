/**
 * The corpus: what the language accepts, refuses and means, section by section of the language reference, a file each.
 * `=== …` names a row of the reference; a line at the margin is a program or the statements of one (`⏎` is a line's end);
 * the indented lines behind it are what becomes of it.
 */

import { readdirSync, readFileSync } from 'node:fs';

export interface CorpusRow {
  readonly section: string;
  readonly group: string;
  readonly source: string;
  readonly expected: readonly string[];
}

const FOLDER = new URL('.', import.meta.url);

/** readCorpus gives all rows. */
export function readCorpus(): readonly CorpusRow[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .flatMap((name) => readSection(name.replace('.txt', ''), readFileSync(new URL(name, FOLDER), 'utf8')));
}

function readSection(section: string, text: string): readonly CorpusRow[] {
  const rows: { section: string; group: string; source: string; expected: string[] }[] = [];
  let group = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('=== ')) group = line.slice(4);
    else if (line.startsWith('  ')) rows.at(-1)?.expected.push(line.slice(2));
    else if (line !== '') rows.push({ section, group, source: line, expected: [] });
  }
  return rows;
}
