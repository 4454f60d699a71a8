/**
 * The first box that opens is the slowest: its components are read, compiled and laid out for the first time, longer than all
 * the rest of the answer to a key takes. So one opens where nobody sees it, while the panels are still being attached.
 */

import type { CommandContext } from '../commands/command.ts';
import { helpOverlay } from '../commands/help.ts';
import type { FrameSink } from '../terminal/frame-sink.ts';

/** warmUp opens the help and closes it again before anything is written to the terminal. */
export function warmUp(context: CommandContext, sink: FrameSink, commit: () => void): void {
  const { dashboard } = context;
  if (dashboard.overlay !== undefined || dashboard.prompt !== undefined || dashboard.filter !== undefined) return;
  dashboard.show(helpOverlay(context));
  commit();
  afterReact(() => {
    sink.compose();
    dashboard.show(undefined);
    commit();
  });
}

/** afterReact calls back before anything else has its turn, but after React, which commits in a microtask. */
export function afterReact(callback: () => void): void {
  queueMicrotask(() => process.nextTick(callback));
}
