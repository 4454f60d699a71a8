import { expect, test } from 'vitest';
import { inetText, macText } from '../../../src/session/network-text.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

test.each([
  ['c0a80101', '192.168.1.1'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['20010db8000000000000000000000001', '2001:db8::1'],
  ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['00010000000000000001000000000000', '1::1:0:0:0'],
  ['fe800000000000000000000000000000', 'fe80::'],
  ['00000000000000000000ffff7f000001', '::ffff:127.0.0.1'],
])('%s is %s', (bytes, text) => {
  expect(inetText(hex(bytes))).toBe(text);
});

test('hardware addresses are in upper case', () => {
  expect(macText(hex('000a1b2c3dff'))).toBe('00:0A:1B:2C:3D:FF');
});
