/**
 * The probe's arguments: fields of a tracepoint's record, arguments of system calls, registers, BTF arguments,
 * operands of USDT markers.
 */

import type { UsdtArgument } from '../../kernel/facts.ts';
import { sizeOf } from '../../semantics/layout.ts';
import type { AttachSite, TypedExpression } from '../../semantics/program.ts';
import type { Type } from '../../semantics/types.ts';
import type { Operand } from '../ir/ir.ts';
import type { FunctionContext } from './function-context.ts';
import { REGISTER_LAYOUTS } from './machine-registers.ts';
import { addressOf, copyBytes, inFrame, loadBytes, loadScalar, type Place, zeroFill } from './place.ts';
import { narrow } from './scalars.ts';
import { isScalar } from './types.ts';

type Of<K extends TypedExpression['kind']> = Extract<TypedExpression, { kind: K }>;

const UINT64: Type = { kind: 'integer', bits: 64, isSigned: false };

function inContext(fc: FunctionContext, offset: number): Place {
  return { base: fc.context, offset, space: 'context' };
}

/** lowerTracepointField is `args.x` where it fits a register. */
export function lowerTracepointField(fc: FunctionContext, e: Of<'tracepointField'>): Operand {
  if (fc.program.plan.access.kind === 'syscall') return syscallField(fc, e);
  const { field } = e;
  if (field.location !== undefined) return fieldData(fc, e);
  const place = inContext(fc, field.offset);
  const size = field.size === 1 || field.size === 2 || field.size === 4 || field.size === 8 ? field.size : 8;
  if (!isScalar(e.type) || sizeOf(e.type) === size) return loadScalar(fc, place, e.type);
  // The record's size and sign, then the type's.
  const bits = size === 1 ? 8 : size === 2 ? 16 : size === 4 ? 32 : 64;
  return narrow(fc, loadScalar(fc, place, { kind: 'integer', bits, isSigned: field.isSigned }), e.type);
}

/** Data elsewhere in the record: its offset in the lower half of 32 bits, its length in the upper. */
function fieldData(fc: FunctionContext, e: Of<'tracepointField'>): Operand {
  const { builder } = fc;
  const { field } = e;
  const raw = loadBytes(fc, inContext(fc, field.offset), 4);
  const start = field.location === 'relative' ? field.offset + field.size : 0;
  const offset = builder.binary('add', builder.binary('and', raw, 0xffffn), BigInt(start));
  return builder.advance(fc.context, offset);
}

/** writeTracepointField copies a field that lives in memory, such as `char comm[16]`. */
export function writeTracepointField(fc: FunctionContext, e: Of<'tracepointField'>, to: Place): void {
  const size = sizeOf(e.type);
  const from = inContext(fc, e.field.offset);
  const available = Math.min(size, e.field.size);
  if (available <= 64) {
    copyBytes(fc, from, to, available);
  } else {
    fc.checkedRead('probe_read_kernel', addressOf(fc, to), BigInt(available), addressOf(fc, from));
  }
  if (size > available) zeroFill(fc, { ...to, offset: to.offset + available }, size - available);
}

// ---- system calls through the raw tracepoints ----

function syscallField(fc: FunctionContext, e: Of<'tracepointField'>): Operand {
  const { builder } = fc;
  const { access } = fc.program.plan;
  const isExit = access.kind === 'syscall' && access.isExit;
  if (e.syscallArgument === 'number') return narrow(fc, syscallNumber(fc), e.type);
  if (e.syscallArgument === 'return') return builder.load(fc.context, 8, 8, { isInvariant: true });
  if (e.syscallArgument === undefined || isExit) throw new Error(`no way to ${e.field.name} from a raw system call`);
  const layout = REGISTER_LAYOUTS[fc.program.architecture];
  const register = layout.syscallArguments[e.syscallArgument] ?? '';
  return narrow(fc, loadBytes(fc, registers(fc, register), 8), e.type);
}

/** pt_regs is the first argument; BTF vouches for it, so that loads go through it directly. */
function registers(fc: FunctionContext, name: string): Place {
  const offset = REGISTER_LAYOUTS[fc.program.architecture].offsets[name];
  if (offset === undefined) throw new Error(`no register ${name}`);
  const base = fc.builder.load(fc.context, 0, 8, { isInvariant: true, kind: 'kernel' });
  return { base, offset, space: 'trusted' };
}

/** syscallNumber gives the number of the system call at hand. */
export function syscallNumber(fc: FunctionContext): Operand {
  const { access } = fc.program.plan;
  if (access.kind === 'syscall' && !access.isExit) return fc.builder.load(fc.context, 8, 8, { isInvariant: true });
  return loadBytes(fc, registers(fc, REGISTER_LAYOUTS[fc.program.architecture].syscallNumber), 8);
}

/** codeSegment tells 32-bit callers apart, whose system call numbers mean something else. */
export function codeSegment(fc: FunctionContext): Operand {
  return loadBytes(fc, registers(fc, 'cs'), 8);
}

// ---- numbered arguments ----

export function lowerArgument(fc: FunctionContext, e: Of<'argument'>): Operand {
  const { access, sites } = fc.program.plan;
  const layout = REGISTER_LAYOUTS[fc.program.architecture];
  switch (access.kind) {
    case 'slots': {
      const kind = e.type.kind === 'pointer' && e.type.isTrusted === true ? 'kernel' : 'integer';
      const value = fc.builder.load(fc.context, e.index * 8, 8, { isInvariant: true, kind });
      return kind === 'kernel' ? value : narrow(fc, value, e.type);
    }
    case 'registers': {
      const site = sites[0];
      if (site?.provider === 'usdt') return usdtArgument(fc, site, e.index, e.type);
      const name = layout.arguments[e.index];
      if (name !== undefined) return narrow(fc, readRegister(fc, name), e.type);
      // Further arguments lie on the stack, behind the return address.
      const stack = readRegister(fc, 'sp');
      const base = typeof stack === 'bigint' ? fc.builder.copy(stack) : stack;
      const offset = (e.index - layout.arguments.length + 1) * 8;
      const space = fc.program.plan.probe.argumentSpace;
      return narrow(fc, loadBytes(fc, { base, offset, space }, 8), e.type);
    }
    default:
      throw new Error(`no argument ${e.index} here`);
  }
}

/** writeArgument copies an argument passed by value that lives in memory. */
export function writeArgument(fc: FunctionContext, e: Of<'argument'>, to: Place): void {
  const place = inContext(fc, e.index * 8);
  copyBytes(fc, place, to, sizeOf(e.type));
}

export function lowerReturnValue(fc: FunctionContext, type: Type): Operand {
  const { access } = fc.program.plan;
  if (access.kind === 'slots') {
    const { argumentCount } = access;
    if (argumentCount !== undefined) {
      return narrow(fc, fc.builder.load(fc.context, argumentCount * 8, 8, { isInvariant: true }), type);
    }
    const result = inFrame(fc.builder.slot(8));
    fc.builder.call('get_func_ret', [fc.context, addressOf(fc, result)]);
    return narrow(fc, loadScalar(fc, result, UINT64), type);
  }
  return narrow(fc, readRegister(fc, REGISTER_LAYOUTS[fc.program.architecture].result), type);
}

export function lowerRegister(fc: FunctionContext, name: string): Operand {
  return readRegister(fc, name);
}

/** readRegister reads a register of the interrupted code from pt_regs. */
export function readRegister(fc: FunctionContext, name: string): Operand {
  const offset = REGISTER_LAYOUTS[fc.program.architecture].offsets[name];
  if (offset === undefined) {
    fc.program.diagnostics.error('unknown-register', `this architecture has no register '${name}'`, fc.builder.span);
    return 0n;
  }
  return loadScalar(fc, inContext(fc, offset), UINT64);
}

// ---- USDT ----

function usdtArgument(
  fc: FunctionContext,
  site: Extract<AttachSite, { provider: 'usdt' }>,
  index: number,
  type: Type,
): Operand {
  const argument: UsdtArgument | undefined = site.args[index];
  if (argument === undefined) return 0n;
  const bits = (argument.size * 8) as 8 | 16 | 32 | 64;
  const own: Type = { kind: 'integer', bits, isSigned: argument.isSigned };
  const { location } = argument;
  switch (location.kind) {
    case 'constant':
      return BigInt.asUintN(64, location.value);
    case 'register':
      return narrow(fc, narrow(fc, readRegister(fc, location.register), own), type);
    case 'memory': {
      let address = fc.builder.binary('add', readRegister(fc, location.register), BigInt.asUintN(64, location.offset));
      if (location.index) {
        const scaled = fc.builder.binary(
          'multiply',
          readRegister(fc, location.index.register),
          BigInt(location.index.scale),
        );
        address = fc.builder.binary('add', address, scaled);
      }
      const base = typeof address === 'bigint' ? fc.builder.copy(address) : address;
      return narrow(fc, loadScalar(fc, { base, offset: 0, space: 'user' }, own), type);
    }
    default:
      return 0n;
  }
}
