/**
 * How types combine: integer promotion (language.md §5), strings that grow to the largest, tuples element by element.
 * Two uses: the type of a variable, key or value that sees several types, and the branches of a conditional.
 * An integer type may carry the largest literal it came from: such a type is "sign-flexible" and adopts the sign of
 * whatever it meets; the mark is internal to this stage.
 */

import type { IntegerType, PointerType, Type } from './types.ts';

interface InferredInteger extends IntegerType {
  /** Known only from non-negative literals so far, of which this is the largest. */
  readonly literal?: bigint;
  /** Signed only because unsigned values were subtracted: in practice a duration or a size. */
  readonly isDifference?: boolean;
  /** Made of a signed and an unsigned type that were both narrower: it holds either of their values. */
  readonly isPromoted?: boolean;
}

export const NONE: Type = { kind: 'none' };
export const VOID: Type = { kind: 'void' };
export const BOOL: Type = { kind: 'bool' };
export const INT8 = integerType(8, true);
export const INT32 = integerType(32, true);
export const INT64 = integerType(64, true);
/** DIFFERENCE is the type of `a - b` for unsigned a and b. */
export const DIFFERENCE: IntegerType & { readonly isDifference: true } = { ...INT64, isDifference: true };
export const UINT8 = integerType(8, false);
export const UINT16 = integerType(16, false);
export const UINT32 = integerType(32, false);
export const UINT64 = integerType(64, false);

const PROMOTED: InferredInteger = { ...INT64, isPromoted: true };

export const INT64_MAX = (1n << 63n) - 1n;
export const INT64_MIN = -(1n << 63n);
export const UINT64_MAX = (1n << 64n) - 1n;

export function integerType(bits: IntegerType['bits'], isSigned: boolean): IntegerType {
  return { kind: 'integer', bits, isSigned };
}

export function stringType(capacity: number): Type {
  return { kind: 'string', capacity };
}

/** literalType is the smallest signed type that holds the value, or uint64 beyond int64; flexible if not negative. */
export function literalType(value: bigint): IntegerType {
  if (value > INT64_MAX) return UINT64;
  const type = integerType(signedBits(value), true);
  if (value < 0n) return type;
  const flexible: InferredInteger = { ...type, literal: value };
  return flexible;
}

/** flexibleLiteral gives the largest literal behind a sign-flexible integer type; undefined for a settled type. */
export function flexibleLiteral(type: Type): bigint | undefined {
  return type.kind === 'integer' ? (type as InferredInteger).literal : undefined;
}

/** isDifference tells a difference of unsigned values from other signed integers. */
export function isDifference(type: Type): boolean {
  return type.kind === 'integer' && (type as InferredInteger).isDifference === true;
}

/** settle drops the flexibility of literals, throughout tuples and records. */
export function settle(type: Type): Type {
  switch (type.kind) {
    case 'integer':
      return flexibleLiteral(type) === undefined ? type : integerType(type.bits, type.isSigned);
    case 'tuple':
      return { kind: 'tuple', elements: type.elements.map(settle) };
    case 'record':
      return {
        kind: 'record',
        fields: type.fields.map((field) => ({
          name: field.name,
          type: settle(field.type),
        })),
      };
    default:
      return type;
  }
}

function signedBits(value: bigint): IntegerType['bits'] {
  for (const bits of [8, 16, 32] as const) {
    if (fits(value, integerType(bits, true))) return bits;
  }
  return 64;
}

function unsignedBits(value: bigint): IntegerType['bits'] {
  for (const bits of [8, 16, 32] as const) {
    if (fits(value, integerType(bits, false))) return bits;
  }
  return 64;
}

/** fits says whether the value lies in the integer type's range. */
export function fits(value: bigint, type: { readonly bits: number; readonly isSigned: boolean }): boolean {
  const bits = BigInt(type.bits);
  return type.isSigned ? value >= -(1n << (bits - 1n)) && value < 1n << (bits - 1n) : value >= 0n && value < 1n << bits;
}

export interface Joined {
  readonly type: Type;
  /** A 64-bit unsigned met a signed integer: values may change their meaning. */
  readonly isSignMismatch?: boolean;
}

/** joinTypes gives the type that holds values of both, or undefined where the kinds differ. */
export function joinTypes(left: Type, right: Type): Joined | undefined {
  if (left === right) return { type: left };
  if (left.kind === 'none') return { type: right };
  if (right.kind === 'none') return { type: left };
  if (left.kind === 'integer' && right.kind === 'integer') return joinIntegers(left, right);
  if (left.kind !== right.kind) return joinKinds(left, right);
  switch (left.kind) {
    case 'string':
    case 'buffer':
      return right.kind === left.kind && right.capacity > left.capacity ? { type: right } : { type: left };
    case 'tuple':
      return right.kind === 'tuple'
        ? joinElements(left.elements, right.elements, (elements) => ({
            kind: 'tuple',
            elements,
          }))
        : undefined;
    case 'record':
      return right.kind === 'record' ? joinRecords(left.fields, right.fields) : undefined;
    case 'pointer':
      return right.kind === 'pointer' ? joinPointers(left, right) : undefined;
    case 'timestamp':
      // Declared as `timestamp` it has no format yet.
      return right.kind === 'timestamp' && left.format === '' ? { type: right } : joinRest(left, right);
    default:
      return joinRest(left, right);
  }
}

function joinIntegers(left: InferredInteger, right: InferredInteger): Joined {
  if (left.literal !== undefined && right.literal !== undefined)
    return { type: left.literal < right.literal ? right : left };
  if (left.literal !== undefined) return adopt(right, left.literal);
  if (right.literal !== undefined) return adopt(left, right.literal);
  if (left.isSigned === right.isSigned) return { type: wider(left, right) };
  const [signed, unsigned] = left.isSigned ? [left, right] : [right, left];
  if (isDifference(signed)) return { type: signed };
  if (isPromoted(signed) && unsigned.bits < 64) return { type: signed };
  if (signed.bits === 64 || unsigned.bits === 64) return { type: INT64, isSignMismatch: true };
  const bits = Math.max(signed.bits, unsigned.bits * 2);
  return { type: bits === 64 ? PROMOTED : integerType(bits as IntegerType['bits'], true) };
}

function isPromoted(type: InferredInteger): boolean {
  return type.isPromoted === true;
}

/** A difference that meets an honest signed number is no mere difference any more. */
function wider(left: InferredInteger, right: InferredInteger): IntegerType {
  if (isDifference(left) !== isDifference(right)) return INT64;
  if (isPromoted(left) !== isPromoted(right))
    return left.bits === right.bits ? INT64 : left.bits > right.bits ? left : right;
  return left.bits >= right.bits ? left : right;
}

/** A literal takes the sign of the type it meets, and widens it if need be. */
function adopt(type: IntegerType, literal: bigint): Joined {
  if (fits(literal, type)) return { type };
  return {
    type: integerType(type.isSigned ? signedBits(literal) : unsignedBits(literal), type.isSigned),
  };
}

function joinKinds(left: Type, right: Type): Joined | undefined {
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    // Comparisons were integers before there was a bool: `$done = 0; $done = a == b`.
    if (one.kind === 'bool' && other.kind === 'integer') return { type: other };
    if (one.kind === 'enum' && other.kind === 'integer')
      return joinIntegers(integerType(one.bits, one.isSigned), other);
    if (one.kind === 'probeName' && other.kind === 'string') return { type: one };
  }
  return undefined;
}

function joinElements(
  left: readonly Type[],
  right: readonly Type[],
  build: (elements: Type[]) => Type,
): Joined | undefined {
  if (left.length !== right.length) return undefined;
  const elements: Type[] = [];
  let isSignMismatch = false;
  for (const [index, element] of left.entries()) {
    const joined = joinTypes(element, right[index] ?? NONE);
    if (joined === undefined) return undefined;
    isSignMismatch ||= joined.isSignMismatch === true;
    elements.push(joined.type);
  }
  return { type: build(elements), ...(isSignMismatch && { isSignMismatch }) };
}

type Fields = readonly { readonly name: string; readonly type: Type }[];

/** Fields may come in any order; the order seen first stays. */
function joinRecords(left: Fields, right: Fields): Joined | undefined {
  const ordered = left.map((field) => right.find((other) => other.name === field.name)?.type);
  if (left.length !== right.length || ordered.includes(undefined)) return undefined;
  return joinElements(
    left.map((field) => field.type),
    ordered.map((type) => type ?? NONE),
    (elements) => ({
      kind: 'record',
      fields: left.map((field, index) => ({
        name: field.name,
        type: elements[index] ?? NONE,
      })),
    }),
  );
}

function joinPointers(left: PointerType, right: PointerType): Joined | undefined {
  // What `&@m` points to grows with the map's values.
  const isOfMaps = left.space === 'map' && right.space === 'map';
  const target = isOfMaps ? joinTypes(left.target, right.target)?.type : joinTargets(left.target, right.target);
  if (target === undefined) return undefined;
  return {
    type: {
      kind: 'pointer',
      target,
      space: left.space === 'none' ? right.space : left.space,
      ...(left.isTrusted && right.isTrusted && { isTrusted: true }),
    },
  };
}

function joinTargets(left: Type, right: Type): Type | undefined {
  if (left.kind === 'void' || sameType(left, right)) return left;
  return right.kind === 'void' ? right : undefined;
}

function joinRest(left: Type, right: Type): Joined | undefined {
  if (
    (left.kind === 'sum' && right.kind === 'sum') ||
    (left.kind === 'min' && right.kind === 'min') ||
    (left.kind === 'max' && right.kind === 'max') ||
    (left.kind === 'avg' && right.kind === 'avg') ||
    (left.kind === 'stats' && right.kind === 'stats')
  )
    return { type: left.isSigned ? left : right };
  return sameType(left, right) ? { type: left } : undefined;
}

/** sameType compares two settled types; pointers compare by target and address space. */
export function sameType(left: Type, right: Type): boolean {
  if (left === right) return true;
  switch (left.kind) {
    case 'integer':
      return right.kind === 'integer' && left.bits === right.bits && left.isSigned === right.isSigned;
    case 'enum':
      return right.kind === 'enum' && left.name === right.name;
    case 'pointer':
      return right.kind === 'pointer' && left.space === right.space && sameType(left.target, right.target);
    case 'string':
    case 'buffer':
      return left.kind === right.kind && left.capacity === right.capacity;
    case 'array':
      return right.kind === 'array' && left.length === right.length && sameType(left.element, right.element);
    case 'tuple':
      return (
        right.kind === 'tuple' &&
        left.elements.length === right.elements.length &&
        left.elements.every((element, index) => sameType(element, right.elements[index] ?? NONE))
      );
    case 'record':
      return (
        right.kind === 'record' &&
        left.fields.length === right.fields.length &&
        left.fields.every((field, index) => {
          const other = right.fields[index];
          return other?.name === field.name && sameType(field.type, other.type);
        })
      );
    case 'struct':
      return (
        right.kind === 'struct' &&
        (left.composite === right.composite ||
          (left.composite.name !== '' &&
            left.composite.kind === right.composite.kind &&
            left.composite.name === right.composite.name))
      );
    default:
      return sameFlatType(left, right);
  }
}

/** The remaining kinds are flat: their own properties tell them apart. */
function sameFlatType(left: Type, right: Type): boolean {
  if (left.kind !== right.kind) return false;
  const other = new Map<string, unknown>(Object.entries(right));
  return Object.entries(left).every(([key, value]) => other.get(key) === value);
}
