/**
 * What the prompt does with what is typed: a command, a tool's name, a bare probe (counted by process) or a script. Also
 * what it offers while typing.
 */

import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { nearestName } from '../../src/diagnostics/nearest.ts';
import { providerNamed } from '../../src/language/providers.ts';
import type { CommandContext } from '../commands/command.ts';
import { COMMANDS, commandByName, isAvailable } from '../commands/registry.ts';
import { fuzzySearch } from '../models/fuzzy.ts';
import type { Completion } from '../sources/services.ts';
import type { Panel } from './panel.ts';
import { Prompt } from './prompt.ts';

/** openPrompt opens the prompt line; with a panel, Enter replaces its script. */
export function openPrompt(context: CommandContext, text = '', edited?: Panel): void {
  const { dashboard } = context;
  const prompt = new Prompt(
    {
      complete: (typed, cursor) => complete(context, typed, cursor),
      check: (typed) => (looksLikeScript(typed) ? dashboard.services.check(scriptOf(typed)) : []),
      submit: (typed) => submit(context, typed, edited),
      changed: () => dashboard.changed(),
    },
    dashboard.promptHistory,
    text,
  );
  dashboard.prompt = prompt;
  dashboard.services.onMoreCompletions?.(() => {
    if (dashboard.prompt !== prompt || prompt.selected >= 0) return;
    prompt.completeAgain();
    dashboard.changed();
  });
  dashboard.changed();
}

/** submit carries out what was typed; a returned text says what is wrong and keeps the prompt open. */
export function submit(context: CommandContext, typed: string, edited?: Panel): string | undefined {
  const { dashboard } = context;
  const [word = '', ...rest] = typed.split(/\s+/);
  // `:q` and `:w NAME` as in an editor: a key does behind the colon what it does alone.
  const command = commandByName(word) ?? context.keyMap.get(word);
  if (command !== undefined && edited === undefined && !typed.includes('{')) {
    const argument = rest.join(' ');
    if (command.argument?.isRequired === true && argument === '') return `${word} takes ${command.argument.name}`;
    if (argument !== '' && command.argument === undefined) return `${word} takes no argument`;
    dashboard.prompt = undefined;
    const message = command.run(context, argument);
    if (message !== undefined) openPrompt(context, typed);
    if (message !== undefined && dashboard.prompt !== undefined) (dashboard.prompt as Prompt).message = message;
    return undefined;
  }
  const tool = dashboard.tools.find((candidate) => candidate.name === word);
  if (tool !== undefined && rest.length === 0) {
    dashboard.prompt = undefined;
    dashboard.openTool(tool);
    return undefined;
  }
  if (!looksLikeScript(typed)) {
    const near = nearestName(word, [...COMMANDS.map((item) => item.name), ...dashboard.tools.map((item) => item.name)]);
    return `no command or tool '${word}'${near === undefined ? '' : `; did you mean '${near}'?`}`;
  }
  const script = scriptOf(typed);
  const found = dashboard.services.check(script).find((diagnostic) => diagnostic.severity === 'error');
  if (found !== undefined) return describe(found);
  dashboard.prompt = undefined;
  if (edited === undefined) dashboard.addPanel(dashboard.createPanel(nameOf(typed), script));
  else {
    const next = dashboard.createPanel(edited.name, script, edited.scope, edited.parameters);
    dashboard.replacePanel(edited, next, true);
  }
  return undefined;
}

/** A bare probe means: how often, by process. */
function scriptOf(typed: string): string {
  return typed.includes('{') ? typed : `${typed} { @[comm, pid] = count(); }`;
}

function looksLikeScript(typed: string): boolean {
  return typed.includes('{') || /^\s*[a-zA-Z]+:\S/.test(typed) || /^\s*(?:\/\*|\/\/|#)/.test(typed);
}

function describe(diagnostic: Diagnostic): string {
  const hint = diagnostic.hints[0];
  return `${diagnostic.message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** A short name for a panel typed ad hoc: its first probe. */
function nameOf(typed: string): string {
  const probe = /^[^{/]*/.exec(typed.trim())?.[0].trim().split(/[\s,]/)[0] ?? '';
  return probe === '' ? 'ad hoc' : probe.slice(0, 48);
}

function complete(context: CommandContext, text: string, cursor: number): readonly Completion[] {
  const { dashboard } = context;
  const head = text.slice(0, cursor);
  const fromScript = head.trim() === '' ? [] : dashboard.services.complete(text, cursor);
  if (text.includes('{')) return fromScript;
  const argument = /^(\S+)\s+(\S*)$/.exec(head);
  if (argument !== null) {
    const values = commandByName(argument[1] ?? '')?.argument?.values?.(context) ?? [];
    const start = cursor - (argument[2]?.length ?? 0);
    const found = values.filter((value) => value.startsWith(argument[2] ?? ''));
    return [...found.map((value): Completion => ({ text: value, start, detail: '', kind: 'command' })), ...fromScript];
  }
  if (/[\s:]/.test(head)) return fromScript;
  const commands = COMMANDS.filter((command) => isAvailable(command, context) && !/^panel\d$/.test(command.name)).map(
    (command): Completion => ({
      text: command.argument?.isRequired === true ? `${command.name} ` : command.name,
      start: 0,
      detail: command.help,
      kind: 'command',
    }),
  );
  const tools = dashboard.tools.map(
    (tool): Completion => ({ text: tool.name, start: 0, detail: tool.description.summary, kind: 'tool' }),
  );
  const named = fuzzySearch(head, [...commands, ...tools], (item) => [item.text]);
  // `t` is how many write `tracepoint:`.
  const isProvider = providerNamed(head) !== undefined && commandByName(head) === undefined;
  return isProvider ? [...fromScript.slice(0, 1), ...named, ...fromScript.slice(1)] : [...named, ...fromScript];
}
