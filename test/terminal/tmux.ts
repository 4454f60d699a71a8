/** A terminal of its own for one test: a tmux server on a private socket, ended by the test that started it. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const POLL_MS = 100;
const PATIENCE_MS = 40_000;

export class Tmux {
  readonly folder = mkdtempSync(join(tmpdir(), 'bptop-tmux-'));
  readonly #socket = join(this.folder, 'socket');

  constructor(columns: number, rows: number, environment: Readonly<Record<string, string>> = {}) {
    const settings = Object.entries({
      PS1: 'shell> ',
      COLORTERM: 'truecolor',
      XDG_STATE_HOME: this.folder,
      ...environment,
    });
    this.#run(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-s',
      'test',
      '-x',
      String(columns),
      '-y',
      String(rows),
      `env ${settings.map(([name, value]) => `${name}='${value}'`).join(' ')} bash --norc --noprofile`,
    );
    this.#run('set-option', '-g', 'remain-on-exit', 'on');
  }

  /** Types text as it is. */
  type(text: string): void {
    this.#run('send-keys', '-t', 'test', '-l', text);
  }

  /** Presses keys by tmux's names: `Enter`, `Escape`, `Left`, `C-z`. */
  press(...keys: readonly string[]): void {
    this.#run('send-keys', '-t', 'test', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#run('resize-window', '-t', 'test', '-x', String(columns), '-y', String(rows));
  }

  screen(): string {
    return this.#run('capture-pane', '-p', '-t', 'test');
  }

  /** Takes the terminal away from what runs in it, and gives the test another. */
  hangUp(): void {
    this.#run('respawn-pane', '-k', '-t', 'test');
  }

  /** The title that a program gave the terminal. */
  title(): string {
    return this.#run('display-message', '-p', '-t', 'test', '#{pane_title}').trim();
  }

  /** What programs have put into the clipboard. */
  clipboard(): string {
    return this.#run('list-buffers', '-F', '#{buffer_sample}').trim();
  }

  /** Waits until the screen shows what is wanted; fails with the screen. */
  async waitFor(wanted: RegExp): Promise<string> {
    const end = Date.now() + PATIENCE_MS;
    let screen = '';
    while (Date.now() < end) {
      screen = this.screen();
      if (wanted.test(screen)) return screen;
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
    throw new Error(`${wanted} did not appear:\n${screen}`);
  }

  close(): void {
    this.#run('kill-server');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' });
  }
}
