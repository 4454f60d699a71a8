/** The configuration file: what it changes, and what is said about each kind of mistake. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createKeyMap } from '../../../tui/commands/registry.ts';
import { loadConfig, parseConfig } from '../../../tui/config.ts';
import { PromptHistory } from '../../../tui/state/history-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'bptop-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('every field', () => {
  const text = JSON.stringify({
    theme: 'light',
    colors: '256',
    ascii: true,
    mouse: true,
    interval: 0.5,
    budget: 2,
    history: 8,
    panels: ['biotop'],
    keys: { pause: ['P'], sort: ['o', 'ctrl+o', 'f6', 'space'] },
  });
  expect(parseConfig(text)).toEqual({ config: JSON.parse(text), problems: [] });
});

test('no file is no mistake; a mistake is said with the file it is in', () => {
  expect(loadConfig(join(folder, 'nowhere'))).toEqual({ config: {}, problems: [] });
  writeFileSync(join(folder, 'config.json'), '{\n  "theme": "drak"\n}');
  expect(loadConfig(folder).problems).toEqual([
    `${join(folder, 'config.json')}: line 2: 'theme' must be one of dark, light, contrast, mono`,
  ]);
});

describe('mistakes', () => {
  test.each([
    ['', 'no valid JSON: line 1, column 1: expected a value, found the end'],
    ['{\n  "mouse": true,\n}', "no valid JSON: line 3, column 1: expected a name in double quotes, found '}'"],
    [
      '{\n  // dark\n}',
      "no valid JSON: line 2, column 3: expected a name in double quotes, found '/' (JSON has no comments)",
    ],
    ["{ 'theme': 1 }", "no valid JSON: line 1, column 3: expected a name in double quotes, found '''"],
    ['{ "mouse" true }', "no valid JSON: line 1, column 11: expected :, found 'true'"],
    ['{ "mouse": yes }', "no valid JSON: line 1, column 12: expected a value, found 'yes'"],
    ['{ "panels": ["a" "b"] }', `no valid JSON: line 1, column 18: expected , or ], found '"b"'`],
    ['{ "panels": ["a",] }', "no valid JSON: line 1, column 18: expected a value, found ']'"],
    ['{ "mouse": true', 'no valid JSON: line 1, column 16: expected , or }, found the end'],
    ['{} {}', "no valid JSON: line 1, column 4: expected the end, found '{'"],
    ['{ "interval": 01 }', 'no valid JSON: a number or a text is malformed'],
    ['[]', 'must be an object in braces'],
    ['{\n\n"thema": 1}', "line 3: unknown field 'thema'; did you mean 'theme'?"],
    ['{"interval": 0}', "line 1: 'interval' must be a number from 0.1 to 3600"],
    ['{"budget": "5"}', "line 1: 'budget' must be a number from 0.1 to 10000"],
    ['{"ascii": 1}', "line 1: 'ascii' must be true or false"],
    ['{"panels": "biotop"}', "line 1: 'panels' must be a list of tool names"],
    ['{"keys": ["p"]}', "line 1: 'keys' must map commands to lists of keys"],
    ['{"keys": {"puase": ["p"]}}', "line 1: 'keys' has no command 'puase'; did you mean 'pause'?"],
    ['{"keys": {"pause": "p"}}', `line 1: 'keys' 'pause' must be a list of keys, such as ["p", "ctrl+p"]`],
    ['{"keys": {"pause": ["o"], "sort": ["o"]}}', "line 1: 'keys' gives 'o' to both 'pause' and 'sort'"],
    [
      '{"keys": {"pause": ["Ctrl-P"]}}',
      "line 1: 'keys' gives 'pause' the key 'Ctrl-P', which is none: write a letter, f5, ctrl+p, pageup, …",
    ],
  ])('%s', (text, problem) => {
    expect(parseConfig(text)).toEqual({ config: {}, problems: [problem] });
  });

  test('the other fields stay', () => {
    expect(parseConfig('{"theme": "light", "intervall": 2}').config).toEqual({ theme: 'light' });
  });
});

test('a key of the configuration is taken from whoever has it', () => {
  const keyMap = createKeyMap({ sort: ['p'], quit: ['x'] });
  expect(keyMap.get('p')?.name).toBe('sort');
  expect(keyMap.get('x')?.name).toBe('quit');
  expect(keyMap.get('s')).toBeUndefined();
  expect(keyMap.get('space')?.name).toBe('pause');
});

test('a damaged line of the history costs itself alone', () => {
  const path = join(folder, 'history');
  writeFileSync(path, '"one"\n"tw"o"\n17\n"three"\n');
  const history = new PromptHistory(path);
  expect(history.entries).toEqual(['one', 'three']);
  history.add('four');
  expect(new PromptHistory(path).entries).toEqual(['one', 'three', 'four']);
});
