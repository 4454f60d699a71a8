/** The dashboard, loaded only when asked for. */

import { existsSync } from 'node:fs';
import { isTerminal } from '../../output/terminal.ts';
import { errorText } from '../../text/error-texts.ts';
import { type CommandLine, parseCommandLine } from '../command-line.ts';
import { compileOptions } from '../compile-options.ts';
import { fail, printDiagnostics } from '../console.ts';
import { openFacts } from '../kernel-facts.ts';
import { readFlagsByMeow } from '../meow-flags.ts';
import { missingPrivilege } from '../privileges.ts';
import { readProgram } from '../program-source.ts';
import { allTools, mergeFlags, wordsOf } from './tools.ts';

/** runDashboard shows the program of the command line, or the overview without one. */
export async function runDashboard(commandLine: CommandLine): Promise<number> {
  const { flags, program, positional } = commandLine;
  const refusal = refuseWithoutTerminal();
  if (refusal !== undefined) return refusal;
  const source = program === undefined ? undefined : readProgram(program);
  if (source !== undefined && 'severity' in source) {
    printDiagnostics([source]);
    return 1;
  }
  // React reads this once, when it is loaded: its development build doubles the cost of every frame.
  process.env['NODE_ENV'] = 'production';
  const { openDashboard } = await import('../../../tui/open-dashboard.ts');
  return openDashboard({
    facts: openFacts(flags),
    compile: compileOptions(commandLine),
    tools: allTools(),
    missingPrivilege,
    ...(source !== undefined && {
      script: { name: panelName(source.name), text: source.text, parameters: positional },
    }),
    ...(flags.interval !== undefined && { intervalMs: Number(flags.interval) * 1000 }),
    ...(flags.budget !== undefined && { budget: Number(flags.budget) }),
    ...(flags.theme !== undefined && { theme: flags.theme }),
    ...(flags.ascii && { isAscii: true }),
  });
}

/** runReplay shows a recording: `bptop replay FILE`. */
export async function runReplay(args: readonly string[], commandLine: CommandLine): Promise<number> {
  const parsed = parseCommandLine(args, { isSubcommand: () => false, isFile: existsSync, readFlags: readFlagsByMeow });
  if (!parsed.commandLine) {
    printDiagnostics(parsed.diagnostics);
    return 1;
  }
  const [path, ...more] = wordsOf(parsed.commandLine);
  if (path === undefined) return fail('usage', 'replay which file?', 'bptop replay FILE');
  if (more.length > 0) return fail('usage', `one recording at a time: what is '${more[0]}'?`, 'bptop replay FILE');
  const refusal = refuseWithoutTerminal();
  if (refusal !== undefined) return refusal;
  process.env['NODE_ENV'] = 'production';
  const [{ runReplay: replay }, { configFolder, isUnicodeLocale, loadConfig, stateFolder }] = await Promise.all([
    import('../../../tui/replay.tsx'),
    import('../../../tui/config.ts'),
  ]);
  const flags = mergeFlags(commandLine.flags, parsed.commandLine.flags);
  const { config, problems } = loadConfig(configFolder());
  const theme = flags.theme ?? config.theme;
  try {
    return await replay({
      path,
      configFolder: configFolder(),
      stateFolder: stateFolder(),
      isAscii: flags.ascii || (config.ascii ?? !isUnicodeLocale(process.env)),
      hasMouse: config.mouse ?? false,
      findings: problems,
      ...(config.colors !== undefined && { colorDepth: config.colors }),
      ...(theme !== undefined && { theme }),
      ...(config.keys !== undefined && { keys: config.keys }),
    });
  } catch (error) {
    const { errno, message } = error as NodeJS.ErrnoException;
    return fail('recording-unreadable', errno === undefined ? message : `cannot read '${path}': ${errorText(errno)}`);
  }
}

function refuseWithoutTerminal(): number | undefined {
  if (isTerminal(0) && isTerminal(1)) return undefined;
  return fail(
    'no-terminal',
    'the dashboard needs a terminal',
    'run a program with -e or from a FILE; bptop TOOL --batch prints text',
  );
}

/** A script of the command line is called by its file, without folders. */
function panelName(name: string): string {
  return name === 'stdin' ? 'script' : (name.split('/').at(-1)?.replace(/\.bt$/, '') ?? name);
}
