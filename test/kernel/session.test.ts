import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { BpfObject, MapSpec } from '../../src/codegen/object.ts';
import { openSession, type SessionOptions } from '../../src/session/open-session.ts';
import { type Session, SessionError } from '../../src/session/session.ts';
import {
  add,
  addReg,
  and,
  atomicAdd,
  call,
  exit,
  HELPERS,
  jump,
  jumpIfEqual,
  jumpIfNotEqual,
  label,
  link,
  load,
  mapOf,
  mov,
  movReg,
  shiftLeft,
  slotOf,
  store,
  storeImmediate,
  storeWord,
} from '../support/assembler.ts';
import {
  BEGIN,
  CONFIG,
  END,
  object,
  printAction,
  program,
  site,
  symbol,
  systemFacts,
  tracepointId,
  U32,
  U64,
} from '../support/objects.ts';

const FACTS = systemFacts();
/** A power of two, so that a mask shows older verifiers that the CPU's slot is within the map. */
const CPU_SLOTS = 2 ** Math.ceil(Math.log2(FACTS.possibleCpus));
/** A number that no other process of the machine calls: the kernel has no such call, but traces it. */
const CALL = 5000 + (process.pid % 20_000);
const BPF_F_MMAPABLE = 1024;

/** Sessions that a test leaves open are closed behind it. */
const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

function open(spec: BpfObject, options: Partial<SessionOptions> = {}): Session {
  const session = openSession(spec, { facts: FACTS, ...options });
  sessions.push(session);
  return session;
}

const ring = (size = 1 << 16): MapSpec => ({
  name: 'ring',
  kind: 'ringbuf',
  keySize: 0,
  valueSize: 0,
  maxEntries: size,
  flags: 0,
});

const slots = (valueSize: number): MapSpec => ({
  name: 'slots',
  kind: 'array',
  keySize: 4,
  valueSize,
  maxEntries: 1,
  flags: BPF_F_MMAPABLE,
  isMapped: true,
});

/** r7 += the CPU's slot, 64 bytes apart. */
const cpuSlot = () => [call(HELPERS.getSmpProcessorId), and(0, CPU_SLOTS - 1), shiftLeft(0, 6), addReg(7, 0)];

const PER_CPU_BYTES = 64 * CPU_SLOTS;

/** Counts the call calls in per-CPU slots, attached as `attachments` say. */
function countingObject(
  parts: Partial<Parameters<typeof program>[1]> & Pick<Parameters<typeof program>[1], 'attachments'>,
  isRaw: boolean,
) {
  // raw_tp: context[1] is the number of the call; the tracepoint's record has it at offset 8
  const code = link(
    load(2, 1, 8),
    jumpIfNotEqual(2, CALL, 'end'),
    slotOf(7, 0),
    ...cpuSlot(),
    mov(1, 1),
    atomicAdd(7, 0, 1),
    label('end'),
    mov(0, 0),
    exit(),
  );
  return object({
    maps: [slots(PER_CPU_BYTES)],
    programs: [program(code, { type: isRaw ? 'raw_tracepoint' : 'tracepoint', ...parts })],
    userMaps: [
      { symbol: symbol('@', { kind: 'count' }), storage: { kind: 'slots', place: { map: 0, offset: 0, stride: 64 } } },
    ],
  });
}

/** Calls the call so often, pinned to a CPU. */
function makeCalls(count: number, cpu: number): void {
  execFileSync('taskset', ['-c', String(cpu), 'perl', '-e', `syscall(${CALL}) for 1..${count}`]);
}

describe('attaching', () => {
  const rawSite = {
    ...site('rawtracepoint:sys_enter'),
    provider: 'rawtracepoint',
    event: 'sys_enter',
    btfId: 0,
    module: 'vmlinux',
  } as const;

  test.each(FACTS.onlineCpus)('exact counts on CPU %i through a raw tracepoint', async (cpu) => {
    const session = open(
      countingObject({ attachments: [{ kind: 'rawTracepoint', event: 'sys_enter', sites: [rawSite] }] }, true),
    );
    expect(session.snapshot().maps[0]?.entries).toEqual([]);
    expect(await session.start()).toEqual({ probes: 1, warnings: [] });
    makeCalls(100_000, cpu);
    await session.stop();
    expect(session.snapshot().maps[0]?.entries).toEqual([{ value: 100_000 }]);
  });

  test('exact counts through a perf tracepoint', async () => {
    const attachment = {
      kind: 'perf',
      site: {
        ...site('tracepoint:raw_syscalls:sys_enter', 3),
        provider: 'tracepoint',
        category: 'raw_syscalls',
        event: 'sys_enter',
        tracefsId: tracepointId('raw_syscalls', 'sys_enter'),
        rawBtfId: undefined,
      },
      cookie: 3n,
    } as const;
    const session = open(countingObject({ attachments: [attachment] }, false), { isCostMeasured: true });
    await session.start();
    makeCalls(50_000, FACTS.onlineCpus.at(-1) ?? 0);
    const [cost] = session.snapshot().probes;
    expect(cost).toMatchObject({ name: 'tracepoint:raw_syscalls:sys_enter', sites: 1 });
    expect(cost?.runs).toBeGreaterThanOrEqual(50_000);
    expect(cost?.timeNs).toBeGreaterThan(0);
    await session.stop();
    expect(session.snapshot().maps[0]?.entries).toEqual([{ value: 50_000 }]);
    makeCalls(10, 0);
    expect(session.snapshot().maps[0]?.entries).toEqual([{ value: 50_000 }]);
  });

  test('timers and samples run', async () => {
    const tick = (provider: 'interval' | 'profile') => ({
      ...site(provider),
      provider,
      period: { kind: 'time', ns: 1_000_000n } as const,
    });
    const code = (offset: number) => link(slotOf(7, 0, offset), mov(1, 1), atomicAdd(7, 0, 1), mov(0, 0), exit());
    const timed = (offset: number, provider: 'interval' | 'profile') =>
      program(code(offset), {
        type: 'perf_event',
        attachments: [{ kind: 'perf', site: tick(provider) }],
      });
    const place = (offset: number) => ({ kind: 'slots', place: { map: 0, offset, stride: 0 } }) as const;
    const session = open(
      object({
        maps: [slots(16)],
        programs: [timed(0, 'interval'), timed(8, 'profile')],
        userMaps: [
          { symbol: symbol('@a', { kind: 'count' }), storage: place(0) },
          { symbol: symbol('@b', { kind: 'count' }), storage: place(8) },
        ],
      }),
    );
    await session.start();
    const ticks = (name: string) => Number(session.snapshot([name]).maps[0]?.entries[0]?.value ?? 0);
    while (ticks('@a') < 5 || ticks('@b') < 5 * FACTS.onlineCpus.length) await session.wait(5);
    expect(session.snapshot().maps.map((map) => map.name)).toEqual(['@a', '@b']);
  });

  const missing = (name: string) =>
    ({
      kind: 'rawTracepoint',
      event: name,
      sites: [{ ...rawSite, name: `rawtracepoint:${name}`, event: name }],
    }) as const;

  test('a site that is missing is an error', async () => {
    const session = open(countingObject({ attachments: [missing('nope')] }, true));
    const refusal = await session.start().catch((error) => error);
    expect(refusal).toBeInstanceOf(SessionError);
    expect(refusal.message).toBe(
      "Unable to attach probe: rawtracepoint:nope. If this is expected, set the 'missing_probes' config variable to 'warn'.",
    );
  });

  test.each([
    ['warn', 1],
    ['ignore', 0],
  ] as const)('a site that is missing, %s', async (missingProbes, warnings) => {
    const attachments = [missing('nope'), missing('sys_enter')];
    const spec = { ...countingObject({ attachments }, true), config: { ...CONFIG, missingProbes } };
    const started = await open(spec).start();
    expect(started.probes).toBe(1);
    expect(started.warnings.map((warning) => warning.message)).toEqual(
      ['Unable to attach probe: rawtracepoint:nope.'].slice(0, warnings),
    );
  });
});

describe('the life cycle', () => {
  /** Adds `step` to the slot each time it is run. */
  const counter = (step: number, run: typeof BEGIN) =>
    program(link(slotOf(7, 0), mov(1, step), atomicAdd(7, 0, 1), mov(0, 0), exit()), {
      attachments: [{ kind: 'run', sites: [run] }],
    });
  const signal = { ...site('self:signal:SIGUSR1'), provider: 'self', signal: 'SIGUSR1' } as const;
  const runs = () =>
    object({
      maps: [slots(8)],
      programs: [counter(1, BEGIN), counter(10, BEGIN), counter(100, END), counter(1000, signal)],
      userMaps: [{ symbol: symbol('@', U64), storage: { kind: 'slots', place: { map: 0, offset: 0, stride: 0 } } }],
    });
  const value = (session: Session) => session.snapshot().maps[0]?.entries[0]?.value;

  test('begin, signal and end probes run in their time', async () => {
    const session = open(runs());
    expect(value(session)).toBeUndefined();
    expect((await session.start()).probes).toBe(4);
    expect(value(session)).toBe(11);
    session.signal('SIGUSR1');
    session.signal('SIGUSR2');
    expect(value(session)).toBe(1011);
    session.zero('@');
    expect(value(session)).toBe(0);
    await session.stop();
    await session.stop();
    expect(value(session)).toBe(100);
    session.clear('@');
    expect(value(session)).toBeUndefined();
  });

  test('closing is safe at any time', async () => {
    const early = open(runs());
    await Promise.all([early.close(), early.close()]);
    expect(early.poll()).toEqual([]);
    expect(early.snapshot().maps).toEqual([]);
    expect(early.lostEvents).toBe(0);
    early.clear('@');
    await expect(early.start()).rejects.toThrow('closed');
    const late = open(runs());
    await late.start();
    await Promise.all([late.stop(), late.close(), late.wait(1000)]);
    expect(value(late)).toBeUndefined();
  });

  test('the verifier speaks through the error', () => {
    const bad = object({
      programs: [program(link(movReg(0, 5), exit()), { attachments: [{ kind: 'run', sites: [BEGIN] }] })],
    });
    const refusal = failure(() => open(bad));
    expect(refusal.message).toBe('the kernel refuses begin: a register is read before it is written');
    expect(refusal.log).toContain('R5 !read_ok');
    const own = { code: 'x', severity: 'error', message: 'plain words', notes: [], hints: [] } as const;
    expect(failure(() => open(bad, { explainLog: () => own })).diagnostics).toEqual([own]);
  });

  test('an unprivileged user is told what to do', () => {
    const script = new URL('../fixtures/open-empty-session.ts', import.meta.url).pathname;
    const loader = new URL('../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).pathname;
    const child = spawnSync(process.execPath, ['--import', loader, script], {
      uid: 65534,
      gid: 65534,
      encoding: 'utf8',
      env: {},
    });
    expect(JSON.parse(child.stdout)).toMatchObject({
      message: 'the kernel does not let this user create map slots',
      hints: [expect.stringContaining('run bptop as root')],
    });
  });

  test('kill -9 leaves nothing behind', async () => {
    const script = new URL('../fixtures/run-forever.ts', import.meta.url).pathname;
    const loader = new URL('../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', loader, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(kernelObjects()).toContain('bptopkill9');
    child.kill('SIGKILL');
    await once(child, 'exit');
    // The kernel frees programs and maps after a grace period.
    while (kernelObjects().includes('bptopkill9')) await new Promise((resolve) => setTimeout(resolve, 50));
  });
});

function kernelObjects(): string {
  return ['prog', 'map'].map((kind) => execFileSync('bpftool', [kind, 'list'], { encoding: 'utf8' })).join('');
}

describe('events', () => {
  /** On the call, puts out {action 0, length 8, counter}; what does not fit is counted in the CPU's slot. */
  const flood = (size: number) => {
    const code = link(
      load(2, 1, 8),
      jumpIfNotEqual(2, CALL, 'end'),
      slotOf(7, 0),
      ...cpuSlot(),
      load(3, 7, 8),
      add(3, 1),
      store(7, 8, 3),
      storeImmediate(10, -16, 0),
      mov(1, 8),
      storeWord(10, -12, 1),
      store(10, -8, 3),
      mapOf(1, 1),
      movReg(2, 10),
      add(2, -16),
      mov(3, 16),
      mov(4, 1), // BPF_RB_NO_WAKEUP
      call(HELPERS.ringbufOutput),
      jumpIfEqual(0, 0, 'end'),
      mov(1, 1),
      atomicAdd(7, 0, 1),
      label('end'),
      mov(0, 0),
      exit(),
    );
    return object({
      maps: [slots(PER_CPU_BYTES), ring(size)],
      programs: [
        program(code, {
          attachments: [
            {
              kind: 'rawTracepoint',
              event: 'sys_enter',
              sites: [
                {
                  ...site('rawtracepoint:sys_enter'),
                  provider: 'rawtracepoint',
                  event: 'sys_enter',
                  btfId: 0,
                  module: 'vmlinux',
                },
              ],
            },
          ],
        }),
      ],
      actions: [{ action: printAction(0, [U64]), encoding: 'fixed' }],
      lossCounter: { map: 0, offset: 0, stride: 64 },
    });
  };

  test.each(FACTS.onlineCpus)('losses on CPU %i are counted exactly', async (cpu) => {
    const session = open(flood(4096));
    await session.start();
    makeCalls(10_000, cpu);
    await session.stop();
    const events = session.poll();
    // 24 bytes each in the ring
    expect(events.length).toBe(Math.floor(4096 / 24));
    expect(events.length + session.lostEvents).toBe(10_000);
    expect(events.at(-1)?.args).toEqual([events.length]);
  });

  test('a flood is drained in slices, in order and whole', async () => {
    const session = open(flood(1 << 22));
    await session.start();
    // An emulated machine reads too slowly for more than the ring holds.
    const calls = process.env['BPTOP_EMULATED'] ? 30_000 : 300_000;
    const cpu = FACTS.onlineCpus.at(-1) ?? 0;
    const child = spawn('taskset', ['-c', String(cpu), 'perl', '-e', `syscall(${CALL}) for 1..${calls}`]);
    let isOver = false;
    once(child, 'exit').then(() => {
      isOver = true;
    });
    let count = 0;
    for (;;) {
      const wasOver = isOver;
      await session.wait(20);
      const events = session.poll(5000);
      expect(events.length).toBeLessThanOrEqual(5000);
      for (const { args } of events) {
        count++;
        if (args[0] !== count) expect(args).toEqual([count]);
      }
      if (wasOver && events.length === 0) break;
    }
    expect(count).toBe(calls);
    expect(session.lostEvents).toBe(0);
  });

  test('waiting ends when something comes, and in time when nothing does', async () => {
    const session = open(flood(4096));
    await session.start();
    await session.wait(30);
    expect(session.poll()).toEqual([]);
    const waiting = session.wait(60_000);
    makeCalls(1, 0);
    await waiting;
    expect(session.poll(1)).toMatchObject([{ args: [1] }]);
  });
});

describe('maps of the kernel', () => {
  const kinds = ['hash', 'percpu_hash', 'lru_hash', 'lru_percpu_hash'] as const;

  /** A map keyed by the low bits of a counter: every the call adds 1 to its key. */
  const keyed = (kind: MapSpec['kind'], bits: number, maxEntries: number) => {
    const code = link(
      load(2, 1, 8),
      jumpIfNotEqual(2, CALL, 'end'),
      slotOf(7, 0),
      load(3, 7, 0),
      movReg(4, 3),
      add(4, 1),
      store(7, 0, 4),
      and(3, (1 << bits) - 1),
      storeWord(10, -4, 3),
      mapOf(1, 1),
      movReg(2, 10),
      add(2, -4),
      call(HELPERS.mapLookup),
      jumpIfEqual(0, 0, 'absent'),
      mov(1, 1),
      atomicAdd(0, 0, 1),
      jump('end'),
      label('absent'),
      storeImmediate(10, -16, 1),
      mapOf(1, 1),
      movReg(2, 10),
      add(2, -4),
      movReg(3, 10),
      add(3, -16),
      mov(4, 0),
      call(HELPERS.mapUpdate),
      jumpIfEqual(0, 0, 'end'),
      mov(1, 1),
      atomicAdd(7, 8, 1),
      label('end'),
      mov(0, 0),
      exit(),
    );
    return object({
      maps: [slots(16), { name: 'keyed', kind, keySize: 4, valueSize: 8, maxEntries, flags: 0 }],
      programs: [
        program(code, {
          attachments: [
            {
              kind: 'rawTracepoint',
              event: 'sys_enter',
              sites: [
                {
                  ...site('rawtracepoint:sys_enter'),
                  provider: 'rawtracepoint',
                  event: 'sys_enter',
                  btfId: 0,
                  module: 'vmlinux',
                },
              ],
            },
          ],
        }),
      ],
      userMaps: [
        {
          symbol: symbol('@', { kind: 'count' }, U32),
          storage: { kind: 'map', map: 1, isPerCpu: kind.includes('percpu') },
          fullCounter: { map: 0, offset: 8, stride: 0 },
        },
      ],
    });
  };

  test.each(kinds)('%s: entries, zero, clear', async (kind) => {
    const session = open(keyed(kind, 12, 1 << 14));
    await session.start();
    for (const cpu of FACTS.onlineCpus) makeCalls(3 << 12, cpu);
    const entries = session.snapshot().maps[0]?.entries ?? [];
    expect(entries.length).toBe(1 << 12);
    expect(new Set(entries.map((entry) => entry.key)).size).toBe(1 << 12);
    expect(entries.every((entry) => entry.value === 3 * FACTS.onlineCpus.length)).toBe(true);
    session.zero('@');
    expect(session.snapshot().maps[0]?.entries.every((entry) => entry.value === 0)).toBe(true);
    expect(session.snapshot().maps[0]?.entries.length).toBe(1 << 12);
    session.clear('@');
    expect(session.snapshot().maps[0]?.entries).toEqual([]);
  });

  test('a full map says how much it refused', async () => {
    const session = open(keyed('hash', 8, 16));
    await session.start();
    makeCalls(256, 0);
    await session.stop();
    const [map] = session.snapshot().maps;
    expect(map?.entries.length).toBe(16);
    expect(map?.refusedUpdates).toBe(240);
  });
});

test('contents are there before the first program, and frozen', async () => {
  const initial = Buffer.alloc(8);
  initial.writeBigUInt64LE(42n);
  const code = link(slotOf(7, 0), load(3, 7, 0), slotOf(8, 1), store(8, 0, 3), mov(0, 0), exit());
  const spec = object({
    maps: [
      {
        name: 'constants',
        kind: 'array',
        keySize: 4,
        valueSize: 8,
        maxEntries: 1,
        flags: 128,
        initial: [initial],
        isFrozen: true,
      },
      slots(8),
    ],
    programs: [
      program(code, {
        attachments: [{ kind: 'run', sites: [BEGIN] }],
      }),
    ],
    userMaps: [{ symbol: symbol('@', U64), storage: { kind: 'slots', place: { map: 1, offset: 0, stride: 0 } } }],
  });
  const session = open(spec);
  await session.start();
  expect(session.snapshot().maps[0]?.entries).toEqual([{ value: 42 }]);
});

function failure(run: () => unknown): SessionError {
  try {
    run();
  } catch (error) {
    if (error instanceof SessionError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
