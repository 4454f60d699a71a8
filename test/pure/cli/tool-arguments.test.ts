import { describe, expect, test } from 'vitest';
import { positionalValues, splitToolArguments } from '../../../src/cli/tool-arguments.ts';
import type { PanelParameter } from '../../../src/panels/description.ts';

const PARAMETERS: readonly PanelParameter[] = [
  { name: 'ms', position: 1, defaultValue: '10', summary: 'shortest' },
  { name: 'pid', position: 2, defaultValue: '0', summary: 'process' },
  { name: 'disk', position: 3, defaultValue: '0', summary: 'per disk', isSwitch: true },
  { name: 'name', position: 4, defaultValue: 'any', summary: 'name' },
];

/** `$1` to `$4` and the words left for bptop, or the first problem with its hints. */
function read(words: string, parameters = PARAMETERS): string {
  const split = splitToolArguments(words === '' ? [] : words.split(' '), parameters);
  if (split.problem) return [split.problem.message, ...split.problem.hints].join(' | ');
  const plain = split.rest.filter((word) => !word.startsWith('-'));
  const result = positionalValues(parameters, split.values, plain);
  if ('problem' in result) return [result.problem.message, ...result.problem.hints].join(' | ');
  return [...result.positional, ...split.rest.filter((word) => word.startsWith('-'))].join(' ');
}

describe("a tool's parameters", () => {
  test.each([
    ['', '10 0 0 any'],
    ['--ms 5', '5 0 0 any'],
    ['--ms=5', '5 0 0 any'],
    ['--ms 0x10', '0x10 0 0 any'],
    ['--ms -1', '-1 0 0 any'],
    ['--pid 181 --ms 7', '7 181 0 any'],
    ['7 181', '7 181 0 any'],
    ['--pid 181 7', '7 181 0 any'],
    ['--disk', '10 0 1 any'],
    ['--disk 7', '7 0 1 any'],
    ['--name bash', '10 0 0 bash'],
    ['--batch --ms 5 -q', '5 0 0 any --batch -q'],
    ['--ms', '--ms needs a value: shortest'],
    ['--ms --pid 3', '--ms needs a value: shortest'],
    ['--ms five', "--ms takes a number, not 'five'"],
    ['--ms=', "--ms takes a number, not ''"],
    ['five', "--ms takes a number, not 'five'"],
    ['1 2 0 a b', "'b' is a parameter too many: the tool takes 4 at most"],
    ['--mss 5', "the tool has no parameter '--mss' | did you mean '--ms'?"],
    ['--pod 5', "the tool has no parameter '--pod' | did you mean '--pid'?"],
    ['--bacth', "the tool has no parameter '--bacth' | did you mean '--batch'?"],
    ['--frobnicate', "the tool has no parameter '--frobnicate' | its parameters: --ms, --pid, --disk, --name"],
  ])('%s gives %s', (words, expected) => {
    expect(read(words)).toBe(expected);
  });

  test.each([
    ['', 'the tool wants --pid VALUE: process | --pid 0 is all of the machine, which it slows down while it runs'],
    ['--pid 181', '181'],
    ['181', '181'],
    ['--pid 0', '0'],
  ])('a required one: %s gives %s', (words, expected) => {
    const pid = { name: 'pid', position: 1, defaultValue: '0', summary: 'process', isRequired: true };
    expect(read(words, [pid])).toBe(expected);
  });
});
