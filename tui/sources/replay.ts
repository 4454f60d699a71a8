/**
 * Plays a recording into panels: the same panels, views and keys as live, fed by a clock of its own that can run at any
 * speed, stop, step and jump. Only a window of the recording is decoded at a time.
 */

import { createDiagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { RecordingReader } from '../../src/recording/reader.ts';
import { uptimeMs } from '../../src/session/uptime.ts';
import type { Dashboard } from '../state/dashboard.ts';
import type { Panel } from '../state/panel.ts';
import type { Timeline } from '../state/timeline.ts';
import type { Services } from './services.ts';

/** Snapshots kept per panel behind the cursor: what trends and heat maps look back on. */
const WINDOW = 240;
const FRAME_MS = 100;
/** Snapshots of a busy machine take milliseconds each to decode: so long a frame may take, or a jump, before keys wait. */
const FRAME_BUDGET_MS = 40;
const JUMP_BUDGET_MS = 300;
/** Without two of them there are no rates. */
const FEWEST = 2;
/** Lines shown of what was played over. */
const MOST_LINES = 2000;
/** What the newest measurement counts for in the running average. */
const NEWEST_WEIGHT = 0.1;
const MIN_SPEED = 1 / 16;
const MAX_SPEED = 256;

const REFUSAL = createDiagnostic(
  'error',
  'replay-only',
  'A recording cannot run scripts: it shows what was recorded',
  undefined,
  { hints: ['start bptop without replay to trace this machine'] },
);

/** Replay runs nothing: scripts typed into the prompt are refused with a reason. */
export const REPLAY_SERVICES: Services = {
  mode: 'replay',
  open: async () => ({ diagnostics: [REFUSAL] }),
  check: () => [REFUSAL],
  complete: () => [],
};

export class ReplayPlayer implements Timeline {
  readonly #reader: RecordingReader;
  readonly #dashboard: Dashboard;
  readonly #panels: readonly Panel[];
  readonly #timer: NodeJS.Timeout;
  readonly #now: () => number;
  /** What decoding and keeping a snapshot takes, of late. */
  #snapshotMs = 1;
  /** The next item to be played. */
  #position = 0;
  timeMs: number;
  isPaused = false;
  speed = 1;

  constructor(reader: RecordingReader, dashboard: Dashboard, now: () => number = uptimeMs) {
    this.#now = now;
    this.#reader = reader;
    this.#dashboard = dashboard;
    this.timeMs = reader.startMs;
    this.#panels = reader.panels.map((recorded) => {
      const panel = dashboard.createPanel(recorded.name, recorded.text, recorded.scope, recorded.parameters);
      panel.status = { kind: 'replay' };
      return panel;
    });
    dashboard.panels = [...this.#panels];
    this.#timer = setInterval(() => this.#advance(), FRAME_MS);
    this.#play(this.timeMs, JUMP_BUDGET_MS);
  }

  get progress(): number {
    const span = this.#reader.endMs - this.#reader.startMs;
    return span <= 0 ? 1 : (this.timeMs - this.#reader.startMs) / span;
  }

  get damage(): string | undefined {
    return this.#reader.damage?.message;
  }

  toggle(): void {
    this.isPaused = !this.isPaused;
    if (!this.isPaused && this.timeMs >= this.#reader.endMs) this.first();
    this.#dashboard.changed();
  }

  /** Goes to the next or previous moment at which any panel was read, and stays there. */
  step(count: number): void {
    this.isPaused = true;
    let target: number | undefined;
    if (count > 0) target = this.#reader.timeAt(this.#reader.positionAfter(this.timeMs));
    else {
      let at = this.#position - 1;
      while (at >= 0 && (this.#reader.timeAt(at) ?? 0) >= this.timeMs) at--;
      target = this.#reader.timeAt(at);
    }
    if (target !== undefined) this.seek(target);
    this.#dashboard.changed();
  }

  first(): void {
    this.seek(this.#reader.startMs);
  }

  last(): void {
    this.seek(this.#reader.endMs);
  }

  setSpeed(speed: number): void {
    this.speed = Math.max(MIN_SPEED, Math.min(MAX_SPEED, speed));
    this.#dashboard.tell(`speed ${this.speed < 1 ? `1/${1 / this.speed}` : this.speed}x`);
  }

  /** Shows the recording as of a time. */
  seek(timeMs: number): void {
    const target = Math.max(this.#reader.startMs, Math.min(this.#reader.endMs, timeMs));
    if (target < this.timeMs) this.#rewind(target);
    this.#play(target, JUMP_BUDGET_MS);
    this.#dashboard.changed();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#reader.close();
  }

  #advance(): void {
    if (this.isPaused) return;
    if (this.timeMs >= this.#reader.endMs) {
      this.isPaused = true;
      this.#dashboard.tell('end of the recording');
      return;
    }
    const target = Math.min(this.#reader.endMs, this.timeMs + FRAME_MS * this.speed);
    if (this.#play(target, FRAME_BUDGET_MS)) this.#dashboard.refreshed();
  }

  /** Plays everything up to a time, or of what is too much for the time there is, the end. */
  #play(timeMs: number, budgetMs: number): boolean {
    const end = this.#reader.positionAfter(timeMs);
    const start = this.#position;
    this.timeMs = timeMs;
    this.#position = end;
    const from = Math.max(start, this.#windowStart(end, this.#affordable(budgetMs)));
    for (let at = Math.max(start, from - MOST_LINES); at < from; at++)
      if (this.#reader.kindAt(at) === 'line') this.#feed(at);
    for (let at = from; at < end; at++) this.#feed(at);
    return end > start;
  }

  #rewind(timeMs: number): void {
    const end = this.#reader.positionAfter(timeMs);
    for (const panel of this.#panels) panel.forget();
    this.#position = this.#windowStart(end, WINDOW);
    this.timeMs = timeMs;
  }

  /** Snapshots per panel that can be decoded in a time. */
  #affordable(budgetMs: number): number {
    const count = budgetMs / (this.#snapshotMs * Math.max(1, this.#panels.length));
    return Math.max(FEWEST, Math.min(WINDOW, Math.floor(count)));
  }

  /** The position from which every panel has so many snapshots, as far as there are. */
  #windowStart(end: number, perPanel: number): number {
    const wanted = this.#panels.map(() => perPanel);
    let open = wanted.length;
    // A panel that was closed long ago must not make this walk the whole file.
    let walk = perPanel * wanted.length * 2;
    let at = end;
    while (at > 0 && open > 0 && walk > 0) {
      at--;
      if (this.#reader.kindAt(at) !== 'snapshot') continue;
      walk--;
      const panel = this.#reader.panelAt(at) ?? -1;
      const left = wanted[panel] ?? 0;
      wanted[panel] = left - 1;
      if (left === 1) open--;
    }
    return at;
  }

  #feed(position: number): void {
    const startMs = this.#now();
    const item = this.#reader.read(position);
    const panel = item === undefined ? undefined : this.#panels[item.panel];
    if (item === undefined || panel === undefined) return;
    if (item.kind === 'line') {
      panel.log.push({ timeMs: item.timeMs, text: item.line.text, isError: item.line.isError });
      return;
    }
    panel.accept(item.snapshot);
    this.#snapshotMs += (this.#now() - startMs - this.#snapshotMs) * NEWEST_WEIGHT;
  }
}
