/**
 * The bundled tools and the user's own: `bptop tools` lists them, `bptop tools show NAME` prints one, `bptop NAME` runs one,
 * in the dashboard on a terminal, else as text. A tool's parameters are options of its own: `bptop slowio --ms 5`.
 */

import { existsSync } from 'node:fs';
import { isatty } from 'node:tty';
import { nearestName } from '../../diagnostics/nearest.ts';
import type { PanelParameter } from '../../panels/description.ts';
import { readTools, type Tool } from '../../panels/library.ts';
import { type CommandLine, parseCommandLine, usageError } from '../command-line.ts';
import { fail, printDiagnostics, writeAll } from '../console.ts';
import { bundledLibrary, userLibrary } from '../library.ts';

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
  const words = args.map((word) => word.toLowerCase());
  const found = tools.filter((tool) => words.every((word) => haystack(tool).includes(word)));
  writeAll(1, toolList(found));
  return found.length > 0 ? 0 : fail('no-tool', `no tool is about '${args.join(' ')}'`, 'bptop tools lists all');
}

/** runTool runs one tool with the words that followed its name. */
export async function runTool(name: string, args: readonly string[], before: CommandLine): Promise<number> {
  const tools = allTools();
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) return unknownTool(name, tools);
  const { parameters } = tool.description;
  const split = splitToolArguments(args, parameters);
  if (split.problem !== undefined) {
    printDiagnostics([usageError(split.problem, `bptop ${name} --help shows its parameters`)]);
    return 1;
  }
  const parsed = parseCommandLine(split.rest, { isSubcommand: () => false, isFile: existsSync });
  if (!parsed.commandLine) {
    printDiagnostics(parsed.diagnostics);
    return 1;
  }
  const flags = mergeFlags(before.flags, parsed.commandLine.flags);
  if (flags.help) {
    writeAll(1, toolHelp(tool));
    return 0;
  }
  const words =
    parsed.commandLine.positional.length > 0 || parsed.commandLine.program ? wordsOf(parsed.commandLine) : [];
  const commandLine: CommandLine = {
    ...parsed.commandLine,
    flags,
    program: { kind: 'file', value: tool.path },
    positional: positionalValues(parameters, split.values, words),
    subcommand: undefined,
  };
  const isShown = isatty(1) && !flags.batch && flags.format === undefined && flags.output === undefined;
  if (flags.tui || isShown) {
    const { runDashboard } = await import('./dashboard.ts');
    return runDashboard(commandLine);
  }
  const { runHeadless } = await import('./run.ts');
  return runHeadless(commandLine);
}

interface ToolArguments {
  readonly values: ReadonlyMap<string, string>;
  /** What is no parameter of the tool: options of bptop. */
  readonly rest: readonly string[];
  readonly problem?: string;
}

/** splitToolArguments takes the tool's own parameters out; they come before bptop's options of the same name. */
export function splitToolArguments(args: readonly string[], parameters: readonly PanelParameter[]): ToolArguments {
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    const [, name = '', glued] = /^--([\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const parameter = parameters.find((candidate) => candidate.name === name);
    if (!parameter) {
      rest.push(word);
      continue;
    }
    const next = args[index + 1];
    if (glued !== undefined) values.set(name, glued);
    else if (next !== undefined && !next.startsWith('-')) {
      values.set(name, next);
      index++;
    } else values.set(name, '1');
    const value = values.get(name) ?? '';
    if (isNumber(parameter.defaultValue) && !isNumber(value)) {
      return { values, rest, problem: `--${name} takes a number, not '${value}'` };
    }
  }
  return { values, rest };
}

function isNumber(text: string): boolean {
  return /^-?(?:0x[0-9a-f]+|\d+)$/i.test(text);
}

/** `$1`, `$2` … by name, else by the words given, else by default. */
function positionalValues(
  parameters: readonly PanelParameter[],
  values: ReadonlyMap<string, string>,
  words: readonly string[],
): readonly string[] {
  const free = [...words];
  const positional = [...parameters]
    .sort((left, right) => left.position - right.position)
    .map((parameter) => values.get(parameter.name) ?? free.shift() ?? parameter.defaultValue);
  return [...positional, ...free];
}

/** The first plain word was taken for a program's file. */
function wordsOf({ program, positional }: CommandLine): readonly string[] {
  return program?.kind === 'file' ? [program.value, ...positional] : positional;
}

function mergeFlags(before: CommandLine['flags'], after: CommandLine['flags']): CommandLine['flags'] {
  const merged = Object.entries(after).map(([name, value]) => {
    const isSet = value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
    return [name, isSet ? value : before[name as keyof CommandLine['flags']]];
  });
  return Object.fromEntries(merged) as CommandLine['flags'];
}

function haystack({ name, description }: Tool): string {
  return `${name} ${description.group} ${description.summary} ${description.title}`.toLowerCase();
}

function toolList(tools: readonly Tool[]): string {
  const groups = [...new Set(tools.map(({ description }) => description.group))].sort();
  const width = Math.max(12, ...tools.map(({ name }) => name.length));
  return groups
    .map((group) => {
      const lines = tools
        .filter(({ description }) => description.group === group)
        .map(({ name, description }) => `  ${name.padEnd(width)}  ${description.summary}\n`);
      return `${group}\n${lines.join('')}`;
    })
    .join('\n');
}

function toolHelp({ name, description }: Tool): string {
  let text = `bptop ${name} - ${description.summary}\n\n`;
  for (const parameter of description.parameters) {
    text += `  --${parameter.name} VALUE`.padEnd(20);
    text += ` ${parameter.summary} (default ${parameter.defaultValue || 'none'})\n`;
  }
  text += '  --batch             print text even on a terminal; -f json, csv, folded as usual\n';
  if (description.details !== '') text += `\n${description.details}\n`;
  if (description.high !== '') text += `\nHigh values: ${description.high}\n`;
  if (description.overhead !== '') text += `Cost: ${description.overhead}\n`;
  if (description.next.length > 0) text += `Next: ${description.next.join(', ')}\n`;
  return text;
}

function unknownTool(name: string, tools: readonly Tool[]): number {
  const near = nearestName(
    name,
    tools.map((tool) => tool.name),
  );
  return fail(
    'no-tool',
    `there is neither a file nor a tool named '${name}'`,
    ...(near === undefined ? [] : [`did you mean '${near}'?`]),
    'bptop tools lists the tools',
    "a program on the command line needs -e: bptop -e '…'",
  );
}
