/** A flood of output against a reader that does not read: what is lost is counted, and memory stays what it was. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ENTRY, runBptop } from '../support/bptop.ts';
import { compileWorkload, Workload } from '../support/workload.ts';

const CALLS = 1_000_000;
/** Above what an idle run takes: queue, ring buffer and the garbage of a million lines. */
const MAX_KB = 400_000;

test('a reader that sleeps costs lost events, not memory', async () => {
  const workload = await Workload.start(compileWorkload('syscalls'), [String(CALLS), '0', 'wait']);
  const line = 'a line of some length, number';
  const program = `tracepoint:syscalls:sys_enter_getppid /pid == ${workload.pid}/ { printf("${line} %d\\n", nsecs); }`;
  const child = spawn(process.execPath, [ENTRY, '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    let stderr = '';
    child.stderr.setEncoding('utf8');
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text: string) => {
        stderr += text;
        if (stderr.includes('Attached')) resolve();
      });
    });
    workload.go();
    await workload.done;
    const peak = Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1]);
    expect(peak).toBeLessThan(MAX_KB);
    child.kill('SIGINT');
    let lines = 0;
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      lines += text.split('\n').length - 1;
    });
    const [status] = await once(child, 'close');
    const lost = Number(/Lost (\d+) events in all/.exec(stderr)?.[1]);
    expect(lost).toBeGreaterThan(0);
    // Two empty lines end the run.
    expect(lines - 2 + lost).toBe(CALLS);
    expect(status).toBe(0);
  } finally {
    workload.kill();
    child.kill('SIGKILL');
  }
});

test('what waits holds up what came later: the order is that of the events', async () => {
  const program = `BEGIN {
    printf("1\\n"); system("sleep 0.2; echo 2"); time("3\\n"); cat("/proc/sys/kernel/ostype"); system("echo %d", 5);
    print((6, "six")); @m = 7; print(@m); clear(@m); errorf("8"); printf("9\\n"); exit(3);
  }`;
  const { stdout, status } = await runBptop(['-q', '--unsafe', '-e', program]);
  expect(stdout).toBe('1\n2\n\n3\nLinux\n5\n\n(6, six)\n@m: 7\n9\n\n\n');
  expect(status).toBe(3);
});

test('printf that is printed directly keeps its place among all else', async () => {
  const program = `BEGIN {
    for $i : 0..1000 {
      printf("%d %s|", $i, "a");
      if ($i % 3 == 0) { printf("%5d|", $i); }
      if ($i % 7 == 0) { printf("%p|", $i); }
      if ($i % 101 == 0) { print(($i, "x")); }
    }
    printf("last\\n");
    exit();
  }
  END { printf("end %d\\n", 1); }`;
  let expected = '';
  for (let index = 0; index < 1000; index++) {
    expected += `${index} a|`;
    if (index % 3 === 0) expected += `${String(index).padStart(5)}|`;
    if (index % 7 === 0) expected += index === 0 ? '0|' : `0x${index.toString(16)}|`;
    if (index % 101 === 0) expected += `(${index}, x)\n`;
  }
  const { stdout } = await runBptop(['-q', '-e', program]);
  expect(stdout).toBe(`${expected}last\nend 1\n\n\n`);
});
