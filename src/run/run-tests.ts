/**
 * `--test` and `--bench`: runs the probes of that kind one after the other, by hand, and reports. A test passes if it
 * returns 0 and does not exit with an error; what it printed is shown only if it failed.
 */

import { quote } from '../output/json.ts';
import type { AttachSite } from '../semantics/program.ts';
import type { HandRun, Session } from '../session/session.ts';

export interface TestRunOptions {
  readonly session: Session;
  readonly kind: 'test' | 'bench';
  readonly isJson: boolean;
  readonly write: (text: string) => void;
  /** Carries out the events that the last run left; gives what they printed and the code of `exit()`. */
  readonly takeOutput: () => Promise<{ readonly text: string; readonly exitCode: number | undefined }>;
}

/** runTests gives the exit status: 1 if any test failed. */
export async function runTests(options: TestRunOptions): Promise<number> {
  const names = testNames(options.session, options.kind);
  return options.kind === 'test' ? await runAllTests(names, options) : runBenchmarks(names, options);
}

interface TestResult {
  readonly name: string;
  readonly isPassed: boolean;
  readonly durationNs: number;
  readonly output: string;
}

const GREEN = '\x1b[32m';
const RED = '\x1b[31m';
const RESET = '\x1b[0m';

async function runAllTests(names: readonly string[], options: TestRunOptions): Promise<number> {
  const { write, isJson } = options;
  const results: TestResult[] = [];
  if (!isJson) write(`${GREEN}[==========]${RESET} Running ${count(names.length)}.\n`);
  for (const name of names) {
    if (!isJson) write(`${GREEN}[ RUN      ]${RESET} ${name}\n`);
    const { returnValue, durationNs } = runByHand(options.session, name, 1);
    const { text, exitCode } = await options.takeOutput();
    const result = { name, isPassed: returnValue === 0 && (exitCode ?? 0) === 0, durationNs, output: text };
    results.push(result);
    write(isJson ? testRecord(result) : testLines(result));
  }
  const failed = results.filter(({ isPassed }) => !isPassed);
  if (!isJson) write(summary(results.length, failed));
  return failed.length === 0 ? 0 : 1;
}

function testLines({ name, isPassed, durationNs, output }: TestResult): string {
  const time = duration(durationNs);
  return isPassed
    ? `${GREEN}[       OK ]${RESET} ${name} (${time})\n`
    : `${output}${RED}[  FAILED  ]${RESET} ${name} (${time})\n`;
}

function testRecord({ name, isPassed, durationNs, output }: TestResult): string {
  return `{"type": "test_result", "data": {${quote(name)}: {"duration": ${durationNs}, "passed": ${isPassed}, "output": ${quote(output)}}}}\n`;
}

function summary(total: number, failed: readonly TestResult[]): string {
  let text = `${GREEN}[==========]${RESET} ${count(total)} ran.\n`;
  text += `${GREEN}[  PASSED  ]${RESET} ${count(total - failed.length)}.\n`;
  if (failed.length === 0) return text;
  text += `${RED}[  FAILED  ]${RESET} ${count(failed.length)}, listed below:\n`;
  for (const { name } of failed) text += `${RED}[  FAILED  ]${RESET} ${name}\n`;
  return text;
}

const WARM_UP_RUNS = 1000;
const TARGET_NS = 200_000_000;
const MOST_RUNS = 10_000_000;

function runBenchmarks(names: readonly string[], { session, write, isJson }: TestRunOptions): number {
  const nameWidth = Math.max(41, ...names.map((name) => name.length + 1));
  if (!isJson) {
    write(`${'Benchmark'.padEnd(nameWidth)}${'Time(ns)'.padEnd(15)}Iterations\n`);
    write(`${'-'.repeat(nameWidth + 15 + 'Iterations'.length)}\n`);
  }
  for (const name of names) {
    const first = runByHand(session, name, WARM_UP_RUNS);
    const iterations = Math.min(
      MOST_RUNS,
      Math.max(WARM_UP_RUNS, Math.trunc(TARGET_NS / Math.max(1, first.durationNs))),
    );
    const { durationNs, runs } = runByHand(session, name, iterations);
    write(
      isJson
        ? `{"type": "benchmark_result", "data": {${quote(name)}: {"average": ${durationNs}, "iters": ${runs}}}}\n`
        : `${name.padEnd(nameWidth)}${String(durationNs).padEnd(15)}${runs}\n`,
    );
  }
  return 0;
}

function runByHand(session: Session, name: string, repeat: number): HandRun {
  if (!session.runByHand) throw new Error('this session cannot run tests');
  return session.runByHand(name, repeat);
}

function testNames(session: Session, kind: 'test' | 'bench'): readonly string[] {
  const sites: AttachSite[] = [];
  for (const program of session.object.programs)
    for (const attachment of program.attachments) if (attachment.kind === 'run') sites.push(...attachment.sites);
  return sites.flatMap((site) =>
    (site.provider === 'test' || site.provider === 'bench') && site.provider === kind ? [site.testName] : [],
  );
}

function count(tests: number): string {
  return `${tests} test${tests === 1 ? '' : 's'}`;
}

function duration(ns: number): string {
  if (ns < 1000) return `${ns} ns`;
  return ns < 1_000_000 ? `${Math.round(ns / 1000)} μs` : `${Math.round(ns / 1_000_000)} ms`;
}
