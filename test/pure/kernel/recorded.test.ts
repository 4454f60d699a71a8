import { describe, expect, test } from 'vitest';
import type { CComposite, CType } from '../../../src/ctype/ctype.ts';
import { declare, definitionLines } from '../../../src/kernel/btf/c-text.ts';
import { fieldText } from '../../../src/kernel/tracefs/format.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

const { types, tracepoints, functions } = recordedFacts();

function member(struct: CComposite | undefined, name: string): CType | undefined {
  for (const candidate of struct?.members ?? []) {
    if (candidate.name === name) return candidate.type;
    if (candidate.name === '' && (candidate.type.kind === 'struct' || candidate.type.kind === 'union')) {
      const found = member(candidate.type, name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

describe('types', () => {
  test.each([
    ['task_struct', 'comm', 'char comm[16]'],
    ['task_struct', 'pid', 'pid_t pid'],
    ['task_struct', 'real_parent', 'struct task_struct *real_parent'],
    ['path', 'dentry', 'struct dentry *dentry'],
    ['dentry', 'd_name', 'const struct qstr d_name'.replace('const ', '')],
    ['qstr', 'name', 'const unsigned char *name'],
    ['sock', '__sk_common', 'struct sock_common __sk_common'],
    ['sock_common', 'skc_dport', '__be16 skc_dport'],
    ['file', 'f_path', 'struct path f_path'],
  ])('struct %s has %s', (struct, name, text) => {
    const type = member(types.struct(struct), name);
    expect(type && declare(type, name)).toBe(text);
  });

  test('a pointer leads to a structure with members', () => {
    const parent = member(types.struct('task_struct'), 'real_parent');
    expect(parent?.kind === 'pointer' && parent.target.kind === 'struct' && parent.target.members.length > 100).toBe(
      true,
    );
  });

  test('one node per type', () => expect(types.struct('task_struct')).toBe(types.struct('task_struct')));

  test('bitfields have widths', () => {
    const bits = types.struct('task_struct')?.members.find(({ name }) => name === 'in_execve');
    expect(bits?.bitSize).toBe(1);
  });

  test('enum constants are found without their enum', () => {
    const found = types.enumConstant('TCP_ESTABLISHED');
    expect(found?.value).toBe(1n);
    expect(found?.type.values.map(({ name }) => name)).toContain('TCP_LISTEN');
  });

  test.each(['tsk_struct', '', 'comm', 'vfs_read'])('no struct %j', (name) =>
    expect(types.struct(name)).toBeUndefined(),
  );

  test('raw tracepoints lose their registration pointer', () => {
    const parameters = types.rawTracepoint('sched_switch')?.type.parameters.map(({ type }) => declare(type, ''));
    expect(parameters).toEqual(['bool', 'struct task_struct *', 'struct task_struct *', 'unsigned int']);
  });

  test('functions have named parameters', () => {
    const read = types.function('vfs_read');
    expect(read?.type.parameters.map((parameter) => declare(parameter.type, parameter.name))).toEqual([
      'struct file *file',
      'char *buf',
      'size_t count',
      'loff_t *pos',
    ]);
    expect(read && declare(read.type.returns, '')).toBe('ssize_t');
    expect(read?.module).toBe('vmlinux');
  });

  test('iterators are those with a context', () => {
    expect(types.iteratorNames()).toEqual(expect.arrayContaining(['task', 'task_file', 'task_vma', 'tcp']));
    expect(types.iterator('run_prog')).toBeUndefined();
  });

  test('a definition as C text', () => {
    const list = types.struct('list_head');
    expect(list && definitionLines(list)).toEqual([
      'struct list_head {',
      '\tstruct list_head *next;',
      '\tstruct list_head *prev;',
      '};',
    ]);
  });

  test('nested anonymous members are written out', () => {
    const qstr = types.struct('qstr');
    expect(qstr && definitionLines(qstr)).toEqual([
      'struct qstr {',
      '\tunion {',
      '\t\tstruct {',
      '\t\t\tu32 hash;',
      '\t\t\tu32 len;',
      '\t\t};',
      '\t\tu64 hash_len;',
      '\t};',
      '\tconst unsigned char *name;',
      '};',
    ]);
  });
});

describe('tracepoints', () => {
  test.each([
    [
      'sched',
      'sched_switch',
      'char prev_comm[16]|pid_t prev_pid|int prev_prio|long prev_state|char next_comm[16]|pid_t next_pid|int next_prio',
    ],
    ['syscalls', 'sys_enter_openat', 'int __syscall_nr|int dfd|const char * filename|int flags|umode_t mode'],
    ['sched', 'sched_process_exec', '__data_loc char[] filename|pid_t pid|pid_t old_pid'],
    ['raw_syscalls', 'sys_enter', 'long id|unsigned long args[6]'],
  ])('%s:%s', (category, event, fields) =>
    expect(tracepoints.format(category, event)?.fields.map(fieldText).join('|')).toBe(fields),
  );

  test('fields are typed', () => {
    const fields = tracepoints.format('syscalls', 'sys_enter_openat')?.fields ?? [];
    expect(fields.map(({ type }) => declare(type, ''))).toEqual(['int', 'int', 'char *', 'int', 'umode_t']);
    const filename = fields.find(({ name }) => name === 'filename');
    expect(filename?.type.kind === 'pointer' && filename.type.isUser).toBe(true);
  });

  test('data locations', () => {
    const field = tracepoints.format('sched', 'sched_process_exec')?.fields[0];
    expect(field?.location).toBe('absolute');
    expect(field?.size).toBe(4);
  });

  test('lists are sorted', () => {
    expect(tracepoints.categories()).toContain('syscalls');
    expect(tracepoints.events('sched')).toEqual([...tracepoints.events('sched')].sort());
    expect(tracepoints.events('sched')).toContain('sched_switch');
  });

  test.each([
    ['no', 'such'],
    ['sched', '../sched_switch'],
    ['.', '.'],
  ])('no %s:%s', (category, event) => expect(tracepoints.format(category, event)).toBeUndefined());
});

describe('functions', () => {
  test('listed where BTF and kallsyms agree', () =>
    expect(functions.list()).toContainEqual({ name: 'vfs_read', module: 'vmlinux' }));

  test('without the kernel own list, existence is all that is known', () => {
    expect(functions.isTraceable('vfs_read')).toBe('unknown');
    expect(functions.isTraceable('vfs_raed')).toBe('no');
  });

  test('addresses', () => {
    expect(functions.address('vfs_read')).toBeGreaterThan(0n);
    expect(functions.address('no_such_symbol')).toBeUndefined();
  });
});
