/** What can lie over the panels: a list to choose from, or text to read. One of each serves every purpose. */

import { fuzzySearch } from '../models/fuzzy.ts';
import { LineEditor } from '../models/line-editor.ts';

export interface Choice {
  readonly label: string;
  readonly detail: string;
  /** Shown at the right: a key, a group. */
  readonly note?: string;
  run(): void;
}

export type TextTone = 'text' | 'muted' | 'title' | 'key' | 'error' | 'warning' | 'good' | 'match';

/** A line is spans of text, each with a tone. */
export type TextLine = readonly { readonly text: string; readonly tone: TextTone }[];

export class ListOverlay {
  readonly kind = 'list';
  readonly title: string;
  readonly query = new LineEditor();
  readonly #choices: readonly Choice[];
  selected = 0;

  constructor(title: string, choices: readonly Choice[]) {
    this.title = title;
    this.#choices = choices;
  }

  get choices(): readonly Choice[] {
    return fuzzySearch(this.query.text, this.#choices, (choice) => [choice.label, choice.detail, choice.note ?? '']);
  }

  get count(): number {
    return this.#choices.length;
  }

  /** Handles a key; returns what was chosen. `undefined` keeps the list open, `'closed'` closes it. */
  key(name: string, text: string): Choice | 'closed' | undefined {
    const choices = this.choices;
    const moves: Readonly<Record<string, number>> = {
      up: -1,
      down: 1,
      'ctrl+p': -1,
      'ctrl+n': 1,
      'shift+tab': -1,
      tab: 1,
      pageup: -10,
      pagedown: 10,
    };
    const move = moves[name];
    if (name === 'escape' || name === 'ctrl+c') return 'closed';
    if (name === 'enter') return choices[this.selected] ?? 'closed';
    if (name === 'backspace' && this.query.text === '') return 'closed';
    if (move !== undefined) this.selected = Math.max(0, Math.min(choices.length - 1, this.selected + move));
    else if (text !== '') {
      this.query.insert(text);
      this.selected = 0;
    } else if (this.query.key(name)) this.selected = 0;
    return undefined;
  }
}

export class TextOverlay {
  readonly kind = 'text';
  readonly title: string;
  readonly lines: readonly TextLine[];
  top = 0;
  /** Set by whoever paints it: rows that are seen at once, and rows that the lines take. */
  page = 1;
  rows = 0;

  constructor(title: string, lines: readonly TextLine[]) {
    this.title = title;
    this.lines = lines;
  }

  /** False closes. */
  key(name: string): boolean {
    const moves: Readonly<Record<string, number>> = {
      up: -1,
      k: -1,
      down: 1,
      j: 1,
      pageup: -this.page,
      pagedown: this.page,
      space: this.page,
      home: -this.rows,
      g: -this.rows,
      end: this.rows,
      G: this.rows,
    };
    const move = moves[name];
    if (move === undefined) return false;
    this.top = Math.max(0, Math.min(this.rows - this.page, this.top + move));
    return true;
  }
}

export type Overlay = ListOverlay | TextOverlay;

/** plainLines makes an overlay's lines of plain text. */
export function plainLines(text: string, tone: TextTone = 'text'): readonly TextLine[] {
  return text.split('\n').map((line) => [{ text: line.replaceAll('\t', '    '), tone }]);
}
