/**
 * The pages of docs/tools, one per group, made from the headers of the tools: `npx tsx src/setup/tool-pages.ts` writes them.
 * What stands between `<!-- example NAME -->` and `<!-- end -->` is written by hand (a real run and how to read it) and kept.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTools, type Tool } from '../panels/library.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PAGES = join(ROOT, 'docs', 'tools');

/** bundledTools gives all tools by group. */
export function bundledTools(): ReadonlyMap<string, readonly Tool[]> {
  const tools = readTools([{ path: join(ROOT, 'scripts-library'), isBundled: true }]);
  const groups = [...new Set(tools.map(({ description }) => description.group))].sort();
  return new Map(groups.map((group) => [group, tools.filter(({ description }) => description.group === group)]));
}

/** toolPage gives a group's page; examples are taken over from the page as it was. */
export function toolPage(group: string, tools: readonly Tool[], before: string): string {
  const lines = [
    `# Tools: ${group}`,
    '',
    'Made by `npx tsx src/setup/tool-pages.ts` from the headers of the scripts; only the examples are written by hand.',
    '',
    '| tool | shows |',
    '| --- | --- |',
    ...tools.map(({ name, description }) => `| [${name}](#${name}) | ${cell(description.summary)} |`),
    '',
  ];
  for (const tool of tools) lines.push(...section(tool, before));
  return lines.join('\n');
}

/** indexPage lists the groups. */
export function indexPage(groups: ReadonlyMap<string, readonly Tool[]>): string {
  const count = [...groups.values()].reduce((sum, tools) => sum + tools.length, 0);
  return [
    '# Tools',
    '',
    `The ${count} bundled tools by group. \`bptop NAME\` opens one in the dashboard, \`bptop NAME --batch\` or a pipe prints it,`,
    '`bptop NAME --help` shows its parameters, `bptop tools WORD` searches. [founding.md](founding.md) says which tool is which of',
    'the one-liners that bpftrace was introduced with.',
    '',
    '| group | tools |',
    '| --- | --- |',
    ...[...groups].map(
      ([group, tools]) =>
        `| [${group}](${group}.md) | ${tools.map(({ name }) => `[${name}](${group}.md#${name})`).join(', ')} |`,
    ),
    '',
  ].join('\n');
}

function section({ name, description, variants }: Tool, before: string): readonly string[] {
  const { details, high, next, overhead, needs, parameters } = description;
  const facts: readonly (readonly [string, string])[] = [
    ['High values', high],
    ['Look next at', next.join(', ')],
    ['Overhead', overhead],
    ['Needs', needs.map((need) => `\`${need}\``).join(', ')],
    ['Other kernels', variants.map((variant) => `\`${variant.name}\``).join(', ')],
  ];
  return [
    `## ${name}`,
    '',
    `${capitalized(description.summary)}.`,
    '',
    ...(details === '' ? [] : [details, '']),
    ...facts.filter(([, text]) => text !== '').map(([title, text]) => `- ${title}: ${text}`),
    ...(parameters.length === 0 ? [] : ['', '| parameter | default | meaning |', '| --- | --- | --- |']),
    ...parameters.map(
      (parameter) =>
        `| \`--${parameter.name}\` | ${parameter.isSwitch ? 'off' : parameter.isRequired ? 'required' : parameter.defaultValue} | ${cell(parameter.summary)} |`,
    ),
    '',
    ...exampleOf(name, before),
  ];
}

function exampleOf(name: string, before: string): readonly string[] {
  const start = before.indexOf(`<!-- example ${name} -->`);
  const end = before.indexOf('<!-- end -->', start);
  return start < 0 || end < 0 ? [] : [before.slice(start, end), '<!-- end -->', ''].join('').split('\n').concat('');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(PAGES, { recursive: true });
  const groups = bundledTools();
  for (const [group, tools] of groups) {
    const path = join(PAGES, `${group}.md`);
    writeFileSync(path, toolPage(group, tools, existsSync(path) ? readFileSync(path, 'utf8') : ''));
  }
  writeFileSync(join(PAGES, 'README.md'), indexPage(groups));
}
