/**
 * The whole dashboard on a terminal emulator: real components, real keys, a clock that the test moves. What a test reads
 * is what a person would see.
 */

import xterm from '@xterm/headless';
import type { CommandContext, Shell } from '../../../tui/commands/command.ts';
import { dispatch } from '../../../tui/commands/dispatch.ts';
import { createKeyMap } from '../../../tui/commands/registry.ts';
import { showFirstScreen } from '../../../tui/components/first-screen.ts';
import { renderApp } from '../../../tui/components/render-app.tsx';
import type { Ui } from '../../../tui/components/ui-context.ts';
import { Dashboard, type DashboardOptions } from '../../../tui/state/dashboard.ts';
import { FilteredStdin } from '../../../tui/terminal/filtered-stdin.ts';
import { FrameSink } from '../../../tui/terminal/frame-sink.ts';
import { InputTokenizer } from '../../../tui/terminal/keys.ts';
import type { ColorDepth } from '../../../tui/theme/color-depth.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../../tui/theme/glyphs.ts';
import { StyleEncoder } from '../../../tui/theme/sgr.ts';
import { THEMES, type Theme, themeByName } from '../../../tui/theme/themes.ts';
import { FakeClock, type FakeOptions, fakeServices } from './fake-services.ts';

export interface HarnessOptions
  extends Partial<Omit<FakeOptions, 'clock'>>,
    Partial<Pick<DashboardOptions, 'tools' | 'configFolder' | 'services' | 'budget'>> {
  readonly columns?: number;
  readonly rows?: number;
  readonly isAscii?: boolean;
  readonly depth?: ColorDepth;
  readonly panels?: readonly { readonly name: string; readonly text: string }[];
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  /** Without Ink: what is shown while it loads. */
  readonly isFirstScreen?: boolean;
}

export class Harness {
  readonly clock = new FakeClock();
  readonly dashboard: Dashboard;
  readonly copied: string[] = [];
  readonly sink: FrameSink;
  readonly commands: CommandContext;
  /** What Ink has drawn by itself, as far as there is anything to see. */
  readonly framesOfInk: string[] = [];
  hasQuit = false;
  /** Every byte written to the terminal. */
  output = '';
  readonly #terminal: xterm.Terminal;
  readonly #tokenizer: InputTokenizer;
  readonly #unmount: () => void;
  #version = 0;

  constructor(options: HarnessOptions = {}) {
    const { columns = 80, rows = 24 } = options;
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#terminal.write('\x1b[?1049h');
    const encoder = new StyleEncoder(THEMES[0] as Theme, options.depth ?? 'truecolor');
    this.sink = new FrameSink({
      columns,
      rows,
      encoder,
      isAscii: options.isAscii ?? false,
      writer: {
        write: (data) => {
          this.output += data;
          this.#terminal.write(data);
          return true;
        },
        onDrain: () => undefined,
      },
    });
    const write = this.sink.write.bind(this.sink);
    this.sink.write = (frame, ...rest) => {
      if (/[^\s\x1b]/.test(frame.replace(/\x1b\[[?0-9;]*[a-zA-Z]/g, ''))) this.framesOfInk.push(frame);
      return write(frame, ...rest);
    };
    this.dashboard = new Dashboard({
      services: options.services ?? fakeServices({ ...options, clock: this.clock }),
      tools: options.tools ?? [],
      intervalMs: 1000,
      budget: options.budget ?? 0.05,
      historyBytes: 8 << 20,
      stateFolder: undefined,
      configFolder: options.configFolder,
      now: () => this.clock.timeMs,
    });
    this.dashboard.columns = columns;
    this.dashboard.rows = rows;
    this.dashboard.own.measure = () => undefined;
    this.dashboard.own.rssBytes = 100 << 20;
    this.dashboard.panels = (options.panels ?? []).map(({ name, text }) => this.dashboard.createPanel(name, text));
    const shell: Shell = {
      quit: () => {
        this.hasQuit = true;
      },
      suspend: () => undefined,
      repaint: () => this.sink.repaint(),
      setTheme: (name) => {
        const theme = themeByName(name);
        if (theme !== undefined) this.sink.setEncoder(new StyleEncoder(theme, 'truecolor'));
        return theme !== undefined;
      },
      themeName: 'dark',
      setMouse: () => undefined,
      hasMouse: false,
      copy: (text) => void this.copied.push(text),
      screenshot: () => 'file',
      startRecording: () => undefined,
      stopRecording: () => undefined,
    };
    const commands = { dashboard: this.dashboard, shell, keyMap: createKeyMap(options.keys) };
    this.commands = commands;
    const listeners = new Set<() => void>();
    this.dashboard.subscribe({
      changed: () => {
        this.#version++;
        for (const listener of listeners) listener();
        this.sink.schedule();
      },
      refreshed: () => this.sink.schedule(),
    });
    const ui: Ui = {
      dashboard: this.dashboard,
      sink: this.sink,
      glyphs: options.isAscii === true ? ASCII_GLYPHS : UNICODE_GLYPHS,
      commands,
      hasColors: () => options.depth !== 'none',
      version: () => this.#version,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    this.#tokenizer = new InputTokenizer((event) => dispatch(event, commands));
    this.#unmount =
      options.isFirstScreen === true ? showFirstScreen(ui) : renderApp(ui, this.sink, new FilteredStdin()).unmount;
    this.dashboard.attachVisible();
  }

  /** Lets a number of seconds pass, one refresh each. */
  async seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second++) {
      await settle();
      this.clock.timeMs += 1000;
      this.dashboard.refresher.refresh();
    }
    await settle();
  }

  /** Types keys as a terminal sends them. */
  async type(...inputs: readonly string[]): Promise<void> {
    for (const input of inputs) {
      this.#tokenizer.push(input);
      // A lone ESC counts as the key once nothing follows.
      if (input.endsWith('\x1b')) await new Promise((done) => setTimeout(done, 45));
      await settle();
    }
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.#terminal.resize(columns, rows);
    this.sink.resize(columns, rows);
    this.dashboard.resize(columns, rows);
    await settle();
  }

  /** The screen as the emulator shows it. */
  async screen(): Promise<string> {
    await settle();
    this.sink.flush();
    await new Promise<void>((done) => this.#terminal.write('', done));
    const { active } = this.#terminal.buffer;
    const lines: string[] = [];
    for (let y = 0; y < this.#terminal.rows; y++)
      lines.push(active.getLine(y)?.translateToString(true).trimEnd() ?? '');
    return lines.join('\n');
  }

  async lines(): Promise<readonly string[]> {
    return (await this.screen()).split('\n');
  }

  async close(): Promise<void> {
    this.#unmount();
    this.sink.close();
    this.#tokenizer.dispose();
    await this.dashboard.stop();
    this.#terminal.dispose();
  }
}

export const KEYS = {
  enter: '\r',
  escape: '\x1b',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  tab: '\t',
  backspace: '\x7f',
} as const;

/** Promises, React's commit and the sink's flush have all had their turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((done) => setImmediate(done));
}
