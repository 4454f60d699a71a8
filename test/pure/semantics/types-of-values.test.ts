/** Types of literals, operators, casts and struct members (language.md §4, §5, §18). */

import { describe, expect, test } from 'vitest';
import { meaningOf, type Row } from './support.ts';

const LITERALS: readonly Row[] = [
  ['$x = 1', '$x: int8 = 1:int8'],
  ['$x = 200', '$x: int16 = 200:int16'],
  ['$x = 70000', '$x: int32 = 70000:int32'],
  ['$x = 5000000000', '$x: int64 = 5000000000:int64'],
  ['$x = 18446744073709551615', '$x: uint64 = 18446744073709551615:uint64'],
  ['$x = -1', '$x: int8 = -1:int8'],
  ['$x = -9223372036854775808', '$x: int64 = -9223372036854775808:int64'],
  ['$x = 10ms', '$x: int32 = 10000000:int32'],
  ['$x = "abc"', '$x: string[4] = "abc":string[4]'],
  ['$x = true', '$x: bool = 1:bool'],
  ['$x = "abc" + "def"', '$x: string[7] = "abcdef":string[7]'],
  ['$x = "abc" + 1', '$x: string[3] = "bc":string[3]'],
  ['$x = "abc"[1]', '$x: int8 = 98:int8'],
  ['$x = 1 + 2 * 3', '$x: int8 = 7:int8'],
  ['$x = -7 / 2', '$x: int8 = -3:int8'],
  ['$x = -8 >> 1', '$x: int8 = -4:int8'],
  ['$x = 1 << 63', '$x: uint64 = 9223372036854775808:uint64'],
  ['$x = ~1', '$x: uint64 = 18446744073709551614:uint64'],
  ['$x = -(uint8)3', '$x: uint64 = 253:uint64'],
  ['$x = ~(uint8)3', '$x: uint64 = 252:uint64'],
  ['$x = -(int8)-128', '$x: int64 = -128:int64'],
  ['$x = -sizeof(uint32)', '$x: uint64 = 18446744073709551612:uint64'],
  ['$x = -$1', '$x: int8 = -5:int8'],
  ['enum e { A = 3 } begin { $x = -A }', '$x: int8 = -3:int8'],
  ['#define N 5\nbegin { $x = -N }', '$x: int8 = -5:int8'],
  ['$x = !5', '$x: bool = 0:bool'],
  ['$x = 7 % 4', '$x: int8 = 3:int8'],
  ['$x = 5 > 3', '$x: bool = 1:bool'],
  ['$x = 1 && 0', '$x: bool = 0:bool'],
  ['$x = "a" < "b"', '$x: bool = 1:bool'],
  ['$x = "a" == "a"', '$x: bool = 1:bool'],
  ['$x = 6 ^ 3 | 8 & 12', '$x: int8 = 13:int8'],
  ['$x = $1 + 1', '$x: int8 = 6:int8'],
  ['$x = str($2)', '$x: string[4] = "abc":string[4]'],
  ['$x = str($1)', '$x: string[2] = "5":string[2]'],
  ['$x = str($2 + 1)', '$x: string[3] = "bc":string[3]'],
  ['$x = $2', '$x: string[4] = "abc":string[4]'],
  ['$x = $#', '$x: int8 = 2:int8'],
  ['$x = $9', '$x: int8 = 0:int8'],
  ['$x = str($9)', '$x: string[1] = "":string[1]'],
];

const OPERATORS: readonly Row[] = [
  ['$x = -(uint8)pid', '$x: uint64 = -uint8(pid:uint32):uint64'],
  [
    'kprobe:vfs_read { $f = (struct file *)arg0; $p = &$f->f_path; $d = $p->dentry }',
    'kprobe:vfs_read; $f: struct file * = struct file *(arg0:uint64); $p: struct path * = struct path *((uint64($f:struct file *) + 64:uint64)); $d: struct dentry * = *$p:struct path *:struct path.dentry@8:struct dentry *',
  ],
  [
    'kprobe:vfs_read { $p = (int32 *)arg0; $q = &$p[3] }',
    'kprobe:vfs_read; $p: int32 * = int32 *(arg0:uint64); $q: int32 * = int32 *((uint64($p:int32 *) + 12:uint64))',
  ],
  ['$x = nsecs + 1', '$x: uint64 = (nsecs:uint64 + 1:uint64)'],
  ['$x = nsecs - 1', '$x: int64 = (int64(nsecs:uint64) - 1:int64)'],
  ['$x = pid * 2', '$x: uint64 = (uint64(pid:uint32) * 2:uint64)'],
  ['$x = (int32)pid + nsecs', '$x: int64 = (int64(int32(pid:uint32)) + int64(nsecs:uint64))'],
  ['$x = pid + tid', '$x: uint64 = (uint64(pid:uint32) + uint64(tid:uint32))'],
  ['$x = nsecs > 5', '$x: bool = (nsecs:uint64 > 5:uint64)'],
  ['$x = (int8)pid < nsecs', '$x: bool = (int64(int8(pid:uint32)) < int64(nsecs:uint64))'],
  ['$x = pid == -1', '$x: bool = (int64(pid:uint32) == -1:int64)'],
  ['$x = pid & 0xff', '$x: uint64 = (uint64(pid:uint32) & 255:uint64)'],
  ['$x = pid << 3', '$x: uint64 = (uint64(pid:uint32) << 3:uint64)'],
  ['$x = (int32)pid >> 2', '$x: int64 = (int64(int32(pid:uint32)) >> 2:uint64)'],
  ['$x = 1 << pid', '$x: int64 = (1:int64 << uint64(pid:uint32))'],
  ['$x = nsecs / 1000', '$x: uint64 = (nsecs:uint64 / 1000:uint64)'],
  ['$x = nsecs % 10', '$x: uint64 = (nsecs:uint64 % 10:uint64)'],
  ['$x = -pid', '$x: uint64 = -pid:uint32:uint64'],
  ['$x = -(uint8)cpu', '$x: uint64 = -uint8(cpu:uint64):uint64'],
  ['$x = ~cpu', '$x: uint64 = ~cpu:uint64:uint64'],
  ['$x = !pid', '$x: bool = !bool(pid:uint32)'],
  ['$x = pid && tid', '$x: bool = (bool(pid:uint32) and bool(tid:uint32))'],
  ['$x = pid || comm == "a"', '$x: bool = (bool(pid:uint32) or (comm:string[16] == "a":string[2]))'],
  ['$x = comm == "sh"', '$x: bool = (comm:string[16] == "sh":string[3])'],
  ['$x = comm != str(5)', '$x: bool = (comm:string[16] != str(5:int8 *):string[1024])'],
  ['$x = curtask == 0', '$x: bool = (uint64(curtask:struct task_struct *) == 0:uint64)'],
  ['$x = (pid == 1) + 1', '$x: uint64 = (uint64((uint64(pid:uint32) == 1:uint64)) + 1:uint64)'],
  ['$x = pid ? 1 : -300', '$x: int16 = (bool(pid:uint32) ? 1:int16 : -300:int16)'],
  ['$x = pid ? "a" : "long"', '$x: string[5] = (bool(pid:uint32) ? "a":string[5] : "long":string[5])'],
  ['$x = pid ?: 5', '$x: uint32 = { $.once: uint32 = pid:uint32; (bool($.once:uint32) ? $.once:uint32 : 5:uint32) }'],
  [
    '$x = nsecs(boot) ?: 5',
    '$x: uint64 = { $.once: uint64 = nsecs:uint64; (bool($.once:uint64) ? $.once:uint64 : 5:uint64) }',
  ],
  ['$x = { $y = 5; $y + 1 }', '$x: int64 = { $y: int8 = 5:int8; (int64($y:int8) + 1:int64) }'],
  ['$x = if pid { 1 } else { 2 }', '$x: int8 = (bool(pid:uint32) ? 1:int8 : 2:int8)'],
  ['pid ? printf("a") : printf("b")', 'if bool(pid:uint32) { printf "a" () } else { printf "b" () }'],
  ['$x = (1, "a", pid)', '$x: (int8,string[2],uint32) = (1:int8, "a":string[2], pid:uint32)'],
  [
    '$x = (1, (2, "b")); $y = $x.1.1',
    '$x: (int8,(int8,string[2])) = (1:int8, (2:int8, "b":string[2])); $y: string[2] = $x:(int8,(int8,string[2])).1:(int8,string[2]).1:string[2]',
  ],
  [
    '$x = (a=1, b="x"); $y = $x.b',
    '$x: {.a=int8,.b=string[2]} = (1:int8, "x":string[2]); $y: string[2] = $x:{.a=int8,.b=string[2]}.1:string[2]',
  ],
  ['$x = (1, 2) == (1, 3)', '$x: bool = ((1:int8, 2:int8) == (1:int8, 3:int8))'],
  [
    '$x = pton("127.0.0.1") == pton("127.0.0.2")',
    '$x: bool = (bytes(127 0 0 1):uint8[4] == bytes(127 0 0 2):uint8[4])',
  ],
];

const CASTS: readonly Row[] = [
  ['$x = (uint8)300', '$x: uint8 = 44:uint8'],
  ['$x = (int8)200', '$x: int8 = -56:int8'],
  ['$x = (uint64)-1', '$x: uint64 = 18446744073709551615:uint64'],
  ['$x = (bool)pid', '$x: bool = bool(pid:uint32)'],
  ['$x = (int16)nsecs', '$x: int16 = int16(nsecs:uint64)'],
  ['$x = (struct task_struct *)5', '$x: struct task_struct * = 5:struct task_struct *'],
  ['$x = (uint64)curtask', '$x: uint64 = uint64(curtask:struct task_struct *)'],
  ['$x = (uint32)curtask', '$x: uint32 = uint32(uint64(curtask:struct task_struct *))'],
  ['$x = (uint8[4])(uint32)pid', '$x: uint8[4] = uint8[4](pid:uint32)'],
  ['$x = (uint8[])(uint16)pid', '$x: uint8[2] = uint8[2](uint16(pid:uint32))'],
  ['$x = (int8[])"abc"', '$x: int8[4] = bytes(97 98 99 0):int8[4]'],
  [
    '$x = (uint8[8])5; $y = (uint64)$x; $z = $x[3]',
    '$x: uint8[8] = uint8[8](5:int64); $y: uint64 = uint64($x:uint8[8]); $z: uint8 = $x:uint8[8][3:uint64]:uint8',
  ],
  ['$x = (int32 *)curtask', '$x: int32 * = int32 *(curtask:struct task_struct *)'],
  ['$x = (path *)5', '$x: struct path * = 5:struct path *'],
  ['$x = (unsigned long)5', '$x: uint64 = 5:uint64'],
  ['$x = (ksym_t)5', '$x: ksym_t = ksym(5:uint64):ksym_t'],
];

const STRUCTS: readonly Row[] = [
  ['$x = curtask->pid', '$x: int32 = *curtask:struct task_struct *:struct task_struct.pid@1264:int32'],
  ['$x = curtask.comm', '$x: string[16] = *curtask:struct task_struct *:struct task_struct.comm@1752:string[16]'],
  [
    '$x = curtask->mm->pgd',
    '$x: struct <anonymous> * = **curtask:struct task_struct *:struct task_struct.mm@1136:struct mm_struct *:struct mm_struct.pgd@120:struct <anonymous> *',
  ],
  [
    '$x = curtask->real_parent->real_parent->tgid',
    '$x: int32 = ***curtask:struct task_struct *:struct task_struct.real_parent@1280:struct task_struct *:struct task_struct.real_parent@1280:struct task_struct *:struct task_struct.tgid@1268:int32',
  ],
  [
    '$x = ((struct file *)5)->f_path.dentry->d_name.name',
    '$x: uint8 * = **5:struct file *:struct file.f_path@64:struct path.dentry@8:struct dentry *:struct dentry.d_name@32:struct qstr.name@8:uint8 *',
  ],
  ['$x = *curtask', '$x: struct task_struct = *curtask:struct task_struct *:struct task_struct'],
  [
    '@x[pid] = *curtask',
    '@x[uint32]: struct task_struct; @x[pid:uint32] = *curtask:struct task_struct *:struct task_struct',
  ],
  [
    '$x = curtask->comm[0]',
    '$x: int8 = *curtask:struct task_struct *:struct task_struct.comm@1752:string[16][0:uint64]:int8',
  ],
  [
    'struct foo { int a; char b[8]; unsigned c:3; struct { int d; }; union { int e; long f; }; int g[4]; struct foo *next; }; begin { $f = (struct foo *)5; print(($f->a, $f->b, $f->c, $f->d, $f->f, $f->g[2], $f->next->next->a)) }',
    '$f: struct foo * = 5:struct foo *; print((*$f:struct foo *:struct foo.a@0:int32, *$f:struct foo *:struct foo.b@4:string[8], *$f:struct foo *:struct foo.c@12:uint32, *$f:struct foo *:struct foo.d@16:int32, *$f:struct foo *:struct foo.f@24:int64, *$f:struct foo *:struct foo.g@32:int32[4][2:uint64]:int32, ***$f:struct foo *:struct foo.next@48:struct foo *:struct foo.next@48:struct foo *:struct foo.a@0:int32))',
  ],
  [
    'struct foo { int a[4]; }; begin { $f = (struct foo *)5; for $i : 0..4 { print($f->a[$i]) } }',
    '$f: struct foo * = 5:struct foo *; for $i: uint64 in 0:uint64..4:uint64 { print(*$f:struct foo *:struct foo.a@0:int32[4][$i:uint64]:int32) }',
  ],
  [
    'enum color { RED, GREEN = 5 }; begin { $c = GREEN; printf("%s %d", $c, RED); @x[RED] = (enum color)5; }',
    '@x[enum color]: enum color; $c: enum color = 5:enum color; printf "%s %d" ($c:enum color, 0:enum color); @x[0:enum color] = 5:enum color',
  ],
  ['enum { A = 3 }; begin { print(A + 1) }', 'print(4:int8)'],
  [
    'struct p { char *s; unsigned char u[4]; _Bool b; }; begin { $p = (struct p *)5; print((str($p->s), $p->u, $p->b)) }',
    '$p: struct p * = 5:struct p *; print((str(*$p:struct p *:struct p.s@0:int8 *):string[1024], *$p:struct p *:struct p.u@8:uint8[4], *$p:struct p *:struct p.b@12:bool))',
  ],
  [
    'union u { int a; char b[4]; }; begin { $u = (union u *)5; print($u->b) }',
    '$u: union u * = 5:union u *; print(*$u:union u *:union u.b@0:string[4])',
  ],
  ['$x = ((uint32 *)5)[3]', '$x: uint32 = *uint32 *((5:uint64 + 12:uint64)):uint32'],
  ['$x = *5', '$x: uint64 = *5:uint64 *:uint64'],
  [
    '$x = container_of((struct list_head *)5, struct task_struct, tasks)',
    '$x: struct task_struct * = struct task_struct *((5:uint64 - 1056:uint64))',
  ],
  [
    '$x = sizeof(int64); $y = sizeof(pid); $z = sizeof(struct list_head)',
    '$x: uint64 = 8:uint64; $y: uint64 = 4:uint64; $z: uint64 = 16:uint64',
  ],
  [
    '$x = offsetof(struct list_head, prev); $y = offsetof(struct file, f_path.dentry) > 0',
    '$x: uint64 = 8:uint64; $y: bool = 1:bool',
  ],
  ['if comptime (sizeof(int32) == 4) { print(1) } else { print($undefined) }', '{ print(1:int8) }'],
  ['$x = comptime (1 + 2)', '$x: int8 = 3:int8'],
];

describe.each([
  ['literals', LITERALS],
  ['operators', OPERATORS],
  ['casts', CASTS],
  ['structs', STRUCTS],
] as const)('%s', (_, rows) => {
  test.each(rows)('%s', (source, expected) => {
    expect(meaningOf(source)).toBe(expected);
  });
});
