/**
 * Questions code generation asks about types: what fits a register, how it is extended, what lives in memory.
 */

import { sizeOf } from '../../semantics/layout.ts';
import type { MapSymbol } from '../../semantics/program.ts';
import type { AggregateType, Type } from '../../semantics/types.ts';
import type { AccessSize } from '../ir/ir.ts';

const AGGREGATES: ReadonlySet<string> = new Set([
  'count',
  'sum',
  'min',
  'max',
  'avg',
  'stats',
  'hist',
  'lhist',
  'tseries',
]);

const SCALARS: ReadonlySet<string> = new Set([
  'bool',
  'integer',
  'enum',
  'pointer',
  'ksym',
  'username',
  'timestamp',
  'cgroupPath',
  'probeName',
  'stack',
]);

export function isAggregate(type: Type): type is AggregateType {
  return AGGREGATES.has(type.kind);
}

/** isScalar tells whether a value of the type is held in one register. */
export function isScalar(type: Type): boolean {
  return SCALARS.has(type.kind);
}

export function isSigned(type: Type): boolean {
  if (type.kind === 'integer' || type.kind === 'enum') return type.isSigned;
  return (type.kind === 'sum' || type.kind === 'min' || type.kind === 'max' || type.kind === 'avg') && type.isSigned;
}

/** accessSize gives the bytes a scalar takes in memory. */
export function accessSize(type: Type): AccessSize {
  const size = sizeOf(type);
  return size === 1 || size === 2 || size === 4 ? size : 8;
}

export function scalarBits(type: Type): 8 | 16 | 32 | 64 {
  const bits = accessSize(type) * 8;
  return bits === 8 || bits === 16 || bits === 32 ? bits : 64;
}

export function isPerCpuKind(storage: MapSymbol['storage']): boolean {
  return storage === 'percpuhash' || storage === 'percpulruhash';
}

/** elementTypes gives the members of a tuple or record in order. */
export function elementTypes(type: Type): readonly Type[] | undefined {
  if (type.kind === 'tuple') return type.elements;
  return type.kind === 'record' ? type.fields.map((field) => field.type) : undefined;
}
