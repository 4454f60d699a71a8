/**
 * A session is one script running: the interface that the command line and the dashboard drive. `open-session.ts`
 * implements it on the kernel; a recording replays through the same snapshots and events without one.
 */

import type { ActionSpec, BpfObject } from '../codegen/object.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Action } from '../semantics/program.ts';
import type { MapSnapshot, SessionEvent, Snapshot } from './snapshot.ts';

export interface Session {
  readonly object: BpfObject;
  /**
   * Runs the `begin` probes, attaches everything, resolves with the number of probes (begin and end included).
   * Rejects with `SessionError` when the kernel refuses; what was attached until then is closed. May be closed meanwhile.
   */
  start(progress?: AttachProgress): Promise<{
    readonly probes: number;
    readonly warnings: readonly Diagnostic[];
  }>;
  /** Records that have arrived, decoded, in order. At most `limit` (default: all), so that a flood yields the loop. */
  poll(limit?: number): readonly SessionEvent[];
  /**
   * From now on, records for whose action there is a printer are not decoded but printed by it at once: they are polled as
   * `printed`, those of one action in a row together.
   */
  printDirectly?(printerOf: (spec: ActionSpec) => RecordPrinter | undefined): void;
  /** Resolves when records may be waiting or `timeoutMs` has passed, without keeping a CPU or the main thread busy. */
  wait(timeoutMs: number): Promise<void>;
  /** Reads all maps (or those named) and counters now. */
  snapshot(maps?: readonly string[]): Snapshot;
  /** A snapshot for who takes one after the other: maps in columns; those in `unread` come without entries. */
  watched?(unread: ReadonlySet<string>): Snapshot;
  /** The last of these snapshots, with the names that have come since. */
  renamed?(snapshot: Snapshot): Snapshot;
  /** Maps that are printed before the next of them is read: of large ones nothing is decoded before it is written. */
  printable?(maps?: readonly string[]): readonly MapSnapshot[];
  /** Map operations of the language, carried out at once from user space. */
  clear(map: string): void;
  zero(map: string): void;
  /** Takes off the watchpoints on an address; none there is no mistake. */
  unwatch(address: bigint): void;
  /** Resolves when nothing more will happen by itself: iterators have run to their end. Absent: runs until stopped. */
  readonly finished?: Promise<void>;
  /** Events lost so far because the ring buffer was full. */
  readonly lostEvents: number;
  /** Run-time warnings that came so often that the kernel side only counted them: how often beyond those sent. */
  readonly unsentWarnings?: readonly UnsentWarnings[];
  /** Runs the probes of `self:signal:NAME`. */
  signal(name: string): void;
  /** Runs the program of a `test:` or `bench:` probe by hand, as often as asked, without attaching anything. */
  runByHand?(testName: string, repeat: number): HandRun;
  /** Detaches everything, then runs the `end` probes; events may still be polled. */
  stop(): Promise<void>;
  /** Closes every descriptor. Idempotent, and safe at any point of the life cycle. */
  close(): Promise<void>;
}

/** RecordPrinter makes bytes of the arguments of a record, which begin at `offset`; `out` has room for the `longest`. */
export interface RecordPrinter {
  readonly longest: number;
  /** Returns where in `out` it has ended. */
  print(view: DataView, bytes: Uint8Array, offset: number, out: Uint8Array, start: number): number;
}

export interface UnsentWarnings {
  readonly action: Action;
  readonly count: number;
}

/** AttachProgress is told now and then, while attaching takes its time. */
export type AttachProgress = (attached: number, total: number) => void;

/** HandRun is what came of it; the duration is that of one run. */
export interface HandRun {
  readonly returnValue: number;
  readonly durationNs: number;
  /** How often it ran: fewer than asked where the kernel cannot repeat by itself. */
  readonly runs: number;
}

/** SessionError is a refusal of the kernel or of libbpf, explained in terms of the script. */
export class SessionError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  /** The verifier's log, whole, if it spoke. */
  readonly log: string | undefined;

  constructor(diagnostics: readonly Diagnostic[], options: { readonly log?: string; readonly cause?: unknown } = {}) {
    super(diagnostics[0]?.message ?? 'session failed', options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SessionError';
    this.diagnostics = diagnostics;
    this.log = options.log;
  }
}
