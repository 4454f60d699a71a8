/**
 * Layout of structs and unions by the System V rules that x86-64 and arm64 share: sizes and alignments, bitfields in
 * units of their type, `packed` and `aligned`.
 */

import type { CMember, CType } from '../../ctype/ctype.ts';

/** Alignments that a declaration asks for, which a type by itself does not show. */
const ALIGNMENTS = new WeakMap<CType, number>();

/** setAlignment notes what `aligned(n)` asked for, or what a packed type has left. */
export function setAlignment(type: CType, alignment: number): void {
  ALIGNMENTS.set(type, alignment);
}

const DEEPEST = 64;

/** sizeOf gives the bytes of a type; 0 for what has no size. */
export function sizeOf(type: CType, depth = 0): number {
  if (depth > DEEPEST) return 0;
  switch (type.kind) {
    case 'pointer':
      return 8;
    case 'array':
      return type.length * sizeOf(type.element, depth + 1);
    case 'typedef':
      return sizeOf(type.target, depth + 1);
    case 'void':
    case 'function':
      return 1;
    case 'forward':
      return 0;
    default:
      return type.size;
  }
}

/** alignmentOf gives the alignment of a type; of one from BTF what its members ask for. */
export function alignmentOf(type: CType, depth = 0): number {
  const asked = ALIGNMENTS.get(type);
  if (asked !== undefined) return asked;
  if (depth > DEEPEST) return 1;
  switch (type.kind) {
    case 'pointer':
      return 8;
    case 'array':
      return alignmentOf(type.element, depth + 1);
    case 'typedef':
      return alignmentOf(type.target, depth + 1);
    case 'struct':
    case 'union': {
      // Asking for the size lays out a type of ours, which then knows its alignment.
      const { size } = type;
      const own = ALIGNMENTS.get(type);
      if (own !== undefined) return own;
      const largest = type.members.reduce((most, member) => Math.max(most, alignmentOf(member.type, depth + 1)), 1);
      // A size that is no multiple of it tells a packed type.
      return size % largest === 0 ? largest : 1;
    }
    case 'void':
    case 'function':
    case 'forward':
      return 1;
    default:
      return Math.max(type.size, 1);
  }
}

export interface MemberDeclaration {
  readonly name: string;
  readonly type: CType;
  /** Of a bitfield; 0 closes the unit. */
  readonly bitSize?: number;
  readonly isPacked: boolean;
  /** From `aligned(n)`. */
  readonly alignment?: number;
}

export interface CompositeLayout {
  readonly members: readonly CMember[];
  readonly size: number;
  readonly alignment: number;
}

export interface CompositeAttributes {
  readonly isUnion: boolean;
  readonly isPacked: boolean;
  readonly alignment?: number;
}

/** layOut places the members. */
export function layOut(declarations: readonly MemberDeclaration[], attributes: CompositeAttributes): CompositeLayout {
  const members: CMember[] = [];
  let alignment = attributes.alignment ?? 1;
  let nextBit = 0;
  let largestBits = 0;
  for (const declaration of declarations) {
    const isPacked = attributes.isPacked || declaration.isPacked;
    const natural = alignmentOf(declaration.type);
    const asked = declaration.alignment ?? 1;
    const memberAlignment = Math.max(isPacked ? 1 : natural, asked);
    const startBit = attributes.isUnion ? 0 : nextBit;
    const { type, name, bitSize } = declaration;
    if (bitSize === undefined) {
      const bitOffset = alignUp(startBit, memberAlignment * 8);
      members.push({ name, type, bitOffset });
      nextBit = bitOffset + sizeOf(type) * 8;
      alignment = Math.max(alignment, memberAlignment);
    } else if (bitSize === 0) {
      nextBit = alignUp(startBit, natural * 8);
    } else {
      const unitBits = sizeOf(type) * 8;
      let bitOffset = asked > 1 ? alignUp(startBit, asked * 8) : startBit;
      const crosses = Math.floor(bitOffset / (natural * 8)) !== Math.floor((bitOffset + bitSize - 1) / (natural * 8));
      if (!isPacked && (crosses || bitSize > unitBits)) bitOffset = alignUp(bitOffset, natural * 8);
      nextBit = bitOffset + bitSize;
      // Unnamed bits are padding: they take room, but have no say in the alignment.
      if (name !== '') {
        members.push({ name, type, bitOffset, bitSize });
        alignment = Math.max(alignment, memberAlignment);
      }
    }
    largestBits = Math.max(largestBits, nextBit);
  }
  return { members, size: alignUp(Math.ceil(largestBits / 8), alignment), alignment };
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
