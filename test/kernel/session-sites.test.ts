import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { Attachment, BpfObject, MapSpec, ProgramSpec } from '../../src/codegen/object.ts';
import { openLiveFacts } from '../../src/kernel/live.ts';
import type { AttachSite } from '../../src/semantics/program.ts';
import type { Type } from '../../src/semantics/types.ts';
import { openSession } from '../../src/session/open-session.ts';
import type { Session } from '../../src/session/session.ts';
import {
  add,
  addReg,
  atomicAdd,
  call,
  exit,
  HELPERS,
  jumpIfEqual,
  label,
  link,
  mapOf,
  mov,
  movReg,
  shiftLeft,
  shiftRight,
  slotOf,
  storeWord,
} from '../support/assembler.ts';
import { compile } from '../support/compile.ts';
import { object, printAction, program, site, symbol, systemFacts, U64 } from '../support/objects.ts';

const FACTS = systemFacts();
const live = openLiveFacts();
const BPF_F_MMAPABLE = 1024;

/** With N: calls first() N times and second() 2 N times, and writes N times to `watched`; with two arguments once told to. */
const TARGET = compile(
  'session-target.c',
  `#include <stdio.h>
   #include <stdlib.h>
   volatile long watched;
   unsigned short semaphore __attribute__((section(".probes")));
   __attribute__((noinline)) int first(int n) { __asm__ volatile(""); return n + 1; }
   __attribute__((noinline)) int second(int n) { __asm__ volatile(""); return n + 2; }
   int main(int argc, char **argv) {
     int count = atoi(argv[1]);
     if (argc > 2) { puts("ready"); fflush(stdout); getchar(); }
     for (int i = 0; i < count; i++) { first(i); second(i); second(i); watched = i; }
     return semaphore;
   }`,
  ['-O1', '-no-pie'],
);

const run = (count: number) => execFileSync(TARGET, [String(count)]);

const offsetOf = (name: string): bigint => {
  const found = live.binaries.symbols(TARGET).find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found.fileOffset;
};

const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

async function start(spec: BpfObject, pid?: number): Promise<Session> {
  const session = openSession(spec, { facts: FACTS, ...(pid !== undefined && { pid }) });
  sessions.push(session);
  await session.start();
  return session;
}

const slots = (valueSize: number): MapSpec => ({
  name: 'slots',
  kind: 'array',
  keySize: 4,
  valueSize,
  maxEntries: 1,
  flags: BPF_F_MMAPABLE,
  isMapped: true,
});

const slotMap = (name: string, offset: number, type: Type = U64) => ({
  symbol: symbol(name, type),
  storage: { kind: 'slots', place: { map: 0, offset, stride: 0 } } as const,
});

/** Counts by cookie: `@a` for cookie 0, `@b` for cookie 1. */
function byCookie(parts: Partial<ProgramSpec> & Pick<ProgramSpec, 'attachments'>): BpfObject {
  const code = link(
    call(HELPERS.getAttachCookie),
    shiftLeft(0, 3),
    jumpIfEqual(0, 0, 'first'),
    mov(0, 8),
    label('first'),
    slotOf(7, 0),
    addReg(7, 0),
    mov(1, 1),
    atomicAdd(7, 0, 1),
    mov(0, 0),
    exit(),
  );
  return object({
    maps: [slots(16)],
    programs: [program(code, { type: 'kprobe', ...parts })],
    userMaps: [slotMap('@a', 0), slotMap('@b', 8)],
  });
}

const counts = (session: Session) => session.snapshot().maps.map((map) => map.entries[0]?.value);

const uprobe = (name: string, nameId: number, provider: 'uprobe' | 'uretprobe' = 'uprobe'): AttachSite => ({
  ...site(`${provider}:${TARGET}:${name}`, nameId),
  provider,
  path: TARGET,
  symbol: name,
  fileOffset: offsetOf(name),
});

const single = (probe: AttachSite): Attachment => ({ kind: 'perf', site: probe, cookie: BigInt(probe.nameId) });

test('uprobes one by one, each with its cookie', async () => {
  const session = await start(byCookie({ attachments: [single(uprobe('first', 0)), single(uprobe('second', 1))] }));
  run(1000);
  await session.stop();
  run(10);
  expect(counts(session)).toEqual([1000, 2000]);
});

test('return probes', async () => {
  const session = await start(byCookie({ attachments: [single(uprobe('second', 1, 'uretprobe'))] }));
  run(100);
  expect(counts(session)).toEqual([undefined, 200]);
});

/** Since Linux 6.6. */
const HAS_MULTI = live.features.has('uprobe_multi');

test.skipIf(!HAS_MULTI).each([false, true])('many uprobes on one link, return %s', async (isReturn) => {
  const sites = [uprobe('first', 0), uprobe('second', 1)];
  const session = await start(
    byCookie({
      expectedAttachType: 'trace_uprobe_multi',
      attachments: [{ kind: 'uprobeMulti', sites, isReturn }],
    }),
  );
  run(1000);
  await session.stop();
  run(10);
  expect(counts(session)).toEqual([1000, 2000]);
});

const WAYS = HAS_MULTI ? (['perf', 'uprobeMulti'] as const) : (['perf'] as const);

test.each(WAYS)('a marker is switched on by its semaphore, %s', async (kind) => {
  const marker: AttachSite = {
    ...site('usdt', 1),
    provider: 'usdt',
    path: TARGET,
    fileOffset: offsetOf('first'),
    semaphoreOffset: live.binaries.fileOffset(TARGET, addressOf('semaphore')) ?? 0n,
    args: [],
  };
  const attachments: Attachment[] = kind === 'perf' ? [single(marker)] : [{ kind, sites: [marker], isReturn: false }];
  const session = await start(
    byCookie({ attachments, ...(kind === 'uprobeMulti' && { expectedAttachType: 'trace_uprobe_multi' }) }),
  );
  const child = spawn(TARGET, ['10']);
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
  expect(counts(session)).toEqual([undefined, 10]);
});

function addressOf(name: string): bigint {
  const line = execFileSync('nm', [TARGET], { encoding: 'utf8' })
    .split('\n')
    .find((text) => text.endsWith(` ${name}`));
  return BigInt(`0x${line?.split(' ')[0]}`);
}

test.skipIf(!HAS_MULTI)('one place of many that does not exist is named', async () => {
  const wrong = { ...uprobe('second', 1), fileOffset: 1n << 40n } as AttachSite;
  const spec = byCookie({
    expectedAttachType: 'trace_uprobe_multi',
    attachments: [{ kind: 'uprobeMulti', sites: [uprobe('first', 0), wrong], isReturn: false }],
  });
  await expect(start(spec)).rejects.toThrow(`Unable to attach probe: ${wrong.name}.`);
  const session = await start({ ...spec, config: { ...spec.config, missingProbes: 'ignore' } });
  run(5);
  expect(counts(session)).toEqual([5, undefined]);
});

/** Adds 1 each time. */
const counting = (parts: Partial<ProgramSpec> & Pick<ProgramSpec, 'attachments'>) =>
  object({
    maps: [slots(8)],
    programs: [program(link(slotOf(7, 0), mov(1, 1), atomicAdd(7, 0, 1), mov(0, 0), exit()), parts)],
    userMaps: [slotMap('@', 0)],
  });

test('page faults of one process', async () => {
  const faults: AttachSite = { ...site('software:faults:1'), provider: 'software', event: 2, count: 1n };
  const spec = counting({ type: 'perf_event', attachments: [{ kind: 'perf', site: faults }] });
  const session = await start(spec, process.pid);
  Buffer.alloc(1 << 22, 1);
  expect(Number(counts(session)[0])).toBeGreaterThan(0);
});

test('a watchpoint counts each write', async () => {
  const child = spawn(TARGET, ['10', 'wait'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const watch: AttachSite = {
    ...site('watchpoint'),
    provider: 'watchpoint',
    address: addressOf('watched'),
    length: 8,
    mode: 'w',
    pid: child.pid ?? 0,
  };
  const session = await start(counting({ type: 'perf_event', attachments: [{ kind: 'perf', site: watch }] }));
  child.stdin.end('\n');
  await once(child, 'exit');
  expect(counts(session)).toEqual([10]);
});

test('a raw tracepoint with types', async () => {
  const event = live.types.rawTracepoint('sys_enter');
  if (!event) throw new Error('no BTF for sys_enter');
  const raw: AttachSite = {
    ...site('rawtracepoint:sys_enter'),
    provider: 'rawtracepoint',
    event: 'sys_enter',
    btfId: event.btfId,
    module: event.module,
  };
  const session = await start(
    counting({
      type: 'tracing',
      expectedAttachType: 'trace_raw_tp',
      attachBtf: { id: event.btfId, module: event.module },
      attachments: [{ kind: 'rawTracepointBtf', sites: [raw] }],
    }),
  );
  run(1);
  expect(Number(counts(session)[0])).toBeGreaterThan(10);
});

test('an iterator runs to its end by itself', async () => {
  const iterator = live.types.iterator('task');
  if (!iterator) throw new Error('no task iterator');
  const tasks: AttachSite = { ...site('iter:task'), provider: 'iter', iterator: 'task', btfId: iterator.btfId };
  const session = await start(
    counting({
      type: 'tracing',
      expectedAttachType: 'trace_iter',
      attachBtf: { id: iterator.btfId, module: iterator.module },
      attachments: [{ kind: 'iterator', site: tasks }],
    }),
  );
  await session.finished;
  const first = Number(counts(session)[0]);
  expect(first).toBeGreaterThan(10);
  await session.stop();
  expect(counts(session)).toEqual([first]);
});

test('stacks are read by id and named', async () => {
  const stack = { isUser: true, mode: 'bpftrace', depth: 16 } as const;
  const code = link(
    movReg(6, 1),
    mapOf(2, 1),
    mov(3, 256), // BPF_F_USER_STACK
    call(HELPERS.getStackId),
    storeWord(10, -8, 0),
    call(HELPERS.getCurrentPidTgid),
    movReg(1, 0),
    shiftRight(1, 32),
    storeWord(10, -4, 1),
    mov(1, 0),
    storeWord(10, -16, 1),
    mov(1, 8),
    storeWord(10, -12, 1),
    mapOf(1, 2),
    movReg(2, 10),
    add(2, -16),
    mov(3, 16),
    mov(4, 0),
    call(HELPERS.ringbufOutput),
    mov(0, 0),
    exit(),
  );
  const spec = object({
    maps: [
      slots(8),
      { name: 'stacks', kind: 'stack_trace', keySize: 4, valueSize: 128, maxEntries: 1024, flags: 0, stack },
      { name: 'ring', kind: 'ringbuf', keySize: 0, valueSize: 0, maxEntries: 4096, flags: 0 },
    ],
    programs: [program(code, { type: 'kprobe', attachments: [single(uprobe('second', 0))] })],
    actions: [{ action: printAction(0, [{ kind: 'stack', ...stack }]), encoding: 'fixed' }],
    startTime: { map: 0, offset: 0, stride: 0 },
    userMaps: [slotMap('@start', 0)],
  });
  const session = await start(spec);
  run(1);
  const events = session.poll();
  expect(events.length).toBe(2);
  const [value] = events[0]?.args ?? [];
  expect(value).toMatchObject({ kind: 'stack', isUser: true });
  const frames = typeof value === 'object' && 'frames' in value ? value.frames : [];
  expect(frames[0]?.address ?? 0n).toBeGreaterThan(0n);
  const uptimeNs = Number(execFileSync('cat', ['/proc/uptime'], { encoding: 'utf8' }).split(' ')[0]) * 1e9;
  const startNs = Number(counts(session)[0]);
  expect(Math.abs(startNs - uptimeNs)).toBeLessThan(60e9);
});
