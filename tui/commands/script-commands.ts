/** Commands around scripts: the prompt, editing, saving, reading what is behind a panel. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTool } from '../../src/panels/library.ts';
import { plainLines, TextOverlay } from '../state/overlay.ts';
import { panelInformation } from '../state/panel-information.ts';
import { openPrompt } from '../state/prompt-actions.ts';
import type { Command, CommandContext } from './command.ts';

const hasPanel = ({ dashboard }: CommandContext) => dashboard.panel !== undefined;
const TOOL_NAME = /^[\w][\w.-]*$/;

export const SCRIPT_COMMANDS: readonly Command[] = [
  {
    name: 'prompt',
    keys: [':'],
    group: 'Scripts',
    help: 'Type a probe, a script, a tool or a command',
    hint: [1, 'probe'],
    run: (context) => {
      openPrompt(context);
      return undefined;
    },
  },
  {
    name: 'edit',
    keys: ['e'],
    group: 'Scripts',
    help: 'Edit the script of this panel',
    hint: [11, 'edit'],
    isAvailable: hasPanel,
    run: (context) => {
      const panel = context.dashboard.panel;
      if (panel !== undefined) openPrompt(context, panel.text, panel);
      return undefined;
    },
  },
  {
    name: 'script',
    keys: ['c'],
    group: 'Scripts',
    help: 'Show the script behind this panel',
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      const panel = dashboard.panel;
      if (panel !== undefined)
        dashboard.show(new TextOverlay(`Script of ${panel.title}`, plainLines(panel.runningText)));
      return undefined;
    },
  },
  {
    name: 'info',
    keys: ['i'],
    group: 'Scripts',
    help: 'What this panel means, costs and needs; errors in full',
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      const panel = dashboard.panel;
      if (panel !== undefined) dashboard.show(panelInformation(panel));
      return undefined;
    },
  },
  {
    name: 'write',
    keys: ['w'],
    group: 'Scripts',
    help: 'Save the script of this panel as a tool of your own',
    argument: { name: 'NAME' },
    isAvailable: hasPanel,
    run: (context, argument) => {
      const { dashboard } = context;
      const panel = dashboard.panel;
      if (panel === undefined) return 'there is no panel to save';
      if (argument === '') {
        openPrompt(context, 'write ');
        return undefined;
      }
      if (!TOOL_NAME.test(argument)) return `'${argument}' is no name for a tool: letters, digits, - and _`;
      const folder = dashboard.options.configFolder;
      if (folder === undefined) return 'there is no configuration folder to save to (HOME is not set)';
      const path = join(folder, 'tools', `${argument.replace(/\.bt$/, '')}.bt`);
      try {
        mkdirSync(join(folder, 'tools'), { recursive: true });
        writeFileSync(path, panel.text.endsWith('\n') ? panel.text : `${panel.text}\n`);
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
      const tool = readTool(path, false);
      if (tool !== undefined)
        dashboard.tools = [...dashboard.tools.filter((other) => other.name !== tool.name), tool].sort((left, right) =>
          left.name < right.name ? -1 : 1,
        );
      dashboard.tell(`saved ${path}`);
      return undefined;
    },
  },
];
