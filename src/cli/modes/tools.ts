/**
 * The bundled tools and the user's own: `bptop tools` lists them, `bptop tools show NAME` prints one, `bptop NAME` runs one,
 * in the dashboard on a terminal, else as text. A tool's parameters are options of its own: `bptop slowio --ms 5`.
 */

import { existsSync } from 'node:fs';
import { createDiagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { nearestNames } from '../../diagnostics/nearest.ts';
import { isTerminal } from '../../output/terminal.ts';
import { chooseVariant, isOfUserSpace, readTools, type Tool } from '../../panels/library.ts';
import { restrictScript } from '../../panels/scope.ts';
import { type CommandLine, parseCommandLine } from '../command-line.ts';
import { fail, printDiagnostics, writeAll } from '../console.ts';
import { openFacts } from '../kernel-facts.ts';
import { bundledLibrary, userLibrary } from '../library.ts';
import { readFlagsByMeow } from '../meow-flags.ts';
import { missingPrivilege } from '../privileges.ts';
import { positionalValues, splitToolArguments, type ToolArgumentProblem } from '../tool-arguments.ts';
import { findTools, toolHelp, toolList } from '../tool-texts.ts';

/** allTools reads the library; a name with `@` is another form of the tool before it, for older kernels. */
export function allTools(): readonly Tool[] {
  return readTools([
    { path: bundledLibrary(), isBundled: true },
    { path: userLibrary(), isBundled: false },
  ]).filter(({ name }) => !name.includes('@'));
}

/** runTools lists, searches or shows tools. */
export function runTools(args: readonly string[]): number {
  const [first, second] = args;
  const tools = allTools();
  if (first === '--names') {
    writeAll(1, tools.map(({ name }) => `${name}\n`).join(''));
    return 0;
  }
  if (first === 'show') {
    const tool = tools.find(({ name }) => name === second);
    if (!tool) return unknownTool(second ?? '', tools);
    writeAll(1, tool.text);
    return 0;
  }
  const found = findTools(tools, args);
  if (found.length === 0) return fail('no-tool', `no tool is about '${args.join(' ')}'`, 'bptop tools lists all');
  writeAll(1, toolList(found));
  return 0;
}

/** runTool runs one tool with the words that followed its name. */
export async function runTool(name: string, args: readonly string[], before: CommandLine): Promise<number> {
  const tools = allTools();
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) return unknownTool(name, tools);
  const { parameters } = tool.description;
  const split = splitToolArguments(args, parameters);
  if (split.problem) return misused(name, split.problem);
  const parsed = parseCommandLine(split.rest, {
    isSubcommand: () => false,
    isFile: existsSync,
    readFlags: readFlagsByMeow,
  });
  if (!parsed.commandLine) {
    printDiagnostics(parsed.diagnostics);
    return 1;
  }
  const flags = mergeFlags(before.flags, parsed.commandLine.flags);
  if (flags.help) {
    writeAll(1, toolHelp(tool));
    return 0;
  }
  const values = new Map(split.values);
  const hasPid = parameters.some((parameter) => parameter.name === 'pid');
  if (hasPid && flags.pid !== undefined && !values.has('pid')) values.set('pid', flags.pid);
  const result = positionalValues(parameters, values, wordsOf(parsed.commandLine));
  if ('problem' in result) return misused(name, result.problem);
  const missing = missingPrivilege();
  if (missing) {
    printDiagnostics([missing]);
    return 1;
  }
  const facts = openFacts(flags);
  const choice = chooseVariant(tool, facts);
  if ('unmet' in choice) return unmetTool(tool, choice.unmet);
  const program = scopedProgram(choice.tool, hasPid ? undefined : flags.pid);
  if ('severity' in program) {
    printDiagnostics([program]);
    return 1;
  }
  // Probes in user space slow everybody down: the kernel places them in that one process only, where it is known.
  const pid = flags.pid ?? (isOfUserSpace(choice.tool) ? values.get('pid') : undefined);
  const commandLine: CommandLine = {
    ...parsed.commandLine,
    flags: { ...flags, ...(pid !== undefined && pid !== '0' && { pid }) },
    program,
    positional: result.positional,
    subcommand: undefined,
  };
  const isShown = isTerminal(1) && !flags.batch && flags.format === undefined && flags.output === undefined;
  if (flags.tui || isShown) {
    const { runDashboard } = await import('./dashboard.ts');
    return runDashboard(commandLine);
  }
  const { runHeadless } = await import('./run.ts');
  return runHeadless(commandLine, facts);
}

/** The tool's script; restricted by predicates where `-p` is given and no parameter of its own does that. */
function scopedProgram(tool: Tool, pid: string | undefined): NonNullable<CommandLine['program']> | Diagnostic {
  if (pid === undefined) return { kind: 'file', value: tool.path };
  const { scope } = tool.description;
  if (scope['pid'] === 'none') {
    return createDiagnostic('error', 'not-restrictable', `${tool.name} cannot be restricted to a process`, undefined, {
      hints: ['the task that is running when its probes fire is not the one that caused them'],
    });
  }
  const source = { name: tool.path, text: tool.text };
  const text = restrictScript(source, [{ field: 'pid', value: Number(pid) }], scope);
  return { kind: 'text', value: text, name: tool.path };
}

function misused(name: string, { message, hints }: ToolArgumentProblem): number {
  printDiagnostics([
    createDiagnostic('error', 'usage', message, undefined, {
      hints: [...hints, `bptop ${name} --help shows its parameters`],
    }),
  ]);
  return 1;
}

function unmetTool({ name, description }: Tool, unmet: readonly string[]): number {
  return fail(
    'unmet-needs',
    `this kernel cannot serve ${name}: it needs ${unmet.join(', ')}`,
    ...(description.next.length > 0 ? [`tools near it: ${description.next.join(', ')}`] : []),
    'bptop --info says what this kernel offers',
  );
}

/** wordsOf gives the words that are no options: the first of them was taken for a program's file. */
export function wordsOf({ program, positional }: CommandLine): readonly string[] {
  return program?.kind === 'file' ? [program.value, ...positional] : positional;
}

/** mergeFlags joins what stood before a word and behind it, which counts. */
export function mergeFlags(before: CommandLine['flags'], after: CommandLine['flags']): CommandLine['flags'] {
  const merged = Object.entries(after).map(([name, value]) => {
    const isSet = value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
    return [name, isSet ? value : before[name as keyof CommandLine['flags']]];
  });
  return Object.fromEntries(merged) as CommandLine['flags'];
}

function unknownTool(name: string, tools: readonly Tool[]): number {
  const near = nearestNames(
    name,
    tools.map((tool) => tool.name),
  );
  return fail(
    'no-tool',
    `there is neither a file nor a tool named '${name}'`,
    ...(near.length === 0 ? [] : [`did you mean ${near.map((tool) => `'${tool}'`).join(' or ')}?`]),
    'bptop tools lists the tools',
    "a program on the command line needs -e: bptop -e '…'",
  );
}
