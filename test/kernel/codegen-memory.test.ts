/** Probes whose values do not fit the 512 bytes of stack: they move to scratch memory, or the refusal says why. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileScript, runScript } from '../support/run-script.ts';

const comm = readFileSync('/proc/self/comm', 'utf8').trim();
const repeat = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join(' ');

test.each<readonly [name: string, script: string, maps: Readonly<Record<string, unknown>>]>([
  [
    'forty tuples and names',
    `begin { ${repeat(40, (i) => `$s${i} = comm; $t${i} = (comm, ${i}, (comm, ${i}));`)} ${repeat(40, (i) => `@[$t${i}] = 1; @n += strlen($s${i}) + $t${i}.2.1;`)} }`,
    { '@n': 40 * comm.length + (40 * 39) / 2 },
  ],
  [
    'sixteen long strings at a time',
    `begin { ${repeat(16, (i) => `$s${i} = str_concat(comm, "${i}");`)} ${repeat(16, (i) => `@n += strlen($s${i});`)} }`,
    { '@n': 16 * comm.length + 10 + 2 * 6 },
  ],
  [
    'tuples of long strings in tuples, through a map and a loop',
    `begin { $a = str_concat(comm, "x"); $b = ($a, $a, 1); $c = ($b, 5); @x[$c] = 1; @y = $c;
      for ($k : @x) { $d = $k.0.0.0; @z[$d] = $k.0.1; } }`,
    { '@y': [[`${comm}x`, `${comm}x`, 1], 5], '@z': [[`${comm}x`, 5]] },
  ],
  [
    'literals of thousands of characters',
    `begin { @x["${'k'.repeat(5000)}"] = 1; $y = "${'v'.repeat(3000)}"; @y = $y; @z = "${'w'.repeat(1023)}"; }`,
    { '@x': [['k'.repeat(5000), 1]], '@y': 'v'.repeat(3000), '@z': 'w'.repeat(1023) },
  ],
  [
    'structs and arrays out of kernel objects, whole',
    `begin { $f = *curtask->fs; @a = $f.users > 0; $l = curtask->se.load; @b = $l.weight > 0; @c[curtask->se.load] = 1;
      @d = len(@c); $m = curtask->cpus_mask.bits; @e = $m[0] > 0; @f = strlen(curtask->comm); clear(@c); }`,
    { '@a': true, '@b': true, '@d': 1, '@e': true, '@f': comm.length },
  ],
  [
    'histograms beyond what the offset of an instruction reaches',
    `begin { ${repeat(100, (i) => `@h${i} = hist(${i}); @s${i} = stats(${i});`)} @n = 5; }`,
    { '@n': 5 },
  ],
])('%s', async (_, script, expected) => {
  const { maps, problems } = await runScript(script);
  expect(problems).toEqual([]);
  expect(maps).toMatchObject(expected);
});

test.each<readonly [name: string, script: string, code: string]>([
  [
    'forty long strings',
    `begin { ${repeat(40, (i) => `$s${i} = str_concat(comm, "a");`)} ${repeat(40, (i) => `print($s${i});`)} }`,
    'program-too-large',
  ],
])('%s are refused', (_, script, code) => {
  expect(compileScript(script).diagnostics.map((finding) => finding.code)).toEqual([code]);
});
