/**
 * The entry: reads the command line, loads the one mode that was asked for, and turns its result into the exit status.
 * Modes are loaded on demand, so that a one-liner never pays for the dashboard. No stack trace reaches a user.
 */

import { existsSync, writeFileSync } from 'node:fs';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import { fail, printDiagnostics, writeAll } from './console.ts';
import { SUBCOMMANDS } from './options.ts';
import { bptopVersion } from './version.ts';

type Mode = (commandLine: CommandLine) => number | Promise<number>;

interface ModeRow {
  readonly applies: (commandLine: CommandLine) => boolean;
  readonly load: () => Promise<Mode> | Mode;
}

/** Stages of -d that only a run can show. */
const RUNNING_STAGES: ReadonlySet<string> = new Set(['verifier', 'libbpf']);

/** The first row that applies decides. */
const MODES: readonly ModeRow[] = [
  { applies: ({ flags }) => flags.help, load: async () => (await import('./modes/help.ts')).runHelp },
  { applies: ({ flags }) => flags.version, load: () => printVersion },
  { applies: ({ flags }) => flags.info, load: async () => (await import('./modes/info.ts')).runInfo },
  {
    applies: ({ subcommand }) => subcommand !== undefined,
    load: async () => (await import('./modes/subcommands.ts')).runSubcommand,
  },
  { applies: ({ flags }) => flags.list, load: async () => (await import('./modes/list.ts')).runList },
  {
    applies: ({ flags }) => flags.fmt || flags.mode === 'format',
    load: async () => (await import('./modes/check.ts')).runFormat,
  },
  {
    applies: ({ flags }) => flags.check !== undefined || flags.mode === 'codegen',
    load: async () => (await import('./modes/check.ts')).runCheck,
  },
  {
    applies: ({ flags, program }) => program !== undefined && flags.debug.some((stage) => !RUNNING_STAGES.has(stage)),
    load: async () => (await import('./modes/check.ts')).runDebug,
  },
  {
    applies: ({ flags, program }) => flags.tui || program === undefined,
    load: async () => (await import('./modes/dashboard.ts')).runDashboard,
  },
  { applies: () => true, load: async () => (await import('./modes/run.ts')).runHeadless },
];

let isVerbose = false;

/** What `comm` is in traces of ourselves, and in top. */
function nameProcess(): void {
  try {
    writeFileSync('/proc/self/comm', 'bptop');
  } catch {
    // A name is no reason to stop.
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const { commandLine, diagnostics } = parseCommandLine(argv, {
    isSubcommand: (word) => SUBCOMMANDS.some(({ name }) => name === word) || isToolName(word),
    isFile: existsSync,
  });
  if (!commandLine) {
    printDiagnostics(diagnostics);
    return 1;
  }
  isVerbose = commandLine.flags.verbose;
  const mode = MODES.find((row) => row.applies(commandLine));
  const run = await mode?.load();
  return (await run?.(commandLine)) ?? 0;
}

function printVersion(): number {
  writeAll(1, `bptop v${bptopVersion()}\n`);
  return 0;
}

/** A plain word that is no file here may be one of the bundled tools. */
function isToolName(word: string): boolean {
  return /^[a-z][a-z0-9_-]*$/.test(word) && !existsSync(word);
}

/** A thrown error is a bug of ours: one line, and the rest for those who ask. */
function reportCrash(error: unknown): never {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const [firstLine = ''] = message.split('\n');
  fail(
    'internal-error',
    `internal error: ${firstLine}`,
    isVerbose ? (stack ?? '') : 'run with -v for details, and please report it',
  );
  process.exit(255);
}

nameProcess();
process.on('uncaughtException', reportCrash);
process.on('unhandledRejection', reportCrash);
main(process.argv.slice(2)).then((status) => process.exit(status), reportCrash);
