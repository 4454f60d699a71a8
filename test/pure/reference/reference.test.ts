/** The corpus holds, and it knows every name that the language has. */

import { describe, expect, test } from 'vitest';
import { PROVIDERS } from '../../../src/language/providers.ts';
import { BUILTINS } from '../../../src/semantics/builtins.ts';
import { CONFIG_KEYS } from '../../../src/semantics/config.ts';
import { functionNames } from '../../../src/semantics/functions/table.ts';
import { HARDWARE_EVENTS, SOFTWARE_EVENTS } from '../../../src/semantics/probes/perf-events.ts';
import { type CorpusRow, readCorpus } from './corpus.ts';
import { outcomeOf } from './outcome.ts';

const rows = readCorpus();
const sections = groupBySection(rows);

describe.each([...sections])('%s', (section, own) => {
  test.each(own.map((row) => [row.group, row.source, row.expected] as const))('%s: %s', (_, source, expected) => {
    expect(outcomeOf(source, section.includes('unsafe'))).toEqual(expected);
  });
});

const isRefused = (row: CorpusRow) => row.expected.some((line) => line.startsWith('error: '));
const accepted = rows.filter((row) => !isRefused(row)).map((row) => row.source);
const refused = rows.filter(isRefused).map((row) => row.source);
const missing = (names: readonly string[], sources: readonly string[], pattern: (name: string) => RegExp) =>
  names.filter((name) => !sources.some((source) => pattern(name).test(source)));
const escaped = (name: string) => name.replace(/[^\w]/g, '\\$&');
const word = (name: string) => new RegExp(`(?<![\\w.@$])${escaped(name)}(?!\\w)`);
const call = (name: string) => new RegExp(`(?<![\\w.@$])${escaped(name)}\\(`);

describe('every row of every table is in the corpus', () => {
  test('builtins', () => {
    expect(missing([...BUILTINS.keys()], accepted, word)).toEqual([]);
  });

  test('functions and aggregations, accepted and refused', () => {
    expect(missing(functionNames(), accepted, call)).toEqual([]);
    expect(missing(functionNames(), refused, call)).toEqual([]);
  });

  test('providers by all their names, accepted and refused', () => {
    const spellings = PROVIDERS.flatMap((row) => [row.name, ...row.aliases]);
    expect(missing(spellings, accepted, (name) => new RegExp(`(?:^|[!},⏎])\\s*${name}[:\\s,]`))).toEqual([]);
    expect(
      missing(
        PROVIDERS.filter((row) => row.parts.some((count) => count > 0)).map((row) => row.name),
        refused,
        (name) => new RegExp(`(?:^|[!},⏎])\\s*${name}[:\\s]`),
      ),
    ).toEqual([]);
  });

  test('software and hardware events', () => {
    const events = (table: typeof SOFTWARE_EVENTS) => table.flatMap((row) => row.names);
    expect(missing(events(SOFTWARE_EVENTS), accepted, (name) => new RegExp(`software:${name}[: ]`))).toEqual([]);
    expect(missing(events(HARDWARE_EVENTS), accepted, (name) => new RegExp(`hardware:${name}[: ]`))).toEqual([]);
  });

  test('settings', () => {
    expect(missing(Object.keys(CONFIG_KEYS), accepted, (name) => new RegExp(`[{;]\\s*${name}\\s*=`))).toEqual([]);
  });
});

function groupBySection(all: readonly CorpusRow[]): Map<string, CorpusRow[]> {
  const groups = new Map<string, CorpusRow[]>();
  for (const row of all) groups.set(row.section, [...(groups.get(row.section) ?? []), row]);
  return groups;
}
