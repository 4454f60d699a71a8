/**
 * Event records to session events: which action a record belongs to, and its decoder, made when the first record of
 * its kind arrives. Actions that are printed directly are not decoded.
 */

import type { ActionSpec, BpfObject } from '../codegen/object.ts';
import type { Action } from '../semantics/program.ts';
import { type DecodeContext, fixedReader, joinReader, packedReader, type RecordReader } from './decode.ts';
import type { RingBuffer } from './ring-buffer.ts';
import type { RecordPrinter } from './session.ts';
import type { SessionEvent, Value } from './snapshot.ts';

/** u32 action id, u32 payload length */
const RECORD_HEADER = 8;
const NO_ARGUMENTS: readonly Value[] = [];

/** What one round of events prints; grows to what the formats need. */
const PRINTED_BYTES = 1 << 15;

interface Decoder {
  readonly spec: ActionSpec;
  readonly read: RecordReader;
  readonly printer: RecordPrinter | undefined;
}

/** A `SessionEvent` whose text still grows. */
interface PrintedEvent {
  readonly action: Action;
  readonly args: readonly Value[];
  readonly printed: { readonly bytes: Uint8Array; readonly start: number; end: number; events: number };
}

export class EventDecoder {
  readonly #specs = new Map<number, ActionSpec>();
  /** By action id. */
  readonly #decoders: (Decoder | undefined)[] = [];
  readonly #context: DecodeContext;
  #printerOf: (spec: ActionSpec) => RecordPrinter | undefined = () => undefined;
  #printed = new Uint8Array(0);

  constructor(object: BpfObject, context: DecodeContext) {
    for (const spec of object.actions) this.#specs.set(spec.action.id, spec);
    this.#context = context;
  }

  /** printDirectly: records that these printers know are not decoded from now on. */
  printDirectly(printerOf: (spec: ActionSpec) => RecordPrinter | undefined): void {
    this.#printerOf = printerOf;
    this.#decoders.length = 0;
  }

  /** drain decodes at most `limit` events of the ring. */
  drain(ring: RingBuffer, limit: number): readonly SessionEvent[] {
    const events: SessionEvent[] = [];
    let last: PrintedEvent | undefined;
    let at = 0;
    ring.drain(limit, (view, bytes, offset) => {
      const id = view.getUint32(offset, true);
      const { spec, read, printer } = this.#decoders[id] ?? this.#makeDecoder(id);
      if (!printer) {
        last = undefined;
        events.push({ action: spec.action, args: read(view, bytes, offset + RECORD_HEADER) });
        return;
      }
      if (at + printer.longest > this.#printed.length) {
        // What is printed already stays where it is.
        this.#printed = new Uint8Array(Math.max(PRINTED_BYTES, printer.longest));
        last = undefined;
        at = 0;
      }
      const end = printer.print(view, bytes, offset + RECORD_HEADER, this.#printed, at);
      if (last?.action === spec.action) {
        last.printed.end = end;
        last.printed.events++;
      } else {
        const printed = { bytes: this.#printed, start: at, end, events: 1 };
        last = { action: spec.action, args: NO_ARGUMENTS, printed };
        events.push(last);
      }
      at = end;
    });
    return events;
  }

  #makeDecoder(id: number): Decoder {
    const spec = this.#specs.get(id);
    if (!spec) throw new Error(`record of unknown action ${id}`);
    const read = makerOf(spec)(spec.action.args, this.#context);
    const decoder = { spec, read, printer: this.#printerOf(spec) };
    this.#decoders[id] = decoder;
    return decoder;
  }
}

function makerOf(spec: ActionSpec) {
  if (spec.encoding === 'fixed') return fixedReader;
  return spec.action.kind === 'join' ? joinReader : packedReader;
}
