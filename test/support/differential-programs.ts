/**
 * Programs on which Debian's bpftrace 0.17 and bptop must print the same text: language and output of both versions
 * agree on them. `begin` programs are the same on every run; `workload` programs trace a fixed number of system calls
 * of a child.
 */

export interface DifferentialProgram {
  readonly title: string;
  readonly text: string;
}

const begin = (title: string, body: string): DifferentialProgram => ({ title, text: `BEGIN { ${body} exit(); }` });
const plain = (title: string, text: string): DifferentialProgram => ({ title, text });

export const BEGIN_PROGRAMS: readonly DifferentialProgram[] = [
  begin('literal text', 'printf("hello\\n");'),
  begin('escapes', 'printf("a\\tb\\"c\\\\d\\x41\\101\\n");'),
  begin('%d', 'printf("%d %d\\n", 1, -1);'),
  begin('%d of 32 bits and more', 'printf("%d %ld %lld\\n", 4294967297, 4294967297, 4294967297);'),
  begin('%u', 'printf("%u %lu %llu\\n", 5, 5, 18446744073709551615);'),
  begin('%x', 'printf("%x %X %lx\\n", 255, 255, 1099511627775);'),
  begin('%o', 'printf("%o\\n", 8);'),
  begin('%c', 'printf("%c%c\\n", 65, 66);'),
  begin('%p', 'printf("%p\\n", 4096);'),
  begin('%s', 'printf("[%s]\\n", "text");'),
  begin('widths', 'printf("[%5d][%-5d][%05d]\\n", 42, 42, 42);'),
  begin('string widths', 'printf("[%8s][%-8s]\\n", "abc", "abc");'),
  begin('hh and h', 'printf("%hhd %hd\\n", 1, 2);'),
  begin('hex widths', 'printf("[%08x][%-8x]\\n", 48879, 48879);'),
  begin('print of an integer', 'print(5);'),
  begin('print of a negative integer', 'print(-5);'),
  begin('print of a string', 'print("abc");'),
  begin('print of a tuple', 'print((1, 2, "string"));'),
  begin('print of a nested tuple', 'print((1, (2, 3)));'),
  begin('arithmetic', 'printf("%d %d %d %d %d\\n", 7 + 3, 7 - 3, 7 * 3, 7 / 3, 7 % 3);'),
  begin('bit operations', 'printf("%d %d %d %d %d\\n", 12 & 10, 12 | 10, 12 ^ 10, 1 << 4, 256 >> 4);'),
  begin('comparisons', 'printf("%d %d %d %d\\n", 1 < 2, 2 <= 1, 1 == 1, 1 != 1);'),
  begin('logic', 'printf("%d %d %d\\n", 1 && 0, 1 || 0, !1);'),
  begin('ternary', '$x = 5; printf("%s\\n", $x > 3 ? "big" : "small");'),
  begin(
    'if else',
    '$x = 2; if ($x == 1) { printf("one\\n"); } else if ($x == 2) { printf("two\\n"); } else { printf("many\\n"); }',
  ),
  begin('while', '$i = 0; while ($i < 3) { printf("%d\\n", $i); $i++; }'),
  begin(
    'while with break and continue',
    '$i = 0; while (1) { $i++; if ($i == 2) { continue; } if ($i > 4) { break; } printf("%d\\n", $i); }',
  ),
  begin('unroll', '$i = 0; unroll(3) { printf("%d\\n", $i); $i += 2; }'),
  begin(
    'compound assignment',
    '$x = 10; $x += 5; $x -= 3; $x *= 2; $x /= 4; $x %= 4; $x <<= 3; $x |= 1; $x ^= 3; printf("%d\\n", $x);',
  ),
  begin('increments', '$x = 1; printf("%d ", $x++); printf("%d ", $x); printf("%d ", ++$x); printf("%d\\n", --$x);'),
  begin(
    'string comparison',
    '$s = "abc"; if ($s == "abc") { printf("same\\n"); } if ($s != "abd") { printf("other\\n"); }',
  ),
  begin('strncmp', 'printf("%d %d\\n", strncmp("abcd", "abce", 3), strncmp("abcd", "abce", 4) != 0);'),
  begin('pid of ours is a number', 'printf("%d\\n", pid > 0);'),
  begin('uid', 'printf("%d %d\\n", uid, gid);'),
  begin('username', 'printf("%s\\n", username);'),
  begin('positional parameters', 'printf("%d %s %d\\n", $1, str($2), $#);'),
  begin('sizeof', 'printf("%d %d\\n", sizeof(uint64), sizeof(int8));'),
  begin('casts', 'printf("%d %d\\n", (int8)257, (uint16)65537);'),
  begin('ntop of IPv4', 'printf("%s\\n", ntop(16777343));'),
  begin('time format', 'time("%%\\n");'),
  begin('cat', 'cat("/proc/sys/kernel/ostype");'),
  begin('buffers', 'printf("%r\\n", buf("AB", 2));'),
  begin('scalar map', '@x = 5;'),
  begin('negative map value', '@x = -5;'),
  begin('string map value', '@x = "abc";'),
  begin('keyed map, by value', '@[3] = 1; @[1] = 3; @[2] = 2;'),
  begin('string keys', '@["b"] = 2; @["a"] = 1;'),
  begin('several keys', '@[1, "x", 3] = 1; @[2, "y", 4] = 2;'),
  begin('count', '@ = count(); @ = count();'),
  begin('keyed count', '@["a"] = count(); @["b"] = count(); @["b"] = count();'),
  begin('sum', '@ = sum(3); @ = sum(4);'),
  begin('sum of negative values', '@ = sum(-3); @ = sum(1);'),
  begin('min and max', '@a = min(3); @a = min(2); @b = max(3); @b = max(7);'),
  begin('avg', '@ = avg(3); @ = avg(6);'),
  begin('keyed avg', '@["a"] = avg(4); @["b"] = avg(2);'),
  begin('hist', '@ = hist(0); @ = hist(1); @ = hist(5); @ = hist(5); @ = hist(100);'),
  begin('hist of negative values', '@ = hist(-1); @ = hist(3);'),
  begin('hist of large values', '@ = hist(1023); @ = hist(1024); @ = hist(1048576); @ = hist(1073741824);'),
  begin('keyed hist', '@["a"] = hist(1); @["b"] = hist(2); @["b"] = hist(3);'),
  begin(
    'lhist',
    '@ = lhist(5, 0, 100, 10); @ = lhist(-1, 0, 100, 10); @ = lhist(100, 0, 100, 10); @ = lhist(55, 0, 100, 10);',
  ),
  begin('lhist of multiples of 1024', '@ = lhist(2500, 0, 10240, 1024); @ = lhist(5000, 0, 10240, 1024);'),
  begin('keyed lhist', '@["a"] = lhist(3, 0, 10, 5); @["b"] = lhist(7, 0, 10, 5); @["b"] = lhist(8, 0, 10, 5);'),
  begin('several maps by name', '@b = 1; @a = 2; @B = 3; @ = 4; @a1 = 5;'),
  begin('print of a map', '@x[1] = 5; @x[2] = 3; print(@x); clear(@x);'),
  begin('print with top', '@x[1] = 5; @x[2] = 3; @x[3] = 9; print(@x, 2); clear(@x);'),
  begin('print with top and div', '@x[1] = 50; @x[2] = 30; print(@x, 1, 10); clear(@x);'),
  begin('print of a hist', '@h = hist(4); print(@h); clear(@h);'),
  begin('clear', '@x[1] = 1; clear(@x); @y = 2;'),
  begin('zero', '@x[1] = 7; zero(@x);'),
  begin('delete', '@x[1] = 1; @x[2] = 2; delete(@x[1]);'),
  begin('read of an absent key', 'printf("%d\\n", @x[5]); @x[1] = 1;'),
  begin('map increments', '@x++; @x++; @y[1]++; @y[1] += 5;'),
  begin('map values in expressions', '@x = 5; $y = @x * 2 + 1; printf("%d\\n", $y);'),
  begin('tuple values', '@x = (1, "two", 3);'),
  plain('BEGIN and END', 'BEGIN { printf("begin\\n"); exit(); } END { printf("end\\n"); }'),
  plain('END prints maps before the final ones', 'BEGIN { @x = 1; exit(); } END { print(@x); clear(@x); @y = 2; }'),
  plain('predicate', 'BEGIN /1 == 1/ { printf("yes\\n"); exit(); }'),
  plain('comments', '// one\nBEGIN /* two */ { printf("x\\n"); /* three */ exit(); }'),
  plain('struct', 'struct point { int x; int y; } BEGIN { printf("%d\\n", sizeof(struct point)); exit(); }'),
  plain('define', '#define ANSWER 42\nBEGIN { printf("%d\\n", ANSWER); exit(); }'),
  plain('enum', 'enum color { RED, GREEN = 5, BLUE } BEGIN { printf("%d %d\\n", GREEN, BLUE); exit(); }'),
  plain('interval ends the run', 'BEGIN { @x = 1; } interval:ms:50 { printf("tick\\n"); exit(); }'),
];

/** Traced: 1000 getppid() calls of the child. */
export const WORKLOAD_PROGRAMS: readonly DifferentialProgram[] = [
  plain('count by process', 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @[comm] = count(); }'),
  plain('count by pid and name', 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @[pid, comm] = count(); }'),
  plain('count by probe', 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @[probe] = count(); }'),
  plain('count by probe over a wildcard', 'tracepoint:syscalls:sys_enter_getpp* /pid == cpid/ { @[probe] = count(); }'),
  plain('return values', 'tracepoint:syscalls:sys_exit_getppid /pid == cpid/ { @ = lhist(args->ret > 0, 0, 4, 2); }'),
  plain(
    'number of the call',
    'tracepoint:raw_syscalls:sys_enter /pid == cpid && args->id == 110/ { @[args->id] = count(); }',
  ),
  plain(
    'sum and avg of a constant',
    'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @s = sum(3); @a = avg(3); @m = max(3); @n = min(3); }',
  ),
  plain('histogram of a counter', 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @n++; @h = hist(@n); }'),
  plain(
    'linear histogram of a counter',
    'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @n++; @h = lhist(@n, 0, 1000, 100); }',
  ),
  plain(
    'printf of each tenth of the calls',
    'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @n++; if (@n % 100 == 0) { printf("%d %s\\n", @n, comm); } }',
  ),
  plain(
    'two probes, one map',
    'tracepoint:syscalls:sys_enter_getppid,tracepoint:syscalls:sys_exit_getppid /pid == cpid/ { @ = count(); }',
  ),
  plain(
    'entry to return, matched',
    'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @start[tid] = 1; } tracepoint:syscalls:sys_exit_getppid /@start[tid]/ { @done = count(); delete(@start[tid]); }',
  ),
];
