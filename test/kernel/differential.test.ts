/**
 * Random well-typed programs run in the kernel and in the plain interpreter of test/differential: same maps in the end,
 * and the verifier takes every one. BPTOP_DIFFERENTIAL_SEED and _PROGRAMS repeat or widen a run.
 */

import { describe, expect, it } from 'vitest';
import { parseProgram } from '../../src/language/parser.ts';
import { openSession } from '../../src/session/open-session.ts';
import type { Session } from '../../src/session/session.ts';
import type { Snapshot, Value } from '../../src/session/snapshot.ts';
import { generateProgram } from '../differential/generator.ts';
import { interpret, type Outcome, type RuntimeValue } from '../differential/interpreter.ts';
import { Random } from '../differential/random.ts';
import { compileLive, liveFacts } from '../support/compile-live.ts';

const FIRST_SEED = Number(process.env['BPTOP_DIFFERENTIAL_SEED'] ?? 1);
const PROGRAMS = Number(process.env['BPTOP_DIFFERENTIAL_PROGRAMS'] ?? 2000);
const GROUP = 20;

describe.skipIf(process.getuid?.() !== 0)('random programs, kernel against interpreter', () => {
  for (let first = FIRST_SEED; first < FIRST_SEED + PROGRAMS; first += GROUP) {
    const last = Math.min(first + GROUP, FIRST_SEED + PROGRAMS) - 1;
    it(`seeds ${first} to ${last} agree`, async () => {
      for (let seed = first; seed <= last; seed++) await compare(seed);
    });
  }
});

async function compare(seed: number): Promise<void> {
  const text = generateProgram(new Random(seed));
  const expected = describeOutcome(interpret(parseProgram({ name: 'stdin', text }).program));
  const actual = describeSnapshot(await run(text, seed));
  expect(actual, `seed ${seed}:\n${text}`).toEqual(expected);
}

async function run(text: string, seed: number): Promise<Snapshot> {
  const session = open(text, seed);
  try {
    await session.start();
    return session.snapshot();
  } finally {
    await session.close();
  }
}

function open(text: string, seed: number): Session {
  try {
    return openSession(compileLive(text), { facts: liveFacts() });
  } catch (error) {
    throw new Error(`seed ${seed} is refused:\n${text}`, { cause: error });
  }
}

/** One line per scalar and element; zero scalars are left out, since an untouched map prints none. */
function describeOutcome(outcome: Outcome): string[] {
  const lines: string[] = [];
  for (const [name, value] of outcome.scalars) if (value !== 0n && value !== '') lines.push(`${name} = ${value}`);
  for (const [name, entries] of outcome.keyed) {
    for (const [key, value] of entries) lines.push(`${name}[${key}] = ${render(value)}`);
  }
  return lines.sort();
}

function describeSnapshot(snapshot: Snapshot): string[] {
  const lines: string[] = [];
  for (const map of snapshot.maps) {
    for (const { key, value } of map.entries) {
      if (key !== undefined) lines.push(`${map.name}[${show(key)}] = ${show(value)}`);
      else if (value !== 0 && value !== '') lines.push(`${map.name} = ${show(value)}`);
    }
  }
  return lines.sort();
}

function render(value: RuntimeValue): string {
  return Array.isArray(value) ? value.map(render).join(',') : String(value);
}

function show(value: Value): string {
  if (Array.isArray(value)) return value.map(show).join(',');
  if (typeof value === 'object' && 'kind' in value && value.kind === 'record')
    return value.fields.map((field) => show(field.value)).join(',');
  return String(value);
}
