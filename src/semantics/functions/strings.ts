/**
 * Text and bytes: str, buf, path, comparing and searching, names of numbers.
 */

import type { Expression } from '../../language/ast.ts';
import { decodeBytes, encodeText } from '../../text/bytes.ts';
import { isPoison } from '../checker.ts';
import { addressOfFlexibleText } from '../expressions/address.ts';
import { isIntegral } from '../expressions/coerce.ts';
import { boolean, constantInteger, literal, text, uint64 } from '../expressions/constants.ts';
import { sizeOf } from '../layout.ts';
import type { FunctionName, TypedExpression } from '../program.ts';
import { BOOL, INT8, INT32, INT64, settle, stringType, UINT8, UINT64 } from '../promote.ts';
import type { Type } from '../types.ts';
import type { FunctionCall } from './call.ts';
import type { FunctionRow } from './table.ts';

export const STRING_FUNCTIONS: readonly FunctionRow[] = [
  { name: 'str', min: 1, max: 2, check: checkStr },
  { name: 'buf', min: 1, max: 2, check: checkBuf },
  { name: 'path', min: 1, max: 2, check: checkPath },
  { name: 'strncmp', min: 3, max: 3, check: checkCompareText },
  { name: 'strcontains', min: 2, max: 2, check: (call) => checkSearch(call, 'strcontains') },
  { name: 'strstr', min: 2, max: 2, check: (call) => checkSearch(call, 'strstr') },
  { name: 'strlen', min: 1, max: 1, check: checkStringLength },
  { name: 'strcap', min: 1, max: 1, check: checkCapacity },
  { name: 'str_concat', min: 2, max: 2, check: checkConcat },
  { name: 'memcmp', min: 3, max: 3, check: checkCompareMemory },
  numberName('strerror'),
  numberName('signal_name'),
  numberName('syscall_name'),
];

const NAME_CAPACITY = 64;
const CONCAT_CAPACITY = 1024;

function numberName(name: FunctionName): FunctionRow {
  return {
    name,
    min: 1,
    max: 1,
    check: (call) => call.operation(name, stringType(NAME_CAPACITY), [call.integer(0, INT64)]),
  };
}

/** defaultCapacity is the room of strings read at run time: small limits get a byte more, so that the trailer shows. */
function defaultCapacity(call: FunctionCall): number {
  const { maxStrlen } = call.checker.config.program;
  return maxStrlen < 1024 ? maxStrlen + 1 : maxStrlen;
}

function checkStr(call: FunctionCall): TypedExpression {
  const parameter = parameterText(call);
  if (parameter !== undefined) return text(parameter, call.span);
  const value = call.value(0);
  if (isPoison(value)) return value;
  // `str(args.comm)` of old scripts: a character array is text already.
  const flexible = addressOfFlexibleText(value);
  const isText = value.type.kind === 'string' && flexible === undefined;
  if (isText && call.count === 1) return value;
  const address = flexible ?? (isText ? value : call.address(0, INT8));
  let capacity = isText && value.type.kind === 'string' ? value.type.capacity : defaultCapacity(call);
  const args = [address];
  if (call.count > 1) {
    const length = call.integer(1, UINT64);
    if (isPoison(length)) return length;
    if (isNegative(call, 1)) return negativeLength(call);
    const known = constantInteger(length);
    if (known === undefined) args.push(length);
    else capacity = Math.min(capacity, Number(BigInt.asUintN(53, known)) + 1);
    if (known !== undefined && value.kind === 'string')
      return text(decodeBytes(encodeText(value.value).subarray(0, Math.max(0, capacity - 1))), call.span);
    if (known !== undefined && known >= BigInt(defaultCapacity(call)))
      call.checker.warning(
        'string-length',
        `length param (${known}) is too long and will be shortened to ${capacity} bytes (see max_strlen)`,
        call.span,
      );
  }
  return call.operation('str', stringType(Math.max(1, capacity)), args);
}

/** A literal below zero, which as a length would be a huge one. */
function isNegative(call: FunctionCall, index: number): boolean {
  const node = call.node(index);
  return node?.kind === 'Unary' && node.operator === '-' && node.operand.kind === 'IntegerLiteral';
}

function negativeLength(call: FunctionCall): TypedExpression {
  return call.error('invalid-argument', `${call.name}() expects a length that is not negative`, 1);
}

/** `str($1)` and `str($1 + 2)` are the text of the parameter, whatever it looks like. */
function parameterText(call: FunctionCall): string | undefined {
  const node = call.node(0);
  const words = call.checker.options.positional;
  const word = (each: Expression | undefined) =>
    each?.kind === 'PositionalParameter' ? (words[each.index - 1] ?? '') : undefined;
  const whole = word(node);
  const shorten = (value: string) => {
    const cut = call.count > 1 ? call.literal(1) : undefined;
    return cut === undefined ? value : value.slice(0, Number(cut));
  };
  if (whole !== undefined) return shorten(whole);
  if (node?.kind !== 'Binary' || node.operator !== '+') return undefined;
  const start = word(node.left);
  if (start === undefined || node.right.kind !== 'IntegerLiteral') return undefined;
  return shorten(start.slice(Number(node.right.value)));
}

function checkBuf(call: FunctionCall): TypedExpression {
  const limit = Math.max(1, call.checker.config.program.maxStrlen - 4);
  const value = call.value(0);
  if (isPoison(value)) return value;
  const isArray = value.type.kind === 'array' || value.type.kind === 'string';
  const source = isArray ? value : call.address(0, UINT8);
  if (isPoison(source)) return source;
  if (call.count === 1) {
    if (!isArray) return call.error('argument-count', 'buf() expects a length argument for non-array type', 0);
    const size = sizeOf(settle(value.type));
    return call.operation('buf', { kind: 'buffer', capacity: Math.min(limit, size) }, [source]);
  }
  const length = call.integer(1, UINT64);
  if (isPoison(length)) return length;
  if (isNegative(call, 1)) return negativeLength(call);
  const known = constantInteger(length);
  const capacity = known === undefined || known > BigInt(limit) ? limit : Number(known);
  if (known !== undefined && known > BigInt(limit))
    call.checker.warning(
      'buffer-length',
      `buf() length is too long and will be shortened to ${limit} bytes (see max_strlen)`,
      call.span,
    );
  const args = known === undefined ? [source, length] : [source, uint64(BigInt(capacity), call.span)];
  return call.operation('buf', { kind: 'buffer', capacity }, args);
}

function checkPath(call: FunctionCall): TypedExpression {
  const refused = call.refuseProbe(['fentry', 'fexit', 'iter']);
  if (refused !== undefined) return refused;
  const value = call.value(0);
  if (isPoison(value)) return value;
  const target = value.type.kind === 'pointer' ? value.type.target : value.type;
  if (target.kind !== 'struct' || target.composite.name !== 'path')
    return call.wrongType(0, 'a struct path or a pointer to one', value.type);
  let capacity = defaultCapacity(call);
  if (call.count > 1) {
    const length = call.literal(1);
    if (length === undefined) return call.poison();
    if (length < 0n) return negativeLength(call);
    capacity = Math.min(capacity, Number(length) + 1);
  }
  return call.operation('path', stringType(Math.max(1, capacity)), [value]);
}

/** A string argument, or a `char *` whose text is read; undefined after a reported error. */
function textArgument(call: FunctionCall, index: number): TypedExpression | undefined {
  const value = call.value(index);
  if (isPoison(value)) return undefined;
  if (value.type.kind === 'string') return value;
  const target = value.type.kind === 'pointer' ? value.type.target : undefined;
  if (target?.kind === 'integer' && target.bits === 8)
    return call.operation('str', stringType(defaultCapacity(call)), [value]);
  call.wrongType(index, 'a string', value.type);
  return undefined;
}

function twoTexts(call: FunctionCall): readonly [TypedExpression, TypedExpression] | undefined {
  const first = textArgument(call, 0);
  const second = textArgument(call, 1);
  return first === undefined || second === undefined ? undefined : [first, second];
}

function checkCompareText(call: FunctionCall): TypedExpression {
  const pair = twoTexts(call);
  const count = call.literal(2);
  if (pair === undefined || count === undefined) return call.poison();
  if (count < 0n) return call.error('invalid-argument', 'strncmp() expects a positive length', 2);
  const [left, right] = pair;
  if (left.kind === 'string' && right.kind === 'string') {
    const cut = (value: string) => value.slice(0, Number(count));
    return uint64(cut(left.value) === cut(right.value) ? 0n : 1n, call.span);
  }
  return call.operation('strncmp', UINT64, [left, right, uint64(count, call.span)]);
}

function checkSearch(call: FunctionCall, name: 'strcontains' | 'strstr'): TypedExpression {
  const pair = twoTexts(call);
  if (pair === undefined) return call.poison();
  const [haystack, needle] = pair;
  if (haystack.kind === 'string' && needle.kind === 'string') {
    const index = encodedIndex(haystack.value, needle.value);
    return name === 'strstr' ? literal(BigInt(index), call.span) : boolean(index >= 0, call.span);
  }
  return call.operation(name, name === 'strstr' ? INT64 : BOOL, pair);
}

/** Where in bytes a text starts in another, or -1. */
function encodedIndex(haystack: string, needle: string): number {
  const index = haystack.indexOf(needle);
  return index < 0 ? index : encodeText(haystack.slice(0, index)).length;
}

function checkStringLength(call: FunctionCall): TypedExpression {
  const value = textArgument(call, 0);
  if (value === undefined) return call.poison();
  if (value.kind === 'string') return uint64(BigInt(encodeText(value.value).length), call.span);
  return call.operation('strlen', UINT64, [value]);
}

function checkCapacity(call: FunctionCall): TypedExpression {
  const value = textArgument(call, 0);
  return value === undefined ? call.poison() : uint64(BigInt(sizeOf(value.type)), call.span);
}

function checkConcat(call: FunctionCall): TypedExpression {
  const pair = twoTexts(call);
  if (pair === undefined) return call.poison();
  const [left, right] = pair;
  if (left.kind === 'string' && right.kind === 'string') return text(left.value + right.value, call.span);
  return call.operation('str_concat', stringType(CONCAT_CAPACITY), pair);
}

function checkCompareMemory(call: FunctionCall): TypedExpression {
  const sides = [0, 1].map((index) => memoryArgument(call, index));
  const count = call.literal(2);
  if (sides.some(isPoison) || count === undefined) return call.poison();
  if (count < 0n) return call.error('invalid-argument', 'memcmp() expects a positive length', 2);
  return call.operation('memcmp', INT32, [...sides, uint64(count, call.span)]);
}

const IN_MEMORY: ReadonlySet<Type['kind']> = new Set([
  'string',
  'array',
  'buffer',
  'struct',
  'tuple',
  'record',
  'inet',
  'mac',
]);

/** Something that lies in memory, or the address of it. */
function memoryArgument(call: FunctionCall, index: number): TypedExpression {
  const value = call.value(index);
  if (isPoison(value) || IN_MEMORY.has(value.type.kind)) return value;
  if (isIntegral(value.type) || value.type.kind === 'pointer') return call.address(index, UINT8);
  return call.wrongType(index, 'something in memory', value.type);
}
