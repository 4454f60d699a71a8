/** `bptop replay FILE`: the dashboard on a recording; needs neither root nor the kernel that was recorded. */

import { RecordingReader } from '../src/recording/reader.ts';
import { runDashboard } from './main.tsx';
import { REPLAY_SERVICES, ReplayPlayer } from './sources/replay.ts';
import type { TerminalShellOptions } from './terminal-shell.ts';

export interface ReplayOptions extends TerminalShellOptions {
  readonly path: string;
  readonly speed?: number;
  readonly findings?: readonly string[];
  readonly configFolder: string | undefined;
  readonly stateFolder: string | undefined;
}

/** runReplay shows a recording; throws if the file is none or cannot be read. */
export async function runReplay(options: ReplayOptions): Promise<number> {
  const reader = new RecordingReader(options.path);
  const { damage } = reader;
  let player: ReplayPlayer | undefined;
  const exitCode = await runDashboard({
    ...options,
    services: REPLAY_SERVICES,
    tools: [],
    intervalMs: 1000,
    budget: 1,
    historyBytes: 32 << 20,
    initial: [],
    ...(damage !== undefined && {
      notice: `${damage.message} at byte ${damage.offset}: replaying up to there`,
    }),
    onReady: (dashboard) => {
      player = new ReplayPlayer(reader, dashboard);
      dashboard.timeline = player;
      if (options.speed !== undefined) player.setSpeed(options.speed);
      dashboard.changed();
    },
  });
  player?.dispose();
  return exitCode;
}
