/** Names from another thread: missing at first, there once it has answered, missing for good if it fails. */

import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { Kallsyms } from '../../../src/kernel/kallsyms.ts';
import { KernelCode, type ReadFunctions } from '../../../src/symbols/kernel-code.ts';
import { functionAt, packFunctions, splitKallsyms } from '../../../src/symbols/kernel-functions.ts';
import { LateNames } from '../../../src/symbols/late-names.ts';
import type { NameAnswer, NameQuestion } from '../../../src/symbols/name-messages.ts';
import { SymbolFiles } from '../../../src/symbols/symbol-file.ts';

class FakeWorker extends EventEmitter {
  readonly questions: NameQuestion[] = [];
  isTerminated = false;

  postMessage(question: NameQuestion): void {
    this.questions.push(question);
  }

  answer(answer: NameAnswer): void {
    this.emit('message', answer);
  }

  unref(): void {}

  terminate(): void {
    this.isTerminated = true;
  }
}

function open(version = () => ''): { readonly names: LateNames; readonly workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const names = new LateNames(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  }, new KernelCode(version));
  return { names, workers };
}

/** Lines of /proc/kallsyms, as the naming thread reads them. */
function functions(...lines: readonly string[]): ReadFunctions {
  const { kernel, loaded } = splitKallsyms(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  return { kernel: packFunctions(kernel), loaded: packFunctions(loaded) };
}
const SCHEDULE = 'ffffffff81000100 T schedule';
const BEHIND = 'ffffffff81000180 t __pfx_do_exit';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('one question for all that was asked in a turn, one answer for who waits', async () => {
  const { names, workers } = open();
  const file = names.open('/proc/self/exe');
  expect(file.symbolAt(16)).toBeUndefined();
  expect(file.symbolAt(32)).toBeUndefined();
  expect(names.locate(0xffffffff81000101n)).toBeUndefined();
  expect(names.misses).toBe(3);
  let isSettled = false;
  const settled = names.settled().then(() => {
    isSettled = true;
  });
  await turn();
  const [worker] = workers;
  expect(worker?.questions.map((question) => [question.files.map((one) => one.offsets), question.functions])).toEqual([
    [[[16, 32]], 'all'],
  ]);
  expect(isSettled).toBe(false);
  worker?.answer({
    files: [[{ name: 'main', offset: 4, before: 0, behind: 1 }, null]],
    functions: functions(SCHEDULE),
  });
  await settled;
  expect(file.symbolAt(16)).toEqual({ name: 'main', offset: 4 });
  expect(file.symbolAt(32)).toBeUndefined();
  expect(names.locate(0xffffffff81000101n)).toEqual({ symbol: 'schedule', offset: 1 });
  expect(names.misses).toBe(3);
  await names.settled();
});

test('the whole of a function is known by one place in it', async () => {
  const { names, workers } = open();
  const file = names.open('/proc/self/exe');
  file.symbolAt(1000);
  await turn();
  workers[0]?.answer({ files: [[{ name: 'main', offset: 20, before: 10, behind: 30 }]] });
  await names.settled();
  const { misses } = names;
  expect([990, 1000, 1029].map((offset) => file.symbolAt(offset))).toEqual([
    { name: 'main', offset: 10 },
    { name: 'main', offset: 20 },
    { name: 'main', offset: 49 },
  ]);
  expect(names.misses).toBe(misses);
  for (const offset of [989, 1030]) expect(file.symbolAt(offset)).toBeUndefined();
  expect(names.misses).toBe(misses + 2);
  names.close();
});

test('the kernel is read once for all its functions', async () => {
  const { names, workers } = open();
  const base = 0xffffffff81000000n;
  names.locate(base + 0x120n);
  names.locate(base + 0x520n);
  await turn();
  const end = 'ffffffff81000190 T do_exit';
  workers[0]?.answer({ files: [], functions: functions(SCHEDULE, BEHIND, end, 'ffffffff81000400 D data') });
  await names.settled();
  const { misses } = names;
  const at = (offset: bigint) => names.locate(base + offset);
  expect(at(0x100n)).toEqual({ symbol: 'schedule', offset: 0 });
  expect(at(0x17fn)).toEqual({ symbol: 'schedule', offset: 0x7f });
  expect(at(0x190n)).toEqual({ symbol: 'do_exit', offset: 0 });
  expect(at(0x190n + 0xfffffn)).toEqual({ symbol: 'do_exit', offset: 0xfffff });
  expect([at(0xffn), at(0x190n + 0x100000n)]).toEqual([undefined, undefined]);
  // One location for one address: frames are shared by it.
  expect(at(0x101n)).toBe(at(0x101n));
  expect(names.misses).toBe(misses);
  expect(workers[0]?.questions.length).toBe(1);
});

test('what modules and BPF programs have is read again when there are newer ones', async () => {
  let seconds = 1000;
  const clock = vi.spyOn(process, 'uptime').mockImplementation(() => seconds);
  let version = 'old';
  const { names, workers } = open(() => version);
  const at = (address: bigint) => names.locate(address)?.symbol;
  const program = 0xffffffffc0000010n;
  at(program);
  await turn();
  const old = 'ffffffffc0000000 t bpf_prog_old\t[bpf]';
  workers[0]?.answer({ files: [], functions: functions(SCHEDULE, old, 'ffffffffc0001000 t probe\t[nf]') });
  expect(names.locate(program)).toEqual({ symbol: 'bpf_prog_old', offset: 0x10, module: 'bpf' });
  expect(names.locate(0xffffffffc0001004n)).toEqual({ symbol: 'probe', offset: 4, module: 'nf' });
  const { misses } = names;
  for (const step of [0, 60, 0]) {
    seconds += step;
    expect([at(program), at(7n), at(0xffffffff81000101n)]).toEqual(['bpf_prog_old', undefined, 'schedule']);
  }
  expect(names.misses).toBe(misses);
  version = 'new';
  seconds += 10;
  expect([at(program), at(7n), at(0xffffffff81000101n)]).toEqual([undefined, undefined, 'schedule']);
  expect(names.misses).toBe(misses + 2);
  await turn();
  expect(workers[0]?.questions.map((question) => question.functions)).toEqual(['all', 'loaded']);
  const { loaded } = functions(SCHEDULE, old.replace('old', 'new'));
  workers[0]?.answer({ files: [], functions: { loaded } });
  expect(names.locate(0xffffffff81000102n)?.symbol).toBe('schedule');
  expect([at(program), at(7n)]).toEqual(['bpf_prog_new', undefined]);
  expect(names.misses).toBe(misses + 2);
  clock.mockRestore();
});

test('the functions of the running kernel, as those who read its text find them', () => {
  const text = readFileSync('/proc/kallsyms');
  const known = new Kallsyms(text);
  const packed = packFunctions(text);
  const base = known.find('_text')?.address ?? known.find('_stext')?.address ?? 0n;
  const found = new Set<string>();
  for (let address = base; base > 0n && address < base + 0x1000000n; address += 0x1f33n) {
    const { name, address: start = 0n } = known.lookup(address) ?? {};
    if (name?.startsWith('__pfx_') || address - start >= 0x100000n) continue;
    expect(functionAt(packed, address)?.symbol).toBe(name);
    found.add(name ?? '');
  }
  expect(found.size > 1000 || known.isHidden).toBe(true);
});

test('what a symbol is said to be around a place, it is, and is not beyond', () => {
  const file = new SymbolFiles().open(process.execPath);
  let found = 0;
  for (let offset = 0x100000; offset < 0x2000000; offset += 0x1f331) {
    const place = file.placeAt(offset);
    expect(place && { name: place.name, offset: place.offset }).toEqual(file.symbolAt(offset));
    if (place === undefined) continue;
    found++;
    const { name, before, behind } = place;
    const at = (distance: number) => ({ name, offset: place.offset + distance });
    for (const distance of [-before, -(before >> 1), behind >> 1, behind - 1])
      expect(file.symbolAt(offset + distance)).toEqual(at(distance));
  }
  expect(found).toBeGreaterThan(100);
});

test('what is being looked up is not asked for twice, but is still missing', async () => {
  const { names, workers } = open();
  const file = names.open('/proc/self/exe');
  file.symbolAt(16);
  await turn();
  file.symbolAt(16);
  await turn();
  expect(workers[0]?.questions.length).toBe(1);
  expect(names.misses).toBe(2);
  workers[0]?.answer({ files: [[null]] });
  await names.settled();
});

test('a file that is not there has no names, at once', async () => {
  const { names, workers } = open();
  expect(names.open('/does/not/exist').symbolAt(1)).toBeUndefined();
  expect(names.misses).toBe(0);
  await names.settled();
  expect(workers).toEqual([]);
});

test('a thread that fails leaves nobody waiting; names are read on the spot from then on', async () => {
  const { names, workers } = open();
  const file = names.open('/proc/self/exe');
  file.symbolAt(16);
  const settled = names.settled();
  await turn();
  workers[0]?.emit('error', new Error('out of memory'));
  await settled;
  const { misses } = names;
  const direct = new SymbolFiles().open(process.execPath);
  const offsets = Array.from({ length: 64 }, (_, index) => 0x1000 * 256 * index);
  const expected = offsets.map((offset) => direct.symbolAt(offset));
  expect(expected.some((symbol) => symbol !== undefined)).toBe(true);
  expect(offsets.map((offset) => file.symbolAt(offset))).toEqual(expected);
  expect(names.misses).toBe(misses);
  expect(workers.length).toBe(1);
});
