/**
 * The completion script for bash, made from the table of options. It needs no package beside it: words that readline splits
 * at colons are put together here, since probe names are full of them.
 */

import { PROVIDERS } from '../../language/providers.ts';
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
  const providers = PROVIDERS.map(({ name, parts }) => (parts.some((count) => count > 0) ? `${name}:` : name));
  return `# bash completion for bptop:  source <(bptop completion bash)
_bptop_probes() {
  # The last name of a program: what stands before it is kept.
  local before=\${1%"\${1##*[[:space:],\\}]}"} name=\${1##*[[:space:],\\}]} found
  if [[ $name == *:* ]]; then
    while IFS= read -r found; do
      [[ $found == "$name"* ]] && COMPREPLY+=("$before$found")
    done < <(bptop -l "$name*,$name*:*" 2>/dev/null | sort -u)
  else
    for found in ${providers.join(' ')}; do
      [[ $found == "$name"* ]] && COMPREPLY+=("$before$found")
    done
  fi
  compopt -o nospace 2>/dev/null
}
_bptop() {
  local current='' previous='' words=() index word glue=''
  COMPREPLY=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ ( $word == :* || -n $glue ) && \${#words[@]} -gt 0 ]]; then words[\${#words[@]}-1]+=$word; else words+=("$word"); fi
    if [[ $word == *: ]]; then glue=1; else glue=''; fi
  done
  current=\${words[\${#words[@]}-1]}
  ((\${#words[@]} > 1)) && previous=\${words[\${#words[@]}-2]}
  # Within quotes readline splits nowhere, and puts back what it is given behind the quote.
  local quote=''
  [[ $current == [\\'\\"]* ]] && quote=\${current:0:1} current=\${current:1}
  _bptop_reply
  # A single match would close the quote, though the program goes on behind the name: a second one prevents it.
  if [[ -n $quote && \${#COMPREPLY[@]} -eq 1 ]]; then
    if [[ \${COMPREPLY[0]} == *: ]]; then COMPREPLY+=("\${COMPREPLY[0]}*"); else COMPREPLY+=("\${COMPREPLY[0]} {"); fi
  fi
  if [[ -z $quote && $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local shown=\${current%"\${current##*:}"}
    COMPREPLY=("\${COMPREPLY[@]#"$shown"}")
  fi
}
_bptop_reply() {
  case $previous in
${cases.join('\n')}
    -l|--list|-lv|-vl) _bptop_probes "$current"; return ;;
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$current")) ;;
    *)
      COMPREPLY=($(compgen -f -- "$current"))
      if ((\${#words[@]} == 2)); then
        COMPREPLY+=($(compgen -W "${SUBCOMMANDS.map(({ name }) => name).join(' ')} $(bptop tools --names 2>/dev/null)" -- "$current"))
      fi ;;
  esac
}
complete -o bashdefault -o default -F _bptop bptop
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
      return '_bptop_probes "$current"';
    default:
      return undefined;
  }
}
