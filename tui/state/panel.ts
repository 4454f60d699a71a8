/**
 * One panel: a script, the source that runs it, the snapshots kept and the views on its maps. Panels know nothing of each
 * other; one that fails says why in its own frame.
 */

import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { PanelDescription, PanelKind } from '../../src/panels/description.ts';
import { parseHeader } from '../../src/panels/header.ts';
import { keyTitles } from '../../src/panels/key-titles.ts';
import { describeMap, kindOfMap, kindsFor, viewableMaps } from '../../src/panels/kind.ts';
import type { Tool } from '../../src/panels/library.ts';
import { restrictScript } from '../../src/panels/scope.ts';
import { SessionError } from '../../src/session/session.ts';
import type { MapSnapshot, SessionEvent, Snapshot } from '../../src/session/snapshot.ts';
import { History, type KeptSnapshot, type MapMoment } from '../models/history.ts';
import type { KeptMap } from '../models/kept-map.ts';
import type { PanelSource, ScopeTerm, Services } from '../sources/services.ts';
import { createView } from '../views/create-view.ts';
import { LogLines } from '../views/log-view.ts';
import type { View, ViewContext } from '../views/view.ts';
import { type Cost, costBetween, isSameMetering, type Metered, NO_COST } from './cost.ts';

export type PanelStatus =
  /** Not attached: not visible, or not yet asked to. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'live'; readonly probes: number }
  | { readonly kind: 'replay' }
  /** The script called exit(); what it left is still shown. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[]; readonly log?: string }
  /** Detached for exceeding the budget. */
  | { readonly kind: 'suspended'; readonly cost: number };

export interface PanelOptions {
  readonly name: string;
  readonly text: string;
  readonly tool?: Tool;
  readonly parameters?: readonly string[];
  readonly scope?: readonly ScopeTerm[];
  readonly historyBytes: number;
}

/** However short the interval: stacks are named one by one, and nobody follows a flame graph that jumps four times a second. */
const STACKS_PAUSE_MS = 900;
/** Rates and trends look back this far. */
const TREND_WINDOW = 240;
const POLL_LIMIT = 2000;
/** Lines of what is printed that are kept. */
const MAX_LINES = 2000;

/** The view in front, and what it was chosen for. */
interface Front {
  readonly tab: string;
  readonly chosen: PanelKind | undefined;
  readonly keyType: KeptMap['keyType'];
  readonly valueType: KeptMap['valueType'] | undefined;
  readonly view: View;
}

let nextId = 1;

export class Panel {
  readonly id = nextId++;
  readonly name: string;
  readonly text: string;
  readonly tool: Tool | undefined;
  readonly parameters: readonly string[];
  readonly scope: readonly ScopeTerm[];
  readonly description: PanelDescription;
  readonly history: History;
  readonly log = new LogLines(MAX_LINES);
  status: PanelStatus = { kind: 'idle' };
  warnings: readonly Diagnostic[] = [];
  cost: Cost = NO_COST;
  /** Refreshes in a row that exceeded the budget. */
  overBudget = 0;
  /** The snapshot that the cost was last computed from. */
  #metered: Metered | undefined;
  /** Set while the last read waits for names. */
  names: Promise<void> | undefined;
  #source: PanelSource | undefined;
  #runningText: string | undefined;
  /** The last read, while it waits for names. */
  #unnamed: { readonly source: PanelSource; readonly snapshot: Snapshot } | undefined;
  /** Maps that no view shows: that they are full is all that is told of them. */
  readonly #unread: ReadonlySet<string>;
  #mapIndex = 0;
  #hasChosenMap = false;
  readonly #views = new Map<string, View>();
  readonly #chosenKinds = new Map<string, PanelKind>();
  readonly #printed = new Map<string, MapSnapshot>();
  /** By map: when it was last cleared, in ms since the session started. */
  readonly #renewedMs = new Map<string, number>();
  /** What there is to show of a snapshot: asked for several times a frame. */
  #tabs:
    | { snapshot: KeptSnapshot | undefined; readonly hasLog: boolean; readonly names: readonly string[] }
    | undefined;
  readonly #titles = new Map<string, readonly string[]>();
  #front: Front | undefined;
  /** Raised by every open and close, so that a slow start notices that it is no longer wanted. */
  #generation = 0;
  #timeMs = Number.POSITIVE_INFINITY;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #isDriven = false;

  constructor(options: PanelOptions) {
    this.name = options.name;
    this.text = options.text;
    this.tool = options.tool;
    this.scope = options.scope ?? [];
    this.description = parseHeader({ name: options.name, text: options.text }, options.name).description;
    const hidden = this.description.maps.filter((map) => map.isHidden === true);
    this.#unread = new Set(hidden.map(({ map }) => map));
    this.parameters = options.parameters ?? this.description.parameters.map((parameter) => parameter.defaultValue);
    this.history = new History(options.historyBytes);
  }

  get title(): string {
    return this.description.title;
  }

  /** The script with the restrictions that it runs, or would run, under. */
  get runningText(): string {
    const { name, text, scope, description } = this;
    return this.#runningText ?? restrictScript({ name, text }, scope, description.scope);
  }

  get isAttached(): boolean {
    return this.#source !== undefined;
  }

  /** Compiles and attaches. Never throws: what goes wrong becomes the panel's status. */
  async open(services: Services): Promise<void> {
    if (this.status.kind === 'starting' || this.status.kind === 'live') return;
    const generation = ++this.#generation;
    this.status = { kind: 'starting' };
    this.cost = NO_COST;
    this.overBudget = 0;
    try {
      const result = await services.open({
        name: this.name,
        text: this.text,
        ...(this.tool !== undefined && { tool: this.tool }),
        parameters: this.parameters,
        scope: this.scope,
        scopeExpressions: this.description.scope,
      });
      if ('diagnostics' in result) {
        if (generation === this.#generation) this.status = { kind: 'failed', diagnostics: result.diagnostics };
        return;
      }
      if (generation !== this.#generation) {
        await result.source.close();
        return;
      }
      this.#source = result.source;
      this.#runningText = result.text;
      this.#renewedMs.clear();
      const started = await result.source.start();
      if (generation !== this.#generation) return;
      this.warnings = [...result.warnings, ...started.warnings];
      this.status = { kind: 'live', probes: started.probes };
    } catch (error) {
      if (generation !== this.#generation) return;
      const source = this.#source;
      this.#source = undefined;
      this.status = failure(error);
      await source?.close().catch(() => undefined);
    }
  }

  /** Detaches; history, log and views stay. */
  async close(status: PanelStatus = { kind: 'idle' }): Promise<void> {
    this.#generation++;
    const source = this.#source;
    this.#source = undefined;
    this.status = status;
    await source?.close().catch(() => undefined);
  }

  /** Takes what the script has printed; cheap when there is nothing. The number of events. */
  pump(timeMs: number): number {
    const source = this.#source;
    if (source === undefined || this.status.kind !== 'live') return 0;
    const events = source.poll(POLL_LIMIT);
    for (const event of events) this.#take(event, source, timeMs);
    return events.length;
  }

  /** Whether the script has told us to print, clear or zero its maps: what they hold by then depends on how soon we hear it. */
  get isDriven(): boolean {
    return this.#isDriven;
  }

  /**
   * Reads the maps and keeps the snapshot. One that lacks names waits and `names` is set: to be asked for again when they
   * have come, unless it is `urgent`.
   */
  refresh(now: number, isUrgent = false): Snapshot | undefined {
    const waiting = this.#unnamed;
    this.#unnamed = undefined;
    this.names = undefined;
    const source = this.#source;
    if (source === undefined || this.status.kind !== 'live') return undefined;
    this.pump(now);
    if (this.#source === undefined) return undefined;
    if (waiting === undefined && !isUrgent && this.#holdsStacks && now - this.#readAtMs < STACKS_PAUSE_MS)
      return undefined;
    this.#readAtMs = now;
    const renamed = waiting?.source === source ? source.renamed?.(waiting.snapshot) : undefined;
    const read = renamed ?? source.watched?.(this.#unread) ?? source.snapshot();
    this.names = isUrgent ? undefined : source.missingNames?.();
    if (this.names !== undefined) {
      this.#unnamed = { source, snapshot: read };
      return undefined;
    }
    const snapshot = this.#withPrinted(read);
    this.accept(snapshot);
    this.#renew(source, snapshot);
    return snapshot;
  }

  /** Attached, and nothing has come yet. */
  get isAwaited(): boolean {
    if (this.status.kind !== 'live' || this.log.length > 0) return false;
    return this.history.last?.maps.every((map) => map.length === 0) ?? true;
  }

  get #holdsStacks(): boolean {
    return this.history.last?.maps.some(({ table }) => table.hasStacks) === true;
  }

  /** Keeps a snapshot from wherever it came. */
  accept(snapshot: Snapshot): void {
    this.#keepCost(snapshot);
    this.history.push(snapshot);
  }

  /** Reads only what the probes cost. */
  meter(): void {
    if (this.#source !== undefined && this.status.kind === 'live') this.#keepCost(this.#source.snapshot([]));
  }

  /** Drops what is kept: a replay that jumps back fills it again. */
  forget(): void {
    this.history.clear();
    this.#metered = undefined;
    this.log.clear();
  }

  /** Shows the panel as of a time; infinity is now. */
  showAt(timeMs: number): void {
    this.#timeMs = timeMs;
  }

  /** Whether an earlier time than now is shown. */
  get isBehind(): boolean {
    return this.#timeMs !== Number.POSITIVE_INFINITY;
  }

  /** Index of the snapshot shown; -1 before the first. */
  get shownIndex(): number {
    return this.#timeMs === Number.POSITIVE_INFINITY ? this.history.length - 1 : this.history.indexAt(this.#timeMs);
  }

  get shownSnapshot(): KeptSnapshot | undefined {
    return this.history.get(this.shownIndex);
  }

  /** What can be shown: the maps, and the log if anything was printed or there are no maps. */
  get tabs(): readonly string[] {
    const snapshot = this.shownSnapshot;
    const hasLog = this.log.length > 0;
    const known = this.#tabs;
    if (known !== undefined && known.snapshot === snapshot && known.hasLog === hasLog) return known.names;
    // Snapshots of one session have the same maps.
    if (known !== undefined && known.hasLog === hasLog && hasSameMaps(known.snapshot, snapshot))
      known.snapshot = snapshot;
    else {
      const maps = viewableMaps(snapshot?.maps ?? [], this.description).map((map) => map.name);
      this.#tabs = { snapshot, hasLog, names: hasLog || maps.length === 0 ? [...maps, LOG_TAB] : maps };
    }
    return this.#tabs?.names ?? [];
  }

  get tab(): string {
    const tabs = this.tabs;
    // A script that prints and only has helper maps is a log; one that says what its main map is, is not.
    const first = this.log.printed > 0 && !this.#hasMainMap() ? tabs.length - 1 : 0;
    return tabs[this.#hasChosenMap ? this.#mapIndex % tabs.length : first] ?? LOG_TAB;
  }

  nextTab(step: number): void {
    const tabs = this.tabs;
    this.#mapIndex = (tabs.indexOf(this.tab) + step + tabs.length) % tabs.length;
    this.#hasChosenMap = true;
  }

  /** The view in front. */
  get view(): View {
    const tab = this.tab;
    const map = this.#map(tab);
    const front = this.#front;
    const chosen = this.#chosenKinds.get(tab);
    // Asked for several times a frame.
    if (
      front !== undefined &&
      front.tab === tab &&
      front.chosen === chosen &&
      front.keyType === map?.keyType &&
      front.valueType === map?.valueType
    )
      return front.view;
    const kind = map === undefined ? 'log' : (chosen ?? kindOfMap(map, this.description));
    const key = `${tab} ${kind}`;
    let view = this.#views.get(key);
    if (view === undefined) {
      view = createView(kind, () => this.log.until(this.#timeMs));
      this.#views.set(key, view);
    }
    this.#front = { tab, chosen, keyType: map?.keyType, valueType: map?.valueType, view };
    return view;
  }

  /** Shows the map in front in the next way there is. */
  nextKind(): void {
    const map = this.#map(this.tab);
    if (map === undefined) return;
    const kinds = kindsFor(map, this.description);
    const at = kinds.indexOf(this.view.kind);
    const next = kinds[(at + 1) % kinds.length];
    if (next !== undefined) this.#chosenKinds.set(map.name, next);
  }

  /** What the view in front needs to paint. */
  context(glyphs: ViewContext['glyphs'], isFocused: boolean, hasColors: boolean): ViewContext {
    const tab = this.tab;
    let titles = this.#titles.get(tab);
    if (titles === undefined) {
      titles = keyTitles(this.text, tab);
      this.#titles.set(tab, titles);
    }
    const past = (count: number): readonly MapMoment[] =>
      tab === LOG_TAB ? [] : this.history.mapHistory(tab, this.shownIndex, count);
    const history = past(this.view.lookback ?? TREND_WINDOW);
    const description = describeMap(this.description, tab);
    return { glyphs, isFocused, hasColors, history, past, description, keyTitles: titles };
  }

  /** Events lost and updates refused, of the moment shown. */
  get losses(): { readonly lostEvents: number; readonly fullMaps: readonly KeptMap[] } {
    const snapshot = this.shownSnapshot;
    return {
      lostEvents: snapshot?.lostEvents ?? 0,
      fullMaps: snapshot?.maps.filter((map) => map.refusedUpdates > 0) ?? [],
    };
  }

  #keepCost(now: Metered): void {
    const before = this.#metered ?? this.history.last;
    if (before !== undefined && isSameMetering(before, now)) return;
    this.cost = costBetween(before, now, this.cost);
    // Not the maps: they would be kept for as long as nothing is read.
    this.#metered = { timeMs: now.timeMs, probes: now.probes };
  }

  #map(name: string): KeptMap | undefined {
    return this.shownSnapshot?.maps.find((map) => map.name === name);
  }

  #hasMainMap(): boolean {
    const { main, maps } = this.description;
    return main !== undefined || maps.length > 0;
  }

  #take(event: SessionEvent, source: PanelSource, timeMs: number): void {
    const { action } = event;
    this.#isDriven ||= action.kind === 'printMap' || action.kind === 'clear' || action.kind === 'zero';
    switch (action.kind) {
      case 'exit':
        void this.#finish(source);
        return;
      case 'clear':
        source.clear(action.map.name);
        return;
      case 'zero':
        source.zero(action.map.name);
        return;
      case 'printMap': {
        // Scripts print and clear in turns: what they chose to print is what the panel shows.
        const map = source.snapshot([action.map.name]).maps.find((candidate) => candidate.name === action.map.name);
        if (map !== undefined) this.#printed.set(map.name, map);
        return;
      }
    }
    const text = source.format(event);
    if (text === undefined) return;
    for (const line of text.text.replace(/\n$/, '').split('\n'))
      this.log.push({ timeMs, text: line, isError: text.isError });
  }

  async #finish(source: PanelSource): Promise<void> {
    if (this.#source !== source) return;
    this.accept(this.#withPrinted(source.snapshot()));
    await this.close({ kind: 'finished' });
  }

  /** Clears what is to show the recent past only; the next snapshot begins anew. */
  #renew(source: PanelSource, snapshot: Snapshot): void {
    for (const { map, renewSeconds } of this.description.maps) {
      if (renewSeconds === undefined) continue;
      const since = this.#renewedMs.get(map) ?? 0;
      if (snapshot.elapsedMs - since < renewSeconds * 1000) continue;
      this.#renewedMs.set(map, snapshot.elapsedMs);
      source.clear(map);
    }
  }

  #withPrinted(snapshot: Snapshot): Snapshot {
    if (this.#printed.size === 0) return snapshot;
    return { ...snapshot, maps: snapshot.maps.map((map) => this.#printed.get(map.name) ?? map) };
  }
}

/** The tab of what a script prints; no map can have this name. */
const LOG_TAB = 'output';

function hasSameMaps(left: KeptSnapshot | undefined, right: KeptSnapshot | undefined): boolean {
  if (left === undefined || right === undefined || left.maps.length !== right.maps.length) return false;
  return left.maps.every((map, index) => {
    const other = right.maps[index];
    return map.name === other?.name && map.valueType === other.valueType;
  });
}

function failure(error: unknown): PanelStatus {
  if (error instanceof SessionError)
    return { kind: 'failed', diagnostics: error.diagnostics, ...(error.log !== undefined && { log: error.log }) };
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: 'failed',
    diagnostics: [{ code: 'panel-failed', severity: 'error', message, notes: [], hints: [] }],
  };
}
