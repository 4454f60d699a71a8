/** What is wrong with names, variables, maps and aggregations, in exact words. */

import { describe, expect, test } from 'vitest';
import { findingsOf, type Row } from './support.ts';

const NAMES: readonly Row[] = [
  ['print($x)', 'error: Undefined or undeclared variable: $x <$x>'],
  ['$x = 1; print($y)', 'error: Undefined or undeclared variable: $y <$y>'],
  [
    '$count = 1; print($coutn)',
    `error: Undefined or undeclared variable: $coutn <$coutn>
  hint: did you mean '$count'?`,
  ],
  ['print(@x)', 'error: Undefined map: @x <@x>'],
  [
    '@start = 1; print(@strat)',
    `error: Undefined map: @strat <@strat>
  hint: did you mean '@start'?`,
  ],
  ['print(nope)', "error: Unknown identifier: 'nope' <nope>"],
  [
    'print(comn)',
    `error: Unknown identifier: 'comn' <comn>
  hint: did you mean 'comm'?`,
  ],
  [
    'print(execname)',
    `error: Unknown identifier: 'execname' <execname>
  hint: \`execname\` is DTrace: the process name is \`comm\``,
  ],
  [
    'print(nil)',
    `error: Unknown identifier: 'nil' <nil>
  hint: \`nil\` is ply: \`@map[key] = nil\` is \`delete(@map, key)\``,
  ],
  [
    'this->x = 1',
    `error: Unknown identifier: 'this' <this>
  hint: \`this\` is DTrace: \`this->name\` is a scratch variable: \`$name\``,
  ],
  [
    'self->ts = nsecs',
    `error: Unknown identifier: 'self' <self>
  hint: \`self\` is DTrace: \`self->name\` is a map with the thread as key: \`@name[tid]\`; \`self->name = 0\` is \`delete(@name, tid)\``,
  ],
  [
    'pirntf("a")',
    `error: Unknown function: 'pirntf' <pirntf>
  hint: did you mean 'printf'?`,
  ],
  [
    '@ = quantize(5)',
    `error: Unknown function: 'quantize' <quantize>
  hint: \`quantize\` is DTrace: use \`@ = hist(value)\``,
  ],
  [
    '@ = lquantize(5, 0, 10, 1)',
    `error: Unknown function: 'lquantize' <lquantize>
  hint: \`lquantize\` is DTrace: use \`@ = lhist(value, min, max, step)\``,
  ],
  [
    'copyinstr(5)',
    `error: Unknown function: 'copyinstr' <copyinstr>
  hint: \`copyinstr\` is DTrace: use \`str(uptr(pointer))\``,
  ],
  [
    'tracepoint:syscalls:sys_enter_openat { print(filename) }',
    `error: Unknown identifier: 'filename' <filename>
  hint: did you mean 'args.filename'?`,
  ],
  [
    'tracepoint:syscalls:sys_enter_openat { print(str(args.filenam)) }',
    `error: Struct/union of type 'struct _tracepoint_syscalls_sys_enter_openat' does not contain a field named 'filenam' <filenam>
  hint: did you mean 'filename'?`,
  ],
  [
    '$x = 5; print(x)',
    `error: Unknown identifier: 'x' <x>
  hint: did you mean '$x'?`,
  ],
  [
    '@x = 5; print(x)',
    `error: Unknown identifier: 'x' <x>
  hint: did you mean '@x'?`,
  ],
  [
    'sarg0',
    `error: sarg* is deleted: read the stack with \`*(reg("sp") + <stack_offset>)\` <sarg0>
  hint: *(reg("sp") + <stack_offset>)`,
  ],
  [
    'print(($x, $y))',
    `error: Undefined or undeclared variable: $x <$x>
error: Undefined or undeclared variable: $y <$y>`,
  ],
];

const VARIABLES: readonly Row[] = [
  [
    '$x = 1; $x = "a"',
    `error: Type mismatch for $x: trying to assign value of type 'string[2]' when variable already has a type 'int8' <$x = "a">`,
  ],
  [
    '$x = "a"; $x = 1',
    "error: Type mismatch for $x: trying to assign value of type 'int8' when variable already has a type 'string[2]' <$x = 1>",
  ],
  [
    '$x = (1, 2); $x = (1, 2, 3)',
    "error: Type mismatch for $x: trying to assign value of type '(int8,int8,int8)' when variable already has a type '(int8,int8)' <$x = (1, 2, 3)>",
  ],
  [
    '$x = (1, 2); $x = (1, "a")',
    `error: Type mismatch for $x: trying to assign value of type '(int8,string[2])' when variable already has a type '(int8,int8)' <$x = (1, "a")>`,
  ],
  [
    '$x = (a=1); $x = (b=1)',
    "error: Type mismatch for $x: trying to assign value of type '{.b=int8}' when variable already has a type '{.a=int8}' <$x = (b=1)>",
  ],
  [
    '$x = count()',
    `error: count() must be assigned directly to a map <count()>
  hint: for example @x = count(…);`,
  ],
  [
    '$x = hist(5)',
    `error: hist() must be assigned directly to a map <hist(5)>
  hint: for example @x = hist(…);`,
  ],
  ['@x = hist(5); $x = @x', "error: Value of type 'hist_t' cannot be stored in a variable: $x <$x = @x>"],
  ['$x = printf("a")', 'error: An expression without a value cannot be assigned to a variable: $x <$x = printf("a")>'],
  ['let $x = 1; { let $x = 2 }', 'error: Variable $x was already declared. Variable shadowing is not allowed. <$x>'],
  ['let $x = 1; let $x = 2', 'error: Variable $x was already declared. Variable shadowing is not allowed. <$x>'],
  [
    'let $x : uint8 = 300',
    "error: Type mismatch for $x: trying to assign value '300' which does not fit into the variable of type 'uint8' <let $x : uint8 = 300>",
  ],
  [
    'let $x : int8 = -200',
    "error: Type mismatch for $x: trying to assign value '-200' which does not fit into the variable of type 'int8' <let $x : int8 = -200>",
  ],
  [
    'let $x : uint8; $x = nsecs',
    "warning: Integer size mismatch. Assignment type 'uint64' is larger than the variable type 'uint8'. <$x = nsecs>",
  ],
  [
    'let $x : string[4] = "too long"',
    `error: Type mismatch for $x: trying to assign value of type 'string[9]' when variable already has a type 'string[4]' <let $x : string[4] = "too long">`,
  ],
  [
    'let $x : uint8 = "a"',
    `error: Type mismatch for $x: trying to assign value of type 'string[2]' when variable already has a type 'uint8' <let $x : uint8 = "a">`,
  ],
  [
    'let $x; print($x)',
    `warning: Variable $x was never assigned to. <$x>
warning: Variable used before it was assigned: $x <$x>`,
  ],
  ['let $x : nope', 'error: Cannot resolve unknown type "nope" <nope>'],
  ['let $x : struct nope *', "error: Unknown struct/union: 'struct nope' <struct nope>"],
  [
    'let $x : struct task_struc *',
    `error: Unknown struct/union: 'struct task_struc' <struct task_struc>
  hint: did you mean 'struct task_struct'?`,
  ],
  [
    '$x = curtask; $x = (struct file *)0',
    "error: Type mismatch for $x: trying to assign value of type 'struct file *' when variable already has a type 'struct task_struct *' <$x = (struct file *)0>",
  ],
  [
    '$x = nsecs; $x = (int32)pid',
    "warning: Sign mismatch for $x: 'int32' and 'uint64' are both kept as 'int64' <$x = (int32)pid>",
  ],
  ['$x++', 'error: Undefined or undeclared variable: $x <$x>'],
  ['$x += 1', 'error: Undefined or undeclared variable: $x <$x>'],
  ['$x = "a"; $x++', "error: The ++ operator can not be used on expressions of type 'string[2]' <$x++>"],
  ['5++', 'error: The ++ operator must be applied to a map or variable <5++>'],
  [
    '(1, 2).0 = 5',
    'error: Tuples and records are immutable once created. Consider creating a new tuple or record and assigning it instead. <(1, 2).0>',
  ],
  [
    '$t = (1, 2); $t.0 = 5',
    'error: Tuples and records are immutable once created. Consider creating a new tuple or record and assigning it instead. <$t.0>',
  ],
  [
    '$t = (a=1); $t.a = 5',
    'error: Tuples and records are immutable once created. Consider creating a new tuple or record and assigning it instead. <$t.a>',
  ],
  ['curtask->pid = 5', 'error: Fields of structs cannot be assigned to <curtask->pid>'],
  ['$a = pton("::1"); $a[0] = 5', 'error: Array elements cannot be assigned to <$a[0]>'],
  ['5 = 6', 'error: Only variables and maps can be assigned to <5>'],
  [
    'x = 5',
    `error: Only variables and maps can be assigned to <x>
  hint: scratch variables are written $x`,
  ],
  ['if (pid) { let $x = 1 } print($x)', 'error: Undefined or undeclared variable: $x <$x>'],
];

const MAPS: readonly Row[] = [
  [
    '@x = 1; @x = "a"',
    `error: Type mismatch for @x: trying to assign value of type 'string[2]' when map already has a type 'int8' <@x = "a">`,
  ],
  [
    '@x = 1; @x[1] = 2',
    'error: @x used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map) <@x[1]>',
  ],
  [
    '@x[1] = 1; @x = 2',
    'error: @x used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map) <@x>',
  ],
  [
    '@x[1] = 1; @x["a"] = 1',
    `error: Argument mismatch for @x: trying to access with arguments: 'string[2]' when map expects arguments: 'int8' <"a">`,
  ],
  [
    '@x[1] = 1; @x[1, 2] = 1',
    "error: Argument mismatch for @x: trying to access with arguments: '(int8,int8)' when map expects arguments: 'int8' <1, 2>",
  ],
  [
    '@x[1, "a"] = 1; @x["a", 1] = 1',
    `error: Argument mismatch for @x: trying to access with arguments: '(string[2],int8)' when map expects arguments: '(int8,string[2])' <"a", 1>`,
  ],
  [
    '@x = count(); @x = sum(5)',
    "error: Type mismatch for @x: trying to assign value of type 'sum_t' when map already has a type 'count_t' <@x = sum(5)>",
  ],
  [
    '@x = count(); @x = 5',
    "error: Type mismatch for @x: trying to assign value of type 'int8' when map already has a type 'count_t' <@x = 5>",
  ],
  [
    '@x = 5; @x = count()',
    "error: Type mismatch for @x: trying to assign value of type 'count_t' when map already has a type 'int8' <@x = count()>",
  ],
  [
    '@x = count(); @y = @x',
    `error: Map value 'count_t' cannot be assigned from one map to another. The function that returns this type must be called directly e.g. \`@y = count();\`. <@y = @x>
  hint: Add a cast to integer if you want the value of the aggregate, e.g. \`@y = (int64)@x;\`.`,
  ],
  [
    '@x = hist(5); @y = @x',
    "error: Map value 'hist_t' cannot be assigned from one map to another. The function that returns this type must be called directly e.g. `@y = hist(arg2);`. <@y = @x>",
  ],
  [
    '@x[hist(5)] = 1',
    `error: hist() must be assigned directly to a map <hist(5)>
  hint: for example @x = hist(…);`,
  ],
  ['@h = hist(5); @x[@h] = 1', 'error: hist_t cannot be used as a map key <@h>'],
  ['@x[ctx] = 1', 'error: context cannot be used as a map key <ctx>'],
  ['@x = ctx', 'error: context cannot be assigned to a map: @x <@x = ctx>'],
  ['@x = clear(@y); @y = 1', 'error: An expression without a value cannot be assigned to a map: @x <@x = clear(@y)>'],
  ['@x = 1; for ($kv : @x) { }', 'error: @x has no explicit keys (scalar map), and cannot be used for iteration <@x>'],
  ['@x[1] = hist(5); for ($kv : @x) { }', 'error: Loop expression does not support type: hist_t <@x>'],
  ['@x = 1; print(len(@x))', 'error: len() expects a map with explicit keys (non-scalar map): @x is a scalar map <@x>'],
  [
    '@x = 1; print(has_key(@x, 1))',
    'error: has_key() expects a map with explicit keys (non-scalar map): @x is a scalar map <@x>',
  ],
  [
    '@x[1] = 1; delete(@x)',
    `error: call to delete() expects a key for map @x (non-scalar map) <@x>
  hint: delete(@x, key) removes one element, clear(@x) all of them`,
  ],
  [
    '@x[1] = 1; delete(@x, "a")',
    `error: Argument mismatch for @x: trying to access with arguments: 'string[2]' when map expects arguments: 'int8' <"a">`,
  ],
  [
    '@x[1] = 1; delete(@x, 1, 2)',
    `error: delete() takes up to 2 arguments (3 provided) <delete(@x, 1, 2)>
  hint: several keys are one tuple: delete(@map, (a, b))`,
  ],
  ['@x[1] = 1; delete(5)', 'error: delete() expects a map as first argument <5>'],
  ['@x[1] = 1; delete(@x, 1)', 'warning: Return value discarded. <delete(@x, 1)>'],
  ['@x[1] = 1; find(@x, 1, 5)', 'error: find() expects a variable as third argument <5>'],
  ['clear(@x)', 'error: Undefined map: @x <@x>'],
  ['clear(5)', 'error: clear() expects a map as first argument <5>'],
  [
    '@x[1] = hist(5); print(@x[1])',
    'error: Map type hist_t cannot print the value of individual keys. You must print the whole map. <@x[1]>',
  ],
  [
    '@x[1] = stats(5); print(@x[1])',
    'error: Map type stats_t cannot print the value of individual keys. You must print the whole map. <@x[1]>',
  ],
  [
    '@x[1] = 1; print(@x[1], 5)',
    `error: print() takes top and div only with a whole map <print(@x[1], 5)>
  hint: for example print(@map, 5)`,
  ],
  ['@x = stats(5); print(@x, 5)', 'warning: top and div are ignored for maps of type stats_t <print(@x, 5)>'],
  ['@x = lhist(5, 0, 10, 1); print(@x, 5, 5)', 'warning: div is ignored for maps of type lhist_t <print(@x, 5, 5)>'],
  ['@x = 1; print(@x, -1)', 'error: print() expects positive literals (-1 provided) <-1>'],
  ['@x = 1; print(@x, pid)', 'error: print() expects an integer literal as second argument (uint32 provided) <pid>'],
  [
    '@x = count(); printf("%d", @x)',
    `error: printf: %d specifier expects a value of type integer (count_t supplied) <@x>
  hint: a cast reads the aggregation now, for example (int64)@x`,
  ],
  ['@x = "a"; @x++', "error: The ++ operator can not be used on expressions of type 'string[2]' <@x++>"],
  [
    '@x[1] = 1; $x = @x',
    'error: @x used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map) <@x>',
  ],
  [
    '@x = nsecs; @x = (int32)pid',
    "warning: Sign mismatch for @x: 'int32' and 'uint64' are both kept as 'int64' <@x = (int32)pid>",
  ],
  [
    'let @x = foo(5); begin { @x[1] = 1 }',
    `error: Invalid bpf map type: foo <let @x = foo(5)>
  hint: Valid map types: hash, lruhash, percpuhash, percpulruhash`,
  ],
  ['let @x = hash(0); begin { @x[1] = 1 }', 'error: hash() expects a positive integer literal <0>'],
  ['let @x = hash(); begin { @x[1] = 1 }', 'error: hash() requires one argument (0 provided) <let @x = hash()>'],
  ['let @x = hash(5); let @x = hash(6); begin { @x[1] = 1 }', 'error: Map @x was already declared <let @x = hash(6)>'],
  [
    'let @x = hash(5); begin { @x = 1 }',
    'error: @x used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map) <@x>',
  ],
];

const AGGREGATIONS: readonly Row[] = [
  [
    'count()',
    `error: count() must be assigned directly to a map <count()>
  hint: for example @x = count(…);`,
  ],
  [
    'print(count())',
    `error: count() must be assigned directly to a map <count()>
  hint: for example @x = count(…);`,
  ],
  ['@x = count(1)', 'error: count() requires no arguments (1 provided) <count(1)>'],
  ['@x = sum()', 'error: sum() requires one argument (0 provided) <sum()>'],
  ['@x = sum(1, 2)', 'error: sum() requires one argument (2 provided) <sum(1, 2)>'],
  ['@x = sum("a")', 'error: sum() only supports integer arguments (string[2] provided) <"a">'],
  [
    '@x = sum(curtask)',
    `error: sum() only supports integer arguments (struct task_struct * provided) <curtask>
  hint: cast it: (uint64)pointer`,
  ],
  ['@x = hist()', 'error: hist() requires at least one argument (0 provided) <hist()>'],
  ['@x = hist(5, 6)', 'error: hist: bits 6 must be 0..5 <6>'],
  ['@x = hist(5, pid)', 'error: hist() expects an integer literal as second argument (uint32 provided) <pid>'],
  ['@x = lhist(5, 0, 10)', 'error: lhist() requires four arguments (3 provided) <lhist(5, 0, 10)>'],
  ['@x = lhist(5, 10, 5, 1)', 'error: lhist() min must be less than max (provided min 10 and max 5) <10>'],
  ['@x = lhist(5, 0, 10, 0)', 'error: lhist() step must be >= 1 (0 provided) <0>'],
  [
    '@x = lhist(5, 0, 10, 20)',
    'error: lhist() step is too large for the given range (provided step 20 for range 10) <20>',
  ],
  ['@x = lhist(5, 0, 10000, 1)', 'error: lhist() too many buckets, must be <= 1000 (would need 10000) <1>'],
  ['@x = lhist(5, 0, pid, 1)', 'error: lhist() expects an integer literal as third argument (uint32 provided) <pid>'],
  [
    '@x = lhist(5, 0, 10, 1); @x = lhist(5, 0, 20, 1)',
    `error: Type mismatch for @x: trying to assign value of type 'lhist_t' when map already has a type 'lhist_t' <@x = lhist(5, 0, 20, 1)>
  hint: all calls of lhist() on one map take the same arguments behind the value`,
  ],
  [
    '@x = hist(5); @x = hist(5, 2)',
    `error: Type mismatch for @x: trying to assign value of type 'hist_t' when map already has a type 'hist_t' <@x = hist(5, 2)>
  hint: all calls of hist() on one map take the same arguments behind the value`,
  ],
  [
    '@x = tseries(5, 1s, 10)',
    `warning: tseries() is an unstable feature <tseries(5, 1s, 10)>
  hint: set the 'unstable_tseries' config variable to 'enable' to silence this warning`,
  ],
  [
    '@x = tseries(5, 0, 10)',
    `error: tseries() interval_ns must be >= 1 (0 provided) <0>
warning: tseries() is an unstable feature <tseries(5, 0, 10)>
  hint: set the 'unstable_tseries' config variable to 'enable' to silence this warning`,
  ],
  [
    '@x = tseries(5, 1s, 10, "median")',
    `error: tseries() expects one of the following aggregation functions: avg, max, min, sum ("median" provided) <"median">
warning: tseries() is an unstable feature <tseries(5, 1s, 10, "median")>
  hint: set the 'unstable_tseries' config variable to 'enable' to silence this warning`,
  ],
];

describe.each([
  ['names', NAMES],
  ['variables', VARIABLES],
  ['maps', MAPS],
  ['aggregations', AGGREGATIONS],
] as const)('%s', (_, rows) => {
  test.each(rows)('%s', (source, expected) => {
    expect(findingsOf(source)).toBe(expected);
  });
});
