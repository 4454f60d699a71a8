/**
 * Builtins computed in the kernel.
 */

import type { AttachSite, BuiltinName, TypedExpression } from '../../semantics/program.ts';
import type { Operand, VirtualRegister } from '../ir/ir.ts';
import { readRegister, syscallNumber } from './arguments.ts';
import type { FunctionContext } from './function-context.ts';
import { REGISTER_LAYOUTS } from './machine-registers.ts';
import { addressOf, at, inFrame, loadScalar, type Place, storeBytes, zeroFill } from './place.ts';
import { slotPlace } from './slots.ts';

type Builtin = Extract<TypedExpression, { kind: 'builtin' }>;

const BUILTINS: Readonly<Partial<Record<BuiltinName, (fc: FunctionContext) => Operand>>> = {
  pid: (fc) => namespaced(fc, 4) ?? processId(fc),
  tid: (fc) => namespaced(fc, 0) ?? threadId(fc),
  pidInit: processId,
  tidInit: threadId,
  uid: (fc) => low(fc, fc.builder.call('get_current_uid_gid', [])),
  gid: (fc) => fc.builder.binary('shiftRight', fc.builder.call('get_current_uid_gid', []), 32n),
  username: (fc) => low(fc, fc.builder.call('get_current_uid_gid', [])),
  nsecs: (fc) => fc.builder.call('ktime_get_boot_ns', []),
  nsecsMonotonic: (fc) => fc.builder.call('ktime_get_ns', []),
  nsecsTai: tai,
  nsecsSwTai: tai,
  elapsed: (fc) => {
    fc.program.object.usesStartTime = true;
    const start = slotPlace(fc, fc.program.object.startTime);
    const now = fc.builder.call('ktime_get_boot_ns', []);
    return fc.builder.binary('subtract', now, fc.builder.load(start.base, start.offset, 8));
  },
  jiffies: (fc) => fc.builder.call('jiffies64', []),
  cpu: (fc) => fc.builder.call('get_smp_processor_id', []),
  numaid: (fc) => fc.builder.call('get_numa_node_id', []),
  cgroup: (fc) => fc.builder.call('get_current_cgroup_id', []),
  curtask: (fc) => fc.builder.call('get_current_task', []),
  rand: (fc) => fc.builder.call('get_prandom_u32', []),
  cpid: (fc) => BigInt(fc.program.options.childPid ?? 0),
  func: functionAddress,
  probe: probeName,
  usermode: (fc) => fc.builder.binary('shiftRight', fc.builder.binary('and', readRegister(fc, 'cs'), 2n), 1n),
};

/** lowerBuiltin gives a builtin that fits a register. */
export function lowerBuiltin(fc: FunctionContext, e: Builtin): Operand {
  const make = BUILTINS[e.name];
  if (make === undefined) throw new Error(`builtin ${e.name} is no scalar`);
  return make(fc);
}

/** writeBuiltin writes a builtin that lives in memory. */
export function writeBuiltin(fc: FunctionContext, e: Builtin, to: Place): void {
  if (e.name === 'comm') {
    writeTaskName(fc, to);
    return;
  }
  if (e.name === 'func') {
    const { builder } = fc;
    const isKnown = !isUserReturn(fc) || fc.program.features.has('uprobe_func_ip');
    builder.store(to.base, to.offset, 8, isKnown ? functionAddress(fc) : 0n);
    builder.store(to.base, to.offset + 8, 4, processId(fc));
    builder.store(to.base, to.offset + 12, 4, isKnown ? 0n : builder.binary('add', probeName(fc), 1n));
    return;
  }
  throw new Error(`builtin ${e.name} is no memory value`);
}

/** currentTask is the task as the verifier knows it: its members can be loaded, but it is no number. */
export function currentTask(fc: FunctionContext): VirtualRegister {
  return fc.builder.call('get_current_task_btf', [], 'kernel');
}

const BYTES_OF_1 = 0x0101010101010101n;
const HIGH_BITS = 0x8080808080808080n;

/** Two loads cost a sixth of what the helper does (its strscpy and the call). */
function writeTaskName(fc: FunctionContext, to: Place): void {
  const { builder } = fc;
  const offset = fc.program.taskNameOffset;
  if (!fc.program.readsTaskDirectly || offset === 0) {
    // Kernels around 6.1 leave what is behind the text as it is (strscpy in bpf_get_current_comm).
    zeroFill(fc, to, 16);
    builder.call('get_current_comm', [addressOf(fc, to), 16n]);
    return;
  }
  const task = currentTask(fc);
  const first = firstZero(fc, builder.load(task, offset, 8));
  storeBytes(fc, to, 8, first.text);
  storeBytes(fc, at(to, 8), 8, 0n);
  const isLong = builder.block();
  const done = builder.block();
  builder.branch('equal', first.zero, 0n, isLong, done);
  builder.enter(isLong);
  storeBytes(fc, at(to, 8), 8, firstZero(fc, builder.load(task, offset + 8, 8)).text);
  builder.jump(done);
  builder.enter(done);
}

/**
 * The bytes of a word up to its first zero; what lies behind may be left over from a longer name (strlcpy in
 * __set_task_comm before Linux 5.17). `zero` is 0 if there is none.
 */
function firstZero(fc: FunctionContext, word: VirtualRegister): { readonly text: Operand; readonly zero: Operand } {
  const { builder } = fc;
  const borrowed = builder.binary('subtract', word, BYTES_OF_1);
  const unset = builder.binary('xor', word, -1n);
  // Above the first zero byte there may be false marks, never below it.
  const marks = builder.binary('and', builder.binary('and', borrowed, unset), HIGH_BITS);
  const zero = builder.binary('and', marks, builder.binary('subtract', 0n, marks));
  const mask = builder.binary('subtract', builder.binary('shiftRight', zero, 7n), 1n);
  return { text: builder.binary('and', word, mask), zero };
}

/** Where kernels before 6.6 do not say which function it is; the probe does. */
function isUserReturn(fc: FunctionContext): boolean {
  return fc.program.plan.sites[0]?.provider === 'uretprobe';
}

function low(fc: FunctionContext, value: Operand): Operand {
  return fc.builder.extend(value, 32, false);
}

export function processId(fc: FunctionContext): Operand {
  return fc.builder.binary('shiftRight', fc.builder.call('get_current_pid_tgid', []), 32n);
}

function threadId(fc: FunctionContext): Operand {
  return low(fc, fc.builder.call('get_current_pid_tgid', []));
}

/** struct bpf_pidns_info {u32 pid, tgid}; processes outside the namespace have no number in it: 0. */
function namespaced(fc: FunctionContext, offset: 0 | 4): Operand | undefined {
  const namespace = fc.program.options.pidNamespace;
  if (namespace === undefined || !fc.program.hasHelper('get_ns_current_pid_tgid')) return;
  const info = inFrame(fc.builder.slot(8));
  fc.builder.call('get_ns_current_pid_tgid', [namespace.device, namespace.inode, addressOf(fc, info), 8n]);
  return loadScalar(fc, { ...info, offset }, { kind: 'integer', bits: 32, isSigned: false });
}

function tai(fc: FunctionContext): Operand {
  if (fc.program.hasHelper('ktime_get_tai_ns')) return fc.builder.call('ktime_get_tai_ns', []);
  fc.program.diagnostics.error(
    'missing-helper',
    'nsecs(tai) needs the helper bpf_ktime_get_tai_ns (Linux 6.1), which this kernel lacks',
    fc.builder.span,
  );
  return 0n;
}

function functionAddress(fc: FunctionContext): Operand {
  const { plan } = fc.program;
  if (plan.access.kind === 'slots' || plan.expectedAttachType !== undefined) {
    return fc.builder.call('get_func_ip', [fc.context]);
  }
  if (plan.sites.every((site) => site.provider === 'uretprobe')) return returningFunction(fc);
  const isEntry = plan.sites.every((site) => site.provider === 'kprobe');
  const isTold = !isEntry || fc.program.hasHelper('get_func_ip');
  if (isTold && plan.sites.every(hasFunctionAddress)) return fc.builder.call('get_func_ip', [fc.context]);
  return readRegister(fc, REGISTER_LAYOUTS[fc.program.architecture].instructionPointer);
}

/**
 * At returns nothing else tells the function. At the entry of a kernel function the instruction pointer is some bytes on,
 * which would make another key of it than the return's.
 */
function hasFunctionAddress(site: AttachSite): boolean {
  if (site.provider === 'kprobe') return site.offset === 0n && site.address === undefined;
  return site.provider === 'kretprobe';
}

/**
 * returningFunction gives the function that a uretprobe returns from. The helper knows it since 6.6, which has multi links, too;
 * before, it lies in what the kernel keeps of pending returns (struct return_instance, kernel/events/uprobes.c).
 */
export function returningFunction(fc: FunctionContext): Operand {
  const path = fc.program.returnInstancePath;
  if (fc.program.features.has('uprobe_func_ip') || path === undefined)
    return fc.builder.call('get_func_ip', [fc.context]);
  let base: VirtualRegister = fc.builder.call('get_current_task', []);
  for (const offset of path) base = fc.probeRead({ base, offset, space: 'kernel' }, 8);
  return base;
}

/** The id of the site's name. */
function probeName(fc: FunctionContext): Operand {
  const { identity } = fc.program.plan;
  const { builder } = fc;
  switch (identity.kind) {
    case 'constant':
      return BigInt(identity.nameId);
    case 'cookie': {
      const cookie = builder.call('get_attach_cookie', [fc.context]);
      if (identity.isUpperHalf === undefined) return cookie;
      return identity.isUpperHalf ? builder.binary('shiftRight', cookie, 32n) : builder.extend(cookie, 32, false);
    }
    case 'syscall': {
      // The number has been found in the table at entry, so it is within it.
      const { map, offset } = syscallTable(fc, identity.sites);
      const number = builder.binary('and', syscallNumber(fc), BigInt(SYSCALL_SLOTS - 1));
      const start = builder.mapValue(map, offset);
      const entry = builder.load(builder.advance(start, builder.binary('multiply', number, 4n)), 0, 4);
      return builder.binary('subtract', entry, 1n);
    }
  }
}

/** Power of two above every system call number. */
export const SYSCALL_SLOTS = 1024;

/** syscallTable maps numbers to name ids + 1; 0 where no site is. */
export function syscallTable(
  fc: FunctionContext,
  sites: readonly { readonly number: number; readonly nameId: number }[],
): { readonly map: number; readonly offset: number } {
  const key = `syscalls ${sites.map((site) => `${site.number}:${site.nameId}`).join()}`;
  return fc.program.object.table(key, () => {
    const table = new Uint32Array(SYSCALL_SLOTS);
    for (const { number, nameId } of sites) table[number] = nameId + 1;
    return new Uint8Array(table.buffer);
  });
}
