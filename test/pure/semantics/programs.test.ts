/** Whole scripts, and what the command line changes about them. */

import { expect, test } from 'vitest';
import { parseProgram } from '../../../src/language/parser.ts';
import { checkProgram } from '../../../src/semantics/check-program.ts';
import { DEFAULT_OPTIONS } from '../../../src/semantics/compile-options.ts';
import { DESCRIPTOR_LEAK, OPEN_PATH, READ_LATENCY, SEEK_SIZE } from '../../support/founding-scripts.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';
import { check, findingsOf, meaningOf } from './support.ts';

test.each([
  ['seek size', SEEK_SIZE, ['@last', '@size']],
  ['descriptor leak', DESCRIPTOR_LEAK, ['@alloc_stack']],
  ['open path', OPEN_PATH, []],
  ['read latency', READ_LATENCY, ['@start', '@ns']],
])('the article: %s', (_, source, maps) => {
  const { typed, diagnostics } = check(source);
  expect(diagnostics.filter((finding) => finding.severity === 'error')).toEqual([]);
  expect(typed?.maps.map((map) => map.name)).toEqual(maps);
});

test('-p adds a test of the process where the kernel does not filter', () => {
  expect(meaningOf('kprobe:vfs_read { }', { pid: 7 })).toBe('kprobe:vfs_read; /(uint64(pid:uint32) == 7:uint64)/');
  expect(meaningOf('kprobe:vfs_read /tid/ { }', { pid: 7 })).toBe(
    'kprobe:vfs_read; /((uint64(pid:uint32) == 7:uint64) and bool(tid:uint32))/',
  );
  expect(meaningOf('profile:hz:99 { }', { pid: 7 })).toBe('profile:hz:99');
});

test('unsafe functions with --unsafe', () => {
  const options = { isUnsafe: true };
  expect(meaningOf('system("ls %d", pid); signal("SIGKILL"); signal("KILL"); signal(9)', options)).toBe(
    'system "ls %d" (pid:uint32); signal(9:int32):void; signal(9:int32):void; signal(9:int32):void',
  );
  expect(findingsOf('signal("SIGFOO")', options)).toBe('error: SIGFOO is not a valid signal <"SIGFOO">');
  expect(findingsOf('signal(70)', options)).toBe('error: 70 is not a valid signal, allowed range: [1,64] <70>');
  expect(meaningOf('kprobe:vfs_read { override(1) }', options)).toBe('kprobe:vfs_read; override(1:uint64):void');
  expect(meaningOf('kprobe:0x1234 { }', options)).toBe('kprobe:0x1234');
});

test('named parameters', () => {
  const source = 'print((getopt("flag"), getopt("count", 5), getopt("name", "x")))';
  const named = new Map<string, string | true>([
    ['flag', true],
    ['count', '9'],
    ['name', 'y'],
  ]);
  expect(meaningOf(source, { named })).toBe('print((1:bool, 9:int8, "y":string[2]))');
  expect(findingsOf('print(getopt("count", 5))', { named: new Map([['count', 'x']]) })).toBe(
    `error: Command line option 'count' expects an integer: got 'x' <getopt("count", 5)>`,
  );
});

test('named parameters that the script does not ask for', () => {
  expect(findingsOf('print(getopt("count", 5))', { named: new Map([['cuont', '1']]) })).toBe(
    "error: unexpected program command line options: --cuont\n  hint: expected program options: --count\n  hint: did you mean 'count'?",
  );
  expect(check('begin { print(getopt("n", 5, "how many")) }').parameters).toEqual([
    { name: 'n', defaultText: '5', description: 'how many' },
  ]);
});

test('-c gives cpid a value', () => {
  expect(meaningOf('$x = cpid; $y = has_cpid', { hasCommand: true })).toBe(
    '$x: uint64 = cpid:uint64; $y: bool = 1:bool',
  );
});

test('the environment wins over the config block', () => {
  const { typed } = check('config = { max_strlen = 5 } begin { }', {
    env: { BPFTRACE_MAX_STRLEN: '7', BPFTRACE_NOPE: '1', BPFTRACE_STACK_MODE: 'perf' },
  });
  expect(typed?.config.maxStrlen).toBe(7);
  expect(typed?.config.stackMode).toBe('perf');
});

test('a small max_strlen leaves room to see that a string was cut', () => {
  expect(meaningOf('config = { max_strlen = 64 } begin { $x = str(5) }')).toBe(
    '$x: string[65] = str(5:int8 *):string[65]',
  );
});

test('missing_probes', () => {
  const source = (mode: string) => `config = { missing_probes = ${mode} } tracepoint:no:such { } begin { }`;
  expect(findingsOf(source('warn'))).toBe('warning: tracepoint not found: no:such <tracepoint:no:such>');
  expect(findingsOf(source('ignore'))).toBe('');
});

test('--probe-filter leaves probes out', () => {
  const { typed } = check('begin { } interval:s:1 { }', { probeFilter: '^interval' });
  expect(typed?.probes.flatMap((probe) => probe.sites.map((site) => site.name))).toEqual(['interval:s:1']);
});

test('a wildcard without arguments is one program, with arguments one per layout', () => {
  const one = check('tracepoint:sched:sched_* { @[probe] = count(); }').typed;
  expect(one?.probes).toHaveLength(1);
  expect(one?.probes[0]?.sites.length).toBeGreaterThan(5);
  const several = check('tracepoint:sched:sched_wakeup, tracepoint:sched:sched_process_fork { print(args.comm) }');
  expect(several.typed?.probes.length ?? 0).toBe(several.typed === undefined ? 0 : 2);
});

test('system calls carry their numbers and the raw tracepoint', () => {
  const { typed } = check('tracepoint:syscalls:sys_enter_openat { }');
  expect(typed?.probes[0]?.sites[0]).toMatchObject({
    provider: 'tracepoint',
    event: 'sys_enter_openat',
    syscallNumber: 257,
    rawBtfId: expect.any(Number),
  });
});

test('without BTF: tracepoints still work, what needs types says why', () => {
  const facts = recordedFacts();
  const types = new Proxy(facts.types, {
    get: (_, name) => (name === 'isAvailable' ? false : name === 'namesOf' ? () => [] : () => undefined),
  });
  const bare = { ...facts, types, problems: () => ['the kernel has no BTF'] };
  const run = (text: string) =>
    checkProgram(parseProgram({ name: 'stdin', text }).program, bare, DEFAULT_OPTIONS).diagnostics.map(
      (finding) => finding.message,
    );
  expect(run('tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }')).toEqual([]);
  expect(run('fentry:vfs_read { }')).toEqual(["fentry probes need the kernel's BTF, which is not available"]);
  expect(run('begin { $x = (struct task_struct *)5 }')).toEqual(["Unknown struct/union: 'struct task_struct'"]);
});

test('long chains of operators', () => {
  const chain = `begin { $x = ${Array.from({ length: 400 }, () => 'pid').join(' + ')}; }`;
  expect(check(chain).typed).toBeDefined();
});

test('findings of one run come all at once, errors first', () => {
  const messages = check('begin { let $u; print($u); print($x); nope(); @y = "a"; @y = 1; }').diagnostics;
  expect(messages.map((finding) => finding.code)).toEqual([
    'undefined-variable',
    'unknown-function',
    'type-mismatch',
    'never-assigned',
    'used-before-assigned',
  ]);
});

test('durations divide without a warning, other signed numbers do not', () => {
  const warnings = (text: string) => check(text).diagnostics.map((finding) => finding.code);
  expect(warnings('begin { @s = nsecs; $d = nsecs - @s; print($d / 1000); print((nsecs - @s) / 1000 % 10); }')).toEqual(
    [],
  );
  expect(warnings('begin { $d = nsecs - elapsed; $d = -1; print($d / 1000); }')).toEqual(['signed-division']);
});

test('functions call each other in any order', () => {
  expect(
    meaningOf(
      'fn f($a : int64) : int64 { return g($a); } fn g($b : int64) : int64 { return $b; } begin { print(f(1)) }',
    ),
  ).toBe(
    'fn f($a: int64): int64; return g($a:int64):int64; fn g($b: int64): int64; return $b:int64; print(f(1:int64):int64)',
  );
});

test.each([
  [
    'fn f($a : int64) : int64 { return f($a - 1); } begin { print(f(1)) }',
    `error: Recursive function call detected. Call chain: f > f <f($a - 1)>
  hint: the kernel runs no program that calls itself; use a loop`,
  ],
  [
    'fn f() : int64 { return g(); } fn g() : int64 { return f(); } begin { print(f()) }',
    `error: Recursive function call detected. Call chain: f > g > f <f()>
  hint: the kernel runs no program that calls itself; use a loop`,
  ],
  ['fn f() : int64 { return 1; } fn f() : int64 { return 2; } begin { }', 'error: Redefinition of function: f <f>'],
  [
    'fn f() : void { return 5; } begin { f() }',
    'error: return takes no value in a function of type void (int8 provided) <5>',
  ],
  ['fn f() : int64 { return; } begin { print(f()) }', 'error: return needs a value of type int64 here <return>'],
  ['fn f() : int64 { return "a"; } begin { print(f()) }', 'error: return expects int64 (string[2] provided) <"a">'],
  [
    'fn f() : string { return "a"; } begin { print(f()) }',
    `error: A function can only return integers, bools, enums and pointers (string[1024] given) <string>
  hint: use a macro, or pass a pointer`,
  ],
  [
    'fn f($s : string) : int64 { return 1; } begin { print(f("a")) }',
    `error: A function can only take integers, bools, enums and pointers (string[1024] given) <string>
  hint: use a macro, or pass a pointer`,
  ],
  [
    'fn f($a : int8, $a : int8) : int8 { return 1; } begin { print(f(1, 2)) }',
    'error: Parameter $a is there twice <$a : int8>',
  ],
  [
    'fn f($a:int8,$b:int8,$c:int8,$d:int8,$e:int8,$g:int8) : int8 { return 1; } begin { }',
    'error: f() has more than 5 parameters <$g:int8>',
  ],
])('%s', (source, expected) => {
  expect(findingsOf(source)).toBe(expected);
});

test.each([
  [
    'macro f(x) { $y + x } begin { print(f(1)) }',
    `error: Unhygienic access to scratch variable: $y <$y>
  hint: a macro sees only its parameters and its own variables; pass $y as an argument`,
  ],
  ['macro f(x) { break; } begin { f(1) }', "error: 'break' is not allowed in a macro <break>"],
  [
    'macro f(x) { $y = 1; $y = "a"; x } begin { print(f(1)) }',
    `error: Type mismatch for $y: trying to assign value of type 'string[2]' when variable already has a type 'int8' <$y = "a">`,
  ],
])('a wrong macro is reported once, by the names its author gave: %s', (source, expected) => {
  expect(findingsOf(source)).toBe(expected);
});

test('constants of the kernel headers need the header, not its file', () => {
  expect(meaningOf('#include <linux/socket.h>\nbegin { print(AF_INET6) }')).toBe('print(10:int8)');
  expect(findingsOf('begin { print(AF_INET6) }')).toBe(
    "error: Unknown identifier: 'AF_INET6' <AF_INET6>\n  hint: it is a macro of the kernel's headers: #define AF_INET6 10",
  );
});

test('what follows from a finding is no finding', () => {
  expect(findingsOf('@x = nope; print(@x)')).toBe("error: Unknown identifier: 'nope' <nope>");
  expect(findingsOf('@x = @y; @y = @x')).toBe('error: Undefined map: @x <@x>\nerror: Undefined map: @y <@y>');
});
