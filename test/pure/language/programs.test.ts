import { expect, test } from 'vitest';
import { printed } from './expectations.ts';

/** Whole programs: attach points of all providers, predicates, items, comments; in canonical form. */
const rows: readonly [text: string, canonical: string][] = [
  ['kprobe:f{}', 'kprobe:f { }\n'],
  ['kprobe:f { }', 'kprobe:f { }\n'],
  ['kprobe:f,kprobe:g{}', 'kprobe:f,\nkprobe:g\n{ }\n'],
  ['kprobe:f,\nkprobe:g,\n{ exit() }', 'kprobe:f,\nkprobe:g\n{\n  exit();\n}\n'],
  ['BEGIN { } END { }', 'BEGIN { }\n\nEND { }\n'],
  ['begin { } end { }', 'begin { }\n\nend { }\n'],
  ['BEGIN/pid/{ }', 'BEGIN /pid/ { }\n'],
  ['kprobe:f /pid == 1/ { }', 'kprobe:f /pid == 1/ { }\n'],
  ['kprobe:f /pid == 1 / { }', 'kprobe:f /pid == 1/ { }\n'],
  ['kprobe:f\n/ pid == 4 / 2 /\n{\n}', 'kprobe:f /pid == 4 / 2/ { }\n'],
  ['kprobe:f/pid==1/{ }', 'kprobe:f /pid == 1/ { }\n'],
  ['tracepoint:a:b/args.x/{ }', 'tracepoint:a:b /args.x/ { }\n'],
  ['uprobe:/bin/bash:readline { }', 'uprobe:/bin/bash:readline { }\n'],
  ['uprobe:/bin/bash:readline+4 /1/ { }', 'uprobe:/bin/bash:readline+4 /1/ { }\n'],
  ['uprobe:/bin/bash:"a b{c},d" { }', 'uprobe:/bin/bash:"a b{c},d" { }\n'],
  ['uprobe:/usr/lib/*/libc.so.6:mal* { }', 'uprobe:/usr/lib/*/libc.so.6:mal* { }\n'],
  ['uprobe:./a.out@file.c:10:5 { }', 'uprobe:./a.out@file.c:10:5 { }\n'],
  ['uprobe:/bin/x:cpp:"ns::fn(int)" { }', 'uprobe:/bin/x:cpp:"ns::fn(int)" { }\n'],
  ['uretprobe:libc:malloc { }', 'uretprobe:libc:malloc { }\n'],
  [
    'usdt:/bin/x:ns:probe { } usdt:*:probe { } U:/bin/x:y { }',
    'usdt:/bin/x:ns:probe { }\n\nusdt:*:probe { }\n\nU:/bin/x:y { }\n',
  ],
  ['tracepoint:syscalls:sys_enter_* { }', 'tracepoint:syscalls:sys_enter_* { }\n'],
  ['t:sched:sched_[sw]* { }', 't:sched:sched_[sw]* { }\n'],
  ['rawtracepoint:sched_switch { } rt:vmlinux:x { }', 'rawtracepoint:sched_switch { }\n\nrt:vmlinux:x { }\n'],
  ['software:page-faults:100 { } s:cs { }', 'software:page-faults:100 { }\n\ns:cs { }\n'],
  ['hardware:cache-misses:1000000 { } h:cycles: { }', 'hardware:cache-misses:1000000 { }\n\nh:cycles: { }\n'],
  ['profile:hz:99 { } p:100ms { } profile:s:1 { }', 'profile:hz:99 { }\n\np:100ms { }\n\nprofile:s:1 { }\n'],
  ['interval:s:1 { } i:ms:50 { } interval:1s { }', 'interval:s:1 { }\n\ni:ms:50 { }\n\ninterval:1s { }\n'],
  ['watchpoint:0x10000000:8:rw { } w:$1:4:x { }', 'watchpoint:0x10000000:8:rw { }\n\nw:$1:4:x { }\n'],
  [
    'iter:task { } it:task_file:pin { } iter:task:/sys/fs/bpf/x { }',
    'iter:task { }\n\nit:task_file:pin { }\n\niter:task:/sys/fs/bpf/x { }\n',
  ],
  [
    'fentry:vfs_read { } fexit:vmlinux:vfs_read { } kfunc:f { } kretfunc:f { } fr:f { }',
    'fentry:vfs_read { }\n\nfexit:vmlinux:vfs_read { }\n\nkfunc:f { }\n\nkretfunc:f { }\n\nfr:f { }\n',
  ],
  ['fentry:bpf:prog { } fentry:bpf:12:prog { }', 'fentry:bpf:prog { }\n\nfentry:bpf:12:prog { }\n'],
  [
    'kprobe:mod:f+0x10 { } kretprobe:f { } k:f { } kr:f { }',
    'kprobe:mod:f+0x10 { }\n\nkretprobe:f { }\n\nk:f { }\n\nkr:f { }\n',
  ],
  ['kprobe:0xffffffff81000000 { }', 'kprobe:0xffffffff81000000 { }\n'],
  [
    'self:signal:SIGUSR1 { } test:name { } bench:name { }',
    'self:signal:SIGUSR1 { }\n\ntest:name { }\n\nbench:name { }\n',
  ],
  ['name=kprobe:f { }', 'name=kprobe:f { }\n'],
  ['*:vfs_* { } k*:vfs_* { }', '*:vfs_* { }\n\nk*:vfs_* { }\n'],
  ['kprobe:f // comment\n{ }', '// comment\nkprobe:f { }\n'],
  ['kprobe:f, /* c */ kprobe:g { }', 'kprobe:f,\nkprobe:g\n{\n  /* c */\n}\n'],
  [
    '// first\n\n// second\nkprobe:f { } // third\n// last',
    '// first\n\n// second\nkprobe:f { } // third\n\n// last\n',
  ],
  [
    'kprobe:f { // open\n  // one\n\n\n  $x = 1; // two\n  /* three */ $y = 2;\n  // four\n}',
    'kprobe:f {\n  // open\n  // one\n\n  $x = 1; // two\n  /* three */\n  $y = 2;\n  // four\n}\n',
  ],
  ['kprobe:f { $x = 1; $y = 2; /* a */ /* b */ }', 'kprobe:f {\n  $x = 1;\n  $y = 2; /* a */ /* b */\n}\n'],
  [
    'kprobe:f { if ($x) { // why\n $y = 1 } else { /* no */ } }',
    'kprobe:f {\n  if ($x) {\n    // why\n    $y = 1;\n  } else {\n    /* no */\n  }\n}\n',
  ],
  ['kprobe:f { $x = 1 + /* two */ 2; }', 'kprobe:f {\n  /* two */\n  $x = 1 + 2;\n}\n'],
  ['#!/usr/bin/env bpftrace\nkprobe:f { }', '#!/usr/bin/env bpftrace\n\nkprobe:f { }\n'],
  ['#!/usr/bin/env bpftrace', '#!/usr/bin/env bpftrace\n'],
  ['#include <linux/path.h>\n#define A 1\nkprobe:f { }', '#include <linux/path.h>\n#define A 1\n\nkprobe:f { }\n'],
  ['#define LONG a \\\n  b\nkprobe:f { }', '#define LONG a \\\n  b\n\nkprobe:f { }\n'],
  ['#ifdef BPFTRACE_HAVE_BTF\n#else\n#endif\nbegin { }', '#ifdef BPFTRACE_HAVE_BTF\n#else\n#endif\n\nbegin { }\n'],
  [
    'struct a { int x; };\nunion u { int y; }\nenum e { A, B }; begin { }',
    'struct a { int x; };\nunion u { int y; }\nenum e { A, B };\n\nbegin { }\n',
  ],
  [
    'struct a { int x; } __attribute__((packed)); begin { }',
    'struct a { int x; } __attribute__((packed));\n\nbegin { }\n',
  ],
  [
    'struct a { struct { int q; } b; /* } */ char c[4]; }; begin { }',
    'struct a { struct { int q; } b; /* } */ char c[4]; };\n\nbegin { }\n',
  ],
  ['typedef struct { int a; } t; begin { }', 'typedef struct { int a; } t;\n\nbegin { }\n'],
  [
    'config = { a=1; b=x; c="y"; d=true; e=1_000 } begin { }',
    'config = {\n  a = 1;\n  b = x;\n  c = "y";\n  d = true;\n  e = 1_000;\n}\n\nbegin { }\n',
  ],
  ['config = { } begin { }', 'config = { }\n\nbegin { }\n'],
  ['config = {\n// why\na = 1 // a\n}\nbegin { }', 'config = {\n  // why\n  a = 1; // a\n}\n\nbegin { }\n'],
  ['import "lib.bt"; import "other.bt" begin { }', 'import "lib.bt";\nimport "other.bt";\n\nbegin { }\n'],
  [
    'let @m = hash(10); let @n = lruhash(5) let @o = percpuhash($1); begin { }',
    'let @m = hash(10);\nlet @n = lruhash(5);\nlet @o = percpuhash($1);\n\nbegin { }\n',
  ],
  ['macro one() { 1 } begin { one }', 'macro one() { 1 }\n\nbegin {\n  one;\n}\n'],
  [
    'macro add($x, @m, e) { $x += e; @m[$x] } begin { }',
    'macro add($x, @m, e) {\n  $x += e;\n  @m[$x]\n}\n\nbegin { }\n',
  ],
  ['macro f(x) { if x { 1 } else { 2 } } begin { }', 'macro f(x) { if (x) { 1 } else { 2 } }\n\nbegin { }\n'],
  ['macro f() { print(1); } begin { }', 'macro f() {\n  print(1);\n}\n\nbegin { }\n'],
  [
    'fn f($a : int64, $p : struct foo *) : int64 { return $a; }',
    'fn f($a: int64, $p: struct foo *): int64 {\n  return $a;\n}\n',
  ],
  ['fn f() : void { }', 'fn f(): void { }\n'],
  [
    'begin { $x = if $a { let $b = 1; $b } else { 2 }; }',
    'begin {\n  $x = if ($a) {\n    let $b = 1;\n    $b\n  } else { 2 };\n}\n',
  ],
  ['begin { print({ $a = 1; $a }); }', 'begin {\n  print({\n    $a = 1;\n    $a\n  });\n}\n'],
  ['tracepoint:$1:b { }', 'tracepoint:$1:b { }\n'],
  ['BEG$1 { }', 'BEG$1 { }\n'],
];

test.each(rows)('%s', (text, canonical) => {
  expect(printed(text)).toBe(canonical);
});
