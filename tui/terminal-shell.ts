/**
 * Joins the dashboard to a terminal: modes, input, frames, resizing, signals, screenshots, and the way out. Whatever
 * happens, the terminal is as it was found before anything is said about it.
 */

import { closeSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { systemMessage } from '../src/text/error-texts.ts';
import type { CommandContext, Shell } from './commands/command.ts';
import { dispatch } from './commands/dispatch.ts';
import { createKeyMap } from './commands/registry.ts';
import { showFirstScreen } from './components/first-screen.ts';
import type { MountedApp } from './components/render-app.tsx';
import type { Ui } from './components/ui-context.ts';
import { afterReact, warmUp } from './components/warm-up.ts';
import type { Dashboard } from './state/dashboard.ts';
import type { Recorder } from './state/recorder.ts';
import { FilteredStdin } from './terminal/filtered-stdin.ts';
import { FrameSink } from './terminal/frame-sink.ts';
import { type InputEvent, InputTokenizer } from './terminal/keys.ts';
import { superviseTerminal } from './terminal/lifecycle.ts';
import { TerminalModes } from './terminal/modes.ts';
import { openTerminalOutput, type TerminalOutput } from './terminal/output.ts';
import { renderScreenshot, type ScreenshotFormat } from './terminal/screenshot.ts';
import { type ColorDepth, colorDepthOf } from './theme/color-depth.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from './theme/glyphs.ts';
import { StyleEncoder } from './theme/sgr.ts';
import { THEMES, type Theme, themeByName } from './theme/themes.ts';

export interface TerminalShellOptions {
  readonly theme?: string;
  readonly colorDepth?: ColorDepth;
  readonly isAscii?: boolean;
  readonly hasMouse?: boolean;
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  /** Makes the writer of a recording; absent in replay. */
  readonly createRecorder?: (path: string, dashboard: Dashboard) => Recorder;
}

type RenderApp = (ui: Ui, sink: FrameSink, stdin: FilteredStdin) => MountedApp;

/** As if by SIGHUP, which mostly comes with it. */
const TERMINAL_LOST = 129;
const RESIZE_MS = 40;
/** How long the first screen stays under Ink's. */
const FIRST_SCREEN_MS = 50;

export class TerminalShell implements Shell {
  readonly #dashboard: Dashboard;
  readonly #options: TerminalShellOptions;
  readonly #depth: ColorDepth;
  readonly #output: TerminalOutput;
  readonly #modes: TerminalModes;
  readonly #sink: FrameSink;
  readonly #stdin = new FilteredStdin();
  readonly #tokenizer: InputTokenizer;
  readonly #commands: CommandContext;
  readonly #supervision: { suspend(): void; dispose(): void };
  readonly #resolve: (exitCode: number) => void;
  readonly #ended: Promise<number>;
  #endFirstScreen: () => void = () => undefined;
  #commit: () => void = () => undefined;
  #theme: Theme;
  #encoder: StyleEncoder;
  #ui: Ui | undefined;
  #app: MountedApp | undefined;
  #recorder: Recorder | undefined;
  #resizeTimer: NodeJS.Timeout | undefined;
  #inputMs = Number.NEGATIVE_INFINITY;
  #isEnding = false;

  constructor(dashboard: Dashboard, options: TerminalShellOptions) {
    this.#dashboard = dashboard;
    this.#options = options;
    this.#depth = colorDepthOf(process.env, options.colorDepth);
    this.#theme = themeByName(options.theme ?? 'dark') ?? (THEMES[0] as Theme);
    this.#encoder = new StyleEncoder(this.#theme, this.#depth);
    this.#output = openTerminalOutput(1, () => this.#end(TERMINAL_LOST));
    this.#modes = new TerminalModes({
      output: this.#output,
      input: process.stdin,
      hasMouse: options.hasMouse ?? false,
    });
    const [columns, rows] = windowSize();
    this.#sink = new FrameSink({
      columns,
      rows,
      writer: this.#output,
      encoder: this.#encoder,
      isAscii: options.isAscii ?? false,
    });
    // Not `resize`, which would attach panels before there is a frame.
    dashboard.columns = columns;
    dashboard.rows = rows;
    this.#tokenizer = new InputTokenizer((event) => this.#input(event));
    this.#commands = { dashboard, shell: this, keyMap: createKeyMap(options.keys) };
    let resolveEnded: (exitCode: number) => void = () => undefined;
    this.#ended = new Promise((done) => {
      resolveEnded = done;
    });
    this.#resolve = resolveEnded;
    this.#supervision = superviseTerminal(this.#modes, {
      stop: (exitCode) => this.#end(exitCode),
      resumed: () => this.#resized(),
      crashed: (error) => {
        console.error(error);
        this.#end(70);
      },
    });
  }

  enter(): void {
    this.#modes.enter();
    process.stdin.on('data', this.#read);
    process.stdin.on('end', this.#lost);
    process.stdin.on('error', this.#lost);
    process.stdin.resume();
    process.on('SIGWINCH', this.#scheduleResize);
  }

  /** Shows the dashboard; until `mount`, without what only Ink draws. Returns once the first frame is out. */
  show(): void {
    this.#ui = this.#createUi();
    this.#endFirstScreen = showFirstScreen(this.#ui);
    this.#sink.flush();
  }

  /** Gives the screen to Ink. */
  mount(renderApp: RenderApp): void {
    if (this.#ui === undefined || this.#isEnding) return;
    this.#app = renderApp(this.#ui, this.#sink, this.#stdin);
    // Ink's surfaces are there once its effects have run.
    setTimeout(() => {
      this.#endFirstScreen();
      if (this.#ui !== undefined && !this.#isEnding) warmUp(this.#ui.commands, this.#sink, () => this.#commit());
    }, FIRST_SCREEN_MS);
  }

  #createUi(): Ui {
    let version = 0;
    const listeners = new Set<() => void>();
    let isScheduled = false;
    this.#commit = () => {
      if (!isScheduled) return;
      isScheduled = false;
      for (const listener of listeners) listener();
      this.#sink.schedule();
    };
    this.#dashboard.subscribe({
      changed: () => {
        version++;
        if (isScheduled) return;
        // Several changes of one turn are one commit.
        isScheduled = true;
        setImmediate(() => this.#commit());
      },
      refreshed: () => this.#sink.schedule(),
    });
    return {
      dashboard: this.#dashboard,
      sink: this.#sink,
      glyphs: this.#options.isAscii === true ? ASCII_GLYPHS : UNICODE_GLYPHS,
      commands: this.#commands,
      hasColors: () => this.#depth !== 'none' && this.#theme.name !== 'mono',
      version: () => version,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  }

  ended(): Promise<number> {
    return this.#ended;
  }

  quit(): void {
    this.#end(0);
  }

  suspend(): void {
    this.#supervision.suspend();
  }

  repaint(): void {
    this.#sink.repaint();
  }

  get themeName(): string {
    return this.#theme.name;
  }

  setTheme(name: string): boolean {
    const theme = themeByName(name);
    if (theme === undefined) return false;
    this.#theme = theme;
    this.#encoder = new StyleEncoder(theme, this.#depth);
    this.#sink.setEncoder(this.#encoder);
    this.#dashboard.changed();
    return true;
  }

  get hasMouse(): boolean {
    return this.#modes.hasMouse;
  }

  setMouse(isOn: boolean): void {
    this.#modes.setMouse(isOn);
  }

  copy(text: string): void {
    const encoded = Buffer.from(text.slice(0, 65536), 'utf8').toString('base64');
    this.#output.writeNow(`\x1b]52;c;${encoded}\x07`);
  }

  screenshot(format: ScreenshotFormat, path?: string): string {
    const extension = format === 'text' ? 'txt' : format === 'ansi' ? 'ans' : 'svg';
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
    const target = pathOf(path ?? `bptop-${stamp}.${extension}`);
    try {
      writeFileSync(target, renderScreenshot(this.#sink.compose(), this.#encoder, format));
    } catch (error) {
      throw new Error(`cannot write ${target}: ${systemMessage(error)}`);
    }
    return target;
  }

  startRecording(path: string): void {
    if (this.#options.createRecorder === undefined) {
      this.#dashboard.tell('a replay cannot be recorded', 'warning');
      return;
    }
    try {
      const recorder = this.#options.createRecorder(pathOf(path), this.#dashboard);
      this.stopRecording();
      this.#recorder = recorder;
      this.#dashboard.setRecording(path);
      this.#dashboard.tell(`recording to ${path}`);
    } catch (error) {
      this.#dashboard.tell(`cannot record to ${path}: ${systemMessage(error)}`, 'error');
    }
  }

  stopRecording(): void {
    const recorder = this.#recorder;
    if (recorder === undefined) return;
    this.#recorder = undefined;
    this.#dashboard.setRecording(undefined);
    recorder.close();
    this.#dashboard.tell(`recorded ${recorder.path}`);
  }

  /** How long no key has come. */
  get restingMs(): number {
    return performance.now() - this.#inputMs;
  }

  #input(event: InputEvent): void {
    this.#inputMs = performance.now();
    if (event.kind === 'mouse') this.#mouse(event);
    else {
      if (event.kind === 'key') this.#stdin.feed(event.sequence);
      dispatch(event, this.#commands);
    }
    this.#answer();
  }

  /** The answer to a key is on its way before anything else has its turn. */
  #answer(): void {
    this.#commit();
    afterReact(() => this.#sink.flushScheduled());
  }

  #mouse(event: Extract<InputEvent, { kind: 'mouse' }>): void {
    const { panel, overlay } = this.#dashboard;
    if (event.action === 'wheelUp' || event.action === 'wheelDown') {
      const way = event.action === 'wheelUp' ? 'up' : 'down';
      // What lies above the panels has the mouse as it has the keys.
      if (overlay === undefined) panel?.view.run(way);
      else overlay.key(way, '');
      this.#dashboard.changed();
    } else if (event.action === 'press' && overlay === undefined) {
      this.#sink.click(event.x, event.y);
      this.#dashboard.changed();
    }
  }

  readonly #read = (chunk: Buffer): void => this.#tokenizer.push(chunk);

  readonly #lost = (): void => this.#end(TERMINAL_LOST);

  readonly #scheduleResize = (): void => {
    // Dragging a window's edge sends dozens of signals; the last size counts.
    this.#resizeTimer ??= setTimeout(() => {
      this.#resizeTimer = undefined;
      this.#resized();
    }, RESIZE_MS);
  };

  #resized(): void {
    const [columns, rows] = windowSize();
    this.#sink.resize(columns, rows);
    this.#dashboard.resize(columns, rows);
    this.#answer();
  }

  #end(exitCode: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (exitCode === TERMINAL_LOST) process.once('exit', abandonTerminal);
    this.#modes.restore();
    this.stopRecording();
    this.#sink.close();
    this.#app?.unmount();
    this.#tokenizer.dispose();
    clearTimeout(this.#resizeTimer);
    process.stdin.off('data', this.#read);
    process.stdin.off('end', this.#lost);
    process.stdin.pause();
    process.off('SIGWINCH', this.#scheduleResize);
    void this.#dashboard.stop().finally(() => {
      this.#supervision.dispose();
      this.#output.close();
      this.#resolve(exitCode);
    });
  }
}

/** Node.js sets a terminal back on its way out, and aborts where there is none any more. */
function abandonTerminal(): void {
  for (const descriptor of [0, 1, 2])
    try {
      closeSync(descriptor);
    } catch {
      // Nothing was there.
    }
}

/** A path as people type it: from the folder that bptop was started in, or from their own. */
function pathOf(typed: string): string {
  return resolve(typed.replace(/^~(?=\/|$)/, homedir()));
}

function windowSize(): readonly [number, number] {
  const [columns = 0, rows = 0] = process.stdout.isTTY ? process.stdout.getWindowSize() : [];
  // Some serial lines report 0x0.
  return [columns || 80, rows || 24];
}
