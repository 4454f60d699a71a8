import { describe, expect, test } from 'vitest';
import { runTests } from '../../../src/run/run-tests.ts';
import type { HandRun, Session } from '../../../src/session/session.ts';

interface Behaviour extends HandRun {
  readonly text?: string;
  readonly exitCode?: number;
}

async function report(kind: 'test' | 'bench', isJson: boolean, probes: Readonly<Record<string, Behaviour>>) {
  let last: Behaviour | undefined;
  const session = {
    object: {
      programs: Object.keys(probes).map((testName) => ({
        attachments: [{ kind: 'run', sites: [{ provider: kind, testName }] }],
      })),
    },
    runByHand: (name: string) => {
      last = probes[name];
      return last;
    },
  } as unknown as Session;
  let text = '';
  const status = await runTests({
    session,
    kind,
    isJson,
    write: (part) => {
      text += part;
    },
    takeOutput: async () => ({ text: last?.text ?? '', exitCode: last?.exitCode }),
  });
  return { text, status };
}

const good: Behaviour = { runs: 1, returnValue: 0, durationNs: 120, text: 'unseen\n' };
const bad: Behaviour = { runs: 1, returnValue: 1, durationNs: 2500, text: 'seen\n' };

describe('--test', () => {
  test('passed and failed tests, totals, status', async () => {
    expect(await report('test', false, { a: good, b: bad })).toEqual({
      text: [
        '\x1b[32m[==========]\x1b[0m Running 2 tests.',
        '\x1b[32m[ RUN      ]\x1b[0m a',
        '\x1b[32m[       OK ]\x1b[0m a (120 ns)',
        '\x1b[32m[ RUN      ]\x1b[0m b',
        'seen',
        '\x1b[31m[  FAILED  ]\x1b[0m b (3 μs)',
        '\x1b[32m[==========]\x1b[0m 2 tests ran.',
        '\x1b[32m[  PASSED  ]\x1b[0m 1 test.',
        '\x1b[31m[  FAILED  ]\x1b[0m 1 test, listed below:',
        '\x1b[31m[  FAILED  ]\x1b[0m b',
        '',
      ].join('\n'),
      status: 1,
    });
  });

  test('exit with an error fails, all passed gives 0', async () => {
    expect((await report('test', false, { a: { ...good, exitCode: 1 } })).status).toBe(1);
    expect((await report('test', false, { a: good })).status).toBe(0);
  });

  test('JSON', async () => {
    expect((await report('test', true, { a: good })).text).toBe(
      '{"type": "test_result", "data": {"a": {"duration": 120, "passed": true, "output": "unseen\\n"}}}\n',
    );
  });
});

describe('--bench', () => {
  test('a table', async () => {
    expect((await report('bench', false, { a: { returnValue: 0, durationNs: 40, runs: 5000 } })).text).toBe(
      `${'Benchmark'.padEnd(41)}${'Time(ns)'.padEnd(15)}Iterations\n${'-'.repeat(66)}\n${'a'.padEnd(41)}${'40'.padEnd(15)}5000\n`,
    );
  });

  test('JSON', async () => {
    expect((await report('bench', true, { a: { returnValue: 0, durationNs: 40, runs: 5000 } })).text).toBe(
      '{"type": "benchmark_result", "data": {"a": {"average": 40, "iters": 5000}}}\n',
    );
  });
});
