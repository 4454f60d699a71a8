import { describe, expect, test } from 'vitest';
import { printed } from '../support/printed.ts';

/** What a begin program prints before the two empty lines, the maps behind them, and the JSON records of the same run. */
type Row = readonly [title: string, body: string, text: string, maps: string, json: readonly string[]];

const value = (data: string): string => `{"type": "value", "data": ${data}}`;
const map = (data: string): string => `{"type": "map", "data": ${data}}`;
const printf = (data: string): string => `{"type": "printf", "data": ${data}}`;
const full = '@'.repeat(52);
const half = '@'.repeat(26).padEnd(52);
const none = ' '.repeat(52);

const ROWS: readonly Row[] = [
  ['int', 'print(5); print(-5);', '5\n-5\n', '', [value('5'), value('-5')]],
  ['uint64', 'print(18446744073709551615);', '18446744073709551615\n', '', [value('"18446744073709551615"')]],
  ['bool', 'print(true); print(1 == 2);', 'true\nfalse\n', '', [value('true'), value('false')]],
  ['pointer', 'print((int8*)0x20); print((int8*)0);', '0x20\n0x0\n', '', [value('32'), value('0')]],
  ['string', 'print("a\\"b\\\\\\n");', 'a"b\\\n\n', '', [value('"a\\"b\\\\\\n"')]],
  ['array', 'print((uint8[4])(uint32)0x04030201);', '[1,2,3,4]\n', '', [value('[1,2,3,4]')]],
  ['tuple', 'print((1, "a", (2, 3)));', '(1, a, (2, 3))\n', '', [value('[1,"a",[2,3]]')]],
  ['tuple of one', 'print((1,));', '(1)\n', '', [value('[1]')]],
  ['record', 'print((a = 1, b = (c = 2)));', '{ .a = 1, .b = { .c = 2 } }\n', '', [value('{"a": 1, "b": {"c": 2}}')]],
  [
    'inet',
    'print(ntop(16777343)); print(ntop(pton("::1")));',
    '127.0.0.1\n::1\n',
    '',
    [value('"127.0.0.1"'), value('"::1"')],
  ],
  ['constant address', 'print(pton("127.0.0.1"));', '[127,0,0,1]\n', '', [value('[127,0,0,1]')]],
  ['username', 'print(username);', 'root\n', '', [value('"root"')]],
  ['buffer', 'print(buf("A", 2));', 'A\\x00\n', '', [value('[65,0]')]],
  [
    'printf',
    'printf("%s %d %5.1d|%-4s|%x\\n", "s", -1, 7, "ab", 255);',
    's -1     7|ab  |ff\n',
    '',
    [printf('"s -1     7|ab  |ff\\n"')],
  ],
  ['scalar map', '@x = 5;', '', '@x: 5\n', [map('{"@x": 5}')]],
  ['negative', '@k = -5;', '', '@k: -5\n', [map('{"@k": -5}')]],
  ['keyed map', '@a[1] = 1; @a[2] = 3;', '', '@a[1]: 1\n@a[2]: 3\n', [map('{"@a": {"1": 1, "2": 3}}')]],
  ['multi-part key', '@b["x", 2] = 1;', '', '@b[x, 2]: 1\n', [map('{"@b": {"x,2": 1}}')]],
  ['nested key', '@q[(1, 2), 3] = 4;', '', '@q[(1, 2), 3]: 4\n', [map('{"@q": {"(1,2),3": 4}}')]],
  ['tuple value', '@p[1, "a"] = (2, 3);', '', '@p[1, a]: (2, 3)\n', [map('{"@p": {"1,a": [2,3]}}')]],
  ['record key', '@r[(a = 1, b = "z")] = 2;', '', '@r[{ .a = 1, .b = z }]: 2\n', [map('{"@r": {"{.a=1,.b=z}": 2}}')]],
  ['pointer key', '@p[(int8*)0x20] = 1;', '', '@p[0x20]: 1\n', [map('{"@p": {"0x20": 1}}')]],
  ['bool key', '@bo[true] = 1;', '', '@bo[true]: 1\n', [map('{"@bo": {"true": 1}}')]],
  ['parentheses of a string key', '@par["(x)"] = 1;', '', '@par[x]: 1\n', [map('{"@par": {"x": 1}}')]],
  ['blanks of a string key', '@s["a b"] = 1;', '', '@s[a b]: 1\n', [map('{"@s": {"ab": 1}}')]],
  [
    'count and sum',
    '@c = count(); @s["k"] = sum(3); @s["k"] = sum(4);',
    '',
    '@c: 1\n@s[k]: 7\n',
    [map('{"@c": 1}'), map('{"@s": {"k": 7}}')],
  ],
  [
    'min and max',
    '@a = min(3); @a = min(-2); @b = max(5); @b = max(9);',
    '',
    '@a: -2\n@b: 9\n',
    [map('{"@a": -2}'), map('{"@b": 9}')],
  ],
  [
    'avg',
    '@av = avg(4); @av = avg(6); @k["x"] = avg(4);',
    '',
    '@av: 5\n@k[x]: 4\n',
    ['{"type": "stats", "data": {"@av": 5}}', '{"type": "stats", "data": {"@k": {"x": 4}}}'],
  ],
  [
    'stats',
    '@d = stats(3); @e[1] = stats(3);',
    '',
    '@d: { .count = 1, .average = 3, .total = 3 }\n@e[1]: { .count = 1, .average = 3, .total = 3 }\n',
    [
      '{"type": "stats", "data": {"@d": {"count": 1, "average": 3, "total": 3}}}',
      '{"type": "stats", "data": {"@e": {"1": {"count": 1, "average": 3, "total": 3}}}}',
    ],
  ],
  [
    'hist',
    '@h = hist(-1); @h = hist(0); @h = hist(2); @h = hist(3);',
    '',
    `@h:\n(..., 0)               1 |${half}|\n[0]                    1 |${half}|\n[1]                    0 |${none}|\n[2, 4)                 2 |${full}|\n\n`,
    [
      '{"type": "hist", "data": {"@h": [{"max": -1, "count": 1},{"min": 0, "max": 0, "count": 1},{"min": 1, "max": 1, "count": 0},{"min": 2, "max": 3, "count": 2}]}}',
    ],
  ],
  [
    'hist with 2 bits',
    '@k = hist(9, 2);',
    '',
    `@k:\n[8, 10)                1 |${full}|\n\n`,
    ['{"type": "hist", "data": {"@k": [{"min": 8, "max": 9, "count": 1}]}}'],
  ],
  [
    'keyed hist',
    '@a["y"] = hist(1024);',
    '',
    `@a[y]:\n[1K, 2K)               1 |${full}|\n\n`,
    ['{"type": "hist", "data": {"@a": {"y": [{"min": 1024, "max": 2047, "count": 1}]}}}'],
  ],
  [
    'lhist',
    '@l = lhist(-5, 0, 100, 50); @l = lhist(30, 0, 100, 50); @l = lhist(100, 0, 100, 50);',
    '',
    `@l:\n(..., 0)               1 |${full}|\n[0, 50)                1 |${full}|\n[50, 100)              0 |${none}|\n[100, ...)             1 |${full}|\n\n`,
    [
      '{"type": "hist", "data": {"@l": [{"max": -1, "count": 1},{"min": 0, "max": 49, "count": 1},{"min": 50, "max": 99, "count": 0},{"min": 100, "count": 1}]}}',
    ],
  ],
  [
    'order by value, names by bytes',
    '@b[1] = 3; @b[2] = 1; @A = 1; @a = 2; @ = 3;',
    '',
    '@: 3\n@A: 1\n@a: 2\n@b[2]: 1\n@b[1]: 3\n',
    [map('{"@": 3}'), map('{"@A": 1}'), map('{"@a": 2}'), map('{"@b": {"2": 1, "1": 3}}')],
  ],
  [
    'print with top and div',
    '@x[1] = 5; @x[2] = 3; print(@x, 1, 2); clear(@x);',
    '@x[1]: 2\n',
    '',
    [map('{"@x": {"1": 2}}')],
  ],
  ['print of a cleared scalar', '@z = 1; clear(@z); print(@z);', '@z: 0\n', '', [map('{"@z": 0}')]],
  ['zero', '@x[1] = 5; zero(@x);', '', '@x[1]: 0\n', [map('{"@x": {"1": 0}}')]],
  ['delete', '@x[1] = 5; @x[2] = 6; delete(@x, 1);', '', '@x[2]: 6\n', [map('{"@x": {"2": 6}}')]],
  ['cat', 'cat("/proc/sys/kernel/ostype");', 'Linux\n', '', ['{"type": "cat", "data": "Linux\\n"}']],
  ['system', 'system("echo from %s", "sh");', 'from sh\n\n', '', ['{"type": "syscall", "data": "from sh\\n\\n"}']],
];

describe('values of every type', () => {
  test.each(ROWS)('%s', async (_, body, text, maps) => {
    const { out, errors } = await printed(`begin { ${body} exit(); }`);
    expect(out, errors).toBe(`${text}\n\n${maps}`);
  });

  // Another kernel changes nothing of how a value is written, and emulation takes its time.
  test.each(process.env['BPTOP_EMULATED'] ? [] : ROWS)('%s as JSON', async (_, body, __, ___, json) => {
    const { out, errors } = await printed(`begin { ${body} exit(); }`, 'json');
    const attached = '{"type": "attached_probes", "count": 1, "data": {"probes": 1}}';
    expect(out.split('\n'), errors).toEqual([attached, ...json, '']);
  });
});
