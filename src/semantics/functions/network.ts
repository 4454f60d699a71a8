/**
 * Addresses of networks and devices: ntop, pton, macaddr, bswap, sockets and packets.
 */

import { isIPv4, isIPv6 } from 'node:net';
import { isPoison } from '../checker.ts';
import { castTo, isIntegral } from '../expressions/coerce.ts';
import { constant } from '../expressions/constants.ts';
import { sizeOf } from '../layout.ts';
import type { ProviderName } from '../probes/probe-context.ts';
import type { TypedExpression } from '../program.ts';
import { flexibleLiteral, integerType, settle, UINT8, UINT32, UINT64 } from '../promote.ts';
import type { Type } from '../types.ts';
import type { FunctionCall } from './call.ts';
import type { FunctionRow } from './table.ts';

export const NETWORK_FUNCTIONS: readonly FunctionRow[] = [
  { name: 'ntop', min: 1, max: 2, check: checkNtop },
  { name: 'pton', min: 1, max: 1, check: checkPton },
  { name: 'macaddr', min: 1, max: 1, check: checkMac },
  { name: 'bswap', min: 1, max: 1, check: checkSwap },
  { name: 'socket_cookie', min: 1, max: 1, check: checkCookie },
  { name: 'skboutput', min: 4, max: 4, check: checkSkbOutput },
];

function isBytes(type: Type): boolean {
  return type.kind === 'string' || (type.kind === 'array' && sizeOf(type.element) === 1);
}

function checkNtop(call: FunctionCall): TypedExpression {
  const family = call.count === 2 ? call.integer(0, UINT64) : undefined;
  const index = call.count - 1;
  const address = call.value(index);
  if (isPoison(address) || (family !== undefined && isPoison(family))) return call.poison();
  const { type } = address;
  const size = isBytes(type) ? sizeOf(settle(type)) : 4;
  if (!isIntegral(type) && !isBytes(type) && type.kind !== 'pointer')
    return call.wrongType(index, 'an integer or an array of bytes', type);
  if (isBytes(type) && size !== 4 && size !== 16)
    return call.error('argument-type', `ntop() expects an array of 4 or 16 bytes (${size} provided)`, index);
  const operand = isIntegral(type) ? castTo(address, UINT32) : address;
  return call.operation('ntop', { kind: 'inet' }, family === undefined ? [operand] : [family, operand]);
}

function checkPton(call: FunctionCall): TypedExpression {
  const written = call.text(0);
  if (written === undefined) return call.poison();
  const bytes = isIPv4(written) ? written.split('.').map(Number) : isIPv6(written) ? ipv6Bytes(written) : undefined;
  if (bytes === undefined)
    return call.error('invalid-address', `pton() expects a valid IPv4/IPv6 address, got ${written}`, 0);
  return {
    kind: 'bytes',
    value: Uint8Array.from(bytes),
    type: { kind: 'array', element: UINT8, length: bytes.length },
    span: call.span,
  };
}

function ipv6Bytes(written: string): number[] {
  // An IPv4 tail stands for two groups.
  const plain = written.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const word = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${word(a, b)}:${word(c, d)}`;
  });
  const [head = '', tail] = plain.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return [...left, ...middle, ...right].flatMap((group) => [group >> 8, group & 0xff]);
}

function checkMac(call: FunctionCall): TypedExpression {
  const value = call.value(0);
  if (isPoison(value)) return value;
  if (isBytes(value.type)) {
    if (sizeOf(settle(value.type)) >= 6) return call.operation('macaddr', { kind: 'mac' }, [value]);
    return call.error('argument-type', 'macaddr() argument must be at least 6 bytes in size', 0);
  }
  return call.operation('macaddr', { kind: 'mac' }, [call.address(0, UINT8)]);
}

function checkSwap(call: FunctionCall): TypedExpression {
  const value = call.integer(0);
  if (isPoison(value)) return value;
  const settled = settle(value.type);
  const bits = settled.kind === 'integer' ? settled.bits : 64;
  const type = integerType(bits, false);
  if (value.kind !== 'integer') return call.operation('bswap', type, [castTo(value, type)]);
  const size = flexibleLiteral(value.type) === undefined ? bits / 8 : literalBytes(value.value);
  const digits = BigInt.asUintN(size * 8, value.value)
    .toString(16)
    .padStart(size * 2, '0');
  const swapped = (digits.match(/../g) ?? []).reverse().join('');
  return constant(BigInt(`0x${swapped}`), integerType((size * 8) as 8, false), call.span);
}

/** A literal is as wide as the bytes it needs. */
function literalBytes(value: bigint): number {
  return [1, 2, 4].find((size) => value < 1n << BigInt(size * 8)) ?? 8;
}

const SOCKET_PROBES: readonly ProviderName[] = ['fentry', 'fexit', 'rawtracepoint', 'iter'];

function checkCookie(call: FunctionCall): TypedExpression {
  const refused = call.refuseProbe(SOCKET_PROBES);
  if (refused !== undefined) return refused;
  const socket = call.value(0);
  if (isPoison(socket)) return socket;
  const target = socket.type.kind === 'pointer' ? socket.type.target : undefined;
  if (target?.kind !== 'struct' || !/^(sock|sock_common|tcp_sock)$/.test(target.composite.name))
    return call.wrongType(0, 'a struct sock *', socket.type);
  return call.operation('socket_cookie', UINT64, [socket]);
}

function checkSkbOutput(call: FunctionCall): TypedExpression {
  const refused = call.refuseProbe(['fentry', 'fexit', 'rawtracepoint']);
  if (refused !== undefined) return refused;
  const file = call.text(0);
  const skb = call.value(1);
  const args = [skb, call.integer(2, UINT64), call.integer(3, UINT64)];
  if (file === undefined || args.some(isPoison)) return call.poison();
  const target = skb.type.kind === 'pointer' ? skb.type.target : undefined;
  if (target?.kind !== 'struct' || target.composite.name !== 'sk_buff')
    return call.wrongType(1, 'a struct sk_buff *', skb.type);
  const { action } = call.checker.act({ kind: 'skboutput', file }, [], call.span);
  return call.operation('skboutput', UINT32, args, { action });
}
