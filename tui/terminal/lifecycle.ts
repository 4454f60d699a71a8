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
    process.off('SIGTSTP', suspend);
    process.on('SIGTSTP', suspend);
    modes.enter();
    handlers.resumed();
  });

  function suspend(): void {
    modes.restore();
    // The whole job, as the terminal would: npm or a wrapper in front of us is what the shell waits for. Without our
    // handler the signal has its default effect on us, too.
    process.off('SIGTSTP', suspend);
    process.kill(0, 'SIGTSTP');
  }
  on('SIGTSTP', suspend);

  return {
    suspend,
    dispose() {
      for (const [event, listener] of registered) process.off(event, listener as () => void);
    },
  };
}
