/** The help screen, written by the registry. */

import { type TextLine, TextOverlay } from '../state/overlay.ts';
import type { CommandContext, CommandGroup } from './command.ts';
import { COMMANDS, keyLabel, keysOf } from './registry.ts';

const GROUPS: readonly CommandGroup[] = ['Panels', 'View', 'Time', 'Scripts', 'Program'];

/** helpOverlay lists every command with its keys, by group. */
export function helpOverlay({ keyMap }: CommandContext): TextOverlay {
  const lines: TextLine[] = [];
  for (const group of GROUPS) {
    if (lines.length > 0) lines.push([]);
    lines.push([{ text: group, tone: 'title' }]);
    const shown = COMMANDS.filter((command) => command.group === group && !/^panel[2-9]$/.test(command.name));
    for (const command of shown) {
      const keys = command.name === 'panel1' ? '1-9' : keysOf(command, keyMap).map(keyLabel).join(' ');
      const name = command.name === 'panel1' ? '' : `:${command.name}`;
      const argument = command.argument === undefined ? '' : ` ${command.argument.name}`;
      lines.push([
        { text: `  ${keys.padEnd(14)}`, tone: 'key' },
        { text: `${command.name === 'panel1' ? 'Go to a panel' : command.help} `, tone: 'text' },
        { text: `${name}${argument}`, tone: 'muted' },
      ]);
    }
  }
  return new TextOverlay('Help', lines);
}
