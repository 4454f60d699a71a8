/**
 * Decodes a whole C struct or union, as `print(*$p)` and map values of struct type need it: members in order, anonymous
 * ones flattened, character arrays as text.
 */

import type { CComposite, CMember, CType } from '../ctype/ctype.ts';
import type { Reader } from './decode.ts';
import { exact, readI64, readU64 } from './integers.ts';
import type { RecordValue, Value } from './snapshot.ts';
import { readText } from './text-reader.ts';

interface MemberReader {
  readonly name: string;
  readonly read: Reader;
  readonly offset: number;
}

/** structReader gives the decoder of a composite; nested members are looked at on first use. `trailer` marks text without an end. */
export function structReader(composite: CComposite, trailer: string): Reader {
  let members: readonly MemberReader[] | undefined;
  return (view, bytes, offset): RecordValue => {
    members ??= membersOf(composite, 0, trailer);
    return {
      kind: 'record',
      fields: members.map((member) => ({
        name: member.name,
        value: member.read(view, bytes, offset + member.offset),
      })),
    };
  };
}

function membersOf(composite: CComposite, base: number, trailer: string): readonly MemberReader[] {
  return composite.members.flatMap((member): readonly MemberReader[] => {
    const offset = base + Math.floor(member.bitOffset / 8);
    const type = resolve(member.type);
    if (member.name === '' && isComposite(type)) return membersOf(type, offset, trailer);
    return [{ name: member.name, read: memberReader(member, type, trailer), offset }];
  });
}

function memberReader(member: CMember, type: CType, trailer: string): Reader {
  return member.bitSize === undefined ? typeReader(type, trailer) : bitfieldReader(member, member.bitSize, type);
}

function typeReader(type: CType, trailer: string): Reader {
  switch (type.kind) {
    case 'integer':
      return integerReader(type.size, type.isSigned, type.encoding === 'bool');
    case 'float':
      return (view, _, offset) => (type.size === 4 ? view.getFloat32(offset, true) : view.getFloat64(offset, true));
    case 'pointer':
      return (view, _, offset) => ({ kind: 'pointer', address: view.getBigUint64(offset, true) });
    case 'enum': {
      const read = integerReader(type.size, type.isSigned, false);
      return (view, bytes, offset) => {
        const value = read(view, bytes, offset) as number | bigint;
        const name = type.values.find((constant) => constant.value === BigInt(value))?.name;
        return { kind: 'enum', value, ...(name !== undefined && { name }) };
      };
    }
    case 'array': {
      const element = resolve(type.element);
      if (element.kind === 'integer' && element.encoding === 'char') {
        return (_, bytes, offset) => readText(bytes, offset, type.length, trailer);
      }
      const read = typeReader(element, trailer);
      const size = sizeOfC(element);
      return (view, bytes, offset) =>
        Array.from({ length: type.length }, (_, index): Value => read(view, bytes, offset + index * size));
    }
    case 'struct':
    case 'union':
      return structReader(type, trailer);
    case 'typedef':
      return typeReader(resolve(type), trailer);
    default:
      return () => 0;
  }
}

function integerReader(size: number, isSigned: boolean, isBool: boolean): Reader {
  if (isBool) return (_, bytes, offset) => bytes[offset] !== 0;
  switch (size) {
    case 1:
      return (view, _, offset) => (isSigned ? view.getInt8(offset) : view.getUint8(offset));
    case 2:
      return (view, _, offset) => (isSigned ? view.getInt16(offset, true) : view.getUint16(offset, true));
    case 4:
      return (view, _, offset) => (isSigned ? view.getInt32(offset, true) : view.getUint32(offset, true));
    case 8:
      return (view, _, offset) => (isSigned ? readI64(view, offset) : readU64(view, offset));
    default:
      return (_, bytes, offset) => new Uint8Array(bytes.subarray(offset, offset + size));
  }
}

/** Little endian: the low bits come first. */
function bitfieldReader(member: CMember, bitSize: number, type: CType): Reader {
  const shift = BigInt(member.bitOffset % 8);
  const length = Math.ceil((Number(shift) + bitSize) / 8);
  const isSigned = type.kind === 'integer' && type.isSigned;
  return (_, bytes, offset) => {
    let bits = 0n;
    for (let index = length - 1; index >= 0; index--) bits = (bits << 8n) | BigInt(bytes[offset + index] ?? 0);
    const value = bits >> shift;
    return exact(isSigned ? BigInt.asIntN(bitSize, value) : BigInt.asUintN(bitSize, value));
  };
}

function sizeOfC(type: CType): number {
  switch (type.kind) {
    case 'array':
      return type.length * sizeOfC(resolve(type.element));
    case 'pointer':
      return 8;
    case 'integer':
    case 'float':
    case 'enum':
    case 'struct':
    case 'union':
      return type.size;
    default:
      return 0;
  }
}

function resolve(type: CType): CType {
  let target = type;
  while (target.kind === 'typedef') target = target.target;
  return target;
}

function isComposite(type: CType): type is CComposite {
  return type.kind === 'struct' || type.kind === 'union';
}
