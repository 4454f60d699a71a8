/**
 * Members, tuple elements and indices. `->` is `.`; both follow pointers through any number of levels.
 */

import type { CComposite, CMember } from '../../ctype/ctype.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Index, Member, TupleElement } from '../../language/ast.ts';
import { nameHint } from '../../language/habits.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import type { TypedExpression } from '../program.ts';
import { flexibleLiteral, INT8, settle, UINT64 } from '../promote.ts';
import { typeName } from '../type-names.ts';
import type { AddressSpace, Type } from '../types.ts';
import { checkArgsMember, isArgsNode } from './args.ts';
import { checkValue } from './check.ts';
import { castTo } from './coerce.ts';
import { constant, constantInteger, literal } from './constants.ts';
import { addToPointer, dereference } from './pointers.ts';

export function checkMember(checker: Checker, node: Member): TypedExpression {
  if (isArgsNode(node.object)) return checkArgsMember(checker, node.name, node.span, node.nameSpan);
  const word = node.object.kind === 'Identifier' ? node.object.name : '';
  const habit = threadHabit(word);
  if (habit !== undefined)
    return checker.error('foreign-habit', `Unknown identifier: '${word}'`, node.span, { hints: [habit] });
  const object = follow(checker, checkValue(checker, node.object), node.span);
  if (isPoison(object)) return poison(node.span);
  if (object.type.kind === 'record') return recordField(checker, object, node);
  if (object.type.kind !== 'struct')
    return checker.error(
      'no-such-field',
      `Can not access field '${node.name}' on expression of type '${typeName(object.type)}'`,
      node.nameSpan,
      { hints: fieldHints(object.type, node) },
    );
  return structMember(checker, object, object.type.composite, node);
}

/** DTrace's `this->x` and `self->x`. */
function threadHabit(name: string): string | undefined {
  return name === 'this' || name === 'self' ? nameHint(name) : undefined;
}

function fieldHints(type: Type, node: Member): readonly string[] {
  return type.kind === 'integer' ? [`cast it to a pointer first: ((struct name *)e)->${node.name}`] : [];
}

/** Follows pointers until something that has members. */
function follow(checker: Checker, start: TypedExpression, span: Span): TypedExpression {
  let value = start;
  while (value.type.kind === 'pointer') {
    if (
      value.type.target.kind !== 'struct' &&
      value.type.target.kind !== 'pointer' &&
      value.type.target.kind !== 'record' &&
      value.type.target.kind !== 'tuple'
    )
      return value;
    value = dereference(checker, value, span);
  }
  return value;
}

function recordField(checker: Checker, object: TypedExpression, node: Member): TypedExpression {
  const fields = object.type.kind === 'record' ? object.type.fields : [];
  const index = fields.findIndex((field) => field.name === node.name);
  const field = fields[index];
  if (field === undefined)
    return checker.error(
      'no-such-field',
      `Record of type '${typeName(object.type)}' does not contain a field named '${node.name}'`,
      node.nameSpan,
      {
        hints: didYouMean(
          node.name,
          fields.map((each) => each.name),
        ),
      },
    );
  return element(object, index, field.type, node.span);
}

/** element picks one element of a tuple or record; of constants, such as `config`, the constant itself. */
function element(object: TypedExpression, index: number, type: Type, span: Span): TypedExpression {
  if (object.kind === 'integer') return object;
  const known = object.kind === 'tuple' && object.elements.every(isPlainConstant) ? object.elements[index] : undefined;
  if (known !== undefined) return { ...known, span };
  return { kind: 'element', object, index, type, span };
}

function isPlainConstant({ kind }: TypedExpression): boolean {
  return kind === 'integer' || kind === 'string';
}

export interface FoundMember {
  readonly member: CMember;
  /** From the start of the outermost composite, in bits. */
  readonly bitOffset: number;
  readonly isInUnion: boolean;
}

/** findMember looks a member up, through anonymous members. */
export function findMember(
  checker: Checker,
  composite: CComposite,
  name: string,
  bitOffset = 0,
  isInUnion = composite.kind === 'union',
): FoundMember | undefined {
  for (const member of composite.membersFor?.(name) ?? composite.members) {
    if (member.name === name) return { member, bitOffset: bitOffset + member.bitOffset, isInUnion };
    if (member.name !== '') continue;
    const type = checker.types.resolve(member.type);
    if (type.kind !== 'struct' && type.kind !== 'union') continue;
    const found = findMember(checker, type, name, bitOffset + member.bitOffset, isInUnion || type.kind === 'union');
    if (found !== undefined) return found;
  }
  return undefined;
}

/** memberNames lists a composite's members, those of anonymous members included. */
export function memberNames(checker: Checker, composite: CComposite): readonly string[] {
  return composite.members.flatMap((member) => {
    if (member.name !== '') return [member.name];
    const type = checker.types.resolve(member.type);
    return type.kind === 'struct' || type.kind === 'union' ? memberNames(checker, type) : [];
  });
}

function structMember(
  checker: Checker,
  object: TypedExpression,
  composite: CComposite,
  node: Pick<Member, 'name' | 'nameSpan' | 'span'>,
): TypedExpression {
  const found = findMember(checker, composite, node.name);
  if (found === undefined) {
    const isOpaque = composite.size === 0 && composite.members.length === 0;
    return checker.error(
      'no-such-field',
      `Struct/union of type '${typeName(object.type)}' does not contain a field named '${node.name}'`,
      node.nameSpan,
      {
        hints: isOpaque
          ? [`the kernel's type information does not define ${typeName(object.type)}`]
          : didYouMean(node.name, memberNames(checker, composite)),
      },
    );
  }
  const source = sourceOf(object);
  const { member, bitOffset } = found;
  const type = checker.types.fromC(member.type, source.space, source.isTrusted && !found.isInUnion);
  return {
    kind: 'member',
    object,
    name: node.name,
    bitOffset,
    ...(member.bitSize !== undefined && { bitSize: member.bitSize }),
    type,
    span: node.span,
  };
}

/** From where a struct value is read: what its pointers point into, and whether BTF vouches for them. */
function sourceOf(object: TypedExpression): {
  readonly space: AddressSpace;
  readonly isTrusted: boolean;
} {
  switch (object.kind) {
    case 'dereference': {
      const { type } = object.pointer;
      if (type.kind !== 'pointer') break;
      const space = type.space === 'context' || type.space === 'map' ? 'kernel' : type.space;
      return { space, isTrusted: type.isTrusted === true };
    }
    case 'member':
    case 'index':
      return sourceOf(object.object);
  }
  return { space: 'kernel', isTrusted: false };
}

export function checkTupleElement(checker: Checker, node: TupleElement): TypedExpression {
  const object = follow(checker, checkValue(checker, node.object), node.span);
  if (isPoison(object)) return poison(node.span);
  if (object.type.kind !== 'tuple')
    return checker.error(
      'not-a-tuple',
      `Can not access index '${node.index}' on expression of type '${typeName(object.type)}'`,
      node.span,
    );
  const type = object.type.elements[node.index];
  if (type === undefined)
    return checker.error(
      'out-of-bounds',
      `Invalid tuple index: ${node.index}. Found ${object.type.elements.length} elements in tuple.`,
      node.span,
    );
  return element(object, node.index, type, node.span);
}

export function checkIndex(checker: Checker, node: Index): TypedExpression {
  const object = checkValue(checker, node.object);
  const index = checkValue(checker, node.index);
  if (isPoison(object) || isPoison(index)) return poison(node.span);
  if (object.type.kind === 'tuple') return tupleIndex(checker, node, object, index);
  const refused = refuseIndex(checker, index);
  if (refused !== undefined) return refused;
  switch (object.type.kind) {
    case 'pointer':
      return dereference(checker, addToPointer(object, index, false, node.span), node.span);
    case 'string':
      return checkedIndex(checker, node, object, index, INT8, object.type.capacity);
    case 'array':
      return checkedIndex(checker, node, object, index, object.type.element, object.type.length);
    default:
      return checker.error(
        'not-an-array',
        `The array index operator [] can only be used on arrays and pointers, found ${typeName(object.type)}.`,
        node.span,
        { hints: object.type.kind === 'integer' ? ['cast it to a pointer first: ((uint64 *)address)[index]'] : [] },
      );
  }
}

function refuseIndex(checker: Checker, index: TypedExpression): TypedExpression | undefined {
  const { type } = index;
  const isUnsigned =
    type.kind === 'integer' && (!type.isSigned || flexibleLiteral(type) !== undefined || isNonNegative(index));
  if (isUnsigned || type.kind === 'enum') return undefined;
  return checker.error(
    'invalid-index',
    `The array index operator [] only accepts positive (unsigned) integer indices. Got ${typeName(type)}.`,
    index.span,
    { hints: type.kind === 'integer' ? ['cast it: (uint64)index'] : [] },
  );
}

function isNonNegative(index: TypedExpression): boolean {
  return index.kind === 'integer' && index.value >= 0n;
}

function tupleIndex(checker: Checker, node: Index, object: TypedExpression, index: TypedExpression): TypedExpression {
  const known = constantInteger(index);
  const elements = object.type.kind === 'tuple' ? object.type.elements : [];
  if (known === undefined) return checker.error('not-constant', 'A tuple index must be a literal', node.span);
  const type = elements[Number(known)];
  if (type === undefined)
    return checker.error(
      'out-of-bounds',
      `Invalid tuple index: ${known}. Found ${elements.length} elements in tuple.`,
      node.span,
    );
  return element(object, Number(known), type, node.span);
}

function checkedIndex(
  checker: Checker,
  node: Index,
  object: TypedExpression,
  index: TypedExpression,
  type: Type,
  length: number,
): TypedExpression {
  const known = constantInteger(index);
  const span = node.span;
  // A flexible array member has no length of its own.
  if (known !== undefined && length > 0 && known >= BigInt(length))
    return checker.error(
      'out-of-bounds',
      `the index ${known} is out of bounds for array of size ${length}`,
      node.index.span,
    );
  if (object.kind === 'string' && known !== undefined)
    return literal(BigInt(object.value.codePointAt(Number(known)) ?? 0), span);
  const isChecked = known === undefined && length > 0;
  return {
    kind: 'index',
    object,
    index: known === undefined ? castTo(index, UINT64) : constant(known, UINT64, index.span),
    ...(isChecked && { isChecked }),
    type: settle(type),
    span,
  };
}

/** memberOf reads a member by name from a struct or a pointer to one. */
export function memberOf(checker: Checker, start: TypedExpression, name: string, span: Span): TypedExpression {
  const object = follow(checker, start, span);
  return object.type.kind === 'struct'
    ? structMember(checker, object, object.type.composite, {
        name,
        nameSpan: span,
        span,
      })
    : poison(span);
}
