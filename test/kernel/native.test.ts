import { read } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { abandonDescriptors } from '../../native/abandon.ts';
import { callLibc } from '../../native/library.ts';
import { openRawTracepoint } from '../../native/links.ts';
import {
  BatchCursor,
  BPF_F_MMAPABLE,
  createMap,
  ElementEraser,
  freezeMap,
  lookupBatch,
  lookupElement,
  mapArray,
  nextKey,
  updateElement,
} from '../../native/maps.ts';
import { NativeError } from '../../native/native-error.ts';
import { openPerfEvent, PERF_COUNT_SW_CPU_CLOCK, PERF_TYPES } from '../../native/perf.ts';
import { loadProgram, programStatistics, testRun } from '../../native/programs.ts';
import { runInstructions } from '../../native/run-instructions.ts';
import { closeDescriptor, closeInThread } from '../../native/syscall.ts';
import {
  add,
  assemble,
  call,
  exit,
  HELPERS,
  insn,
  load,
  loadMapValue,
  mov,
  movReg,
  store,
} from '../support/assembler.ts';

const readPromise = promisify(read);

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

describe('programs', () => {
  test('instructions run and return', () => {
    expect(runInstructions(assemble(mov(0, 41), add(0, 1), exit()))).toBe(42);
  });

  test('arguments of a raw tracepoint arrive', () => {
    expect(runInstructions(assemble(load(0, 1, 8), exit()), Buffer.concat([u64(1n), u64(7n)]))).toBe(7);
  });

  test('a refusal carries the log', () => {
    const refusal = capture(() => runInstructions(assemble(movReg(0, 5), exit())));
    expect(refusal).toMatchObject({ code: 'EACCES', operation: 'BPF_PROG_LOAD' });
    expect(refusal.log).toContain('R5 !read_ok');
  });

  test('statistics name the program', () => {
    const fd = loadProgram({
      name: 'a-b c',
      type: 'raw_tracepoint',
      license: 'GPL',
      instructions: assemble(mov(0, 0), exit()),
    });
    testRun(fd);
    expect(programStatistics(fd).id).toBeGreaterThan(0);
    closeDescriptor(fd);
  });

  test('a raw tracepoint that does not exist', () => {
    const fd = loadProgram({
      name: 't',
      type: 'raw_tracepoint',
      license: 'GPL',
      instructions: assemble(mov(0, 0), exit()),
    });
    expect(capture(() => openRawTracepoint(fd, 'no_such_event'))).toMatchObject({ code: 'ENOENT' });
    const link = openRawTracepoint(fd, 'sys_enter');
    closeDescriptor(link);
    closeDescriptor(fd);
  });
});

describe('maps', () => {
  test('100,000 entries come in one batch', () => {
    const count = 100_000;
    const fd = createMap({ name: 'batch', kind: 'hash', keySize: 4, valueSize: 8, maxEntries: count });
    for (let index = 0; index < 1000; index++) updateElement(fd, u32(index), u64(BigInt(index) * 3n));
    const keys = Buffer.alloc(count * 4);
    const values = Buffer.alloc(count * 8);
    expect(lookupBatch(fd, new BatchCursor(4), keys, values, count)).toEqual({ count: 1000, outcome: 'end' });
    const seen = new Map<number, bigint>();
    for (let index = 0; index < 1000; index++)
      seen.set(keys.readUInt32LE(index * 4), values.readBigUInt64LE(index * 8));
    expect(seen.size).toBe(1000);
    expect(seen.get(999)).toBe(2997n);
    closeDescriptor(fd);
  });

  test('elements are erased, a few or all that are left', () => {
    const fd = createMap({ name: 'erased', kind: 'hash', keySize: 4, valueSize: 8, maxEntries: 64 });
    for (let index = 0; index < 50; index++) updateElement(fd, u32(index), u64(1n));
    const eraser = new ElementEraser(fd, 4);
    const left = () => lookupBatch(fd, new BatchCursor(4), Buffer.alloc(64 * 4), Buffer.alloc(64 * 8), 64).count;
    eraser.eraseSome(20);
    expect(left()).toBe(30);
    eraser.eraseSome(1000);
    expect(left()).toBe(0);
    closeDescriptor(fd);
  });

  test('a batch that is too small asks for more room', () => {
    const fd = createMap({ name: 'small', kind: 'hash', keySize: 4, valueSize: 8, maxEntries: 4096 });
    for (let index = 0; index < 4096; index++) updateElement(fd, u32(index), u64(1n));
    let capacity = 1;
    let total = 0;
    const cursor = new BatchCursor(4);
    for (let calls = 0; calls < 10_000; calls++) {
      const result = lookupBatch(fd, cursor, Buffer.alloc(capacity * 4), Buffer.alloc(capacity * 8), capacity);
      total += result.count;
      if (result.outcome === 'end') break;
      if (result.outcome === 'grow') capacity *= 2;
    }
    expect(total).toBe(4096);
    expect(capacity).toBeGreaterThan(1);
    closeDescriptor(fd);
  });

  test('single entries', () => {
    const fd = createMap({ name: 'one', kind: 'hash', keySize: 4, valueSize: 8, maxEntries: 10 });
    const key = Buffer.alloc(4);
    const value = Buffer.alloc(8);
    expect(nextKey(fd, undefined, key)).toBe(false);
    updateElement(fd, u32(5), u64(6n));
    expect(nextKey(fd, undefined, key)).toBe(true);
    expect(key.readUInt32LE()).toBe(5);
    expect(nextKey(fd, u32(5), key)).toBe(false);
    expect(lookupElement(fd, u32(5), value)).toBe(true);
    expect(value.readBigUInt64LE()).toBe(6n);
    expect(lookupElement(fd, u32(6), value)).toBe(false);
    const eraser = new ElementEraser(fd, 4);
    u32(5).copy(eraser.key);
    expect(eraser.erase()).toBe(true);
    expect(eraser.erase()).toBe(false);
    closeDescriptor(fd);
  });

  test('an array is seen in place, and a view that outlives it is harmless', () => {
    const fd = createMap({
      name: 'slots',
      kind: 'array',
      keySize: 4,
      valueSize: 16,
      maxEntries: 1,
      flags: BPF_F_MMAPABLE,
    });
    const memory = mapArray(fd, 16, 1);
    const stale = memory.bytes;
    runInstructions(assemble(loadMapValue(1, fd, 8), mov(2, 77), store(1, 0, 2), mov(0, 0), exit()));
    expect(memory.bytes.readBigUInt64LE(8)).toBe(77n);
    memory.bytes.writeBigUInt64LE(5n, 0);
    expect(runInstructions(assemble(loadMapValue(1, fd, 0), load(0, 1, 0), exit()))).toBe(5);
    memory.close();
    memory.close();
    expect(memory.bytes.length).toBe(0);
    expect(stale.readBigUInt64LE(8)).toBe(0n);
    closeDescriptor(fd);
  });

  test('a frozen map is not written any more', () => {
    const fd = createMap({ name: 'frozen', kind: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    freezeMap(fd);
    expect(capture(() => updateElement(fd, u32(0), u64(1n)))).toMatchObject({ code: 'EPERM' });
    closeDescriptor(fd);
  });

  test('an impossible map is refused by name', () => {
    const refusal = capture(() => createMap({ name: 'x', kind: 'hash', keySize: 0, valueSize: 8, maxEntries: 1 }));
    expect(refusal).toMatchObject({ code: 'EINVAL', operation: 'BPF_MAP_CREATE' });
  });
});

test('descriptors are closed in a thread', async () => {
  const open = () =>
    openPerfEvent({ type: PERF_TYPES.software, config: PERF_COUNT_SW_CPU_CLOCK, period: 1_000_000, pid: -1, cpu: 0 });
  const fds = [open(), open(), open()];
  await closeInThread(fds);
  expect(() => closeDescriptor(open())).not.toThrow();
  expect(open()).toBe(fds[0]);
  closeDescriptor(fds[0] ?? -1);
});

test('what is abandoned is closed by the kernel', async () => {
  const closed: boolean[] = [];
  const pipes = Array.from({ length: 300 }, () => {
    const pair = Buffer.alloc(8);
    callLibc('pipe', [['buffer', pair]]);
    return [pair.readInt32LE(0), pair.readInt32LE(4)] as const;
  });
  await abandonDescriptors(pipes.map(([, writer]) => writer));
  const byte = Buffer.alloc(1);
  for (const [reader] of pipes) closed.push((await readPromise(reader, byte, 0, 1, null)).bytesRead === 0);
  expect(closed.every(Boolean)).toBe(true);
  for (const [reader] of pipes) closeDescriptor(reader);
});

test('helpers are called', () => {
  const program = assemble(call(HELPERS.getCurrentPidTgid), insn(0x77, 0, 0, 0, 32), exit());
  expect(runInstructions(program)).toBe(process.pid);
});

function capture(run: () => unknown): NativeError {
  try {
    run();
  } catch (error) {
    if (error instanceof NativeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
