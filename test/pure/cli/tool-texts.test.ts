import { expect, test } from 'vitest';
import { findTools, toolHelp, toolList } from '../../../src/cli/tool-texts.ts';
import { readTools, type Tool } from '../../../src/panels/library.ts';

const BUNDLED = new URL('../../../scripts-library', import.meta.url).pathname;
const tools = readTools([{ path: BUNDLED, isBundled: true }]);

function tool(name: string): Tool {
  const found = tools.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no tool ${name}`);
  return found;
}

test.each([
  ['openssl', ['tlsbytes']],
  ['TLS', ['tlsbytes', 'tlslat']],
  ['dns', ['dnslat']],
  ['block latency', ['biolatency', 'biosnoop']],
  ['no such subject', []],
])('a search for %s finds %j', (words, expected) => {
  const names = findTools(tools, words.split(' ')).map(({ name }) => name);
  if (expected.length === 0) expect(names).toEqual([]);
  else expect(names).toEqual(expect.arrayContaining(expected));
  expect(names.length).toBeLessThan(tools.length / 2);
});

test('the list has every tool under its group', () => {
  const list = toolList(tools);
  for (const { name, description } of tools) {
    const group = list.split('\n\n').find((text) => text.startsWith(`${description.group}\n`));
    expect(group).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
  }
});

test('help says what the header says', () => {
  const help = toolHelp(tool('slowio'));
  for (const expected of [
    'bptop slowio - reads and writes that take long',
    /--ms VALUE +shortest duration to report, in milliseconds \(default 10\)/,
    /--pid VALUE +only this process \(default 0\)/,
    'High values: a pipe or socket',
    'Look next at: biolatency',
    'Overhead: two map operations',
    'Needs: tracepoint:syscalls:sys_enter_read',
  ])
    expect(help).toMatch(expected);
});

test('help offers -p only where a process can be told apart', () => {
  expect(toolHelp(tool('switches'))).toContain('-p PID');
  expect(toolHelp(tool('biolatency'))).not.toContain('-p PID');
  expect(toolHelp(tool('biolatency'))).toMatch(/--disk {2,}a histogram per disk/);
});

test.each(tools)('help of $name fits a screen in width', (each) => {
  for (const line of toolHelp(each).split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
});
