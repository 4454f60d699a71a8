/**
 * Addresses and symbols: ksym, usym, kaddr, uaddr, reg, address spaces, container_of.
 */

import { didYouMean } from '../../diagnostics/nearest.ts';
import { isPoison, poison } from '../checker.ts';
import { findMember, memberNames } from '../expressions/access.ts';
import { castTo } from '../expressions/coerce.ts';
import { boolean, constant, uint64 } from '../expressions/constants.ts';
import type { ProviderName } from '../probes/probe-context.ts';
import type { TypedExpression } from '../program.ts';
import { BOOL, integerType, UINT64, VOID } from '../promote.ts';
import { typeOf } from '../type-expressions.ts';
import { typeName } from '../type-names.ts';
import { pointerTo } from '../type-source.ts';
import type { AddressSpace, IntegerType } from '../types.ts';
import type { FunctionCall } from './call.ts';
import type { FunctionRow } from './table.ts';

export const ADDRESS_FUNCTIONS: readonly FunctionRow[] = [
  { name: 'ksym', min: 1, max: 1, check: (call) => call.operation('ksym', { kind: 'ksym' }, [call.word64(0)]) },
  { name: 'usym', min: 1, max: 1, check: (call) => call.operation('usym', { kind: 'usym' }, [call.word64(0)]) },
  { name: 'kaddr', min: 1, max: 1, check: checkKaddr },
  { name: 'percpu_kaddr', min: 1, max: 2, check: checkPerCpuKaddr },
  { name: 'uaddr', min: 1, max: 1, check: checkUaddr },
  { name: 'reg', min: 1, max: 1, check: checkRegister },
  { name: 'kptr', min: 1, max: 1, check: (call) => checkSpace(call, 'kernel') },
  { name: 'uptr', min: 1, max: 1, check: (call) => checkSpace(call, 'user') },
  { name: 'container_of', min: 3, max: 3, check: checkContainerOf },
  { name: 'is_err', min: 1, max: 1, check: checkIsError },
];

function checkKaddr(call: FunctionCall): TypedExpression {
  const name = call.text(0);
  if (name === undefined) return call.poison();
  const address = call.checker.facts.functions.address(name);
  if (address !== undefined) return uint64(address, call.span);
  return call.error('unknown-symbol', `Failed to resolve kernel symbol: ${name}`, 0, [
    'the symbol must be in /proc/kallsyms; data symbols are there only in kernels with CONFIG_KALLSYMS_ALL',
  ]);
}

/** Operands: the BTF id of the variable, then the CPU if given. */
function checkPerCpuKaddr(call: FunctionCall): TypedExpression {
  const name = call.text(0);
  if (name === undefined) return call.poison();
  const variable = call.checker.facts.types.perCpuVariable(name);
  if (variable === undefined)
    return call.error('unknown-symbol', `Failed to resolve per-CPU kernel variable: ${name}`, 0);
  const args = [uint64(BigInt(variable.btfId), call.span)];
  if (call.count > 1) args.push(call.integer(1, UINT64));
  return call.operation('percpu_kaddr', UINT64, args, { text: name });
}

const USER_PROBES: readonly ProviderName[] = ['uprobe', 'uretprobe', 'usdt'];

function checkUaddr(call: FunctionCall): TypedExpression {
  const refused = call.refuseProbe(USER_PROBES);
  const name = call.text(0);
  if (refused !== undefined || name === undefined) return refused ?? call.poison();
  const site = call.checker.probe?.sites.find((each) => 'path' in each);
  if (site === undefined || !('path' in site)) return call.poison();
  const symbols = call.checker.facts.binaries.symbols(site.path);
  const symbol = symbols.find((each) => each.name === name);
  if (symbol === undefined)
    return call.error(
      'unknown-symbol',
      `Could not resolve symbol: ${site.path}:${name}`,
      0,
      didYouMean(
        name,
        symbols.map((each) => each.name),
      ),
    );
  const bits = [1, 2, 4].includes(symbol.size) ? symbol.size * 8 : 64;
  const type = pointerTo(integerType(bits as IntegerType['bits'], false), 'user');
  return call.operation('uaddr', type, [uint64(symbol.address, call.span)], { text: name });
}

const REGISTERS: Readonly<Record<'x86_64' | 'aarch64', readonly string[]>> = {
  x86_64: [
    ...['ax', 'bx', 'cx', 'dx', 'si', 'di', 'bp', 'sp', 'ip', 'flags', 'cs', 'ss'],
    ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'orig_ax'],
  ],
  aarch64: [...Array.from({ length: 31 }, (_, index) => `r${index}`), 'sp', 'pc', 'pstate'],
};

const REGISTER_PROBES: readonly ProviderName[] = [
  ...['kprobe', 'kretprobe', 'uprobe', 'uretprobe', 'usdt'],
  ...['profile', 'interval', 'software', 'hardware', 'watchpoint'],
] as readonly ProviderName[];

function checkRegister(call: FunctionCall): TypedExpression {
  const refused = call.refuseProbe(REGISTER_PROBES);
  const name = call.text(0);
  if (refused !== undefined || name === undefined) return refused ?? call.poison();
  if (call.checker.forDepth > 0) return call.error('context-in-loop', "'reg' builtin is not allowed in a for-loop");
  const { architecture } = call.checker.facts;
  const known = REGISTERS[architecture];
  if (!known.includes(name))
    return call.error(
      'unknown-register',
      `'${name}' is not a valid register on this architecture (${architecture})`,
      0,
      didYouMean(name, known),
    );
  return { kind: 'register', name, type: UINT64, span: call.span };
}

function checkSpace(call: FunctionCall, space: AddressSpace): TypedExpression {
  const value = call.value(0);
  if (isPoison(value)) return value;
  const target = value.type.kind === 'pointer' ? value.type.target : value.type.kind === 'integer' ? VOID : undefined;
  if (target === undefined) return call.wrongType(0, 'an integer or a pointer', value.type);
  const cast = castTo(value, pointerTo(target, space));
  return cast.kind === 'cast' ? { ...cast, namesSpace: true } : cast;
}

/** `container_of(p, type, member)` is a cast of the address less the member's offset. */
function checkContainerOf(call: FunctionCall): TypedExpression {
  const pointer = call.value(0);
  const typeNode = call.nodes[1];
  const member = call.word(2);
  if (isPoison(pointer) || typeNode === undefined) return call.poison();
  if (pointer.type.kind !== 'pointer') return call.wrongType(0, 'a pointer', pointer.type);
  if (member === undefined)
    return call.error('invalid-argument', 'container_of() expects the name of a member as third argument', 2);
  const type = typeOf(call.checker, typeNode, pointer.type.space);
  if (type.kind === 'none') return call.poison();
  if (type.kind !== 'struct') return call.error('not-a-struct', `'${typeName(type)}' is not a struct type`, 1);
  const found = findMember(call.checker, type.composite, member);
  if (found === undefined)
    return call.error(
      'no-such-field',
      `Struct/union of type '${typeName(type)}' does not contain a field named '${member}'`,
      2,
      didYouMean(member, memberNames(call.checker, type.composite)),
    );
  return castTo(
    {
      kind: 'arithmetic',
      operator: 'subtract',
      left: castTo(pointer, UINT64),
      right: constant(BigInt(found.bitOffset / 8), UINT64, call.span),
      type: UINT64,
      span: call.span,
    },
    pointerTo(type, pointer.type.space),
  );
}

/** Error pointers lie in the last 4095 bytes of the address space (include/linux/err.h). */
const FIRST_ERROR = (1n << 64n) - 4095n;

function checkIsError(call: FunctionCall): TypedExpression {
  const value = call.word64(0);
  if (isPoison(value)) return poison(call.span);
  if (value.kind === 'integer') return boolean(value.value >= FIRST_ERROR, call.span);
  return {
    kind: 'comparison',
    operator: 'greaterOrEqual',
    left: value,
    right: constant(FIRST_ERROR, UINT64, call.span),
    type: BOOL,
    span: call.span,
  };
}
