/** Commands that choose, arrange and restrict panels. */

import type { Dashboard } from '../state/dashboard.ts';
import { drillChoices, unrestrict } from '../state/drill.ts';
import { ListOverlay } from '../state/overlay.ts';
import type { Command, CommandContext } from './command.ts';

const hasPanel = ({ dashboard }: CommandContext) => dashboard.panel !== undefined;
const hasPanels = ({ dashboard }: CommandContext) => dashboard.panels.length > 1;

const DIGITS: readonly Command[] = Array.from({ length: 9 }, (_, index) => ({
  name: `panel${index + 1}`,
  keys: [String(index + 1)],
  group: 'Panels',
  help: `Go to panel ${index + 1}`,
  isAvailable: ({ dashboard }) => dashboard.panels.length > index,
  run: ({ dashboard }) => {
    if (index >= dashboard.panels.length) return `there is no panel ${index + 1}`;
    dashboard.focusPanel(index);
    return undefined;
  },
}));

function nothingToRestrict({ services }: Dashboard): string {
  return services.mode === 'replay'
    ? 'a recording cannot be restricted; / filters its rows'
    : 'nothing to restrict by in this row';
}

export const PANEL_COMMANDS: readonly Command[] = [
  ...DIGITS,
  {
    name: 'next',
    keys: ['tab'],
    group: 'Panels',
    help: 'Next panel',
    hint: [6, 'panel'],
    isAvailable: hasPanels,
    run: ({ dashboard }) => {
      dashboard.cycleFocus(1);
      return undefined;
    },
  },
  {
    name: 'previous',
    keys: ['shift+tab'],
    group: 'Panels',
    help: 'Previous panel',
    isAvailable: hasPanels,
    run: ({ dashboard }) => {
      dashboard.cycleFocus(-1);
      return undefined;
    },
  },
  {
    name: 'enter',
    keys: ['enter'],
    group: 'Panels',
    help: 'Full screen; there, what can be done with the row at hand',
    hint: [5, 'open'],
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      if (!dashboard.isFull) {
        dashboard.setFull(true);
        return undefined;
      }
      if (dashboard.panel?.view.run('expand') === true) {
        dashboard.changed();
        return undefined;
      }
      const choices = drillChoices(dashboard);
      if (choices.length === 0) return nothingToRestrict(dashboard);
      dashboard.show(new ListOverlay('Restrict', choices));
      return undefined;
    },
  },
  {
    name: 'drill',
    keys: ['d'],
    group: 'Panels',
    help: 'Drill down: ask all panels, this one or other tools about the row at hand',
    hint: [8, 'drill'],
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      const choices = drillChoices(dashboard, 'widest');
      if (choices.length === 0) return nothingToRestrict(dashboard);
      dashboard.show(new ListOverlay('Drill down', choices));
      return undefined;
    },
  },
  {
    name: 'unrestrict',
    keys: ['u'],
    group: 'Panels',
    help: 'Undo all restrictions of all panels',
    isAvailable: ({ dashboard }) =>
      dashboard.scope.length > 0 || dashboard.panels.some(({ scope }) => scope.length > 0),
    run: ({ dashboard }) => {
      unrestrict(dashboard);
      return undefined;
    },
  },
  {
    name: 'full',
    keys: ['f'],
    group: 'Panels',
    help: 'Full screen and back',
    hint: [12, 'full'],
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      dashboard.setFull(!dashboard.isFull);
      return undefined;
    },
  },
  {
    name: 'back',
    keys: ['escape'],
    group: 'Panels',
    help: 'One level back: filter, pause, full screen',
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      const view = dashboard.panel?.view;
      if (view !== undefined && view.filterText !== '') view.setFilter('', undefined);
      else if (dashboard.isPaused && dashboard.services.mode === 'live') dashboard.live();
      else dashboard.setFull(false);
      dashboard.changed();
      return undefined;
    },
  },
  {
    name: 'up',
    keys: ['backspace'],
    group: 'Panels',
    help: 'Undo the last restriction of this panel, or the last zoom',
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      const view = dashboard.panel?.view;
      if (view?.run('out') === true) dashboard.changed();
      else if (!dashboard.goUp()) dashboard.setFull(false);
      return undefined;
    },
  },
  {
    name: 'tools',
    keys: ['t'],
    group: 'Panels',
    help: 'Pick a tool and open it as a panel',
    hint: [4, 'tools'],
    run: ({ dashboard }) => {
      dashboard.show(
        new ListOverlay(
          'Tools',
          dashboard.tools.map((tool) => ({
            label: tool.name,
            detail: tool.description.summary || (tool.isBundled ? '' : 'a tool of your own'),
            note: tool.description.group,
            run: () => dashboard.openTool(tool),
          })),
        ),
      );
      return undefined;
    },
  },
  {
    name: 'close',
    keys: ['x'],
    group: 'Panels',
    help: 'Close this panel',
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      if (dashboard.panel !== undefined) dashboard.closePanel(dashboard.panel);
      return undefined;
    },
  },
  {
    name: 'resume',
    keys: ['R'],
    group: 'Panels',
    help: 'Attach again a panel that ended, failed or was over budget',
    isAvailable: ({ dashboard }) => {
      const kind = dashboard.panel?.status.kind;
      return kind === 'suspended' || kind === 'finished' || kind === 'failed';
    },
    run: ({ dashboard }) => {
      if (dashboard.panel !== undefined) dashboard.resume(dashboard.panel);
      return undefined;
    },
  },
];
