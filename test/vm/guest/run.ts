/**
 * Runs bundled test files in this process, in the virtual machine: one line of JSON per finished test on the standard
 * output. What the tests themselves print there goes to the standard error.
 */

import { writeSync } from 'node:fs';
import { startTests, type Test, type VitestRunner } from '@vitest/runner';
import { getTestName } from '@vitest/runner/utils';
import type { GuestResult } from '../results.ts';

/** runTestFiles runs files by name, each imported when its turn comes. */
export async function runTestFiles(files: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
  const runner: VitestRunner = {
    config: {
      root: '/',
      setupFiles: [],
      name: 'guest',
      passWithNoTests: true,
      testNamePattern: undefined,
      allowOnly: true,
      sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
      chaiConfig: undefined,
      maxConcurrency: 1,
      // The machine itself has an end; a host with other work to do makes everything slow.
      testTimeout: 400_000,
      hookTimeout: 400_000,
      retry: 0,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    },
    importFile: (path) => files[path]?.(),
    onAfterRunTask: (test) => report(test),
    // A hook that fails takes its tests with it, unheard.
    onAfterRunSuite: ({ name, file, result }) => {
      for (const error of result?.errors ?? []) {
        write({ file: file.filepath, name, state: 'fail', error: error.stack ?? error.message });
      }
    },
    onAfterRunFiles: (ran) => {
      for (const file of ran) {
        for (const error of file.result?.errors ?? []) {
          write({ file: file.filepath, name: file.filepath, state: 'fail', error: error.stack ?? error.message });
        }
      }
    },
  };
  for (const file of Object.keys(files)) await startTests([file], runner);
}

function report(test: Test): void {
  const { state = 'skip', errors = [], duration } = test.result ?? {};
  write({
    file: test.file.filepath,
    name: getTestName(test),
    state: state === 'pass' || state === 'fail' ? state : 'skip',
    ...(errors.length > 0 && { error: errors.map(errorText).join('\n') }),
    ...(duration !== undefined && { durationMs: Math.round(duration) }),
  });
}

function errorText({
  message,
  stack = '',
  actual,
  expected,
}: NonNullable<Test['result']>['errors'] extends (infer E)[] | undefined ? E : never): string {
  const compared = expected === undefined ? '' : `expected: ${expected}\nactual: ${actual}\n`;
  return `${message}\n${compared}${stack}`;
}

function write(result: GuestResult): void {
  writeSync(1, `${JSON.stringify(result)}\n`);
}
