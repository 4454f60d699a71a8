/**
 * Keys with strings of `str()`, which lie in one of two maps by their length: whatever the script does with them must
 * look as if there were one. Lengths around the limit come from the names of files that are opened while the script runs.
 */

import { openSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileScript, runScript } from '../support/run-script.ts';

const LENGTHS = [20, 61, 62, 63, 64, 65, 126, 127, 128, 300];
const PREFIX = '/no-such-key-';
const PATHS = LENGTHS.map((length) => PREFIX.padEnd(length, 'x'));
const TWICE = PATHS.map((path) => [path, 2] as const);
const PROBE = `tracepoint:syscalls:sys_enter_openat /pid == ${process.pid} && strncmp(str(args.filename), "${PREFIX}", ${PREFIX.length}) == 0/`;

function openAll(): void {
  for (const path of [...PATHS, ...PATHS]) {
    try {
      openSync(path, 'r');
    } catch {
      // None of them exists.
    }
  }
}

type Entries = readonly (readonly [unknown, unknown])[];

function byLength(entries: Entries): Entries {
  const length = ([key]: readonly [unknown, unknown]) => JSON.stringify(key).length;
  const text = (entry: readonly [unknown, unknown]) => JSON.stringify(entry);
  return [...entries].sort((a, b) => length(a) - length(b) || (text(a) < text(b) ? -1 : 1));
}

async function entriesOf(script: string): Promise<Entries> {
  const { maps, problems } = await runScript(script, { workload: openAll });
  expect(problems).toEqual([]);
  return byLength((maps['@'] ?? []) as Entries);
}

async function printed(script: string): Promise<string[]> {
  const { events } = await runScript(script, { workload: openAll });
  return events.map((event) => JSON.stringify('args' in event ? event.args : event));
}

const shape = (make: (path: string) => readonly [unknown, unknown]) => PATHS.map(make);

describe('a map of strings short and long', () => {
  test.each<readonly [name: string, script: string, expected: Entries]>([
    ['counts', `${PROBE} { @[str(args.filename)] = count(); }`, TWICE],
    ['takes values', `${PROBE} { @[str(args.filename)] = strlen(str(args.filename)); }`, shape((p) => [p, p.length])],
    ['increments', `${PROBE} { @[str(args.filename)]++; }`, TWICE],
    ['assigns and adds', `${PROBE} { @[str(args.filename)] += 1; }`, TWICE],
    ['has keys by variable', `${PROBE} { $s = str(args.filename); @[$s] = count(); }`, TWICE],
    [
      'finds by variable what was put by str()',
      `${PROBE} { @x[str(args.filename)] = 7; $s = str(args.filename); @[$s] = @x[$s]; }`,
      shape((p) => [p, 7]),
    ],
    [
      'finds by str() what was put by variable',
      `${PROBE} { $s = str(args.filename); @x[$s] = 7; @[$s] = @x[str(args.filename)]; }`,
      shape((p) => [p, 7]),
    ],
    [
      'has the string first in a tuple',
      `${PROBE} { @[str(args.filename), 5, "a"] = count(); }`,
      shape((p) => [[p, 5, 'a'], 2]),
    ],
    [
      'has the string behind a small member',
      `${PROBE} { @[(uint8)1, str(args.filename), (uint64)2] = count(); }`,
      shape((p) => [[1, p, 2], 2]),
    ],
    ['has two strings', `${PROBE} { @[str(args.filename), str(args.filename)] = count(); }`, shape((p) => [[p, p], 2])],
    [
      'has a tuple held by a variable',
      `${PROBE} { $k = (1, str(args.filename)); @[$k] = count(); }`,
      shape((p) => [[1, p], 2]),
    ],
    [
      'has tuples within tuples',
      `${PROBE} { @[(1, (str(args.filename), (uint8)2))] = count(); }`,
      shape((p) => [[1, [p, 2]], 2]),
    ],
    [
      'computes a key once',
      `begin { @n = 0; } ${PROBE} { @[str(args.filename), @n++] = 1; }`,
      [...PATHS, ...PATHS].map((p, index) => [[p, index], 1] as const),
    ],
    [
      'is of strings that are cut by a length',
      `${PROBE} { @[str(args.filename, 64)] = count(); }`,
      [
        [PATHS[0], 2],
        [PATHS[1], 2],
        [PATHS[2], 2],
        [PATHS[3], 2],
        [PATHS[4]?.slice(0, 64), 12],
      ],
    ],
    [
      'is of strings that are cut by a length, which is room for long ones',
      `${PROBE} { @[str(args.filename, 200)] = count(); }`,
      shape((p) => [p.slice(0, 200), 2]),
    ],
    [
      'is of strings that are cut by a length known when it runs',
      `begin { @n = 64; } ${PROBE} { @[str(args.filename, @n)] = count(); }`,
      [
        [PATHS[0], 2],
        [PATHS[1], 2],
        [PATHS[2], 2],
        [PATHS[3], 2],
        [PATHS[4]?.slice(0, 64), 12],
      ],
    ],
    [
      'reads aggregations',
      `${PROBE} { @x[str(args.filename)] = count(); @[str(args.filename)] = (int64)@x[str(args.filename)]; }`,
      TWICE,
    ],
    [
      'has per-CPU plain values',
      `let @ = percpuhash(100); ${PROBE} { @[str(args.filename)] = 3; }`,
      shape((p) => [p, 3]),
    ],
    ['is of the least recently used', `let @ = lruhash(100); ${PROBE} { @[str(args.filename)] += 1; }`, TWICE],
    [
      'deletes',
      `${PROBE} { @[str(args.filename)] = 1; if (strlen(str(args.filename)) != 64) { delete(@, str(args.filename)); } }`,
      [[PATHS[4], 1]],
    ],
    [
      'deletes what a loop visits',
      `${PROBE} { @[str(args.filename)] = count(); } end { for ($kv : @) { if (strlen($kv.0) % 2 == 0) { delete(@, $kv.0); } } }`,
      TWICE.filter(([path]) => path.length % 2 === 1),
    ],
    [
      'gives its keys to a loop',
      `${PROBE} { @x[(uint8)3, str(args.filename)] = count(); } end { for ($kv : @x) { @[$kv.0.1, $kv.0.0] = $kv.1; } }`,
      shape((p) => [[p, 3], 2]),
    ],
    [
      'gives its keys to a loop within a loop',
      `${PROBE} { @x[str(args.filename)] = 1; } end { for ($a : @x) { for ($b : @x) { @[$a.0] += $b.1; } } }`,
      shape((p) => [p, PATHS.length]),
    ],
  ])('%s', async (_, script, expected) => {
    expect(await entriesOf(script)).toEqual(byLength(expected));
  });

  test.each<readonly [name: string, script: string, expected: readonly string[]]>([
    ['len', `${PROBE} { @[str(args.filename)] = 1; } end { printf("%d", len(@)); }`, ['[10]']],
    [
      'has_key',
      `${PROBE} { @x[str(args.filename)] = 1; @n += has_key(@x, str(args.filename)); @m += has_key(@x, "none"); } end { printf("%d %d", @n, @m); }`,
      ['[20,0]'],
    ],
    [
      'find',
      `${PROBE} { @x[str(args.filename)] = 4; if (find(@x, str(args.filename), $v)) { @n += $v; } } end { printf("%d", @n); }`,
      ['[80]'],
    ],
    [
      'delete tells whether there was something',
      `${PROBE} { @x[str(args.filename)] = 4; @n += delete(@x, str(args.filename)); @n += delete(@x, str(args.filename)); } end { printf("%d %d", @n, len(@x)); }`,
      ['[20,0]'],
    ],
    ['break', `${PROBE} { @x[str(args.filename)] = 1; } end { for ($kv : @x) { printf("%d", 1); break; } }`, ['[1]']],
    [
      'break in the second map',
      `${PROBE} { if (strlen(str(args.filename)) > 64) { @x[str(args.filename)] = 1; } } end { for ($kv : @x) { printf("%d", 1); break; } }`,
      ['[1]'],
    ],
    [
      'break of an inner loop ends only that',
      `${PROBE} { @x[str(args.filename)] = 1; } end { for ($kv : @x) { for ($i : 0..9) { break; } @n++; } printf("%d", @n); }`,
      ['[10]'],
    ],
    [
      'continue',
      `${PROBE} { @x[str(args.filename)] = 1; } end { for ($kv : @x) { if (strlen($kv.0) < 100) { continue; } @n++; } printf("%d", @n); }`,
      ['[4]'],
    ],
    [
      'return',
      `${PROBE} { @x[str(args.filename)] = 1; } end { for ($kv : @x) { printf("%d", 1); return; } printf("%d", 2); }`,
      ['[1]'],
    ],
  ])('%s', async (_, script, expected) => {
    expect(await printed(script)).toEqual(expected);
  });
});

test('scratch memory for long keys is not looked up before a long key is met', () => {
  const { ir } = compileScript('tracepoint:syscalls:sys_enter_openat { @[str(args.filename)] = count(); }');
  const lookups = (ir[0] ?? '').split('\n').filter((line) => line.includes('map_lookup_elem'));
  expect(lookups.length).toBeGreaterThan(1);
  const text = ir[0] ?? '';
  expect(text.indexOf('probe_read_user_str')).toBeLessThan(text.indexOf('map_lookup_elem'));
});
