/**
 * `&`: the address of a variable, of a map's value, or of memory behind a pointer (`&$p->member`).
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type { AddressOf } from '../../language/ast.ts';
import { type Checker, isPoison } from '../checker.ts';
import { sizeOf } from '../layout.ts';
import type { TypedExpression } from '../program.ts';
import { INT8, settle, UINT64 } from '../promote.ts';
import { pointerTo } from '../type-source.ts';
import type { Type } from '../types.ts';
import { checkValue } from './check.ts';
import { castTo } from './coerce.ts';
import { constant, constantInteger } from './constants.ts';
import { checkKey, mentionMap } from './maps.ts';
import { checkVariable } from './variables.ts';

/** checkAddressOf gives the pointer. */
export function checkAddressOf(checker: Checker, node: AddressOf): TypedExpression {
  const { operand, span } = node;
  if (operand.kind === 'Variable') {
    const value = checkVariable(checker, operand);
    if (value.kind !== 'variable') return value;
    return {
      kind: 'address',
      target: { variable: value.variable },
      type: pointerTo(settle(value.type), 'map'),
      span,
    };
  }
  if (operand.kind === 'MapAccess') {
    const map = mentionMap(checker, operand);
    const key = checkKey(checker, map, operand);
    const symbol = checker.symbols.mapSymbol(map);
    return {
      kind: 'address',
      target: { map: symbol, ...(key && { key }) },
      type: pointerTo(symbol.valueType, 'map'),
      span,
    };
  }
  if (operand.kind === 'Member' || operand.kind === 'Index') return addressOfPlace(checker, node);
  return invalidAddress(checker, span);
}

function invalidAddress(checker: Checker, span: Span): TypedExpression {
  return checker.error('invalid-address', 'The & operator takes a variable or a map', span, {
    hints: ['or a member of what a pointer points to: &$p->member'],
  });
}

/** `&$p->member`, `&$p[2]`: the pointer, moved. What is no memory behind a pointer has no address. */
function addressOfPlace(checker: Checker, { operand, span }: AddressOf): TypedExpression {
  const value = checkValue(checker, operand);
  if (isPoison(value)) return value;
  const place = placeOf(value);
  if (place === undefined) return invalidAddress(checker, span);
  if (place === 'bitfield')
    return checker.error('bitfield-address', 'A bitfield has no address', span, {
      hints: ['take the address of the struct, or the value of the field'],
    });
  return pointerToPlace(place, settle(value.type), span);
}

/** addressOfFlexibleText gives where `char name[]` at the end of a struct begins; undefined for text of a known size. */
export function addressOfFlexibleText(value: TypedExpression): TypedExpression | undefined {
  if (value.type.kind !== 'string' || value.type.capacity > 0) return undefined;
  const place = placeOf(value);
  return place === undefined || place === 'bitfield' ? undefined : pointerToPlace(place, INT8, value.span);
}

function pointerToPlace({ base, offset }: PlaceBehindPointer, target: Type, span: Span): TypedExpression {
  const address: TypedExpression =
    offset === 0n
      ? base
      : {
          kind: 'arithmetic',
          operator: 'add',
          left: castTo(base, UINT64),
          right: constant(offset, UINT64, span),
          type: UINT64,
          span,
        };
  const space = base.type.kind === 'pointer' ? base.type.space : 'kernel';
  return castTo({ ...address, span }, pointerTo(target, space));
}

interface PlaceBehindPointer {
  readonly base: TypedExpression;
  /** In bytes. */
  readonly offset: bigint;
}

function placeOf(value: TypedExpression): PlaceBehindPointer | 'bitfield' | undefined {
  if (value.kind === 'dereference') return { base: value.pointer, offset: 0n };
  if (value.kind !== 'member' && value.kind !== 'index') return undefined;
  const outer = placeOf(value.object);
  if (outer === undefined || outer === 'bitfield') return outer;
  if (value.kind === 'member')
    return value.bitSize !== undefined ? 'bitfield' : { ...outer, offset: outer.offset + BigInt(value.bitOffset / 8) };
  // An index known when compiling; with others the pointer is indexed: &$p->array + $i.
  const index = constantInteger(value.index);
  return index === undefined ? undefined : { ...outer, offset: outer.offset + index * BigInt(sizeOf(value.type)) };
}
