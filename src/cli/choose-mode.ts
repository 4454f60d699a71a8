/** Which mode a command line asks for. Apart from the modes themselves, as each of the two bundles holds other ones. */

import type { CommandLine } from './command-line.ts';

export type ModeName =
  | 'help'
  | 'version'
  | 'info'
  | 'subcommand'
  | 'list'
  | 'format'
  | 'check'
  | 'codegen'
  | 'debug'
  | 'dashboard'
  | 'run';

/** Stages of -d that only a run can show. */
const RUNNING_STAGES: ReadonlySet<string> = new Set(['verifier', 'libbpf']);

/** The first row that applies decides. */
const MODES: readonly (readonly [ModeName, applies: (commandLine: CommandLine) => boolean])[] = [
  ['help', ({ flags }) => flags.help],
  ['version', ({ flags }) => flags.version],
  ['info', ({ flags }) => flags.info],
  ['subcommand', ({ subcommand }) => subcommand !== undefined],
  ['list', ({ flags }) => flags.list],
  ['format', ({ flags }) => flags.fmt || flags.mode === 'format'],
  ['codegen', ({ flags }) => flags.mode === 'codegen' && flags.check !== 'syntax'],
  ['check', ({ flags }) => flags.check !== undefined || flags.mode === 'codegen'],
  ['debug', ({ flags, program }) => program !== undefined && flags.debug.some((stage) => !RUNNING_STAGES.has(stage))],
  ['dashboard', ({ flags, program }) => flags.tui || program === undefined],
];

/** chooseMode gives the mode; a program that nothing else is asked of is run. */
export function chooseMode(commandLine: CommandLine): ModeName {
  return MODES.find(([, applies]) => applies(commandLine))?.[0] ?? 'run';
}
