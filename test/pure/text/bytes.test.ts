import { describe, expect, it } from 'vitest';
import { decodeBytes, encodeText } from '../../../src/text/bytes.ts';

describe('decodeBytes and encodeText', () => {
  const cases: [string, number[], string][] = [
    ['ASCII', [0x61, 0x62], 'ab'],
    ['UTF-8 of four bytes', [0xf0, 0x9f, 0x90, 0x9d], '🐝'],
    ['a byte that never occurs in UTF-8', [0x61, 0xff, 0x62], 'a\udcffb'],
    ['a sequence cut off', [0xe2, 0x82], '\udce2\udc82'],
    ['an overlong form', [0xc0, 0x80], '\udcc0\udc80'],
    ['an overlong form of three bytes', [0xe0, 0x9f, 0xbf], '\udce0\udc9f\udcbf'],
    ['a surrogate', [0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
    ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
    ['valid between damaged', [0xff, 0xef, 0xbb, 0xbf, 0x61, 0xc3, 0xa4, 0xff], '\udcff\ufeffaä\udcff'],
    ['a damaged byte before a valid pair', [0x80, 0xf0, 0x9f, 0x90, 0x9d], '\udc80🐝'],
  ];
  it.each(cases)('%s survives both ways', (_name, bytes, text) => {
    expect(decodeBytes(Uint8Array.from(bytes))).toBe(text);
    expect([...encodeText(text)]).toEqual(bytes);
  });
});
