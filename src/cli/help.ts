/**
 * `-h`: made from the table of options, fits a screen of 24 lines and 80 columns as far as the options allow, examples first.
 */

import { type CliOption, OPTIONS, type OptionGroup, SUBCOMMANDS } from './options.ts';

const GROUPS: readonly OptionGroup[] = ['Program', 'Output', 'Dashboard', 'Process', 'Checking', 'Other'];
const COLUMN = 24;

/** helpText is what `-h` prints. */
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
