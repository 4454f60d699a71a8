/**
 * Addresses in processes to names. `PER_PID` keeps what each process has had mapped; `PER_PROGRAM` lends it to processes that
 * ended before they were seen, which is right where all runs of a program have the same addresses (no ASLR, `-c`);
 * `NONE` looks anew each time.
 */

import { uptimeMs } from '../session/uptime.ts';
import { Generations } from './generations.ts';
import { followProcess } from './process-follower.ts';
import type { ProcessHistory } from './process-history.ts';
import { ProcessView, UNKNOWN_LOCATION, type UserLocation } from './process-view.ts';
import { SymbolFiles } from './symbol-file.ts';
import type { SymbolSource } from './symbol-source.ts';

export type UserSymbolCache = 'PER_PID' | 'PER_PROGRAM' | 'NONE';

const MAX_PROCESSES = 4096;
/** Processes that are looked after; of others what is known goes when it has not been asked for. */
const MAX_LIVING = 64;
/** A process that could not be seen is not looked for again before this, or each frame of its stacks would cost a read. */
const RETRY_UNSEEN_MS = 1000;

export class UserSymbols {
  readonly #mode: UserSymbolCache;
  readonly #history: ProcessHistory | undefined;
  readonly #isPatient: boolean;
  readonly #files: SymbolSource;
  readonly #views: Generations<number, ProcessView>;
  readonly #followed = new WeakSet<ProcessView>();
  /** Views of processes that had not ended when they were looked at last. */
  readonly #living: ProcessView[] = [];
  #latest: ProcessView | undefined;

  /** `maxProcesses`: remembered at least, while they are asked about. `isPatient`: maps are read again anyway. */
  constructor(
    mode: UserSymbolCache,
    maxProcesses = MAX_PROCESSES,
    files: SymbolSource = new SymbolFiles(),
    history?: ProcessHistory,
    isPatient = false,
  ) {
    this.#mode = mode;
    this.#history = history;
    this.#isPatient = isPatient;
    this.#files = files;
    this.#views = new Generations(maxProcesses);
  }

  /** Looks at a process, and from then on whenever it may have changed. */
  observe(pid: number): void {
    if (pid <= 0 || this.#mode === 'NONE') return;
    const view = this.#view(pid);
    view.check();
    if (!view.isKnown || this.#followed.has(view)) return;
    this.#followed.add(view);
    followProcess(view);
  }

  locate(pid: number, address: number): UserLocation {
    if (pid <= 0) return UNKNOWN_LOCATION;
    if (this.#mode === 'NONE') return new ProcessView(pid, this.#files).locate(address);
    const view = this.#view(pid);
    if (!view.isKnown && this.#mode === 'PER_PROGRAM' && this.#latest) return this.#latest.locate(address);
    const found = view.locate(address);
    // Seen before an exec, and gone since: what it became is in the kernel's notices.
    if (found !== UNKNOWN_LOCATION || !view.learn(this.#history?.mappingsOf(pid))) return found;
    return view.locate(address);
  }

  /** Whether processes that were never seen may be known all the same. */
  get hasHistory(): boolean {
    return this.#history !== undefined;
  }

  /** The process as it is known, if what is known of it is kept. */
  viewOf(pid: number): ProcessView | undefined {
    if (pid <= 0 || this.#mode === 'NONE') return undefined;
    const view = this.#view(pid);
    return view.isKnown ? view : undefined;
  }

  #view(pid: number): ProcessView {
    let view = this.#views.get(pid);
    if (view !== undefined && (view.isKnown || uptimeMs() - view.lookedAtMs < RETRY_UNSEEN_MS)) return view;
    view = new ProcessView(pid, this.#files, this.#isPatient);
    if (!view.isKnown) this.#remember(view, pid);
    if (view.isKnown) this.#latest = view;
    this.#views.set(pid, view);
    if (this.#isPatient && view.isKnown) this.#checkOthers(view);
    return view;
  }

  /** For each process that is new, two are looked after: on a machine that forks all the time most have ended. */
  #checkOthers(added: ProcessView): void {
    for (let checks = 0; checks < 2; checks++) {
      const view = this.#living.shift();
      if (view !== undefined && !view.forgetIfEnded()) this.#living.push(view);
    }
    this.#living.push(added);
    if (this.#living.length > MAX_LIVING) this.#living.shift();
  }

  /** A process that was never seen alive, from the kernel's notices; one that was only forked has its parent's memory. */
  #remember(view: ProcessView, pid: number): void {
    if (!this.#history || view.learn(this.#history.mappingsOf(pid))) return;
    const parent = this.#history.parentOf(pid);
    if (parent !== undefined) view.inherit(this.#view(parent));
  }
}
