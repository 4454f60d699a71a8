import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { strftime } from '../../../src/text/strftime.ts';

const LETTERS = 'aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ';
const FORMATS = [
  ...[...LETTERS].map((letter) => `[%${letter}]`),
  ...[...'dejkmyHIMSUWV'].flatMap((letter) => ['_', '-', '0'].map((flag) => `%${flag}${letter}`)),
  ...[...'aAbBpZh'].flatMap((letter) => ['^', '#'].map((flag) => `%${flag}${letter}`)),
  '%5d|%_5d|%05e|%10a|%10T|%010T|%12F|%10s',
  '%Ey %Od %EY',
  '100%% %H:%M:%S\n',
  'plain',
  '%',
  'end%',
  '%!',
];
const TIMES = [
  0,
  951782400,
  951868799,
  1109548800,
  1230768000,
  1262217600,
  1293796800,
  1325289600,
  1711846800,
  1729990799,
  1729990800,
  1767139200,
  1798675200,
  1795359000,
  4102444800,
  13569465600,
  -1,
  -86400 * 400,
];
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Caracas'];

const { TZ: originalZone } = process.env;
afterEach(() => {
  if (originalZone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = originalZone;
});

describe.each(ZONES)('in %s', (zone) => {
  test.each(FORMATS)('%j as date(1) prints it', (format) => {
    process.env['TZ'] = zone;
    const input = TIMES.map((seconds) => `@${seconds}`).join('\n');
    const expected = execFileSync('date', ['-f', '-', `+${format}\x01`], {
      input,
      encoding: 'utf8',
      env: { ...process.env, TZ: zone, LC_ALL: 'C' },
    });
    const actual = TIMES.map((seconds) => `${strftime(format, BigInt(seconds) * 1_000_000_000n)}\x01\n`).join('');
    expect(actual).toBe(expected);
  });
});

test.each([
  ['%f', 1_002_003_004n, '002003'],
  ['%l', 1_002_003_004n, '002'],
  ['%k', 1_002_003_004n, '002003004'],
  ['%S.%f', -1n, '59.999999'],
  ['%q %S', 5_000_000_000n, '%q 05'],
])('fractions of a second: %s', (format, ns, expected) => {
  process.env['TZ'] = 'UTC';
  expect(strftime(format, ns, { hasFractions: true })).toBe(expected);
});

test('a time no calendar knows', () => {
  expect(strftime('%Y', 1n << 63n)).toBe('2262');
  expect(strftime('%Y', 1n << 100n)).toBe('(?)');
});
