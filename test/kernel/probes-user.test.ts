/** Probes of user-space programs on the running kernel, each against a program that does known things a known number of times. */

import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { listProbes } from '../../src/listing/listing.ts';
import { liveFacts } from '../support/run-script.ts';
import { traceText, traceWorkload } from '../support/traced-run.ts';
import { compileWorkload, missingCompiler, Workload } from '../support/workload.ts';

const TARGETS = compileWorkload('targets', ['-no-pie']);
const PIE = compileWorkload('targets', ['-pie']);
const COUNT = 1000;

const address = (name: string) =>
  liveFacts()
    .binaries.symbols(TARGETS)
    .find((symbol) => symbol.name === name)?.address ?? 0n;
const hex = (value: bigint) => `0x${value.toString(16)}`;

interface Row {
  readonly name: string;
  readonly script: (pid: number) => string;
  readonly expected: string | RegExp;
  /** Traced with -p. */
  readonly isScoped?: boolean;
  /** Instead of the usual program. */
  readonly binary?: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'uprobe by symbol, arguments by number',
    script: (pid) => `uprobe:${TARGETS}:add /pid == ${pid}/ { @[arg0, func] = count(); }`,
    expected: `@[2, add]: ${COUNT}`,
  },
  {
    name: 'arguments by name, from debug information, through a pointer',
    script: (pid) => `u:${TARGETS}:add /pid == ${pid}/ { @[args.a, args.point->x, str(args.point->label)] = count(); }`,
    expected: `@[2, 40, forty]: ${COUNT}`,
  },
  {
    name: 'argument cast to a struct that only debug information knows',
    script: (pid) =>
      `u:${TARGETS}:add /pid == ${pid}/ { $p = (struct point *)arg1; @[$p->x, str($p->label), sizeof(struct point)] = count(); }`,
    expected: `@[40, forty, 16]: ${COUNT}`,
  },
  {
    name: 'uretprobe and its result',
    script: (pid) => `uretprobe:${TARGETS}:add /pid == ${pid}/ { @[retval] = count(); }`,
    expected: `@[42]: ${COUNT}`,
  },
  {
    name: 'time from entry to return',
    script: (pid) => `uprobe:${TARGETS}:add /pid == ${pid}/ { @s[tid] = nsecs; }
      uretprobe:${TARGETS}:add /@s[tid]/ { @ns = hist(nsecs - @s[tid]); @n = count(); delete(@s[tid]); }`,
    expected: new RegExp(`^@n: ${COUNT}$`, 'm'),
  },
  {
    name: 'offset into a function',
    script: (pid) => `uprobe:${TARGETS}:add+0 /pid == ${pid}/ { @ = count(); }`,
    expected: `@: ${COUNT}`,
  },
  {
    name: 'address',
    script: (pid) => `uprobe:${TARGETS}:${hex(address('add'))} /pid == ${pid}/ { @ = count(); }`,
    expected: `@: ${COUNT}`,
  },
  {
    name: 'wildcard',
    script: (pid) => `uprobe:${TARGETS}:a*d,uprobe:${TARGETS}:mark* /pid == ${pid}/ { @[func] = count(); }`,
    expected: `@[mark]: ${COUNT}\n@[add]: ${COUNT}`,
  },
  {
    name: 'the binary of -p',
    script: () => 'uprobe::add { @[pid] = count(); }',
    expected: new RegExp(`^@\\[\\d+\\]: ${COUNT}$`),
    isScoped: true,
  },
  {
    name: 'a library by its name: allocations of one process by size',
    script: () => 'uprobe:libc:malloc { @bytes = hist(arg0); @n = count(); }',
    expected: new RegExp(
      `^@bytes:\\n\\[64, 128\\) +${COUNT / 2} \\|.*\\n(\\[.*\\) +0 .*\\n)*\\[512, 1K\\) +${COUNT / 2} \\|.*\\n\\n?@n: ${COUNT}$`,
    ),
    isScoped: true,
  },
  {
    name: 'uretprobe in a library',
    script: () => 'uretprobe:libc:malloc /retval != 0/ { @ = count(); }',
    expected: `@: ${COUNT}`,
    isScoped: true,
  },
  // Each call is entered with what the one before left in the variable, 0 at first.
  ...[TARGETS, PIE].flatMap((target, index): Row[] =>
    ['uprobe', 'uretprobe'].map((provider) => ({
      name: `${provider}: a variable of the program${index === 0 ? '' : ', position-independent'}`,
      binary: target,
      script: (pid) => `${provider}:${target}:add /pid == ${pid}/ { @ = sum(*uaddr("watched")); }`,
      expected: `@: ${((COUNT - 1) * (COUNT - 2)) / 2}`,
    })),
  ),
  {
    name: 'registers and context at the entry, user mode',
    script: (pid) => `uprobe:${TARGETS}:add /pid == ${pid}/ {
      @[reg("di"), ctx->di, reg("ip") == (uint64)uaddr("add"), usermode] = count(); }`,
    expected: `@[2, 2, true, 1]: ${COUNT}`,
  },
  {
    name: 'function and probe at the return',
    script: (pid) => `uretprobe:${TARGETS}:add,uretprobe:${TARGETS}:mark /pid == ${pid}/ { @[func, probe] = count(); }`,
    expected: `@[add, uretprobe:${TARGETS}:add]: ${COUNT}\n@[mark, uretprobe:${TARGETS}:mark]: ${COUNT}`,
  },
  {
    name: 'stacks of each form and depth',
    script: (pid) => `uprobe:${TARGETS}:add /pid == ${pid}/ {
      @[usym(*(uint64 *)reg("sp")), len(ustack(1)), len(ustack(2)), len(ustack(perf, 2))] = count(); }`,
    expected: `@[main, 1, 2, 2]: ${COUNT}`,
  },
  {
    name: 'marker: register, pointer and constant arguments',
    script: (pid) => `usdt:${TARGETS}:targets:plain /pid == ${pid}/ { @[str(arg1), (int16)arg2] = sum(arg0); }`,
    expected: `@[text, -7]: ${Array.from({ length: COUNT }, (_, index) => index % 3).reduce((sum, each) => sum + each, 0)}`,
  },
  {
    name: 'marker without its namespace, by wildcard',
    script: (pid) => `usdt:${TARGETS}:pl* /pid == ${pid}/ { @[probe] = count(); }`,
    expected: `@[usdt:${TARGETS}:targets:plain]: ${COUNT}`,
  },
  {
    name: 'marker with a semaphore in a running process',
    script: () => `usdt:${TARGETS}:gated { @[arg0] = count(); }`,
    expected: [0, 1, 2, 3, 4].map((number) => `@[${number}]: ${COUNT / 5}`).join('\n'),
    isScoped: true,
  },
  {
    name: 'marker with a semaphore, whichever process',
    script: (pid) => `usdt:${TARGETS}:targets:gated /pid == ${pid}/ { @ = sum(arg0); }`,
    expected: `@: ${2 * COUNT}`,
  },
  {
    name: 'all markers of a process',
    script: () => 'usdt::targets:* { @[probe] = count(); }',
    expected: new RegExp(`^@\\[usdt:.*targets.*:plain\\]: ${COUNT}\n@\\[usdt:.*:gated\\]: ${COUNT}$|gated.*\n.*plain`),
    isScoped: true,
  },
  {
    name: 'watchpoint on a variable',
    script: () => `watchpoint:${hex(address('watched'))}:4:w { @ = count(); }`,
    expected: `@: ${COUNT}`,
    isScoped: true,
  },
  {
    name: 'watchpoint on an instruction',
    script: () => `watchpoint:${hex(address('add'))}:8:x { @ = count(); }`,
    expected: `@: ${COUNT}`,
    isScoped: true,
  },
];

/** The semaphore in the memory of the running program. */
function gateOf(pid: number): number {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    const bytes = Buffer.alloc(2);
    readSync(memory, bytes, 0, 2, address('gate'));
    return bytes.readUInt16LE(0);
  } finally {
    closeSync(memory);
  }
}

describe('a C program', () => {
  for (const { name, script, expected, isScoped, binary = TARGETS } of ROWS) {
    test(name, async () => {
      const { output, messages } = await traceWorkload([binary, String(COUNT)], script, {
        ...(isScoped && { isScoped }),
      });
      expect(messages).toMatch(/^Attached \d+ probes?\n$/);
      if (typeof expected === 'string') expect(output.trim().split('\n').sort()).toEqual(expected.split('\n').sort());
      else expect(output.trim()).toMatch(expected);
    });
  }

  test('detaching lowers the semaphore, soon after', async () => {
    const workload = await Workload.start(TARGETS, ['10']);
    try {
      let whileAttached = -1;
      await traceText(
        `usdt:${TARGETS}:gated { @ = count(); }`,
        () => {
          whileAttached = gateOf(workload.pid);
        },
        { pid: workload.pid },
      );
      expect(whileAttached).toBe(1);
      await vi.waitFor(() => expect(gateOf(workload.pid)).toBe(0), 20_000);
    } finally {
      workload.kill();
    }
  });

  test('a command of PATH', async () => {
    const { output } = await traceText('uprobe:bash:main { @[comm] = count(); }', () => {
      execFileSync('/bin/bash', ['-c', ':']);
    });
    expect(output.trim()).toMatch(/^@\[bash\]: [1-9]\d*$/m);
  });
});

describe.skipIf(missingCompiler('shapes.cc'))(named('a C++ program', 'shapes.cc'), () => {
  const binary = lazily('shapes.cc');

  test.each([
    ['cpp:"shapes::Square::area"', 100],
    ['cpp:"shapes::Square::area(int) const"', 100],
    ['cpp:"shapes::twice"', 200],
    ['cpp:"shapes::twice(long)"', 100],
    ['cpp:"shapes::*"', 300],
    ['_ZN6shapes5twiceEi', 100],
  ])('%s', async (name, count) => {
    const { output, messages } = await traceWorkload(
      [binary()],
      (pid) => `uprobe:${binary()}:${name} /pid == ${pid}/ { @ = count(); }`,
    );
    expect(messages).toMatch(/^Attached/);
    expect(output.trim()).toBe(`@: ${count}`);
  });

  test('markers of the C++ library', async () => {
    const { output } = await traceWorkload([binary()], () => 'usdt:libstdc++:libstdcxx:throw { @[probe] = count(); }', {
      isScoped: true,
    });
    expect(output.trim()).toMatch(/^@\[usdt:\/.*libstdc\+\+.*:libstdcxx:throw\]: 100$/);
  });
});

describe.skipIf(missingCompiler('shop.rs'))(named('a Rust program', 'shop.rs'), () => {
  const binary = lazily('shop.rs');

  test('its functions are listed, and count by pattern and by demangled name', async () => {
    expect(listProbes(`uprobe:${binary()}:*sell*`, liveFacts())).toEqual([
      expect.stringMatching(/:_(ZN|R).*shop.*sell/),
    ]);
    for (const name of ['*sell*', 'cpp:"shop::shop::sell*"']) {
      const { output, messages } = await traceWorkload(
        [binary()],
        (pid) => `uprobe:${binary()}:${name} /pid == ${pid}/ { @ = count(); }`,
      );
      expect(messages).toMatch(/^Attached/);
      expect(output.trim()).toBe('@: 100');
    }
  });
});

describe.skipIf(missingCompiler('market.go'))(named('a Go program', 'market.go'), () => {
  const binary = lazily('market.go');

  test('its functions are listed, and count by name and by pattern', async () => {
    expect(listProbes(`uprobe:${binary()}:main.*`, liveFacts())).toEqual(
      expect.arrayContaining(
        ['main.(*stall).sell', 'main.count', 'main.main'].map((name) => `uprobe:${binary()}:${name}`),
      ),
    );
    // Go passes arguments in registers of its own choice, the first in ax.
    const { output } = await traceWorkload(
      [binary()],
      (pid) => `uprobe:${binary()}:"main.(*stall).sell" /pid == ${pid}/ { @calls[func] = count(); }
        uprobe:${binary()}:main.count /pid == ${pid}/ { @amount = sum(reg("ax")); }
        uprobe:${binary()}:main.cou* /pid == ${pid}/ { @pattern[probe] = count(); }`,
    );
    expect(output.trim().split('\n').filter(Boolean).sort()).toEqual([
      '@amount: 4950',
      '@calls[main.(*stall).sell]: 100',
      `@pattern[uprobe:${binary()}:main.count]: 100`,
    ]);
  });
});

/** A part of this program that is written in Rust, and not stripped: there wherever the program is. */
const RUST_ADDON = fileURLToPath(
  new URL(`../../node_modules/@napi-rs/lzma-linux-x64-gnu/lzma.linux-x64-gnu.node`, import.meta.url),
);

describe.skipIf(!existsSync(RUST_ADDON))('a library written in Rust', () => {
  test('its functions are listed, and count by demangled name', async () => {
    const listed = listProbes(`uprobe:${RUST_ADDON}:*compress_sync*`, liveFacts());
    expect(listed).toContainEqual(expect.stringMatching(/_ZN10napi_rs_xz2xz\d+__napi__compress_sync/));
    const { compressSync } = createRequire(import.meta.url)('@napi-rs/lzma').xz as { compressSync(text: string): void };
    const { output, messages } = await traceText(
      `uprobe:${RUST_ADDON}:cpp:"napi_rs_xz::xz::__napi__compress_sync*" /pid == ${process.pid}/ { @ = count(); }`,
      () => {
        for (let round = 0; round < 3; round++) compressSync('text');
      },
    );
    expect(messages).toMatch(/^Attached 1 probe/);
    expect(output.trim()).toBe('@: 3');
  });
});

/** Programs that may have been built with markers; which of them were differs between distributions. */
const MARKED = [process.execPath, '/lib/x86_64-linux-gnu/libc.so.6', '/lib/x86_64-linux-gnu/libpthread.so.0'];

describe('markers of the system', () => {
  for (const path of MARKED) {
    test(path, async ({ skip }) => {
      const lines = existsSync(path) ? listProbes(`usdt:${path}:*`, liveFacts()) : [];
      if (lines.length === 0) return skip('it was built without markers, or is not there');
      const { messages } = await traceText(`usdt:${path}:* { @[probe] = count(); }`, () => {});
      expect(messages).toBe(`Attached ${lines.length} probes\n`);
    });
  }
});

function named(title: string, source: string): string {
  const compiler = missingCompiler(source);
  return compiler === undefined ? title : `${title}: ${compiler} is not installed`;
}

/** Compiles when asked first, as a test that is skipped must not. */
function lazily(source: string): () => string {
  let path: string | undefined;
  return () => {
    path ??= compileWorkload(source);
    return path;
  };
}
