/** Keys that come again: the same object from the second read on, as long as nothing about them may have changed. */

import { expect, test } from 'vitest';
import type { Type } from '../../../src/semantics/types.ts';
import { keyReaderOf } from '../../../src/session/key-reader.ts';
import type { Resolver } from '../../../src/session/resolver.ts';

const PID: Type = { kind: 'integer', bits: 32, isSigned: false };
const COMM: Type = { kind: 'string', capacity: 4 };
const BYTES = Buffer.from([7, 0, 0, 0, 0x61, 0x62, ...new Array(26).fill(0)]);
const VIEW = new DataView(BYTES.buffer, BYTES.byteOffset, BYTES.length);

function reader(type: Type, untilMs = Number.POSITIVE_INFINITY) {
  const resolver: Partial<Resolver> = { username: (uid) => ({ kind: 'text', text: 'root', raw: uid }) };
  const validity = { untilMs: 0 };
  const keys = keyReaderOf(
    type,
    {
      resolver: resolver as Resolver,
      strTruncTrailer: '',
      probeNames: [],
      validity,
      stackFrames: (_, id) => {
        validity.untilMs = untilMs;
        return [{ address: BigInt(id) }];
      },
    },
    BYTES.length,
  );
  return () => {
    keys.begin(1);
    return keys.read(VIEW, BYTES, 0);
  };
}

const PAIR: Type = { kind: 'tuple', elements: [PID, COMM] };
const STACK: Type = { kind: 'tuple', elements: [{ kind: 'stack', isUser: false, mode: 'bpftrace', depth: 8 }, COMM] };

test('a key of a map that is read again is the same object', () => {
  const read = reader(PAIR);
  expect(read()).toEqual([7, 'ab']);
  const second = read();
  expect(second).toEqual([7, 'ab']);
  expect(read()).toBe(second);
});

test('a stack is asked for again when it may have got names, and not before', () => {
  const named = reader(STACK);
  named();
  expect(named()).toBe(named());
  const unnamed = reader(STACK, 0);
  unnamed();
  expect(unnamed()).not.toBe(unnamed());
});
