/**
 * Tables of names that programs look up by number: error texts, signals, system calls. Constant memory of 64 bytes per
 * entry.
 */

import { constants } from 'node:os';
import { syscallNames as namesBySyscall } from '../../kernel/syscalls.ts';
import { ERROR_TEXTS } from '../../text/error-texts.ts';
import type { Operand } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';
import { copyBytes, type Place, zeroFill } from './place.ts';

const ENTRY = 64;

export type NameTable = () => ReadonlyMap<number, string>;

export const SIGNAL_NAMES: NameTable = () =>
  new Map(
    Object.entries(constants.signals).map(([name, number]) => [number, name.replace(/^SIGIOT$/, 'SIGABRT').slice(3)]),
  );

export const ERROR_NAMES: NameTable = () => new Map(ERROR_TEXTS.map((text, number) => [number, text]));

export function syscallNames(architecture: 'x86_64' | 'aarch64'): NameTable {
  return () =>
    new Map(
      namesBySyscall(architecture).flatMap((name, number): [number, string][] =>
        name === undefined ? [] : [[number, name]],
      ),
    );
}

/** writeTableName copies the entry of a number; a number without entry gives its default text. */
export function writeTableName(
  fc: FunctionContext,
  key: string,
  names: NameTable,
  number: Operand,
  to: Place,
  size: number,
): void {
  const { builder } = fc;
  const known = names();
  const count = Math.max(1, ...known.keys()) + 1;
  const table = fc.program.object.table(key, () => {
    const bytes = new Uint8Array(count * ENTRY);
    for (const [index, name] of known) bytes.set(Buffer.from(name).subarray(0, ENTRY - 1), index * ENTRY);
    return bytes;
  });
  const inside = builder.block();
  const outside = builder.block();
  const done = builder.block();
  builder.branch('greaterOrEqual', number, BigInt(count), outside, inside);
  builder.enter(outside);
  zeroFill(fc, to, size);
  builder.jump(done);
  builder.enter(inside);
  const start = builder.mapValue(table.map, table.offset);
  const entry = builder.advance(start, builder.binary('multiply', number, BigInt(ENTRY)));
  copyBytes(fc, { base: entry, offset: 0, space: 'constant' }, to, Math.min(size, ENTRY));
  if (size > ENTRY) zeroFill(fc, { ...to, offset: to.offset + ENTRY }, size - ENTRY);
  builder.jump(done);
  builder.enter(done);
}
