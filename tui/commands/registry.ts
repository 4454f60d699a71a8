/** All commands. A new feature is a new row here; everything that lists commands follows. */

import type { Command, CommandContext } from './command.ts';
import { PANEL_COMMANDS } from './panel-commands.ts';
import { PROGRAM_COMMANDS } from './program-commands.ts';
import { SCRIPT_COMMANDS } from './script-commands.ts';
import { TIME_COMMANDS } from './time-commands.ts';
import { VIEW_COMMANDS } from './view-commands.ts';

export const COMMANDS: readonly Command[] = [
  ...PANEL_COMMANDS,
  ...VIEW_COMMANDS,
  ...TIME_COMMANDS,
  ...SCRIPT_COMMANDS,
  ...PROGRAM_COMMANDS,
];

export type KeyMap = ReadonlyMap<string, Command>;

/** createKeyMap binds keys to commands; `overrides` (from the config file) give a command other keys, whoever has them. */
export function createKeyMap(overrides: Readonly<Record<string, readonly string[]>> = {}): KeyMap {
  const map = new Map<string, Command>();
  const [kept, chosen] = [false, true].map((isChosen) =>
    COMMANDS.filter((command) => (overrides[command.name] !== undefined) === isChosen),
  );
  for (const command of kept ?? []) for (const key of command.keys) map.set(key, command);
  for (const command of chosen ?? []) for (const key of overrides[command.name] ?? []) map.set(key, command);
  return map;
}

/** A key as the configuration names it: a character, or a name, with modifiers. */
export function isKeyName(text: string): boolean {
  const name = text.replace(/^(?:(?:ctrl|alt|shift)\+)+/, '');
  return [...name].length === 1
    ? name !== ' '
    : KEY_NAMES[name] !== undefined || /^(?:f\d{1,2}|insert|delete)$/.test(name);
}

export function commandByName(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

export function isAvailable(command: Command, context: CommandContext): boolean {
  return command.isAvailable?.(context) ?? true;
}

/** keysOf gives the keys that a command has in a key map. */
export function keysOf(command: Command, keyMap: KeyMap): readonly string[] {
  return [...keyMap].filter(([, bound]) => bound === command).map(([key]) => key);
}

const KEY_NAMES: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  enter: 'Enter',
  escape: 'Esc',
  space: 'Space',
  tab: 'Tab',
  'shift+tab': 'Shift-Tab',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  backspace: 'Backspace',
};

/** keyLabel writes a key as people read it: `ctrl+l` is Ctrl-L. */
export function keyLabel(key: string): string {
  const known = KEY_NAMES[key];
  if (known !== undefined) return known;
  const match = /^(ctrl|alt|shift)\+(.+)$/.exec(key);
  if (match !== null) {
    const modifier = match[1] ?? '';
    return `${modifier[0]?.toUpperCase()}${modifier.slice(1)}-${keyLabel(match[2] ?? '').toUpperCase()}`;
  }
  return /^f\d+$/.test(key) ? key.toUpperCase() : key;
}
