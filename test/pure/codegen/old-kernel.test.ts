/**
 * Scripts on a pretended Linux 5.10: what is newer than that is taken from the recorded kernel. Each either compiles without
 * calling a helper that 5.10 lacks, or is refused by a finding that names what is missing.
 */

import { describe, expect, test } from 'vitest';
import { HELPERS, helperNameOf } from '../../../src/codegen/bpf/helpers.ts';
import type { BpfObject } from '../../../src/codegen/object.ts';
import type { KernelFacts } from '../../../src/kernel/facts.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';
import { compileScript } from '../../support/run-script.ts';

const NEWER = new Set(
  Object.entries(HELPERS).flatMap(([name, info]) => ('since' in info && info.since !== undefined ? [name] : [])),
);
const MISSING_FEATURES = new Set([
  'current_task_btf',
  'kprobe_multi',
  'kprobe_session',
  'uprobe_multi',
  'uprobe_func_ip',
  'perf_link',
]);

function oldFacts(): KernelFacts {
  const { features, types, ...rest } = recordedFacts();
  return {
    ...rest,
    features: {
      hasHelper: (name, type) => !NEWER.has(name) && features.hasHelper(name, type),
      hasMapKind: (kind) => features.hasMapKind(kind),
      hasKfunc: () => false,
      has: (feature) => !MISSING_FEATURES.has(feature) && features.has(feature),
    },
    types: new Proxy(types, {
      get: (target, key) => {
        if (key === 'enumConstant') {
          return (name: string) => (NEWER.has(name.replace(/^BPF_FUNC_/, '')) ? undefined : types.enumConstant(name));
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  };
}

const BPF_CALL = 0x85;
/** BPF_STX | BPF_ATOMIC of 8 bytes; the operation is the immediate, of which 5.10 knows plain addition. */
const BPF_ATOMIC = 0xdb;

/** What of an object 5.10 would refuse. */
function novelties({ programs }: BpfObject): string[] {
  const found: string[] = [];
  for (const { instructions } of programs) {
    const view = new DataView(instructions.buffer, instructions.byteOffset, instructions.byteLength);
    for (let at = 0; at < instructions.length; at += 8) {
      const source = view.getUint8(at + 1) >> 4;
      const immediate = view.getInt32(at + 4, true);
      const operation = view.getUint8(at);
      const helper = helperNameOf(immediate) ?? '';
      if (operation === BPF_CALL && source === 0 && NEWER.has(helper)) found.push(helper);
      if (operation === BPF_CALL && source === 2) found.push('kfunc');
      if (operation === BPF_ATOMIC && immediate !== 0) found.push('atomic');
    }
  }
  return found;
}

const COMPILE: readonly string[] = [
  'begin { @x = count(); @y[pid, comm] = sum(3); @h = hist(5); @l[1] = lhist(3, 0, 10, 1); print(@x); }',
  'begin { $i = 0; while ($i < 10) { $i++; if ($i == 3) { continue } @s += $i } }',
  'begin { for $i : 0..5 { @s += $i; if ($i == 3) { break } } unroll(3) { @t++ } }',
  'begin { for $i : 0..5 { for $j : 0..3 { @s += $i * $j; if ($j == 2) { return } } } }',
  'fn f($n : int64) : int64 { let $t = 0; for $i : 0..$n { $t += $i } return $t; } begin { @x = f(5); }',
  'begin { @x = strcontains(comm, "ab"); @y = strstr(comm, "c"); @z = strlen(comm); @w = comm == "x" }',
  'begin { @c = count(); if (@c > 1) { @x = (int64)@c } @a = avg(3); @y = (int64)@a }',
  'begin { printf("%s %d %s", comm, pid, str(curtask.comm)); @k[kstack] = count(); @u = ustack; join((uint8**)8); }',
  'begin { @m[1] = (1, "a"); @x = delete(@m, 1); @y = has_key(@m, 1); find(@m, 1, $v); @e = elapsed; @n = nsecs }',
  'begin { @t = tseries(3, 1s, 5); @s = stats(4); clear(@t); time("%H"); cat("/x"); system("y"); }',
  'tracepoint:syscalls:sys_enter_openat { @[probe, str(args.filename)] = count(); }',
  'tracepoint:syscalls:sys_enter_* { @[probe] = count(); }',
  'tracepoint:sched:sched_switch { @[args.next_comm] = count(); }',
  'rawtracepoint:sched_switch { @[args.prev.comm] = count(); }',
  'kprobe:vfs_read { @[func, arg0] = count(); } kretprobe:vfs_read { @r = hist(retval); }',
  'kprobe:vfs_read,kprobe:vfs_write { @[probe] = count(); }',
  'fentry:vfs_read { @[args.count] = count(); } fexit:vfs_read { @r = hist(retval); }',
  'profile:hz:99 { @[kstack, ustack, comm] = count(); } interval:s:1 { print(@); }',
];

const REFUSED: readonly (readonly [script: string, names: RegExp])[] = [
  ['begin { @m[1] = 1; for ($kv : @m) { @s += $kv.1 } }', /bpf_for_each_map_elem \(Linux 5\.13\)/],
  ['begin { @m[1] = 1; @x = len(@m) }', /bpf_for_each_map_elem \(Linux 5\.13\)/],
  ['begin { @c[1] = count(); @x = (int64)@c[1] }', /bpf_map_lookup_percpu_elem \(Linux 5\.19\)/],
  ['kretprobe:vfs_read { @[func] = count(); }', /bpf_get_func_ip \(Linux 5\.15\)/],
  ['begin { @x = nsecs(tai) }', /bpf_ktime_get_tai_ns \(Linux 6\.1\)/],
  ['rawtracepoint:sched_switch { @ = comm(1) }', /bpf_task_from_pid/],
];

const compiled = (script: string) => compileScript(script, {}, oldFacts());

describe('another lowering serves', () => {
  test.each(COMPILE)('%s', (script) => {
    const { object, diagnostics, problems } = compiled(script);
    expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
    expect(problems).toEqual([]);
    expect(object && novelties(object)).toEqual([]);
  });
});

describe('what is missing is named', () => {
  test.each(REFUSED)('%s', (script, names) => {
    const { object, diagnostics } = compiled(script);
    expect(object).toBeUndefined();
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ message }) => message).join('\n')).toMatch(names);
    expect(errors.every(({ span }) => span !== undefined)).toBe(true);
  });
});
