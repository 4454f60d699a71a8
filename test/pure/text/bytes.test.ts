import { describe, expect, it } from 'vitest';
import { decodeBytes, encodeText } from '../../../src/text/bytes.ts';

describe('decodeBytes and encodeText', () => {
  const cases: [string, number[], string][] = [
    ['ASCII', [0x61, 0x62], 'ab'],
    ['UTF-8 of four bytes', [0xf0, 0x9f, 0x90, 0x9d], '🐝'],
    ['a byte that never occurs in UTF-8', [0x61, 0xff, 0x62], 'a\udcffb'],
    ['a sequence cut off', [0xe2, 0x82], '\udce2\udc82'],
    ['an overlong form', [0xc0, 0x80], '\udcc0\udc80'],
    ['a damaged byte before a valid pair', [0x80, 0xf0, 0x9f, 0x90, 0x9d], '\udc80🐝'],
  ];
  it.each(cases)('%s survives both ways', (_name, bytes, text) => {
    expect(decodeBytes(Uint8Array.from(bytes))).toBe(text);
    expect([...encodeText(text)]).toEqual(bytes);
  });
});
