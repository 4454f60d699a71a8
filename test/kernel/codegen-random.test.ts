/**
 * Random programs run in the kernel and in a plain interpreter; both must leave the same maps, and the verifier must
 * accept every one. `BPTOP_RANDOM=count,seed` asks for more or others.
 */

import { expect, test } from 'vitest';
import { compileProgram } from '../../src/codegen/compile.ts';
import { expandMacros } from '../../src/language/macros.ts';
import { parseProgram } from '../../src/language/parser.ts';
import { checkProgram } from '../../src/semantics/check-program.ts';
import { DEFAULT_OPTIONS } from '../../src/semantics/compile-options.ts';
import type { TypedProgram } from '../../src/semantics/program.ts';
import { openSession } from '../../src/session/open-session.ts';
import type { Value } from '../../src/session/snapshot.ts';
import { interpret, type Plain } from '../support/interpret.ts';
import { Random, randomBody } from '../support/random-scripts.ts';
import { liveFacts } from '../support/run-script.ts';

const [COUNT = 200, SEED = 1] = (process.env['BPTOP_RANDOM'] ?? '').split(',').filter(Boolean).map(Number);
const BATCH = 20;

function check(script: string): TypedProgram | undefined {
  const parsed = parseProgram({ name: 'stdin', text: script });
  if (parsed.diagnostics.some((finding) => finding.severity === 'error')) return undefined;
  return checkProgram(expandMacros(parsed.program).program, liveFacts(), DEFAULT_OPTIONS).typed;
}

function plain(value: Value | undefined): unknown {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value)) return value.map(plain);
  return `${value}`;
}

function interpreted(value: Plain): unknown {
  return typeof value === 'object' ? value.map(interpreted) : `${value}`;
}

/** Bodies that the checker accepts; a few are refused for their literals. */
function acceptedBodies(random: Random, first: number, wanted: number): string[] {
  const bodies: string[] = [];
  while (bodies.length < wanted) {
    const body = randomBody(random, `_${first + bodies.length}`);
    if (check(`begin { ${body} }`) !== undefined) bodies.push(body);
  }
  return bodies;
}

test(`${COUNT} random programs agree with the interpreter`, { timeout: 1_800_000 }, async () => {
  const random = new Random(SEED * 7919);
  for (let first = 0; first < COUNT; first += BATCH) {
    const bodies = acceptedBodies(random, first, Math.min(BATCH, COUNT - first));
    const typed = check(bodies.map((body) => `begin { ${body} }`).join('\n'));
    if (typed === undefined) throw new Error('refused together');
    const problems: string[] = [];
    const compiled = compileProgram(typed, liveFacts(), {}, { ir: (_, found) => problems.push(...found) });
    expect(problems).toEqual([]);
    if (compiled.object === undefined) throw new Error(compiled.diagnostics[0]?.message);
    const session = openSession(compiled.object, { facts: liveFacts() });
    try {
      await session.start();
      const maps = new Map(session.snapshot().maps.map((map) => [map.name, map]));
      typed.probes.forEach((probe, index) => {
        for (const [name, elements] of interpret(probe.body)) {
          const actual = maps.get(name)?.entries.map(({ key, value }) => [plain(key ?? ''), plain(value)]) ?? [];
          const expected = [...elements.values()].map(({ key, value }) => [interpreted(key ?? ''), interpreted(value)]);
          const order = (list: unknown[]) => list.map((each) => JSON.stringify(each)).sort();
          expect(order(actual), `${name} of: ${bodies[index]}`).toEqual(order(expected));
        }
      });
    } finally {
      await session.close();
    }
  }
});
