/**
 * Functions computed in the kernel, one row each: those whose value fits a register and those that write memory.
 */

import { sizeOf } from '../../semantics/layout.ts';
import type { FunctionName, TypedExpression } from '../../semantics/program.ts';
import type { Operand } from '../ir/ir.ts';
import { readRegister } from './arguments.ts';
import { processId, returningFunction } from './builtins.ts';
import type { FunctionContext } from './function-context.ts';
import { countElements } from './loops.ts';
import { REGISTER_LAYOUTS } from './machine-registers.ts';
import { deleteElement, findElement, hasKey, ifFound, readMapScalar, valuePlace } from './maps.ts';
import { placeOfValue, pointedAt } from './memory-values.ts';
import { emitPacket } from './packets.ts';
import {
  addressOf,
  at,
  clearVariable,
  copyBytes,
  loadScalar,
  type Place,
  storeConstant,
  storeScalar,
  zeroFill,
} from './place.ts';
import { scalar } from './scalars.ts';
import { stackDepth, stackId } from './stacks.ts';
import {
  compareBytes,
  compareStart,
  concatenate,
  copyString,
  findString,
  ownMemory,
  readString,
  stringLength,
  type TextSource,
} from './strings.ts';
import { ERROR_NAMES, SIGNAL_NAMES, syscallNames, writeTableName } from './tables.ts';
import { isScalar } from './types.ts';

export type Call = Extract<TypedExpression, { kind: 'call' }>;

const SCALARS: Readonly<Partial<Record<FunctionName, (fc: FunctionContext, e: Call) => Operand>>> = {
  strncmp: (fc, e) => compareStart(fc, argument(e, 0), argument(e, 1), constant(argument(e, 2))),
  memcmp: (fc, e) => compareBytes(fc, argument(e, 0), argument(e, 1), constant(argument(e, 2))),
  strcontains: (fc, e) => notEqual(fc, findString(fc, argument(e, 0), argument(e, 1)), 0xffffffffffffffffn),
  strstr: (fc, e) => findString(fc, argument(e, 0), argument(e, 1)),
  strlen: (fc, e) => stringLength(fc, argument(e, 0)),
  ksym: (fc, e) => scalar(fc, argument(e, 0)),
  kstack: stackId,
  ustack: stackId,
  bswap,
  cgroup_path: (fc, e) => scalar(fc, argument(e, 0)),
  strftime: (fc, e) => scalar(fc, argument(e, e.args.length - 1)),
  socket_cookie: (fc, e) => fc.builder.call('get_socket_cookie', [scalar(fc, argument(e, 0))]),
  signal: (fc, e) => fc.builder.call('send_signal', [scalar(fc, argument(e, 0))]),
  signal_thread: (fc, e) => fc.builder.call('send_signal_thread', [scalar(fc, argument(e, 0))]),
  override: (fc, e) => fc.builder.call('override_return', [fc.context, scalar(fc, argument(e, 0))]),
  write_user: writeUser,
  // -4095 … -1, as pointers: everything from -4095 up.
  is_err: (fc, e) => compared(fc, 'greaterOrEqual', scalar(fc, argument(e, 0)), BigInt.asUintN(64, -4095n)),
  has_key: (fc, e) => hasKey(fc, mapOf(e), e.args[0]),
  delete: (fc, e) => deleteElement(fc, mapOf(e), e.args[0]),
  find,
  len: (fc, e) => (e.map ? countElements(fc, e.map) : stackDepth(fc, argument(e, 0))),
  debugf: debug,
  percpu_kaddr: perCpuAddress,
  uaddr: userAddress,
  skboutput: outputPacket,
};

const MEMORY: Readonly<Partial<Record<FunctionName, (fc: FunctionContext, e: Call, to: Place) => void>>> = {
  str: writeStr,
  buf: writeBuffer,
  path: writePath,
  comm: writeTaskName,
  str_concat: (fc, e, to) => concatenate(fc, argument(e, 0), argument(e, 1), to, sizeOf(e.type)),
  strerror: (fc, e, to) => writeTableName(fc, 'strerror', ERROR_NAMES, scalar(fc, argument(e, 0)), to, sizeOf(e.type)),
  signal_name: (fc, e, to) =>
    writeTableName(fc, 'signals', SIGNAL_NAMES, scalar(fc, argument(e, 0)), to, sizeOf(e.type)),
  syscall_name: (fc, e, to) =>
    writeTableName(
      fc,
      'syscall names',
      syscallNames(fc.program.architecture),
      scalar(fc, argument(e, 0)),
      to,
      sizeOf(e.type),
    ),
  usym: (fc, e, to) => {
    storeScalar(fc, to, UINT64, scalar(fc, argument(e, 0)));
    storeScalar(fc, at(to, 8), UINT32, processId(fc));
    storeScalar(fc, at(to, 12), UINT32, 0n);
  },
  ntop: writeAddress,
  macaddr: (fc, e, to) => copyBytes(fc, bytesBehind(fc, argument(e, 0)), to, 6),
};

const PATH_SIZE = 1024;
const UINT64 = { kind: 'integer', bits: 64, isSigned: false } as const;
const UINT32 = { kind: 'integer', bits: 32, isSigned: false } as const;

/** lowerCall gives the value of a function that fits a register. */
export function lowerCall(fc: FunctionContext, e: Call): Operand {
  const make = SCALARS[e.name];
  if (make === undefined) return unsupported(fc, e);
  return make(fc, e);
}

/** writeCall writes the value of a function that lives in memory. */
export function writeCall(fc: FunctionContext, e: Call, to: Place): void {
  const make = MEMORY[e.name];
  if (make === undefined) unsupported(fc, e);
  else make(fc, e, to);
}

function unsupported(fc: FunctionContext, e: Call): Operand {
  fc.program.diagnostics.error('unsupported-function', `${e.name}() cannot be compiled for this kernel`, e.span);
  return 0n;
}

function argument(e: Call, index: number): TypedExpression {
  const arg = e.args[index];
  if (arg === undefined) throw new Error(`${e.name}() lacks argument ${index}`);
  return arg;
}

function constant(e: TypedExpression): number {
  if (e.kind === 'cast') return constant(e.operand);
  if (e.kind !== 'integer') throw new Error('a constant must be here');
  return Number(e.value);
}

function mapOf(e: Call) {
  if (e.map === undefined) throw new Error(`${e.name}() lacks its map`);
  return e.map;
}

function compared(
  fc: FunctionContext,
  comparison: 'equal' | 'notEqual' | 'greaterOrEqual',
  left: Operand,
  right: bigint,
): Operand {
  const { builder } = fc;
  const result = builder.copy(1n);
  const no = builder.block();
  const done = builder.block();
  builder.branch(comparison, left, right, done, no);
  builder.enter(no);
  builder.move(result, 0n);
  builder.jump(done);
  builder.enter(done);
  return result;
}

function notEqual(fc: FunctionContext, left: Operand, right: bigint): Operand {
  return compared(fc, 'notEqual', left, right);
}

/** The memory an argument stands for: what a pointer points to, or the value itself. */
export function bytesBehind(fc: FunctionContext, e: TypedExpression): Place {
  if (e.type.kind === 'pointer' || isScalar(e.type)) return pointedAt(fc, e);
  return placeOfValue(fc, e);
}

/** textSource says where the text of `str(p)` is read from. */
export function textSource(fc: FunctionContext, e: TypedExpression): TextSource {
  const place = bytesBehind(fc, e);
  const space = place.space === 'user' ? 'user' : isBareAddress(e) ? 'either' : 'kernel';
  return { space, address: addressOf(fc, place) };
}

/**
 * `str(arg1)` of a kprobe: a register knows no address space, and scripts of the days when one helper read both kinds of
 * memory say nothing either.
 */
function isBareAddress(e: TypedExpression): boolean {
  let origin = e;
  while (origin.kind === 'cast' && origin.namesSpace !== true) origin = origin.operand;
  return origin.type.kind === 'integer' && origin.kind !== 'integer';
}

/** textSize gives the bytes `str(p, n)` may read, NUL included; n may be known at run time only. */
export function textSize(fc: FunctionContext, e: Call, capacity: number): Operand {
  const length = e.args[1];
  if (length === undefined || length.kind === 'integer') return BigInt(capacity);
  return readLimit(fc, fc.builder.binary('add', scalar(fc, length), 1n), capacity);
}

/** readLimit gives the smaller of a size and a constant. */
export function readLimit(fc: FunctionContext, value: Operand, max: number): Operand {
  if (typeof value === 'bigint') return value > BigInt(max) ? BigInt(max) : value;
  const { builder } = fc;
  const result = builder.copy(value);
  const above = builder.block();
  const done = builder.block();
  builder.branch('greater', result, BigInt(max), above, done);
  builder.enter(above);
  builder.move(result, BigInt(max));
  builder.jump(done);
  builder.enter(done);
  return result;
}

function writeStr(fc: FunctionContext, e: Call, to: Place): void {
  const capacity = sizeOf(e.type);
  const source = argument(e, 0);
  if (source.kind === 'string' && e.args.length === 1) {
    storeConstant(fc, to, Buffer.from(source.value), capacity);
    return;
  }
  zeroFill(fc, to, capacity);
  readString(fc, to, textSize(fc, e, capacity), textSource(fc, source));
}

/**
 * The helper fills its buffer from the end, leaves parts of the path behind the text, and fails if it is too small: so the
 * path is made aside, at a size that fits all but the longest, and copied.
 */
function writePath(fc: FunctionContext, e: Call, to: Place): void {
  const { builder } = fc;
  const size = sizeOf(e.type);
  const room = Math.max(size, PATH_SIZE);
  const aside = fc.temporary(room);
  const path = addressOf(fc, bytesBehind(fc, argument(e, 0)));
  const status = builder.call('d_path', [path, addressOf(fc, aside), BigInt(room)]);
  const known = builder.block();
  const unknown = builder.block(true);
  const done = builder.block();
  builder.branch('lessSigned', status, 0n, unknown, known);
  builder.enter(unknown);
  zeroFill(fc, to, size);
  builder.jump(done);
  builder.enter(known);
  copyString(fc, { ...aside, space: 'kernel' }, to, size);
  builder.jump(done);
  builder.enter(done);
}

/** A value of ours ends where it ends; what the kernel has may go on behind an array's declared length. */
export function bufferLimit(from: Place, source: TypedExpression, capacity: number): number {
  const isOurs = source.type.kind !== 'pointer' && (from.space === 'memory' || from.space === 'constant');
  return isOurs ? Math.min(capacity, sizeOf(source.type)) : capacity;
}

/** u32 length, then the bytes, zero-filled. */
function writeBuffer(fc: FunctionContext, e: Call, to: Place): void {
  const capacity = sizeOf(e.type) - 4;
  const source = argument(e, 0);
  const from = bytesBehind(fc, source);
  const most = bufferLimit(from, source, capacity);
  const length = e.args[1] === undefined ? BigInt(most) : readLimit(fc, scalar(fc, argument(e, 1)), most);
  storeScalar(fc, to, UINT32, length);
  if (typeof length === 'bigint') {
    copyBytes(fc, from, at(to, 4), Number(length));
    if (Number(length) < capacity) zeroFill(fc, at(to, 4 + Number(length)), capacity - Number(length));
    return;
  }
  zeroFill(fc, at(to, 4), capacity);
  const helper = from.space === 'user' ? 'probe_read_user' : 'probe_read_kernel';
  fc.checkedRead(helper, addressOf(fc, at(to, 4)), length, addressOf(fc, from));
}

/** inet: u32 length of the address, 16 bytes in network order. An integer is taken in memory order. */
function writeAddress(fc: FunctionContext, e: Call, to: Place): void {
  const address = argument(e, e.args.length - 1);
  const family = e.args.length > 1 ? argument(e, 0) : undefined;
  const AF_INET6 = 10n;
  const isScalarAddress = isScalar(address.type) && address.type.kind !== 'pointer';
  const size = isScalarAddress ? 4 : sizeOf(address.type.kind === 'pointer' ? address.type.target : address.type);
  zeroFill(fc, to, 20);
  if (isScalarAddress) {
    storeScalar(fc, to, UINT32, 4n);
    storeScalar(fc, at(to, 4), UINT32, scalar(fc, address));
    return;
  }
  const from = bytesBehind(fc, address);
  if (family !== undefined && family.kind !== 'integer' && size >= 16) {
    const { builder } = fc;
    const six = builder.block();
    const four = builder.block();
    const done = builder.block();
    builder.branch('equal', scalar(fc, family), AF_INET6, six, four);
    for (const [block, bytes] of [
      [six, 16],
      [four, 4],
    ] as const) {
      builder.enter(block);
      storeScalar(fc, to, UINT32, BigInt(bytes));
      copyBytes(fc, from, at(to, 4), bytes);
      builder.jump(done);
    }
    builder.enter(done);
    return;
  }
  const isSix = family?.kind === 'integer' ? family.value === AF_INET6 : size >= 16;
  storeScalar(fc, to, UINT32, isSix ? 16n : 4n);
  copyBytes(fc, from, at(to, 4), isSix ? 16 : 4);
}

function bswap(fc: FunctionContext, e: Call): Operand {
  const value = scalar(fc, argument(e, 0));
  const size = sizeOf(e.type);
  if (size === 1) return value;
  const dst = fc.builder.register();
  const bits = size === 2 ? 16 : size === 4 ? 32 : 64;
  fc.builder.emit({ op: 'swap', dst, source: value, bits });
  return dst;
}

function writeUser(fc: FunctionContext, e: Call): Operand {
  const length = argument(e, 2);
  const source = argument(e, 1);
  const place = source.type.kind === 'pointer' ? pointedAt(fc, source) : placeOfValue(fc, source);
  const size = length.kind === 'integer' ? Number(length.value) : sizeOf(source.type);
  const own = fc.temporary(size);
  copyBytes(fc, place, own, size);
  return fc.builder.call('probe_write_user', [scalar(fc, argument(e, 0)), addressOf(fc, own), BigInt(size)]);
}

/** find(@m, k, $v): looks the element up and assigns it in one step. */
function find(fc: FunctionContext, e: Call): Operand {
  const { builder } = fc;
  const symbol = mapOf(e);
  const { variable } = e;
  const storage = fc.program.object.storageOf(symbol);
  if (variable === undefined) throw new Error('find() lacks its variable');
  if (e.isDeclaration) clearVariable(fc, variable);
  const assign = (value: Operand) => {
    const home = fc.homeOf(variable);
    if (home.kind === 'register') builder.move(home.register, value);
    else storeScalar(fc, fc.placeOf(variable), variable.type, value);
  };
  if (storage.kind === 'slots') {
    assign(readMapScalar(fc, symbol, undefined, variable.type));
    return 1n;
  }
  const pointer = findElement(fc, symbol, storage, e.args[0]);
  const result = builder.copy(0n);
  ifFound(fc, pointer, () => {
    if (isScalar(variable.type)) assign(loadScalar(fc, valuePlace(pointer), symbol.valueType));
    else copyBytes(fc, valuePlace(pointer), fc.placeOf(variable), sizeOf(variable.type));
    builder.move(result, 1n);
  });
  return result;
}

/** percpu_kaddr: the variable of a CPU, or of this one; 0 if there is no such CPU. */
function perCpuAddress(fc: FunctionContext, e: Call): Operand {
  const { builder } = fc;
  const variable = builder.register('kernel');
  builder.emit({ op: 'btfVariable', dst: variable, btfId: constant(argument(e, 0)) });
  const cpu = e.args[1];
  if (cpu === undefined) return builder.call('this_cpu_ptr', [variable]);
  return builder.call('per_cpu_ptr', [variable, scalar(fc, cpu)]);
}

/** uaddr: where the symbol lies in the process at hand: as far from the probe as in the file. */
function userAddress(fc: FunctionContext, e: Call): Operand {
  const { builder, program } = fc;
  const site = program.plan.sites[0];
  const address = scalar(fc, argument(e, 0));
  if (site === undefined || !('fileOffset' in site)) return address;
  const own = virtualAddress(program.binaries.symbols(site.path), site.fileOffset);
  const isReturn = site.provider === 'uretprobe';
  const here = isReturn ? returningFunction(fc) : readRegister(fc, instructionPointer(fc));
  return builder.binary('add', builder.binary('subtract', here, own), address);
}

/** Code of one file is mapped in one piece: all its symbols are as far from their place in the file. */
function virtualAddress(
  symbols: readonly { readonly address: bigint; readonly fileOffset: bigint; readonly isFunction: boolean }[],
  fileOffset: bigint,
): bigint {
  const neighbour = symbols.find((symbol) => symbol.isFunction && symbol.fileOffset > 0n);
  return neighbour === undefined ? fileOffset : fileOffset + neighbour.address - neighbour.fileOffset;
}

function instructionPointer(fc: FunctionContext): string {
  return REGISTER_LAYOUTS[fc.program.architecture].instructionPointer;
}

/** comm(pid): the task is looked up, and let go again. */
function writeTaskName(fc: FunctionContext, e: Call, to: Place): void {
  const { builder } = fc;
  const found = builder.block();
  const missing = builder.block();
  const done = builder.block();
  const task = builder.callKfunc('bpf_task_from_pid', [scalar(fc, argument(e, 0))], 'kernel');
  builder.branch('equal', task, 0n, missing, found);
  builder.enter(found);
  copyString(fc, { base: task, offset: fc.program.taskNameOffset, space: 'kernel' }, to, sizeOf(e.type));
  builder.emit({ op: 'callKfunc', name: 'bpf_task_release', args: [task] });
  builder.jump(done);
  builder.enter(missing);
  zeroFill(fc, to, sizeOf(e.type));
  builder.jump(done);
  builder.enter(done);
}

function outputPacket(fc: FunctionContext, e: Call): Operand {
  if (e.action === undefined) throw new Error('skboutput() lacks its action');
  const packet = argument(e, 0);
  const [length, offset] = [scalar(fc, argument(e, 1)), scalar(fc, argument(e, 2))];
  return emitPacket(fc, e.action, { pointer: scalar(fc, packet), place: bytesBehind(fc, packet) }, length, offset);
}

/** debugf: the kernel's trace pipe. */
function debug(fc: FunctionContext, e: Call): Operand {
  const text = `${e.text ?? ''}\0`;
  const format = fc.program.object.table(`format ${text}`, () => Buffer.from(text));
  const address = fc.builder.mapValue(format.map, format.offset);
  // The helper reads text behind %s by itself.
  const args = e.args
    .slice(0, 3)
    .map((arg) => (isScalar(arg.type) ? scalar(fc, arg) : addressOf(fc, ownMemory(fc, arg))));
  return fc.builder.call('trace_printk', [address, BigInt(Buffer.byteLength(text)), ...args]);
}
