/** Records that are printed directly: what is polled says the same as decoded events would, in their order. */

import { expect, test } from 'vitest';
import type { ActionSpec, BpfObject } from '../../../src/codegen/object.ts';
import type { DecodeContext } from '../../../src/session/decode.ts';
import { EventDecoder } from '../../../src/session/events.ts';
import type { RingBuffer } from '../../../src/session/ring-buffer.ts';
import type { RecordPrinter } from '../../../src/session/session.ts';

const types = [{ kind: 'integer', bits: 32, isSigned: false }] as const;
const specs = [0, 1, 2].map((id) => ({ action: { kind: 'print', id, args: types }, encoding: 'fixed' }));
const object = { actions: specs } as unknown as BpfObject;

/** Hands out records of an action id and a number. */
function ringOf(records: readonly (readonly [id: number, value: number])[]): RingBuffer {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const drain: RingBuffer['drain'] = (limit, handle) => {
    for (const [id, value] of records.slice(0, limit)) {
      view.setUint32(0, id, true);
      view.setUint32(8, value, true);
      handle(view, bytes, 0, 16);
    }
    return records.length;
  };
  return { drain } as unknown as RingBuffer;
}

/** Writes `ID:VALUE;` and claims to need more. */
function printer(id: number, longest: number): RecordPrinter {
  return {
    longest,
    print: (view, _, offset, out, start) =>
      start + Buffer.from(out.buffer, start).write(`${id}:${view.getUint32(offset, true)};`),
  };
}

function polled(records: readonly (readonly [id: number, value: number])[], longest: number): string[] {
  const decoder = new EventDecoder(object, {} as DecodeContext);
  decoder.printDirectly(({ action }: ActionSpec) => (action.id === 2 ? undefined : printer(action.id, longest)));
  return decoder.drain(ringOf(records), records.length).map(({ action, args, printed }) => {
    if (!printed) return `${action.id} ${args}`;
    const text = Buffer.from(printed.bytes).toString('latin1', printed.start, printed.end);
    return `${action.id} ${printed.events} ${text}`;
  });
}

test('events of one action in a row become one text, others keep their place', () => {
  expect(
    polled(
      [
        [0, 1],
        [0, 2],
        [1, 3],
        [2, 4],
        [1, 5],
        [1, 6],
        [0, 7],
      ],
      100,
    ),
  ).toEqual(['0 2 0:1;0:2;', '1 1 1:3;', '2 4', '1 2 1:5;1:6;', '0 1 0:7;']);
});

test('no text is lost or overwritten when the room ends', () => {
  const records = Array.from({ length: 1000 }, (_, index) => [index % 50 === 0 ? 1 : 0, index] as const);
  for (const longest of [30, 20_000, 40_000]) {
    const lines = polled(records, longest);
    const texts = lines.map((line) => line.split(' ')[2]).join('');
    expect(texts).toBe(records.map(([id, value]) => `${id}:${value};`).join(''));
    expect(lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)).toBe(records.length);
  }
});
