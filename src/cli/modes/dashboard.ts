/** The dashboard, loaded only when asked for. */

import type { CommandLine } from '../command-line.ts';
import { fail } from '../console.ts';

export function runDashboard(_commandLine: CommandLine): number {
  return fail('unsupported', 'the dashboard is not available yet', 'run a program with -e, or a FILE');
}

export function runReplay(_args: readonly string[]): number {
  return fail('unsupported', 'replay is not available yet');
}
