/** The command palette, derived from the registry: everything that can be done now, searched by name and help. */

import { ListOverlay } from '../state/overlay.ts';
import { openPrompt } from '../state/prompt-actions.ts';
import type { CommandContext } from './command.ts';
import { COMMANDS, isAvailable, keyLabel, keysOf } from './registry.ts';

export function paletteOverlay(context: CommandContext): ListOverlay {
  const choices = COMMANDS.filter((command) => isAvailable(command, context)).map((command) => ({
    label: command.name,
    detail: command.help,
    note: keysOf(command, context.keyMap).map(keyLabel).join(' '),
    run: () => {
      if (command.argument?.isRequired === true) openPrompt(context, `${command.name} `);
      else {
        const message = command.run(context, '');
        if (message !== undefined) context.dashboard.tell(message, 'warning');
      }
    },
  }));
  return new ListOverlay('Commands', choices);
}
