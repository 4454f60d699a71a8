/**
 * What stands in for `vitest` in the virtual machine: vitest's own runner and assertions without its server, workers and
 * transforms, which take minutes to start under emulation. Test files are bundled against it.
 */

import {
  ASYMMETRIC_MATCHERS_OBJECT,
  ChaiStyleAssertions,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
} from '@vitest/expect';

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from '@vitest/runner';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(ChaiStyleAssertions);
chai.use(JestAsymmetricMatchers);

const asymmetric = (globalThis as unknown as { [key: symbol]: object })[ASYMMETRIC_MATCHERS_OBJECT as symbol];

const POLL_MS = 50;

/** vi can wait, and no more. */
export const vi = {
  async waitFor<T>(attempt: () => T | Promise<T>, timeoutMs = 1000): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
  },
};

/** expect has the matchers of vitest, without snapshots and polling. */
export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  asymmetric,
);
