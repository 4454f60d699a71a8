/** What the facts say, and do, where something is missing: tracefs, root, BTF. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const script = new URL('../support/print-facts.ts', import.meta.url).pathname;
const cache = mkdtempSync(join(tmpdir(), 'bptop-refusals-'));
afterAll(() => rmSync(cache, { recursive: true }));

/** Runs the script in a mount namespace of its own, after a shell command that spoils something there. */
function factsAfter(spoil: string, prefix = '') {
  const node = `exec ${prefix} '${process.execPath}' --import tsx '${script}'`;
  const text = execFileSync('unshare', ['--mount', 'sh', '-c', `${spoil}\n${node}`], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  return JSON.parse(text) as {
    id?: number;
    fields?: number;
    categories: number;
    struct?: string;
    hasLoop: boolean;
    address: boolean;
    problems: string[];
  };
}

test('tracefs is mounted where it is missing', () => {
  const facts = factsAfter('while umount /sys/kernel/tracing 2>/dev/null; do :; done');
  expect(facts.id).toBeGreaterThan(0);
  expect(facts.categories).toBeGreaterThan(10);
  expect(facts.problems).toEqual([]);
});

test('tracefs that cannot be mounted is a problem with a way out; BTF then describes events', () => {
  const facts = factsAfter(
    'while umount /sys/kernel/tracing 2>/dev/null; do :; done',
    'setpriv --bounding-set -sys_admin --inh-caps -sys_admin',
  );
  expect(facts.id).toBe(0);
  expect(facts.fields).toBe(7);
  expect(facts.categories).toBe(0);
  expect(facts.problems).toEqual([expect.stringContaining('mount -t tracefs tracefs /sys/kernel/tracing')]);
});

test('without BTF', () => {
  const facts = factsAfter('mount -t tmpfs none /sys/kernel/btf');
  expect(facts.struct).toBeUndefined();
  expect(facts.id).toBeGreaterThan(0);
  expect(facts.problems).toEqual([expect.stringContaining('CONFIG_DEBUG_INFO_BTF')]);
});

test('without root everything that may be asked is answered, the rest assumed', () => {
  const facts = factsAfter('true', 'setpriv --reuid 65534 --regid 65534 --clear-groups');
  expect(facts.struct).toBe('task_struct');
  expect(facts.hasLoop).toBe(true);
  expect(facts.problems).toEqual([expect.stringContaining('need root')]);
});
