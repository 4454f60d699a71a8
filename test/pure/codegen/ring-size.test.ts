import { expect, test } from 'vitest';
import { compileScript } from '../../../src/run/compile-script.ts';
import { DEFAULT_OPTIONS } from '../../../src/semantics/compile-options.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

const MIB = 1 << 20;

test.each<[what: string, pages: number | undefined, cpus: number, bytes: number]>([
  ['as it is, whatever the machine', undefined, 64, 4 * MIB],
  ['pages for each CPU', 4096, 2, 32 * MIB],
  ['a power of two of pages', 3, 1, 4 * 4096],
  ['a power of two over all CPUs', 64, 6, 512 * 4096],
  ['within limits on a large machine', 4096, 256, 256 * MIB],
  ['but never less than was asked for', 131_072, 4, 512 * MIB],
])('the ring of events: %s', (_, pages, cpus, bytes) => {
  const config = pages === undefined ? '' : `config = { perf_rb_pages = ${pages} } `;
  const text = `${config}begin { printf("x"); }`;
  const { object } = compileScript({ name: 'stdin', text }, recordedFacts({ possibleCpus: cpus }), DEFAULT_OPTIONS);
  expect(object?.maps.find(({ kind }) => kind === 'ringbuf')?.maxEntries).toBe(bytes);
});
