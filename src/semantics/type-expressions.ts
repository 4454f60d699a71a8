/**
 * Types as the script spells them, resolved: the language's own names, C types of the script and the kernel, `typeof`.
 */

import { nearestName } from '../diagnostics/nearest.ts';
import type { Expression, NamedType, TypeExpression } from '../language/ast.ts';
import { type Checker, isPoison } from './checker.ts';
import { checkValue, isTypeExpression } from './expressions/check.ts';
import { constantInteger } from './expressions/constants.ts';
import { argumentSpace } from './expressions/pointers.ts';
import { DEFAULT_STACK_DEPTH } from './functions/stacks.ts';
import { BOOL, INT8, INT32, INT64, integerType, NONE, settle, UINT8, UINT16, UINT32, UINT64, VOID } from './promote.ts';
import { pointerTo } from './type-source.ts';
import type { AddressSpace, StackMode, Type } from './types.ts';

/** TYPE_NAMES are the names that need no definition; C's own spellings are among them, as scripts have them in casts. */
export const TYPE_NAMES: Readonly<Record<string, Type>> = {
  bool: BOOL,
  void: VOID,
  int8: INT8,
  int16: integerType(16, true),
  int32: INT32,
  int64: INT64,
  uint8: UINT8,
  uint16: UINT16,
  uint32: UINT32,
  uint64: UINT64,
  int8_t: INT8,
  int16_t: integerType(16, true),
  int32_t: INT32,
  int64_t: INT64,
  uint8_t: UINT8,
  uint16_t: UINT16,
  uint32_t: UINT32,
  uint64_t: UINT64,
  int: INT32,
  char: INT8,
  short: integerType(16, true),
  long: INT64,
  unsigned: UINT32,
  size_t: UINT64,
  ssize_t: INT64,
  uintptr_t: UINT64,
  inet: { kind: 'inet' },
  ksym_t: { kind: 'ksym' },
  usym_t: { kind: 'usym' },
  username: { kind: 'username' },
  username_t: { kind: 'username' },
  mac_address: { kind: 'mac' },
  timestamp: { kind: 'timestamp', format: '', clock: 'boot' },
  cgroup_path_t: { kind: 'cgroupPath', filter: '' },
  cgroup_path: { kind: 'cgroupPath', filter: '' },
  count_t: { kind: 'count' },
};

const C_SPELLINGS: Readonly<Record<string, Type>> = {
  'unsigned int': UINT32,
  'unsigned long': UINT64,
  'unsigned long long': UINT64,
  'long long': INT64,
  'long int': INT64,
  'unsigned char': UINT8,
  'signed char': INT8,
  'unsigned short': UINT16,
};

/** resolveType gives the type; unknown names are reported and give none. */
export function resolveType(
  checker: Checker,
  node: TypeExpression,
  space: AddressSpace = argumentSpace(checker),
): Type {
  switch (node.kind) {
    case 'NamedType':
      return resolveNamed(checker, node, space);
    case 'PointerType': {
      const target = resolveType(checker, node.target, space);
      return target.kind === 'none' ? target : pointerTo(target, space);
    }
    case 'ArrayType':
      return resolveArray(checker, node, space);
    case 'TupleType': {
      const elements = node.elements.map((element) => resolveType(checker, element, space));
      return elements.some((element) => element.kind === 'none') ? NONE : { kind: 'tuple', elements };
    }
    case 'RecordType':
      return {
        kind: 'record',
        fields: node.fields.map((field) => ({
          name: field.name,
          type: resolveType(checker, field.type, space),
        })),
      };
    case 'TypeOf':
      return typeOf(checker, node.operand, space);
  }
}

/** typeOf gives the type of an expression, without evaluating it, or of a type. */
export function typeOf(
  checker: Checker,
  operand: Expression | TypeExpression,
  space: AddressSpace = argumentSpace(checker),
): Type {
  if (isTypeExpression(operand)) return resolveType(checker, operand, space);
  // A bare name that no builtin claims may be a type: the parser cannot know.
  if (operand.kind === 'Identifier' && !isKnownValue(checker, operand.name)) {
    const type = namedType(checker, operand.name, undefined, space);
    if (type !== undefined) return type;
  }
  return settle(checkValue(checker, operand).type);
}

function isKnownValue(checker: Checker, name: string): boolean {
  return checker.isBuiltin(name);
}

function resolveNamed(checker: Checker, node: NamedType, space: AddressSpace): Type {
  const type = namedType(checker, node.name, node.tag, space);
  if (type !== undefined) return type;
  const spelled = node.tag === undefined ? node.name : `${node.tag} ${node.name}`;
  const near =
    checker.types.nearest(node.name, node.tag ?? 'typedef') ??
    (node.tag === undefined
      ? (nearestName(node.name, Object.keys(TYPE_NAMES)) ?? checker.types.nearest(node.name, 'struct'))
      : undefined);
  const hints: string[] = [];
  if (near !== undefined && near !== node.name)
    hints.push(`did you mean '${node.tag === undefined ? '' : `${node.tag} `}${near}'?`);
  if (!checker.types.hasKernelTypes) hints.push(...checker.facts.problems());
  checker.error(
    'unknown-type',
    node.tag === undefined ? `Cannot resolve unknown type "${spelled}"` : `Unknown struct/union: '${spelled}'`,
    node.span,
    { hints },
  );
  return NONE;
}

function namedType(checker: Checker, name: string, tag: NamedType['tag'], space: AddressSpace): Type | undefined {
  if (tag === undefined) {
    const plain = name.replaceAll(/\s+/g, ' ');
    const known = TYPE_NAMES[plain] ?? C_SPELLINGS[plain];
    if (known !== undefined) return known;
    if (plain === 'string') return { kind: 'string', capacity: checker.config.program.maxStrlen };
    if (plain === 'buffer') return { kind: 'buffer', capacity: checker.config.program.maxStrlen - 4 };
    const stack = stackType(checker, plain);
    if (stack !== undefined) return stack;
  }
  const found = checker.types.named(name, tag);
  return found === undefined ? undefined : checker.types.fromC(found, space);
}

/** `kstack_t`, `ustack_t`, and the spelled-out variants such as `kstack_perf_5`. */
function stackType(checker: Checker, name: string): Type | undefined {
  const match = /^([ku])stack_(?:t|(bpftrace|perf|raw|build_id)(?:_([0-9]+))?(?:_t)?)$/.exec(name);
  if (match === null) return undefined;
  return {
    kind: 'stack',
    isUser: match[1] === 'u',
    mode: (match[2] as StackMode | undefined) ?? checker.config.program.stackMode,
    depth: match[3] === undefined ? DEFAULT_STACK_DEPTH : Number(match[3]),
  };
}

function resolveArray(checker: Checker, node: TypeExpression & { kind: 'ArrayType' }, space: AddressSpace): Type {
  const length = node.length === undefined ? 0 : arrayLength(checker, node.length);
  if (length === undefined) return NONE;
  const { element } = node;
  if (element.kind === 'NamedType' && element.tag === undefined) {
    if (element.name === 'string') return { kind: 'string', capacity: Math.max(1, length) };
    if (element.name === 'buffer') return { kind: 'buffer', capacity: length };
  }
  const type = resolveType(checker, element, space);
  return type.kind === 'none' ? type : { kind: 'array', element: type, length };
}

const MAX_ARRAY_LENGTH = 1n << 20n;

function arrayLength(checker: Checker, node: Expression): number | undefined {
  const value = checkValue(checker, node);
  if (isPoison(value)) return undefined;
  const length = constantInteger(value);
  if (length !== undefined && length >= 0n && length <= MAX_ARRAY_LENGTH) return Number(length);
  checker.error('invalid-length', 'The length of an array must be a positive literal', node.span);
  return undefined;
}
