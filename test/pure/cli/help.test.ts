import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bashCompletion } from '../../../src/cli/completion/bash.ts';
import { fishCompletion } from '../../../src/cli/completion/fish.ts';
import { zshCompletion } from '../../../src/cli/completion/zsh.ts';
import { helpText, parameterHelp, shortHelpText } from '../../../src/cli/help.ts';
import { type CliOption, OPTIONS } from '../../../src/cli/options.ts';

const shown = (OPTIONS as readonly CliOption[]).filter((option) => !option.isHidden);

test('help names every option once, in lines of at most 100 columns', () => {
  const text = helpText();
  for (const option of shown) expect(text).toContain(`--${option.name}`);
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(104);
});

test('-h fits a screen of 24 lines and 80 columns, with the prompt that follows, and shows examples', () => {
  const lines = shortHelpText().split('\n');
  expect(lines.length).toBeLessThanOrEqual(24);
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(lines.filter((line) => line.startsWith('  bptop -'))).toHaveLength(5);
});

test("-- --help lists the script's own options", () => {
  expect(
    parameterHelp([
      { name: 'ms', defaultText: '5', description: 'how long' },
      { name: 'all', defaultText: 'false' },
    ]),
  ).toBe('Options of the script:\n  --ms=VALUE  how long (default 5)\n  --all\n');
});

test('short names and long names are unique', () => {
  const names = OPTIONS.flatMap((option) => [option.name, ...('short' in option ? [option.short] : [])]);
  expect(new Set(names).size).toBe(names.length);
});

test('completion scripts name every option', () => {
  for (const option of shown) {
    expect(bashCompletion()).toContain(`--${option.name}`);
    expect(zshCompletion()).toContain(`--${option.name}`);
    expect(fishCompletion()).toContain(`-l ${option.name}`);
  }
});

test('bash accepts its script and completes options and choices', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bptop-completion-'));
  try {
    const script = join(folder, 'bptop.bash');
    writeFileSync(script, bashCompletion());
    const complete = (words: string): string =>
      execFileSync(
        'bash',
        [
          '-c',
          `source "$1"; COMP_WORDS=(${words}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _bptop; echo "\${COMPREPLY[*]}"`,
          'bash',
          script,
        ],
        { encoding: 'utf8' },
      ).trim();
    expect(complete('bptop --uns')).toBe('--unsafe');
    expect(complete('bptop -f js')).toBe('json');
    expect(complete('bptop -B f')).toBe('full');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
