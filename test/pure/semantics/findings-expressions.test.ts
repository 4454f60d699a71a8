/** What is wrong with operators, loops, casts, structs and builtins, in exact words. */

import { describe, expect, test } from 'vitest';
import { findingsOf, type Row } from './support.ts';

const OPERATORS: readonly Row[] = [
  ['$x = 5 / 0', 'error: unable to fold literals due to overflow or underflow <5 / 0>'],
  [
    '$x = 18446744073709551615 + 1',
    'error: unable to fold literals due to overflow or underflow <18446744073709551615 + 1>',
  ],
  [
    '$x = -9223372036854775807 - 2',
    'error: unable to fold literals due to overflow or underflow <-9223372036854775807 - 2>',
  ],
  ['$x = 1 << 64', 'error: unable to fold literals due to overflow or underflow <1 << 64>'],
  [
    '$x = comm + "a"',
    `error: The + operator can not be used on expressions of types string[16], string[2] <comm + "a">
  hint: str_concat(a, b) joins strings at run time`,
  ],
  [
    '$x = comm < "a"',
    'error: The < operator can not be used on expressions of types string[16], string[2] <comm < "a">',
  ],
  ['$x = comm == 5', "error: Type mismatch for '==': comparing string[16] with int8 <comm == 5>"],
  ['$x = comm - 1', 'error: The - operator can not be used on expressions of types string[16], int8 <comm - 1>'],
  ['$x = "a" - "b"', 'error: The - operator can not be used on expressions of types string[2], string[2] <"a" - "b">'],
  ['$x = -comm', "error: The - operator can not be used on expressions of type 'string[16]' <-comm>"],
  ['$x = ~comm', "error: The ~ operator can not be used on expressions of type 'string[16]' <~comm>"],
  [
    '$x = !comm',
    `error: Invalid condition in '!': string[16] <comm>
  hint: compare strings with ==, for example comm == "sh"`,
  ],
  [
    '$x = comm && 1',
    `error: Invalid condition in '&&': string[16] <comm>
  hint: compare strings with ==, for example comm == "sh"`,
  ],
  [
    '$x = kstack == ustack',
    'error: The == operator can not be used on expressions of types kstack_bpftrace_127, ustack_bpftrace_127 <kstack == ustack>',
  ],
  [
    '$x = (1, 2) < (1, 3)',
    'error: The < operator can not be used on expressions of types (int8,int8), (int8,int8) <(1, 2) < (1, 3)>',
  ],
  [
    '$x = curtask + curtask',
    `error: The + operator can not be used on expressions of types struct task_struct *, struct task_struct * <curtask + curtask>
  hint: cast pointers to uint64 to compute with addresses`,
  ],
  [
    '$x = curtask * 2',
    'error: The * operator can not be used on expressions of types struct task_struct *, int8 <curtask * 2>',
  ],
  [
    '$x = 1 - curtask',
    `error: The - operator can not be used on expressions of types int8, struct task_struct * <1 - curtask>
  hint: cast pointers to uint64 to compute with addresses`,
  ],
  ['$x = *comm', "error: Can not dereference value of type 'string[16]' (not a pointer) <*comm>"],
  [
    '$x = *(void *)5',
    `error: Can not dereference a pointer to void <*(void *)5>
  hint: cast it to the type it points to, for example *(uint64 *)p`,
  ],
  [
    '$x = &5',
    `error: The & operator takes a variable or a map <&5>
  hint: or a member of what a pointer points to: &$p->member`,
  ],
  [
    '$x = &curtask->in_execve',
    `error: A bitfield has no address <&curtask->in_execve>
  hint: take the address of the struct, or the value of the field`,
  ],
  [
    '$x = pid[0]',
    `error: The array index operator [] can only be used on arrays and pointers, found uint32. <pid[0]>
  hint: cast it to a pointer first: ((uint64 *)address)[index]`,
  ],
  [
    'if (pid = 5) { }',
    `error: Invalid condition in if(): {.pid=int8} <(pid = 5)>
  hint: \`=\` names the field of a record; \`==\` compares`,
  ],
  ['$x = pid ? 1 : "a"', `error: Branches must return the same type: have 'int8' and 'string[2]' <pid ? 1 : "a">`],
  [
    '$x = pid ? printf("a") : 1',
    `error: Branches must return the same type: have 'void' and 'int8' <pid ? printf("a") : 1>`,
  ],
  ['$x = if pid { 1 }', 'error: An if that gives a value needs an else branch <if pid { 1 }>'],
  [
    '$x = (int32)pid / 2',
    "warning: signed operands for '/' can lead to undefined behavior (cast to unsigned to silence warning) </>",
  ],
  [
    '$x = (int32)pid % 2',
    "warning: signed operands for '%' can lead to undefined behavior (cast to unsigned to silence warning) <%>",
  ],
  [
    'if (comm) { }',
    `error: Invalid condition in if(): string[16] <(comm)>
  hint: compare strings with ==, for example comm == "sh"`,
  ],
  ['if (kstack) { }', 'error: Invalid condition in if(): kstack_bpftrace_127 <(kstack)>'],
  ['if comptime (pid == 1) { }', 'error: Unable to resolve comptime expression <(pid == 1)>'],
  ['$x = comptime pid', 'error: Unable to resolve comptime expression <comptime pid>'],
  ['print(())', "error: Cannot print value of type '()' <()>"],
  ['1 + 1', 'warning: Return value discarded. <1 + 1>'],
  ['pid', 'warning: Return value discarded. <pid>'],
  ['comm == "a"', 'warning: Return value discarded. <comm == "a">'],
  ['$x = "abc"; $y = $x[10]', 'error: the index 10 is out of bounds for array of size 4 <10>'],
  [
    '$x = "abc"; $i = -1; $y = $x[$i]',
    `error: The array index operator [] only accepts positive (unsigned) integer indices. Got int8. <$i>
  hint: cast it: (uint64)index`,
  ],
  [
    '$x = comm[curtask]',
    'error: The array index operator [] only accepts positive (unsigned) integer indices. Got struct task_struct *. <curtask>',
  ],
  [
    '$x = kstack[0]',
    'error: The array index operator [] can only be used on arrays and pointers, found kstack_bpftrace_127. <kstack[0]>',
  ],
  ['$x = (1, 2)[5]', 'error: Invalid tuple index: 5. Found 2 elements in tuple. <(1, 2)[5]>'],
  ['$x = (1, 2).5', 'error: Invalid tuple index: 5. Found 2 elements in tuple. <(1, 2).5>'],
  ['$x = pid.0', "error: Can not access index '0' on expression of type 'uint32' <pid.0>"],
  ['$x = (a=1, a=2)', 'error: Duplicate field name: a <a=2>'],
  [
    '$x = (1, hist(5))',
    `error: hist() must be assigned directly to a map <hist(5)>
  hint: for example @x = hist(…);`,
  ],
];

const LOOPS: readonly Row[] = [
  ['unroll(101) { }', 'error: unroll maximum value is 100 <(101)>'],
  ['unroll(0) { }', 'error: unroll minimum value is 1 <(0)>'],
  [
    'unroll(pid) { }',
    `error: invalid unroll value <(pid)>
  hint: the count must be a literal or a positional parameter`,
  ],
  [
    'while (pid < 5) { }',
    `warning: while loops are deprecated <while (pid < 5) { }>
  hint: use a for loop over a range: for $i : 0..100 { … }`,
  ],
  ['break', 'error: break statement must be inside a loop <break>'],
  ['continue', 'error: continue statement must be inside a loop <continue>'],
  ['for $i : 0.."a" { }', 'error: Loop range requires an integer for its bounds (string[2] provided) <"a">'],
  ['for ($i : comm) { }', 'error: Loop expression must be a map or a range (string[16] provided) <comm>'],
  ['$i = 1; for $i : 0..5 { }', 'error: Loop declaration shadows existing variable: $i <$i>'],
  [
    'tracepoint:syscalls:sys_enter_openat { for $i : 0..5 { print(args.flags) } }',
    `error: 'args' builtin is not allowed in a for-loop <args.flags>
  hint: assign it to a variable before the loop: $x = args;`,
  ],
  [
    'kprobe:vfs_read { for $i : 0..5 { print(arg0); print(ctx); print(retval) } }',
    `error: 'arg0' builtin is not allowed in a for-loop <arg0>
  hint: assign it to a variable before the loop: $x = arg0;
error: 'ctx' builtin is not allowed in a for-loop <ctx>
  hint: assign it to a variable before the loop: $x = ctx;
error: 'retval' builtin is not allowed in a for-loop <retval>
  hint: assign it to a variable before the loop: $x = retval;`,
  ],
  ['exit(); print(1)', 'warning: Unreachable statement. <print(1)>'],
  ['return; print(1)', 'warning: Unreachable statement. <print(1)>'],
  ['return "a"', 'error: return expects an integer (string[2] provided) <"a">'],
];

const CASTS: readonly Row[] = [
  ['$x = (int32)comm', 'error: Cannot cast from "string[16]" to "int32" <(int32)comm>'],
  ['$x = (struct task_struct)5', 'error: Cannot cast from "int8" to "struct task_struct" <(struct task_struct)5>'],
  [
    '$x = (uint64)*curtask',
    `error: Cannot cast from "struct task_struct" to "uint64" <(uint64)*curtask>
  hint: take a field of it, or cast the pointer to it`,
  ],
  ['$x = (enum nope)5', "error: Unknown struct/union: 'enum nope' <enum nope>"],
  ['enum color { RED }; begin { $x = (enum color)5 }', "error: Enum: color doesn't contain value 5 <(enum color)5>"],
  [
    '$x = (uint8[3])(uint32)pid',
    `error: Cannot cast from "uint32" to "uint8[3]": sizes differ (4 and 3 bytes) <(uint8[3])(uint32)pid>
warning: Unnecessary cast: expression is already of type 'uint32' <(uint32)pid>`,
  ],
  [
    '$x = pton("::1"); $y = (uint64)$x',
    'error: Cannot cast from "uint8[16]" to "uint64": sizes differ (16 and 8 bytes) <(uint64)$x>',
  ],
  ['@x = hist(5); $y = (int64)@x', 'error: Cannot cast from "hist_t" to "int64" <(int64)@x>'],
  ['$x = nsecs; $y = (uint64)$x', "warning: Unnecessary cast: expression is already of type 'uint64' <(uint64)$x>"],
  [
    '$x = (tsk_struct *)5',
    `error: Cannot resolve unknown type "tsk_struct" <tsk_struct>
  hint: did you mean 'task_struct'?`,
  ],
  ['$x = (int8[2])"abc"', 'error: Cannot cast from "string[4]" to "int8[2]": the text is longer <(int8[2])"abc">'],
];

const STRUCTS: readonly Row[] = [
  [
    '$x = curtask->nope',
    "error: Struct/union of type 'struct task_struct' does not contain a field named 'nope' <nope>",
  ],
  [
    '$x = curtask->comn',
    `error: Struct/union of type 'struct task_struct' does not contain a field named 'comn' <comn>
  hint: did you mean 'comm'?`,
  ],
  [
    '$x = curtask->pid.foo',
    `error: Can not access field 'foo' on expression of type 'int32' <foo>
  hint: cast it to a pointer first: ((struct name *)e)->foo`,
  ],
  [
    '$x = pid->foo',
    `error: Can not access field 'foo' on expression of type 'uint32' <foo>
  hint: cast it to a pointer first: ((struct name *)e)->foo`,
  ],
  ['$x = comm.foo', "error: Can not access field 'foo' on expression of type 'string[16]' <foo>"],
  [
    '$x = ((struct list_head *)5)->nxt',
    `error: Struct/union of type 'struct list_head' does not contain a field named 'nxt' <nxt>
  hint: did you mean 'next'?`,
  ],
  [
    '$x = offsetof(struct list_head, nope)',
    "error: Struct/union of type 'struct list_head' does not contain a field named 'nope' <offsetof(struct list_head, nope)>",
  ],
  ['$x = offsetof(pid, nope)', "error: 'uint32' is not a struct type and has no field 'nope' <offsetof(pid, nope)>"],
  ['$x = sizeof(struct nope)', "error: Unknown struct/union: 'struct nope' <struct nope>"],
  [
    'struct foo { int a[4]; }; begin { $x = ((struct foo *)5)->a[4] }',
    'error: the index 4 is out of bounds for array of size 4 <4>',
  ],
  [
    '$x = container_of(5, struct list_head, next)',
    'error: container_of() expects a pointer as first argument (int8 provided) <5>',
  ],
  [
    '$x = container_of(curtask, struct list_head, nope)',
    "error: Struct/union of type 'struct list_head' does not contain a field named 'nope' <nope>",
  ],
];

const BUILTINS: readonly Row[] = [
  [
    '$x = args',
    'error: The args builtin can only be used with tracepoint, rawtracepoint, fentry, fexit and uprobe probes ("begin" used here) <args>',
  ],
  [
    '$x = retval',
    "error: The retval builtin can only be used with 'kretprobe' and 'uretprobe' and 'fexit' probes <retval>",
  ],
  [
    '$x = arg0',
    `error: The arg0 builtin can only be used with 'kprobes', 'uprobes', 'rawtracepoints' and 'usdt' probes ("begin" used here) <arg0>`,
  ],
  [
    '$x = func',
    `error: The func builtin can not be used with 'begin' probes <func>
  hint: use \`probe\` for the probe's full name`,
  ],
  ['$x = usermode', "error: The usermode builtin can not be used with 'begin' probes <usermode>"],
  ['$x = cpid', 'warning: cpid builtin is 0: no command was given with -c <cpid>'],
  ['$x = nsecs(foo)', 'error: Invalid timestamp mode: foo <foo>\n  hint: modes are boot, monotonic, tai, sw_tai'],
  ['$x = pid(foo)', 'error: Invalid PID namespace mode: foo (expects: curr_ns or init) <foo>'],
  ['$x = pid(1, 2)', 'error: pid() takes up to 1 argument (2 provided) <pid(1, 2)>'],
  ['$x = cpu(1)', 'error: cpu takes no arguments <cpu(1)>'],
  [
    'kprobe:vfs_read { $x = arg6 }',
    `error: x86_64 doesn't support arg6 <arg6>
  hint: further arguments are on the stack: *(reg("sp") + offset)`,
  ],
  [
    'kprobe:vfs_read { $x = retval }',
    `error: The retval builtin can only be used with 'kretprobe' and 'uretprobe' and 'fexit' probes <retval>
  hint: a kprobe runs when the function begins, a kretprobe when it returns`,
  ],
  [
    'kprobe:vfs_read { $x = args.foo }',
    `error: The args builtin can only be used with tracepoint, rawtracepoint, fentry, fexit and uprobe probes ("kprobe" used here) <args.foo>
  hint: use arg0, arg1 …`,
  ],
  [
    'kretprobe:vfs_read { $x = arg0 }',
    `error: The arg0 builtin can only be used with 'kprobes', 'uprobes', 'rawtracepoints' and 'usdt' probes ("kretprobe" used here) <arg0>
  hint: keep what is needed when the function begins: kprobe:… { @kept[tid] = arg0; }`,
  ],
  [
    'tracepoint:raw_syscalls:sys_exit { $x = retval }',
    `error: The retval builtin can only be used with 'kretprobe' and 'uretprobe' and 'fexit' probes: use args.ret here <retval>
  hint: use args.ret to get the return value of a system call`,
  ],
  [
    'tracepoint:sched:sched_switch { $x = ctx }',
    `error: The ctx builtin cannot be used in tracepoint probes <ctx>
  hint: use args`,
  ],
  [
    'tracepoint:sched:sched_switch { $x = args }',
    `error: args of a tracepoint cannot be used as a whole <args>
  hint: use its fields: args.prev_comm, args.prev_pid, args.prev_prio, args.prev_state, args.next_comm, args.next_pid, args.next_prio`,
  ],
  [
    'tracepoint:sched:sched_switch { $x = arg0 }',
    `error: The arg0 builtin can only be used with 'kprobes', 'uprobes', 'rawtracepoints' and 'usdt' probes ("tracepoint" used here) <arg0>
  hint: use the arguments by name: args.prev_comm, args.prev_pid, args.prev_prio, args.prev_state, args.next_comm, args.next_pid, args.next_prio`,
  ],
  [
    'tracepoint:sched:sched_switch { $x = args.common_pid }',
    'error: BPF does not support accessing common tracepoint fields <common_pid>',
  ],
  [
    'fentry:vfs_read { $x = args.cuont }',
    `error: Can't find function parameter cuont <cuont>
  hint: did you mean 'count'?`,
  ],
  [
    'rawtracepoint:sched_switch { $x = arg9 }',
    'error: arg9 is out of range: rawtracepoint sched_switch has 4 arguments <arg9>',
  ],
];

describe.each([
  ['operators', OPERATORS],
  ['loops', LOOPS],
  ['casts', CASTS],
  ['structs', STRUCTS],
  ['builtins', BUILTINS],
] as const)('%s', (_, rows) => {
  test.each(rows)('%s', (source, expected) => {
    expect(findingsOf(source)).toBe(expected);
  });
});
