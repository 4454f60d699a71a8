/**
 * The dashboard's state and what can be done to it. No painting, no Ink, no terminal: commands call it, components and
 * painters read it. Two kinds of change are told apart: `changed` (layout, prompt, overlays: Ink commits) and
 * `refreshed` (new data: surfaces repaint).
 */

import { join } from 'node:path';
import type { Tool } from '../../src/panels/library.ts';
import type { Snapshot } from '../../src/session/snapshot.ts';
import { CHROME_ROWS, type GridLayout, gridLayout, isTooSmall } from '../models/layout.ts';
import { LineEditor } from '../models/line-editor.ts';
import { parseFilter } from '../models/table.ts';
import type { ScopeTerm, Services } from '../sources/services.ts';
import { OwnCost } from './cost.ts';
import { PromptHistory } from './history-file.ts';
import type { Overlay } from './overlay.ts';
import { Panel } from './panel.ts';
import type { Prompt } from './prompt.ts';
import { Refresher } from './refresher.ts';
import type { Timeline } from './timeline.ts';

/** As many panels as the overview has share the room for history. */
const PANELS_OF_HISTORY = 12;

export interface DashboardOptions {
  readonly services: Services;
  readonly tools: readonly Tool[];
  readonly intervalMs: number;
  /** Share of one CPU that a panel's probes may take. */
  readonly budget: number;
  readonly historyBytes: number;
  readonly stateFolder: string | undefined;
  readonly configFolder: string | undefined;
  /** Clock, so that tests need not wait. */
  readonly now?: () => number;
}

export interface Notice {
  readonly text: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly untilMs: number;
}

/** Told of each snapshot of a panel as the session gave it. */
export type SnapshotListener = (panel: Panel, snapshot: Snapshot) => void;

export interface DashboardListener {
  changed(): void;
  refreshed(): void;
}

const NOTICE_MS = 6000;

export class Dashboard {
  readonly options: DashboardOptions;
  readonly own = new OwnCost();
  readonly refresher = new Refresher(this);
  readonly promptHistory: PromptHistory;
  tools: readonly Tool[];
  panels: Panel[] = [];
  focus = 0;
  isFull = false;
  /** The time shown; infinity follows the newest data. */
  timeMs = Number.POSITIVE_INFINITY;
  intervalMs: number;
  overlay: Overlay | undefined;
  prompt: Prompt | undefined;
  filter: LineEditor | undefined;
  columns = 80;
  rows = 24;
  /** Restriction of every panel opened from now on. */
  scope: readonly ScopeTerm[] = [];
  recordingName: string | undefined;
  /** Raised whenever a key or the mouse has moved something in a view. */
  viewVersion = 0;
  /** Set in a replay: time is the recording's. */
  timeline: Timeline | undefined;
  #notice: Notice | undefined;
  readonly #listeners = new Set<DashboardListener>();
  readonly #parents = new Map<Panel, Panel>();
  /** The panels from whose rows others were opened. */
  readonly #origins = new WeakMap<Panel, Panel>();
  readonly #snapshotListeners = new Set<SnapshotListener>();
  #isStopped = false;
  #opening = 0;
  #resolveFirstData: () => void = () => undefined;
  #resolveSettled: () => void = () => undefined;
  readonly #settled = new Promise<void>((resolve) => {
    this.#resolveSettled = resolve;
  });
  readonly #firstData = new Promise<void>((resolve) => {
    this.#resolveFirstData = resolve;
  });

  constructor(options: DashboardOptions) {
    this.options = options;
    this.tools = options.tools;
    this.intervalMs = options.intervalMs;
    this.promptHistory = new PromptHistory(
      options.stateFolder === undefined ? undefined : join(options.stateFolder, 'history'),
    );
  }

  get services(): Services {
    return this.options.services;
  }

  get isPaused(): boolean {
    if (this.timeline !== undefined) return this.timeline.isPaused;
    return this.timeMs !== Number.POSITIVE_INFINITY;
  }

  get panel(): Panel | undefined {
    return this.panels[this.focus];
  }

  get notice(): Notice | undefined {
    return this.#notice !== undefined && this.#notice.untilMs > this.now() ? this.#notice : undefined;
  }

  now(): number {
    return this.options.now?.() ?? Date.now();
  }

  subscribe(listener: DashboardListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Told of every new snapshot: the recorder. */
  onSnapshot(listener: SnapshotListener): () => void {
    this.#snapshotListeners.add(listener);
    return () => this.#snapshotListeners.delete(listener);
  }

  /** The refresher has read a panel. */
  hasRead(panel: Panel, snapshot: Snapshot): void {
    for (const listener of this.#snapshotListeners) listener(panel, snapshot);
  }

  changed(): void {
    for (const listener of this.#listeners) listener.changed();
  }

  /** The view at hand shows its data in another way. */
  moved(): void {
    this.viewVersion++;
    this.refreshed();
  }

  refreshed(): void {
    for (const listener of this.#listeners) listener.refreshed();
  }

  // -- life ----------------------------------------------------------------------------------------------------------

  /** Attaches what is visible and starts the clocks. */
  start(): void {
    this.attachVisible();
    if (this.#opening === 0) {
      this.#resolveFirstData();
      this.#resolveSettled();
    }
    this.refresher.schedule();
  }

  /** Resolves when the first panel has opened, or has failed to. */
  firstData(): Promise<void> {
    return this.#firstData;
  }

  /** Resolves when the panels of the start have opened, or have failed to. */
  settled(): Promise<void> {
    return this.#settled;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.refresher.stop();
    this.prompt?.dispose();
    await Promise.all(this.panels.map((panel) => panel.close()));
  }

  setInterval(intervalMs: number): void {
    this.intervalMs = Math.max(100, Math.min(3_600_000, Math.round(intervalMs)));
    if (this.refresher.isScheduled) this.refresher.schedule();
    this.tell(`refresh every ${this.intervalMs / 1000} s`);
  }

  /** A recording is made at full pace even while what is shown stands still. */
  setRecording(name: string | undefined): void {
    this.recordingName = name;
    if (this.refresher.isScheduled) this.refresher.schedule();
  }

  // -- panels --------------------------------------------------------------------------------------------------------

  get layout(): GridLayout {
    return this.isFull
      ? { rows: [[this.focus]], page: 0, pages: 1 }
      : gridLayout(this.columns, this.rows - CHROME_ROWS, this.panels.length, this.focus);
  }

  get visiblePanels(): readonly Panel[] {
    if (isTooSmall(this.columns, this.rows)) return [];
    return this.layout.rows.flat().flatMap((index) => this.panels[index] ?? []);
  }

  /** Opens what has come into view. */
  attachVisible(): void {
    if (this.#isStopped) return;
    for (const panel of this.visiblePanels) {
      this.refresher.comesIntoView(panel);
      if (panel.status.kind === 'idle') this.#open(panel);
    }
  }

  addPanel(panel: Panel, isShown = true): void {
    this.panels = [...this.panels, panel];
    if (isShown) {
      this.focus = this.panels.length - 1;
      this.isFull = true;
    }
    this.live();
    this.attachVisible();
    this.changed();
  }

  createPanel(
    name: string,
    text: string,
    scope: readonly ScopeTerm[] = this.scope,
    parameters?: readonly string[],
  ): Panel {
    return new Panel({
      name,
      text,
      scope,
      historyBytes: this.options.historyBytes / PANELS_OF_HISTORY,
      ...(parameters !== undefined && { parameters }),
    });
  }

  /** The same script under other restrictions. */
  createLike(panel: Panel, scope: readonly ScopeTerm[]): Panel {
    const { name, text, tool, parameters } = panel;
    return new Panel({
      name,
      text,
      parameters,
      scope,
      historyBytes: this.options.historyBytes / PANELS_OF_HISTORY,
      ...(tool !== undefined && { tool }),
    });
  }

  createToolPanel(tool: Tool, scope: readonly ScopeTerm[] = this.scope): Panel {
    const { name, text } = tool;
    return new Panel({ name, text, tool, scope, historyBytes: this.options.historyBytes / PANELS_OF_HISTORY });
  }

  /** Opens a tool, or goes to where it is open; Backspace leads back to the panel that it was opened from. */
  openTool(tool: Tool, scope: readonly ScopeTerm[] = this.scope, origin?: Panel): void {
    const open = this.panels.findIndex((panel) => panel.text === tool.text && sameScope(panel.scope, scope));
    if (open >= 0) {
      this.focusPanel(open);
      this.isFull = true;
      this.changed();
      return;
    }
    const panel = this.createToolPanel(tool, scope);
    if (origin !== undefined) this.#origins.set(panel, origin);
    this.addPanel(panel);
  }

  /** Puts a panel in another's place; Backspace brings the other back. */
  replacePanel(old: Panel, next: Panel, isChild: boolean): void {
    this.panels = this.panels.map((panel) => (panel === old ? next : panel));
    if (isChild) this.#parents.set(next, old);
    void old.close();
    this.live();
    this.attachVisible();
    this.changed();
  }

  parentOf(panel: Panel): Panel | undefined {
    return this.#parents.get(panel);
  }

  /** Back to what the panel was before it was restricted, or to the one that it was opened from; false if there is neither. */
  goUp(): boolean {
    const panel = this.panel;
    if (panel === undefined) return false;
    if (this.#parents.has(panel)) {
      // What was asked of all panels is undone in all of them.
      const term = panel.scope.at(-1);
      const isOfAll = term !== undefined && this.scope.includes(term);
      if (isOfAll) this.scope = this.scope.filter((other) => other !== term);
      for (const restricted of isOfAll ? this.panels.filter(({ scope }) => scope.at(-1) === term) : [panel])
        this.#backToParent(restricted);
      return true;
    }
    const origin = this.#origins.get(panel);
    if (origin === undefined || !this.panels.includes(origin)) return false;
    this.closePanel(panel);
    this.focusPanel(this.panels.indexOf(origin));
    return true;
  }

  #backToParent(panel: Panel): void {
    const parent = this.#parents.get(panel);
    if (parent === undefined) return;
    this.#parents.delete(panel);
    this.replacePanel(panel, parent, false);
  }

  closePanel(panel: Panel): void {
    void panel.close();
    const at = this.panels.indexOf(panel);
    this.panels = this.panels.filter((candidate) => candidate !== panel);
    this.focus = Math.max(
      0,
      Math.min(this.panels.length - 1, at <= this.focus ? this.focus - (at < this.focus ? 1 : 0) : this.focus),
    );
    if (this.panels.length === 0) this.isFull = false;
    this.attachVisible();
    this.changed();
  }

  /** Attaches again what was suspended, finished or failed. */
  resume(panel: Panel): void {
    if (panel.status.kind === 'live' || panel.status.kind === 'starting') return;
    this.#open(panel);
    this.changed();
  }

  focusPanel(index: number): void {
    if (index < 0 || index >= this.panels.length) return;
    this.focus = index;
    this.attachVisible();
    this.changed();
  }

  cycleFocus(step: number): void {
    const count = this.panels.length;
    if (count > 0) this.focusPanel((this.focus + step + count) % count);
  }

  setFull(isFull: boolean): void {
    this.isFull = isFull && this.panels.length > 0;
    this.attachVisible();
    this.changed();
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.attachVisible();
    this.changed();
  }

  // -- time ----------------------------------------------------------------------------------------------------------

  togglePause(): void {
    if (this.timeline !== undefined) this.timeline.toggle();
    else if (this.isPaused) this.live();
    else this.#showAt(this.panel?.history.last?.timeMs ?? this.now());
  }

  live(): void {
    this.#showAt(Number.POSITIVE_INFINITY);
  }

  /** Steps through the snapshots of the panel at hand; the first step pauses. */
  stepTime(step: number): void {
    if (this.timeline !== undefined) {
      this.timeline.step(step);
      return;
    }
    const history = this.panel?.history;
    if (history === undefined || history.length === 0) return;
    const at = this.isPaused ? history.indexAt(this.timeMs) : history.length - 1;
    const target = history.get(Math.max(0, Math.min(history.length - 1, at + step)));
    if (target !== undefined) this.#showAt(target.timeMs);
  }

  firstMoment(): void {
    if (this.timeline !== undefined) {
      this.timeline.first();
      return;
    }
    const first = this.panel?.history.first;
    if (first !== undefined) this.#showAt(first.timeMs);
  }

  lastMoment(): void {
    if (this.timeline !== undefined) this.timeline.last();
    else this.live();
  }

  /** Half or twice as often; in a replay, slower or faster. */
  changePace(factor: number): void {
    if (this.timeline !== undefined) this.timeline.setSpeed(this.timeline.speed / factor);
    else this.setInterval(this.intervalMs * factor);
  }

  // -- talking to the user -------------------------------------------------------------------------------------------

  tell(text: string, severity: Notice['severity'] = 'info'): void {
    this.#notice = { text, severity, untilMs: this.now() + NOTICE_MS };
    this.changed();
  }

  show(overlay: Overlay | undefined): void {
    this.overlay = overlay;
    this.changed();
  }

  /** Opens the filter line for the view at hand. */
  openFilter(): void {
    const view = this.panel?.view;
    if (view === undefined) return;
    this.filter = new LineEditor(view.filterText);
    this.changed();
  }

  /** Handles a key of the filter line; the view is filtered while it is typed. */
  filterKey(name: string, text: string): void {
    const editor = this.filter;
    const view = this.panel?.view;
    if (editor === undefined || view === undefined) return;
    if (name === 'escape' || name === 'ctrl+c' || (name === 'backspace' && editor.text === '')) {
      view.setFilter('', undefined);
      this.filter = undefined;
    } else if (name === 'enter') this.filter = undefined;
    else {
      if (text === '') editor.key(name);
      else editor.insert(text);
      view.setFilter(editor.text, parseFilter(editor.text));
    }
    this.changed();
  }

  // ------------------------------------------------------------------------------------------------------------------

  #open(panel: Panel): void {
    this.#opening++;
    void panel.open(this.services).then(() => {
      this.#opening--;
      if (this.#isStopped) return void panel.close();
      // The first numbers as soon as there are any, not at the next full interval.
      this.refresher.read(panel);
      this.refresher.readSoon(panel);
      this.changed();
      this.#resolveFirstData();
      if (this.#opening === 0) this.#resolveSettled();
    });
  }

  #showAt(timeMs: number): void {
    const wasPaused = this.isPaused;
    this.timeMs = timeMs;
    for (const panel of this.panels) panel.showAt(timeMs);
    if (this.isPaused !== wasPaused && this.refresher.isScheduled) {
      this.refresher.schedule();
      if (wasPaused) this.refresher.refresh();
    }
    this.changed();
  }
}

function sameScope(left: readonly ScopeTerm[], right: readonly ScopeTerm[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
