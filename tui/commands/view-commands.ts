/** Commands of the view at hand: moving, sorting, filtering, other ways to show the same map. */

import { sanitize } from '../cells/sanitize.ts';
import type { ViewCommand } from '../views/view.ts';
import type { Command, CommandContext } from './command.ts';

const hasPanel = ({ dashboard }: CommandContext) => dashboard.panel !== undefined;

/** [command of the view, name, keys, help, hint] */
const ROWS: readonly (readonly [ViewCommand, string, readonly string[], string, Command['hint']?])[] = [
  ['up', 'rowup', ['up', 'k'], 'Row up'],
  ['down', 'rowdown', ['down', 'j'], 'Row down'],
  ['pageUp', 'pageup', ['pageup', 'ctrl+b'], 'Page up'],
  ['pageDown', 'pagedown', ['pagedown', 'ctrl+f'], 'Page down'],
  ['first', 'top', ['g'], 'First row'],
  ['last', 'bottom', ['G'], 'Last row'],
  ['sortNext', 'sort', ['s', '>'], 'Sort by the next column', [9, 'sort']],
  ['sortPrevious', 'sortback', ['S', '<'], 'Sort by the previous column'],
  ['reverse', 'reverse', ['r', 'I'], 'Reverse the order'],
  ['scale', 'scale', ['L'], 'Logarithmic or linear bars'],
  ['interval', 'interval-only', ['a'], 'Since the start, or the last interval only'],
  ['left', 'frameleft', ['h'], 'Flame graph: to the left'],
  ['right', 'frameright', ['l'], 'Flame graph: to the right'],
];

export const VIEW_COMMANDS: readonly Command[] = [
  ...ROWS.map(
    ([command, name, keys, help, hint]): Command => ({
      name,
      keys,
      group: 'View',
      help,
      ...(hint !== undefined && { hint }),
      isAvailable: hasPanel,
      run: ({ dashboard }) => {
        const panel = dashboard.panel;
        if (panel?.view.run(command) === true) dashboard.moved();
        return undefined;
      },
    }),
  ),
  {
    name: 'filter',
    keys: ['/'],
    group: 'View',
    help: 'Filter rows by a regular expression; ! in front inverts',
    hint: [7, 'filter'],
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      dashboard.openFilter();
      return undefined;
    },
  },
  {
    name: 'view',
    keys: ['v'],
    group: 'View',
    help: 'Show the map another way: table, chart, histogram, heat map, flame graph',
    hint: [10, 'view'],
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      dashboard.panel?.nextKind();
      dashboard.changed();
      return undefined;
    },
  },
  {
    name: 'map',
    keys: ['m', ']'],
    group: 'View',
    help: 'Next map of the script',
    isAvailable: ({ dashboard }) => (dashboard.panel?.tabs.length ?? 0) > 1,
    run: ({ dashboard }) => {
      dashboard.panel?.nextTab(1);
      dashboard.changed();
      return undefined;
    },
  },
  {
    name: 'mapback',
    keys: ['M', '['],
    group: 'View',
    help: 'Previous map of the script',
    isAvailable: ({ dashboard }) => (dashboard.panel?.tabs.length ?? 0) > 1,
    run: ({ dashboard }) => {
      dashboard.panel?.nextTab(-1);
      dashboard.changed();
      return undefined;
    },
  },
  {
    name: 'copy',
    keys: ['y'],
    group: 'View',
    help: 'Copy the row at hand to the clipboard of the terminal',
    isAvailable: hasPanel,
    run: ({ dashboard, shell }) => {
      const selection = dashboard.panel?.view.selection();
      if (selection === undefined) return 'there is no row to copy';
      // It will be pasted somewhere, perhaps into a shell: a name must not bring line ends or escape sequences of its own.
      shell.copy(selection.text.split('\t').map(sanitize).join('\t'));
      dashboard.tell('row copied');
      return undefined;
    },
  },
];
