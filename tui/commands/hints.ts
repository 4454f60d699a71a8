/** What the bottom line says: the keys that mean something now, from the registry, as many as fit. */

import type { CommandContext } from './command.ts';
import { COMMANDS, isAvailable, keyLabel, keysOf } from './registry.ts';

export interface Hint {
  readonly key: string;
  readonly word: string;
}

const HINTED = COMMANDS.filter((command) => command.hint !== undefined).sort(
  (left, right) => (left.hint?.[0] ?? 0) - (right.hint?.[0] ?? 0),
);

/** hintsFor gives the hints that fit and, where there is room at the right, which page of panels this is. */
export function hintsFor(context: CommandContext): { readonly hints: readonly Hint[]; readonly page: string } {
  const hints: Hint[] = [];
  let width = 0;
  for (const command of HINTED) {
    if (command.hint === undefined || !isAvailable(command, context)) continue;
    const bound = keysOf(command, context.keyMap)[0];
    if (bound === undefined) continue;
    const key = keyLabel(bound);
    const [, word] = command.hint;
    const length = key.length + word.length + 3;
    if (width + length > context.dashboard.columns) break;
    width += length;
    hints.push({ key, word });
  }
  const { page, pages } = context.dashboard.layout;
  const text = pages > 1 ? `page ${page + 1} of ${pages} ` : '';
  return { hints, page: width + text.length <= context.dashboard.columns ? text : '' };
}
