/** The completion script for zsh, made from the table of options. */

import { type CliOption, OPTIONS, SUBCOMMANDS } from '../options.ts';

/** zshCompletion gives the script. */
export function zshCompletion(): string {
  const specs = (OPTIONS as readonly CliOption[]).filter((option) => !option.isHidden).flatMap(optionSpecs);
  return `#compdef bptop
# zsh completion for bptop:  source <(bptop completion zsh)
_bptop_probes() {
  # The last name of a program: what stands before it is kept.
  compset -P '*[[:space:],}]'
  local name=\${(Q)PREFIX}
  local -a probes
  probes=(\${(f)"$(bptop -l "$name*,$name*:*" 2>/dev/null)"})
  compadd -Q -S '' -- \${(q)probes}
}
_bptop_words() {
  if (( \${words[(I)-l|-lv|-vl|--list]} )); then _bptop_probes; return; fi
  local -a words
  words=(${SUBCOMMANDS.map(({ name }) => name).join(' ')} \${(f)"$(bptop tools --names 2>/dev/null)"})
  _alternative 'files:script:_files' 'words:tool:compadd -a words'
}
_bptop() {
  _arguments -s -S \\
${specs.map((spec) => `    ${spec} \\`).join('\n')}
    '1:script or tool:_bptop_words' \\
    '*:parameter:_bptop_probes'
}
if [ "$funcstack[1]" = _bptop ]; then _bptop "$@"; else compdef _bptop bptop; fi
`;
}

function optionSpecs(option: CliOption): readonly string[] {
  const help = `[${option.help.replace(/[[\]']/g, '').replaceAll(':', '\\:')}]`;
  const value = option.value === undefined ? '' : `:${option.value.toLowerCase()}:${valueAction(option)}`;
  const repeat = option.isRepeatable ? '*' : '';
  const long = `'${repeat}--${option.name}${option.value === undefined ? '' : option.isValueOptional ? '=-' : '='}${help}${option.isValueOptional ? `:${value}` : value}'`;
  if (option.short === undefined) return [long];
  return [`'${repeat}-${option.short}${option.value === undefined ? '' : '+'}${help}${value}'`, long];
}

function valueAction(option: CliOption): string {
  if (option.choices) return `(${option.choices.join(' ')})`;
  switch (option.completes) {
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'command':
      return '_command_names -e';
    case 'process':
      return '_pids';
    case 'program':
      return '_bptop_probes';
    default:
      return ' ';
  }
}
