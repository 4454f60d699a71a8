/** What is wrong with calls, probes and config variables, in exact words. */

import { describe, expect, test } from 'vitest';
import { findingsOf, type Row } from './support.ts';

const FUNCTIONS: readonly Row[] = [
  ['str()', 'error: str() requires at least one argument (0 provided) <str()>'],
  ['str(1, 2, 3)', 'error: str() takes up to 2 arguments (3 provided) <str(1, 2, 3)>'],
  [
    '$x = str(kstack)',
    'error: str() expects an integer or a pointer as first argument (kstack_bpftrace_127 provided) <kstack>',
  ],
  [
    '$x = str(5, 5000)',
    'warning: length param (5000) is too long and will be shortened to 1024 bytes (see max_strlen) <str(5, 5000)>',
  ],
  ['$x = buf(5)', 'error: buf() expects a length argument for non-array type <5>'],
  [
    '$x = buf(5, 5000)',
    'warning: buf() length is too long and will be shortened to 1020 bytes (see max_strlen) <buf(5, 5000)>',
  ],
  [
    '$x = path(5)',
    `error: path can not be used with "begin" probes <path(5)>
  hint: path() works in fentry, fexit, iter probes`,
  ],
  [
    'fentry:vfs_read { $x = path(args.file) }',
    'error: path() expects a struct path or a pointer to one as first argument (struct file * provided) <args.file>',
  ],
  ['$x = strncmp(comm, "a")', 'error: strncmp() requires three arguments (2 provided) <strncmp(comm, "a")>'],
  ['$x = strncmp(comm, 5, 1)', 'error: strncmp() expects a string as second argument (int8 provided) <5>'],
  [
    '$x = strncmp(comm, "a", pid)',
    'error: strncmp() expects an integer literal as third argument (uint32 provided) <pid>',
  ],
  ['$x = strlen(5)', 'error: strlen() expects a string as first argument (int8 provided) <5>'],
  ['$x = strcontains(comm, 5)', 'error: strcontains() expects a string as second argument (int8 provided) <5>'],
  ['$x = ksym("a")', 'error: ksym() expects an integer or a pointer as first argument (string[2] provided) <"a">'],
  [
    '$x = kaddr("nope_symbol")',
    `error: Failed to resolve kernel symbol: nope_symbol <"nope_symbol">
  hint: the symbol must be in /proc/kallsyms; data symbols are there only in kernels with CONFIG_KALLSYMS_ALL`,
  ],
  ['$x = kaddr(5)', 'error: kaddr() expects a string literal as first argument (int8 provided) <5>'],
  [
    '$x = uaddr("main")',
    `error: uaddr can not be used with "begin" probes <uaddr("main")>
  hint: uaddr() works in uprobe, uretprobe, usdt probes`,
  ],
  [
    '$x = reg("ip")',
    `error: reg can not be used with "begin" probes <reg("ip")>
  hint: reg() works in kprobe, kretprobe, uprobe, uretprobe, usdt, profile, interval, software, hardware, watchpoint probes`,
  ],
  ['kprobe:vfs_read { $x = reg("foo") }', `error: 'foo' is not a valid register on this architecture (x86_64) <"foo">`],
  ['$x = kptr(comm)', 'error: kptr() expects an integer or a pointer as first argument (string[16] provided) <comm>'],
  ['$x = kstack(2000)', 'error: kstack([int stack_size]): stack_size exceeds maximum value of 1024 <2000>'],
  ['$x = kstack(foo)', "error: Unknown stack mode: 'foo' <foo>"],
  ['$x = kstack(build_id)', "error: 'build_id' stack mode can only be used for user stacks <build_id>"],
  [
    '$x = kstack(5, 6)',
    `error: Expected stack mode as first argument <5>
  hint: modes are bpftrace, perf, raw, build_id`,
  ],
  ['$x = kstack(1, 2, 3)', 'error: kstack() takes up to 2 arguments (3 provided) <kstack(1, 2, 3)>'],
  ['$x = pton("1.2.3")', 'error: pton() expects a valid IPv4/IPv6 address, got 1.2.3 <"1.2.3">'],
  [
    '$x = macaddr((uint8[4])(uint32)5)',
    'error: macaddr() argument must be at least 6 bytes in size <(uint8[4])(uint32)5>',
  ],
  ['$x = bswap("a")', 'error: bswap() expects an integer as first argument (string[2] provided) <"a">'],
  [
    '$x = cgroupid("/nope")',
    `error: No such cgroup: /nope <"/nope">
  hint: give the whole path, for example /sys/fs/cgroup/system.slice`,
  ],
  ['$x = cgroup_path("a")', 'error: cgroup_path() expects an integer as first argument (string[2] provided) <"a">'],
  ['$x = strftime(5, nsecs)', 'error: strftime() expects a string literal as first argument (int8 provided) <5>'],
  [
    '$x = strftime("%S", nsecs(monotonic))',
    `error: strftime() can not take a monotonic timestamp <nsecs(monotonic)>
  hint: use nsecs, or nsecs(tai)`,
  ],
  ['$x = strftime("%S", "a")', 'error: strftime() expects an integer as second argument (string[2] provided) <"a">'],
  ['$x = len(5)', 'error: len() expects a map or a stack as first argument (int8 provided) <5>'],
  [
    'socket_cookie(5)',
    `error: socket_cookie can not be used with "begin" probes <socket_cookie(5)>
  hint: socket_cookie() works in fentry, fexit, rawtracepoint, iter probes`,
  ],
  [
    'skboutput("a", 1, 2, 3)',
    `error: skboutput can not be used with "begin" probes <skboutput("a", 1, 2, 3)>
  hint: skboutput() works in fentry, fexit, rawtracepoint probes`,
  ],
  ['time(5)', 'error: time() expects a string literal as first argument (int8 provided) <5>'],
  ['join(comm)', 'error: join() expects an integer or a pointer as first argument (string[16] provided) <comm>'],
  ['join(5, pid)', 'error: join() expects a string literal as second argument (uint32 provided) <pid>'],
  ['exit("a")', 'error: exit() expects an integer as first argument (string[2] provided) <"a">'],
  ['exit(1, 2)', 'error: exit() takes up to 1 argument (2 provided) <exit(1, 2)>'],
  ['print()', 'error: print() requires at least one argument (0 provided) <print()>'],
  ['print(printf("a"))', `error: Cannot print value of type 'void' <printf("a")>`],
  ['printf()', 'error: printf() requires at least one argument (0 provided) <printf()>'],
  [
    'printf(comm)',
    `error: printf() expects a string literal as first argument <comm>
  hint: for example printf("%s", text)`,
  ],
  ['printf("%d")', 'error: printf: not enough arguments for format string (0 supplied, 1 expected) <printf("%d")>'],
  [
    'printf("%d %d\\n", 1)',
    'error: printf: not enough arguments for format string (1 supplied, 2 expected) <printf("%d %d\\n", 1)>',
  ],
  ['printf("a", 1)', 'error: printf: too many arguments for format string (1 supplied, 0 expected) <printf("a", 1)>'],
  ['printf("%d", "a")', 'error: printf: %d specifier expects a value of type integer (string[2] supplied) <"a">'],
  [
    'printf("%d", kstack)',
    'error: printf: %d specifier expects a value of type integer (kstack_bpftrace_127 supplied) <kstack>',
  ],
  [
    'printf("%s", printf("a"))',
    'error: printf: %s specifier expects a value of type printable (void supplied) <printf("a")>',
  ],
  ['printf("%r", 5)', 'error: printf: %r specifier expects a value of type buffer (int8 supplied) <5>'],
  [
    'printf("%f", 5)',
    `error: printf: %f specifier expects a value of type float (int8 supplied) <5>
  hint: there are no floating-point numbers; print integers with %d`,
  ],
  ['printf("%y", 5)', `error: Unknown conversion '%y' in format string <"%y">`],
  [
    'system("ls")',
    `error: system() is an unsafe function being used in safe mode <system("ls")>
  hint: to use it, run with the --unsafe flag`,
  ],
  [
    'signal(9)',
    `error: signal() is an unsafe function being used in safe mode <signal(9)>
  hint: to use it, run with the --unsafe flag`,
  ],
  [
    'signal_thread(9)',
    `error: signal_thread() is an unsafe function being used in safe mode <signal_thread(9)>
  hint: to use it, run with the --unsafe flag`,
  ],
  [
    'override(1)',
    `error: override() is an unsafe function being used in safe mode <override(1)>
  hint: to use it, run with the --unsafe flag`,
  ],
  [
    'write_user(1, 2, 3)',
    `error: write_user() is an unsafe function being used in safe mode <write_user(1, 2, 3)>
  hint: to use it, run with the --unsafe flag`,
  ],
  ['assert(pid)', 'error: assert() requires two arguments (1 provided) <assert(pid)>'],
  [
    'assert(comm, "a")',
    `error: Invalid condition in assert(): string[16] <comm>
  hint: compare strings with ==, for example comm == "sh"`,
  ],
  ['static_assert(1 == 2, "never")', 'error: never <static_assert(1 == 2, "never")>'],
  ['static_assert(pid, "never")', 'error: static_assert() expects a condition known when compiling <pid>'],
  ['fail("no %s %d", "way", 5)', 'error: no way 5 <fail("no %s %d", "way", 5)>'],
  ['fail("no %d", pid)', 'error: fail() expects literals as arguments <fail("no %d", pid)>'],
  [
    'debugf("%d", 5)',
    'warning: debugf() is not meant for production use: it writes to the trace pipe that all programs share <debugf("%d", 5)>',
  ],
  [
    'getopt("n", 5); getopt("n", 6)',
    `error: Command line option 'n' was used before with another default value or description <getopt("n", 6)>
warning: Return value discarded. <getopt("n", 5)>`,
  ],
  ['getopt(pid)', 'error: getopt() expects a string literal as first argument (uint32 provided) <pid>'],
  ['nope(1)', "error: Unknown function: 'nope' <nope>"],
  [
    'fn f($a : int64) : int64 { return $a; } begin { f("a"); f() }',
    `error: f() expects '$a' as first argument (string[2] provided) <"a">
error: f() requires one argument (0 provided) <f()>`,
  ],
  [
    'fn printf($a : int64) : int64 { return $a; } begin { }',
    "error: 'printf' is a builtin and cannot be defined <printf>",
  ],
];

const PROBES: readonly Row[] = [
  [
    'tracepoint:no:such { }',
    `error: tracepoint not found: no:such <tracepoint:no:such>
  hint: If this is expected, set the 'missing_probes' config variable to 'warn'.`,
  ],
  [
    'tracepoint:syscal:sys_enter_openat { }',
    `error: tracepoint not found: syscal:sys_enter_openat <tracepoint:syscal:sys_enter_openat>
  hint: did you mean 'tracepoint:syscalls:sys_enter_openat'?
  hint: If this is expected, set the 'missing_probes' config variable to 'warn'.`,
  ],
  [
    'tracepoint:syscalls:sys_enter_opena { }',
    `error: tracepoint not found: syscalls:sys_enter_opena <tracepoint:syscalls:sys_enter_opena>
  hint: did you mean 'sys_enter_openat'?
  hint: If this is expected, set the 'missing_probes' config variable to 'warn'.`,
  ],
  [
    'tracepoint:sched_switch { }',
    `error: tracepoint probe must be of the form tracepoint:category:event <tracepoint:sched_switch>
  hint: did you mean 'tracepoint:sched:sched_switch'?`,
  ],
  [
    'tracepoint:sched:nope* { }',
    `error: tracepoint not found: sched:nope* <tracepoint:sched:nope*>
  hint: If this is expected, set the 'missing_probes' config variable to 'warn'.`,
  ],
  [
    'tracepoints:sched:sched_switch { }',
    `error: Invalid probe type: tracepoints <tracepoints>
  hint: did you mean 'tracepoint'?`,
  ],
  [
    'dtrace:::BEGIN { }',
    `error: Invalid probe type: dtrace <dtrace>
  hint: DTrace's dtrace:::BEGIN is begin here`,
  ],
  [
    'rawtracepoint:sched_swich { }',
    `error: rawtracepoint not found: sched_swich <rawtracepoint:sched_swich>
  hint: did you mean 'sched_switch'?
  hint: If this is expected, set the 'missing_probes' config variable to 'warn'.`,
  ],
  [
    'kprobe:vfs_red { }',
    `warning: No such function: vfs_red <kprobe:vfs_red>
  hint: did you mean 'vfs_read'?`,
  ],
  [
    'kprobe:nope* { }',
    `error: No probes found for wildcard 'nope*' <kprobe:nope*>
  hint: If this is expected, set the 'missing_probes' config variable to 'warn'.`,
  ],
  ['kretprobe:vfs_read+5 { }', 'error: kretprobes can not be attached at function offsets <kretprobe:vfs_read+5>'],
  [
    'kprobe:0x1234 { }',
    `error: Attaching to a raw address is unsafe: 0x1234 <kprobe:0x1234>
  hint: to do it anyway, use the --unsafe flag`,
  ],
  [
    'fentry:vfs_red { }',
    `error: No BTF found for function: vfs_red <fentry:vfs_red>
  hint: did you mean 'vfs_read'?
  hint: If this is expected, set the 'missing_probes' config variable to 'warn'.`,
  ],
  [
    'iter:tsk { }',
    `error: iter probe not found: tsk <iter:tsk>
  hint: did you mean 'task'?
  hint: If this is expected, set the 'missing_probes' config variable to 'warn'.`,
  ],
  ['iter:task { } begin { }', 'error: iter probe must be the only attach point of the program <iter:task { }>'],
  ['interval:s:0 { }', 'error: interval frequency should be a positive integer <0>'],
  [
    'interval:foo:1 { }',
    `error: foo is not an accepted unit for interval probes <foo>
  hint: units are hz, s, ms, us`,
  ],
  ['interval:s:x { }', "error: Invalid rate of interval probe: 'x' is no positive integer <x>"],
  ['interval:10 { }', 'error: Invalid duration of interval probe: minimum is 1000 nanoseconds <10>'],
  [
    'profile:x { }',
    `error: Invalid duration of profile probe: 'x' <x>
  hint: for example profile:hz:N or profile:100ms`,
  ],
  [
    'software:fault:1 { }',
    `error: fault is not a software probe <fault>
  hint: did you mean 'faults'?`,
  ],
  [
    'hardware:cycle:1 { }',
    `error: cycle is not a hardware probe <cycle>
  hint: did you mean 'cycles'?`,
  ],
  ['software:faults:x { }', "error: Invalid count of software probe: 'x' is no positive integer <x>"],
  ['watchpoint:0x1000:3:w { }', 'error: Invalid watchpoint length: 3 (must be 1, 2, 4 or 8) <3>'],
  [
    'watchpoint:0x1000:8:z { }',
    `error: Invalid watchpoint mode: 'z' <z>
  hint: modes are w (write), rw (read or write) and x (execute)`,
  ],
  ['watchpoint:main:8:w { }', "error: Invalid watchpoint address: 'main' <main>"],
  [
    'self:signal:SIGFOO { }',
    `error: SIGFOO is not a supported signal <self:signal:SIGFOO>
  hint: only SIGUSR1 is available`,
  ],
  ['self:foo:bar { }', 'error: self probe must be of the form self:signal:SIGUSR1 <self:foo:bar>'],
  [
    'uprobe:/nope:main { }',
    `error: uprobe target file '/nope' does not exist or is not executable <uprobe:/nope:main>
  hint: If this is expected, set the 'missing_probes' config variable to 'warn'.`,
  ],
  [
    'uprobe:main { }',
    `error: uprobe probe must be of the form uprobe:binary:function[+offset] <uprobe:main>
  hint: the binary can only be left out with -p PID`,
  ],
  [
    'tracepoint:syscalls:sys_enter_openat /comm/ { }',
    `error: Invalid condition in predicate: string[16] <comm>
  hint: compare strings with ==, for example comm == "sh"`,
  ],
];

const CONFIG: readonly Row[] = [
  ['config = { nope = 5 } begin { }', 'error: Unrecognized config variable: nope <nope = 5>'],
  [
    'config = { max_strln = 5 } begin { }',
    `error: Unrecognized config variable: max_strln <max_strln = 5>
  hint: did you mean 'max_strlen'?`,
  ],
  ['config = { max_strlen = foo } begin { }', "error: Invalid value for max_strlen: 'foo', expected an integer <foo>"],
  [
    'config = { missing_probes = foo } begin { }',
    "error: Invalid value for missing_probes: 'foo', valid values are: error, warn, ignore <foo>",
  ],
  [
    'config = { print_maps_on_exit = 5 } begin { }',
    "error: Invalid value for print_maps_on_exit: '5', expected true or false <5>",
  ],
  ['config = { strlen = 5 } begin { }', "warning: config variable 'strlen' is now called 'max_strlen' <strlen = 5>"],
  [
    'config = { symbol_source = foo } begin { }',
    "warning: config variable 'symbol_source' has no effect any more <symbol_source = foo>",
  ],
  ['config = { vmlinux = "x" } begin { }', 'error: vmlinux can only be set as an environment variable <vmlinux = "x">'],
];

describe.each([
  ['functions', FUNCTIONS],
  ['probes', PROBES],
  ['config', CONFIG],
] as const)('%s', (_, rows) => {
  test.each(rows)('%s', (source, expected) => {
    expect(findingsOf(source)).toBe(expected);
  });
});
