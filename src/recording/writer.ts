/**
 * Writes a recording. Appends only; every record is one write, so that whatever happens to the process, the file ends at
 * most in the middle of its last record.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { KeyTable } from '../panels/key-table.ts';
import type { Snapshot } from '../session/snapshot.ts';
import { portableSnapshot } from './codec.ts';
import { encodeRecord, MAGIC } from './format.ts';
import type { RecordedLine, RecordedPanel } from './recording.ts';

export class RecordingWriter {
  readonly path: string;
  #fd: number | undefined;
  readonly #tables = new Map<string, KeyTable>();
  #panels = 0;
  #bytes = 0;

  /** Creates the file; throws the system's error where that is not possible, also if it exists. */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'wx', 0o600);
    this.#append(MAGIC);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Registers a panel; its number goes with all that follows. */
  addPanel(panel: RecordedPanel, timeMs: number): number {
    const number = this.#panels++;
    this.#append(encodeRecord({ type: 'panel', panel: number, timeMs }, panel));
    return number;
  }

  addSnapshot(panel: number, snapshot: Snapshot): void {
    const { timeMs } = snapshot;
    const portable = portableSnapshot(snapshot, (map) => this.#tableOf(`${panel} ${map}`));
    for (const keys of portable.fresh) this.#append(encodeRecord({ type: 'keys', panel, timeMs }, keys));
    this.#append(encodeRecord({ type: 'snapshot', panel, timeMs }, portable.snapshot));
  }

  addLine(panel: number, timeMs: number, line: RecordedLine): void {
    this.#append(encodeRecord({ type: 'line', panel, timeMs }, line));
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #tableOf(id: string): KeyTable {
    let table = this.#tables.get(id);
    if (table === undefined) {
      table = new KeyTable();
      this.#tables.set(id, table);
    }
    return table;
  }

  #append(bytes: Uint8Array): void {
    if (this.#fd === undefined) return;
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest));
    this.#bytes += bytes.length;
  }
}
