/** The completion script for bash, made from the table of options. */

import { type CliOption, OPTIONS, SUBCOMMANDS } from '../options.ts';

/** bashCompletion gives the script; probe names come from bptop itself, after `-l` and inside `-e`. */
export function bashCompletion(): string {
  const options = (OPTIONS as readonly CliOption[]).filter((option) => !option.isHidden);
  const words = options.flatMap((option) => [
    `--${option.name}`,
    ...(option.short === undefined ? [] : [`-${option.short}`]),
  ]);
  const cases = options.flatMap((option) => {
    const action = valueAction(option);
    return action === undefined ? [] : [`    ${patterns(option)}) ${action}; return ;;`];
  });
  return `# bash completion for bptop:  source <(bptop completion bash)
_bptop_probes() {
  COMPREPLY=($(compgen -W "$(bptop -l "$1*" 2>/dev/null)" -- "$1"))
}
_bptop() {
  local current previous
  _get_comp_words_by_ref -n : cur prev 2>/dev/null || { cur=\${COMP_WORDS[COMP_CWORD]}; prev=\${COMP_WORDS[COMP_CWORD-1]}; }
  current=$cur previous=$prev
  case $previous in
${cases.join('\n')}
    -l|--list) _bptop_probes "$current"; __ltrim_colon_completions "$current" 2>/dev/null; return ;;
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$current")) ;;
    *)
      COMPREPLY=($(compgen -f -- "$current"))
      if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY+=($(compgen -W "${SUBCOMMANDS.map(({ name }) => name).join(' ')} $(bptop tools --names 2>/dev/null)" -- "$current"))
      fi ;;
  esac
}
complete -F _bptop bptop
`;
}

function patterns(option: CliOption): string {
  return option.short === undefined ? `--${option.name}` : `-${option.short}|--${option.name}`;
}

function valueAction(option: CliOption): string | undefined {
  if (option.choices) return `COMPREPLY=($(compgen -W "${option.choices.join(' ')}" -- "$current"))`;
  switch (option.completes) {
    case 'file':
      return 'COMPREPLY=($(compgen -f -- "$current"))';
    case 'directory':
      return 'COMPREPLY=($(compgen -d -- "$current"))';
    case 'command':
      return 'COMPREPLY=($(compgen -c -- "$current"))';
    case 'process':
      return 'COMPREPLY=($(compgen -W "$(cd /proc && echo [0-9]*)" -- "$current"))';
    case 'program':
      return '_bptop_probes "$current"; __ltrim_colon_completions "$current" 2>/dev/null';
    default:
      return undefined;
  }
}
