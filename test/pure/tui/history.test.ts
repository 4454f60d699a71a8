/** What a panel keeps is bounded with all that belongs to it, and the newest moments are what stays. */

import { expect, test } from 'vitest';
import type { MapEntry, StackFrame } from '../../../src/session/snapshot.ts';
import { History } from '../../../tui/models/history.ts';
import { countMap } from './fake-services.ts';

const MAX_BYTES = 800_000;

/** A stack of 60 frames that no other key shares. */
function stackEntry(seed: number): MapEntry {
  const frames: StackFrame[] = Array.from({ length: 60 }, (_, depth) => ({ address: BigInt(seed * 1000 + depth) }));
  return { key: [{ kind: 'stack', isUser: true, pid: 1, frames }], value: 1 };
}

function push(history: History, second: number, entries: readonly MapEntry[]): void {
  const map = { ...countMap('@', second), entries };
  history.push({ timeMs: second * 1000, elapsedMs: second * 1000, maps: [map], lostEvents: 0, probes: [] });
}

test('keys count: new stacks each second leave fewer moments than the same ones do', () => {
  const same = new History(MAX_BYTES);
  const other = new History(MAX_BYTES);
  const entries = Array.from({ length: 50 }, (_, seed) => stackEntry(seed));
  for (let second = 0; second < 100; second++) {
    push(same, second, entries);
    push(
      other,
      second,
      Array.from({ length: 50 }, (_, seed) => stackEntry(second * 50 + seed)),
    );
  }
  expect(same.length).toBe(100);
  expect(other.length).toBeLessThan(40);
  expect(other.length).toBeGreaterThan(1);
  expect(other.bytes).toBeLessThan(MAX_BYTES);
  expect(other.last?.timeMs).toBe(99_000);
});

test('each moment keeps what its probes had cost, names once for all', () => {
  const history = new History(1 << 20);
  const probes = (second: number) =>
    Array.from({ length: 300 }, (_, index) => ({
      name: `p${index}`,
      sites: 1,
      runs: second * index,
      timeNs: second * 2,
    }));
  const sizes: number[] = [];
  for (const second of [0, 1, 2, 2]) {
    const before = history.bytes;
    history.push({ timeMs: second, elapsedMs: second, maps: [], lostEvents: 0, probes: probes(second) });
    sizes.push(history.bytes - before);
  }
  for (const [index, second] of [0, 1, 2, 2].entries()) expect(history.get(index)?.probes).toEqual(probes(second));
  expect(sizes[1]).toBeLessThan((sizes[0] ?? 0) / 4);
  expect(sizes[3]).toBeLessThan(300);
});

test('two moments stay, whatever they take', () => {
  const history = new History(100);
  for (let second = 0; second < 5; second++) push(history, second, [stackEntry(second)]);
  expect(history.length).toBe(2);
  expect(history.get(0)?.timeMs).toBe(3000);
});

test('what is dropped is no longer counted', () => {
  const history = new History(MAX_BYTES);
  const bytes: number[] = [];
  for (let second = 0; second < 400; second++) {
    push(
      history,
      second,
      Array.from({ length: 50 }, (_, seed) => stackEntry(second * 50 + seed)),
    );
    bytes.push(history.bytes);
  }
  expect(Math.max(...bytes.slice(200))).toBeLessThanOrEqual(Math.max(...bytes.slice(0, 200)));
  history.clear();
  expect(history.bytes).toBe(0);
});
