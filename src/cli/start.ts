/**
 * What every start does: reads the command line, loads the one mode that was asked for, and turns its result into the exit
 * status. No stack trace reaches a user.
 */

import { existsSync, writeFileSync } from 'node:fs';
import { chooseMode, type ModeName } from './choose-mode.ts';
import { type CommandLine, type FlagReader, parseCommandLine } from './command-line.ts';
import { fail, printDiagnostics } from './console.ts';
import { SUBCOMMANDS } from './options.ts';

export type Mode = (commandLine: CommandLine) => number | Promise<number>;

let isVerbose = false;

/** start runs what the command line asks for and ends the process. */
export function start(readFlags: FlagReader, load: (mode: ModeName) => Mode | Promise<Mode>): void {
  nameProcess();
  process.on('uncaughtException', reportCrash);
  process.on('unhandledRejection', reportCrash);
  run(process.argv.slice(2), readFlags, load).then((status) => process.exit(status), reportCrash);
}

async function run(
  argv: readonly string[],
  readFlags: FlagReader,
  load: (mode: ModeName) => Mode | Promise<Mode>,
): Promise<number> {
  const { commandLine, diagnostics } = parseCommandLine(argv, {
    isSubcommand: (word) => SUBCOMMANDS.some(({ name }) => name === word) || isToolName(word),
    isFile: existsSync,
    readFlags,
  });
  if (!commandLine) {
    printDiagnostics(diagnostics);
    return 1;
  }
  isVerbose = commandLine.flags.verbose;
  const mode = await load(chooseMode(commandLine));
  return mode(commandLine);
}

/** What `comm` is in traces of ourselves, and in top. */
function nameProcess(): void {
  try {
    writeFileSync('/proc/self/comm', 'bptop');
  } catch {
    // A name is no reason to stop.
  }
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
