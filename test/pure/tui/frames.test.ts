/**
 * Whole frames of each kind of panel at three sizes, as the terminal emulator shows them. A change of look is a change of
 * these files: look at them before accepting it (`vitest -u`).
 */

import { describe, expect, test } from 'vitest';
import type { MapSnapshot, StackFrame, StackValue, Value } from '../../../src/session/snapshot.ts';
import { countMap, histMap, scalarMap } from './fake-services.ts';
import { Harness, KEYS } from './harness.ts';

const SIZES = [
  [80, 24],
  [120, 40],
  [200, 50],
] as const;

const HEADER = (fields: string) =>
  `/*\n * demo - a panel\n *\n${fields
    .split('\n')
    .map((line) => ` * ${line}`)
    .join('\n')}\n */\n`;

function frame(symbol: string, index: number): StackFrame {
  return { address: BigInt(index), symbol };
}

const KERNEL_STACKS = [
  ['vfs_read', 'ksys_read', 'do_syscall_64'],
  ['ext4_file_write_iter', 'vfs_write', 'ksys_write', 'do_syscall_64'],
  ['schedule', 'futex_wait', 'do_syscall_64'],
].map((names) => names.map(frame));
const USER_STACKS = [
  ['read', 'handle_request', 'event_loop', 'main'],
  ['write', 'flush_log', 'event_loop', 'main'],
  ['pthread_cond_wait', 'worker', 'start_thread'],
].map((names) => names.map(frame));

function stackMap(tick: number): MapSnapshot {
  const stack = (isUser: boolean, frames: readonly StackFrame[]): StackValue => ({
    kind: 'stack',
    isUser,
    pid: 1,
    frames,
  });
  return {
    name: '@samples',
    keyType: {
      kind: 'tuple',
      elements: [
        { kind: 'stack', isUser: false, mode: 'bpftrace', depth: 127 },
        { kind: 'stack', isUser: true, mode: 'bpftrace', depth: 127 },
        { kind: 'string', capacity: 16 },
      ],
    },
    valueType: { kind: 'count' },
    entries: [0, 1, 2].flatMap((index) =>
      ['postgres', 'nginx'].map((comm, process) => ({
        key: [stack(false, KERNEL_STACKS[index] ?? []), stack(true, USER_STACKS[index] ?? []), comm] as Value,
        value: (tick + 1) * (7 - index * 2 + process),
      })),
    ),
    maxEntries: 4096,
    refusedUpdates: 0,
  };
}

/** A hill that wanders, so that the heat map has a pattern. */
function wanderingHistogram(tick: number): MapSnapshot {
  const counts = new Array<number>(24).fill(0);
  for (let second = 0; second <= tick; second++)
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const distance = bucket - (10 + 5 * Math.sin(second / 6));
      counts[bucket] = (counts[bucket] ?? 0) + Math.round(100 * Math.exp(-(distance ** 2) / 4));
    }
  return {
    ...histMap('@us', tick),
    entries: [{ value: { kind: 'histogram', first: 1, counts, total: counts.reduce((a, b) => a + b, 0) } }],
  };
}

function keyedHistogram(tick: number): MapSnapshot {
  const base = histMap('@us', tick);
  const value = base.entries[0]?.value;
  return {
    ...base,
    keyType: { kind: 'string', capacity: 16 },
    entries: value === undefined ? [] : ['read', 'write', 'sync'].map((key) => ({ key, value })),
  };
}

/** Padded as for a wide terminal, so that a narrow panel must close the gaps. */
function connections(tick: number): string[] {
  const header = ['PID', 'PROCESS', 'FROM', 'PORT', 'TO', 'PORT'];
  const rows = [0, 1].map((index) => [1000 + tick, 'postgres', '10.0.0.1', 40000 + tick, '192.168.0.17', 5432 + index]);
  return [...(tick === 0 ? [header] : []), ...rows].map(([pid, comm, from, port, to, other]) =>
    [String(pid).padEnd(8), String(comm).padEnd(16), String(from).padEnd(40)]
      .concat(String(port).padStart(6), '  ', String(to).padEnd(40), String(other).padStart(6))
      .join(' '),
  );
}

function linearHistogram(tick: number): MapSnapshot {
  return { ...histMap('@percent', tick), valueType: { kind: 'lhist', min: 0n, max: 120n, step: 10n } };
}

const KINDS: readonly (readonly [string, string, (tick: number) => readonly MapSnapshot[]])[] = [
  ['table', 'tracepoint:x { @calls[comm, pid] = count(); }', (tick) => [countMap('@calls', tick)]],
  [
    'table-units',
    `${HEADER('map @bytes: table, unit bytes, sort share\ncolumns @bytes: process, pid, written (bytes), share')}tracepoint:x { @bytes[comm, pid] = sum(args.n); }`,
    (tick) => [{ ...countMap('@bytes', tick), valueType: { kind: 'sum', isSigned: false } }],
  ],
  [
    'histogram',
    `${HEADER('map @us: histogram, unit us')}tracepoint:x { @us = hist(1); }`,
    (tick) => [histMap('@us', tick)],
  ],
  [
    'histogram-keyed',
    `${HEADER('map @us: histogram, unit us')}tracepoint:x { @us[args.op] = hist(1); }`,
    (tick) => [keyedHistogram(tick)],
  ],
  [
    'heatmap',
    `${HEADER('map @us: heatmap, unit us')}tracepoint:x { @us = hist(1); }`,
    (tick) => [wanderingHistogram(tick)],
  ],
  ['histogram-linear', 'tracepoint:x { @percent = lhist(1, 0, 120, 10); }', (tick) => [linearHistogram(tick)]],
  ['log', 'tracepoint:x { printf("%d %s\\n", pid, comm); }', () => []],
  ['line', 'tracepoint:x { @total = count(); }', (tick) => [scalarMap('@total', tick)]],
  ['flame', 'profile:hz:49 { @samples[kstack, ustack, comm] = count(); }', (tick) => [stackMap(tick)]],
  [
    'tree',
    `${HEADER('map @samples: tree')}profile:hz:49 { @samples[kstack, ustack, comm] = count(); }`,
    (tick) => [stackMap(tick)],
  ],
];

const lines = (request: { readonly text: string }, tick: number) =>
  request.text.includes('printf(') ? connections(tick) : [];

describe.each(SIZES)('%dx%d', (columns, rows) => {
  test.each(KINDS)('%s', async (name, text, maps) => {
    const harness = new Harness({
      columns,
      rows,
      maps: (_request, tick) => maps(tick),
      lines,
      panels: [{ name: 'demo', text }],
    });
    await harness.seconds(30);
    await harness.type(KEYS.enter);
    await expect(await harness.screen()).toMatchFileSnapshot(`frames/${name}-${columns}x${rows}.txt`);
    await harness.close();
  });

  test.each([false, true])('overview, as it is before Ink has loaded: %s', async (isFirstScreen) => {
    const panels = KINDS.map(([name, text]) => ({ name, text: text.replace('demo - a panel', `${name} - a panel`) }));
    const harness = new Harness({
      columns,
      rows,
      panels,
      isFirstScreen,
      lines,
      maps: (request, tick) => KINDS.find(([name]) => name === request.name)?.[2](tick) ?? [],
    });
    await harness.seconds(30);
    await expect(await harness.screen()).toMatchFileSnapshot(`frames/overview-${columns}x${rows}.txt`);
    await harness.close();
  });
});

test('ASCII and without colours: no byte beyond ASCII, no colour', async () => {
  const harness = new Harness({
    columns: 120,
    rows: 40,
    isAscii: true,
    depth: 'none',
    panels: KINDS.filter(([name]) => name !== 'line').map(([name, text]) => ({ name, text })),
    maps: (request, tick) => KINDS.find(([name]) => name === request.name)?.[2](tick) ?? [],
  });
  await harness.seconds(10);
  await harness.screen();
  expect([...new Set(harness.output)].filter((character) => !/[\x1b\x20-\x7e]/.test(character))).toEqual([]);
  const attributes = [...harness.output.matchAll(/\x1b\[([0-9;]*)m/g)].flatMap((match) => (match[1] ?? '').split(';'));
  expect([...new Set(attributes)].filter((code) => !['0', '1', '2', '4', '7'].includes(code))).toEqual([]);
  await harness.close();
});
