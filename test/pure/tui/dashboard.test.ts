/** What keys do, seen on the screen: prompt, picker, help, filter, sort, drill-down, time, budget, failures. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createDiagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { parseHeader } from '../../../src/panels/header.ts';
import type { Tool } from '../../../src/panels/library.ts';
import { restrictScript } from '../../../src/panels/scope.ts';
import type { MapSnapshot, StackFrame } from '../../../src/session/snapshot.ts';
import { warmUp } from '../../../tui/components/warm-up.ts';
import type { Completion, OpenRequest } from '../../../tui/sources/services.ts';
import { countMap, FakeClock, fakeServices, histMap, scalarMap } from './fake-services.ts';
import { Harness, type HarnessOptions, KEYS } from './harness.ts';

const SYSCALLS = { name: 'syscalls', text: 'tracepoint:raw_syscalls:sys_enter { @calls[comm, pid] = count(); }' };
const LATENCY = { name: 'latency', text: 'tracepoint:sched:sched_switch { @us = hist(1); }' };

let harness: Harness;
afterEach(() => harness.close());

async function open(options: HarnessOptions = {}, seconds = 3): Promise<Harness> {
  harness = new Harness({ panels: [SYSCALLS, LATENCY], ...options });
  await harness.seconds(seconds);
  return harness;
}

function tool(name: string, header: string, script: string): Tool {
  const text = `/*\n * ${name} - about ${name}\n *\n * ${header}\n */\n${script}`;
  return {
    name,
    path: `/${name}.bt`,
    text,
    description: parseHeader({ name, text }, name).description,
    isBundled: true,
    variants: [],
  };
}

/** The first column of a full-screen table's rows. */
async function column(): Promise<readonly string[]> {
  const rows = (await harness.lines()).slice(3).map((line) => /^│(\S+)/.exec(line)?.[1] ?? '');
  return rows.filter((name) => name !== '');
}

describe('panels', () => {
  test('digits and Tab choose, Enter opens, Escape goes back', async () => {
    await open();
    await harness.type('2', KEYS.enter);
    expect(await harness.screen()).toContain('p99');
    expect(await harness.screen()).not.toContain('CALLS');
    await harness.type(KEYS.escape, KEYS.tab, KEYS.enter);
    expect(await harness.screen()).toContain('postgres');
  });

  test('a panel that fails says why in its own frame; the others go on', async () => {
    await open({
      diagnostics: (text) =>
        text.includes('hist')
          ? [
              createDiagnostic('error', 'no-such-probe', 'No such tracepoint: sched:sched_swich', undefined, {
                hints: ["did you mean 'sched_switch'?"],
              }),
            ]
          : [],
    });
    const screen = await harness.screen();
    expect(screen).toContain('failed');
    expect(screen).toContain('No such tracepoint');
    expect(screen).toContain("did you mean 'sched_switch'?");
    expect(screen).toContain('postgres');
  });

  test('only what is visible is attached', async () => {
    const opened: OpenRequest[] = [];
    const panels = Array.from({ length: 12 }, (_, index) => ({ name: `panel ${index}`, text: SYSCALLS.text }));
    await open({ opened, panels, columns: 60, rows: 15 });
    expect(opened.map((request) => request.name)).toEqual(['panel 0']);
    await harness.type('5');
    expect(opened.map((request) => request.name)).toEqual(['panel 0', 'panel 4']);
    await harness.seconds(20);
    expect(harness.dashboard.panels.filter((panel) => panel.isAttached).map((panel) => panel.name)).toEqual([
      'panel 4',
    ]);
  });

  test('a panel over its budget is detached with a notice, and resumes', async () => {
    await open({ budget: 0.001 }, 6);
    expect(await harness.screen()).toContain('Press R to resume');
    expect(harness.dashboard.panel?.status.kind).toBe('suspended');
    await harness.type('R');
    expect(harness.dashboard.panel?.status.kind).toBe('live');
  });

  test('Ink draws no frame of its own, which takes it longer than a key may wait', async () => {
    await open({ columns: 160 });
    await harness.type('?', KEYS.escape, '\x1b');
    await harness.resize(120, 40);
    expect(await harness.screen()).toContain('? help');
    await harness.resize(30, 5);
    expect(await harness.screen()).toContain('this terminal is 30x5');
    await harness.resize(120, 40);
    expect(await harness.screen()).toContain('? help');
    await harness.close();
    expect(harness.framesOfInk).toEqual([]);
  });

  test('a resize to the same size, as after fg, draws all of it anew', async () => {
    await open({});
    const before = await harness.screen();
    harness.output = '';
    await harness.resize(80, 24);
    expect(await harness.screen()).toBe(before);
    expect(harness.output).toContain('help');
  });

  const COLUMNS_OF_LOG = 'PID PROCESS   CALL';

  test('the line that names the columns of a log is none of its lines, and stays under a filter', async () => {
    const log = { name: 'log', text: 'tracepoint:x { printf("%d\\n", pid); }' };
    const shown = [COLUMNS_OF_LOG, ' 12 postgres  openat'];
    await open({ panels: [log], lines: (_request, tick) => shown.slice(tick, tick + 1) });
    const screen = await harness.screen();
    expect(screen).toContain(COLUMNS_OF_LOG);
    expect(screen).toContain('─ 1 line ─╯');
    await harness.type('/nginx');
    const filtered = await harness.screen();
    expect(filtered).toContain(COLUMNS_OF_LOG);
    expect(filtered).toContain('no line matches');
    expect(filtered).not.toContain('postgres');
  });

  test('a log that has printed its columns only says so', async () => {
    const log = { name: 'log', text: 'tracepoint:x { printf("%d\\n", pid); }' };
    await open({ panels: [log], lines: (_request, tick) => (tick === 0 ? [COLUMNS_OF_LOG] : []) });
    const screen = await harness.screen();
    expect(screen).toContain(COLUMNS_OF_LOG);
    expect(screen).toContain('nothing printed yet');
    expect(screen).toContain('─ 0 lines ─╯');
  });

  test('a message about the run does not take the place of a map', async () => {
    await open();
    harness.dashboard.panel?.log.push({ timeMs: 0, text: 'Map full; can not update element', isError: true });
    await harness.seconds(1);
    expect(await harness.screen()).toContain('postgres');
    expect(await harness.screen()).toContain(' @calls  output ');
  });

  test('losses and full maps are shown in the frame and the status line', async () => {
    await open({ columns: 160, maps: (_request, tick) => [{ ...countMap('@calls', tick), refusedUpdates: 1234 }] });
    const screen = await harness.screen();
    expect(screen).toContain('@calls full, 1234 refused');
    expect(screen.split('\n')[0]).toContain('2 maps full');
  });

  test('at 60 columns the cost stays in sight; losses do whatever else is said', async () => {
    await open({ columns: 60, rows: 15 });
    expect((await harness.lines())[0]).toMatch(/live 1s .*probes 0.2% {2}bptop 0%/);
    await harness.resize(80, 24);
    await harness.close();
    await open({ columns: 80, maps: (_request, tick) => [{ ...countMap('@calls', tick), refusedUpdates: 1234 }] });
    harness.dashboard.tell('a long notice '.repeat(9));
    expect((await harness.lines())[0]).toMatch(/a long notice .*2 maps full$/);
  });

  test('too small a terminal says which size is needed, and comes back', async () => {
    await open();
    await harness.resize(50, 10);
    expect(await harness.screen()).toContain('bptop needs 60x15');
    expect(await harness.screen()).toContain('this terminal is 50x10');
    await harness.resize(100, 30);
    expect(await harness.screen()).toContain('postgres');
  });
});

describe('table', () => {
  test('s sorts by each column in turn, r reverses', async () => {
    await open();
    await harness.type(KEYS.enter);
    expect((await column())[0]).toBe('postgres');
    await harness.type('s');
    expect((await column())[0]).toBe('bash');
    await harness.type('r');
    expect((await column())[0]).toBe('systemd-journal');
  });

  test('/ filters as typed; ! inverts; Escape clears', async () => {
    await open();
    await harness.type(KEYS.enter, '/', 'n', 'g');
    expect(await column()).toEqual(['nginx']);
    await harness.type(KEYS.enter);
    expect(await harness.screen()).toContain('/ng 1 of 9 rows');
    await harness.type('/', KEYS.home, '!', KEYS.enter);
    expect(await column()).not.toContain('nginx');
    await harness.type('/', KEYS.escape);
    expect(await column()).toHaveLength(9);
  });

  test('a filter that is no regular expression is looked for as text, and says so', async () => {
    await open();
    await harness.type(KEYS.enter, '/', '[');
    expect(await harness.screen()).toContain('taken as text');
    await harness.type(KEYS.backspace, 'n');
    expect(await harness.screen()).toContain('! inverts');
  });

  test('Escape in the overview clears the filter', async () => {
    await open();
    await harness.type('/', 'nginx', KEYS.enter);
    expect(await harness.screen()).not.toContain('postgres');
    await harness.type(KEYS.escape);
    expect(await harness.screen()).toContain('postgres');
  });

  test('the selection follows its row, y copies it', async () => {
    await open();
    await harness.type(KEYS.enter, KEYS.down, KEYS.down, 'y');
    expect(harness.copied[0]).toMatch(/^redis-server\t1074\t\d+$/);
    await harness.type('r', 'y');
    expect(harness.copied[1]).toBe(harness.copied[0]);
  });

  test('v shows the map another way', async () => {
    await open();
    await harness.type(KEYS.enter, 'v');
    expect(await harness.screen()).toContain('per second');
    await harness.type('2', 'v');
    expect(await harness.screen()).toContain('colours');
  });
});

describe('histogram', () => {
  const wide: MapSnapshot = {
    ...histMap('@us', 0),
    entries: [
      {
        value: {
          kind: 'histogram',
          first: 1,
          counts: Array.from({ length: 40 }, (_, at) => (at === 30 ? 900 : 1)),
          total: 939,
        },
      },
    ],
  };

  test('where there is no room for all buckets, those with the most samples are shown; PgUp and PgDn move on', async () => {
    await open({ columns: 60, rows: 15, maps: () => [wide], panels: [LATENCY] });
    await harness.type(KEYS.enter);
    expect(await harness.screen()).toMatch(/900 █+/);
    await harness.type('\x1b[5~', '\x1b[5~', '\x1b[5~');
    expect(await harness.screen()).not.toMatch(/900 █+/);
    await harness.type('\x1b[6~', '\x1b[6~', '\x1b[6~');
    expect(await harness.screen()).toMatch(/900 █+/);
  });

  test('no number of the summary is cut off', async () => {
    const text = `/*\n * x - y\n *\n * map @us: histogram, unit us\n */\n${LATENCY.text}`;
    await open({ columns: 80, panels: Array.from({ length: 6 }, () => ({ name: 'x', text })) });
    const summary = /│(n [^│]*)│/.exec(await harness.screen())?.[1] ?? '';
    expect(summary.trim()).toMatch(/^n \d+ {2}p50 [\d.]+ [mu]?s {2}p90 [\d.]+ [mu]?s( {2}p99 [\d.]+ [mu]?s)?$/);
  });
});

test('a steady line near the top of its chart is drawn, with its times below', async () => {
  const maps = (_request: OpenRequest, tick: number): readonly MapSnapshot[] => [
    { ...scalarMap('@total', tick), entries: [{ value: tick * 199 }] },
  ];
  await open({ maps, panels: [{ name: 'total', text: 'tracepoint:x { @total = count(); }' }] }, 20);
  await harness.type(KEYS.enter);
  const lines = await harness.lines();
  expect(lines.filter((line) => /[⠀-⣿]{60}/.test(line))).toHaveLength(2);
  expect(lines.at(-4)).toMatch(/^│ +-20s .* now│$/);
});

describe('flame graph', () => {
  const frames = (...names: readonly string[]): StackFrame[] =>
    names.map((symbol, at) => ({ address: BigInt(at), symbol }));
  const key = { kind: 'stack', isUser: true, pid: 1, frames: frames('leaf', 'middle', 'main') } as const;
  const maps = (_request: OpenRequest, tick: number): readonly MapSnapshot[] => [
    {
      ...countMap('@samples', tick),
      keyType: { kind: 'stack', isUser: true, mode: 'bpftrace', depth: 127 },
      entries: [{ key, value: tick }],
    },
  ];

  test('Enter zooms in, Backspace out, one frame at a time', async () => {
    await open({ maps, panels: [{ name: 'profile', text: 'profile:hz:49 { @samples[ustack] = count(); }' }] });
    await harness.type(KEYS.enter, KEYS.down, KEYS.down, KEYS.enter);
    const zoomed = harness.dashboard.panel?.view.selection()?.text;
    expect(zoomed).toContain('main;middle');
    await harness.type(KEYS.backspace);
    expect(harness.dashboard.isFull).toBe(true);
    await harness.type(KEYS.backspace, KEYS.backspace);
    expect(harness.dashboard.isFull).toBe(false);
  });
});

describe('drill-down', () => {
  test('Enter on a row restricts the panel; Backspace goes back up', async () => {
    const opened: OpenRequest[] = [];
    await open({ opened });
    await harness.type(KEYS.enter, KEYS.enter);
    expect(await harness.screen()).toContain('this panel: comm = postgres');
    await harness.type(KEYS.enter);
    expect(opened.at(-1)?.scope).toEqual([{ field: 'comm', value: 'postgres' }]);
    await harness.seconds(1);
    expect((await harness.lines())[1]).toContain('comm=postgres');
    await harness.type(KEYS.backspace);
    await harness.seconds(1);
    expect((await harness.lines())[1]).not.toContain('comm=postgres');
  });

  test('c shows the script that runs, with the restriction', async () => {
    await open();
    await harness.type(KEYS.enter, KEYS.enter, KEYS.enter, 'c');
    expect(await harness.screen()).toContain('/comm == "postgres"/');
  });

  test('a recording is not restricted, and says so', async () => {
    await open();
    Object.assign(harness.dashboard.services, { mode: 'replay' });
    await harness.type(KEYS.enter, KEYS.enter);
    expect(await harness.screen()).toContain('a recording cannot be restricted');
  });

  test('other tools can be asked about the same process', async () => {
    const opened: OpenRequest[] = [];
    const tools = [
      tool('opens', 'group: files', 'tracepoint:x { @[comm] = count(); }'),
      tool('wakes', 'scope pid: none', 'tracepoint:y { @ = hist(1); }'),
    ];
    await open({ opened, tools });
    await harness.type(KEYS.enter, KEYS.enter, 'opens', ' ', 'pid');
    expect(await harness.screen()).not.toContain('wakes: pid');
    await harness.type(KEYS.enter);
    expect(opened.at(-1)).toMatchObject({ name: 'opens', scope: [{ field: 'pid', value: 1000 }] });
    await harness.type(KEYS.backspace);
    expect((await harness.lines())[1]).toMatch(/^╭─ 1 syscalls ─/);
    expect(harness.dashboard.panels).toHaveLength(2);
  });

  test('d in the overview asks all panels about the process at hand, u asks about everything again', async () => {
    const opened: OpenRequest[] = [];
    await open({ opened });
    await harness.type('d');
    expect(await harness.screen()).toContain('all panels: pid = 1000');
    await harness.type(KEYS.enter);
    await harness.seconds(1);
    expect(opened.at(-1)?.scope).toEqual([{ field: 'pid', value: 1000 }]);
    expect((await harness.lines())[1]).toContain('pid=1000');
    await harness.type('u');
    await harness.seconds(1);
    expect(await harness.screen()).not.toContain('pid=1000');
    await harness.type('d', KEYS.enter, KEYS.tab, KEYS.backspace);
    await harness.seconds(1);
    expect(await harness.screen()).not.toContain('pid=1000');
  });

  test('keys of every kind can be restricted by', async () => {
    const opened: OpenRequest[] = [];
    const script = 'tracepoint:x { @[ntop(args.addr), args.big, ksym(args.at), str(@file[tid]), "read"] = count(); }';
    const map = (tick: number): MapSnapshot => ({
      ...countMap('@', tick),
      entries: [
        {
          key: [
            { kind: 'text', text: '10.0.0.1', raw: '10.0.0.1' },
            2n ** 60n,
            { kind: 'symbol', address: 0xffffn, text: 'vfs_read' },
            'a/b',
            'read',
          ],
          value: tick,
        },
      ],
    });
    const header = '/*\n * x - y\n *\n * columns @: address, big, function, file, call, count\n */\n';
    await open({
      opened,
      columns: 110,
      maps: (_request, tick) => [map(tick)],
      panels: [{ name: 'x', text: header + script }],
    });
    await harness.type(KEYS.enter, KEYS.enter);
    const offered = [...(await harness.screen()).matchAll(/this panel: (\S+ = \S+)/g)].map((match) => match[1]);
    expect(offered).toEqual(['address = 10.0.0.1', `big = ${2n ** 60n}`, 'function = vfs_read', 'file = a/b']);
    for (let at = 0; at < offered.length; at++) {
      if (at > 0) await harness.type(KEYS.enter);
      await harness.type(KEYS.enter);
      await harness.seconds(1);
    }
    expect(restrictScript({ name: 'x', text: script }, opened.at(-1)?.scope ?? [])).toBe(
      `tracepoint:x /(args.addr) == pton("10.0.0.1") && (args.big) == ${2n ** 60n} && (args.at) == 0xffff/ ` +
        '{ if ((str(@file[tid])) == "a/b") { @[ntop(args.addr), args.big, ksym(args.at), str(@file[tid]), "read"] = count(); } }',
    );
  });

  test('a part of the key in the words of the script restricts the probes that use it', async () => {
    const opened: OpenRequest[] = [];
    const tools = [
      tool('byfile', '', 'tracepoint:x { @[str(args.filename), pid] = count(); } tracepoint:y { print(1); }'),
    ];
    await open({ opened, tools });
    await harness.type('t', 'byfile', KEYS.enter);
    await harness.seconds(1);
    await harness.type(KEYS.enter);
    expect(await harness.screen()).toContain('this panel: filename = postgres');
    await harness.type(KEYS.enter);
    const term = { field: 'filename', value: 'postgres', expression: 'str(args.filename)' };
    expect(opened.at(-1)?.scope).toEqual([term]);
    expect(restrictScript({ name: 'byfile', text: tools[0]?.text ?? '' }, [term])).toContain(
      'tracepoint:x /(str(args.filename)) == "postgres"/ { @[str(args.filename), pid] = count(); } tracepoint:y { print(1); }',
    );
  });
});

describe('time', () => {
  test('p pauses, arrows step, End is live again', async () => {
    await open({}, 10);
    await harness.type('p');
    const at = (await harness.lines())[0] ?? '';
    expect(at).toContain(
      'PAUSED 15:00:10 (-0s)'.replace('15:00:10', new Date(harness.clock.timeMs).toTimeString().slice(0, 8)),
    );
    await harness.seconds(5);
    expect((await harness.lines())[0]).toContain('(-5s)');
    await harness.type(KEYS.left, KEYS.left);
    expect((await harness.lines())[0]).toContain('(-7s)');
    await harness.type(KEYS.right);
    expect((await harness.lines())[0]).toContain('(-6s)');
    await harness.type(KEYS.home);
    expect((await harness.lines())[0]).toContain('(-15s)');
    await harness.type(KEYS.end);
    expect((await harness.lines())[0]).toContain('live 1s');
  });

  test('while paused only the cost of the probes is followed', async () => {
    await open({ budget: 0.001 }, 2);
    const [panel] = harness.dashboard.panels;
    expect(panel?.status.kind).toBe('live');
    await harness.type('p');
    const { length } = panel?.history ?? { length: -1 };
    for (let check = 0; check < 3; check++) {
      harness.clock.timeMs += 5000;
      harness.dashboard.refresher.meter();
    }
    expect(panel?.history.length).toBe(length);
    expect(panel?.status.kind).toBe('suspended');
  });

  test('a panel that had no data then says so', async () => {
    const panels = Array.from({ length: 12 }, (_, index) => ({ name: `panel ${index}`, text: SYSCALLS.text }));
    await open({ panels, columns: 60, rows: 15 }, 5);
    await harness.type('p');
    harness.clock.timeMs += 500;
    await harness.type('7');
    await harness.seconds(2);
    expect(await harness.screen()).toContain('nothing was kept of that time');
  });

  test('what is shown while paused is what was then', async () => {
    await open({}, 5);
    await harness.type(KEYS.enter, 'p');
    const before = await harness.screen();
    await harness.seconds(5);
    const after = await harness.screen();
    expect(after.split('\n').slice(1)).toEqual(before.split('\n').slice(1));
  });
});

describe('prompt', () => {
  test('a script becomes a panel of its own, full screen', async () => {
    const opened: OpenRequest[] = [];
    await open({ opened });
    await harness.type(':', 'tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }', KEYS.enter);
    await harness.seconds(1);
    expect(opened.at(-1)?.text).toBe('tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }');
    expect((await harness.lines())[1]).toContain('3 tracepoint:syscalls:sys_enter_openat');
  });

  test('a bare probe counts by process', async () => {
    const opened: OpenRequest[] = [];
    await open({ opened });
    await harness.type(':', 't:syscalls:sys_enter_openat', KEYS.enter);
    expect(opened.at(-1)?.text).toBe('t:syscalls:sys_enter_openat { @[comm, pid] = count(); }');
  });

  test('an error is shown and nothing is attached', async () => {
    const opened: OpenRequest[] = [];
    await open({
      opened,
      diagnostics: (text) => (text.includes('bad') ? [createDiagnostic('error', 'x', 'there is no bad')] : []),
    });
    const count = opened.length;
    await harness.type(':', 'tracepoint:bad:x { }', KEYS.enter);
    expect(await harness.screen()).toContain('there is no bad');
    expect(harness.dashboard.prompt).toBeDefined();
    expect(opened).toHaveLength(count);
  });

  test('a long finding is shown to its end', async () => {
    const message = `${'too long for one line '.repeat(6)}THE WAY OUT`;
    await open({ diagnostics: (text) => (text.includes('bad') ? [createDiagnostic('error', 'x', message)] : []) });
    await harness.type(':', 'tracepoint:bad:x { }', KEYS.enter);
    expect(await harness.screen()).toContain('THE WAY OUT');
  });

  test('names that come late are offered without another key', async () => {
    const services = fakeServices({ clock: new FakeClock() });
    const late: Completion[] = [];
    let come: () => void = () => undefined;
    await open({
      services: Object.assign(services, {
        complete: () => late,
        onMoreCompletions: (listener: () => void) => {
          come = listener;
        },
      }),
    });
    await harness.type(':', 'kprobe:vfs_re');
    expect(await harness.screen()).not.toContain('vfs_read');
    late.push({ text: 'vfs_read', start: 7, detail: 'kernel function', kind: 'probe' });
    come();
    expect(await harness.screen()).toContain('vfs_read');
  });

  test('a paste of several lines stays in the prompt until Enter', async () => {
    const opened: OpenRequest[] = [];
    await open({ opened });
    await harness.type(':', '\x1b[200~tracepoint:a:b\n{\n  @[pid] = count();\n}\n\x1b[201~');
    expect(harness.dashboard.prompt?.editor.text).toContain('\n');
    expect(await harness.screen()).toContain('  @[pid] = count();');
    await harness.type(KEYS.enter);
    expect(opened.at(-1)?.text).toBe('tracepoint:a:b\n{\n  @[pid] = count();\n}');
  });

  test('Tab after the short name of a provider gives the provider, not a command', async () => {
    const provider = {
      text: 'tracepoint:',
      start: 0,
      detail: 'a static point of the kernel',
      kind: 'probe',
    } as const;
    await open({ completions: [provider] });
    await harness.type(':', 't', KEYS.tab);
    expect(harness.dashboard.prompt?.editor.text).toBe('tracepoint:');
  });

  test('Tab completes with an explanation; commands run', async () => {
    await open({ completions: [] });
    await harness.type(':', 'inter');
    expect(await harness.screen()).toContain('Refresh every so many seconds');
    await harness.type(KEYS.tab);
    expect(harness.dashboard.prompt?.editor.text).toBe('interval ');
    await harness.type('5', KEYS.enter);
    expect(harness.dashboard.intervalMs).toBe(5000);
  });

  test('a key does behind the colon what it does alone', async () => {
    await open();
    await harness.type(':', 'q', KEYS.enter);
    expect(harness.hasQuit).toBe(true);
  });

  test('an unknown word is answered with the nearest', async () => {
    await open();
    await harness.type(':', 'quiit', KEYS.escape);
    await harness.type(':', 'quiit', KEYS.enter);
    expect(await harness.screen()).toContain("no command or tool 'quiit'; did you mean 'quit'?");
  });

  test('history comes back with the arrow keys', async () => {
    await open();
    await harness.type(':', 'tracepoint:one:x', KEYS.enter, ':', 'tracepoint:two:x', KEYS.enter, ':', KEYS.up, KEYS.up);
    expect(harness.dashboard.prompt?.editor.text).toBe('tracepoint:one:x');
    await harness.type(KEYS.down);
    expect(harness.dashboard.prompt?.editor.text).toBe('tracepoint:two:x');
  });

  test('e edits the panel at hand in place', async () => {
    const opened: OpenRequest[] = [];
    await open({ opened });
    await harness.type('e');
    expect(harness.dashboard.prompt?.editor.text).toBe(SYSCALLS.text);
    await harness.type('\x15', 'tracepoint:changed:x { @[pid] = count(); }', KEYS.enter);
    expect(harness.dashboard.panels).toHaveLength(2);
    expect(opened.at(-1)?.text).toContain('changed');
  });

  test('w saves the panel as a tool, which is then offered', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bptop-tools-'));
    try {
      await open({ configFolder: folder });
      await harness.type('w', 'mine', KEYS.enter);
      expect(readFileSync(join(folder, 'tools', 'mine.bt'), 'utf8')).toBe(`${SYSCALLS.text}\n`);
      await harness.type('t', 'mine');
      expect(await harness.screen()).toContain('mine');
      await harness.type(KEYS.escape, ':', 'write ../evil', KEYS.enter);
      expect(await harness.screen()).toContain("'../evil' is no name for a tool");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('overlays', () => {
  test('what does not fit into a list ends in an ellipsis, whatever it is made of', async () => {
    const summary = '漢字'.repeat(40);
    await open({
      tools: [{ ...tool('x'.repeat(90), '', 'a'), description: { ...tool('x', '', 'a').description, summary } }],
    });
    await harness.type('t');
    const row = (await harness.lines()).find((line) => line.includes('xxx')) ?? '';
    expect(row).toMatch(/│ x+… {2}[漢字]+… *│/);
  });

  test('help lists every command with its keys', async () => {
    await open({ columns: 120, rows: 90 });
    await harness.type('?');
    const screen = await harness.screen();
    for (const words of ['Filter rows by a regular expression', 'Pause, and go on', 'Save the screen as text'])
      expect(screen).toContain(words);
    await harness.type('x');
    expect(await harness.screen()).not.toContain('Pause, and go on');
  });

  test('the picker searches names and descriptions', async () => {
    const tools = [tool('opens', 'group: files', 'a'), tool('retransmits', 'group: network', 'b')];
    await open({ tools });
    await harness.type('t', 'retr');
    const screen = await harness.screen();
    expect(screen).toContain('about retransmits');
    expect(screen).not.toContain('about opens');
    await harness.type(KEYS.enter);
    await harness.seconds(1);
    expect(harness.dashboard.panel?.name).toBe('retransmits');
  });

  test('c shows the script, i what the panel means', async () => {
    await open({
      panels: [{ name: 'x', text: `/*\n * x - summary of x\n *\n * high: trouble\n */\n${LATENCY.text}` }],
    });
    await harness.type('c');
    expect(await harness.screen()).toContain('tracepoint:sched:sched_switch { @us = hist(1); }');
    await harness.type('q', 'i');
    const screen = await harness.screen();
    expect(screen).toContain('summary of x');
    expect(screen).toContain('trouble');
  });

  test('help and palette name the keys that are bound', async () => {
    await open({ columns: 120, rows: 90, keys: { pause: ['ctrl+p'] } });
    await harness.type('?');
    expect(await harness.screen()).toMatch(/ Ctrl-P +Pause, and go on/);
    await harness.type(KEYS.escape, '\x0b', 'pause');
    expect(await harness.screen()).toMatch(/pause .*Ctrl-P/);
  });

  test('long lines are wrapped, not cut', async () => {
    const high = `${'much to be said '.repeat(12)}END`;
    await open({
      columns: 60,
      rows: 20,
      panels: [{ name: 'x', text: `/*\n * x - summary of x\n *\n * high: ${high}\n */\n${LATENCY.text}` }],
    });
    await harness.type('i');
    expect(await harness.screen()).toContain('END');
  });

  test('a paste goes into the list on top', async () => {
    await open({ tools: [tool('opens', 'group: files', 'a'), tool('retransmits', 'group: network', 'b')] });
    await harness.type('t', '\x1b[200~retr\n\x1b[201~');
    expect(await harness.screen()).not.toContain('about opens');
  });

  test('the one that opens beforehand, so that the first is as fast as others, is never on the screen', async () => {
    await open({ columns: 120, rows: 90 });
    await harness.seconds(2);
    const before = await harness.screen();
    const { overlay } = harness.dashboard;
    warmUp(harness.commands, harness.sink, () => undefined);
    expect([overlay, harness.dashboard.overlay?.title]).toEqual([undefined, 'Help']);
    expect(await harness.screen()).toBe(before);
    expect(harness.dashboard.overlay).toBeUndefined();
    expect(harness.output).not.toContain('any key closes');
    await harness.type('?');
    expect(await harness.screen()).toContain('any key closes');
  });

  test('panels beneath keep refreshing without drawing over the overlay', async () => {
    await open();
    await harness.type('?');
    await harness.seconds(2);
    expect(await harness.screen()).toContain('Go to a panel');
  });
});

describe('hostile text', () => {
  const NASTY = [
    '\x1b]0;owned\x07',
    '\x1b[2J\x1b[H',
    'a\nb\tc',
    '\u202eevil',
    'e\u0301\u0336\u0489',
    '\x9b31m',
    '\udc80\udcff',
    '漢字'.repeat(40),
    '/'.repeat(4096),
    '\x1b]52;c;aGk=\x07',
  ];

  test('the screen stays intact and the emulator untouched', async () => {
    await open({
      columns: 100,
      rows: 30,
      maps: (_request, tick) => [countMap('@calls', tick, NASTY)],
      panels: [SYSCALLS],
    });
    await harness.type(KEYS.enter);
    const lines = await harness.lines();
    // Every row of the frame begins and ends with its border.
    for (const line of lines.slice(2, -2)) {
      expect(line.startsWith('│')).toBe(true);
      expect(line.endsWith('│')).toBe(true);
    }
    expect(lines.join('\n')).toContain('␛]0;owned␇');
    // Nothing but our own sequences went to the terminal.
    const sequences = new Set(
      [...harness.output.matchAll(/\x1b(\[[?\d;]*[a-zA-Z]|.)/g)].map((match) => match[1]?.replace(/[\d;]+/g, '')),
    );
    expect([...sequences].every((sequence) => ['[m', '[H', '[J', '[?h', '[?l', '[G'].includes(sequence ?? ''))).toBe(
      true,
    );
    expect(harness.output).not.toContain('\x07');
    await harness.type('y');
    // What is pasted must not end a line or a bracketed paste either.
    expect(harness.copied[0]?.split('\t')).toHaveLength(3);
    expect(harness.copied[0]).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
  });

  test('a keyed histogram with hostile keys', async () => {
    const value = histMap('@us', 1).entries[0]?.value ?? 0;
    await open({
      panels: [LATENCY],
      maps: (_request, tick) => [
        {
          ...histMap('@us', tick),
          keyType: { kind: 'string', capacity: 64 },
          entries: NASTY.map((key) => ({ key, value })),
        },
      ],
    });
    for (const line of (await harness.lines()).slice(2, -2)) expect(line.endsWith('│')).toBe(true);
  });
});

test('a panel without anything to show is read again soon, and only until there is something', async () => {
  const reads = new Map<string, number>();
  const maps = (request: OpenRequest, tick: number): readonly MapSnapshot[] => {
    const read = (reads.get(request.name) ?? 0) + 1;
    reads.set(request.name, read);
    const map = countMap('@calls', tick);
    return [request.name === LATENCY.name || read > 2 ? map : { ...map, entries: [] }];
  };
  // No second passes: the clock of the test stands still.
  await open({ maps }, 0);
  const [first, second] = harness.dashboard.panels;
  await vi.waitFor(() => expect(first?.isAwaited).toBe(false), 5000);
  await new Promise((done) => setTimeout(done, 250));
  expect(reads.get(SYSCALLS.name)).toBe(3);
  expect(reads.get(LATENCY.name)).toBe(1);
  expect([first?.history.length, second?.history.length]).toEqual([3, 1]);
  expect(await harness.screen()).toContain('postgres');
});

test('however short the interval, stacks are read once a second', async () => {
  const stack: StackFrame[] = [{ address: 1n, symbol: 'main' }];
  const maps = (request: OpenRequest, tick: number): readonly MapSnapshot[] => [
    request.name === LATENCY.name
      ? {
          ...countMap('@samples', tick),
          entries: [{ key: { kind: 'stack', isUser: true, pid: 1, frames: stack }, value: tick }],
        }
      : countMap('@calls', tick),
  ];
  await open({ maps }, 1);
  const lengths = () => harness.dashboard.panels.map((panel) => panel.history.length);
  const [calls = 0, stacks = 0] = lengths();
  for (let step = 0; step < 16; step++) {
    harness.clock.timeMs += 250;
    harness.dashboard.refresher.refresh();
  }
  expect(lengths()).toEqual([calls + 16, stacks + 4]);
});

test('a panel waits for names that are being looked up, but not for long; the others go on', async () => {
  let come: () => void = () => undefined;
  let names: Promise<void> | undefined = new Promise((resolve) => {
    come = resolve;
  });
  const missingNames = (request: OpenRequest) => (request.name === LATENCY.name ? names : undefined);
  await open({ missingNames }, 1);
  const lengths = () => harness.dashboard.panels.map((panel) => panel.history.length);
  expect(lengths()).toEqual([2, 0]);
  await harness.seconds(1);
  expect(lengths()).toEqual([3, 1]);
  await harness.seconds(1);
  expect(lengths()).toEqual([4, 1]);
  names = undefined;
  come();
  await harness.seconds(1);
  expect(lengths()).toEqual([5, 3]);
});

test('a refresh in steps reads every panel, lets keys in once it has taken a while, and does not overtake itself', async () => {
  await open();
  for (const panel of harness.dashboard.panels) {
    const refresh = panel.refresh.bind(panel);
    panel.refresh = (...args) => {
      const untilMs = performance.now() + 5;
      while (performance.now() < untilMs);
      return refresh(...args);
    };
  }
  const lengths = () => harness.dashboard.panels.map((panel) => panel.history.length);
  expect(lengths()).toEqual([4, 4]);
  harness.clock.timeMs += 1000;
  const first = harness.dashboard.refresher.refreshInSteps();
  const second = harness.dashboard.refresher.refreshInSteps();
  expect(lengths()).toEqual([5, 4]);
  await Promise.all([first, second]);
  expect(lengths()).toEqual([5, 5]);
});

test('q leaves', async () => {
  await open();
  await harness.type('q');
  expect(harness.hasQuit).toBe(true);
});
