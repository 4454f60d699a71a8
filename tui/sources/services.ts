/**
 * What the dashboard needs from the rest of bptop, as interfaces: tests and replay bring their own, `live-services.ts`
 * the compiler and sessions of this machine.
 */

import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { Tool } from '../../src/panels/library.ts';
import type { ScopeTerm } from '../../src/panels/scope.ts';
import type { SessionEvent, Snapshot } from '../../src/session/snapshot.ts';

/** One script running, live or from a recording: a session and how to put its events into words. */
export interface PanelSource {
  start(): Promise<{ readonly probes: number; readonly warnings: readonly Diagnostic[] }>;
  snapshot(maps?: readonly string[]): Snapshot;
  /** A snapshot to keep: maps in `unread` come without entries. */
  watched?(unread: ReadonlySet<string>): Snapshot;
  /** The last of these with the names that have come since. */
  renamed?(snapshot: Snapshot): Snapshot;
  /** Resolves when names that the last snapshot lacked have come; undefined if it lacked none. */
  missingNames?(): Promise<void> | undefined;
  poll(limit?: number): readonly SessionEvent[];
  /** What an event prints; undefined for events that print nothing. */
  format(event: SessionEvent): EventText | undefined;
  clear(map: string): void;
  zero(map: string): void;
  close(): Promise<void>;
}

export interface Completion {
  /** What takes the place of the text from `start` to the cursor. */
  readonly text: string;
  readonly start: number;
  /** One line: what it is. */
  readonly detail: string;
  readonly kind:
    | 'probe'
    | 'argument'
    | 'builtin'
    | 'function'
    | 'map'
    | 'variable'
    | 'field'
    | 'keyword'
    | 'command'
    | 'tool';
}

export type { ScopeTerm };

export interface OpenRequest {
  readonly name: string;
  readonly text: string;
  /** The tool that the text is of, where it is one: it may have a variant for the kernel at hand. */
  readonly tool?: Tool;
  /** Positional parameters. */
  readonly parameters: readonly string[];
  readonly scope: readonly ScopeTerm[];
  /** Expressions that stand for scope fields in this script, from its header. */
  readonly scopeExpressions: Readonly<Record<string, string>>;
}

export type OpenResult =
  | {
      readonly source: PanelSource;
      readonly warnings: readonly Diagnostic[];
      /** The script that runs: the variant for this kernel, with the restrictions. */
      readonly text?: string;
    }
  | { readonly diagnostics: readonly Diagnostic[] };

export interface EventText {
  readonly text: string;
  readonly isError: boolean;
}

export interface Services {
  readonly mode: 'live' | 'replay';
  /** Compiles and prepares; attaching is the source's `start`. */
  open(request: OpenRequest): Promise<OpenResult>;
  /** Findings about a script while it is typed; fast, without side effects. */
  check(text: string): readonly Diagnostic[];
  complete(text: string, cursor: number): readonly Completion[];
  /** Calls back, the last who asked, when there may be more to offer than there was. */
  onMoreCompletions?(listener: () => void): void;
}
