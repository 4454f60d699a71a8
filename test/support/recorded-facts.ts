/** The recorded kernel of test/fixtures/kernel, opened once per test process. */

import type { KernelFacts } from '../../src/kernel/facts.ts';
import { type FactOverrides, openRecordedFacts } from '../../src/kernel/recorded.ts';

const FOLDER = new URL('../fixtures/kernel', import.meta.url).pathname;
let facts: KernelFacts | undefined;

/** recordedFacts gives the recorded kernel, with parts replaced where a test says so. */
export function recordedFacts(overrides: FactOverrides = {}): KernelFacts {
  facts ??= openRecordedFacts(FOLDER);
  return { ...facts, ...overrides };
}
