/** What all tests rest on. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const TESTS = new URL('..', import.meta.url).pathname;

test('property tests get their seed from one place', () => {
  const others = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
    .filter((name) => /^import .* from 'fast-check'/m.test(readFileSync(join(TESTS, name), 'utf8')));
  expect(others).toEqual(['support/property.ts']);
});
