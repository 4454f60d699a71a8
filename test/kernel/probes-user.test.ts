/** Probes of user-space programs on the running kernel, each against a program that does known things a known number of times. */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { listProbes } from '../../src/listing/listing.ts';
import { compile, workDirectory } from '../support/compile.ts';
import { liveFacts } from '../support/run-script.ts';
import { traceText, traceWorkload } from '../support/traced-run.ts';
import { compileWorkload, Workload } from '../support/workload.ts';

const TARGETS = compileWorkload('targets', ['-no-pie']);
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
  for (const { name, script, expected, isScoped } of ROWS) {
    test(name, async () => {
      const { output, messages } = await traceWorkload([TARGETS, String(COUNT)], script, {
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

const CPP = `#include <cstdio>
#include <unistd.h>
namespace shapes {
  struct Square { int side; __attribute__((noinline)) int area(int factor) const; };
  int Square::area(int factor) const { asm volatile(""); return side * side * factor; }
  __attribute__((noinline)) int twice(int x) { asm volatile(""); return 2 * x; }
  __attribute__((noinline)) int twice(long x) { asm volatile(""); return 3 * (int)x; }
}
int main() {
  printf("%d\\n", getpid()); fflush(stdout); getchar();
  volatile int sum = 0; shapes::Square square{3};
  for (int i = 0; i < 100; i++) sum += square.area(i) + shapes::twice(i) + shapes::twice((long)i);
  printf("done\\n"); fflush(stdout); getchar();
}`;

describe('a C++ program', () => {
  const binary = compile('shapes.cc', CPP, ['-O1', '-g', '-fno-omit-frame-pointer']);

  test.each([
    ['cpp:"shapes::Square::area"', 100],
    ['cpp:"shapes::Square::area(int) const"', 100],
    ['cpp:"shapes::twice"', 200],
    ['cpp:"shapes::twice(long)"', 100],
    ['cpp:"shapes::*"', 300],
    ['_ZN6shapes5twiceEi', 100],
  ])('%s', async (name, count) => {
    const { output, messages } = await traceWorkload(
      [binary],
      (pid) => `uprobe:${binary}:${name} /pid == ${pid}/ { @ = count(); }`,
    );
    expect(messages).toMatch(/^Attached/);
    expect(output.trim()).toBe(`@: ${count}`);
  });
});

const RUST = `use std::io::{self, BufRead, Write};
mod shop { #[inline(never)] pub fn sell(amount: u64) -> u64 { std::hint::black_box(amount + 1) } }
fn main() {
  println!("{}", std::process::id()); io::stdout().flush().unwrap();
  let mut line = String::new(); io::stdin().lock().read_line(&mut line).unwrap();
  let mut sum = 0; for i in 0..100 { sum += shop::sell(i); }
  println!("done {}", sum); io::stdout().flush().unwrap();
  io::stdin().lock().read_line(&mut line).unwrap();
}`;

const rustc = hasCommand('rustc');
describe.skipIf(!rustc)(rustc ? 'a Rust program' : 'a Rust program: rustc is not installed', () => {
  const binary = join(workDirectory(), 'shop');

  function build(): void {
    writeFileSync(`${binary}.rs`, RUST);
    execFileSync('rustc', ['-O', '-o', binary, `${binary}.rs`], { stdio: 'ignore' });
  }

  test('its functions are listed, and count by pattern and by demangled name', async () => {
    build();
    const listed = listProbes(`uprobe:${binary}:*sell*`, liveFacts());
    expect(listed).toHaveLength(1);
    for (const name of ['*sell*', 'cpp:"shop::shop::sell*"']) {
      const { output, messages } = await traceWorkload(
        [binary],
        (pid) => `uprobe:${binary}:${name} /pid == ${pid}/ { @ = count(); }`,
      );
      expect(messages).toMatch(/^Attached/);
      expect(output.trim()).toBe('@: 100');
    }
  });
});

function hasCommand(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
