/** The completion script for fish, made from the table of options. */

import { type CliOption, OPTIONS, SUBCOMMANDS } from '../options.ts';

/** fishCompletion gives the script. */
export function fishCompletion(): string {
  const lines = (OPTIONS as readonly CliOption[]).filter((option) => !option.isHidden).map(optionLine);
  return `# fish completion for bptop:  bptop completion fish | source
function __bptop_probes
  # The last name of a program: what stands before it, an open quote left out, is kept.
  set -l token (commandline -ct | string collect | string trim -l -c '\\'"')
  set -l name (string replace -r '^.*[\\s,}]' '' -- $token)
  set -l before (string sub -l (math (string length -- $token) - (string length -- $name)) -- $token)
  for probe in (bptop -l "$name*,$name*:*" 2>/dev/null)
    echo "$before$probe"
  end
end
${lines.join('\n')}
complete -c bptop -n 'contains -- -l (commandline -opc)' -f -a '(__bptop_probes)'
complete -c bptop -n __fish_use_subcommand -a '${SUBCOMMANDS.map(({ name }) => name).join(' ')}'
complete -c bptop -n __fish_use_subcommand -a '(bptop tools --names 2>/dev/null)'
`;
}

function optionLine(option: CliOption): string {
  const short = option.short === undefined ? '' : ` -s ${option.short}`;
  const help = option.help.replaceAll("'", '');
  return `complete -c bptop${short} -l ${option.name}${valueAction(option)} -d '${help}'`;
}

function valueAction(option: CliOption): string {
  if (option.value === undefined) return '';
  if (option.choices) return ` -x -a '${option.choices.join(' ')}'`;
  switch (option.completes) {
    case 'file':
      return ' -r -F';
    case 'directory':
      return " -x -a '(__fish_complete_directories)'";
    case 'command':
      return " -x -a '(__fish_complete_command)'";
    case 'process':
      return " -x -a '(__fish_complete_pids)'";
    case 'program':
      return " -x -a '(__bptop_probes)'";
    default:
      return ' -x';
  }
}
