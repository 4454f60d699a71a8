/** The entry. Modes are loaded on demand, so that a one-liner never pays for the dashboard. */

import type { ModeName } from './choose-mode.ts';
import { writeAll } from './console.ts';
import { readFlagsByMeow } from './meow-flags.ts';
import { type Mode, start } from './start.ts';
import { bptopVersion } from './version.ts';

const MODES: { readonly [name in ModeName]: () => Mode | Promise<Mode> } = {
  help: async () => (await import('./modes/help.ts')).runHelp,
  version: () => printVersion,
  info: async () => (await import('./modes/info.ts')).runInfo,
  subcommand: async () => (await import('./modes/subcommands.ts')).runSubcommand,
  list: async () => (await import('./modes/list.ts')).runList,
  format: async () => (await import('./modes/check.ts')).runFormat,
  check: async () => (await import('./modes/check.ts')).runCheck,
  codegen: async () => (await import('./modes/stages.ts')).runCodegen,
  debug: async () => (await import('./modes/stages.ts')).runStages,
  dashboard: async () => (await import('./modes/dashboard.ts')).runDashboard,
  run: async () => (await import('./modes/run.ts')).runHeadless,
};

function printVersion(): number {
  writeAll(1, `bptop v${bptopVersion()}\n`);
  return 0;
}

start(readFlagsByMeow, (mode) => MODES[mode]());
