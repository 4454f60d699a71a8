/**
 * Reads a recording of any length in bounded memory: opening checks every record and keeps only where it lies; contents
 * are decoded when asked for. Damage ends the recording there, and is reported.
 */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Snapshot, Value } from '../session/snapshot.ts';
import { type PortableSnapshot, type RecordedKeys, restoreSnapshot } from './codec.ts';
import { crc32 } from './crc32.ts';
import { FIELD_BYTES, MAGIC, MAX_RECORD_BYTES, PREFIX_BYTES, readHead, readPayload } from './format.ts';
import type { Damage, RecordedItem, RecordedLine, RecordedPanel } from './recording.ts';

interface IndexEntry {
  readonly offset: number;
  readonly length: number;
  readonly panel: number;
  readonly timeMs: number;
  readonly kind: 'snapshot' | 'line';
}

/** RecordingReader opens a file; throws if it is no recording at all. */
export class RecordingReader {
  readonly path: string;
  readonly panels: RecordedPanel[] = [];
  readonly damage: Damage | undefined;
  readonly #fd: number;
  readonly #index: IndexEntry[] = [];
  /** Where records of keys lie, in order, and how many have been read. */
  readonly #keyRecords: { readonly offset: number; readonly length: number; readonly panel: number }[] = [];
  #keyRecordsRead = 0;
  readonly #keys = new Map<string, (Value | null)[]>();

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'r');
    try {
      this.damage = this.#readIndex();
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Number of snapshots and lines. */
  get length(): number {
    return this.#index.length;
  }

  get startMs(): number {
    return this.#index[0]?.timeMs ?? 0;
  }

  get endMs(): number {
    return this.#index.at(-1)?.timeMs ?? 0;
  }

  /** Position of the first item later than a time. */
  positionAfter(timeMs: number): number {
    let low = 0;
    let high = this.#index.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#index[middle]?.timeMs ?? 0) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  timeAt(position: number): number | undefined {
    return this.#index[position]?.timeMs;
  }

  panelAt(position: number): number | undefined {
    return this.#index[position]?.panel;
  }

  kindAt(position: number): 'snapshot' | 'line' | undefined {
    return this.#index[position]?.kind;
  }

  /** Decodes one item; undefined beyond the end, or if its contents make no sense. */
  read(position: number): RecordedItem | undefined {
    const entry = this.#index[position];
    if (entry === undefined) return undefined;
    const content = this.#bytes(entry.offset, entry.length);
    const { panel, timeMs } = entry;
    try {
      const payload = readPayload(content);
      return entry.kind === 'snapshot'
        ? { kind: 'snapshot', panel, timeMs, snapshot: this.#restore(payload as PortableSnapshot, panel, entry.offset) }
        : { kind: 'line', panel, timeMs, line: payload as RecordedLine };
    } catch {
      // The CRC was right, so a bptop of another version wrote this; the rest may still be readable.
      return undefined;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #readIndex(): Damage | undefined {
    const { size } = fstatSync(this.#fd);
    const magic = this.#bytes(0, Math.min(size, MAGIC.length));
    if (!magic.equals(MAGIC)) throw new Error(`'${this.path}' is no bptop recording`);
    let offset = MAGIC.length;
    let latest = 0;
    while (offset < size) {
      if (offset + PREFIX_BYTES + FIELD_BYTES > size) return { offset, message: 'cut off' };
      const prefix = this.#bytes(offset, PREFIX_BYTES);
      const length = prefix.readUInt32LE(0);
      if (length < FIELD_BYTES || length > MAX_RECORD_BYTES) return { offset, message: 'damaged' };
      if (offset + PREFIX_BYTES + length > size) return { offset, message: 'cut off' };
      const content = this.#bytes(offset + PREFIX_BYTES, length);
      if (crc32(content) !== prefix.readUInt32LE(4)) return { offset, message: 'damaged' };
      const head = readHead(content);
      if (head?.type === 'panel') this.panels[head.panel] = readPayload(content) as RecordedPanel;
      else if (head?.type === 'keys')
        this.#keyRecords.push({ offset: offset + PREFIX_BYTES, length, panel: head.panel });
      else if (head !== undefined) {
        // Panels are read one after another, so their times may be out of order by a moment.
        latest = Math.max(latest, head.timeMs);
        this.#index.push({ offset: offset + PREFIX_BYTES, length, panel: head.panel, timeMs: latest, kind: head.type });
      }
      offset += PREFIX_BYTES + length;
    }
    return undefined;
  }

  /** Keys written before a snapshot are read before it, each once. */
  #restore(portable: PortableSnapshot, panel: number, offset: number): Snapshot {
    for (; this.#keyRecordsRead < this.#keyRecords.length; this.#keyRecordsRead++) {
      const record = this.#keyRecords[this.#keyRecordsRead];
      if (record === undefined || record.offset > offset) break;
      const fresh = readPayload(this.#bytes(record.offset, record.length)) as RecordedKeys;
      const known = this.#keysOf(record.panel, fresh.map);
      for (const [index, key] of fresh.keys.entries()) known[fresh.first + index] = key as Value | null;
    }
    return restoreSnapshot(portable, (map) => this.#keysOf(panel, map));
  }

  #keysOf(panel: number, map: string): (Value | null)[] {
    const id = `${panel} ${map}`;
    let keys = this.#keys.get(id);
    if (keys === undefined) {
      keys = [];
      this.#keys.set(id, keys);
    }
    return keys;
  }

  #bytes(offset: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    let read = 0;
    while (read < length) {
      const count = readSync(this.#fd, buffer, read, length - read, offset + read);
      if (count === 0) break;
      read += count;
    }
    return buffer;
  }
}
