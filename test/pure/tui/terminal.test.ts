import xterm from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { CellBuffer } from '../../../tui/cells/cell-buffer.ts';
import { Painter } from '../../../tui/cells/painter.ts';
import { style } from '../../../tui/cells/style.ts';
import { encodeDiff } from '../../../tui/terminal/diff.ts';
import { parseFrame, styled } from '../../../tui/terminal/frame-parser.ts';
import { FrameSink } from '../../../tui/terminal/frame-sink.ts';
import { type InputEvent, InputTokenizer } from '../../../tui/terminal/keys.ts';
import { TerminalModes } from '../../../tui/terminal/modes.ts';
import type { TerminalOutput } from '../../../tui/terminal/output.ts';
import { colorDepthOf, isUnicodeLocale } from '../../../tui/theme/color-depth.ts';
import { nearest16, nearest256, StyleEncoder } from '../../../tui/theme/sgr.ts';
import { THEMES, type Theme, themeByName } from '../../../tui/theme/themes.ts';
import fc from '../../support/property.ts';

const DARK = THEMES[0] as Theme;
const encoder = new StyleEncoder(DARK, 'truecolor');

async function screenAfter(updates: readonly string[], columns: number, rows: number): Promise<string> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  for (const update of updates) await new Promise<void>((done) => terminal.write(update, done));
  const lines: string[] = [];
  for (let y = 0; y < rows; y++) lines.push(terminal.buffer.active.getLine(y)?.translateToString(true).trimEnd() ?? '');
  terminal.dispose();
  return lines.join('\n');
}

describe('diff', () => {
  test('an unchanged screen needs no bytes', () => {
    const screen = new CellBuffer(10, 2);
    expect(encodeDiff(screen, new CellBuffer(10, 2), encoder)).toBe('');
  });

  test('one changed cell is one short write', () => {
    const screen = new CellBuffer(200, 50);
    const next = new CellBuffer(200, 50);
    new Painter(next).text(100, 20, 'x', 0);
    expect(encodeDiff(screen, next, encoder)).toBe('\x1b[21;101H\x1b[0mx\x1b[0m');
    expect(encodeDiff(screen, next, encoder)).toBe('');
  });

  test('any sequence of paintings ends up on the terminal as painted', async () => {
    const text = fc.array(fc.constantFrom('a', 'Z', ' ', '漢', '😀', '█', '\x1b', 'é'), { maxLength: 12 });
    const paintings = fc.array(
      fc.tuple(
        fc.nat(19),
        fc.nat(4),
        text.map((parts) => parts.join('')),
      ),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(paintings, async (steps) => {
        const screen = new CellBuffer(20, 5);
        const next = new CellBuffer(20, 5);
        const updates: string[] = [];
        for (const [x, y, words] of steps) {
          new Painter(next).text(x, y, words, style('error'));
          updates.push(encodeDiff(screen, next, encoder));
        }
        // The emulator takes emoji for one cell wide: the rest of the row must be right all the same.
        expect((await screenAfter(updates, 20, 5)).replaceAll('😀 ', '😀')).toBe(next.toText());
      }),
      { numRuns: 60 },
    );
  });
});

describe('frame parser', () => {
  test('styles come back as they went in', () => {
    const cells = new CellBuffer(10, 1);
    parseFrame(`a${styled('b', style('error'))}c`, cells);
    expect(cells.toText()).toBe('abc');
    expect([...cells.styles.slice(0, 3)]).toEqual([0, style('error'), 0]);
  });

  test('other sequences are dropped, not typed and not obeyed', () => {
    const cells = new CellBuffer(12, 1);
    parseFrame('a\x1b[2Jb\x1b]0;t\x07c\x1b[1md', cells);
    expect(cells.toText()).not.toContain('\x1b');
    expect([...cells.styles].every((packed) => packed === 0)).toBe(true);
  });
});

describe('sink', () => {
  function sink(columns = 10, rows = 3) {
    const writes: string[] = [];
    let drain = () => {};
    const state = { accepts: true };
    const made = new FrameSink({
      columns,
      rows,
      encoder,
      writer: {
        write(data) {
          writes.push(data);
          return state.accepts;
        },
        onDrain(listener) {
          drain = listener;
        },
      },
    });
    return { sink: made, writes, state, drain: () => drain() };
  }

  test('surfaces cover the frame, those above cover them', async () => {
    const { sink: target, writes } = sink();
    target.write('frame12345\nframe12345\nframe12345');
    target.addSurface({
      layer: 0,
      rect: () => ({ x: 0, y: 0, width: 10, height: 2 }),
      paint: (p) => p.fill(0, 0, 10, 2, 0, '#'),
    });
    target.addSurface({
      layer: 1,
      rect: () => ({ x: 2, y: 1, width: 3, height: 1 }),
      paint: (p) => p.text(0, 0, 'top', 0),
    });
    target.flush();
    expect(await screenAfter(writes, 10, 3)).toBe('##########\n##top#####\nframe12345');
  });

  test('a surface is painted again when what it depends on has changed, or its place', () => {
    const { sink: target } = sink();
    let painted = 0;
    let subject = 'one';
    let x = 0;
    target.addSurface({
      layer: 0,
      rect: () => ({ x, y: 0, width: 5, height: 1 }),
      paint: (p) => {
        painted++;
        p.text(0, 0, subject.slice(0, 3), 0);
      },
      subject: () => [subject],
    });
    const once = (change: () => void) => {
      change();
      target.flush();
      return `${painted} ${target.compose().toText().trimEnd()}`;
    };
    expect(once(() => undefined)).toBe('1 one');
    expect(once(() => target.write('below'))).toBe('1 one');
    expect(once(() => (subject = 'two'))).toBe('2 two');
    expect(once(() => (subject = 'tw'))).toBe('3 tw');
    expect(once(() => (x = 1))).toBe('4 btw');
    expect(once(() => target.resize(8, 2))).toBe('5  tw');
  });

  test('each flush is one synchronized update', () => {
    const { sink: target, writes } = sink();
    target.write('x');
    target.flush();
    expect(writes).toHaveLength(1);
    expect(writes[0]).toMatch(/^\x1b\[\?2026h.*\x1b\[\?2026l$/s);
  });

  test('a terminal that does not keep up gets the newest screen when it does, nothing in between', async () => {
    const { sink: target, writes, state, drain } = sink();
    state.accepts = false;
    target.write('one');
    target.flush();
    for (const text of ['two', 'three', 'four']) {
      target.write(text);
      target.flush();
    }
    expect(writes).toHaveLength(1);
    state.accepts = true;
    drain();
    expect(writes).toHaveLength(2);
    expect(await screenAfter(writes, 10, 3)).toBe('four\n\n');
  });

  test('after a resize everything is drawn anew', async () => {
    const { sink: target, writes } = sink();
    target.write('abc');
    target.flush();
    target.resize(5, 2);
    target.write('xy');
    target.flush();
    expect(await screenAfter([writes.at(-1) ?? ''], 5, 2)).toBe('xy\n');
  });
});

describe('input', () => {
  function events(...chunks: readonly (string | Uint8Array)[]): readonly InputEvent[] {
    const seen: InputEvent[] = [];
    const tokenizer = new InputTokenizer((event) => seen.push(event));
    for (const chunk of chunks) tokenizer.push(chunk);
    tokenizer.dispose();
    return seen;
  }
  const names = (...chunks: readonly (string | Uint8Array)[]) =>
    events(...chunks).map((event) => (event.kind === 'key' ? event.name : event.kind));

  test.each([
    ['letters', ['ab'], ['a', 'b']],
    ['arrows in both modes', ['\x1b[A\x1bOB'], ['up', 'down']],
    ['a sequence split across reads', ['\x1b', '[', 'A'], ['up']],
    ['modifiers', ['\x1b[1;5C\x1b[Z'], ['ctrl+right', 'shift+tab']],
    ['function keys of several terminals', ['\x1bOP\x1b[11~\x1b[24~\x1b[[B'], ['f1', 'f1', 'f12', 'f2']],
    ['alt', ['\x1bx'], ['alt+x']],
    ['escape followed by a sequence', ['\x1b\x1b[A'], ['escape', 'up']],
    ['backspace and enter', ['\x7f\r'], ['backspace', 'enter']],
    ['control keys', ['\x03\x0c'], ['ctrl+c', 'ctrl+l']],
    ['unknown sequences are swallowed', ['\x1b[99;1Xa'], ['a']],
    ['replies of the terminal are swallowed', ['\x1b]11;rgb:0/0/0\x07a\x1bP>|xterm\x1b\\b'], ['a', 'b']],
    ['focus reports are swallowed', ['\x1b[Ia\x1b[O'], ['a']],
    ['UTF-8 split across reads', [Uint8Array.of(0xc3), Uint8Array.of(0xa9)], ['é']],
    ['mouse wheel', ['\x1b[<64;10;20M'], ['mouse']],
  ])('%s', (_name, chunks, expected) => {
    expect(names(...(chunks as string[]))).toEqual(expected);
  });

  test('a paste is one event, newlines and escapes included, even split at its end marker', () => {
    expect(events('\x1b[200~line 1\r\nline\x1b[A 2\n\x1b[20', '1~x')).toEqual([
      { kind: 'paste', text: 'line 1\nline\x1b[A 2\n' },
      { kind: 'key', name: 'x', text: 'x', sequence: 'x' },
    ]);
  });

  test('mouse places count from zero', () => {
    expect(events('\x1b[<0;3;4M')).toEqual([{ kind: 'mouse', action: 'press', x: 2, y: 3 }]);
  });

  test('a lone escape is the Escape key, a moment later', async () => {
    const seen: string[] = [];
    const tokenizer = new InputTokenizer((event) => seen.push(event.kind === 'key' ? event.name : event.kind));
    tokenizer.push('\x1b');
    expect(seen).toEqual([]);
    await new Promise((done) => setTimeout(done, 60));
    expect(seen).toEqual(['escape']);
    tokenizer.dispose();
  });
});

describe('modes', () => {
  test('restore undoes enter, once', () => {
    const written: string[] = [];
    const raw: boolean[] = [];
    const output: TerminalOutput = {
      write: () => true,
      onDrain: () => undefined,
      writeNow: (data) => void written.push(data),
      close: () => undefined,
    };
    const modes = new TerminalModes({ output, input: { setRawMode: (is) => raw.push(is) }, hasMouse: true });
    modes.enter();
    modes.restore();
    modes.restore();
    expect(raw).toEqual([true, false]);
    expect(written).toHaveLength(2);
    const entered = [...(written[0] ?? '').matchAll(/\x1b\[\?(\d+)h/g)].map((match) => match[1]);
    const left = written[1] ?? '';
    for (const mode of entered) expect(left).toContain(`\x1b[?${mode}l`);
    expect(left).toContain('\x1b[?25h');
    expect(left).toContain('\x1b[?7h');
  });
});

describe('colours', () => {
  test.each([
    [{ NO_COLOR: '1', COLORTERM: 'truecolor' }, 'none'],
    [{ NO_COLOR: '', COLORTERM: 'truecolor' }, 'truecolor'],
    [{ TERM: 'dumb' }, 'none'],
    [{ TERM: 'xterm-256color' }, '256'],
    [{ TERM: 'xterm-direct' }, 'truecolor'],
    [{ TERM: 'screen' }, '16'],
    [{}, '16'],
  ] as const)('%j has %s', (environment, depth) => {
    expect(colorDepthOf(environment)).toBe(depth);
  });

  test.each([
    ['truecolor', '\x1b[0;1;38;2;255;107;107m'],
    ['256', '\x1b[0;1;38;5;203m'],
    ['16', '\x1b[0;1;91m'],
    ['none', '\x1b[0;1m'],
  ] as const)('an error in %s', (depth, sequence) => {
    expect(new StyleEncoder(DARK, depth).encode(style('error'))).toBe(sequence);
  });

  test('without colours the selection is reversed', () => {
    expect(new StyleEncoder(DARK, 'none').encode(style('text', 'selection'))).toContain(';7');
    expect(new StyleEncoder(themeByName('mono') as Theme, 'truecolor').encode(style('text', 'selection'))).toContain(
      ';7',
    );
  });

  test.each([
    [{ LANG: 'de_DE.UTF-8', TERM: 'xterm' }, true],
    [{ TERM: 'xterm' }, true],
    [{ LANG: 'de_DE.ISO-8859-1', TERM: 'xterm' }, false],
    [{ LANG: 'C.UTF-8', LC_ALL: 'de_DE', TERM: 'xterm' }, false],
    [{ LANG: 'C.UTF-8', TERM: 'linux' }, false],
    [{ LANG: 'C.UTF-8', TERM: 'vt100' }, false],
  ])('%j draws beyond ASCII: %s', (environment, expected) => {
    expect(isUnicodeLocale(environment)).toBe(expected);
  });

  test('nearest palette entries', () => {
    expect(nearest256(255, 255, 255)).toBe(231);
    expect(nearest256(128, 128, 128)).toBe(244);
    expect(nearest16(250, 80, 80)).toBe(9);
  });
});
