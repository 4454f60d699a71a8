import { describe, expect, test } from 'vitest';
import { parseHeader } from '../../../src/panels/header.ts';
import { bucketBounds, percentile, subtractHistograms } from '../../../src/panels/histogram.ts';
import { keyTitles } from '../../../src/panels/key-titles.ts';
import { restrictScript } from '../../../src/panels/scope.ts';
import { formatCount, formatRate, formatUnit } from '../../../src/panels/units.ts';
import type { HistogramValue } from '../../../src/session/snapshot.ts';
import { parseConfig } from '../../../tui/config.ts';

function header(...lines: readonly string[]) {
  const text = `#!/usr/bin/env bptop\n/*\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\nBEGIN { }\n`;
  return parseHeader({ name: 'demo.bt', text }, 'demo');
}

describe('header', () => {
  test('every field', () => {
    const { description, diagnostics } = header(
      'biotop - block I/O by process',
      '',
      'Some more words.',
      '',
      'title: Block I/O',
      'group: block',
      'main: @bytes',
      'map @bytes: table, unit bytes, sort rate, renew 30',
      'columns @bytes: process, pid, bytes (bytes), rate, share',
      'map @start: hidden',
      'high: the process that keeps',
      '      the disks busy',
      'next: biolatency, biosnoop',
      'overhead: little',
      'needs: tracepoint:block:block_rq_issue',
      'param pid = 0: only this process',
      'scope pid: none',
    );
    expect(diagnostics).toEqual([]);
    expect(description).toEqual({
      name: 'biotop',
      summary: 'block I/O by process',
      title: 'Block I/O',
      group: 'block',
      main: '@bytes',
      high: 'the process that keeps the disks busy',
      next: ['biolatency', 'biosnoop'],
      overhead: 'little',
      needs: ['tracepoint:block:block_rq_issue'],
      parameters: [{ name: 'pid', position: 1, defaultValue: '0', summary: 'only this process' }],
      scope: { pid: 'none' },
      details: 'Some more words.',
      maps: [
        {
          map: '@bytes',
          kind: 'table',
          unit: 'bytes',
          sort: 'rate',
          renewSeconds: 30,
          columns: [
            { title: 'process' },
            { title: 'pid' },
            { title: 'bytes', unit: 'bytes' },
            { title: 'rate', computed: 'rate' },
            { title: 'share', computed: 'share' },
          ],
        },
        { map: '@start', isHidden: true },
      ],
    });
  });

  test('a comment without fields is a comment', () => {
    const { description } = header('This script was written by somebody: a person.', 'It counts.');
    expect(description).toMatchObject({ name: 'demo', title: 'demo', summary: '', details: '' });
  });

  test.each([
    ['titel: x', "Unknown header field 'titel'", "Did you mean 'title'?"],
    ['map @x: histogramm', "Unknown view or attribute 'histogramm'", "Did you mean 'histogram'?"],
    ['map @x: unit parsecs', "Unknown unit 'parsecs'", 'Known: count'],
    ['columns @x: a (parsecs)', "Unknown unit 'parsecs'", 'Known: count'],
  ])('%s', (line, message, hint) => {
    const { diagnostics } = header('a - b', 'group: c', line);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ severity: 'warning', message });
    expect(diagnostics[0]?.hints[0]).toContain(hint);
    const { span } = diagnostics[0] ?? {};
    expect(span?.source.text.slice(span.start, span.end)).toBe(line);
  });
});

describe('key titles', () => {
  test.each([
    ['@[pid, comm] = count();', '@', ['pid', 'comm']],
    ['@x[str(args.filename), args->dev] = count();', '@x', ['filename', 'dev']],
    ['@x[kstack(5), (a, b)] = 1;', '@x', ['5', '(a, b)']],
    ['/* @x[no] */ @x[yes] = 1;', '@x', ['yes']],
    ['@y[a] = 1;', '@x', []],
  ])('%s', (script, map, titles) => {
    expect(keyTitles(script, map)).toEqual(titles);
  });
});

describe('scope', () => {
  const restrict = (text: string, expressions = {}) =>
    restrictScript({ name: 't', text }, [{ field: 'pid', value: 42 }], expressions);
  test.each([
    ['t:a:b { @ = count(); }', 't:a:b /pid == 42/ { @ = count(); }'],
    ['t:a:b /x || y/ { @ = count(); }', 't:a:b /(x || y) && pid == 42/ { @ = count(); }'],
    [
      'BEGIN { @a = 1; } t:a:b { @ = 1; } interval:s:1 { print(@); }',
      'BEGIN { @a = 1; } t:a:b /pid == 42/ { @ = 1; } interval:s:1 { print(@); }',
    ],
  ])('%s', (before, after) => {
    expect(restrict(before)).toBe(after);
  });
  test('a field may stand for another expression, or for nothing', () => {
    expect(restrict('t:a:b { }', { pid: 'args.prev_pid' })).toBe('t:a:b /args.prev_pid == 42/ { }');
    expect(restrict('t:a:b { }', { pid: 'none' })).toBe('t:a:b { }');
  });
  test('what only the script knows is compared where the map is updated, so that the rest of the probe runs', () => {
    const text = 't:a:b /@f[tid]/ { if (1) { @x[comm, str(@f[tid])] = sum(1); } @y[$p]++; delete(@f[tid]); }';
    const restricted = restrictScript({ name: 't', text }, [
      { field: 'file', value: 'a', expression: 'str(@f[tid])' },
      { field: 'comm', value: 'x' },
      { field: 'p', value: '0x10', expression: '$p', literal: '0x10' },
    ]);
    expect(restricted).toBe(
      't:a:b /(@f[tid]) && comm == "x"/ { if (1) { if ((str(@f[tid])) == "a") { @x[comm, str(@f[tid])] = sum(1); } } ' +
        'if (($p) == 0x10) { @y[$p]++; } delete(@f[tid]); }',
    );
  });
  test('names are quoted', () => {
    expect(restrictScript({ name: 't', text: 't:a:b { }' }, [{ field: 'comm', value: 'a"\\\n' }])).toBe(
      't:a:b /comm == "a\\"\\\\\\x0a"/ { }',
    );
    expect(restrictScript({ name: 't', text: 't:a:b { }' }, [{ field: 'comm', value: '\udcc3b' }])).toBe(
      't:a:b /comm == "\\xc3b"/ { }',
    );
  });
});

describe('histograms', () => {
  const log = { kind: 'hist', bits: 0 } as const;
  test.each([
    [log, 0, Number.NEGATIVE_INFINITY, 0],
    [log, 1, 0, 1],
    [log, 2, 1, 2],
    [log, 3, 2, 4],
    [log, 12, 1024, 2048],
    [{ kind: 'hist', bits: 2 } as const, 4, 3, 4],
    [{ kind: 'hist', bits: 2 } as const, 9, 8, 10],
    [{ kind: 'lhist', min: 10n, max: 35n, step: 10n } as const, 0, Number.NEGATIVE_INFINITY, 10],
    [{ kind: 'lhist', min: 10n, max: 35n, step: 10n } as const, 3, 30, 35],
    [{ kind: 'lhist', min: 10n, max: 35n, step: 10n } as const, 4, 35, Number.POSITIVE_INFINITY],
  ])('%o bucket %d', (type, index, low, high) => {
    expect(bucketBounds(type, index)).toEqual({ low, high });
  });

  const of = (first: number, ...counts: readonly number[]): HistogramValue => ({
    kind: 'histogram',
    first,
    counts,
    total: counts.reduce((sum, count) => sum + count, 0),
  });
  test('percentiles lie in their bucket', () => {
    const value = percentile(log, of(3, 10, 80, 10), 0.5);
    expect(value?.bounds).toEqual({ low: 4, high: 8 });
    expect(value?.value).toBe(6);
    expect(percentile(log, of(0), 0.5)).toBeUndefined();
  });
  test('what came in between; a cleared map counts from zero', () => {
    expect(subtractHistograms(of(2, 5, 5, 5), of(3, 5, 4))).toEqual(of(2, 5, 0, 1));
    expect(subtractHistograms(of(2, 1), of(2, 9))).toEqual(of(2, 1));
  });
});

describe('units', () => {
  test.each([
    [999, 'count', '999'],
    [99_999, 'count', '99999'],
    [123_456, 'count', '123k'],
    [1_500, 'ns', '1.50 us'],
    [2_500, 'us', '2.50 ms'],
    [0, 'bytes', '0 B'],
    [1536, 'bytes', '1.50 KiB'],
    [3, 'pages', '12.0 KiB'],
    [12.345, 'percent', '12.3%'],
    [Number.NaN, 'count', '-'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(formatUnit(value, unit)).toBe(text);
  });
  test('time per second is a share of a CPU', () => expect(formatRate(250e6, 'ns')).toBe('25.0%'));
  test('small counts keep a fraction', () => expect(formatCount(0.25)).toBe('0.25'));
});

describe('configuration', () => {
  test.each([
    ['{"theme": "light", "interval": 2}', []],
    ['{', ['no valid JSON']],
    ['[]', ['must be an object']],
    ['{"them": "dark"}', ["unknown field 'them'; did you mean 'theme'?"]],
    ['{"theme": "pink"}', ["'theme' must be one of dark, light, contrast, mono"]],
    ['{"interval": "1"}', ["'interval' must be a number from 0.1 to 3600"]],
    ['{"keys": {"pausee": ["p"]}}', ["'keys' has no command 'pausee'; did you mean 'pause'?"]],
    ['{"keys": {"pause": ["z"], "quit": ["z"]}}', ["gives 'z' to both 'pause' and 'quit'"]],
  ])('%s', (text, problems) => {
    const found = parseConfig(text).problems;
    expect(found).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found[index]).toContain(problem);
  });
  test('what is right is kept beside what is wrong', () => {
    expect(parseConfig('{"theme": "pink", "budget": 3}').config).toEqual({ budget: 3 });
  });
});
