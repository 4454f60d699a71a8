/**
 * A command: one thing the user can ask for. Key map, palette, hint bar, help screen, prompt and config check all derive
 * from the one list of these (`registry.ts`).
 */

import type { Dashboard } from '../state/dashboard.ts';

export interface CommandContext {
  readonly dashboard: Dashboard;
  /** What lies outside the dashboard's state: the program and its terminal. */
  readonly shell: Shell;
  /** What keys do, the user's choices included: help and hints say these. */
  readonly keyMap: ReadonlyMap<string, Command>;
}

export interface Shell {
  quit(): void;
  suspend(): void;
  repaint(): void;
  setTheme(name: string): boolean;
  readonly themeName: string;
  setMouse(isOn: boolean): void;
  readonly hasMouse: boolean;
  /** Puts text into the terminal's clipboard (OSC 52). */
  copy(text: string): void;
  /** Writes a picture of the screen; returns the path. */
  screenshot(format: 'text' | 'ansi' | 'svg', path?: string): string;
  startRecording(path: string): void;
  stopRecording(): void;
}

export type CommandGroup = 'Panels' | 'View' | 'Time' | 'Scripts' | 'Program';

export interface Command {
  /** As typed behind `:`. */
  readonly name: string;
  readonly keys: readonly string[];
  readonly group: CommandGroup;
  /** One line for help and palette. */
  readonly help: string;
  /** A word for the hint bar, and its rank: what does not fit any more are the highest. */
  readonly hint?: readonly [rank: number, word: string];
  readonly argument?: {
    readonly name: string;
    readonly isRequired?: boolean;
    readonly values?: (context: CommandContext) => readonly string[];
  };
  /** Whether it means anything right now; hints and the palette leave it out otherwise. */
  readonly isAvailable?: (context: CommandContext) => boolean;
  /** A returned text says why it could not be done. */
  run(context: CommandContext, argument: string): string | undefined;
}
