/**
 * The one place where input becomes action: overlay, prompt and filter line take keys first, then the key map. Components
 * never listen for keys themselves.
 */

import type { InputEvent } from '../terminal/keys.ts';
import type { CommandContext } from './command.ts';
import { isAvailable } from './registry.ts';

/** dispatch handles one input event. */
export function dispatch(event: InputEvent, context: CommandContext): void {
  const { dashboard, shell, keyMap } = context;
  if (event.kind === 'mouse') return;
  if (event.kind === 'paste') {
    paste(event.text, context);
    return;
  }
  if (event.name === 'ctrl+z') {
    shell.suspend();
    return;
  }
  const { overlay, prompt, filter } = dashboard;
  if (overlay !== undefined) {
    if (overlay.kind === 'list') {
      const result = overlay.key(event.name, event.text);
      if (result !== undefined) dashboard.overlay = undefined;
      if (result !== undefined && result !== 'closed') result.run();
    } else if (!overlay.key(event.name)) dashboard.overlay = undefined;
    dashboard.changed();
    return;
  }
  if (prompt !== undefined) {
    if (event.text !== '') prompt.type(event.text);
    else if (!prompt.key(event.name) && dashboard.prompt === prompt) closePrompt(context);
    dashboard.changed();
    return;
  }
  if (filter !== undefined) {
    dashboard.filterKey(event.name, event.text);
    return;
  }
  const command = keyMap.get(event.name);
  if (command === undefined || !isAvailable(command, context)) return;
  const message = command.run(context, '');
  if (message !== undefined) dashboard.tell(message, 'warning');
}

function closePrompt({ dashboard }: CommandContext): void {
  dashboard.prompt?.dispose();
  dashboard.prompt = undefined;
}

function paste(text: string, { dashboard }: CommandContext): void {
  // A paste never submits: it may end in a newline by accident.
  const trimmed = text.replace(/\n+$/, '');
  const { overlay } = dashboard;
  if (overlay !== undefined) {
    if (overlay.kind === 'list') overlay.key('paste', trimmed.replaceAll('\n', ' '));
  } else if (dashboard.prompt !== undefined) dashboard.prompt.type(trimmed);
  else if (dashboard.filter !== undefined) dashboard.filterKey('paste', trimmed.replaceAll('\n', ' '));
  dashboard.changed();
}
