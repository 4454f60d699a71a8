/** Commands of the program: help, themes, screenshots, leaving. */

import type { Dashboard } from '../state/dashboard.ts';
import { ListOverlay } from '../state/overlay.ts';
import { THEMES } from '../theme/themes.ts';
import type { Command, Shell } from './command.ts';
import { helpOverlay } from './help.ts';
import { paletteOverlay } from './palette.ts';

const SCREENSHOT_FORMATS = ['text', 'ansi', 'svg'] as const;

type ScreenshotFormat = (typeof SCREENSHOT_FORMATS)[number];

const SETTLE_MS = 60;

export const PROGRAM_COMMANDS: readonly Command[] = [
  {
    name: 'help',
    keys: ['?', 'f1'],
    group: 'Program',
    help: 'This help',
    hint: [2, 'help'],
    run: (context) => {
      context.dashboard.show(helpOverlay(context));
      return undefined;
    },
  },
  {
    name: 'commands',
    keys: ['ctrl+k', 'f2'],
    group: 'Program',
    help: 'Search all commands',
    run: (context) => {
      context.dashboard.show(paletteOverlay(context));
      return undefined;
    },
  },
  {
    name: 'theme',
    keys: ['T'],
    group: 'Program',
    help: 'Choose colours',
    argument: { name: 'NAME', values: () => THEMES.map((theme) => theme.name) },
    run: ({ dashboard, shell }, argument) => {
      if (argument !== '')
        return shell.setTheme(argument)
          ? undefined
          : `no theme '${argument}': there are ${THEMES.map(({ name }) => name).join(', ')}`;
      dashboard.show(
        new ListOverlay(
          'Themes',
          THEMES.map((theme) => ({
            label: theme.name,
            detail: theme.name === shell.themeName ? 'in use' : '',
            run: () => void shell.setTheme(theme.name),
          })),
        ),
      );
      return undefined;
    },
  },
  {
    name: 'mouse',
    keys: [],
    group: 'Program',
    help: 'Mouse on or off (off leaves selecting text to the terminal)',
    run: ({ dashboard, shell }) => {
      shell.setMouse(!shell.hasMouse);
      dashboard.tell(`mouse ${shell.hasMouse ? 'on' : 'off'}`);
      return undefined;
    },
  },
  {
    name: 'screenshot',
    keys: ['P'],
    group: 'Program',
    help: 'Save the screen as text, ANSI or SVG',
    argument: { name: 'text|ansi|svg [FILE]', values: () => SCREENSHOT_FORMATS },
    run: ({ dashboard, shell }, argument) => {
      const [name = '', ...rest] = argument.split(/\s+/);
      const format = name === '' ? 'svg' : SCREENSHOT_FORMATS.find((candidate) => candidate === name);
      if (format === undefined) return `screenshot takes ${SCREENSHOT_FORMATS.join(', ')}`;
      // The prompt that it was typed into is to be gone from the picture.
      setTimeout(() => saveScreen(dashboard, shell, format, rest[0]), SETTLE_MS);
      return undefined;
    },
  },
  {
    name: 'redraw',
    keys: ['ctrl+l'],
    group: 'Program',
    help: 'Draw the screen anew',
    run: ({ shell }) => {
      shell.repaint();
      return undefined;
    },
  },
  {
    name: 'suspend',
    keys: ['ctrl+z'],
    group: 'Program',
    help: 'Stop bptop; fg brings it back',
    run: ({ shell }) => {
      shell.suspend();
      return undefined;
    },
  },
  {
    name: 'quit',
    keys: ['q', 'ctrl+c', 'f10'],
    group: 'Program',
    help: 'Leave bptop',
    hint: [3, 'quit'],
    run: ({ shell }) => {
      shell.quit();
      return undefined;
    },
  },
];

function saveScreen(dashboard: Dashboard, shell: Shell, format: ScreenshotFormat, path: string | undefined): void {
  try {
    dashboard.tell(`saved ${shell.screenshot(format, path)}`);
  } catch (error) {
    dashboard.tell(error instanceof Error ? error.message : String(error), 'error');
  }
}
