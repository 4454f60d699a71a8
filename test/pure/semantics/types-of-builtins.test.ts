/** Builtins, functions and probes (language.md §8, §9, §11). */

import { describe, expect, test } from 'vitest';
import { meaningOf, type Row } from './support.ts';

const BUILTINS: readonly Row[] = [
  ['$x = (pid, tid, uid, gid)', '$x: (uint32,uint32,uint64,uint64) = (pid:uint32, tid:uint32, uid:uint64, gid:uint64)'],
  [
    '$x = (comm, pcomm, ppid)',
    '$x: (string[16],string[16],uint32) = (comm:string[16], **curtask:struct task_struct *:struct task_struct.real_parent@1280:struct task_struct *:struct task_struct.comm@1752:string[16], uint32(**curtask:struct task_struct *:struct task_struct.real_parent@1280:struct task_struct *:struct task_struct.tgid@1268:int32))',
  ],
  [
    '$x = (leader_comm, leader_tid)',
    '$x: (string[16],uint32) = (**curtask:struct task_struct *:struct task_struct.group_leader@1328:struct task_struct *:struct task_struct.comm@1752:string[16], uint32(**curtask:struct task_struct *:struct task_struct.group_leader@1328:struct task_struct *:struct task_struct.pid@1264:int32))',
  ],
  ['$x = (nsecs, elapsed, jiffies)', '$x: (uint64,uint64,uint64) = (nsecs:uint64, elapsed:uint64, jiffies:uint64)'],
  [
    '$x = (cpu, ncpus, numaid, cgroup, rand)',
    '$x: (uint64,uint64,uint64,uint64,uint32) = (cpu:uint64, 4:uint64, numaid:uint64, cgroup:uint64, rand:uint32)',
  ],
  [
    '$x = (nsecs(boot), nsecs(monotonic), nsecs(tai), nsecs(sw_tai))',
    '$x: (uint64,uint64,uint64,uint64) = (nsecs:uint64, nsecsMonotonic:uint64, nsecsTai:uint64, nsecsSwTai:uint64)',
  ],
  [
    '$x = (pid(init), tid(init), pid(curr_ns))',
    '$x: (uint32,uint32,uint32) = (pidInit:uint32, tidInit:uint32, pid:uint32)',
  ],
  ['$x = username', '$x: username_t = username:username_t'],
  ['$x = curtask', '$x: struct task_struct * = curtask:struct task_struct *'],
  ['$x = has_cpid', '$x: bool = 0:bool'],
  ['$x = probe', '$x: string = 0:string'],
  ['$x = probetype', '$x: string[8] = "special":string[8]'],
  [
    '$x = kstack; $y = ustack',
    '$x: kstack_bpftrace_127 = kstack():kstack_bpftrace_127; $y: ustack_bpftrace_127 = ustack():ustack_bpftrace_127',
  ],
  [
    '$x = kstack(5); $y = kstack(perf, 3); $z = ustack(raw)',
    '$x: kstack_bpftrace_5 = kstack():kstack_bpftrace_5; $y: kstack_perf_3 = kstack():kstack_perf_3; $z: ustack_raw_127 = ustack():ustack_raw_127',
  ],
  ['$x = comm(pid)', '$x: string[16] = comm(pid:uint32):string[16]'],
  [
    '$x = ppid(curtask)',
    '$x: uint32 = uint32(**curtask:struct task_struct *:struct task_struct.real_parent@1280:struct task_struct *:struct task_struct.tgid@1268:int32)',
  ],
  ['$x = config.max_strlen', '$x: uint64 = 1024:uint64'],
  ['$x = pid()', '$x: uint32 = pid:uint32'],
];

const FUNCTIONS: readonly Row[] = [
  ['$x = str(5)', '$x: string[1024] = str(5:int8 *):string[1024]'],
  ['$x = str(5, 10)', '$x: string[11] = str(5:int8 *):string[11]'],
  ['$x = str(5, pid)', '$x: string[1024] = str(5:int8 *, uint64(pid:uint32)):string[1024]'],
  ['$x = str(curtask->comm)', '$x: string[16] = *curtask:struct task_struct *:struct task_struct.comm@1752:string[16]'],
  ['$x = str(kptr(5))', '$x: string[1024] = str(5:void *):string[1024]'],
  ['$x = buf(5, 10)', '$x: buffer[10] = buf(5:uint8 *, 10:uint64):buffer[10]'],
  ['$x = buf(5, pid)', '$x: buffer[1020] = buf(5:uint8 *, uint64(pid:uint32)):buffer[1020]'],
  [
    '$x = buf(curtask->comm)',
    '$x: buffer[16] = buf(*curtask:struct task_struct *:struct task_struct.comm@1752:string[16]):buffer[16]',
  ],
  ['$x = strncmp(comm, "ab", 2)', '$x: uint64 = strncmp(comm:string[16], "ab":string[3], 2:uint64):uint64'],
  ['$x = strncmp("abc", "abd", 2)', '$x: uint64 = 0:uint64'],
  [
    '$x = strcontains(comm, "a"); $y = strcontains("abc", "c")',
    '$x: bool = strcontains(comm:string[16], "a":string[2]):bool; $y: bool = 1:bool',
  ],
  [
    '$x = strstr(comm, "a"); $y = strstr("abc", "c")',
    '$x: int64 = strstr(comm:string[16], "a":string[2]):int64; $y: int8 = 2:int8',
  ],
  ['$x = strlen(comm); $y = strlen("äb")', '$x: uint64 = strlen(comm:string[16]):uint64; $y: uint64 = 3:uint64'],
  ['$x = strcap(comm)', '$x: uint64 = 16:uint64'],
  [
    '$x = str_concat(comm, "x"); $y = str_concat("a", "b")',
    '$x: string[1024] = str_concat(comm:string[16], "x":string[2]):string[1024]; $y: string[3] = "ab":string[3]',
  ],
  ['$x = memcmp(comm, "ab", 2)', '$x: int32 = memcmp(comm:string[16], "ab":string[3], 2:uint64):int32'],
  [
    '$x = strerror(2); $y = signal_name(9); $z = syscall_name(1)',
    '$x: string[64] = strerror(2:int64):string[64]; $y: string[64] = signal_name(9:int64):string[64]; $z: string[64] = syscall_name(1:int64):string[64]',
  ],
  ['$x = ksym(5); $y = usym(5)', '$x: ksym_t = ksym(5:uint64):ksym_t; $y: usym_t = usym(5:uint64):usym_t'],
  ['$x = kaddr("vfs_read") > 0', '$x: bool = 1:bool'],
  [
    '$x = kptr(5); $y = uptr(curtask)',
    '$x: void * = 5:void *; $y: struct task_struct * = struct task_struct *(curtask:struct task_struct *)',
  ],
  [
    '$x = ntop(1); $y = ntop(2, 5); $z = ntop(pton("::1"))',
    '$x: inet = ntop(1:uint32):inet; $y: inet = ntop(2:uint64, 5:uint32):inet; $z: inet = ntop(bytes(0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1):uint8[16]):inet',
  ],
  ['$x = pton("127.0.0.1")', '$x: uint8[4] = bytes(127 0 0 1):uint8[4]'],
  ['$x = pton("fe80::1")', '$x: uint8[16] = bytes(254 128 0 0 0 0 0 0 0 0 0 0 0 0 0 1):uint8[16]'],
  ['$x = macaddr(5)', '$x: mac_address = macaddr(5:uint8 *):mac_address'],
  [
    '$x = bswap((uint16)pid); $y = bswap(0x1234)',
    '$x: uint16 = bswap(uint16(pid:uint32)):uint16; $y: uint16 = 13330:uint16',
  ],
  [
    '$x = cgroup_path(cgroup); $y = cgroup_path(cgroup, "unified")',
    '$x: cgroup_path_t = cgroup_path(cgroup:uint64):cgroup_path_t; $y: cgroup_path_t = cgroup_path(cgroup:uint64):cgroup_path_t',
  ],
  [
    '$x = is_err(curtask); $y = is_err(5)',
    '$x: bool = (uint64(curtask:struct task_struct *) >= 18446744073709547521:uint64); $y: bool = 0:bool',
  ],
  [
    '$x = (is_str(comm), is_ptr(curtask), is_integer(pid), is_unsigned_integer((int8)pid), is_literal(5), is_literal(pid))',
    '$x: (bool,bool,bool,bool,bool,bool) = (1:bool, 1:bool, 1:bool, 0:bool, 1:bool, 0:bool)',
  ],
  ['@x = 1; $y = is_scalar(@x)', '@x: int8; @x = 1:int8; $y: bool = 1:bool'],
  [
    '$x = strftime("%H:%M", nsecs); $y = strftime("%S", nsecs(tai))',
    '$x: timestamp = strftime(nsecs:uint64):timestamp; $y: timestamp = strftime(nsecsTai:uint64):timestamp',
  ],
  ['$x = len(kstack)', '$x: int64 = len(kstack():kstack_bpftrace_127):int64'],
  [
    '$x = (getopt("x"), getopt("n", 5), getopt("s", "abc"))',
    '$x: (bool,int8,string[4]) = (0:bool, 5:int8, "abc":string[4])',
  ],
  ['join(5); join(5, ",")', 'join " " (5:int8 * *); join "," (5:int8 * *)'],
  ['time(); time("%H")', 'time "%H:%M:%S\\n" (); time "%H" ()'],
  [
    'print(5); print(comm); print((1, "a")); print(curtask); print(*curtask)',
    'print(5:int8); print(comm:string[16]); print((1:int8, "a":string[2])); print(curtask:struct task_struct *); print(*curtask:struct task_struct *:struct task_struct)',
  ],
  [
    'printf("%d %s %p %c\\n", pid, comm, curtask, 65)',
    'printf "%d %s %p %c\\n" (pid:uint32, comm:string[16], curtask:struct task_struct *, 65:int8)',
  ],
  [
    'printf("%-10s|%5d|%05x %lld %%\\n", comm, pid, pid, nsecs)',
    'printf "%-10s|%5d|%05x %lld %%\\n" (comm:string[16], pid:uint32, pid:uint32, nsecs:uint64)',
  ],
  [
    'printf("%r %rx %rh", buf(5, 4), buf(5, 4), buf(5, 4))',
    'printf "%r %rx %rh" (buf(5:uint8 *, 4:uint64):buffer[4], buf(5:uint8 *, 4:uint64):buffer[4], buf(5:uint8 *, 4:uint64):buffer[4])',
  ],
  ['printf("%s %s", kstack, (1, 2))', 'printf "%s %s" (kstack():kstack_bpftrace_127, (1:int8, 2:int8))'],
  [
    'errorf("a %d", pid); warnf("b"); cat("/proc/%d/stat", pid)',
    'errorf "a %d" (pid:uint32); warnf "b" (); cat "/proc/%d/stat" (pid:uint32)',
  ],
  ['assert(pid, "no pid")', 'if !bool(pid:uint32) { errorf "no pid" (); exit(1:int32); return }'],
  ['static_assert(1 == 1, "no")', ''],
  ['debugf("x %d", pid)', 'debugf(x %d, pid:uint32):void'],
  [
    'macro add1($x) { $x += 1; $x } begin { $a = 1; add1($a); }',
    '$a: int64 = 1:int64; { $a: int64 = ($a:int64 + 1:int64); $a:int64 }',
  ],
  [
    'fn add($a : int64, $b : int64) : int64 { return $a + $b; } begin { print(add(1, pid)) }',
    'fn add($a: int64, $b: int64): int64; return ($a:int64 + $b:int64); print(add(1:int64, int64(pid:uint32)):int64)',
  ],
];

const PROBES: readonly Row[] = [
  ['BEGIN { } END { }', 'end'],
  [
    'tracepoint:syscalls:sys_enter_execve { join(args->argv); }',
    'tracepoint:syscalls:sys_enter_execve; join " " (args.argv:int8 * *)',
  ],
  [
    'tracepoint:syscalls:sys_enter_openat { printf("%s %s\\n", comm, str(args->filename)); }',
    'tracepoint:syscalls:sys_enter_openat; printf "%s %s\\n" (comm:string[16], str(args.filename:int8 *):string[1024])',
  ],
  [
    'tracepoint:syscalls:sys_enter_openat { $x = args.dfd; $y = args.flags; }',
    'tracepoint:syscalls:sys_enter_openat; $x: uint64 = args.dfd:uint64; $y: uint64 = args.flags:uint64',
  ],
  [
    'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }',
    '@[string[16]]: count_t; tracepoint:raw_syscalls:sys_enter; @[comm:string[16]] = count()',
  ],
  [
    'tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); $x = args.args[1]; }',
    '@[int64]: count_t; tracepoint:raw_syscalls:sys_enter; @[args.id:int64] = count(); $x: uint64 = args.args:uint64[6][1:uint64]:uint64',
  ],
  [
    'tracepoint:raw_syscalls:sys_exit { @ = hist(args.ret); }',
    '@: hist_t; tracepoint:raw_syscalls:sys_exit; @ = hist(args.ret:int64)',
  ],
  [
    'tracepoint:syscalls:sys_exit_read /args->ret/ { @[comm] = sum(args->ret); }',
    '@[string[16]]: sum_t; tracepoint:syscalls:sys_exit_read; /bool(args.ret:int64)/; @[comm:string[16]] = sum(args.ret:int64)',
  ],
  [
    'tracepoint:block:block_rq_issue { printf("%d %s %d\\n", pid, comm, args->bytes); }',
    'tracepoint:block:block_rq_issue; printf "%d %s %d\\n" (pid:uint32, comm:string[16], args.bytes:uint32)',
  ],
  [
    'tracepoint:sched:sched_switch { $x = (args.prev_comm, args.next_pid, args.prev_state); }',
    'tracepoint:sched:sched_switch; $x: (string[16],int32,int64) = (args.prev_comm:string[16], args.next_pid:int32, args.prev_state:int64)',
  ],
  [
    'tracepoint:sched:sched_process_exec { $x = args.filename; $y = str(args.filename); }',
    'tracepoint:sched:sched_process_exec; $x: int64 = args.filename:int64; $y: string[1024] = str(int8 *(args.filename:int64)):string[1024]',
  ],
  [
    't:sched:sched_wakeup, t:sched:sched_wakeup_new { @[args.pid] = count(); }',
    '@[int32]: count_t; tracepoint:sched:sched_wakeup and 1 more; @[args.pid:int32] = count()',
  ],
  [
    'rawtracepoint:sched_switch { $x = args.prev->comm; $y = arg0; }',
    'rawtracepoint:vmlinux:sched_switch; $x: string[16] = *arg1:struct task_struct *:struct task_struct.comm@1752:string[16]; $y: uint64 = arg0:uint64',
  ],
  ['rt:sched_switch { $x = args.preempt; }', 'rawtracepoint:vmlinux:sched_switch; $x: bool = arg0:bool'],
  [
    'kprobe:vfs_read { $x = arg0; $y = ctx; $z = reg("di"); $f = func; }',
    'kprobe:vfs_read; $x: uint64 = arg0:uint64; $y: struct pt_regs * = ctx:struct pt_regs *; $z: uint64 = reg(di):uint64; $f: ksym_t = func:ksym_t',
  ],
  ['kprobe:vfs_read+5 { }', 'kprobe:vfs_read+5'],
  [
    'kretprobe:vfs_read { $x = retval; if ((int32)retval < 0) { } }',
    'kretprobe:vfs_read; $x: uint64 = retval:uint64; if (int64(int32(retval:uint64)) < 0:int64) { }',
  ],
  [
    'fentry:vfs_read { $x = args.file->f_inode->i_ino; $y = args.count; $f = func; }',
    'fentry:vmlinux:vfs_read; $x: uint64 = **arg0:struct file *:struct file.f_inode@32:struct inode *:struct inode.i_ino@64:uint64; $y: uint64 = arg2:uint64; $f: ksym_t = func:ksym_t',
  ],
  [
    'fexit:vfs_read { $x = retval; $y = args.count; }',
    'fexit:vmlinux:vfs_read; $x: int64 = retval:int64; $y: uint64 = arg2:uint64',
  ],
  ['kfunc:vfs_read { $x = args->file; }', 'fentry:vmlinux:vfs_read; $x: struct file * = arg0:struct file *'],
  [
    'fentry:vfs_read { print(args); }',
    'fentry:vmlinux:vfs_read; print((arg0:struct file *, arg1:uint8 *, arg2:uint64, arg3:int64 *))',
  ],
  [
    'iter:task { $x = ctx->task->comm; }',
    'iter:task; $x: string[16] = **ctx:struct bpf_iter__task *:struct bpf_iter__task.task@8:struct task_struct *:struct task_struct.comm@1752:string[16]',
  ],
  [
    'profile:hz:99 /pid == 189/ { @[ustack] = count(); }',
    '@[ustack_bpftrace_127]: count_t; profile:hz:99; /(uint64(pid:uint32) == 189:uint64)/; @[ustack():ustack_bpftrace_127] = count()',
  ],
  [
    'profile:100ms, p:us:50 { $x = usermode; $y = reg("ip"); $z = ctx; }',
    'profile:100ms and 1 more; $x: uint8 = usermode:uint8; $y: uint64 = reg(ip):uint64; $z: struct bpf_perf_event_data * = ctx:struct bpf_perf_event_data *',
  ],
  ['interval:s:1 { } i:ms:100 { } interval:1s { }', 'interval:s:1; interval:ms:100; interval:1s'],
  [
    'software:major-faults:1 { @[comm] = count(); } s:cs { }',
    '@[string[16]]: count_t; software:major-faults:1; @[comm:string[16]] = count(); software:cs:',
  ],
  ['hardware:cycles:1e6 { } h:branches { }', 'hardware:cycles:1e6; hardware:branches:'],
  ['watchpoint:0x1000:8:rw { } w:4096:4:x { }', 'watchpoint:0x1000:8:rw; watchpoint:4096:4:x'],
  ['self:signal:SIGUSR1 { print(1) }', 'self:signal:SIGUSR1; print(1:int8)'],
  ['bench:b { }', 'bench:b'],
  [
    'kprobe:vfs_read, kretprobe:vfs_read { print(probe == "kprobe:vfs_read") }',
    'kprobe:vfs_read; print(1:bool); kretprobe:vfs_read; print(0:bool)',
  ],
  [
    'kprobe:vfs_read, kprobe:vfs_write { print(probe == "kprobe:vfs_read") }',
    'kprobe:vfs_read and 1 more; print((uint64(probe:string) == 0:uint64))',
  ],
];

describe.each([
  ['builtins', BUILTINS],
  ['functions', FUNCTIONS],
  ['probes', PROBES],
] as const)('%s', (_, rows) => {
  test.each(rows)('%s', (source, expected) => {
    expect(meaningOf(source)).toBe(expected);
  });
});
