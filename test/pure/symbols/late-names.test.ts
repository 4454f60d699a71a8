/** Names from another thread: missing at first, there once it has answered, missing for good if it fails. */

import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
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

function open(): { readonly names: LateNames; readonly workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const names = new LateNames(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  });
  return { names, workers };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('one question for all that was asked in a turn, one answer for who waits', async () => {
  const { names, workers } = open();
  const file = names.open('/proc/self/exe');
  expect(file.symbolAt(16)).toBeUndefined();
  expect(file.symbolAt(32)).toBeUndefined();
  expect(names.locate(7n)).toBeUndefined();
  expect(names.misses).toBe(3);
  let isSettled = false;
  const settled = names.settled().then(() => {
    isSettled = true;
  });
  await turn();
  const [worker] = workers;
  expect(
    worker?.questions.map((question) => [question.files.map((one) => one.offsets), question.kernelAddresses]),
  ).toEqual([[[[16, 32]], [7n]]]);
  expect(isSettled).toBe(false);
  worker?.answer({
    files: [[{ name: 'main', offset: 4, before: 0, behind: 1 }, null]],
    kernel: [{ symbol: 'schedule', offset: 1 }],
  });
  await settled;
  expect(file.symbolAt(16)).toEqual({ name: 'main', offset: 4 });
  expect(file.symbolAt(32)).toBeUndefined();
  expect(names.locate(7n)).toEqual({ symbol: 'schedule', offset: 1 });
  expect(names.misses).toBe(3);
  await names.settled();
});

test('the whole of a function is known by one place in it', async () => {
  const { names, workers } = open();
  const file = names.open('/proc/self/exe');
  const base = 0xffffffff81000000n;
  file.symbolAt(1000);
  names.locate(base + 0x120n);
  names.locate(base + 0x520n);
  await turn();
  workers[0]?.answer({
    files: [[{ name: 'main', offset: 20, before: 10, behind: 30 }]],
    kernel: [
      { symbol: 'schedule', offset: 0x20, size: 0x80 },
      { symbol: 'bpf_prog', offset: 0x20, size: 0x80, module: 'bpf' },
    ],
  });
  await names.settled();
  const { misses } = names;
  expect([990, 1000, 1029].map((offset) => file.symbolAt(offset))).toEqual([
    { name: 'main', offset: 10 },
    { name: 'main', offset: 20 },
    { name: 'main', offset: 49 },
  ]);
  expect(names.locate(base + 0x100n)).toMatchObject({ symbol: 'schedule', offset: 0 });
  expect(names.locate(base + 0x17fn)).toMatchObject({ symbol: 'schedule', offset: 0x7f });
  expect(names.misses).toBe(misses);
  for (const offset of [989, 1030]) expect(file.symbolAt(offset)).toBeUndefined();
  // What modules and BPF programs have is known by the address only.
  for (const offset of [0xffn, 0x180n, 0x521n]) expect(names.locate(base + offset)).toBeUndefined();
  expect(names.misses).toBe(misses + 5);
  names.close();
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
  workers[0]?.answer({ files: [[null]], kernel: [] });
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
