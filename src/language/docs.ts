/**
 * One line of documentation per builtin: completion, help and the parser (which must tell `(pid) - 1` from a cast)
 * share it. Functions are in docs-functions.ts.
 */

export interface DocRow {
  readonly name: string;
  /** As one would write it, with types: `pid: uint32`, `hist(n [, bits])`. */
  readonly signature: string;
  readonly summary: string;
}

/** BUILTIN_DOCS lists the names that are values by themselves. */
export const BUILTIN_DOCS: readonly DocRow[] = [
  row('pid', 'uint32', 'process id (thread group id)'),
  row('tid', 'uint32', 'thread id'),
  row('uid', 'uint64', 'user id of the current task'),
  row('gid', 'uint64', 'group id of the current task'),
  row('username', 'username_t', 'name of the user, found when printed'),
  row('comm', 'string[16]', 'name of the current thread'),
  row('pcomm', 'string[16]', 'name of the parent process'),
  row('ppid', 'uint32', 'process id of the parent'),
  row('leader_comm', 'string[16]', "name of the thread group's leader"),
  row('leader_tid', 'uint32', "thread id of the thread group's leader"),
  row('nsecs', 'uint64', 'nanoseconds since boot'),
  row('elapsed', 'uint64', 'nanoseconds since tracing began'),
  row('jiffies', 'uint64', "the kernel's tick counter"),
  row('cpu', 'uint64', 'number of the current CPU'),
  row('ncpus', 'uint64', 'number of CPUs'),
  row('numaid', 'uint64', 'number of the current NUMA node'),
  row('cgroup', 'uint64', 'cgroup v2 id of the current task'),
  row('curtask', 'struct task_struct *', 'the current task'),
  row('rand', 'uint32', 'a random number'),
  row('cpid', 'uint64', 'process id of the command of -c'),
  row('has_cpid', 'bool', 'whether there is a command of -c'),
  row('ctx', 'context pointer', 'the raw context of the probe'),
  row('args', 'struct', 'the arguments of the probe, by name'),
  row('retval', 'uint64', 'what the function returned'),
  row('func', 'ksym_t', 'the traced function'),
  row('probe', 'string', 'full name of the probe that fired'),
  row('probetype', 'string', 'provider of the probe that fired'),
  row('kstack', 'kstack_t', 'kernel stack'),
  row('ustack', 'ustack_t', 'user stack'),
  row('usermode', 'uint8', '1 in user mode, 0 in the kernel'),
  row('config', 'record', 'the effective configuration'),
  ...Array.from({ length: 10 }, (_, index) =>
    row(`arg${index}`, 'uint64', `argument ${index} of the function or marker`),
  ),
];

function row(name: string, type: string, summary: string): DocRow {
  return { name, signature: `${name}: ${type}`, summary };
}

const BUILTIN_NAMES: ReadonlySet<string> = new Set(BUILTIN_DOCS.map((doc) => doc.name));

/** isBuiltinName is true of names that are values by themselves, any `argN` included. */
export function isBuiltinName(name: string): boolean {
  return BUILTIN_NAMES.has(name) || /^s?arg\d+$/.test(name);
}
