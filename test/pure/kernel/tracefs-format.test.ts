import { describe, expect, test } from 'vitest';
import { declare } from '../../../src/kernel/btf/c-text.ts';
import { fieldText, parseFormat } from '../../../src/kernel/tracefs/format.ts';
import { formatFromBtf } from '../../../src/kernel/tracefs/raw-struct.ts';
import { TextTracepointFacts } from '../../../src/kernel/tracefs/tracepoint-facts.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

const { types } = recordedFacts();

function fieldOf(line: string, category = 'test') {
  const text = `name: e\nID: 7\nformat:\n\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n\t${line}\n\nprint fmt: ""`;
  return parseFormat(category, 'e', text, types)?.fields[0];
}

const fields: readonly [line: string, text: string, type: string][] = [
  ['field:int a;\toffset:8;\tsize:4;\tsigned:1;', 'int a', 'int'],
  ['field:unsigned long a;\toffset:8;\tsize:8;\tsigned:0;', 'unsigned long a', 'long unsigned int'],
  ['field:char comm[16];\toffset:8;\tsize:16;\tsigned:0;', 'char comm[16]', 'char[16]'],
  ['field:char comm[TASK_COMM_LEN];\toffset:8;\tsize:16;\tsigned:0;', 'char comm[TASK_COMM_LEN]', 'char[16]'],
  ['field:__u8 a[4];\toffset:8;\tsize:4;\tsigned:0;', '__u8 a[4]', '__u8[4]'],
  ['field:unsigned long args[6];\toffset:8;\tsize:48;\tsigned:0;', 'unsigned long args[6]', 'long unsigned int[6]'],
  ['field:const char * name;\toffset:8;\tsize:8;\tsigned:0;', 'const char * name', 'char *'],
  ['field:const void * const * p;\toffset:8;\tsize:8;\tsigned:0;', 'const void * const * p', 'void **'],
  ['field:struct task_struct *t;\toffset:8;\tsize:8;\tsigned:0;', 'struct task_struct * t', 'struct task_struct *'],
  ['field:enum pid_type t;\toffset:8;\tsize:4;\tsigned:0;', 'enum pid_type t', 'enum pid_type'],
  ['field:struct gone * g;\toffset:8;\tsize:8;\tsigned:0;', 'struct gone * g', 'struct gone *'],
  ['field:gone_t g;\toffset:8;\tsize:2;\tsigned:1;', 'gone_t g', 'short int'],
  ['field:enum gone g;\toffset:8;\tsize:4;\tsigned:0;', 'enum gone g', 'unsigned int'],
  ['field:gone_t g;\toffset:8;\tsize:24;\tsigned:0;', 'gone_t g', 'unsigned char[24]'],
  ['field:void (*fn)(void);\toffset:8;\tsize:8;\tsigned:0;', 'void (*fn)(void)', 'void *'],
  ['field:__data_loc char[] s;\toffset:8;\tsize:4;\tsigned:0;', '__data_loc char[] s', 'char[]'],
  ['field:__rel_loc u8[] s;\toffset:8;\tsize:4;\tsigned:0;', '__rel_loc u8[] s', 'u8[]'],
  ['field:bool b;\toffset:8;\tsize:1;\tsigned:0;', 'bool b', 'bool'],
];

test.each(fields)('%j', (line, text, type) => {
  const field = fieldOf(line);
  expect(field && declare(field.type, '')).toBe(type);
  // The pointer's star is set off, whatever the kernel writes.
  expect(field && fieldText(field)).toBe(
    text.replace('*t', '* t').replace('struct task_struct * t', 'struct task_struct * t'),
  );
});

test.each([
  ['field:__data_loc char[] s;\toffset:8;\tsize:4;\tsigned:0;', 'absolute'],
  ['field:__rel_loc char[] s;\toffset:8;\tsize:4;\tsigned:0;', 'relative'],
  ['field:int s;\toffset:8;\tsize:4;\tsigned:0;', undefined],
])('the place of %j', (line, location) => expect(fieldOf(line)?.location).toBe(location));

test('pointers of system calls lead to user space, others do not', () => {
  const line = 'field:const char * name;\toffset:8;\tsize:8;\tsigned:0;';
  const isUser = (category: string) => {
    const type = fieldOf(line, category)?.type;
    return type?.kind === 'pointer' && type.isUser;
  };
  expect(isUser('syscalls')).toBe(true);
  expect(isUser('sched')).toBe(false);
});

test('text that is no format', () => {
  expect(parseFormat('a', 'b', '', types)).toBeUndefined();
  expect(parseFormat('a', 'b', 'ls: cannot access', types)).toBeUndefined();
});

test('an event without fields', () =>
  expect(parseFormat('a', 'b', 'name: b\nID: 3\nformat:\n', types)?.fields).toEqual([]));

describe('without tracefs', () => {
  const blind = new TextTracepointFacts({ events: () => undefined, format: () => undefined }, types);

  test('nothing is listed', () => expect(blind.categories()).toEqual([]));

  test('system calls that return are known', () => {
    const format = blind.format('syscalls', 'sys_exit_read');
    expect(format?.id).toBe(0);
    expect(format?.fields.map((field) => `${fieldText(field)} @${field.offset}`)).toEqual([
      'int __syscall_nr @8',
      'long ret @16',
    ]);
  });

  test('what tracefs does not have is not made up from BTF', () => {
    const seeing = new TextTracepointFacts({ events: () => 'sched:sched_switch\n', format: () => undefined }, types);
    expect(seeing.format('syscalls', 'sys_exit_read')).toBeUndefined();
  });

  test('an event that BTF does not have', () => expect(formatFromBtf('sched', 'nosuch', types)).toBeUndefined());
});
