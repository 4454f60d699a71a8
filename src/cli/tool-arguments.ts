/**
 * What follows a tool's name on the command line: its own parameters by name (`--ms 5`), words in their order, and bptop's
 * options. Pure: which value each positional parameter of the script gets, or what is wrong.
 */

import { nearestName } from '../diagnostics/nearest.ts';
import type { PanelParameter } from '../panels/description.ts';
import { type CliOption, OPTIONS } from './options.ts';

export interface ToolArguments {
  readonly values: ReadonlyMap<string, string>;
  /** What is no parameter of the tool: options of bptop, and words. */
  readonly rest: readonly string[];
  readonly problem?: ToolArgumentProblem;
}

export interface ToolArgumentProblem {
  readonly message: string;
  readonly hints: readonly string[];
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
      const problem = name === '' ? undefined : unknownOption(name, parameters);
      if (problem) return { values, rest, problem };
      rest.push(word);
      continue;
    }
    const next = args[index + 1];
    if (parameter.isSwitch) values.set(name, glued ?? '1');
    else if (glued !== undefined) values.set(name, glued);
    else if (next !== undefined && !/^-\D/.test(next)) {
      values.set(name, next);
      index++;
    } else return { values, rest, problem: { message: `--${name} needs a value: ${parameter.summary}`, hints: [] } };
    const problem = checkValue(parameter, values.get(name) ?? '');
    if (problem) return { values, rest, problem };
  }
  return { values, rest };
}

/** positionalValues gives `$1`, `$2` …: by name, else by the words given, else by default. */
export function positionalValues(
  parameters: readonly PanelParameter[],
  values: ReadonlyMap<string, string>,
  words: readonly string[],
): { readonly positional: readonly string[] } | { readonly problem: ToolArgumentProblem } {
  const free = [...words];
  const positional: string[] = [];
  for (const parameter of [...parameters].sort((left, right) => left.position - right.position)) {
    const given = values.get(parameter.name) ?? free.shift();
    if (given === undefined && parameter.isRequired) return { problem: missingValue(parameter) };
    const value = given ?? parameter.defaultValue;
    const problem = checkValue(parameter, value);
    if (problem) return { problem };
    positional.push(value);
  }
  const [excess] = free;
  if (excess === undefined) return { positional };
  const takes = parameters.length === 0 ? 'takes no parameters' : `takes ${parameters.length} at most`;
  return { problem: { message: `'${excess}' is a parameter too many: the tool ${takes}`, hints: [] } };
}

function checkValue(parameter: PanelParameter, value: string): ToolArgumentProblem | undefined {
  if (!isNumber(parameter.defaultValue) || isNumber(value)) return undefined;
  return { message: `--${parameter.name} takes a number, not '${value}'`, hints: [] };
}

function missingValue({ name, summary, defaultValue }: PanelParameter): ToolArgumentProblem {
  return {
    message: `the tool wants --${name} VALUE: ${summary}`,
    hints: [`--${name} ${defaultValue} is all of the machine, which it slows down while it runs`],
  };
}

function isNumber(text: string): boolean {
  return /^-?(?:0x[0-9a-f]+|\d+)$/i.test(text);
}

/** A beginning of an option's name is left to the reader of options, which knows whether it is enough. */
function unknownOption(name: string, parameters: readonly PanelParameter[]): ToolArgumentProblem | undefined {
  const options = OPTIONS as readonly CliOption[];
  if (options.some((option) => option.name.startsWith(name))) return undefined;
  const own = parameters.map((parameter) => parameter.name);
  const near = nearestName(name, [...own, ...options.map((option) => option.name)]);
  const known = own.length === 0 ? [] : [`its parameters: ${own.map((parameter) => `--${parameter}`).join(', ')}`];
  return {
    message: `the tool has no parameter '--${name}'`,
    hints: near === undefined ? known : [`did you mean '--${near}'?`],
  };
}
