/**
 * Habits of other tools, and how bpftrace says it. One table by name, which the semantic stage asks about names it
 * does not know, and one by the shape of the text at a syntax error.
 */

import type { ScriptToken } from './tokens.ts';

interface NameHabit {
  readonly tool: 'DTrace' | 'ply' | 'SystemTap' | 'C' | 'awk';
  readonly advice: string;
}

/** What the names of other tools are called here. */
const NAME_HABITS: ReadonlyMap<string, NameHabit> = new Map<string, NameHabit>(
  Object.entries({
    quantize: { tool: 'DTrace', advice: 'use `@ = hist(value)`' },
    lquantize: {
      tool: 'DTrace',
      advice: 'use `@ = lhist(value, min, max, step)`',
    },
    llquantize: {
      tool: 'DTrace',
      advice: 'use `@ = hist(value, bits)` or `lhist(value, min, max, step)`',
    },
    execname: { tool: 'DTrace', advice: 'the process name is `comm`' },
    this: {
      tool: 'DTrace',
      advice: '`this->name` is a scratch variable: `$name`',
    },
    self: {
      tool: 'DTrace',
      advice: '`self->name` is a map with the thread as key: `@name[tid]`; `self->name = 0` is `delete(@name, tid)`',
    },
    curthread: { tool: 'DTrace', advice: 'the current task is `curtask`' },
    curpsinfo: {
      tool: 'DTrace',
      advice: 'use `comm`, or the fields of `curtask`',
    },
    curlwpsinfo: {
      tool: 'DTrace',
      advice: 'use `tid`, or the fields of `curtask`',
    },
    printa: {
      tool: 'DTrace',
      advice: 'use `print(@map)`; it takes `print(@map, top, div)`',
    },
    trace: { tool: 'DTrace', advice: 'use `print(value)` or `printf(…)`' },
    tracemem: {
      tool: 'DTrace',
      advice: 'use `printf("%rx", buf(pointer, length))`',
    },
    trunc: {
      tool: 'DTrace',
      advice: 'use `print(@map, top)`, or `clear(@map)` for `trunc(@map)`',
    },
    normalize: { tool: 'DTrace', advice: 'use `print(@map, top, div)`' },
    denormalize: { tool: 'DTrace', advice: 'use `print(@map)`' },
    stringof: { tool: 'DTrace', advice: 'use `str(pointer)`' },
    copyinstr: { tool: 'DTrace', advice: 'use `str(uptr(pointer))`' },
    copyin: {
      tool: 'DTrace',
      advice: 'use `*(type *)uptr(pointer)` or `buf(…)`',
    },
    alloca: { tool: 'DTrace', advice: 'values need no allocation here' },
    stack: { tool: 'DTrace', advice: 'the kernel stack is `kstack`' },
    timestamp: { tool: 'DTrace', advice: 'nanoseconds are `nsecs`' },
    vtimestamp: {
      tool: 'DTrace',
      advice: 'there is no on-CPU clock per thread; add up times between sched_switch events',
    },
    walltimestamp: {
      tool: 'DTrace',
      advice: 'use `nsecs(tai)`, or `time("%H:%M:%S")` to print the time',
    },
    probefunc: { tool: 'DTrace', advice: 'use `func`, or `probe`' },
    probename: { tool: 'DTrace', advice: 'use `probe`' },
    probemod: { tool: 'DTrace', advice: 'use `probe`' },
    probeprov: { tool: 'DTrace', advice: 'use `probetype`, or `probe`' },
    ustackdepth: { tool: 'DTrace', advice: 'use `len(ustack)`' },
    stackdepth: { tool: 'DTrace', advice: 'use `len(kstack)`' },
    basename: {
      tool: 'DTrace',
      advice: 'there is no basename(); print the path with `%s`',
    },
    strjoin: { tool: 'DTrace', advice: 'use `str_concat(a, b)`' },
    raise: { tool: 'DTrace', advice: 'use `signal(number)` with --unsafe' },
    stop: { tool: 'DTrace', advice: 'use `signal("SIGSTOP")` with --unsafe' },
    ftruncate: { tool: 'DTrace', advice: 'use `clear(@map)`' },
    errno: {
      tool: 'DTrace',
      advice: 'use the negative return value: `args.ret` or `retval`',
    },
    nil: {
      tool: 'ply',
      advice: '`@map[key] = nil` is `delete(@map, key)`',
    },
    NULL: { tool: 'C', advice: 'a null pointer is `0`' },
    null: { tool: 'C', advice: 'a null pointer is `0`' },
    nullptr: { tool: 'C', advice: 'a null pointer is `0`' },
    gettimeofday_ns: { tool: 'SystemTap', advice: 'use `nsecs`' },
    execname_s: { tool: 'SystemTap', advice: 'use `comm`' },
    pp: { tool: 'SystemTap', advice: 'use `probe`' },
    user_string: { tool: 'SystemTap', advice: 'use `str(uptr(pointer))`' },
    kernel_string: { tool: 'SystemTap', advice: 'use `str(kptr(pointer))`' },
    print_backtrace: { tool: 'SystemTap', advice: 'use `print(kstack)`' },
    print_ubacktrace: { tool: 'SystemTap', advice: 'use `print(ustack)`' },
    println: { tool: 'SystemTap', advice: 'use `print(value)`' },
    sprintf: {
      tool: 'C',
      advice: 'strings are not built in the kernel; printf() the parts, or use a tuple',
    },
    fprintf: { tool: 'C', advice: 'use `printf(…)` or `errorf(…)`' },
    puts: { tool: 'C', advice: 'use `print(…)`' },
    strcmp: { tool: 'C', advice: 'compare with `==`, or `strncmp(a, b, n)`' },
    malloc: { tool: 'C', advice: 'values need no allocation here' },
    getpid: { tool: 'C', advice: 'use `pid`' },
    gettid: { tool: 'C', advice: 'use `tid`' },
    substr: { tool: 'awk', advice: 'use `str(pointer + offset, length)`' },
    length: { tool: 'awk', advice: 'use `strlen(s)` or `len(@map)`' },
    delta: { tool: 'ply', advice: 'subtract two `nsecs`' },
  } satisfies Record<string, NameHabit>),
);

/** nameHint gives the hint for a name that another tool has, as one line. */
export function nameHint(name: string): string | undefined {
  const habit = NAME_HABITS.get(name);
  return habit && `\`${name}\` is ${habit.tool}: ${habit.advice}`;
}

/** What ply's `@map.method(…)` is. */
const METHOD_HABITS: ReadonlyMap<string, string> = new Map([
  ['quantize', '`@map = hist(value)`'],
  ['lquantize', '`@map = lhist(value, min, max, step)`'],
  ['count', '`@map = count()`'],
  ['sum', '`@map = sum(value)`'],
  ['min', '`@map = min(value)`'],
  ['max', '`@map = max(value)`'],
  ['avg', '`@map = avg(value)`'],
  ['delete', '`delete(@map, key)`'],
  ['clear', '`clear(@map)`'],
  ['print', '`print(@map)`'],
]);

/** What the providers of other tools are called here. */
const PROVIDER_HABITS: ReadonlyMap<string, string> = new Map([
  ['dtrace', "DTrace's `dtrace:::BEGIN` and `dtrace:::END` are `begin` and `end`"],
  ['fbt', "DTrace's `fbt::func:entry` is `kprobe:func`, `:return` is `kretprobe:func`"],
  ['syscall', "DTrace's `syscall::name:entry` is `tracepoint:syscalls:sys_enter_name`, `:return` is `sys_exit_name`"],
  ['tick', "DTrace's `tick-1sec` is `interval:s:1`"],
  ['pid', "DTrace's `pid$target::func:entry` is `uprobe:BINARY:func` with `-p PID`"],
  ['io', "DTrace's `io:::start` is `tracepoint:block:block_rq_issue`"],
  ['sched', "DTrace's `sched:::on-cpu` is `tracepoint:sched:sched_switch`"],
  ['proc', "DTrace's `proc:::exec-success` is `tracepoint:sched:sched_process_exec`"],
  ['vminfo', 'see `software:page-faults` and `tracepoint:vmscan:*`'],
  ['sdt', "DTrace's `sdt` probes are tracepoints: `tracepoint:category:event`"],
  ['kernel', 'SystemTap\'s `kernel.function("f")` is `kprobe:f`, `.return` is `kretprobe:f`'],
  ['syscalls', 'write `tracepoint:syscalls:sys_enter_name`'],
  ['timer', "SystemTap's `timer.s(1)` is `interval:s:1`, `timer.profile` is `profile:hz:99`"],
  ['probe', 'a probe is written without the word `probe`: `kprobe:f { … }`'],
  ['trace', 'write `tracepoint:category:event`'],
  ['tp', 'write `tracepoint:category:event`'],
  ['raw_tracepoint', 'write `rawtracepoint:event`'],
  ['raw_tp', 'write `rawtracepoint:event`'],
  ['cpu', 'write `profile:hz:99`'],
]);

/** providerHint gives the hint for a provider of another tool, by its name up to digits, `-` or `.`. */
export function providerHint(spelling: string): string | undefined {
  const stem = /^[a-z_]+/i.exec(spelling)?.[0]?.toLowerCase() ?? '';
  return PROVIDER_HABITS.get(stem);
}

interface SyntaxHabit {
  readonly hint: string | ((at: Surroundings) => string | undefined);
  readonly test: (at: Surroundings) => boolean;
}

interface Surroundings {
  readonly token: ScriptToken;
  readonly expected: readonly string[];
  /** Text before the token, its last 200 characters. */
  readonly before: string;
  /** Text from the token on, its first 200 characters. */
  readonly after: string;
}

const SYNTAX_HABITS: readonly SyntaxHabit[] = [
  {
    test: ({ token, before }) => token.kind === 'string' && /"\s*$/.test(before),
    hint: 'strings are joined with `+`',
  },
  {
    test: ({ token, before, expected }) =>
      expected.includes("';'") && token.kind === 'string' && /(?:^|[\s;{}])[a-z_]+\s+$/.test(before),
    hint: ({ before }) => `the arguments of a function stand in parentheses: \`${/(\w+)\s+$/.exec(before)?.[1]}(…)\``,
  },
  {
    test: ({ after }) => /^:=/.test(after),
    hint: '`=` assigns',
  },
  {
    test: ({ token, before }) => token.text === '>' && before.endsWith('<'),
    hint: '`!=` is "not equal"',
  },
  {
    test: ({ token }) => token.text === 'and' || token.text === 'or',
    hint: ({ token }) => `write \`${token.text === 'and' ? '&&' : '||'}\``,
  },
  {
    test: ({ before }) => /[\s(/]not\s+$/.test(before),
    hint: '`!` is "not"',
  },
  {
    test: ({ before }) => /\b(?:elif|elsif|elseif)\b[^;{}]*$/.test(before),
    hint: 'write `else if`',
  },
  {
    test: ({ token, before }) => (token.text === '{' || token.text === '(') && /@\w*$/.test(before),
    hint: 'keys stand in brackets: `@name[key]`',
  },
  {
    test: ({ token, before }) => token.kind === 'identifier' && /\blet\s+$/.test(before),
    hint: ({ token }) => `scratch variables are written $${token.text}`,
  },
  {
    test: ({ expected, before }) =>
      !expected.includes("'{'") &&
      !expected.includes('expression') &&
      /[\s;{}]for\s*\([^;{}]*;[^{}]*$|[\s;{}]for\b[^;{}]*$/.test(before),
    hint: 'a loop goes over numbers or the entries of a map: `for $i : 0..10 { … }`, `for $kv : @map { … }` ($kv.0 is the key, $kv.1 the value)',
  },
  {
    test: ({ before }) => /[\s;{}]do\s*$/.test(before),
    hint: 'there is no do-while: `for $i : 0..10 { … }`, with `break`',
  },
  {
    test: ({ before }) => /[\s;{}]switch\b[^;{}]*$/.test(before),
    hint: 'there is no switch: `if … { … } else if … { … } else { … }`',
  },
  {
    test: ({ before }) => /[\s;{}](?:function|func|def|sub)\s+\w*\s*(?:\([^;{}]*)?$/.test(` ${before}`),
    hint: 'outside of probes: `macro name($parameter) { … }`, or `fn name($parameter : int64) : int64 { … }`',
  },
  {
    test: ({ expected, token, before }) =>
      expected.includes("'/'") && token.kind !== 'attachPoint' && /[\w*]\s*\/[^/{}\n]*\/[^{}\n]*$/.test(before),
    hint: 'behind a predicate stands a block: `probe /predicate/ { … }`',
  },
  {
    test: ({ expected, token }) => expected.includes('probe') && token.text === '{',
    hint: 'a block belongs to a probe: `begin { … }`',
  },
  {
    test: ({ expected, token }) => expected.includes('probe') && token.text === '}',
    hint: 'there is a `}` too many',
  },
  {
    test: ({ expected, token }) =>
      expected.includes("'{'") && token.kind === 'attachPoint' && /^(?:if|while|for|let|printf?)\b/.test(token.text),
    hint: 'statements stand in the block of a probe: `begin { … }`',
  },
  {
    test: ({ token, before, expected }) =>
      expected.includes("'{'") &&
      (token.kind === 'attachPoint' || token.kind === 'end') &&
      /(^|[\n;}])\s*([@$]|\w+\s*\()[^\n{}]*$/.test(before),
    hint: 'statements stand in the block of a probe: `begin { … }`',
  },
  {
    test: ({ before, after }) => after.startsWith('(') && /@\w*(\[[^\]]*\])?\s*\.\s*\w+\s*$/.test(before),
    hint: ({ before }) => {
      const method = /\.\s*(\w+)\s*$/.exec(before)?.[1] ?? '';
      const here = METHOD_HABITS.get(method);
      return here
        ? `maps have no methods: ply's \`@map.${method}(…)\` is ${here}`
        : 'maps have no methods; see `print(@map)`, `clear(@map)`, `delete(@map, key)`';
    },
  },
  {
    test: ({ expected, token }) =>
      token.kind === 'punctuation' && token.text === '=' && (expected.includes("'/'") || expected.includes("'{'")),
    hint: '`=` assigns; `==` compares',
  },
  {
    test: ({ token, before }) =>
      token.kind === 'punctuation' && token.text === '=' && /\b(?:if|while)\s*\([^()]*$/.test(before),
    hint: '`=` assigns; `==` compares',
  },
  {
    test: ({ token, expected }) => token.kind === 'punctuation' && token.text === '=' && expected.includes("';'"),
    hint: 'an assignment is a statement, not a value; `==` compares',
  },
  {
    test: ({ token, before }) => token.text === ',' && /(^|\n)\s*config\s*=\s*\{[^{}]*$/.test(before),
    hint: 'settings are separated by `;`',
  },
  {
    test: ({ token, before }) => token.kind === 'map' && /\blet\s+$/.test(before),
    hint: 'maps are declared outside of probes: `let @name = hash(100);`; a map needs no declaration',
  },
  {
    test: ({ token, before }) => token.kind === 'identifier' && /[\s;{](?:struct|union|enum|typedef)\s+$/.test(before),
    hint: 'C definitions stand at the top of the script',
  },
  {
    test: ({ expected, before }) =>
      expected.includes("'{'") && /(?<!#\s*)\b(if|else|while|for|unroll)\b[^;{}]*$/.test(before),
    hint: 'the body of `if`, `else`, `while`, `for` and `unroll` needs braces: `if (…) { … }`',
  },
  {
    test: ({ token, before }) => (token.text === '%' || token.text === '\\') && /\bprintf\s*\(\s*$/.test(before),
    hint: 'the format of printf() is a string: `printf("%d\\n", value)`',
  },
  {
    test: ({ before }) => /(^|\n)\s*(self|this)$/.test(before.trimEnd()),
    hint: 'variables are not declared: `self->name` is `@name[tid]`, `this->name` is `$name`',
  },
  {
    test: ({ before }) => /(^|[\s;}])probe$/.test(before.trimEnd()),
    hint: 'a probe is written without the word `probe`: `kprobe:f { … }`',
  },
  {
    test: ({ expected, token, after }) =>
      expected.includes("'{'") && token.kind === 'attachPoint' && /^[^:{]*(==|!=|<|>|&&|\|\|)/.test(after),
    hint: 'a predicate stands between slashes: `kprobe:f /pid == 1/ { … }`',
  },
  {
    test: ({ expected, before, token }) =>
      expected.includes("'{'") && token.kind === 'attachPoint' && /:\s+$/.test(before),
    hint: 'an attach point has no blanks: `kprobe:f`',
  },
  {
    test: ({ before, token }) =>
      (token.kind === 'identifier' || token.kind === 'variable') &&
      /[\s;{(](?:unsigned|signed|int|long|short|char|u?int(?:8|16|32|64)(?:_t)?|auto|var|const|bool|string)\s+$/.test(
        before,
      ),
    hint: 'variables are not declared with a type in front: `$name = value`, or `let $name : type = value`',
  },
  {
    test: ({ token }) => token.text === 'else',
    hint: '`else` follows the block of an `if`, without `;` between',
  },
];

/** syntaxHints gives the hints for a syntax error, from the text around it. */
export function syntaxHints(text: string, token: ScriptToken, expected: readonly string[]): string[] {
  const at: Surroundings = {
    token,
    expected,
    before: text.slice(Math.max(token.start - 200, 0), token.start),
    after: text.slice(token.start, token.start + 200),
  };
  for (const habit of SYNTAX_HABITS) {
    if (!habit.test(at)) continue;
    const hint = typeof habit.hint === 'string' ? habit.hint : habit.hint(at);
    if (hint !== undefined) return [hint];
  }
  const name = nameHint(token.text);
  return name === undefined ? [] : [name];
}
