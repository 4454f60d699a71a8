import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { KeyTable } from '../../../src/panels/key-table.ts';
import {
  decodeJson,
  encodeJson,
  type PortableSnapshot,
  portableSnapshot,
  restoreSnapshot,
} from '../../../src/recording/codec.ts';
import { crc32 } from '../../../src/recording/crc32.ts';
import { RecordingReader } from '../../../src/recording/reader.ts';
import { RecordingWriter } from '../../../src/recording/writer.ts';
import type { Snapshot, Value } from '../../../src/session/snapshot.ts';
import fc from '../../support/property.ts';

const folder = mkdtempSync(join(tmpdir(), 'bptop-recording-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PANEL = { name: 'syscalls', text: 'tracepoint:x { @[comm] = count(); }', parameters: [], scope: [] };

function snapshot(timeMs: number, value: number): Snapshot {
  return {
    timeMs,
    elapsedMs: timeMs,
    maps: [
      {
        name: '@',
        keyType: { kind: 'string', capacity: 16 },
        valueType: { kind: 'count' },
        entries: Array.from({ length: 20 }, (_, index) => ({ key: `process ${index}`, value: value + index })),
        maxEntries: 4096,
        refusedUpdates: 0,
      },
    ],
    lostEvents: 0,
    probes: [],
  };
}

let files = 0;

/** A recording of ten snapshots and ten lines, one second apart. */
function record(): string {
  const path = join(folder, `${files++}.bptop`);
  const writer = new RecordingWriter(path);
  const panel = writer.addPanel(PANEL, 1000);
  for (let second = 1; second <= 10; second++) {
    writer.addLine(panel, second * 1000, { text: `line ${second}`, isError: false });
    writer.addSnapshot(panel, snapshot(second * 1000, second * 100));
  }
  writer.close();
  return path;
}

test('the check sum is that of zip', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
});

describe('a recording', () => {
  test('comes back as it was written', () => {
    const reader = new RecordingReader(record());
    expect(reader.damage).toBeUndefined();
    expect(reader.panels).toEqual([PANEL]);
    expect(reader.length).toBe(20);
    expect(reader.read(0)).toEqual({ kind: 'line', panel: 0, timeMs: 1000, line: { text: 'line 1', isError: false } });
    expect(reader.read(19)).toEqual({ kind: 'snapshot', panel: 0, timeMs: 10_000, snapshot: snapshot(10_000, 1000) });
    reader.close();
  });

  test('is found by time', () => {
    const reader = new RecordingReader(record());
    expect(reader.positionAfter(0)).toBe(0);
    expect(reader.positionAfter(3000)).toBe(6);
    expect(reader.positionAfter(3500)).toBe(6);
    expect(reader.positionAfter(99_999)).toBe(20);
    reader.close();
  });

  test('cut off anywhere, replays what is whole', () => {
    const whole = readFileSync(record());
    const path = join(folder, 'cut.bptop');
    let most = 0;
    for (let length = 18; length < whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length));
      const reader = new RecordingReader(path);
      expect(reader.length).toBeLessThan(20);
      expect(reader.length).toBeGreaterThanOrEqual(most);
      most = reader.length;
      for (let at = 0; at < reader.length; at++) expect(reader.read(at)).toBeDefined();
      reader.close();
    }
    expect(most).toBe(19);
  });

  test('damaged anywhere, replays up to the damage and says where it is', () => {
    const whole = readFileSync(record());
    const path = join(folder, 'damaged.bptop');
    fc.assert(
      fc.property(fc.integer({ min: 18, max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        writeFileSync(path, bytes);
        const reader = new RecordingReader(path);
        expect(reader.damage).toBeDefined();
        expect(reader.damage?.offset).toBeLessThanOrEqual(at);
        for (let item = 0; item < reader.length; item++) expect(reader.read(item)).toBeDefined();
        reader.close();
      }),
      { numRuns: 60 },
    );
  });

  test('a key is written once', () => {
    const path = record();
    const text = readFileSync(path);
    const reader = new RecordingReader(path);
    // Ten snapshots of the same twenty processes; read backwards, too.
    expect(reader.read(19)).toEqual({ kind: 'snapshot', panel: 0, timeMs: 10_000, snapshot: snapshot(10_000, 1000) });
    expect(reader.read(1)).toEqual({ kind: 'snapshot', panel: 0, timeMs: 1000, snapshot: snapshot(1000, 100) });
    expect(text.length).toBeLessThan(4000);
    reader.close();
  });

  test('does not overwrite what is there', () => {
    const path = record();
    expect(() => new RecordingWriter(path)).toThrow(/EEXIST/);
  });

  test('another file is refused by name', () => {
    const path = join(folder, 'other');
    writeFileSync(path, 'not a recording');
    expect(() => new RecordingReader(path)).toThrow(`'${path}' is no bptop recording`);
  });
});

describe('values', () => {
  test.each([
    ['a large integer', 2n ** 64n - 1n],
    ['a negative large integer', -(2n ** 63n)],
    ['infinity', Number.POSITIVE_INFINITY],
    ['undecodable bytes in text', 'a\udcffb'],
    ['nested', [1, ['x', true], { kind: 'record', fields: [{ name: 'a', value: 5n }] }]],
  ])('%s survives', (_name, value) => {
    expect(decodeJson(encodeJson(value))).toEqual(value);
  });

  test('bytes survive, and types do not drag the kernel along', () => {
    const members = () => {
      throw new Error('members were read');
    };
    const composite = {
      kind: 'struct',
      name: 'task_struct',
      size: 9000,
      get members() {
        return members();
      },
    } as const;
    const given: Snapshot = {
      ...snapshot(1, 1),
      maps: [
        {
          name: '@b',
          keyType: { kind: 'pointer', target: { kind: 'struct', composite: composite as never }, space: 'kernel' },
          valueType: { kind: 'buffer', capacity: 4 },
          entries: [{ key: { kind: 'pointer', address: 0xffff888000000000n }, value: Uint8Array.of(0, 255, 7) }],
          maxEntries: 1,
          refusedUpdates: 0,
        },
      ],
    };
    const table = new KeyTable();
    const written = portableSnapshot(given, () => table);
    const fresh = decodeJson(encodeJson(written.fresh[0]?.keys)) as Value[];
    const back = restoreSnapshot(decodeJson(encodeJson(written.snapshot)) as PortableSnapshot, () => fresh);
    expect(back.maps[0]?.entries).toEqual(given.maps[0]?.entries);
  });
});
