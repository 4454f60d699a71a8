/** What components share: the state, the sink they paint to, and how things look. */

import { createContext, useContext, useSyncExternalStore } from 'react';
import type { CommandContext } from '../commands/command.ts';
import type { Dashboard } from '../state/dashboard.ts';
import type { FrameSink } from '../terminal/frame-sink.ts';
import type { Glyphs } from '../theme/glyphs.ts';

export interface Ui {
  readonly dashboard: Dashboard;
  readonly sink: FrameSink;
  readonly glyphs: Glyphs;
  readonly commands: CommandContext;
  hasColors(): boolean;
  /** Raised by every change; what React compares. */
  version(): number;
  subscribe(listener: () => void): () => void;
}

export const UiContext = createContext<Ui | undefined>(undefined);

export function useUi(): Ui {
  const ui = useContext(UiContext);
  if (ui === undefined) throw new Error('component outside of the dashboard');
  return ui;
}

/** Renders the component again whenever the dashboard has changed. */
export function useDashboard(): Dashboard {
  const ui = useUi();
  useSyncExternalStore(ui.subscribe, ui.version);
  return ui.dashboard;
}
