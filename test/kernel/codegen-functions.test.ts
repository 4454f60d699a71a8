/**
 * Functions of language.md §9 that read or write memory of user space, send signals, or act on what the compiler knows:
 * run in this very process, whose memory and signals are known.
 */

import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { addressFrom, callLibc } from '../../native/library.ts';
import { openSession } from '../../src/session/open-session.ts';
import { compileScript, liveFacts, runScript } from '../support/run-script.ts';
import { traceText } from '../support/traced-run.ts';

/** Copies bytes to an address of this process that stays what it is. */
function place(bytes: Uint8Array): bigint {
  const address = addressFrom('malloc', [['i64', bytes.length]]);
  callLibc('memcpy', [
    ['i64', address],
    ['buffer', bytes],
    ['i64', bytes.length],
  ]);
  return BigInt(address);
}

/** What this process has at an address now. */
function readBack(address: bigint, length: number): Buffer {
  const memory = openSync('/proc/self/mem', 'r');
  try {
    const bytes = Buffer.alloc(length);
    readSync(memory, bytes, 0, length, address);
    return bytes;
  } finally {
    closeSync(memory);
  }
}

const TEXT = place(Buffer.from('user text\0'));
const EMPTY = place(Buffer.from('\0'));
const LONG = place(Buffer.from(`${'x'.repeat(300)}\0`));
const WORDS = place(new Uint8Array(new BigUint64Array([TEXT, LONG, TEXT, 0n, TEXT]).buffer));
/** struct { u8 a; i16 b; i32 c: 5, d: 7; struct { u64 e; char f[4]; } g; u32 *h; } */
const INNER = place(new Uint8Array(new Uint32Array([0xdeadbeef, 7, 8]).buffer));
const RECORD = place(
  Buffer.concat([
    new Uint8Array([200, 0]),
    new Uint8Array(new Int16Array([-3]).buffer),
    // 5 bits -2, then 7 bits 33.
    new Uint8Array(new Uint32Array([(33 << 5) | 30]).buffer),
    new Uint8Array(new BigUint64Array([2n ** 63n]).buffer),
    Buffer.from('abc\0\0\0\0\0'),
    new Uint8Array(new BigUint64Array([INNER]).buffer),
  ]),
);
const STRUCT = `struct rec { unsigned char a; short b; int c : 5; int d : 7; struct { unsigned long long e; char f[4]; } g; unsigned int *h; };
union both { unsigned long long whole; struct { unsigned int low; unsigned int high; }; unsigned char bytes[8]; };
enum color { RED = 1, GREEN = 5 };
`;

type Row = readonly [body: string, expected: Readonly<Record<string, unknown>>];

const bytes = (...values: readonly number[]) => new Uint8Array(values);

const MEMORY: readonly Row[] = [
  ['@x = str(uptr((uint8*)TEXT))', { '@x': 'user text' }],
  ['@x = str(uptr((uint8*)TEXT), 4)', { '@x': 'user' }],
  ['$n = (uint64)6; @x = str(uptr((uint8*)TEXT), $n)', { '@x': 'user t' }],
  ['@x = str(uptr((uint8*)EMPTY)); @y = strlen(str(uptr((uint8*)TEXT)))', { '@x': '', '@y': 9 }],
  ['@x = strlen(str(uptr((uint8*)LONG)))', { '@x': 300 }],
  ['@x = str(uptr((uint8*)8)); @y = str(kptr((uint8*)TEXT))', { '@x': '', '@y': '' }],
  [
    '$p = TEXT; @x = str($p); @y = str((char *)$p, 4); @z[str($p)] = 1; @w = str(kptr($p))',
    { '@x': 'user text', '@y': 'user', '@w': '' },
  ],
  [
    '$p = TEXT; @x = str(kptr((char *)$p)); $q = (uint64)curtask + offsetof(struct task_struct, comm); @z = str($q) == comm',
    { '@x': '', '@z': true },
  ],
  ['@x = buf(uptr((uint8*)TEXT), 4)', { '@x': bytes(117, 115, 101, 114) }],
  ['$n = (uint64)2; @x = buf(uptr((uint8*)TEXT), $n)', { '@x': bytes(117, 115) }],
  ['@x = buf("abc", 10); @y = buf("abc"); @z = buf("abc", 1)', { '@x': bytes(97, 98, 99, 0), '@z': bytes(97) }],
  [
    '@x = str("abcdef", 2); $s = "abcdef"; @y = str($s, 3); $n = (uint64)4; @z = str($s, $n); @w = str("abcdef", $n)',
    { '@x': 'ab', '@y': 'abc', '@z': 'abcd', '@w': 'abcd' },
  ],
  ['@x = *uptr((uint16*)TEXT); @y = *(uptr((uint8*)TEXT) + 2)', { '@x': 0x7375, '@y': 0x65 }],
  ['$p = uptr((uint8*)TEXT); @x = ($p[0], $p[3]); $i = (uint64)5; @y = $p[$i]', { '@x': [117, 114], '@y': 116 }],
  [
    '$p = uptr((uint32*)INNER); $p++; @x = *$p; $p += 1; @y = *$p; $p -= 2; @z = *$p',
    { '@x': 7, '@y': 8, '@z': 0xdeadbeef },
  ],
  ['REC; @x = ($r.a, $r.b, $r.c, $r.d)', { '@x': [200, -3, -2, 33] }],
  [
    'REC; @x = $r.g.e; @y = $r->g.f; @z = *$r.h; @w = $r.h[2]',
    { '@x': 2n ** 63n, '@y': 'abc', '@z': 0xdeadbeef, '@w': 8 },
  ],
  ['REC; $v = *$r; @x = ($v.b, $v.d, $v.g.f); @m[1] = $v; @y = @m[1].b', { '@x': [-3, 33, 'abc'], '@y': -3 }],
  [
    '$u = (union both *)uptr((union both *)INNER); @x = $u.whole; @y = $u.low; @z = $u.high; @w = $u.bytes[1]',
    { '@x': 0x7deadbeef, '@y': 0xdeadbeef, '@z': 7, '@w': 0xbe },
  ],
  [
    '@x = container_of((uint8*)RECORD + offsetof(struct rec, g), struct rec, g) == (struct rec *)RECORD',
    { '@x': true },
  ],
  [
    '@x = (sizeof(struct rec), sizeof(union both), offsetof(struct rec, g), offsetof(struct rec, g.f), offsetof(struct rec, h), sizeof(enum color))',
    { '@x': [32, 8, 8, 16, 24, 4] },
  ],
  ['$e = (enum color)5; @x = $e == GREEN; @y = (uint32)$e; @z = GREEN + 1', { '@x': true, '@y': 5, '@z': 6 }],
  [
    '@x = ntop(2, *uptr((uint32*)INNER)); @y = ntop(*uptr((uint32*)INNER))',
    { '@x': '239.190.173.222', '@y': '239.190.173.222' },
  ],
  ['@x = macaddr(uptr((uint8*)TEXT))', { '@x': '75:73:65:72:20:74' }],
  ['@x = memcmp(buf(uptr((uint8*)TEXT), 4), buf("user", 4), 4)', { '@x': 0 }],
];

const COMPILER: readonly Row[] = [
  [
    '@x = (sizeof(uint8), sizeof(int32), sizeof(uint64), sizeof(5), sizeof("abc"), sizeof((1, "ab")))',
    { '@x': [1, 4, 8, 1, 4, 4] },
  ],
  ['let $x : typeof(pid) = 5; @x = sizeof($x); @y = sizeof(typeof(comm))', { '@x': 4, '@y': 16 }],
  ['@x = comptime (2 + 3); if comptime (1 == 2) { fail("never %d", 1) }', { '@x': 5 }],
  ['static_assert(1 == 1, "fine"); @x = 1', { '@x': 1 }],
  ['@x = (is_str("a"), is_str(1), is_ptr(curtask), is_ptr(1))', { '@x': [true, false, true, false] }],
  [
    '@x = (is_array(pton("1.2.3.4")), is_array(1), is_integer(1), is_integer("a"))',
    { '@x': [true, false, true, false] },
  ],
  [
    '@x = (is_unsigned_integer((uint8)1), is_unsigned_integer(-1), is_literal(1), is_literal(pid))',
    { '@x': [true, false, true, false] },
  ],
  ['@m[1] = 1; @s = 1; @x = (is_scalar(@s), is_scalar(@m))', { '@x': [true, false] }],
  [
    '@x = (kfunc_exist("bpf_task_from_pid"), kfunc_exist("nope"), kfunc_allowed("nope"))',
    { '@x': [kfunc('bpf_task_from_pid'), false, false] },
  ],
  [
    '@x = getopt("number", 5); @y = getopt("text", "abc"); @z = getopt("flag"); @w = getopt("on", true)',
    { '@x': 5, '@y': 'abc', '@z': false, '@w': true },
  ],
  [
    '@x = $1 + 1; @y = str($2); @z = str($2, 2); @w = $#; @v = str($1); @u = str($2 + 1)',
    { '@x': 43, '@y': 'word', '@z': 'wo', '@w': 2, '@v': '42', '@u': 'ord' },
  ],
  ['@x = $3; @y = str($3)', { '@x': 0, '@y': '' }],
  ['@x = kaddr("vfs_read")', { '@x': kernelAddress('vfs_read') }],
  ['@x = cgroupid("/sys/fs/cgroup")', { '@x': statSync('/sys/fs/cgroup').ino }],
  [
    '@x = pton("127.0.0.1"); @y = pton("::ffff:1.2.3.4")',
    { '@x': [127, 0, 0, 1], '@y': [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4] },
  ],
  ['@x = ntop(10, pton("::1")); @y = ntop(2, (uint32)0x04030201)', { '@x': '::1', '@y': '1.2.3.4' }],
  ['@x = macaddr("abcdef")', { '@x': '61:62:63:64:65:66' }],
  ['@x = usym((uint64)0); @y = ksym(0); @z = ksym(0x1234)', { '@x': '0', '@y': '0', '@z': '0x1234' }],
  [
    '@x = (is_err((uint8*)-5), is_err((uint64)-4095), is_err((uint64)-4096), is_err(0))',
    { '@x': [true, true, false, false] },
  ],
  ['@x = (strcap(comm), strcap(""), strlen(""), strcap(str_concat(comm, "b")))', { '@x': [16, 1, 0, 1024] }],
  [
    '@x = (signal_name(1), signal_name(31), syscall_name(0), strerror(1), strerror(133))',
    { '@x': ['HUP', 'SYS', 'read', 'Operation not permitted', 'Memory page has hardware error'] },
  ],
  ['@x = (signal_name(999), syscall_name(99999), strerror(9999))', { '@x': ['', '', ''] }],
  [
    '$s = 15; $n = 39; $e = 2; @x = (signal_name($s), syscall_name($n), strerror($e))',
    { '@x': ['TERM', 'getpid', 'No such file or directory'] },
  ],
  ['@x = (bswap((uint8)5), bswap((int16)0x0102), bswap(0x0102))', { '@x': [5, 0x0201, 0x0201] }],
  ['@x = (len(kstack(2)), len(kstack(perf, 1)))', { '@x': [2, 1] }],
  ['@x = config.max_map_keys; @y = config.license; @z = config.max_strlen', { '@x': 4096, '@y': 'GPL', '@z': 1024 }],
];

function kfunc(name: string): boolean {
  return liveFacts().types.function(name) !== undefined;
}

function kernelAddress(name: string): bigint {
  const line = readFileSync('/proc/kallsyms', 'utf8')
    .split('\n')
    .find((each) => each.split(/\s/)[2] === name);
  return BigInt(`0x${line?.split(' ')[0]}`);
}

function plain(value: unknown): unknown {
  if (value !== null && typeof value === 'object' && 'text' in value) return value.text;
  return Array.isArray(value) ? value.map(plain) : value;
}

/** Rows name addresses, so that their names do not change from run to run. */
const ADDRESSES: Readonly<Record<string, bigint>> = { TEXT, EMPTY, LONG, INNER, RECORD };
const NAMED = new RegExp(`\\b(?:${Object.keys(ADDRESSES).join('|')})\\b`, 'g');

async function check(body: string, expected: Row[1]): Promise<void> {
  const options = { positional: ['42', 'word'] };
  const text = body
    .replace('REC;', '$r = (struct rec *)uptr((uint8 *)RECORD);')
    .replace(NAMED, (name) => String(ADDRESSES[name]));
  const { maps, problems } = await runScript(`${STRUCT} begin { ${text} }`, options);
  expect(problems).toEqual([]);
  for (const [name, value] of Object.entries(expected)) expect(plain(maps[name]), name).toEqual(value);
}

describe('memory of user space', () => {
  test.each(MEMORY)('%s', check);
});

describe('what the compiler knows', () => {
  test.each(COMPILER)('%s', check);
});

test('join takes the words up to the null pointer', async () => {
  const { events } = await runScript(`begin { join(uptr((uint8**)${WORDS})); join(uptr((uint8**)${WORDS}), ","); }`);
  expect(events.map(({ args }) => args)).toEqual(Array(2).fill([['user text', 'x'.repeat(300), 'user text']]));
});

test('write_user changes memory of the process', async ({ skip }) => {
  const target = place(Buffer.from('before'));
  const source = place(Buffer.from('after!'));
  try {
    await runScript(`begin { write_user((uint8*)${target}, uptr((uint8*)${source}), 5); }`);
  } catch (error) {
    if (!/locked down/.test(String(error))) throw error;
    return skip('this kernel is locked down');
  }
  expect(readBack(target, 6).toString()).toBe('aftere');
});

test.each(['signal("USR2")', 'signal(12)', 'signal("SIGUSR2")', 'signal_thread("USR2")', '$s = 12; signal($s)'])(
  '%s reaches the process',
  async (call) => {
    let count = 0;
    const handler = () => count++;
    process.on('SIGUSR2', handler);
    try {
      await runScript(`begin { ${call}; }`);
      await vi.waitFor(() => expect(count).toBe(1), 20_000);
    } finally {
      process.off('SIGUSR2', handler);
    }
  },
);

test('debugf writes to the trace of the kernel', async () => {
  const mark = `bptop-${process.pid}-${process.hrtime.bigint()}`;
  // The kernel switches its trace on when the first program asks, some time later.
  await vi.waitFor(async () => {
    await runScript(`begin { debugf("${mark} %d %s", 42, "text"); }`);
    expect(readFileSync('/sys/kernel/tracing/trace', 'utf8')).toContain(`${mark} 42 text`);
  }, 20_000);
});

test('actions carry what user space needs', async () => {
  const { events } = await runScript(
    'begin { errorf("bad %d", 1); warnf("odd %s", "x"); assert(1 == 1, "fine"); unwatch(0x1234); cat("/etc/%s", "hostname"); time("%H"); assert(1 == 2, "wrong"); printf("never"); }',
  );
  expect(events.map(({ action, args }) => [action.kind, ...args])).toEqual([
    ['errorf', 1],
    ['warnf', 'x'],
    ['unwatch', 0x1234],
    ['cat', 'hostname'],
    ['time'],
    ['errorf'],
    ['exit', 1],
  ]);
});

test('exit ends the probe at once and carries its status', async () => {
  const { events, maps } = await runScript('begin { @x = 1; exit(7); @x = 2; } end { @y = 3; }');
  expect(events.map(({ action, args }) => [action.kind, ...args])).toEqual([['exit', 7]]);
  expect([maps['@x'], maps['@y']]).toEqual([1, 3]);
});

test('typeinfo of a kernel struct, of another and of none', async () => {
  const { maps } = await runScript(
    `struct mine { int a; }
    config = { unstable_typeinfo = enable }
    begin { $a = typeinfo(*curtask); $b = typeinfo(struct mine); $c = typeinfo(curtask);
      @ids = ($a.btf_id, $b.btf_id, $c.btf_id); @base = ($a.base_type, $b.base_type, $c.base_type);
      @full = ($a.full_type, $b.full_type, $c.full_type); }`,
  );
  const id = liveFacts().types.compositeId('struct', 'task_struct');
  expect(id).toBeGreaterThan(0);
  expect(plain(maps['@ids'])).toEqual([id, 0, 0]);
  expect(plain(maps['@base'])).toEqual(['struct', 'struct', 'pointer']);
  expect(plain(maps['@full'])).toEqual(['struct task_struct', 'struct mine', 'struct task_struct *']);
});

test.each([
  ['fail("no %d", 5)', 'no 5'],
  ['static_assert(1 == 2, "unequal")', 'unequal'],
  ['@x = cgroupid("/no/such")', 'No such cgroup: /no/such'],
  ['@x = kaddr("no_such_symbol")', /no_such_symbol/],
])('%s is refused', async (body, message) => {
  await expect(runScript(`begin { ${body} }`)).rejects.toThrow(message);
});

/** Others may call before the probe is gone. */
const firstLine = (output: string) => output.split('\n')[0];

/** The process runs the probe itself, as all it does is traced. */
const here = (probe: string, body: string) => `${probe} /pid == ${process.pid}/ { ${body} exit(); }`;

test.skipIf(!kfunc('bpf_task_from_pid'))('comm(pid) is the name of another task', async () => {
  const { output, messages } = await traceText(
    here('rawtracepoint:sys_enter', 'printf("%s|%s|%s\\n", comm(2), comm(pid), comm(4194303));'),
    () => new Promise<never>(() => {}),
  );
  expect(firstLine(output), messages).toBe(
    `${readFileSync('/proc/2/comm', 'utf8').trim()}|${readFileSync('/proc/self/comm', 'utf8').trim()}|`,
  );
});

test('socket_cookie is the one the kernel keeps in the socket', async () => {
  const server = createServer((socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  try {
    const { output, messages } = await traceText(
      `rawtracepoint:inet_sock_set_state /args.sk.__sk_common.skc_dport == bswap((uint16)${port})/ {
        $c = socket_cookie(args.sk); printf("%d %d\\n", $c != 0, $c == args.sk.__sk_common.skc_cookie.counter); exit(); }`,
      async () => {
        const client = connect(port, '127.0.0.1');
        client.resume();
        await once(client, 'close');
      },
    );
    expect(firstLine(output), messages).toBe('1 1');
  } finally {
    server.close();
  }
});

test('unwatch takes the watchpoints off an address', async () => {
  const cell = place(new Uint8Array(8));
  const write = () =>
    callLibc('memset', [
      ['i64', Number(cell)],
      ['i32', 1],
      ['i64', 1],
    ]);
  const { object } = compileScript(`watchpoint:${cell}:1:w { @++; unwatch(${cell}); }`);
  if (!object) throw new Error('does not compile');
  const session = openSession(object, { facts: liveFacts(), pid: process.pid });
  try {
    await session.start();
    const count = () => Number(session.snapshot().maps[0]?.entries[0]?.value);
    write();
    const first = count();
    expect(first).toBeGreaterThan(0);
    expect(session.poll().slice(0, 1)).toMatchObject([{ action: { kind: 'unwatch' }, args: [Number(cell)] }]);
    session.unwatch(cell + 8n);
    write();
    const second = count();
    expect(second).toBeGreaterThan(first);
    session.unwatch(cell);
    write();
    expect(count()).toBe(second);
  } finally {
    await session.close();
  }
});

test('path is that of an open file', async () => {
  const fd = openSync('/proc/self/maps', 'r');
  try {
    const { output, messages } = await traceText(
      `iter:task_file /ctx.task.pid == ${process.pid} && ctx.fd == ${fd}/ { printf("%s %s\\n", path(ctx.file.f_path), path(ctx.file.f_path, 6)); }`,
      () => new Promise<never>(() => {}),
    );
    expect(output.trim(), messages).toBe(`/proc/${process.pid}/maps /proc/`);
  } finally {
    closeSync(fd);
  }
});
