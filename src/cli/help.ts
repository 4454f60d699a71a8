/**
 * What the program says about itself: `-h` fits a screen of 24 lines and 80 columns and shows examples, `--help` has every
 * option, made from the table; `-- --help` is the script's own.
 */

import type { ScriptParameter } from '../semantics/check-program.ts';
import { type CliOption, OPTIONS, type OptionGroup, SUBCOMMANDS } from './options.ts';

const GROUPS: readonly OptionGroup[] = ['Program', 'Output', 'Dashboard', 'Process', 'Checking', 'Other'];
const COLUMN = 24;

/** shortHelpText is what `-h` prints. */
export function shortHelpText(): string {
  return `Usage: bptop                          open the dashboard
       bptop [options] FILE | - | -e PROGRAM [parameters] [-- --name=value]
       bptop -l [PATTERN | FILE]      list probes; -lv with arguments, structs
       bptop TOOL [-p PID] [--batch]  run a bundled tool (bptop tools: which)
       bptop replay FILE              open a recording

  -e PROGRAM   run this program        -f FORMAT    text, json, csv, folded
  -p PID       trace, end with this    -o FILE      write the output to a file
  -c CMD       run, trace, end with    -i SECONDS   print, clear maps; --once
  -t, --tui    show in the dashboard   -q, -k       be quiet; warn of faults
  -I DIR       look for #include       -B MODE      buffering: line, full, none
  -u, --unsafe allow system(), signal  --check      check only; needs no root
  -v, -d STAGE say more; show a stage --fmt, --dry-run, --test, --bench, --info

Examples:
  bptop -l 'tracepoint:syscalls:*open*'
  bptop -e 'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'
  bptop -e 't:syscalls:sys_exit_read /args.ret > 0/ { @ = hist(args.ret); }' -t
  bptop -e 'profile:hz:99 { @[ustack] = count(); }' -f folded -o stacks.txt
  bptop -c 'ls /' -e 't:syscalls:sys_enter_openat { print(str(args.filename)) }'

bptop --help explains all options; bptop completion SHELL: bash, zsh, fish.
`;
}

/** helpText is what `--help` prints. */
export function helpText(): string {
  const lines = [
    'Usage: bptop                                  open the dashboard',
    '       bptop [options] FILE | - | -e PROGRAM [-- script options]',
    '       bptop [options] -l [PATTERN]           list probes',
    '       bptop TOOL [tool options]              run a bundled tool',
    ...SUBCOMMANDS.map(({ usage, help }) => `       ${`bptop ${usage}`.padEnd(38)} ${help}`),
    '',
    'Examples:',
    '  bptop -e \'tracepoint:syscalls:sys_enter_openat { printf("%s %s\\n", comm, str(args.filename)); }\'',
    "  bptop -e 'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'",
    "  bptop -e 'profile:hz:99 { @[ustack] = count(); }' -f folded -o stacks.txt",
    "  bptop -t -e 'tracepoint:syscalls:sys_exit_read /args.ret > 0/ { @bytes = hist(args.ret); }'",
  ];
  for (const group of GROUPS) {
    lines.push('', `${group}:`);
    for (const option of OPTIONS as readonly CliOption[]) {
      if (option.group === group && !option.isHidden) lines.push(optionLine(option));
    }
  }
  return `${lines.join('\n')}\n`;
}

function optionLine(option: CliOption): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  const value = option.value === undefined ? '' : option.isValueOptional ? `[=${option.value}]` : ` ${option.value}`;
  return `  ${`${short}--${option.name}${value}`.padEnd(COLUMN + 3)} ${option.help}`;
}

/** parameterHelp lists what a script asks for with getopt(), for `-- --help`. */
export function parameterHelp(parameters: readonly ScriptParameter[]): string {
  if (parameters.length === 0) return 'The script takes no options.\n';
  const rows = parameters.map(({ name, defaultText, description }): readonly [string, string] => {
    const isSwitch = defaultText === 'false';
    const about = isSwitch ? [description] : [description, `(default ${defaultText})`];
    return [isSwitch ? `--${name}` : `--${name}=VALUE`, about.filter((part) => part !== undefined).join(' ')];
  });
  const column = Math.max(...rows.map(([option]) => option.length));
  return `Options of the script:\n${rows.map(([option, help]) => `  ${`${option.padEnd(column)}  ${help}`.trimEnd()}\n`).join('')}`;
}
