/**
 * Signals of a headless run: the first of those that end it asks for an orderly end, the second ends it at once, by the
 * signal itself; what the kernel holds for us goes with our descriptors. SIGUSR1 is the script's.
 */

export interface SignalActions {
  readonly stop: () => void;
  readonly user: () => void;
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** handleSignals installs the handlers and gives the function that takes them away. */
export function handleSignals(actions: SignalActions): () => void {
  let count = 0;
  const end = (signal: NodeJS.Signals): void => {
    count++;
    if (count === 1) {
      actions.stop();
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  const user = (): void => actions.user();
  for (const signal of ENDING) process.on(signal, end);
  process.on('SIGUSR1', user);
  return () => {
    for (const signal of ENDING) process.off(signal, end);
    process.off('SIGUSR1', user);
  };
}
