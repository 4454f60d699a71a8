/**
 * Keys of a map that is read again and again: who watches a map reads the same keys every second. They are remembered by
 * their bytes and are the same objects each time, which those who keep snapshots tell keys apart by. Stacks are asked for
 * again when they may have got names; what else becomes known late is asked for each time.
 */

import type { Type } from '../semantics/types.ts';
import { type DecodeContext, type Reader, readerOf } from './decode.ts';
import type { Value } from './snapshot.ts';
import { bytesAsText } from './text-reader.ts';
import { uptimeMs } from './uptime.ts';

export interface KeyReader {
  /** Begins a read of the whole map. */
  begin(entries: number): void;
  readonly read: Reader;
}

interface KnownKey {
  readonly key: Value;
  readonly untilMs: number;
}

/** Keys of ended processes and the like, remembered beyond those that are there. */
const MAX_STALE = 2000;
/** Nobody watches a larger map every second. */
const MAX_ENTRIES = 50_000;

/** keyReaderOf makes the reader of keys of `size` bytes. */
export function keyReaderOf(type: Type, context: DecodeContext, size: number): KeyReader {
  const readKey = readerOf(type, context);
  if (!isLasting(type)) return { begin: () => undefined, read: readKey };
  let known = new Map<string, KnownKey>();
  let reads = 0;
  let now = 0;
  let isRemembering = false;

  function readAgain(view: DataView, bytes: Uint8Array, offset: number): Value {
    const id = bytesAsText(bytes, offset, offset + size);
    const before = known.get(id);
    if (before !== undefined && now < before.untilMs) return before.key;
    context.validity.untilMs = Number.POSITIVE_INFINITY;
    const key = readKey(view, bytes, offset);
    known.set(id, { key, untilMs: context.validity.untilMs });
    return key;
  }

  return {
    begin(entries) {
      // A map that is read once, at the end of a run, has nothing to remember.
      isRemembering = reads++ > 0 && entries <= MAX_ENTRIES;
      now = uptimeMs();
      if (!isRemembering || known.size > entries * 2 + MAX_STALE) known = new Map();
    },
    read: (view, bytes, offset) => (isRemembering ? readAgain(view, bytes, offset) : readKey(view, bytes, offset)),
  };
}

/** Whether the bytes, and the names of stacks, say all that the key is. */
function isLasting(type: Type): boolean {
  if (type.kind === 'tuple') return type.elements.every(isLasting);
  return type.kind === 'integer' || type.kind === 'string' || type.kind === 'bool' || type.kind === 'stack';
}
