/** What a panel keeps is bounded with all that belongs to it, and the newest moments are what stays. */

import { expect, test } from 'vitest';
import type { MapEntry, StackFrame } from '../../../src/session/snapshot.ts';
import { History } from '../../../tui/models/history.ts';
import { countMap } from './fake-services.ts';

const MAX_BYTES = 800_000;
const NOTHING = { lostEvents: 0, probes: [] };

/** A stack of 60 frames that no other key shares. */
function stackEntry(seed: number): MapEntry {
  const frames: StackFrame[] = Array.from({ length: 60 }, (_, depth) => ({ address: BigInt(seed * 1000 + depth) }));
  return { key: [{ kind: 'stack', isUser: true, pid: 1, frames }], value: 1 };
}

const MAP = countMap('@', 0);

function push(history: History, second: number, entries: readonly MapEntry[]): void {
  const map = { ...MAP, entries };
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

test('a quiet panel has its full size after some minutes, and goes back an hour all the same', () => {
  const history = new History(1 << 20);
  const bytes: number[] = [];
  for (let second = 0; second < 3600; second++) {
    history.push({ timeMs: second * 1000, elapsedMs: second * 1000, maps: [countMap('@', second)], ...NOTHING });
    bytes.push(history.bytes);
  }
  expect(history.length).toBeGreaterThan(290);
  expect(history.length).toBeLessThanOrEqual(300);
  expect(Math.max(...bytes)).toBeLessThan((bytes[300] ?? 0) * 1.1);
  const ages = Array.from({ length: history.length }, (_, index) => 3599 - (history.get(index)?.timeMs ?? 0) / 1000);
  expect(ages[0]).toBeGreaterThan(1800);
  expect(ages.slice(-240)).toEqual(Array.from({ length: 240 }, (_, index) => 239 - index));
  // The older, the wider apart, but never by more than a fraction of the age.
  for (const [index, age] of ages.slice(0, -240).entries()) expect(age - (ages[index + 1] ?? 0)).toBeLessThan(age / 3);
});

test('a busy panel thins out what is older before it gives up how far it goes back', () => {
  const history = new History(MAX_BYTES);
  for (let second = 0; second < 600; second++) {
    const entries = Array.from({ length: 1000 }, (_, key) => ({ key, value: second * key }));
    push(history, second, entries);
  }
  expect(history.bytes).toBeLessThanOrEqual(MAX_BYTES);
  expect(history.last?.timeMs).toBe(599_000);
  expect(history.get(history.length - 24)?.timeMs).toBe(576_000);
  expect(history.first?.timeMs).toBeLessThan(400_000);
});

test('a state in which nothing has changed is kept once', () => {
  const history = new History(MAX_BYTES);
  for (const [second, value] of [5, 5, 6].entries()) push(history, second, [{ key: 'a', value }]);
  const [first, second, third] = [0, 1, 2].map((index) => history.get(index)?.maps[0]);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test('what a dropped moment shared with the next one goes on being counted', () => {
  const history = new History(4 << 20);
  const large = Array.from({ length: 5000 }, (_, key) => ({ key, value: key }));
  for (let second = 0; second < 1500; second++) push(history, second, second < 2 || second > 1490 ? [] : large);
  const counted = history.bytes;
  // One state of 5000 keys, and the keys themselves.
  expect(counted).toBeGreaterThan(5000 * 12);
  expect(counted).toBeLessThan(5000 * 400);
});

test('a history of a map ends where the panel was attached anew, however few moments are left of that time', () => {
  const history = new History(1 << 20);
  const at = (timeMs: number, elapsedMs: number) =>
    history.push({ timeMs, elapsedMs, maps: [countMap('@', timeMs)], ...NOTHING });
  for (let second = 0; second < 10; second++) at(second * 1000, second * 1000);
  for (let second = 0; second < 320; second++) at((10 + second) * 1000, second * 1000);
  const moments = history.mapHistory('@', history.length - 1, 1000);
  expect(moments.length).toBeLessThan(history.length);
  expect(moments.every(({ timeMs }) => timeMs >= 10_000)).toBe(true);
});
