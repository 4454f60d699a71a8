/**
 * Event records to session events: which action a record belongs to, and its decoder, made when the first record of
 * its kind arrives.
 */

import type { ActionSpec, BpfObject } from '../codegen/object.ts';
import { type DecodeContext, fixedReader, joinReader, packedReader, type RecordReader } from './decode.ts';
import type { RingBuffer } from './ring-buffer.ts';
import type { SessionEvent } from './snapshot.ts';

/** u32 action id, u32 payload length */
const RECORD_HEADER = 8;

export class EventDecoder {
  readonly #specs = new Map<number, ActionSpec>();
  readonly #readers = new Map<number, RecordReader>();
  readonly #context: DecodeContext;

  constructor(object: BpfObject, context: DecodeContext) {
    for (const spec of object.actions) this.#specs.set(spec.action.id, spec);
    this.#context = context;
  }

  /** drain decodes at most `limit` events of the ring. */
  drain(ring: RingBuffer, limit: number): readonly SessionEvent[] {
    const events: SessionEvent[] = [];
    ring.drain(limit, (view, bytes, offset) => {
      const id = view.getUint32(offset, true);
      const spec = this.#specs.get(id);
      if (!spec) throw new Error(`record of unknown action ${id}`);
      events.push({ action: spec.action, args: this.#reader(id, spec)(view, bytes, offset + RECORD_HEADER) });
    });
    return events;
  }

  #reader(id: number, spec: ActionSpec): RecordReader {
    let reader = this.#readers.get(id);
    if (!reader) {
      reader = makerOf(spec)(spec.action.args, this.#context);
      this.#readers.set(id, reader);
    }
    return reader;
  }
}

function makerOf(spec: ActionSpec) {
  if (spec.encoding === 'fixed') return fixedReader;
  return spec.action.kind === 'join' ? joinReader : packedReader;
}
