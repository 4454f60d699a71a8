import { describe, expect, test } from 'vitest';
import { CellBuffer } from '../../../tui/cells/cell-buffer.ts';
import { Painter } from '../../../tui/cells/painter.ts';
import { sanitize } from '../../../tui/cells/sanitize.ts';
import { style, unpackStyle, withBackground } from '../../../tui/cells/style.ts';
import { codePointWidth, textWidth } from '../../../tui/cells/width.ts';

describe('sanitize', () => {
  test.each([
    ['plain text stays', 'redis-server', 'redis-server'],
    ['escape sequences become visible', '\x1b[31mred\x1b[0m', '␛[31mred␛[0m'],
    ['an OSC title cannot be set', '\x1b]0;owned\x07', '␛]0;owned␇'],
    ['newlines and tabs become visible', 'a\nb\tc\r', 'a␊b␉c␍'],
    ['DEL', 'a\x7fb', 'a␡b'],
    ['C1 control characters', 'a\x9bb', 'a\\x9bb'],
    ['right-to-left override', 'a\u202eb', 'a<U+202E>b'],
    ['zero-width joiner and BOM', 'a\u200db\ufeff', 'a<U+200D>b<U+FEFF>'],
    ['line separator', 'a\u2028b', 'a<U+2028>b'],
    ['combining marks are composed', 'e\u0301', 'é'],
    ['combining marks without a base character of their own', 'x\u0336', 'x\ufffd'],
    ['bytes that are no UTF-8', 'a\udcffb', 'a\\xffb'],
    ['other lone surrogates', 'a\ud800b', 'a\ufffdb'],
    ['wide characters stay', '漢字', '漢字'],
    ['no-break space', 'a\u00a0b', 'a b'],
    ['variation selectors', '☂\ufe0f', '☂<U+FE0F>'],
    ['tag characters', 'a\u{e0041}b', 'a<U+E0041>b'],
  ])('%s', (_name, text, clean) => {
    expect(sanitize(text)).toBe(clean);
  });
});

describe('width', () => {
  test.each([
    ['a', 1],
    ['é', 1],
    ['漢', 2],
    ['한', 2],
    ['ｶ', 1],
    ['Ａ', 2],
    ['😀', 2],
    ['█', 1],
    ['␛', 1],
  ])('%s takes %d', (text, width) => {
    expect(codePointWidth(text.codePointAt(0) ?? 0)).toBe(width);
    expect(textWidth(text)).toBe(width);
  });
});

describe('painter', () => {
  function painted(paint: (painter: Painter) => void, width = 8, height = 2): string {
    const buffer = new CellBuffer(width, height);
    paint(new Painter(buffer));
    return buffer.toText();
  }

  test('cuts at the right edge', () => expect(painted((p) => p.text(5, 0, 'abcdef', 0))).toBe('     abc\n'));
  test('a wide character that would be cut in half is left out', () =>
    expect(painted((p) => p.text(0, 0, '漢字漢字漢', 0), 7)).toBe('漢字漢\n'));
  test('overwriting half of a wide character leaves a blank', () =>
    expect(
      painted((p) => {
        p.text(0, 0, '漢字', 0);
        p.text(1, 0, 'x', 0);
      }),
    ).toBe(' x字\n'));
  test('a sub-painter never leaves its rectangle', () =>
    expect(
      painted((p) => {
        const part = p.sub(2, 0, 3, 1);
        part.text(-1, 0, 'abcdefgh', 0);
        part.text(0, 1, 'xyz', 0);
        part.fill(-5, -5, 50, 1, 0, '#');
      }),
    ).toBe('  bcd\n'));
  test('right-aligned text is cut to its column', () =>
    expect(painted((p) => p.textRight(6, 0, '123456789', 0, 4))).toBe('  1234\n'));
  test('no text can put a control character into a cell', () => {
    const buffer = new CellBuffer(40, 1);
    new Painter(buffer).text(0, 0, '\x1b[2J\x07\x00\u202e\x9b0m', 0);
    expect([...buffer.codes].every((code) => code >= 0x20 && (code < 0x7f || code > 0xa0))).toBe(true);
  });
});

test('styles keep their parts', () => {
  expect(unpackStyle(style('error', 'selection', 5))).toEqual({
    foreground: 'error',
    background: 'selection',
    attributes: 5,
  });
  expect(unpackStyle(withBackground(style('error', 'overlay', 1), 'selection'))).toEqual({
    foreground: 'error',
    background: 'selection',
    attributes: 1,
  });
});
