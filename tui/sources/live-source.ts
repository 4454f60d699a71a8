/** A session as a panel's source: its events are carried out and put into words as a headless run would. */

import { RAW_STYLE } from '../../src/output/style.ts';
import { createTextOutput } from '../../src/output/text-output.ts';
import { type ActionHandler, createActionHandlers } from '../../src/run/actions.ts';
import type { Session } from '../../src/session/session.ts';
import type { SessionEvent, Snapshot } from '../../src/session/snapshot.ts';
import type { LateNames } from '../../src/symbols/late-names.ts';
import { strftime } from '../../src/text/strftime.ts';
import type { EventText, PanelSource } from './services.ts';

export class LiveSource implements PanelSource {
  readonly #session: Session;
  readonly #handlers: readonly ActionHandler[];
  readonly #names: LateNames | undefined;
  #isMissingNames = false;
  #printed = '';
  #complained = '';

  constructor(session: Session, names?: LateNames) {
    this.#session = session;
    this.#names = names;
    const output = createTextOutput({
      out: { write: (text) => (this.#printed += text) },
      errors: { write: (text) => (this.#complained += text) },
      // The painter makes traced text safe, once, on its way to the screen.
      style: RAW_STYLE,
      render: (diagnostic) => `${diagnostic.message}\n`,
    });
    this.#handlers = createActionHandlers(
      session.object.actions.map(({ action }) => action),
      {
        output,
        session,
        config: session.object.config,
        formatNow: (format) => strftime(format, BigInt(Date.now()) * 1_000_000n),
        exit: () => undefined,
        complain: (diagnostic) => {
          this.#complained += `${diagnostic.message}\n`;
        },
      },
    );
  }

  start(): ReturnType<Session['start']> {
    return this.#session.start();
  }

  snapshot(maps?: readonly string[]): Snapshot {
    return this.#counting(() => this.#session.snapshot(maps));
  }

  watched(unread: ReadonlySet<string>): Snapshot {
    return this.#counting(() => this.#session.watched?.(unread) ?? this.#session.snapshot());
  }

  renamed(snapshot: Snapshot): Snapshot {
    return this.#counting(() => this.#session.renamed?.(snapshot) ?? snapshot);
  }

  missingNames(): Promise<void> | undefined {
    return this.#isMissingNames ? this.#names?.settled() : undefined;
  }

  #counting(read: () => Snapshot): Snapshot {
    const misses = this.#names?.misses;
    const snapshot = read();
    this.#isMissingNames = this.#names?.misses !== misses;
    return snapshot;
  }

  poll(limit?: number): readonly SessionEvent[] {
    return this.#session.poll(limit);
  }

  /** Text is given out by whole lines: a script may print one in several pieces. */
  format({ action, args }: SessionEvent): EventText | undefined {
    void this.#handlers[action.id]?.(args);
    if (this.#complained !== '') {
      const text = this.#complained;
      this.#complained = '';
      return { text, isError: true };
    }
    const end = this.#printed.lastIndexOf('\n') + 1;
    if (end === 0) return undefined;
    const text = this.#printed.slice(0, end);
    this.#printed = this.#printed.slice(end);
    return { text, isError: false };
  }

  clear(map: string): void {
    this.#session.clear(map);
  }

  zero(map: string): void {
    this.#session.zero(map);
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}
