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
  worker?.answer({ files: [[{ name: 'main', offset: 4 }, null]], kernel: [{ symbol: 'schedule', offset: 1 }] });
  await settled;
  expect(file.symbolAt(16)).toEqual({ name: 'main', offset: 4 });
  expect(file.symbolAt(32)).toBeUndefined();
  expect(names.locate(7n)).toEqual({ symbol: 'schedule', offset: 1 });
  expect(names.misses).toBe(3);
  await names.settled();
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
