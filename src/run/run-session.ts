/**
 * The life of a headless run, from an opened session to the exit status: begin probes and attaching, the event loop, the
 * end for whatever reason, the end probes, the final maps. Knows no command line and no kernel, only the interfaces.
 */

import { createDiagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { compareNames, rowsOf } from '../output/order.ts';
import type { Output } from '../output/output.ts';
import { plainPrintf } from '../output/plain-printf.ts';
import type { Action } from '../semantics/program.ts';
import type { Session, UnsentWarnings } from '../session/session.ts';
import type { SessionEvent } from '../session/snapshot.ts';
import { strftime } from '../text/strftime.ts';
import { type ActionHandler, createActionHandlers, mapsToPrint } from './actions.ts';
import type { TracedChild } from './child.ts';
import type { ProcessWatch } from './process-watch.ts';
import { handleSignals } from './signals.ts';
import { StopRequest } from './stop-request.ts';

/** RunSink is the part of a `Writer` that a run needs. */
export interface RunSink {
  readonly isFull: boolean;
  readonly failure: NodeJS.ErrnoException | undefined;
  flush(): void;
  drain(): Promise<void>;
  /** Resolves when all is written, or can no longer be. */
  settle(): Promise<void>;
}

export interface RunOptions {
  readonly session: Session;
  readonly output: Output;
  readonly out: RunSink;
  readonly errors: RunSink;
  readonly complain: (diagnostic: Diagnostic) => void;
  /** Actions of the end probes, asked for when the script called exit(). Absent: none are told apart. */
  readonly endActions?: () => ReadonlySet<number>;
  /** Says on the error stream how far attaching has come, where that takes long. */
  readonly tell?: (text: string) => void;
  /** Said on the output once attached, if set. */
  readonly notifyAttached?: () => void;
  readonly child?: TracedChild;
  /** `-p`: the run ends with this process. */
  readonly process?: ProcessWatch;
  /** `--dry-run` */
  readonly isDryRun?: boolean;
  /** `-i`: print and clear all maps this often. */
  readonly intervalMs?: number;
  /** `--once`: end after the first interval. */
  readonly isOnce?: boolean;
  readonly now?: () => number;
}

/** Events decoded at a time, and events handled before signals and timers get their turn. */
const BATCH = 256;
const TURN = 4096;
const MAX_WAIT_MS = 100;
const PROGRESS_MS = 1000;

/** runSession runs an opened session to its end, closes it, and gives the exit status. */
export async function runSession(options: RunOptions): Promise<number> {
  const run = new Run(options);
  const release = handleSignals({
    stop: () => run.stop.stop(),
    user: () => options.session.signal('SIGUSR1'),
  });
  try {
    return await run.whole();
  } finally {
    release();
    options.child?.terminate();
    await options.session.close();
  }
}

class Run {
  readonly stop = new StopRequest();
  readonly #options: RunOptions;
  readonly #handlers: readonly ActionHandler[];
  readonly #now: () => number;
  #endActions: ReadonlySet<number> | undefined;
  #lost = 0;
  #nextPrintMs = Number.POSITIVE_INFINITY;
  #nextProgressMs: number;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#nextProgressMs = this.#now() + PROGRESS_MS;
    const { session, output } = options;
    this.#handlers = createActionHandlers(
      session.object.actions.map(({ action }) => action),
      {
        output,
        session,
        config: session.object.config,
        formatNow: (format) => strftime(format, BigInt(Date.now()) * 1_000_000n),
        exit: (code) => this.stop.exit(code),
        complain: options.complain,
      },
    );
    this.#printDirectly();
  }

  /** Floods of printf go past the handlers, where the output takes bytes. */
  #printDirectly(): void {
    const { session, output } = this.#options;
    const { strTruncTrailer } = session.object.config;
    if (output.printed) session.printDirectly?.((spec) => plainPrintf(spec, strTruncTrailer));
  }

  async whole(): Promise<number> {
    const { session, output, child } = this.#options;
    const attaching = session.start((attached, total) => this.#sayProgress(attached, total));
    const started = await Promise.race([attaching, this.stop.requested]);
    // Ctrl-C does not wait for the rest to be attached.
    if (!started) return 0;
    const { probes, warnings } = started;
    for (const warning of warnings) this.#options.complain(warning);
    if (probes === 0) return this.#nothingAttached();
    output.attachedProbes(probes);
    this.#options.notifyAttached?.();
    this.#flush();
    if (this.#options.isDryRun) return 0;
    child?.release();
    child?.ended.then(() => this.stop.stop());
    session.finished?.then(() => this.stop.stop());
    // Nothing would come any more; but a command that was asked for runs.
    if (!isLasting(session) && child === undefined) this.stop.stop();
    this.#startInterval();
    await this.#loop();
    if (this.#options.out.failure) return this.#broken();
    await session.stop();
    await this.#drain();
    output.endOfRun();
    if (session.object.config.printMapsOnExit && !this.#options.isOnce) this.#printMaps(true);
    this.#sayLost();
    for (const unsent of session.unsentWarnings ?? []) this.#options.complain(repetition(unsent));
    if (this.#lost > 0) this.#options.complain(lossWarning(this.#lost));
    this.#flush();
    // What was held back may be what does not fit any more.
    await this.#options.out.settle();
    if (this.#options.out.failure) return this.#broken();
    // The command's own status is its own: bpftrace does not pass it on.
    return this.stop.exitCode ?? 0;
  }

  /** Each probe that the script has was refused, which it takes for a warning. */
  #nothingAttached(): number {
    this.#options.complain(createDiagnostic('error', 'no-probes', 'No probes to attach'));
    return 1;
  }

  async #loop(): Promise<void> {
    const { session, process: watched } = this.#options;
    while (!this.stop.isRequested) {
      const isFlood = await this.#turn();
      this.#sayLost();
      this.#printAtInterval();
      this.#flush();
      if (this.#options.out.failure || this.#options.errors.failure) return;
      if (this.stop.isRequested) return;
      if (watched && !watched.isRunning) this.stop.stop();
      else if (!isFlood) await Promise.race([session.wait(this.#waitMs()), this.stop.requested]);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Handles what has come, up to a limit; tells whether there is more. Small portions die young in the collector's eyes. */
  async #turn(): Promise<boolean> {
    for (let handled = 0; handled < TURN; handled += BATCH) {
      const events = this.#options.session.poll(BATCH);
      await this.#handle(events);
      if (this.stop.isRequested || countOf(events) < BATCH) return false;
    }
    return true;
  }

  /** What is still on its way when the probes are gone; after `exit()` only what the end probes said. */
  async #drain(): Promise<void> {
    for (;;) {
      const events = this.#options.session.poll(BATCH);
      await this.#handle(events, true);
      this.#flush();
      if (countOf(events) < BATCH) return;
    }
  }

  async #handle(events: readonly SessionEvent[], isDraining = false): Promise<void> {
    const { out, output } = this.#options;
    for (const event of events) {
      if (this.stop.exitCode !== undefined && !this.#isWantedAfterExit(event)) continue;
      if (event.printed) output.printed?.(event.printed);
      const pending = event.printed ? undefined : this.#handlers[event.action.id]?.(event.args);
      if (pending) {
        this.#flush();
        await pending;
      }
      if (out.isFull) await out.drain();
      if (this.stop.exitCode !== undefined && !isDraining) return;
    }
  }

  #isWantedAfterExit({ action }: SessionEvent): boolean {
    this.#endActions ??= this.#options.endActions?.();
    return this.#endActions?.has(action.id) ?? true;
  }

  /** First after a second of attaching, then every second. */
  #sayProgress(attached: number, total: number): void {
    const now = this.#now();
    if (now < this.#nextProgressMs) return;
    this.#nextProgressMs = now + PROGRESS_MS;
    this.#options.tell?.(`Attaching: ${attached} of ${total} probes so far\n`);
    this.#flush();
  }

  #startInterval(): void {
    const { intervalMs, isOnce } = this.#options;
    if (intervalMs !== undefined || isOnce) this.#nextPrintMs = this.#now() + (intervalMs ?? 1000);
  }

  #printAtInterval(): void {
    const { session, intervalMs, isOnce } = this.#options;
    if (this.#now() < this.#nextPrintMs) return;
    this.#nextPrintMs += intervalMs ?? 1000;
    this.#printMaps(false);
    if (isOnce) this.stop.stop();
    else for (const map of session.object.userMaps) session.clear(map.symbol.name);
  }

  #printMaps(isFinal: boolean): void {
    const maps = [...mapsToPrint(this.#options.session)].sort((left, right) => compareNames(left.name, right.name));
    for (const map of maps) this.#options.output.map(map, { isFinal: isFinal || rowsOf(map).count === 0 });
  }

  #sayLost(): void {
    const lost = this.#options.session.lostEvents;
    if (lost > this.#lost) this.#options.output.lostEvents(lost - this.#lost);
    this.#lost = Math.max(lost, this.#lost);
  }

  #waitMs(): number {
    return Math.max(0, Math.min(MAX_WAIT_MS, this.#nextPrintMs - this.#now()));
  }

  #flush(): void {
    this.#options.out.flush();
    this.#options.errors.flush();
  }

  /** The reader has left: an end like any other. A disk that is full is not. */
  #broken(): number {
    const { failure } = this.#options.out;
    if (!failure || failure.code === 'EPIPE') return this.stop.exitCode ?? 0;
    this.#options.complain(createDiagnostic('error', 'output-failed', `cannot write the output: ${failure.message}`));
    this.#options.errors.flush();
    return 1;
  }
}

function countOf(events: readonly SessionEvent[]): number {
  let count = 0;
  for (const { printed } of events) count += printed ? printed.events : 1;
  return count;
}

/** Whether anything can still happen after the begin probes. */
function isLasting(session: Session): boolean {
  return session.object.programs.some((program) =>
    program.attachments.some(
      (attachment) =>
        attachment.kind !== 'run' || attachment.sites.some((site) => !['begin', 'end'].includes(site.provider)),
    ),
  );
}

/** What the kernel side counted instead of sending it, at its line of the script. */
function repetition({ action, count }: UnsentWarnings): Diagnostic {
  const times = `${count} more time${count === 1 ? '' : 's'}`;
  return createDiagnostic('warning', 'warning-repeated', `${times}: ${warningText(action)}`, action.span);
}

function warningText(action: Action): string {
  if (action.kind === 'runtimeError') return action.message;
  return action.kind === 'helperError' ? (action.message ?? `${action.helper} failed`) : 'runtime warning';
}

function lossWarning(count: number): Diagnostic {
  return createDiagnostic(
    'warning',
    'events-lost',
    `Lost ${count} events in all: the output is incomplete`,
    undefined,
    {
      hints: ['raise perf_rb_pages in config, or print less'],
    },
  );
}
