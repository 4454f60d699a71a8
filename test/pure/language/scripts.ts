/** Whole scripts of both eras, for the properties that must hold of any. */

import { DESCRIPTOR_LEAK, OPEN_PATH, READ_LATENCY, SEEK_SIZE } from '../../support/founding-scripts.ts';

export const SCRIPTS: readonly string[] = [
  READ_LATENCY,
  OPEN_PATH,
  DESCRIPTOR_LEAK,
  SEEK_SIZE,
  `#!/usr/bin/env bpftrace
// A header comment,
// of two lines.

#define LIMIT 10 /* why */
struct pair { int a; char b[LIMIT]; } __attribute__((packed));

config = {
  max_map_keys = 1_000; // keys
  stack_mode = perf;
  license = "GPL"
}
import "lib.bt";

let @m = lruhash(100);

macro add($x, @m, e) {
  $x += e; // trailing
  /* before the value */
  @m[$x] + e
}

fn f($a : int64, $p : struct foo *) : int64 { return $a; }

k:a, // first
kr:b, name=uprobe:/bin/sh:"a b"
/ *(uint8 *)arg0 == 1 && comm != "x"/
{
  let $x; let $y : uint64 = 1; let $z : typeof($y) = { $q = 1; $q + 1 };
  if ($x > 1) { $x++ } else if $y { --$y; } else { }   // after if

  for $i : 0..(1 + 2) { continue; }
  for ($kv : @m) { print($kv.0); break }
  unroll(3) { @c = count(); }
  while ($x < 10) { $x += 1; }
  $t = (1, "a", (2,), (), (a=1, b=$x));
  @r[1, "k"] = $t.1 ?: sizeof(struct pair) + offsetof(struct pair, b) ;
  if comptime (is_str($x)) { print("s"); }
  _ = has_key(@m, 1);
  $u = if $x { 1 } else { 2 };
  *(&$x)->foo[1].bar;
  return;
}
`,
  `interval:s:1 { print(@, 10, 1000000); clear(@); time("%H:%M:%S\\n"); } self:signal:SIGUSR1 { exit(1); }`,
  `t:$1:sys_enter_* /args.ret < -(5ms) || !@s[tid] && ~$2 >> 3 == 0x1f/ { @[probe, kstack(perf, 5)] = lhist($#, 0, 100, 10); }`,
  '',
  '// only a comment',
  `uprobe:/usr/lib/*/libc.so.6:malloc { @ = stats(arg0); } usdt:*:ruby:gc__mark__begin {} iter:task:/sys/fs/bpf/x { print(ctx.task->pid) }`,
];
