/**
 * When panels are read: at each interval in steps that let keys in, sooner while a panel shows nothing yet, hardly while
 * paused; their printed lines more often. Looks after what panels may cost, and detaches those that nobody sees.
 */

import { uptimeMs } from '../../src/session/uptime.ts';
import type { Dashboard } from './dashboard.ts';
import type { Panel } from './panel.ts';

/** What a script prints is taken out of its ring this often, whether it is shown or not. */
const PUMP_MS = 100;
/** As long as none of them prints much: a frame of the overview shows the lines of a whole refresh. */
const OVERVIEW_PUMP_MS = 250;
const PAUSED_PUMP_MS = 500;
/** Events of one panel in one go, far from what its ring holds, after which the next look is soon. */
const MANY_EVENTS = 200;
/** A refresh lets keys in when it has taken this long. */
const STEP_MS = 2;
/** While paused no map is read; that no panel exceeds its budget is still looked after. */
const PAUSED_INTERVAL_MS = 5000;
/** Reads of one refresh that wait for names: while some come, new stacks do, too. */
const MAX_NAMINGS = 3;
/** A frame waits this long for names. */
const FRAME_PATIENCE_MS = 100;
/** What has no name after this long is shown by its address. */
const NAMING_MS = 1500;
/** A panel out of sight is detached after this long, so that a glance elsewhere does not cost its history. */
const HIDDEN_GRACE_MS = 15_000;
/** Pauses between the first reads of a panel, until there is something to show. */
const FIRST_READS_MS = [50, 100, 200, 400];
/** Refreshes in a row over the budget before a panel is detached. */
const BUDGET_STRIKES = 3;

export class Refresher {
  readonly #dashboard: Dashboard;
  readonly #hiddenSince = new Map<Panel, number>();
  readonly #waitingSince = new WeakMap<Panel, number>();
  #tick: NodeJS.Timeout | undefined;
  #pump: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isRefreshing = false;

  constructor(dashboard: Dashboard) {
    this.#dashboard = dashboard;
  }

  get isScheduled(): boolean {
    return this.#tick !== undefined;
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#tick);
    clearTimeout(this.#pump);
  }

  /** A panel out of sight long enough is detached: this one is in sight. */
  comesIntoView(panel: Panel): void {
    this.#hiddenSince.delete(panel);
  }

  /** Reads every attached panel once. */
  refresh(): void {
    for (const panel of this.#dashboard.panels) this.read(panel);
    this.#finishRefresh();
  }

  /** The same with keys in between: a dozen panels of a busy machine take longer than a key may wait. */
  async refreshInSteps(): Promise<void> {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    let startedMs = uptimeMs();
    for (const panel of this.#dashboard.panels) {
      this.read(panel);
      if (uptimeMs() - startedMs < STEP_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isStopped) return;
      startedMs = uptimeMs();
    }
    await this.#namesOrSoon();
    if (this.#isStopped) return;
    this.#isRefreshing = false;
    this.#finishRefresh();
  }

  /** One frame shows it all, if the names come while it can wait. */
  async #namesOrSoon(): Promise<void> {
    const names = this.#dashboard.panels.flatMap((panel) => panel.names ?? []);
    if (names.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const soon = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(FRAME_PATIENCE_MS, this.#dashboard.intervalMs / 4));
    });
    await Promise.race([Promise.all(names), soon]);
    clearTimeout(timer);
  }

  #finishRefresh(): void {
    this.#dashboard.own.measure();
    this.#detachHidden(this.#dashboard.now());
    // Paused, it runs for a recording only; the status line goes on.
    this.#dashboard.refreshed();
  }

  /** What is left of a refresh while paused: what the probes cost goes on, whether anyone looks or not. */
  meter(): void {
    for (const panel of this.#dashboard.panels) {
      panel.meter();
      this.#checkBudget(panel);
    }
    this.#detachHidden(this.#dashboard.now());
    this.#dashboard.own.measure();
    this.#dashboard.refreshed();
  }

  /** Takes what scripts have printed; the number of events of the panel that had most. */
  #takePrinted(): number {
    const now = this.#dashboard.now();
    let most = 0;
    for (const panel of this.#dashboard.panels) if (panel.isAttached) most = Math.max(most, panel.pump(now));
    // In the overview a frame per refresh is enough; who looks at one panel alone wants its lines as they come.
    if (most > 0 && this.#dashboard.isFull && !this.#dashboard.isPaused) this.#dashboard.refreshed();
    return most;
  }

  /** Reads a panel that shows nothing yet again before the next refresh is due. */
  readSoon(panel: Panel, attempt = 0): void {
    const pauseMs = FIRST_READS_MS[attempt];
    if (pauseMs === undefined || !panel.isAwaited) return;
    setTimeout(() => {
      if (this.#isStopped || this.#dashboard.isPaused || !panel.isAwaited) return;
      this.read(panel);
      if (!panel.isAwaited) this.#dashboard.refreshed();
      this.readSoon(panel, attempt + 1);
    }, pauseMs).unref();
  }

  /** Reads one panel; where names are awaited, again when they have come. */
  read(panel: Panel, attempt = 1): void {
    const now = this.#dashboard.now();
    // The read before this one still waits: on a busy machine names take longer than a refresh. Better some than none.
    const isWaiting = attempt === 1 && panel.names !== undefined;
    const isLate = isWaiting && now - (this.#waitingSince.get(panel) ?? now) >= NAMING_MS;
    if (isWaiting && !isLate) return;
    const snapshot = panel.refresh(now, isLate || attempt > MAX_NAMINGS);
    if (snapshot !== undefined) {
      this.#dashboard.hasRead(panel, snapshot);
      this.#checkBudget(panel);
      return;
    }
    const { names } = panel;
    if (attempt === 1) this.#waitingSince.set(panel, now);
    void names?.then(() => {
      if (this.#isStopped || panel.names !== names) return;
      this.read(panel, attempt + 1);
      if (!this.#dashboard.isPaused && !this.#isRefreshing) this.#dashboard.refreshed();
    });
  }

  /** Starts the clocks, or sets them anew: the interval has changed, or what runs at it. */
  schedule(): void {
    clearInterval(this.#tick);
    clearTimeout(this.#pump);
    const { isPaused, timeline, recordingName, intervalMs } = this.#dashboard;
    const isResting = isPaused && timeline === undefined && recordingName === undefined;
    this.#tick = isResting
      ? setInterval(() => this.meter(), PAUSED_INTERVAL_MS)
      : setInterval(() => void this.refreshInSteps(), intervalMs);
    const pump = () => {
      const most = this.#takePrinted();
      const isUrgent = most >= MANY_EVENTS || this.#dashboard.panels.some((panel) => panel.isDriven);
      const pauseMs = isResting ? PAUSED_PUMP_MS : this.#dashboard.isFull || isUrgent ? PUMP_MS : OVERVIEW_PUMP_MS;
      if (!this.#isStopped) this.#pump = setTimeout(pump, pauseMs);
    };
    this.#pump = setTimeout(pump, PUMP_MS);
  }

  #checkBudget(panel: Panel): void {
    panel.overBudget = panel.cost.share > this.#dashboard.options.budget ? panel.overBudget + 1 : 0;
    if (panel.overBudget < BUDGET_STRIKES) return;
    const cost = panel.cost.share;
    void panel.close({ kind: 'suspended', cost });
    this.#dashboard.tell(
      `${panel.title}: detached, its probes took ${(cost * 100).toFixed(1)}% of a CPU; R resumes`,
      'warning',
    );
  }

  #detachHidden(now: number): void {
    const { services, recordingName, visiblePanels, panels } = this.#dashboard;
    if (services.mode === 'replay' || recordingName !== undefined) return;
    const visible = new Set(visiblePanels);
    for (const panel of panels) {
      if (visible.has(panel) || panel.status.kind !== 'live') {
        this.#hiddenSince.delete(panel);
        continue;
      }
      const since = this.#hiddenSince.get(panel);
      if (since === undefined) this.#hiddenSince.set(panel, now);
      else if (now - since > HIDDEN_GRACE_MS) void panel.close();
    }
  }
}
