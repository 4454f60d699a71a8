/**
 * What is said about tools: the list by group, and the help of one. Made from their headers alone.
 */

import type { PanelParameter } from '../panels/description.ts';
import type { Tool } from '../panels/library.ts';

const WIDTH = 96;

/** findTools gives the tools that all the words are about. */
export function findTools(tools: readonly Tool[], words: readonly string[]): readonly Tool[] {
  const wanted = words.map((word) => word.toLowerCase());
  return tools.filter((tool) => wanted.every((word) => subjects(tool).includes(word)));
}

function subjects({ name, description }: Tool): string {
  const { group, summary, title, high, details } = description;
  return [name, group, summary, title, high, details].join('\n').toLowerCase();
}

/** toolList is the list that `bptop tools` prints, by group. */
export function toolList(tools: readonly Tool[]): string {
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

/** toolHelp is what `bptop TOOL --help` prints. */
export function toolHelp({ name, description }: Tool): string {
  const { parameters } = description;
  const rows = [
    ...parameters.map((parameter): readonly [string, string] =>
      parameter.isSwitch
        ? [`--${parameter.name}`, parameter.summary]
        : [`--${parameter.name} VALUE`, `${parameter.summary} (${defaultOf(parameter)})`],
    ),
    ...(parameters.some((parameter) => parameter.name === 'pid') || description.scope['pid'] === 'none'
      ? []
      : [['-p PID', 'only this process; ends with it'] as const]),
    ['--batch', 'print text even on a terminal; so does a pipe'] as const,
    ['-f FORMAT', 'text, json, csv or folded'] as const,
  ];
  const column = Math.max(...rows.map(([option]) => option.length));
  const facts: readonly (readonly [string, string])[] = [
    ['High values', description.high],
    ['Look next at', description.next.join(', ')],
    ['Overhead', description.overhead],
    ['Needs', description.needs.join(', ')],
  ];
  return [
    `bptop ${name} - ${description.summary}`,
    '',
    ...rows.map(([option, help]) => `  ${option.padEnd(column)}  ${help}`),
    ...(description.details === '' ? [] : ['', description.details]),
    '',
    ...facts.filter(([, text]) => text !== '').map(([title, text]) => wrapped(`${title}: ${text}`)),
    '',
  ].join('\n');
}

function defaultOf({ defaultValue, isRequired }: PanelParameter): string {
  return isRequired ? `required; ${defaultValue} is all` : `default ${defaultValue || 'none'}`;
}

/** Lines of at most WIDTH, continued two blanks further in. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = ` ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part, index) => (index === 0 ? part : ` ${part}`)).join('\n');
}
