/**
 * Operators, types, strings, control flow, maps and aggregations on the real kernel: each row is a `begin` probe run
 * once; its maps are compared exactly. One row per rule of the language.
 */

import { describe, expect, test } from 'vitest';
import { runScript } from '../support/run-script.ts';

type Row = readonly [body: string, expected: Readonly<Record<string, unknown>>];

const MAX = 18446744073709551615n;

const ARITHMETIC: readonly Row[] = [
  ['$a = 7; $b = 3; @x = ($a + $b, $a - $b, $a * $b, $a / $b, $a % $b)', { '@x': [10, 4, 21, 2, 1] }],
  ['$a = 12; $b = 10; @x = ($a & $b, $a | $b, $a ^ $b, $a << 2, $a >> 1)', { '@x': [8, 14, 6, 48, 6] }],
  ['$a = (uint64)5; $b = (uint64)7; @x = $a - $b', { '@x': -2 }],
  ['$z = -8; @x = $z / 2', { '@x': 9223372036854775804n }],
  ['$z = -8; @x = $z >> 1', { '@x': 9223372036854775804n }],
  ['$z = 0; @x = 5 / $z; @y = 5 % $z', { '@x': 1, '@y': 1 }],
  ['$a = 3; @x = (-$a, ~$a, !$a)', { '@x': [-3, -4, false] }],
  ['$a = (uint8)3; @x = -$a', { '@x': 253 }],
  ['$a = (uint8)3; @x = ~$a', { '@x': 252 }],
  ['$a = (int8)-1; @x = ((uint8)$a, (int64)$a, (uint64)$a, (uint16)$a)', { '@x': [255, -1, MAX, 65535] }],
  ['$a = 300; @x = ((uint8)$a, (int8)$a, (int16)$a)', { '@x': [44, 44, 300] }],
  ['$a = 0x80000000; @x = ((int32)$a, (uint32)$a)', { '@x': [-2147483648, 2147483648] }],
  ['$a = 5; $a++; ++$a; $b = $a++; $c = --$a; @x = ($a, $b, $c)', { '@x': [7, 7, 7] }],
  ['$a = 5; $a += 2; $a *= 3; $a -= 1; $a <<= 1; $a |= 1; $a ^= 3; $a &= 0xfe; $a >>= 1; $a %= 7', {}],
  [
    '$a = 1; $b = 2; @x = ($a < $b, $a <= $b, $a > $b, $a >= $b, $a == $b, $a != $b)',
    { '@x': [true, true, false, false, false, true] },
  ],
  ['$a = (int64)-1; $b = (uint64)1; @x = ($a < 1, $a < (int64)$b)', { '@x': [true, true] }],
  ['$a = (uint64)0xffffffffffffffff; @x = $a > 1', { '@x': true }],
  ['$a = 1; $b = 0; @x = ($a && $b, $a || $b, !$a || $b)', { '@x': [false, true, false] }],
  ['$a = 0; $a && @y++; @x = 1', { '@x': 1 }],
  ['$a = 5; @x = $a > 3 ? 10 : 20; @y = $a > 7 ? 1 : 2; @z = $a ?: 9', { '@x': 10, '@y': 2, '@z': 5 }],
  ['$a = 2; @x = if $a == 2 { 7 } else { 8 }', { '@x': 7 }],
  ['@x = { $q = 4; $q * 2 }', { '@x': 8 }],
  ['$b = true; $c = $b == false; @x = ($b, $c, (bool)5)', { '@x': [true, false, true] }],
  ['@x = (uint64)-1', { '@x': MAX }],
  ['$a = (int32)-5; $b = (int64)3; @x = $a * $b', { '@x': -15 }],
  ['$a = 1; @x = (int64)($a << 63)', { '@x': -9223372036854775808n }],
  [
    '@x = bswap((uint16)0x1234); @y = bswap((uint32)0x12345678); @z = bswap((uint64)1)',
    { '@x': 0x3412, '@y': 0x78563412, '@z': 72057594037927936n },
  ],
  ['$a = (uint32)0x12345678; @x = bswap($a)', { '@x': 0x78563412 }],
  ['$a = (uint16)0x1234; @x = bswap($a)', { '@x': 0x3412 }],
  ['$x = 0x0807060504030201; @x = (int8[8])$x', { '@x': [1, 2, 3, 4, 5, 6, 7, 8] }],
  ['$x = 0x0807060504030201; $b = (int8[8])$x; @x = $b[2]; @y = (int64)$b', { '@x': 3, '@y': 578437695752307201n }],
  ['@x = is_err((uint64)0xfffffffffffffffe); @y = is_err(5)', { '@x': true, '@y': false }],
];

const STRINGS: readonly Row[] = [
  ['@x = "abc"; $s = "hello"; @y = $s', { '@x': 'abc', '@y': 'hello' }],
  ['$s = comm; @x = $s == "node"; @y = comm != "node"', {}],
  [
    '$s = "abc"; @x = ($s == "abc", $s == "abd", $s == "ab", $s == "abcd", $s != "abc")',
    { '@x': [true, false, false, false, false] },
  ],
  ['$a = "abc"; $b = "abc"; $c = "abd"; @x = ($a == $b, $a == $c)', { '@x': [true, false] }],
  [
    '$s = "hello"; @x = (strncmp($s, "help", 3), strncmp($s, "help", 4) != 0, strncmp($s, "hello", 99))',
    { '@x': [0, true, 0] },
  ],
  ['$a = "hello"; $b = "help"; @x = (strncmp($a, $b, 3), strncmp($a, $b, 5) != 0)', { '@x': [0, true] }],
  [
    '$s = "hello world"; @x = (strcontains($s, "wor"), strcontains($s, "xyz"), strcontains($s, ""), strstr($s, "o w"), strstr($s, "q"))',
    { '@x': [true, false, true, 4, -1] },
  ],
  ['$s = "hello"; @x = strlen($s); @y = strlen(comm)', { '@x': 5 }],
  ['$s = "ab"; @x = str_concat($s, "cd")', { '@x': 'abcd' }],
  ['$s = "abc"; @x = $s[1]', { '@x': 98 }],
  ['$i = (uint64)2; $s = "abc"; @x = $s[$i]', { '@x': 99 }],
  ['@x["a"] = 1; @x["longer string"] = 2; @y = @x["a"] + @x["longer string"]', { '@y': 3 }],
  ['$s = "a"; $s = "much longer"; @x = $s', { '@x': 'much longer' }],
  [
    '@x = strerror(2); @y = signal_name(9); @z = syscall_name(39)',
    { '@x': 'No such file or directory', '@y': 'KILL', '@z': 'getpid' },
  ],
  ['$e = (int64)13; @x = strerror($e)', { '@x': 'Permission denied' }],
  ['$c = 1; @x = $c ? "yes" : "no"', { '@x': 'yes' }],
  ['@x = memcmp("abc", "abd", 2); @y = memcmp("abc", "abd", 3) != 0', { '@x': 0, '@y': true }],
];

const COMPOSITES: readonly Row[] = [
  ['@x = (1, "a", (2, true))', { '@x': [1, 'a', [2, true]] }],
  ['$t = (1, "abc", -3); @x = $t.1; @y = $t.2; @z = $t', { '@x': 'abc', '@y': -3, '@z': [1, 'abc', -3] }],
  ['$t = (1, 2); @x = ($t == (1, 2), $t != (1, 2), $t == (1, 3))', { '@x': [true, false, false] }],
  ['$r = (a=1, b="x"); @x = $r.a; @y = $r.b; @z = $r', { '@x': 1, '@y': 'x' }],
  ['@m[1, "a"] = 5; @x = @m[1, "a"]; @y = @m[1, "b"]', { '@x': 5, '@y': 0 }],
  ['@m[(1, (2, "q"))] = 5; @x = @m[(1, (2, "q"))]', { '@x': 5 }],
  ['@m[1] = (2, "z"); $v = @m[1]; @x = $v.1; @y = @m[1].0', { '@x': 'z', '@y': 2 }],
  ['$i = (uint64)9; $b = (int8[8])0x0807060504030201; @x = $b[$i]', { '@x': 0 }],
  ['@x = ntop(0x0100007f); @y = ntop(pton("::1"))', {}],
  ['@x = macaddr((int8[8])0x0807060504030201)', {}],
];

const MAPS: readonly Row[] = [
  ['@a = 1; @a++; @a += 5; --@a; @x = @a', { '@x': 6, '@a': 6 }],
  ['@a[1]++; @a[1]++; @a[2] += 5; @a[3] = @a[1] + @a[2]; @x = @a[3]', { '@x': 7 }],
  ['@a[1] = 1; @x = (has_key(@a, 1), has_key(@a, 2))', { '@x': [true, false] }],
  [
    '@a[1] = 1; @x = delete(@a, 1); @y = delete(@a, 1); @z = has_key(@a, 1)',
    { '@x': true, '@y': false, '@z': false, '@a': [] },
  ],
  ['@a[1] = 1; delete(@a[1]); @x = len(@a)', { '@x': 0 }],
  ['@a[1] = 7; if (!find(@a, 2, $v)) { @x = $v }', { '@x': 0 }],
  ['@a[1] = "text"; if (!find(@a, 2, $v)) { @x = $v } if find(@a, 1, $v) { @y = $v }', { '@x': '', '@y': 'text' }],
  ['@a[1] = 7; $v = 0; if find(@a, 1, $v) { @x = $v } @y = find(@a, 2, $v)', { '@x': 7, '@y': false }],
  ['@a[1]=1; @a[2]=1; @a[3]=1; @x = len(@a)', { '@x': 3 }],
  [
    '@c = count(); @c = count(); @s = sum(5); @s = sum(-7); @mi = min(3); @mi = min(9); @ma = max(3); @ma = max(9); @av = avg(4); @av = avg(8)',
    { '@c': 2, '@s': -2, '@mi': 3, '@ma': 9 },
  ],
  [
    '@c[1] = count(); @c[1] = count(); @s[1] = sum(5); @s[1] = sum(6); @mi[1] = min(3); @mi[1] = min(1); @ma[1] = max(3); @ma[1] = max(9)',
    { '@c': [[1, 2]], '@s': [[1, 11]], '@mi': [[1, 1]], '@ma': [[1, 9]] },
  ],
  ['@c = count(); @c = count(); if (@c > 1) { @x = 1 } @y = (int64)@c + 5', { '@x': 1, '@y': 7 }],
  ['@c["k"] = count(); @c["k"] = count(); @y = (int64)@c["k"]; @z = (int64)@c["none"]', { '@y': 2, '@z': 0 }],
  [
    '@a = avg(-4); @a = avg(-8); @x = (int64)@a; @b[1] = avg(10); @b[1] = avg(20); @y = (int64)@b[1]',
    { '@x': -6, '@y': 15 },
  ],
  ['@a = min(4); @a = min(-8); @x = (int64)@a; @b = max(-4); @b = max(-8); @y = (int64)@b', { '@x': -8, '@y': -4 }],
];

const CONTROL: readonly Row[] = [
  [
    '$i = 0; while ($i < 10) { $i++; if ($i == 3) { continue } if ($i == 6) { break } @s += $i } @x = $i',
    { '@x': 6, '@s': 12 },
  ],
  ['for $i : 0..5 { @s += $i }', { '@s': 10 }],
  ['for $i : 0..10 { if ($i == 2) { continue } if ($i == 5) { break } @s += $i }', { '@s': 8 }],
  ['for $i : 0..3 { for $j : 0..3 { @s += $i * 10 + $j } }', { '@s': 99 }],
  ['$n = 4; $t = 0; for $i : 1..$n { $t += $i } @x = $t', { '@x': 6 }],
  ['for $i : 0..5 { if ($i == 2) { return } @s += 1 } @after = 1', { '@s': 2, '@after': undefined }],
  ['@m[1] = 10; @m[2] = 20; for ($kv : @m) { @s += $kv.0 * 100 + $kv.1 }', { '@s': 330 }],
  [
    '@m[1,"a"] = 10; @m[2,"b"] = 20; $t = 0; for ($kv : @m) { $t += $kv.1; if ($kv.0.1 == "a") { @q = $kv.0.0 } } @x = $t',
    { '@x': 30, '@q': 1 },
  ],
  ['@c[1] = count(); @c[1] = count(); @c[2] = count(); for ($kv : @c) { @s += $kv.1 }', { '@s': 3 }],
  ['$a = 1; unroll(5) { $a *= 2 } @x = $a', { '@x': 32 }],
  ['$a = 3; if ($a == 1) { @x = 1 } else if ($a == 3) { @x = 3 } else { @x = 9 }', { '@x': 3 }],
  ['let $x; @y = $x; let $z : uint8 = 5; @z = $z', { '@y': 0, '@z': 5 }],
  ['$a = 1; { $b = 2; @x = $a + $b } return; @y = 1', { '@x': 3 }],
  ['$s = "abc"; for $i : 0..2 { @m[$i] = $s } ', {}],
  ['@i = 0; while (@i < 5) { @i++ }', { '@i': 5 }],
];

/** A histogram's buckets by index. */
function buckets(entries: Readonly<Record<number, number>>): Record<string, unknown> {
  const used = Object.keys(entries).map(Number);
  const first = Math.min(...used);
  const counts = Array.from({ length: Math.max(...used) - first + 1 }, (_, index) => entries[first + index] ?? 0);
  return { kind: 'histogram', first, counts, total: counts.reduce((sum, count) => sum + count, 0) };
}

const AGGREGATIONS: readonly Row[] = [
  ...[-1, 0, 1, 2, 3, 4, 7, 8, 255, 256, 1000, 65535, 65536, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 52].map((value): Row => {
    const index = value < 0 ? 0 : value === 0 ? 1 : Math.floor(Math.log2(value)) + 2;
    return [
      `$v = ${value}; @h = hist($v); @k[1] = hist($v)`,
      { '@h': buckets({ [index]: 1 }), '@k': [[1, buckets({ [index]: 1 })]] },
    ];
  }),
  ...[-1, 0, 3, 4, 5, 7, 8, 12, 15, 16, 100, 1 << 20].map((value): Row => {
    const high = Math.floor(Math.log2(value));
    const index = value < 0 ? 0 : value < 4 ? value + 1 : ((high - 1) << 2) + ((value >> (high - 2)) & 3) + 1;
    return [`$v = ${value}; @h = hist($v, 2)`, { '@h': buckets({ [index]: 1 }) }];
  }),
  ...[-5, 0, 9, 10, 55, 99, 100, 100000].map((value): Row => {
    const index = value < 0 ? 0 : value >= 100 ? 11 : Math.floor(value / 10) + 1;
    return [`$v = ${value}; @h = lhist($v, 0, 100, 10)`, { '@h': buckets({ [index]: 1 }) }];
  }),
  ...[0, 13, 14, 199, 398, 399, 400].map((value): Row => {
    const index = value >= 400 ? 59 : Math.floor(value / 7) + 1;
    return [`$v = ${value}; @h[1] = lhist($v, 0, 400, 7)`, { '@h': [[1, buckets({ [index]: 1 })]] }];
  }),
  ['@s = stats(4); @s = stats(8); @t[1] = stats(-4)', { '@s': { kind: 'average', count: 2, average: 6, total: 12 } }],
];

const FUNCTIONS: readonly [string, string, Record<string, unknown>][] = [
  [
    'fn',
    'fn add($a : int64, $b : int64) : int64 { return $a + $b; } begin { @x = add(2, 3) + add(10, 20); }',
    { '@x': 35 },
  ],
  [
    'fn with a loop',
    'fn total($n : int64) : int64 { let $t = 0; for $i : 0..$n { $t += $i } return $t; } begin { @x = total(5); }',
    { '@x': 10 },
  ],
  ['macro', 'macro twice(x) { x * 2 } begin { @x = twice(21); }', { '@x': 42 }],
  ['two begins', 'begin { @x = 1; } begin { @x += 5; } end { @y = @x }', { '@x': 6, '@y': 6 }],
  ['lruhash', 'let @d = lruhash(10); begin { @d[1] = 2; @x = @d[1] }', { '@x': 2 }],
  ['percpuhash', 'let @d = percpuhash(10); begin { @d[1] = 2; @x = @d[1] }', { '@x': 2 }],
  ['predicate', 'begin /pid > 0/ { @x = 1 } begin /pid == 0/ { @x = 2 }', { '@x': 1 }],
];

function normalise(value: unknown): unknown {
  if (value !== null && typeof value === 'object' && 'kind' in value && 'text' in value) return value.text;
  return Array.isArray(value) ? value.map(normalise) : value;
}

async function check(script: string, expected: Readonly<Record<string, unknown>>): Promise<void> {
  const result = await runScript(script);
  expect(result.problems).toEqual([]);
  for (const [name, value] of Object.entries(expected)) {
    expect(normalise(result.maps[name]), name).toEqual(value);
  }
}

for (const [group, rows] of Object.entries({ ARITHMETIC, STRINGS, COMPOSITES, MAPS, CONTROL, AGGREGATIONS })) {
  describe(group.toLowerCase(), () => {
    for (const [body, expected] of rows) test(body, () => check(`begin { ${body} }`, expected));
  });
}

describe('programs', () => {
  for (const [name, script, expected] of FUNCTIONS) test(name, () => check(script, expected));
});
