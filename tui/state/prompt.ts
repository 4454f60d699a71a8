/**
 * The prompt line: what is typed, what could complete it, what is wrong with it. It never waits for the data clock and
 * the data clock never touches it.
 */

import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { LineEditor } from '../models/line-editor.ts';
import type { Completion } from '../sources/services.ts';
import type { PromptHistory } from './history-file.ts';

export interface PromptActions {
  complete(text: string, cursor: number): readonly Completion[];
  /** Findings about a script; commands have none. */
  check(text: string): readonly Diagnostic[];
  /** Carries out what was typed; a message keeps the prompt open and says why. */
  submit(text: string): string | undefined;
  changed(): void;
}

const CHECK_DELAY_MS = 60;
export const MAX_COMPLETIONS = 8;

export class Prompt {
  readonly editor: LineEditor;
  completions: readonly Completion[] = [];
  /** The completion that Tab takes; -1: none chosen. */
  selected = -1;
  diagnostics: readonly Diagnostic[] = [];
  message = '';
  readonly #actions: PromptActions;
  readonly #history: PromptHistory;
  #historyAt: number;
  #draft = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(actions: PromptActions, history: PromptHistory, text = '') {
    this.#actions = actions;
    this.#history = history;
    this.#historyAt = history.entries.length;
    this.editor = new LineEditor(text);
    this.#edited();
  }

  type(text: string): void {
    this.editor.insert(text);
    this.#edited();
  }

  /** Handles a key; false closes the prompt. */
  key(name: string): boolean {
    switch (name) {
      case 'escape':
        if (this.selected < 0) return false;
        this.selected = -1;
        return true;
      case 'ctrl+c':
      case 'ctrl+g':
        return false;
      case 'enter':
        return !this.#submit();
      case 'tab':
        this.#accept();
        return true;
      case 'shift+tab':
        this.#choose(-1);
        return true;
      case 'up':
        if (this.selected >= 0) this.#choose(-1);
        else if (!this.editor.vertical(-1)) this.#recall(-1);
        return true;
      case 'down':
        if (this.editor.vertical(1)) return true;
        if (this.#historyAt < this.#history.entries.length) this.#recall(1);
        else this.#choose(1);
        return true;
      case 'ctrl+p':
        this.#recall(-1);
        return true;
      case 'ctrl+n':
        this.#recall(1);
        return true;
      case 'backspace':
        if (this.editor.text === '') return false;
    }
    const before = this.editor.text;
    if (this.editor.key(name) && this.editor.text !== before) this.#edited();
    else this.#complete();
    return true;
  }

  /** There may be more to offer than when the text was typed. */
  completeAgain(): void {
    this.#complete();
  }

  dispose(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  #submit(): boolean {
    const chosen = this.completions[this.selected];
    if (chosen !== undefined) {
      this.#accept();
      return false;
    }
    const text = this.editor.text.trim();
    if (text === '') return true;
    const message = this.#actions.submit(text);
    if (message === undefined) {
      this.#history.add(text);
      return true;
    }
    this.message = message;
    return false;
  }

  #accept(): void {
    const completion = this.completions[Math.max(0, this.selected)];
    if (completion === undefined) return;
    this.editor.replace(completion.start, this.editor.cursor, completion.text);
    this.#edited();
  }

  #choose(step: number): void {
    const count = Math.min(this.completions.length, MAX_COMPLETIONS);
    if (count === 0) return;
    this.selected = (this.selected + step + count + (this.selected < 0 && step < 0 ? 1 : 0)) % count;
  }

  #recall(step: number): void {
    const entries = this.#history.entries;
    const next = this.#historyAt + step;
    if (next < 0 || next > entries.length) return;
    if (this.#historyAt === entries.length) this.#draft = this.editor.text;
    this.#historyAt = next;
    this.editor.set(entries[next] ?? this.#draft);
    this.#edited();
    // A recalled line is meant to be run or edited, not completed.
    this.completions = [];
  }

  #edited(): void {
    this.message = '';
    this.#complete();
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.diagnostics = this.#actions.check(this.editor.text);
      this.#actions.changed();
    }, CHECK_DELAY_MS);
  }

  #complete(): void {
    this.selected = -1;
    this.completions = this.#actions.complete(this.editor.text, this.editor.cursor);
  }
}
