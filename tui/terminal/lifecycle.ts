/**
 * Everything that can end or interrupt the dashboard from outside: signals, errors nobody caught, the terminal going
 * away, Ctrl-Z. The terminal is restored first in every case.
 */

import type { TerminalModes } from './modes.ts';

export interface LifecycleHandlers {
  /** Ends the dashboard; resolves when sessions are closed. */
  stop(exitCode: number): void;
  /** Back in the foreground: size and contents of the screen are unknown. */
  resumed(): void;
  /** Last words for an error that is our bug; the terminal has been restored. */
  crashed(error: unknown): void;
}

const ENDING: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGQUIT', 131],
];

/** superviseTerminal installs the handlers and returns the function that removes them. */
export function superviseTerminal(
  modes: TerminalModes,
  handlers: LifecycleHandlers,
): { suspend(): void; dispose(): void } {
  const registered: [string, (...args: never[]) => void][] = [];
  function on(event: string, listener: (...args: never[]) => void): void {
    process.on(event as 'SIGINT', listener as () => void);
    registered.push([event, listener]);
  }
  for (const [signal, code] of ENDING)
    on(signal, () => {
      modes.restore();
      handlers.stop(code);
    });
  on('uncaughtException', (error: never) => {
    modes.restore();
    handlers.crashed(error);
  });
  on('unhandledRejection', (error: never) => {
    modes.restore();
    handlers.crashed(error);
  });
  on('exit', () => modes.restore());
  on('SIGCONT', () => {
    modes.enter();
    handlers.resumed();
  });

  function suspend(): void {
    modes.restore();
    // SIGSTOP rather than SIGTSTP: the default action of a handled SIGTSTP cannot be asked for.
    process.kill(process.pid, 'SIGSTOP');
  }
  on('SIGTSTP', suspend);

  return {
    suspend,
    dispose() {
      for (const [event, listener] of registered) process.off(event, listener as () => void);
    },
  };
}
