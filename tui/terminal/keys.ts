/**
 * Input tokenizer: bytes of a terminal to keys, pastes and mouse events. One state machine for everything, so that a
 * sequence split across reads is never taken for typed text, and a paste is one event however long it is.
 */

import { StringDecoder } from 'node:string_decoder';

export type InputEvent =
  | {
      readonly kind: 'key';
      /** Such as `a`, `enter`, `shift+tab`, `ctrl+c`, `alt+x`, `f1`, `pagedown`, `:`. */
      readonly name: string;
      /** What the key types; empty for keys that do not. */
      readonly text: string;
      readonly sequence: string;
    }
  | { readonly kind: 'paste'; readonly text: string }
  | {
      readonly kind: 'mouse';
      readonly action: 'press' | 'release' | 'wheelUp' | 'wheelDown' | 'move';
      readonly x: number;
      readonly y: number;
    };

const FINAL_KEYS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'clear',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'shift+tab',
};

const TILDE_KEYS: Readonly<Record<string, string>> = {
  '1': 'home',
  '2': 'insert',
  '3': 'delete',
  '4': 'end',
  '5': 'pageup',
  '6': 'pagedown',
  '7': 'home',
  '8': 'end',
  '11': 'f1',
  '12': 'f2',
  '13': 'f3',
  '14': 'f4',
  '15': 'f5',
  '17': 'f6',
  '18': 'f7',
  '19': 'f8',
  '20': 'f9',
  '21': 'f10',
  '23': 'f11',
  '24': 'f12',
};

const CONTROL_KEYS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\0': 'ctrl+space',
  '\x1b': 'escape',
  '\x1c': 'ctrl+\\',
  '\x1d': 'ctrl+]',
  '\x1f': 'ctrl+_',
};

const PASTE_BEGIN = '\x1b[200~';
const PASTE_END = '\x1b[201~';
/** A paste longer than this is cut: a script is smaller, and memory must be bounded. */
const MAX_PASTE = 1 << 20;
/** A lone ESC is the Escape key when nothing follows within this time. */
const ESCAPE_MS = 30;

/** InputTokenizer turns chunks into events. */
export class InputTokenizer {
  readonly #emit: (event: InputEvent) => void;
  readonly #decoder = new StringDecoder('utf8');
  #pending = '';
  #paste: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(emit: (event: InputEvent) => void) {
    this.#emit = emit;
  }

  push(chunk: Uint8Array | string): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending += typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    this.#drain(false);
    if (this.#pending !== '' && this.#paste === undefined) this.#timer = setTimeout(() => this.#drain(true), ESCAPE_MS);
  }

  dispose(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  #drain(isFinal: boolean): void {
    while (this.#pending !== '') {
      if (this.#paste !== undefined) {
        if (!this.#drainPaste()) return;
        continue;
      }
      if (this.#pending.startsWith(PASTE_BEGIN)) {
        this.#pending = this.#pending.slice(PASTE_BEGIN.length);
        this.#paste = '';
        continue;
      }
      const length = tokenLength(this.#pending, isFinal);
      if (length === 0) return;
      const token = this.#pending.slice(0, length);
      this.#pending = this.#pending.slice(length);
      const event = decodeToken(token);
      if (event !== undefined) this.#emit(event);
    }
  }

  /** Consumes pasted text; false when its end has not come yet. */
  #drainPaste(): boolean {
    const end = this.#pending.indexOf(PASTE_END);
    // The end marker may be split: keep what could be its beginning.
    const safe = end >= 0 ? end : Math.max(0, this.#pending.length - (PASTE_END.length - 1));
    const text = (this.#paste ?? '') + this.#pending.slice(0, safe);
    this.#paste = text.slice(0, MAX_PASTE);
    if (end < 0) {
      this.#pending = this.#pending.slice(safe);
      return false;
    }
    this.#pending = this.#pending.slice(end + PASTE_END.length);
    const pasted = this.#paste.replace(/\r\n?/g, '\n');
    this.#paste = undefined;
    this.#emit({ kind: 'paste', text: pasted });
    return true;
  }
}

/** Length of the first token; 0 if more input is needed to tell. */
function tokenLength(input: string, isFinal: boolean): number {
  if (input[0] !== '\x1b') return String.fromCodePoint(input.codePointAt(0) ?? 0).length;
  if (input.length === 1) return isFinal ? 1 : 0;
  const second = input[1];
  if (second === '[') {
    // X10 mouse reports carry three raw bytes; we never ask for them, but must not type them.
    if (input[2] === 'M') return input.length >= 6 ? 6 : isFinal ? 3 : 0;
    const match = /^\x1b\[\[?[\x30-\x3f]*[\x20-\x2f]*([\x40-\x7e])?/.exec(input);
    if (match?.[1] !== undefined) return match[0].length;
    return isFinal ? input.length : 0;
  }
  if (second === 'O') return input.length >= 3 ? 3 : isFinal ? 2 : 0;
  if (second === ']' || second === 'P' || second === '_') {
    // A reply of the terminal (OSC, DCS, APC), up to BEL or ST.
    const end = /\x07|\x1b\\/.exec(input);
    if (end !== null) return end.index + end[0].length;
    return isFinal ? input.length : 0;
  }
  if (second === '\x1b') return 1;
  return 1 + String.fromCodePoint(input.codePointAt(1) ?? 0).length;
}

function decodeToken(token: string): InputEvent | undefined {
  if (token.length > 1 && token[0] === '\x1b') return decodeSequence(token);
  return { kind: 'key', ...plainKey(token), sequence: token };
}

function plainKey(character: string): { name: string; text: string } {
  const control = CONTROL_KEYS[character];
  if (control !== undefined) return { name: control, text: '' };
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return { name: `ctrl+${String.fromCharCode(code + 0x60)}`, text: '' };
  return { name: character === ' ' ? 'space' : character, text: character };
}

function decodeSequence(token: string): InputEvent | undefined {
  const mouse = /^\x1b\[<(\d+);(\d+);(\d+)([Mm])$/.exec(token);
  if (mouse !== null) return decodeMouse(mouse);
  const csi = /^\x1b(?:\[|O)([\d;]*)([A-Za-z~])$/.exec(token);
  if (csi !== null) {
    const [first = '', modifier = ''] = (csi[1] ?? '').split(';');
    const final = csi[2] ?? '';
    const name = final === '~' ? TILDE_KEYS[first] : FINAL_KEYS[final];
    if (name === undefined) return undefined;
    return {
      kind: 'key',
      name: modifierPrefix(Number(modifier || '1')) + name,
      text: '',
      sequence: token,
    };
  }
  const console = /^\x1b\[\[([A-E])$/.exec(token);
  if (console !== null)
    return { kind: 'key', name: `f${'ABCDE'.indexOf(console[1] ?? '') + 1}`, text: '', sequence: token };
  if (/^\x1b[[\]PO_]/.test(token) && token.length > 2) return undefined;
  const { name } = plainKey(token.slice(1));
  return { kind: 'key', name: `alt+${name}`, text: '', sequence: token };
}

/** xterm's modifier parameter: 1 + shift 1 + alt 2 + ctrl 4. */
function modifierPrefix(parameter: number): string {
  const bits = parameter - 1;
  return ((bits & 4) !== 0 ? 'ctrl+' : '') + ((bits & 2) !== 0 ? 'alt+' : '') + ((bits & 1) !== 0 ? 'shift+' : '');
}

function decodeMouse(match: RegExpExecArray): InputEvent {
  const button = Number(match[1]);
  const action =
    (button & 64) !== 0
      ? (button & 1) === 0
        ? 'wheelUp'
        : 'wheelDown'
      : (button & 32) !== 0
        ? 'move'
        : match[4] === 'm'
          ? 'release'
          : 'press';
  return {
    kind: 'mouse',
    action,
    x: Number(match[2]) - 1,
    y: Number(match[3]) - 1,
  };
}
