/** A text field: text, cursor, and the editing keys people have in their fingers from readline. Several lines are fine. */

export class LineEditor {
  text: string;
  /** Offset in UTF-16 units, never inside a pair. */
  cursor: number;

  constructor(text = '') {
    this.text = text;
    this.cursor = text.length;
  }

  set(text: string, cursor = text.length): void {
    this.text = text;
    this.cursor = cursor;
  }

  insert(text: string): void {
    this.text = this.text.slice(0, this.cursor) + text + this.text.slice(this.cursor);
    this.cursor += text.length;
  }

  replace(start: number, end: number, text: string): void {
    this.text = this.text.slice(0, start) + text + this.text.slice(end);
    this.cursor = start + text.length;
  }

  /** Carries out an editing key; false if it is none. */
  key(name: string): boolean {
    const action = EDITING_KEYS[ALIASES[name] ?? name];
    if (action === undefined) return false;
    action(this);
    return true;
  }

  left(from = this.cursor): number {
    const step = /[\udc00-\udfff]/.test(this.text[from - 1] ?? '') ? 2 : 1;
    return Math.max(0, from - step);
  }

  right(from = this.cursor): number {
    const step = /[\ud800-\udbff]/.test(this.text[from] ?? '') ? 2 : 1;
    return Math.min(this.text.length, from + step);
  }

  wordLeft(): number {
    return this.text.slice(0, this.cursor).replace(/\w+\W*$|\W+$/, '').length;
  }

  wordRight(): number {
    const match = /^\W*\w+|^\W+/.exec(this.text.slice(this.cursor));
    return this.cursor + (match?.[0].length ?? 0);
  }

  lineStart(): number {
    return this.text.lastIndexOf('\n', this.cursor - 1) + 1;
  }

  lineEnd(): number {
    const end = this.text.indexOf('\n', this.cursor);
    return end < 0 ? this.text.length : end;
  }

  get isMultiLine(): boolean {
    return this.text.includes('\n');
  }

  /** Moves up or down a line; false at the edge. */
  vertical(step: -1 | 1): boolean {
    const lines = this.text.split('\n');
    const before = this.text.slice(0, this.cursor).split('\n');
    const row = before.length - 1;
    const column = before[row]?.length ?? 0;
    const target = lines[row + step];
    if (target === undefined) return false;
    const start = lines.slice(0, row + step).reduce((sum, line) => sum + line.length + 1, 0);
    this.cursor = start + Math.min(column, target.length);
    return true;
  }
}

type EditingAction = (editor: LineEditor) => void;

const EDITING_KEYS: Readonly<Record<string, EditingAction>> = {
  left: (editor) => {
    editor.cursor = editor.left();
  },
  right: (editor) => {
    editor.cursor = editor.right();
  },
  home: (editor) => {
    editor.cursor = editor.lineStart();
  },
  end: (editor) => {
    editor.cursor = editor.lineEnd();
  },
  backspace: (editor) => editor.replace(editor.left(), editor.cursor, ''),
  delete: (editor) => {
    const cursor = editor.cursor;
    editor.replace(cursor, editor.right(), '');
    editor.cursor = cursor;
  },
  'ctrl+w': (editor) => {
    const end = editor.cursor;
    editor.replace(editor.wordLeft(), end, '');
  },
  'ctrl+u': (editor) => editor.replace(editor.lineStart(), editor.cursor, ''),
  'ctrl+k': (editor) => {
    const cursor = editor.cursor;
    editor.replace(cursor, editor.lineEnd(), '');
    editor.cursor = cursor;
  },
  'ctrl+left': (editor) => {
    editor.cursor = editor.wordLeft();
  },
  'ctrl+right': (editor) => {
    editor.cursor = editor.wordRight();
  },
  'alt+enter': (editor) => editor.insert('\n'),
};

/** The same keys under the names that Emacs users and other terminals send. */
const ALIASES: Readonly<Record<string, string>> = {
  'ctrl+a': 'home',
  'ctrl+e': 'end',
  'ctrl+b': 'left',
  'ctrl+f': 'right',
  'ctrl+d': 'delete',
  'ctrl+h': 'backspace',
  'alt+b': 'ctrl+left',
  'alt+f': 'ctrl+right',
  'alt+left': 'ctrl+left',
  'alt+right': 'ctrl+right',
  'alt+backspace': 'ctrl+w',
};
