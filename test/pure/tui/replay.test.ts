/** Replaying: the same views and keys on a recording, whatever its size and state. */

import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { RecordingReader } from '../../../src/recording/reader.ts';
import { RecordingWriter } from '../../../src/recording/writer.ts';
import { REPLAY_SERVICES, ReplayPlayer } from '../../../tui/sources/replay.ts';
import { countMap, histMap } from './fake-services.ts';
import { Harness, KEYS } from './harness.ts';

const START_MS = Date.UTC(2026, 10, 22, 15, 0, 0);
const folder = mkdtempSync(join(tmpdir(), 'bptop-replay-'));
let harness: Harness;
let player: ReplayPlayer;
let reader: RecordingReader;

afterEach(async () => {
  player.dispose();
  await harness.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Three panels of a minute: a snapshot a second, a line every ten. */
function record(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'bptop-replay-')), 'recording');
  const writer = new RecordingWriter(path);
  const panel = { parameters: [], scope: [] };
  const calls = writer.addPanel({ ...panel, name: 'calls', text: 't:a:b { @calls[comm, pid] = count(); }' }, START_MS);
  const times = writer.addPanel({ ...panel, name: 'times', text: 't:a:b { @us = hist(1); }' }, START_MS);
  const log = writer.addPanel({ ...panel, name: 'log', text: 'BEGIN { printf("hello"); }' }, START_MS);
  for (let second = 0; second <= 60; second++) {
    const common = { timeMs: START_MS + second * 1000, elapsedMs: second * 1000, lostEvents: 0, probes: [] };
    writer.addSnapshot(calls, { ...common, maps: [countMap('@calls', second)] });
    writer.addSnapshot(times, { ...common, maps: [histMap('@us', second)] });
    if (second % 10 === 0) writer.addLine(log, common.timeMs, { text: `second ${second}`, isError: false });
  }
  writer.close();
  return path;
}

async function replay(path: string, now?: () => number): Promise<void> {
  harness = new Harness({ services: REPLAY_SERVICES, columns: 100, rows: 30 });
  reader = new RecordingReader(path);
  player = new ReplayPlayer(reader, harness.dashboard, now);
  harness.dashboard.timeline = player;
  harness.dashboard.changed();
  await harness.screen();
}

test('End, Home and the arrows go through it; the end says so', async () => {
  await replay(record());
  await harness.type('p', KEYS.end);
  expect(await harness.screen()).toMatch(/REPLAY \S+ 100% paused/);
  expect(player.timeMs).toBe(START_MS + 60_000);
  await harness.type(KEYS.left, KEYS.left);
  expect(player.timeMs).toBe(START_MS + 58_000);
  await harness.type(KEYS.right);
  expect(player.timeMs).toBe(START_MS + 59_000);
  await harness.type(KEYS.home);
  expect(player.timeMs).toBe(START_MS);
  expect(await harness.screen()).toContain('postgres');
});

test('views and their keys are those of a live panel', async () => {
  await replay(record());
  await harness.type('p', KEYS.end, KEYS.enter, '/', 'ng', KEYS.enter);
  expect(await harness.screen()).toContain('/ng 1 of 9 rows');
  await harness.type('2', 'v');
  expect(await harness.screen()).toContain('log colours');
  await harness.type('3', KEYS.left);
  expect(await harness.screen()).toContain('second 50');
  expect(await harness.screen()).not.toContain('second 60');
});

test('+ and - change the speed, within bounds', async () => {
  await replay(record());
  await harness.type('-', '-');
  expect(player.speed).toBe(4);
  await harness.type('+', '+', '+');
  expect(player.speed).toBe(0.5);
  expect((await harness.lines())[0]).toContain('1/2x');
});

test('a file that is cut off replays up to there, and says so all the time', async () => {
  const path = record();
  truncateSync(path, 9_000);
  await replay(path);
  await harness.type('p', KEYS.end);
  expect((await harness.lines())[0]).toMatch(/100% paused, cut off/);
  expect(await harness.screen()).toContain('postgres');
});

test('scripts and restrictions are refused with a reason, and no panel is lost', async () => {
  await replay(record());
  await harness.type('p', ':', 't:a:b', KEYS.enter);
  expect(await harness.screen()).toContain('A recording cannot run scripts');
  await harness.type(KEYS.escape, 'd');
  expect(await harness.screen()).toContain('a recording cannot be restricted');
  expect(harness.dashboard.panels.map(({ status }) => status.kind)).toEqual(['replay', 'replay', 'replay']);
});

test('a jump decodes as many snapshots as there is time for', async () => {
  let nowMs = 0;
  await replay(record(), () => nowMs);
  await harness.type('p');
  // Each takes a quarter of a second, as those of a busy machine may on a busy machine.
  const read = reader.read.bind(reader);
  let reads = 0;
  reader.read = (position) => {
    reads++;
    nowMs += 250;
    return read(position);
  };
  player.seek(START_MS + 10_000);
  reads = 0;
  player.seek(START_MS + 60_000);
  expect(reads).toBeLessThan(20);
  expect(harness.dashboard.panels[0]?.shownSnapshot?.timeMs).toBe(START_MS + 60_000);
});
