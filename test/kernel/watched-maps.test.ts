/** Maps that are watched, held against the same maps read whole: whatever their keys and values, after each change. */

import { expect, test } from 'vitest';
import { openSession } from '../../src/session/open-session.ts';
import type { Session } from '../../src/session/session.ts';
import type { Value } from '../../src/session/snapshot.ts';
import { compileScript, liveFacts } from '../support/run-script.ts';
import { compileWorkload, Workload } from '../support/workload.ts';

const SCRIPT = `
BEGIN { @total = count(); @h[1] = hist(3); @gone[1] = 2; }
self:signal:SIGUSR1 {
  @n++;
  $i = 0;
  while ($i < 700) {
    @count[$i, "some"] = count();
    @sum[(int64)$i] = sum(-$i);
    @average[$i % 3] = avg($i);
    @long[str($i % 2 ? "odd" : "even"), @n] = $i;
    @stack[kstack, $i % 5] = count();
    if ($i % 7 == @n) { delete(@count, ($i, "some")); }
    $i++;
  }
  @wide[0] = (uint64)0xffffffffffffffff;
  if (@n == 3) { clear(@sum); }
}`;

function entriesOf(session: Session) {
  const watched = session.watched?.(new Set(['@gone']));
  const plain = session.snapshot();
  const shown = (snapshot: typeof plain | undefined) =>
    snapshot?.maps.map(({ name, entries, maxEntries, refusedUpdates }) => ({
      name,
      entries: name === '@gone' ? [] : entries,
      maxEntries,
      refusedUpdates,
    }));
  return { watched, plain: shown(plain), shown: shown(watched) };
}

test('are the same as those read whole, and unchanged columns stay', async () => {
  const { object, diagnostics } = compileScript(SCRIPT);
  if (object === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const session = openSession(object, { facts: liveFacts() });
  try {
    await session.start();
    for (let round = 0; round < 5; round++) {
      const { plain, shown } = entriesOf(session);
      expect(shown).toEqual(plain);
      session.signal('SIGUSR1');
    }
    const columns = (map: string) => entriesOf(session).watched?.maps.find(({ name }) => name === map)?.columns;
    const first = columns('@count');
    expect(first?.keys.length).toBeGreaterThan(500);
    expect(columns('@count')?.keys).toBe(first?.keys);
    expect(columns('@count')?.values).toBe(first?.values);
    expect(columns('@gone')).toBeUndefined();
  } finally {
    await session.close();
  }
});

function addresses(key: Value | undefined): string {
  if (typeof key !== 'object' || !('kind' in key) || key.kind !== 'stack') throw new Error('a key that is no stack');
  return key.frames.map(({ address }) => address).join(' ');
}

test('stacks have room again and again in a map that is cleared', async () => {
  // Six rounds of this many stacks are more than the kernel's maps for them hold; a few find both their places taken.
  const count = 4500;
  const workload = await Workload.start(compileWorkload('stacks'), [String(count)]);
  const script = `config = { max_map_keys = 8192 }
    tracepoint:syscalls:sys_enter_getppid /pid == ${workload.pid}/ { @stacks[ustack(raw)] = count(); }`;
  const { object, diagnostics } = compileScript(script);
  if (object === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const session = openSession(object, { facts: liveFacts() });
  try {
    await session.start();
    for (let round = 0; round < 6; round++) {
      workload.go();
      await workload.nextLine();
      const keys = session.watched?.(new Set()).maps[0]?.columns?.keys ?? [];
      expect(new Set(keys.map(addresses)).size, `round ${round}`).toBeGreaterThan(count * 0.97);
      session.clear('@stacks');
    }
  } finally {
    await session.close();
    workload.kill();
  }
});
