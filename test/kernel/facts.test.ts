/** The facts about the running kernel, compared with what bpftool, tracefs and Debian's bpftrace say of it. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CMember } from '../../src/ctype/ctype.ts';
import { openSystemBtf } from '../../src/kernel/btf/sources.ts';
import { openLiveFacts } from '../../src/kernel/live.ts';
import { tracepointSyscallNumber } from '../../src/kernel/syscalls.ts';
import { fieldText } from '../../src/kernel/tracefs/format.ts';
import { listProbes } from '../../src/listing/listing.ts';

const cache = mkdtempSync(join(tmpdir(), 'bptop-facts-'));
afterAll(() => rmSync(cache, { recursive: true }));
const facts = openLiveFacts({ btf: { cache } });
const { types, tracepoints } = facts;

const hasTool = (name: string) => ['/usr/sbin', '/usr/bin'].some((folder) => existsSync(`${folder}/${name}`));
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'latin1', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });

describe.skipIf(!hasTool('bpftool'))('BTF as bpftool reads it', () => {
  const records = run('bpftool', 'btf', 'dump', 'file', '/sys/kernel/btf/vmlinux', 'format', 'raw').split(/\n(?=\[)/);
  const kernel = openSystemBtf({ cache: undefined }).vmlinux();

  const every = (pattern: RegExp) =>
    records.flatMap((record) => {
      const [head = '', ...lines] = record.split('\n');
      const [, id = '', , name = ''] = pattern.exec(head) ?? [];
      return id === '' ? [] : [{ id: Number(id), name: name.replace('(anon)', ''), lines }];
    });

  test('all structures and unions', () => {
    const expected = every(/^\[(\d+)\] (STRUCT|UNION) '(.*)' size/);
    expect(expected.length).toBeGreaterThan(5000);
    const wrong = expected.filter(({ id, lines }) => {
      const type = kernel?.type(id);
      if (type?.kind !== 'struct' && type?.kind !== 'union') return true;
      return (
        lines
          .filter(Boolean)
          .map((line) => line.replace(/ type_id=\d+/, ''))
          .join() !== type.members.map(memberLine).join()
      );
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test('all enums', () => {
    const expected = every(/^\[(\d+)\] (ENUM|ENUM64) '(.*)' encoding/);
    const wrong = expected.filter(({ id, lines }) => {
      const type = kernel?.type(id);
      if (type?.kind !== 'enum') return true;
      const expectedLines = lines.filter(Boolean).map((line) => line.replace(/U?LL$/, ''));
      return expectedLines.join() !== type.values.map(({ name, value }) => `\t'${name}' val=${value}`).join();
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test.each([
    ['STRUCT', 'struct'],
    ['UNION', 'union'],
    ['TYPEDEF', 'typedef'],
    ['FUNC', 'function'],
    ['VAR', 'variable'],
  ] as const)('each %s is found by name, the first of its name', (kind, space) => {
    const first = new Map<string, number>();
    for (const { id, name } of every(new RegExp(`^\\[(\\d+)\\] (${kind}) '(.*)' `))) {
      if (name !== '' && !first.has(name)) first.set(name, id);
    }
    const wrong = [...first].filter(([name, id]) => kernel?.idOf(space, name) !== id);
    expect(wrong).toEqual([]);
  });

  test('the index from disk answers as the fresh one does', () => {
    openSystemBtf({ cache }).vmlinux();
    const cached = openSystemBtf({ cache }).vmlinux();
    expect(readdirSync(cache)).toHaveLength(1);
    const names = kernel?.names('struct') ?? [];
    expect(names.filter((name) => cached?.idOf('struct', name) !== kernel?.idOf('struct', name))).toEqual([]);
    expect(cached?.idOf('struct', 'no_such_struct')).toBe(0);
  });
});

function memberLine({ name, bitOffset, bitSize }: CMember): string {
  const shown = name === '' ? '(anon)' : name;
  return `\t'${shown}' bits_offset=${bitOffset}${bitSize === undefined ? '' : ` bitfield_size=${bitSize}`}`;
}

describe('tracefs', () => {
  const folder = '/sys/kernel/tracing/events';

  test('every field of every event is understood', () => {
    let events = 0;
    for (const category of tracepoints.categories()) {
      for (const event of tracepoints.events(category)) {
        const text = readFileSync(join(folder, category, event, 'format'), 'latin1');
        const expected = [...text.matchAll(/field:(.*?);\s*offset:(\d+);\s*size:(\d+);/g)]
          .filter(([, declaration = '']) => !/\bcommon_\w+$/.test(declaration))
          .map(([, declaration, offset, size]) => `${declaration} @${offset}+${size}`);
        const format = tracepoints.format(category, event);
        const got = format?.fields.map((field) => `${fieldText(field)} @${field.offset}+${field.size}`);
        expect(got, `${category}:${event}`).toEqual(expected);
        expect(format?.id, `${category}:${event}`).toBe(Number(/ID: (\d+)/.exec(text)?.[1]));
        events++;
      }
    }
    expect(events).toBeGreaterThan(500);
  });

  test('every system call tracepoint has a number', () => {
    const unknown = tracepoints
      .events('syscalls')
      .filter((event) => tracepointSyscallNumber(facts.architecture, event) === undefined);
    expect(unknown).toEqual([]);
  });

  test('raw tracepoints have named arguments', () => {
    const nameless = types
      .rawTracepointNames()
      .filter((name) => types.rawTracepoint(name)?.type.parameters.some((parameter) => parameter.name === ''));
    expect(nameless).toEqual([]);
  });
});

describe('functions', () => {
  test('those of BTF and of the symbol table agree', () => {
    const list = facts.functions.list();
    expect(list.length).toBeGreaterThan(10_000);
    expect(list).toContainEqual({ name: 'vfs_read', module: 'vmlinux' });
  });

  test('addresses lead back to names', () => {
    for (const name of ['vfs_read', 'do_sys_openat2', 'tcp_sendmsg']) {
      const address = facts.functions.address(name);
      expect(address).toBeGreaterThan(0n);
      expect(facts.functions.symbols.lookup((address ?? 0n) + 3n)?.name).toBe(name);
    }
    expect(facts.functions.symbols.lookup(16n)).toBeUndefined();
  });

  test('what does not exist cannot be traced', () => {
    expect(facts.functions.isTraceable('no_such_function_at_all')).toBe('no');
    expect(facts.functions.isTraceable('vfs_read')).not.toBe('no');
  });
});

describe('features', () => {
  const devices = '/sys/bus/event_source/devices';
  const { features } = facts;

  test('helpers are told apart by program type', () => {
    expect(features.hasHelper('get_current_pid_tgid', 'tracepoint')).toBe(true);
    expect(features.hasHelper('d_path', 'tracepoint')).toBe(false);
    expect(features.hasHelper('no_such_helper', 'kprobe')).toBe(false);
  });

  test('map kinds', () => {
    expect(features.hasMapKind('ringbuf')).toBe(true);
    expect(features.hasMapKind('no_such_kind')).toBe(false);
  });

  test('kfuncs', () => {
    expect(features.hasKfunc('bpf_task_from_pid')).toBe(types.function('bpf_task_from_pid') !== undefined);
    expect(features.hasKfunc('bpf_no_such')).toBe(false);
  });

  test('probe types by their devices', () => {
    expect(features.has('kprobe')).toBe(existsSync(`${devices}/kprobe`));
    expect(features.has('uprobe')).toBe(existsSync(`${devices}/uprobe`));
  });

  test('without kprobes there is nothing that rests on them', () => {
    if (features.has('kprobe')) return;
    expect(features.has('kprobe_multi')).toBe(false);
    expect(features.has('fentry')).toBe(false);
  });

  test('iterators and typed raw tracepoints', () => {
    expect(features.has('iter')).toBe(true);
    expect(features.has('raw_tp_btf')).toBe(true);
  });
});

describe.skipIf(!hasTool('bpftrace'))('lists as Debian’s bpftrace does', () => {
  test.each([
    'tracepoint:sched:*',
    'tracepoint:*',
    't:syscalls:sys_enter_*',
    'uprobe:/bin/true:*',
    'uprobe:/bin/bash:*',
    'struct list_h*',
  ])('-l %j', (pattern) => {
    const lines = run('bpftrace', '-l', pattern).split('\n').filter(Boolean);
    expect(listProbes(pattern, facts).sort()).toEqual([...new Set(lines)].sort());
  });

  /**
   * Debian's does not know of counters and timers without numbers, raw tracepoints, or functions where the kernel does not
   * list those that can be traced; ours lists all of what it lists.
   */
  test('-l', () => {
    const theirs = run('bpftrace', '-l')
      .split('\n')
      .filter((line) => line !== '' && !/^(hard|soft)ware:\*:$/.test(line));
    const ours = new Set(listProbes(undefined, facts));
    expect(theirs.filter((line) => !ours.has(line.replace(/^kfunc:/, 'fentry:')))).toEqual([]);
    expect([...ours].filter((line) => /^tracepoint:/.test(line))).toEqual(
      [...new Set(theirs)].filter((line) => /^tracepoint:/.test(line)).sort(),
    );
  });

  test.each(['t:syscalls:sys_enter_openat', 't:sched:*', 't:block:*'])('-lv %j', (pattern) => {
    const lines = run('bpftrace', '-lv', pattern).split('\n').filter(Boolean);
    expect(listProbes(pattern, facts, { isVerbose: true })).toEqual(lines);
  });

  test.each([
    'struct task_struct',
    'struct sock',
    'struct sk_buff',
    'struct request',
    'struct file_operations',
    'union bpf_attr',
    'enum pid_type',
  ])('-lv %j', (pattern) => {
    // Padding that is only implied is not spelled out.
    const lines = run('bpftrace', '-lv', pattern)
      .split('\n')
      .filter((line) => !/^\t+\w[\w ]*: \d+;$/.test(line));
    const own = listProbes(pattern, facts, { isVerbose: true })
      .map((line) => line.replace(/^vmlinux: /, ''))
      .filter((line) => !/^\t+\w[\w ]*: \d+;$/.test(line));
    expect(own.filter(Boolean)).toEqual(lines.filter(Boolean));
  });
});
