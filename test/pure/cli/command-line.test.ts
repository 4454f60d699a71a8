import { describe, expect, test } from 'vitest';
import { type CommandLine, debugStages, parseCommandLine } from '../../../src/cli/command-line.ts';
import { readFlagsByMeow } from '../../../src/cli/meow-flags.ts';
import { OPTIONS } from '../../../src/cli/options.ts';
import { readFlagsPlainly } from '../../../src/cli/plain-flags.ts';

const FILES = new Set(['a.bt', 'b.bt']);
const context = {
  isSubcommand: (word: string) => ['tools', 'replay', 'opensnoop'].includes(word),
  isFile: (word: string) => FILES.has(word),
  readFlags: readFlagsByMeow,
};

function parse(...argv: readonly string[]): CommandLine {
  const { commandLine, diagnostics } = parseCommandLine(argv, context);
  if (!commandLine) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  // What checks is read without meow, and must come to the same.
  expect(parseCommandLine(argv, { ...context, readFlags: readFlagsPlainly }).commandLine).toEqual(commandLine);
  return commandLine;
}

/** All that differs from an empty command line. */
function shown(...argv: readonly string[]): Record<string, unknown> {
  const { flags, program, positional, named, subcommand } = parse(...argv);
  const empty = parse();
  const set = Object.entries(flags).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(empty.flags[name as keyof typeof flags]),
  );
  return {
    ...Object.fromEntries(set),
    ...(program && { [program.kind]: program.value }),
    ...(positional.length > 0 && { positional }),
    ...(named.size > 0 && { named: Object.fromEntries(named) }),
    ...(subcommand && { subcommand: [subcommand.name, ...subcommand.args] }),
  };
}

describe('command line', () => {
  test.each<readonly [string, Record<string, unknown>]>([
    ['', {}],
    ['a.bt', { file: 'a.bt' }],
    ['-', { file: '-' }],
    ['-e P', { execute: 'P', text: 'P' }],
    ['-eP', { execute: 'P', text: 'P' }],
    ['--execute=P', { execute: 'P', text: 'P' }],
    ['a.bt 1 x', { file: 'a.bt', positional: ['1', 'x'] }],
    ['-e P 1 -- x --n=v --b', { execute: 'P', text: 'P', positional: ['1', 'x'], named: { n: 'v', b: true } }],
    ['a.bt 1 -5 -0x10', { file: 'a.bt', positional: ['1', '-5', '-0x10'] }],
    ['a.bt -q 1', { file: 'a.bt', quiet: true, positional: ['1'] }],
    ['a.bt -- --n=a=b', { file: 'a.bt', named: { n: 'a=b' } }],
    ['-f json -o out -B full', { format: 'json', output: 'out', buffering: 'full' }],
    ['-fjson', { format: 'json' }],
    ['-qkv', { quiet: true, warnings: true, verbose: true }],
    ['--no-warnings', { 'no-warnings': true }],
    ['--no-feature uprobe_multi', { 'no-feature': 'uprobe_multi' }],
    ['-I d -I e --include f.h', { 'include-dir': ['d', 'e'], include: ['f.h'] }],
    ['-l', { list: true }],
    ['-l *open* a', { list: true, positional: ['*open*', 'a'] }],
    ['-lv x', { list: true, verbose: true, positional: ['x'] }],
    ['-d ast a.bt', { debug: ['ast'], file: 'a.bt' }],
    ['-dast a.bt', { debug: ['ast'], file: 'a.bt' }],
    ['-d a.bt', { debug: ['all'], file: 'a.bt' }],
    ['-dd a.bt', { debug: ['all', 'all'], file: 'a.bt' }],
    ['-d -e P', { debug: ['all'], execute: 'P', text: 'P' }],
    ['-d ast -d types a.bt', { debug: ['ast', 'types'], file: 'a.bt' }],
    ['--check a.bt', { check: 'types', file: 'a.bt' }],
    ['--check=syntax a.bt', { check: 'syntax', file: 'a.bt' }],
    ['--fmt a.bt', { fmt: true, file: 'a.bt' }],
    ['-p 12 -e P', { pid: '12', execute: 'P', text: 'P' }],
    ['-c ls\\ -l a.bt', { cmd: 'ls -l', file: 'a.bt' }],
    ['-i 0.5 --once -t a.bt', { interval: '0.5', once: true, tui: true, file: 'a.bt' }],
    ['--uns a.bt', { unsafe: true, file: 'a.bt' }],
    ['-b a.bt', { btf: true, file: 'a.bt' }],
    ['tools show x', { subcommand: ['tools', 'show', 'x'] }],
    ['-q opensnoop --pid 181 -x', { quiet: true, subcommand: ['opensnoop', '--pid', '181', '-x'] }],
    ['a.bt tools', { file: 'a.bt', positional: ['tools'] }],
    ['-e tools', { execute: 'tools', text: 'tools' }],
    ['-f json -f text', { format: 'text' }],
    ['-e "a"\\ "b"', { execute: '"a" "b"', text: '"a" "b"' }],
    ['-e ""', { execute: '""', text: '""' }],
    ["-c 'a' a.bt", { cmd: "'a'", file: 'a.bt' }],
    ['-I "d" -I e', { 'include-dir': ['"d"', 'e'] }],
    ['-e --x=1', { execute: '--x=1', text: '--x=1' }],
    ['-e a\n"', { execute: 'a\n"', text: 'a\n"' }],
  ])('%s', (words, expected) => {
    const argv = words.split(/(?<!\\) /).filter((word) => word !== '');
    expect(shown(...argv.map((word) => word.replaceAll('\\ ', ' ')))).toEqual(expected);
  });

  test.each<readonly [string, string, string]>([
    ['-x', "unknown option '-x'", ''],
    ['-qx', "unknown option '-x' in '-qx'", ''],
    ['--verbos=1', "option '--verbose' takes no value", ''],
    ['--unsave', "unknown option '--unsave'", "did you mean '--unsafe'?"],
    ['-e', "option '-e' needs a value: -e PROGRAM", ''],
    ['--output', "option '--output' needs a value: --output FILE", ''],
    ['-f xml', "'xml' is no format of --format: it takes text, json, csv, folded", ''],
    ['-f jsn', "'jsn' is no format of --format: it takes text, json, csv, folded", "did you mean 'json'?"],
    [
      '-d nope',
      "'nope' is no stage of --debug: it takes all, parse, ast, types, ir, asm, codegen, codegen-opt, dis, libbpf, verifier",
      '',
    ],
    ['-kk a.bt', '-kk is no longer an option: -k reports all failed reads and lookups', ''],
    ['-k --no-warnings a.bt', '-k and --no-warnings exclude each other', ''],
    ['-p 1 -c ls a.bt', '-c and -p exclude each other', ''],
    ['-p x a.bt', "Failed to parse pid: 'x' is no number", ''],
    ['-p 0x400001 a.bt', "pid '0x400001' out of range [1, 0x400000]", ''],
    ['-i no a.bt', "'no' is no interval: -i takes seconds, such as 1 or 0.5", ''],
    [
      '--no-feature uprobe_mult a.bt',
      "--no-feature: there is no feature 'uprobe_mult', only uprobe_multi, kprobe_multi, kprobe_session",
      "did you mean 'uprobe_multi'?",
    ],
    ['--probe-filter [ a.bt', "'[' is no regular expression", ''],
    ['-e P -e Q', '-e can be given once only', ''],
    [
      '--emit-llvm x',
      '--emit-llvm is not supported: bptop compiles without LLVM; `-d ir` and `-d asm` show its stages',
      '',
    ],
  ])('%s is refused', (words, message, hint) => {
    const { diagnostics } = parseCommandLine(words.split(' '), context);
    expect(diagnostics.map((diagnostic) => diagnostic.message)).toContain(message);
    if (hint !== '') expect(diagnostics[0]?.hints).toContain(hint);
    expect(diagnostics.every(({ hints }) => hints.includes('bptop --help shows all options'))).toBe(true);
  });

  test('-d all means every stage', () => {
    expect(debugStages(parse('-d', 'all', 'a.bt').flags).has('ir')).toBe(true);
    expect([...debugStages(parse('-d', 'ir', 'a.bt').flags)]).toEqual(['ir']);
  });

  test('every option of the table is understood in all its spellings', () => {
    for (const option of OPTIONS) {
      if (['emit-elf', 'emit-llvm', 'aot', 'verify-llvm-ir'].includes(option.name)) continue;
      const choices: readonly string[] = 'choices' in option ? option.choices : [];
      const value = choices[1] ?? '5';
      if (option.name === 'no-feature') continue;
      const spellings =
        'value' in option
          ? [[`--${option.name}=${value}`], ...('short' in option ? [[`-${option.short}${value}`]] : [])]
          : [[`--${option.name}`], ...('short' in option ? [[`-${option.short}`]] : [])];
      const expected = 'value' in option ? ('isRepeatable' in option ? [value] : value) : true;
      for (const spelling of spellings)
        expect(parse(...spelling).flags[option.name], spelling.join(' ')).toEqual(expected);
    }
  });
});
