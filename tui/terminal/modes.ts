/**
 * The terminal's modes while the dashboard has it, and the one way back. `restore` may be called any number of times,
 * from anywhere: normal exit, signals, uncaught errors; it runs before any message is printed.
 */

import type { TerminalOutput } from './output.ts';

export interface TerminalModesOptions {
  readonly output: TerminalOutput;
  readonly input: {
    readonly isTTY?: boolean;
    setRawMode?(isRaw: boolean): unknown;
  };
  readonly hasMouse: boolean;
}

// Alternate screen, no automatic wrap, bracketed paste.
const ENTER = '\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[?25l';
const LEAVE = '\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';
const MOUSE_ON = '\x1b[?1000h\x1b[?1006h';
const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l';

/** TerminalModes enters and leaves full-screen mode. */
export class TerminalModes {
  readonly #options: TerminalModesOptions;
  #isEntered = false;
  #hasMouse: boolean;

  constructor(options: TerminalModesOptions) {
    this.#options = options;
    this.#hasMouse = options.hasMouse;
  }

  enter(): void {
    if (this.#isEntered) return;
    this.#isEntered = true;
    this.#setRawMode(true);
    this.#options.output.writeNow(ENTER + (this.#hasMouse ? MOUSE_ON : ''));
  }

  restore(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.#options.output.writeNow((this.#hasMouse ? MOUSE_OFF : '') + LEAVE);
    this.#setRawMode(false);
  }

  setMouse(isOn: boolean): void {
    if (isOn === this.#hasMouse) return;
    this.#hasMouse = isOn;
    if (this.#isEntered) this.#options.output.writeNow(isOn ? MOUSE_ON : MOUSE_OFF);
  }

  get hasMouse(): boolean {
    return this.#hasMouse;
  }

  #setRawMode(isRaw: boolean): void {
    try {
      this.#options.input.setRawMode?.(isRaw);
    } catch {
      // The terminal is gone; there is nothing left to restore.
    }
  }
}
