/** Types of variables, maps and aggregations; loops (language.md §3, §6, §7, §10). */

import { describe, expect, test } from 'vitest';
import { meaningOf, type Row } from './support.ts';

const VARIABLES: readonly Row[] = [
  ['$x = 1; $x = 300', '$x: int16 = 1:int16; $x: int16 = 300:int16'],
  ['$x = 1; $x = nsecs', '$x: uint64 = 1:uint64; $x: uint64 = nsecs:uint64'],
  ['$x = 1; $x = -1', '$x: int8 = 1:int8; $x: int8 = -1:int8'],
  ['$x = 200; $x = (uint8)pid', '$x: uint8 = 200:uint8; $x: uint8 = uint8(pid:uint32)'],
  ['$x = 300; $x = (uint8)pid', '$x: uint16 = 300:uint16; $x: uint16 = uint16(uint8(pid:uint32))'],
  ['$x = (uint8)pid; $x = (int8)pid', '$x: int16 = int16(uint8(pid:uint32)); $x: int16 = int16(int8(pid:uint32))'],
  ['$x = (int32)pid; $x = (uint16)pid', '$x: int32 = int32(pid:uint32); $x: int32 = int32(uint16(pid:uint32))'],
  ['$x = "a"; $x = "abc"', '$x: string[4] = "a":string[4]; $x: string[4] = "abc":string[4]'],
  [
    '$x = (1, "a"); $x = (300, "abc")',
    '$x: (int16,string[4]) = (1:int16, "a":string[4]); $x: (int16,string[4]) = (300:int16, "abc":string[4])',
  ],
  [
    '$x = (a=1, b=2); $x = (b=(uint64)5, a=(int16)3)',
    '$x: {.a=int16,.b=uint64} = (1:int16, 2:uint64); $x: {.a=int16,.b=uint64} = (3:int16, 5:uint64)',
  ],
  ['$x = 1; $x++; $x--', '$x: int64 = 1:int64; $x++:int64; $x--:int64'],
  ['$x = pid; $x++', '$x: uint64 = uint64(pid:uint32); $x++:uint64'],
  ['$x = pid; $x--', '$x: int64 = int64(pid:uint32); $x--:int64'],
  [
    '$x = 1; $x += 5; $x <<= 2',
    '$x: int64 = 1:int64; $x: int64 = ($x:int64 + 5:int64); $x: int64 = ($x:int64 << 2:uint64)',
  ],
  ['let $x; $x = 5', 'let $x: int8; $x: int8 = 5:int8'],
  ['let $x : uint8 = 200', '$x: uint8 = 200:uint8'],
  ['let $x : string[10] = "abc"', '$x: string[10] = "abc":string[10]'],
  ['let $x : typeof(pid) = 5', '$x: uint32 = 5:uint32'],
  ['let $x : struct task_struct * = curtask', '$x: struct task_struct * = curtask:struct task_struct *'],
  ['let $x : (uint8, string[4]) = (1, "abc")', '$x: (uint8,string[4]) = (1:uint8, "abc":string[4])'],
  ['let $x : int64; $x = pid', 'let $x: int64; $x: int64 = int64(pid:uint32)'],
  ['if (pid) { $x = 1; } $y = $x', 'if bool(pid:uint32) { $x: int8 = 1:int8 }; $y: int8 = $x:int8'],
  [
    'if (pid) { $x = 1; } else { $x = "a"; }',
    'if bool(pid:uint32) { $x: int8 = 1:int8 } else { $x: string[2] = "a":string[2] }',
  ],
  ['{ let $x = 1; } { let $x = "a"; }', '{ $x: int8 = 1:int8 }; { $x: string[2] = "a":string[2] }'],
  [
    '$p = (uint64 *)5; $p++; $q = $p + 2; $r = 1 + $p; $s = $p - 1',
    '$p: uint64 * = 5:uint64 *; $p++:uint64 *; $q: uint64 * = uint64 *((uint64($p:uint64 *) + 16:uint64)); $r: uint64 * = uint64 *((uint64($p:uint64 *) + 8:uint64)); $s: uint64 * = uint64 *((uint64($p:uint64 *) - 8:uint64))',
  ],
  ['$x = true; $x = 1', '$x: int8 = 1:int8; $x: int8 = 1:int8'],
  ['_ = nsecs; ', 'nsecs:uint64'],
  [
    '$x = curtask; $x = (struct task_struct *)0',
    '$x: struct task_struct * = curtask:struct task_struct *; $x: struct task_struct * = 0:struct task_struct *',
  ],
];

const MAPS: readonly Row[] = [
  ['@x = 1', '@x: int8; @x = 1:int8'],
  ['@x = nsecs', '@x: uint64; @x = nsecs:uint64'],
  ['@x[1] = 2; @x[300] = -2', '@x[int16]: int8; @x[1:int16] = 2:int8; @x[300:int16] = -2:int8'],
  ['@x[pid, comm] = 1', '@x[(uint32,string[16])]: int8; @x[(pid:uint32, comm:string[16])] = 1:int8'],
  [
    '@x[pid, comm] = 1; @x[(1, "a")] = 2',
    '@x[(uint32,string[16])]: int8; @x[(pid:uint32, comm:string[16])] = 1:int8; @x[(1:uint32, "a":string[16])] = 2:int8',
  ],
  [
    '@x["a"] = 1; @x["long key"] = 2',
    '@x[string[9]]: int8; @x["a":string[9]] = 1:int8; @x["long key":string[9]] = 2:int8',
  ],
  ['@x[curtask] = 1', '@x[struct task_struct *]: int8; @x[curtask:struct task_struct *] = 1:int8'],
  ['@x[kstack] = 1', '@x[kstack_bpftrace_127]: int8; @x[kstack():kstack_bpftrace_127] = 1:int8'],
  ['@x[ustack(perf, 5)] = 1', '@x[ustack_perf_5]: int8; @x[ustack():ustack_perf_5] = 1:int8'],
  [
    '@x[ksym(5), usym(5)] = 1',
    '@x[(ksym_t,usym_t)]: int8; @x[(ksym(5:uint64):ksym_t, usym(5:uint64):usym_t)] = 1:int8',
  ],
  ['@x[probe] = 1', '@x[string]: int8; @x[0:string] = 1:int8'],
  ['@x[true] = 1', '@x[bool]: int8; @x[1:bool] = 1:int8'],
  ['@x[(uint8[2])(uint16)5] = 1', '@x[uint8[2]]: int8; @x[uint8[2](5:uint16)] = 1:int8'],
  [
    '@x = comm; @x = "a long string, longer"',
    '@x: string[22]; @x = string[22](comm:string[16]); @x = "a long string, longer":string[22]',
  ],
  ['@x = (1, comm)', '@x: (int8,string[16]); @x = (1:int8, comm:string[16])'],
  ['@x++', '@x: int64; @x++:int64'],
  ['@x[pid]++', '@x[uint32]: int64; @x[pid:uint32]++:int64'],
  ['@x[pid] += 5', '@x[uint32]: int64; @x[pid:uint32] = (@x[pid:uint32]:int64 + 5:int64)'],
  ['@x--; @x = 5', '@x: int64; @x--:int64; @x = 5:int64'],
  ['@x = (uint32)5; @x++', '@x: uint64; @x = 5:uint64; @x++:uint64'],
  ['@x = @x + 1', '@x: int64; @x = (@x:int64 + 1:int64)'],
  [
    '@x = curtask; @y = @x.pid',
    '@x: struct task_struct *; @y: int32; @x = curtask:struct task_struct *; @y = *@x:struct task_struct *:struct task_struct.pid@1264:int32',
  ],
  ['print(@x); @x = 1', '@x: int8; print @x top 0 div 1 (); @x = 1:int8'],
  [
    '@x[1] = 1; print(@x); clear(@x); zero(@x); print(@x, 5); print(@x, 5, 10); print(@x[1])',
    '@x[int8]: int8; @x[1:int8] = 1:int8; print @x top 0 div 1 (); clear @x (); zero @x (); print @x top 5 div 1 (); print @x top 5 div 10 (); print(@x[1:int8]:int8)',
  ],
  [
    '@x[1] = 1; delete(@x[1]); delete(@x, 2)',
    '@x[int8]: int8; @x[1:int8] = 1:int8; delete(@x, 1:int8):bool; delete(@x, 2:int8):bool',
  ],
  [
    '@x[1, 2] = 1; delete(@x[1, 2])',
    '@x[(int8,int8)]: int8; @x[(1:int8, 2:int8)] = 1:int8; delete(@x, (1:int8, 2:int8)):bool',
  ],
  ['@x = 1; delete(@x)', '@x: int8; @x = 1:int8; delete(@x):bool'],
  [
    '@x[1] = 1; @y[1] = 1; delete(@x[1], @y[1])',
    '@x[int8]: int8; @y[int8]: int8; @x[1:int8] = 1:int8; @y[1:int8] = 1:int8; delete(@x, 1:int8):bool; delete(@y, 1:int8):bool',
  ],
  [
    '@x[1] = 1; if (has_key(@x, 2)) { print(len(@x)) }',
    '@x[int8]: int8; @x[1:int8] = 1:int8; if has_key(@x, 2:int8):bool { print(len(@x):int64) }',
  ],
  [
    '@x[1] = "a"; if (find(@x, 1, $v)) { print($v) }',
    '@x[int8]: string[2]; @x[1:int8] = "a":string[2]; if find(@x, 1:int8):bool { print($v:string[2]) }',
  ],
  ['let @x = lruhash(10); begin { @x[1] = 1 }', '@x[int8]: int8 lruhash(10); @x[1:int8] = 1:int8'],
  ['let @x = percpuhash(10); begin { @x[1] = 1 }', '@x[int8]: int8 percpuhash(10); @x[1:int8] = 1:int8'],
  ['@x = 1; $p = &@x; $y = *$p', '@x: int8; @x = 1:int8; $p: int8 * = &@x:int8 *; $y: int8 = *$p:int8 *:int8'],
  ['@x[1] = 1; $p = &@x[1]', '@x[int8]: int8; @x[1:int8] = 1:int8; $p: int8 * = &@x[1:int8]:int8 *'],
  ['@ = 5; print(@)', '@: int8; @ = 5:int8; print @ top 0 div 1 ()'],
];

const AGGREGATIONS: readonly Row[] = [
  ['@x = count()', '@x: count_t; @x = count()'],
  ['@x[pid] = count()', '@x[uint32]: count_t; @x[pid:uint32] = count()'],
  ['@x = count', '@x: count_t; @x = count()'],
  ['@x = sum(5)', '@x: sum_t; @x = sum(5:int64)'],
  ['@x = sum(pid)', '@x: usum_t; @x = sum(uint64(pid:uint32))'],
  ['@x = sum((int32)pid)', '@x: sum_t; @x = sum(int64(int32(pid:uint32)))'],
  ['@x = sum(-1); @x = sum(5)', '@x: sum_t; @x = sum(-1:int64); @x = sum(5:int64)'],
  [
    '@x = min(pid); @y = max((int8)pid)',
    '@x: umin_t; @y: max_t; @x = min(uint64(pid:uint32)); @y = max(int64(int8(pid:uint32)))',
  ],
  ['@x = avg(nsecs); @y = stats(nsecs)', '@x: uavg_t; @y: ustats_t; @x = avg(nsecs:uint64); @y = stats(nsecs:uint64)'],
  ['@x = hist(nsecs)', '@x: hist_t; @x = hist(nsecs:uint64)'],
  ['@x = hist(nsecs, 3)', '@x: hist_t; @x = hist(nsecs:uint64)'],
  ['@x = lhist(nsecs, 0, 100, 10)', '@x: lhist_t; @x = lhist(nsecs:uint64)'],
  ['@x = lhist(nsecs, $1, 100, 10)', '@x: lhist_t; @x = lhist(nsecs:uint64)'],
  ['@x = tseries(nsecs, 100ms, 10, "max")', '@x: tseries_t; @x = tseries(nsecs:uint64)'],
  ['@x = count(); $y = @x', '@x: count_t; @x = count(); $y: uint64 = @x:uint64'],
  ['@x = count(); if (@x > 5) { }', '@x: count_t; @x = count(); if (@x:uint64 > 5:uint64) { }'],
  ['@x = avg(-5); $y = @x + 1', '@x: avg_t; @x = avg(-5:int64); $y: int64 = (@x:int64 + 1:int64)'],
  ['@x[1] = sum(5); print(@x[1])', '@x[int8]: sum_t; @x[1:int8] = sum(5:int64); print(@x[1:int8]:int64)'],
  ['@x = count(); @y = (int64)@x', '@x: count_t; @y: int64; @x = count(); @y = int64(@x:uint64)'],
  ['@x = count(); @y[@x] = 1', '@x: count_t; @y[uint64]: int8; @x = count(); @y[@x:uint64] = 1:int8'],
  [
    '@x[1] = count(); for ($kv : @x) { print($kv.1) }',
    '@x[int8]: count_t; @x[1:int8] = count(); for $kv: (int8,uint64) in @x { print($kv:(int8,uint64).1:uint64) }',
  ],
  [
    '@x = max(pid); printf("%d", (int64)@x)',
    '@x: umax_t; @x = max(uint64(pid:uint32)); printf "%d" (int64(@x:uint64))',
  ],
  ['@x = sum(true)', '@x: usum_t; @x = sum(1:uint64)'],
];

const LOOPS: readonly Row[] = [
  ['unroll(5) { @x++; }', '@x: int64; unroll 5 { @x++:int64 }'],
  ['unroll($1) { @x++; }', '@x: int64; unroll 5 { @x++:int64 }'],
  [
    '$i = 0; while ($i < 5) { $i++; if ($i == 3) { break } else { continue } }',
    '$i: int64 = 0:int64; while ($i:int64 < 5:int64) { $i++:int64; if ($i:int64 == 3:int64) { break } else { continue } }',
  ],
  ['for $i : 0..10 { print($i) }', 'for $i: uint64 in 0:uint64..10:uint64 { print($i:uint64) }'],
  ['for ($i : 0..pid) { print($i) }', 'for $i: uint64 in 0:uint64..uint64(pid:uint32) { print($i:uint64) }'],
  ['for $i : -5..5 { print($i) }', 'for $i: int64 in -5:int64..5:int64 { print($i:int64) }'],
  [
    '@x["a"] = 1; for ($kv : @x) { print($kv.0); print($kv.1) }',
    '@x[string[2]]: int8; @x["a":string[2]] = 1:int8; for $kv: (string[2],int8) in @x { print($kv:(string[2],int8).0:string[2]); print($kv:(string[2],int8).1:int8) }',
  ],
  [
    'for $i : 0..3 { for $j : 0..$i { if ($j > 1) { continue } return } }',
    'for $i: uint64 in 0:uint64..3:uint64 { for $j: uint64 in 0:uint64..$i:uint64 { if ($j:uint64 > 1:uint64) { continue }; return } }',
  ],
  [
    'for $i : 0..3 { let $x; $x += $i }',
    'for $i: uint64 in 0:uint64..3:uint64 { let $x: int64; $x: int64 = ($x:int64 + int64($i:uint64)) }',
  ],
  [
    'if (pid) { print(1) } else if (tid) { print(2) } else { print(3) }',
    'if bool(pid:uint32) { print(1:int8) } else { if bool(tid:uint32) { print(2:int8) } else { print(3:int8) } }',
  ],
  ['return', 'return'],
  ['test:x { return 1 }', 'test:x; return 1:int64'],
  ['exit()', 'exit(0:int32); return'],
  ['exit(3)', 'exit(3:int32); return'],
];

describe.each([
  ['variables', VARIABLES],
  ['maps', MAPS],
  ['aggregations', AGGREGATIONS],
  ['loops', LOOPS],
] as const)('%s', (_, rows) => {
  test.each(rows)('%s', (source, expected) => {
    expect(meaningOf(source)).toBe(expected);
  });
});
