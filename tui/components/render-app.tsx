/** Mounts the component tree on a frame sink; the only place that calls Ink's `render`. */

import { render } from 'ink';
import type { FilteredStdin } from '../terminal/filtered-stdin.ts';
import type { FrameSink } from '../terminal/frame-sink.ts';
import { App } from './app.tsx';
import { type Ui, UiContext } from './ui-context.ts';

export interface MountedApp {
  unmount(): void;
}

/**
 * renderApp mounts the dashboard. Ink's debug mode hands over one whole frame per commit, and one more as it leaves: of
 * nothing, since each takes Ink longer than a key may wait.
 */
export function renderApp(ui: Ui, sink: FrameSink, stdin: FilteredStdin): MountedApp {
  const instance = render(
    <UiContext.Provider value={ui}>
      <App />
    </UiContext.Provider>,
    {
      stdout: sink as unknown as NodeJS.WriteStream,
      stderr: sink as unknown as NodeJS.WriteStream,
      stdin: stdin as unknown as NodeJS.ReadStream,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  return {
    unmount: () => {
      instance.rerender(null);
      instance.unmount();
    },
  };
}
