/**
 * Rows of the format reference that need more than a `begin` program: processes with stacks, failing helpers, lost events,
 * errors and warnings, lists, tests. Text and JSON of real runs; only what differs from machine to machine is masked.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finished, runBptop, type ToolOptions } from '../support/bptop.ts';
import { printed } from '../support/printed.ts';
import { compileWorkload } from '../support/workload.ts';

const folder = mkdtempSync(join(tmpdir(), 'bptop-golden-'));
afterAll(() => rmSync(folder, { recursive: true }));

const e = (program: string, ...args: readonly string[]): Promise<Finished> => runBptop(['-q', ...args, '-e', program]);
const json = (program: string, ...args: readonly string[]): Promise<Finished> => e(program, '-f', 'json', ...args);
const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

describe('streams', () => {
  const program = 'begin { printf("p\\n"); exit(); }';
  const env = { __BPFTRACE_NOTIFY_PROBES_ATTACHED: '1' };
  const notice = '__BPFTRACE_NOTIFY_PROBES_ATTACHED\n';

  test.each<readonly [args: readonly string[], ToolOptions, Partial<Finished>]>([
    [[], {}, { stdout: 'p\n\n\n', stderr: 'Attached 1 probe\n' }],
    [['-q'], {}, { stdout: 'p\n\n\n', stderr: '' }],
    [[], { env }, { stdout: `${notice}p\n\n\n`, stderr: 'Attached 1 probe\n' }],
    [
      ['-f', 'json'],
      { env },
      {
        stdout: `{"type": "attached_probes", "count": 1, "data": {"probes": 1}}\n${notice}{"type": "printf", "data": "p\\n"}\n`,
        stderr: '',
      },
    ],
    [['-f', 'json', '-q'], {}, { stdout: '{"type": "printf", "data": "p\\n"}\n', stderr: '' }],
  ])('%j', async (args, options, expected) => {
    expect(await runBptop([...args, '-e', program], options)).toEqual({ ...expected, status: 0 });
  });

  test.each(['text', 'json'])('compile errors go to stderr as text, with -f %s too', async (format) => {
    expect(await e('begin { $x = 1; $x = "a"; }', '-f', format)).toEqual({
      stdout: '',
      stderr: lines(
        "stdin:1:17-25: ERROR: Type mismatch for $x: trying to assign value of type 'string[2]' when variable already has a type 'int8'",
        'begin { $x = 1; $x = "a"; }',
        '                ~~~~~~~~',
      ),
      status: 1,
    });
  });

  test.each(['text', 'json'])('compile warnings go to stdout as text, with -f %s too', async (format) => {
    const { stdout, stderr } = await e('begin { $a = (int32)pid / 2; exit(); }', '-f', format);
    expect(stdout).toMatch(/^stdin:1:\d+-\d+: WARNING: signed operands for '\/' .*\nbegin \{ .*\n *~+\n/);
    expect(stderr).toBe('');
  });

  test('a command has our stdout, whatever -o says', async () => {
    const file = join(folder, 'command');
    const { stdout } = await e(
      'interval:s:100 { } end { printf("end\\n"); }',
      '-o',
      file,
      '-c',
      'echo from the command',
    );
    expect(stdout).toBe('from the command\n');
    expect(readFileSync(file, 'utf8')).toBe('end\n\n\n');
  });
});

describe('values whose types need a run', () => {
  const masked = (text: string): string => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}/g, 'TIME');

  test.each<readonly [title: string, body: string, text: readonly string[], json: readonly string[]]>([
    [
      'enum',
      'print((enum color)$five); print((enum color)$seven); @e = (enum color)$five; @k[(enum color)$five] = 1;',
      ['GREEN', '7', '', '', '@e: GREEN', '@k[GREEN]: 1'],
      [
        '{"type": "value", "data": 5}',
        '{"type": "value", "data": 7}',
        '{"type": "map", "data": {"@e": 5}}',
        '{"type": "map", "data": {"@k": {"GREEN": 1}}}',
      ],
    ],
    [
      'struct with an array of characters and a union, and one without members',
      'print(*(struct in *)1); print(*(struct empty *)1);',
      ['{ .a = 0, .s = , .x = { .u = 0, .c = 0 } }', '{}', '', ''],
      ['{"type": "value", "data": {"a": 0, "s": "", "x": {"u": 0, "c": 0}}}', '{"type": "value", "data": {}}'],
    ],
    [
      'buffer',
      'print(buf("a~\\x7f\\x80\\xff ", 6)); @k[buf("z\\x01", 2)] = 1;',
      ['a~\\x7f\\x80\\xff ', '', '', '@k[z\\x01]: 1'],
      ['{"type": "value", "data": [97,126,127,-128,-1,32]}', '{"type": "map", "data": {"@k": {"z\\\\x01": 1}}}'],
    ],
    [
      'string: escapes, truncation',
      'print("\\x01\\x1b\\t\\r\\n\\"\\\\"); print((comm, "é"));',
      ['\x01\x1b\t\r\n"\\', '(bptop, é)', '', ''],
      ['{"type": "value", "data": "\\u0001\\u001b\\t\\r\\n\\"\\\\"}', '{"type": "value", "data": ["bptop","é"]}'],
    ],
    [
      'array of arrays in a key',
      '@arr[(uint8[2])(uint16)0x0102] = 1; print((uint16[2])(uint32)0x00020001);',
      ['[1,2]', '', '', '@arr[[2,1]]: 1'],
      ['{"type": "value", "data": [1,2]}', '{"type": "map", "data": {"@arr": {"[2,1]": 1}}}'],
    ],
    [
      'mac address',
      'print(macaddr("\\x0a\\x1b\\x2c\\x3d\\x4e\\x5f")); @m = macaddr("abcdef");',
      ['0A:1B:2C:3D:4E:5F', '', '', '@m: 61:62:63:64:65:66'],
      ['{"type": "value", "data": "0A:1B:2C:3D:4E:5F"}', '{"type": "map", "data": {"@m": "61:62:63:64:65:66"}}'],
    ],
    [
      'symbols',
      'print(ksym(kaddr("vfs_read"))); print(ksym(0)); print(ksym(1)); print(usym(0)); print(usym(1)); @ks[ksym(kaddr("vfs_read"))] = 1;',
      ['vfs_read', '0', '0x1', '0', '0x1', '', '', '@ks[vfs_read]: 1'],
      [
        '{"type": "value", "data": "vfs_read"}',
        '{"type": "value", "data": "0"}',
        '{"type": "value", "data": "0x1"}',
        '{"type": "value", "data": "0"}',
        '{"type": "value", "data": "0x1"}',
        '{"type": "map", "data": {"@ks": {"vfs_read": 1}}}',
      ],
    ],
    [
      'time stamps',
      'print(strftime("100%%", nsecs)); @t = strftime("literal", nsecs); time("now\\n");',
      ['100%', 'now', '', '', '@t: literal'],
      [
        '{"type": "value", "data": "100%"}',
        '{"type": "time", "data": "now\\n"}',
        '{"type": "map", "data": {"@t": "literal"}}',
      ],
    ],
    [
      'cgroup paths',
      'print(cgroup_path(cgroup, "unified")); print(cgroup_path(0)); @c = cgroup_path(cgroup, "unified");',
      ['unified:CGROUP', '', '', '', '@c: unified:CGROUP'],
      [
        '{"type": "value", "data": "unified:CGROUP"}',
        '{"type": "value", "data": ""}',
        '{"type": "map", "data": {"@c": "unified:CGROUP"}}',
      ],
    ],
    [
      'time series',
      '@ts = 1000000000; @a = tseries(5, 1s, 5); @k["x"] = tseries(2, 1s, 5); @ts = 3000000000; @a = tseries(-1, 1s, 5); @n = tseries(1, 1s, 5); clear(@n); print(@n);',
      [
        '@n:',
        '<no data>',
        '',
        '',
        '',
        '@a:',
        '         -1                                                  5',
        'hh:mm:ss |___________________________________________________|',
        'HH:MM:SS |       .                                           * 5',
        'HH:MM:SS |       .                                           | -',
        'HH:MM:SS *       .                                           | -1',
        '         v___________________________________________________v',
        '         -1                                                  5',
        '',
        '@k[x]:',
        '                   1                                                   3',
        'hh:mm:ss.ns        |___________________________________________________|',
        'HH:MM:SS           |                         *                         | 2',
        '                   v___________________________________________________v',
        '                   1                                                   3',
        '',
        '@ts: 3000000000',
      ],
      [
        '{"type": "tseries", "data": {"@n": []}}',
        '{"type": "tseries", "data": {"@a": [{"interval_start":"TIME","value":5},{"interval_start":"TIME","value":-1}]}}',
        '{"type": "tseries", "data": {"@k": {"x": [{"interval_start":"TIME","value":2}]}}}',
        '{"type": "map", "data": {"@ts": 3000000000}}',
      ],
    ],
  ])('%s', async (_, body, text, records) => {
    const program = `config = { unstable_tseries = enable } enum color { RED, GREEN = 5 };
      struct in { int a; char s[4]; union { int u; char c; } x; }; struct empty { };
      begin { $five = pid - pid + 5; $seven = $five + 2; ${body} exit(); }`;
    const options = { env: { BPFTRACE_DUMMY_TS_MAP: '@ts' } };
    const cgroup = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
    const [asText, asJson] = await Promise.all([
      runBptop(['-q', '--no-warnings', '-e', program], options),
      runBptop(['-q', '--no-warnings', '-f', 'json', '-e', program], options),
    ]);
    const own = (expected: readonly string[]): string => lines(...expected).replaceAll('CGROUP', cgroup);
    expect(
      asText.stdout.replace(/^\d\d:\d\d:\d\d(?:\.\d{9})? /gm, (time) => 'HH:MM:SS'.padEnd(time.length)),
      asText.stderr,
    ).toBe(own(text));
    expect(masked(asJson.stdout), asJson.stderr).toBe(own(records));
  });

  test('an unknown user has no name', async () => {
    const run = await runBptop([
      '-q',
      '-c',
      'setpriv --reuid 54321 true',
      '-e',
      'tracepoint:sched:sched_process_exit /uid == 54321/ { @u[username, uid] = 1; }',
    ]);
    expect(run.stdout, run.stderr).toBe('\n\n@u[, 54321]: 1\n');
  });

  test('no argument of join, cat of no file', async () => {
    const { stdout, stderr } = await e('begin { cat("/no/%s", "such"); printf("on\\n"); exit(); }');
    expect(stdout).toBe('on\n\n\n');
    expect(stderr).toBe(
      lines(
        "stdin:1:9-29: ERROR: failed to open file '/no/such': No such file or directory",
        'begin { cat("/no/%s", "such"); printf("on\\n"); exit(); }',
        '        ~~~~~~~~~~~~~~~~~~~~~',
      ).replace('1:9-29', '1:9-30'),
    );
  });
});

test.each<readonly [format: string, args: string, expected: string]>([
  ['%d|%i|%5d|%-5d|%05d|%+d', '-1, 2, 42, 42, 42, 5', '-1|2|   42|42   |00042|+5'],
  ['%d|%hd|%hhd|%ld|%lld', '4294967297, 65537, 257, 4294967297, -1', '1|1|1|4294967297|-1'],
  [
    '%u|%llu|%o|%x|%X|%#x|%08x',
    '5, 18446744073709551615, 8, 255, 255, 255, 255',
    '5|18446744073709551615|10|ff|FF|0xff|000000ff',
  ],
  ['%c|%%|%p|%p', '65, 4096, 0', 'A|%|0x1000|0'],
  ['%s|%5s|%-5s|%s|%s', '"text", "ab", "ab", 7, (1, "x")', 'text|   ab|ab   |7|(1, x)'],
  ['%s|%d', '(enum color)$five, (enum color)$five', 'GREEN|5'],
  ['%s|%d|%s', 'true, true, (a = 1, b = "z")', 'true|1|{ .a = 1, .b = z }'],
  ['%r|%rx|%rh', 'buf("a\\x01", 2), buf("a\\x01", 2), buf("ab", 2)', 'a\\x01|\\x61\\x01|61 62'],
  ['%gr', '0xcc0', 'GFP_KERNEL'],
])('printf: %j', async (format, args, expected) => {
  const program = `enum color { RED, GREEN = 5 }; begin { $five = pid - pid + 5; printf("${format}", ${args}); exit(); }`;
  const { out, errors } = await printed(program);
  expect(out, errors).toBe(`${expected}\n\n`);
});

describe('order of maps', () => {
  test.each<readonly [title: string, body: string, expected: readonly string[]]>([
    ['signed by value', '@["a"] = -1; @["b"] = -5; @["c"] = 3;', ['@[b]: -5', '@[a]: -1', '@[c]: 3']],
    [
      'unsigned by value',
      '@["a"] = (uint64)18446744073709551615; @["b"] = (uint64)1;',
      ['@[b]: 1', '@[a]: 18446744073709551615'],
    ],
    ['count', '@["a"] = count(); @["a"] = count(); @["b"] = count();', ['@[b]: 1', '@[a]: 2']],
    ['sum', '@["a"] = sum(7); @["b"] = sum(-3);', ['@[b]: -3', '@[a]: 7']],
    ['min compares unsigned', '@["a"] = min(-1); @["b"] = min(5);', ['@[b]: 5', '@[a]: -1']],
    ['max compares unsigned', '@["a"] = max(-1); @["b"] = max(5);', ['@[b]: 5', '@[a]: -1']],
    ['avg', '@["a"] = avg(9); @["b"] = avg(1); @["b"] = avg(3);', ['@[b]: 2', '@[a]: 9']],
    [
      'stats by average',
      '@["a"] = stats(9); @["b"] = stats(1); @["b"] = stats(3);',
      ['@[b]: { .count = 2, .average = 2, .total = 4 }', '@[a]: { .count = 1, .average = 9, .total = 9 }'],
    ],
    ['strings by key, bytewise', '@["b"] = "1"; @["a"] = "3"; @["B"] = "2";', ['@[B]: 2', '@[a]: 3', '@[b]: 1']],
    ['strings by integer key, signed', '@[2] = "x"; @[-1] = "y"; @[10] = "z";', ['@[-1]: y', '@[2]: x', '@[10]: z']],
    [
      'strings by tuple key, element by element',
      '@[2, "a"] = "x"; @[1, "b"] = "y"; @[1, "a"] = "z";',
      ['@[1, a]: z', '@[1, b]: y', '@[2, a]: x'],
    ],
    ['tuples by key', '@["b"] = (1, 2); @["a"] = (3, 4);', ['@[a]: (3, 4)', '@[b]: (1, 2)']],
    ['top keeps the largest', '@[1] = 5; @[2] = 3; @[3] = 9; print(@, 2); clear(@);', ['@[1]: 5', '@[3]: 9']],
    ['top 0 keeps all; div', '@[1] = 50; @[2] = 30; print(@, 0, 10); clear(@);', ['@[2]: 3', '@[1]: 5']],
    [
      'div of stats: the average only',
      '@[1] = stats(50); print(@, 0, 10); clear(@);',
      ['@[1]: { .count = 1, .average = 5, .total = 50 }'],
    ],
    [
      'div of hist: counts; of lhist: nothing',
      '@h = hist(4); @h = hist(4); @h = hist(9); print(@h, 0, 2); clear(@h); @l = lhist(4, 0, 10, 5); print(@l, 0, 2); clear(@l);',
      [
        '@h:',
        `[4, 8)                 1 |${'@'.repeat(52)}|`,
        `[8, 16)                0 |${' '.repeat(52)}|`,
        '',
        '@l:',
        `[0, 5)                 1 |${'@'.repeat(52)}|`,
        '',
      ],
    ],
    ['an empty keyed map', '@[1] = 1; clear(@); print(@);', []],
    [
      'cleared scalars',
      '@z = 1; clear(@z); print(@z); @s = stats(1); clear(@s); print(@s); @h = hist(1); clear(@h); print(@h);',
      ['@z: 0', '@s: { .count = 0, .average = 0, .total = 0 }', '@h:', ''],
    ],
  ])('%s', async (_, body, expected) => {
    const { out, errors } = await printed(`begin { ${body} exit(); }`);
    expect(out.replace(/^\n\n|\n\n$/g, ''), errors).toBe(lines(...expected));
  });
});

describe('histograms', () => {
  const bar = (label: string, count: number, width: number): string =>
    `${label.padEnd(16)}${String(count).padStart(8)} |${'@'.repeat(width).padEnd(52)}|`;

  test.each<readonly [title: string, body: string, rows: readonly string[]]>([
    [
      'of the reference',
      '@ = hist(-1); @ = hist(0); @ = hist(1); @ = hist(2); @ = hist(3); @ = hist(4); @ = hist(16);',
      [
        bar('(..., 0)', 1, 26),
        bar('[0]', 1, 26),
        bar('[1]', 1, 26),
        bar('[2, 4)', 2, 52),
        bar('[4, 8)', 1, 26),
        bar('[8, 16)', 0, 0),
        bar('[16, 32)', 1, 26),
      ],
    ],
    [
      'with suffixes',
      '@ = hist(512); @ = hist(1024); @ = hist(1048576);',
      [
        bar('[512, 1K)', 1, 52),
        bar('[1K, 2K)', 1, 52),
        ...[
          '2K, 4K',
          '4K, 8K',
          '8K, 16K',
          '16K, 32K',
          '32K, 64K',
          '64K, 128K',
          '128K, 256K',
          '256K, 512K',
          '512K, 1M',
        ].map((label) => bar(`[${label})`, 0, 0)),
        bar('[1M, 2M)', 1, 52),
      ],
    ],
    [
      'with 2 bits',
      '@ = hist(3, 2); @ = hist(12, 2);',
      [
        bar('[3]', 1, 52),
        ...['[4]', '[5]', '[6]', '[7]', '[8, 10)', '[10, 12)'].map((label) => bar(label, 0, 0)),
        bar('[12, 14)', 1, 52),
      ],
    ],
    [
      'linear, of the reference',
      '@ = lhist(-1, 0, 100, 10); @ = lhist(5, 0, 100, 10); @ = lhist(35, 0, 100, 10); @ = lhist(36, 0, 100, 10); @ = lhist(45, 0, 100, 10); @ = lhist(100, 0, 100, 10); @ = lhist(1000, 0, 100, 10);',
      [
        bar('(..., 0)', 1, 26),
        bar('[0, 10)', 1, 26),
        bar('[10, 20)', 0, 0),
        bar('[20, 30)', 0, 0),
        bar('[30, 40)', 2, 52),
        bar('[40, 50)', 1, 26),
        bar('[50, 60)', 0, 0),
        bar('[60, 70)', 0, 0),
        bar('[70, 80)', 0, 0),
        bar('[80, 90)', 0, 0),
        bar('[90, 100)', 0, 0),
        bar('[100, ...)', 2, 52),
      ],
    ],
    ['linear with step 1', '@ = lhist(5, 0, 10, 1);', [bar('[5]', 1, 52)]],
    ['linear with suffixes', '@ = lhist(2500, 0, 10240, 1024);', [bar('[2K, 3K)', 1, 52)]],
    ['of zeros', '@ = hist(5); zero(@);', []],
  ])('%s', async (_, body, rows) => {
    const { out, errors } = await printed(`begin { ${body} exit(); }`);
    expect(out, errors).toBe(`\n\n@:\n${lines(...rows)}\n`);
  });

  test('JSON of them', async () => {
    const { stdout } = await json(
      'begin { @h2[1, "a"] = hist(-3); @h2[1, "a"] = hist(1); @l2["z"] = lhist(11, 0, 10, 5); @k = hist(12, 2); @e = hist(1); zero(@e); exit(); }',
    );
    expect(stdout).toBe(
      lines(
        '{"type": "hist", "data": {"@e": []}}',
        '{"type": "hist", "data": {"@h2": {"1,a": [{"max": -1, "count": 1},{"min": 0, "max": 0, "count": 0},{"min": 1, "max": 1, "count": 1}]}}}',
        '{"type": "hist", "data": {"@k": [{"min": 12, "max": 13, "count": 1}]}}',
        '{"type": "hist", "data": {"@l2": {"z": [{"min": 10, "count": 1}]}}}',
      ),
    );
  });
});

describe('stacks', () => {
  let path = '';
  let command = '';
  beforeAll(() => {
    path = compileWorkload('frames', ['-no-pie', '-g0', '-O0']);
    command = `${path} 1`;
  });

  const program = (body: string): string =>
    body.includes('ustack')
      ? `tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { ${body} exit(); }`
      : `uprobe:${path}:uprobeFunction1 { ${body} exit(); }`;
  const comm = (): string => path.split('/').at(-1)?.slice(0, 15) ?? '';
  /** Offsets and addresses differ from compiler to compiler, the C library's frames from system to system. */
  const masked = (text: string): string =>
    text
      .replaceAll(path, 'PATH')
      .replaceAll(comm(), 'frames')
      .replace(/\+[1-9]\d*/g, '+N')
      .replace(/0x[0-9a-f]+/g, '0xHEX')
      .replace(/(?<=\t|^|\\n|\\t)[0-9a-f]{6,16}(?= |$|\\n|uprobe|caller)/gm, 'HEX');

  test.each<readonly [title: string, body: string, text: readonly string[], json: string]>([
    [
      'a value',
      '@m = ustack(3);',
      ['', '', '@m: ', '        uprobeFunction1+N', '        caller+N', '        main+N', ''],
      '{"type": "map", "data": {"@m": "\\n        uprobeFunction1+N\\n        caller+N\\n        main+N\\n"}}\n',
    ],
    [
      'a key of several parts',
      '@n[ustack(2), comm] = count();',
      ['', '', '@n[', '        uprobeFunction1+N', '        caller+N', ', frames]: 1'],
      '{"type": "map", "data": {"@n": {"\\nuprobeFunction1+N\\ncaller+N\\n,frames": 1}}}\n',
    ],
    [
      'in printf',
      'printf("[%s]\\n", ustack(1));',
      ['[', '        uprobeFunction1+N', ']', '', ''],
      '{"type": "printf", "data": "[\\n        uprobeFunction1+N\\n]\\n"}\n',
    ],
    [
      'mode perf',
      '@p[ustack(perf, 2)] = 1;',
      ['', '', '@p[', '\tHEX uprobeFunction1+N (PATH)', '\tHEX caller+N (PATH)', ']: 1'],
      '{"type": "map", "data": {"@p": {"\\n\\tHEXuprobeFunction1+N(PATH)\\n\\tHEXcaller+N(PATH)\\n": 1}}}\n',
    ],
    [
      'mode raw',
      '@r[ustack(raw, 2)] = 1;',
      ['', '', '@r[', 'HEX', 'HEX', ']: 1'],
      '{"type": "map", "data": {"@r": {"\\nHEX\\nHEX\\n": 1}}}\n',
    ],
    ['usym', 'print(usym(reg("ip")));', ['uprobeFunction1', '', ''], '{"type": "value", "data": "uprobeFunction1"}\n'],
    ['func', 'print(func);', ['uprobeFunction1', '', ''], '{"type": "value", "data": "uprobeFunction1"}\n'],
  ])('%s', async (_, body, text, record) => {
    const asText = await e(program(body), '-o', join(folder, 'text'), '-c', command);
    expect(masked(readFileSync(join(folder, 'text'), 'utf8')), asText.stderr).toBe(lines(...text));
    const asJson = await json(program(body), '-o', join(folder, 'json'), '-c', command);
    expect(masked(readFileSync(join(folder, 'json'), 'utf8')), asJson.stderr).toBe(record);
  });

  test('mode build_id', async () => {
    const file = join(folder, 'build-id');
    await e(program('@b[ustack(build_id, 2)] = 1;'), '-o', file, '-c', command);
    expect(readFileSync(file, 'utf8')).toMatch(
      /^\n\n@b\[\n[0-9a-f]{40} 0x[0-9a-f]+\n[0-9a-f]{40} 0x[0-9a-f]+\n\]: 1\n$/,
    );
    await e(program('@b[ustack(build_id, 2)] = 1;'), '-f', 'folded', '-o', file, '-c', command);
    expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{40}\+0x[0-9a-f]+;[0-9a-f]{40}\+0x[0-9a-f]+ 1\n$/);
  });

  test('folded: other parts of the key first, user frames, kernel frames', async () => {
    const file = join(folder, 'folded');
    const probe =
      'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @[kstack(1), ustack(3), comm] = count(); exit(); }';
    const { stderr } = await e(probe, '-f', 'folded', '-o', file, '-c', command);
    expect(readFileSync(file, 'utf8'), stderr).toMatch(
      new RegExp(`^${comm()};main;caller;uprobeFunction1;\\w+_\\[k\\] 1\\n$`),
    );
  });

  test('an empty stack is a line end', async () => {
    expect((await e('begin { printf("[%s]", ustack(1)); print(ustack(1)); exit(); }')).stdout).toMatch(
      /^\[\n(.*\n)?\]\n(.*\n)?\n\n\n$/,
    );
  });

  test('kernel stacks', async () => {
    const probe =
      'tracepoint:syscalls:sys_enter_getppid { @k[kstack(1)] = 1; @p[kstack(perf, 1)] = 1; @r[kstack(raw, 1)] = 1; exit(); }';
    const file = join(folder, 'kernel');
    await e(probe, '-o', file, '-c', command);
    expect(readFileSync(file, 'utf8')).toMatch(
      /^\n\n@k\[\n {8}\w+\+\d+\n\]: 1\n@p\[\n\t[0-9a-f]{16} \w+\+\d+\n\]: 1\n@r\[\n[0-9a-f]{16}\n\]: 1\n$/,
    );
  });
});

describe('messages of a run', () => {
  const divided = 'Divide or modulo by 0 detected. This can lead to unexpected results. 1 is being used as the result.';
  const full =
    "Map full; can't update element. Try increasing max_map_keys config or manually setting the max entries in a map declaration e.g. `let @a = hash(5000)`";

  test.each<
    readonly [title: string, program: string, args: readonly string[], stderr: readonly string[], json: string]
  >([
    [
      'errorf',
      'begin { errorf("bad %d", 1); exit(); }',
      [],
      ['stdin:1:9-28: ERROR: bad 1'],
      '{"type": "errorf", "msg": "bad 1", "filename": "stdin", "line": 1, "col": 9}',
    ],
    [
      'warnf',
      'begin { warnf("careful"); exit(); }',
      [],
      ['stdin:1:9-25: WARNING: careful'],
      '{"type": "warnf", "msg": "careful", "filename": "stdin", "line": 1, "col": 9}',
    ],
    [
      'errorf in a macro',
      'macro m() { errorf("in it"); } begin { m(); exit(); }',
      [],
      [
        'stdin:1:13-28: ERROR: in it',
        'stdin:1:40-43: expanded from',
        'macro m() { errorf("in it"); } begin { m(); exit(); }',
        '                                       ~~~',
      ],
      '{"type": "errorf", "msg": "in it", "filename": "stdin", "line": 1, "col": 13}',
    ],
    [
      'division by zero',
      'begin { $z = pid - pid; $a = 5 / $z; exit(); }',
      [],
      [
        `stdin:1:30-36: WARNING: ${divided}`,
        'begin { $z = pid - pid; $a = 5 / $z; exit(); }',
        '                             ~~~~~~',
      ],
      `{"type": "runtime_error", "msg": "${divided}", "filename": "stdin", "line": 1, "col": 30}`,
    ],
    [
      'a full map',
      'let @m = hash(2); begin { @m[1]=1; @m[2]=1; @m[3]=1; clear(@m); exit(); }',
      [],
      [
        `stdin:1:45-52: WARNING: ${full}`,
        'Additional Info - helper: map_update_elem, retcode: -7',
        'let @m = hash(2); begin { @m[1]=1; @m[2]=1; @m[3]=1; clear(@m); exit(); }',
        '                                            ~~~~~~~',
      ],
      `{"type": "helper_error", "msg": "${full}", "helper": "map_update_elem", "retcode": -7, "filename": "stdin", "line": 1, "col": 45}`,
    ],
    [
      'a missing key with -k',
      'begin { @a[2] = 2; $x = @a[1]; clear(@a); exit(); }',
      ['-k'],
      [
        "stdin:1:25-30: WARNING: Can't lookup map element because it does not exist.",
        'Additional Info - helper: map_lookup_elem, retcode: 0',
        'begin { @a[2] = 2; $x = @a[1]; clear(@a); exit(); }',
        '                        ~~~~~',
      ],
      '{"type": "helper_error", "msg": "Can\'t lookup map element because it does not exist.", "helper": "map_lookup_elem", "retcode": 0, "filename": "stdin", "line": 1, "col": 25}',
    ],
    [
      'a bad address with -k',
      'begin { $x = str(uptr(9)); exit(); }',
      ['-k'],
      [
        'stdin:1:14-26: WARNING: Bad address',
        'Additional Info - helper: probe_read_user_str, retcode: -14',
        'begin { $x = str(uptr(9)); exit(); }',
        '             ~~~~~~~~~~~~',
      ],
      '{"type": "helper_error", "msg": "Bad address", "helper": "probe_read_user_str", "retcode": -14, "filename": "stdin", "line": 1, "col": 14}',
    ],
  ])('%s', async (_, program, args, stderr, record) => {
    expect(await e(program, ...args)).toEqual({ stdout: '\n\n', stderr: lines(...stderr), status: 0 });
    expect(await json(program, ...args)).toEqual({ stdout: `${record}\n`, stderr: '', status: 0 });
    if (!args.includes('-k'))
      expect((await e(program, '--no-warnings')).stderr).toBe(/ERROR/.test(stderr[0] ?? '') ? lines(...stderr) : '');
  });

  test('lost events are counted: every one is printed or lost', async () => {
    const program = 'config = { perf_rb_pages = 1 } begin { for ($i : 0..60_000) { printf("%d\\n", $i); } }';
    const { stdout, stderr } = await e(program);
    const printed = stdout.trimEnd().split('\n').length;
    expect(stderr).toBe(
      lines(
        `Lost ${60_000 - printed} events`,
        `WARNING: Lost ${60_000 - printed} events in all: the output is incomplete`,
        'HINT: raise perf_rb_pages in config, or print less',
      ),
    );
    const records = (await json(program)).stdout.trimEnd().split('\n');
    const lost = 60_000 - (records.length - 1);
    expect(records.at(-1)).toBe(`{"type": "lost_events", "count": ${lost}, "data": {"events": ${lost}}}`);
  });
});

describe('diagnostics', () => {
  test.each<readonly [title: string, program: string, expected: readonly string[]]>([
    [
      'tabs are four blanks',
      'begin {\n\t@a = 1;\n\t@a = "x"; }',
      [
        "stdin:3:2-10: ERROR: Type mismatch for @a: trying to assign value of type 'string[2]' when map already has a type 'int8'",
        '    @a = "x"; }',
        '    ~~~~~~~~',
      ],
    ],
    [
      'expanded from',
      'macro add($x) { $x = "a"; } begin { $y = 1; add($y); }',
      [
        "stdin:1:17-25: ERROR: Type mismatch for $y: trying to assign value of type 'string[2]' when variable already has a type 'int8'",
        'macro add($x) { $x = "a"; } begin { $y = 1; add($y); }',
        '                ~~~~~~~~',
        'stdin:1:45-52: expanded from',
        'macro add($x) { $x = "a"; } begin { $y = 1; add($y); }',
        '                                            ~~~~~~~',
      ],
    ],
    [
      'a syntax error',
      'begin { $x = 1 $y = 2 }',
      [
        expect.stringMatching(/^stdin:1:\d+-\d+: ERROR: syntax: expected /),
        'begin { $x = 1 $y = 2 }',
        expect.any(String),
      ],
    ],
  ] as readonly (readonly [string, string, readonly string[]])[])('%s', async (_, program, expected) => {
    const { stdout, stderr, status } = await e(program);
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr.split('\n').slice(0, expected.length)).toEqual(expected);
  });

  test.each([
    ['always', true],
    ['never', false],
    ['auto', false],
  ])('BPFTRACE_COLOR=%s', async (BPFTRACE_COLOR, isColored) => {
    const { stderr } = await runBptop(['-e', 'begin { $x = nope; }'], { env: { BPFTRACE_COLOR } });
    expect(stderr.startsWith('\x1b[31mstdin:1:14-18: ERROR: ')).toBe(isColored);
    expect(stderr.startsWith('stdin:1:14-18: ERROR: ')).toBe(!isColored);
  });

  test('a file has its name', async () => {
    const file = join(folder, 'named.bt');
    writeFileSync(file, '\n  begin { nope }\n');
    expect((await runBptop([file])).stderr).toMatch(new RegExp(`^${file}:2:11-15: ERROR: `));
  });
});

describe('tests and benchmarks', () => {
  const scale = (text: string): string =>
    text.replace(/\(\d+ (ns|μs|ms)\)/g, '(T)').replace(/"duration": \d+/g, '"duration": N');

  test('--test', async () => {
    const program = 'test:good { return 0; } test:bad { print("why"); return 1; }';
    const [green, red] = ['\x1b[32m', '\x1b[31m'];
    const { stdout, status } = await runBptop(['--test', '-e', program]);
    expect(scale(stdout)).toBe(
      lines(
        `${green}[==========]\x1b[0m Running 2 tests.`,
        `${green}[ RUN      ]\x1b[0m good`,
        `${green}[       OK ]\x1b[0m good (T)`,
        `${green}[ RUN      ]\x1b[0m bad`,
        'why',
        `${red}[  FAILED  ]\x1b[0m bad (T)`,
        `${green}[==========]\x1b[0m 2 tests ran.`,
        `${green}[  PASSED  ]\x1b[0m 1 test.`,
        `${red}[  FAILED  ]\x1b[0m 1 test, listed below:`,
        `${red}[  FAILED  ]\x1b[0m bad`,
      ),
    );
    expect(status).toBe(1);
    expect(scale((await runBptop(['--mode', 'test', '-f', 'json', '-e', program])).stdout)).toBe(
      lines(
        '{"type": "test_result", "data": {"good": {"duration": N, "passed": true, "output": ""}}}',
        '{"type": "test_result", "data": {"bad": {"duration": N, "passed": false, "output": "why\\n"}}}',
      ),
    );
  });

  test('--bench', async () => {
    const program = 'bench:one { @++; }';
    const { stdout, status } = await runBptop(['--bench', '-e', program]);
    expect(stdout).toMatch(/^Benchmark {32}Time\(ns\) {7}Iterations\n-+\none {38}\d+ +\d+\n$/);
    expect(status).toBe(0);
    expect((await runBptop(['--mode', 'bench', '-f', 'json', '-e', program])).stdout).toMatch(
      /^\{"type": "benchmark_result", "data": \{"one": \{"average": \d+, "iters": \d+\}\}\}\n$/,
    );
  });
});

describe('lists', () => {
  const list = async (...args: readonly string[]): Promise<string> => (await runBptop(['-l', ...args])).stdout;

  test.each<readonly [args: readonly string[], expected: readonly string[]]>([
    [['tracepoint:sched:sched_wakeup'], ['tracepoint:sched:sched_wakeup']],
    [['software:faults:'], ['software:faults:']],
    [['hardware:cycles:'], ['hardware:cycles:']],
    [['interval:*'], ['interval:hz:', 'interval:ms:', 'interval:s:', 'interval:us:']],
    [['profile:hz*'], ['profile:hz:']],
    [['self:*'], ['self:signal:SIGUSR1']],
    [['kprobe:vfs_read'], ['kprobe:vfs_read']],
    [['fentry:vfs_read'], ['fentry:vmlinux:vfs_read']],
    [['rawtracepoint:sched_wakeup'], ['rawtracepoint:vmlinux:sched_wakeup']],
    [['iter:task'], ['iter:task']],
    [['software:faults:,iter:task'], ['iter:task', 'software:faults:']],
    [['-e', 'begin { } end { } interval:s:1 { }'], ['interval:s:1']],
    [
      ['-v', 'tracepoint:sched:sched_wakeup'],
      ['tracepoint:sched:sched_wakeup', '    char comm[16]', '    pid_t pid', '    int prio', '    int target_cpu'],
    ],
    [
      ['-v', 'fentry:vfs_read'],
      ['fentry:vmlinux:vfs_read', '    struct file * file', '    char * buf', '    size_t count', '    loff_t * pos'],
    ],
    [
      ['-v', 'struct timespec64'],
      ['vmlinux: struct timespec64 {', '\ttime64_t tv_sec;', '\tlong int tv_nsec;', '};', ''],
    ],
  ])('%j', async (args, expected) => {
    const output = await list(...args);
    expect(output.split('\n').slice(0, -1).sort()).toEqual([...expected].sort());
    if (args[0] === '-v') expect(output).toBe(lines(...expected));
  });

  test('of a binary', async () => {
    const path = compileWorkload('targets');
    expect(await list(`uprobe:${path}:a*`)).toBe(lines(`uprobe:${path}:add`, `uprobe:${path}:allocate`));
    expect(await list(`usdt:${path}:*`)).toBe(lines(`usdt:${path}:targets:gated`, `usdt:${path}:targets:plain`));
    expect(await list('-v', `uprobe:${path}:allocate`)).toBe(lines(`uprobe:${path}:allocate`, '    size_t size'));
  });
});

describe('what bptop adds', () => {
  test('-i prints and clears, --once ends after the first', async () => {
    const program = 'interval:ms:20 { @++; } end { printf("end\\n"); }';
    const { stdout } = await e(program, '--once', '-i', '0.3');
    expect(stdout).toMatch(/^@: \d+\nend\n\n\n$/);
    let isStopped = false;
    const run = await runBptop(['-q', '-i', '0.1', '-e', 'interval:ms:10 { @["k"] = count(); }'], {
      onOutput: (text, child) => {
        if (isStopped || text.split('\n').length < 4) return;
        isStopped = true;
        child.kill('SIGINT');
      },
    });
    expect(run.stdout).toMatch(/^(@\[k\]: \d+\n){3,}\n\n(@\[k\]: \d+\n)?$/);
  });

  test('csv', async () => {
    const program =
      'begin { @a["x,y", 1] = 2; @h = hist(4); @s[1] = stats(3); printf("own,row\\n"); print((1, "q\\"")); exit(); }';
    expect((await e(program, '-f', 'csv')).stdout).toBe(
      lines(
        'own,row',
        '"(1, q"")"',
        'map,key1,key2,value',
        '@a,"x,y",1,2',
        'map,min,max,count',
        '@h,4,7,1',
        'map,key,count,average,total',
        '@s,1,1,3,3',
      ),
    );
  });

  test('time stamps in JSON', async () => {
    expect((await json('begin { print(1); exit(); }', '--timestamps')).stdout).toMatch(
      /^\{"type": "value", "data": 1, "timestamp": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"\}\n$/,
    );
  });
});
