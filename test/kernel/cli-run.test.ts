import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ENTRY, type Finished, runBptop, runTool } from '../support/bptop.ts';
import { compileWorkload, Workload } from '../support/workload.ts';

const folder = mkdtempSync(join(tmpdir(), 'bptop-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HELLO = 'BEGIN { printf("hello\\n"); exit(); }';

/** Sends signals once the run says that it is attached. */
function signalling(
  ...signals: readonly NodeJS.Signals[]
): (stdout: string, child: ChildProcess, stderr: string) => void {
  let isSent = false;
  return (_, child, stderr) => {
    if (isSent || !stderr.includes('Attached')) return;
    isSent = true;
    for (const signal of signals) child.kill(signal);
  };
}

describe('streams and status', () => {
  test('what is printed goes to stdout, the rest to stderr', async () => {
    expect(await runBptop(['-e', HELLO])).toEqual({ stdout: 'hello\n\n\n', stderr: 'Attached 1 probe\n', status: 0 });
  });

  test('-q, -o and the status of exit()', async () => {
    const file = join(folder, 'out');
    const result = await runBptop(['-q', '-o', file, '-e', 'BEGIN { printf("x\\n"); exit(3); }']);
    expect(result).toEqual({ stdout: '', stderr: '', status: 3 });
    expect(readFileSync(file, 'utf8')).toBe('x\n\n\n');
  });

  test('a file, standard input, parameters', async () => {
    const file = join(folder, 'a.bt');
    writeFileSync(file, '#!/usr/bin/env bptop\nBEGIN { printf("%d %s %d\\n", $1, str($2), getopt("n", 5)); exit(); }');
    const args = ['-q', file, '7', 'word', '--', '--n=9'];
    expect((await runBptop(args)).stdout).toBe('7 word 9\n\n\n');
    const input = readFileSync(file, 'utf8');
    expect((await runBptop(['-q', '-', '7', 'word'], { input })).stdout).toBe('7 word 5\n\n\n');
  });

  test('run by its name, commands have the environment as it was', async () => {
    const program =
      'BEGIN { system("env | grep -c \'^BPTOP_\'; echo [$NODE_EXTRA_CA_CERTS] [$MALLOC_ARENA_MAX]"); exit(); }';
    const run = async (certificates: string, arenas: string): Promise<string> => {
      const env = { NODE_EXTRA_CA_CERTS: certificates, MALLOC_ARENA_MAX: arenas };
      const { stdout, stderr } = await runTool([ENTRY, '-q', '--unsafe', '-e', program], { env });
      return stderr + stdout.trim();
    };
    expect(await run('/dev/null', '2')).toBe('0\n[/dev/null] [2]');
    expect(await run('', '')).toBe('0\n[] []');
  });

  test('a flood of run-time warnings is cut short and counted', async () => {
    const program = 'let @m = hash(1); BEGIN { for ($i : 0..500) { @m[$i] = 1; } }';
    const { stderr, stdout } = await runBptop(['-q', '-e', program]);
    expect(stdout).toBe('\n\n@m[0]: 1\n');
    const warnings = stderr.match(/^stdin:1:47-57: WARNING: .{14}/gm);
    expect(warnings).toHaveLength(11);
    expect(warnings?.[9]).toMatch(/: Map full;/);
    expect(warnings?.[10]).toMatch(/: 489 more times/);
  });

  test('ps sees the name and the arguments', async () => {
    let commandLine = '';
    const result = await runBptop(['-e', 'BEGIN { printf("%s\\n", comm); } interval:s:100 { }'], {
      onOutput: (_, child, stderr) => {
        if (commandLine !== '' || !stderr.includes('Attached')) return;
        commandLine = readFileSync(`/proc/${child.pid}/cmdline`, 'latin1');
        child.kill('SIGINT');
      },
    });
    expect(commandLine.split('\0').slice(2, 3)).toEqual(['-e']);
    expect(result.stdout).toMatch(/^bptop\n/);
  });

  test('the notice of attached probes', async () => {
    const env = { __BPFTRACE_NOTIFY_PROBES_ATTACHED: '1' };
    expect((await runBptop(['-e', HELLO], { env })).stdout).toBe('__BPFTRACE_NOTIFY_PROBES_ATTACHED\nhello\n\n\n');
  });

  test.each<readonly [title: string, args: readonly string[], status: number, stdout: string, stderr: RegExp]>([
    [
      'unknown probe',
      ['-e', 'tracepoint:no:such { }'],
      1,
      '',
      /^stdin:1:1-19: ERROR: .*\ntracepoint:no:such \{ \}\n~{18}\n/,
    ],
    ['syntax error', ['-e', '@x = ;'], 1, '', /^stdin:1:\d+-\d+: ERROR: syntax: /],
    [
      'no such file',
      ['/no/such.bt'],
      1,
      '',
      /^ERROR: failed to open file '\/no\/such.bt': No such file or directory\n/,
    ],
    ['no probes', ['-e', '// nothing'], 1, '', /^ERROR: No probes to attach\n$/],
    [
      'none could be attached',
      ['-e', 'config = { missing_probes = warn } watchpoint:0x3:8:w { }'],
      1,
      '',
      /^stdin:1:36-54: WARNING: Unable to attach probe: watchpoint:0x3:8:w[\s\S]*\nERROR: No probes to attach\n$/,
    ],
    ['tests are for --test', ['-e', 'test:a { return 0; }'], 1, '', /^ERROR: No probes to attach\n$/],
    ['tests are not waited for', ['-e', 'test:a { return 0; } begin { }'], 0, '\n\n', /^Attached 1 probe\n$/],
    ['no such option', ['--nope'], 1, '', /^ERROR: unknown option '--nope'\n/],
    ['no such process', ['-p', '4194000', '-e', HELLO], 1, '', /^ERROR: there is no process with pid 4194000\n/],
    ['no such command', ['-c', '/no/such/command', '-e', HELLO], 1, '', /^ERROR: cannot run '\/no\/such\/command'/],
    [
      'unsafe function',
      ['-e', 'BEGIN { system("true"); }'],
      1,
      '',
      /system\(\) is an unsafe function being used in safe mode/,
    ],
    ['output file', ['-o', '/no/such/dir/f', '-e', HELLO], 1, '', /^ERROR: Failed to open output file/],
    ['check', ['--check', '-e', HELLO], 0, '', /^$/],
    ['check finds', ['--check', '-e', 'BEGIN { $x = nope; }'], 1, '', /ERROR/],
    [
      'check for machines',
      ['--check', '-f', 'json', '-e', 'BEGIN { $x = com; }'],
      1,
      '{"diagnostics":[{"code":"unknown-identifier","severity":"error","message":"Unknown identifier: \'com\'","span":{"file":"stdin","line":1,"column":14,',
      /^$/,
    ],
    ['version', ['-V'], 0, 'bptop v', /^$/],
    ['dry run', ['--dry-run', '-e', 'BEGIN { printf("x\\n"); }'], 0, '', /^Attached 1 probe\n$/],
  ])('%s', async (_, args, status, stdout, stderr) => {
    const result = await runBptop(args);
    expect(result.stderr).toMatch(stderr);
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(result.status).toBe(status);
    expect(result.stdout.slice(0, stdout.length || undefined)).toBe(stdout);
  });

  test('an unprivileged user is told what to do', async () => {
    const result = await runBptop(['-e', HELLO], { uid: 65534 });
    expect(result.status).toBe(1);
    expect(result.stdout).toBe('');
    expect(result.stderr).toContain('ERROR: Missing CAP_BPF capability, please run bptop as the root user.\n');
  });
});

describe('the end of a run', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s: end probes, maps, status 0', async (signal) => {
    const result = await runBptop(['-e', 'BEGIN { @x = 1; } interval:s:100 { } END { printf("end\\n"); }'], {
      onOutput: signalling(signal),
    });
    expect(result).toEqual({ stdout: 'end\n\n\n@x: 1\n', stderr: 'Attached 3 probes\n', status: 0 });
  });

  test('SIGUSR1 runs the probes of the signal', async () => {
    const result = await runBptop(['-e', 'self:signal:SIGUSR1 { printf("usr1\\n"); exit(); } interval:s:100 { }'], {
      onOutput: signalling('SIGUSR1'),
    });
    expect(result.stdout).toBe('usr1\n\n\n');
  });

  test('-c: output passes through, the status does not; the probes see all of it', async () => {
    const program = 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @ = count(); }';
    const file = join(folder, 'c');
    const command = `${compileWorkload('syscalls')} 500 0`;
    const result = await runBptop(['-o', file, '-c', command, '-e', program]);
    expect(result.stdout).toMatch(/^\d+\n[\d.]+\n$/);
    expect(readFileSync(file, 'utf8')).toBe('\n\n@: 500\n');
    expect((await runBptop(['-c', 'sh -c "exit 7"', '-e', 'interval:s:100 { }'])).status).toBe(0);
    // Also where nothing but begin would keep the run going.
    const { stdout, status } = await runBptop([
      '-q',
      '-c',
      'sh -c "echo x; exit 7"',
      '-e',
      'begin { } end { print(1) }',
    ]);
    expect([stdout, status]).toEqual(['x\n1\n\n\n', 0]);
  });

  test('-c: the command is ended when the run ends first', async () => {
    const result = await runBptop([
      '-q',
      '-c',
      'sleep 50',
      '-e',
      'interval:ms:50 { printf("%d\\n", cpid > 0); exit(); }',
    ]);
    expect(result.stdout).toBe('1\n\n\n');
    expect(result.status).toBe(0);
  });

  test('-p: the run ends with the process', async () => {
    const child = spawn('sleep', ['50']);
    const result: Finished = await runBptop(
      ['-p', String(child.pid), '-e', 'interval:s:100 { } END { printf("end\\n"); }'],
      {
        onOutput: (_, __, stderr) => {
          if (stderr.includes('Attached')) child.kill();
        },
      },
    );
    expect(result.stdout).toBe('end\n\n\n');
  });

  test('--once prints after one interval and ends', async () => {
    const file = join(folder, 'head');
    const result = await runBptop([
      '--once',
      '-i',
      '0.05',
      '-f',
      'csv',
      '-q',
      '-o',
      file,
      '-e',
      'BEGIN { @x = 1; } interval:s:100 { }',
    ]);
    expect(result.status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('map,value\n@x,1\n');
  });
});

describe('the end of a run, forced', () => {
  test('a reader that leaves ends the run, silently', async () => {
    const entry = `${process.execPath} ${ENTRY}`;
    const script = `${entry} -q -e 'interval:ms:1 { printf("x\\n"); }' | head -n 1; echo "status \${PIPESTATUS[0]}"`;
    expect(await runTool(['bash', '-c', script])).toEqual({ stdout: 'x\nstatus 0\n', stderr: '', status: 0 });
  });

  test.each([
    ['at the end', 'BEGIN { printf("x\\n"); exit(); }', []],
    ['in between', 'interval:ms:20 { printf("x\\n"); }', []],
    ['when the little that was gathered is written', 'BEGIN { printf("x\\n"); exit(); }', ['-B', 'full']],
    ['when a map is', 'BEGIN { @[1] = 2; exit(); }', ['-B', 'full']],
    ['as a record', 'BEGIN { printf("x\\n"); exit(3); }', ['-B', 'full', '-f', 'json']],
  ])('a disk that is full is an error, %s', async (_, program, options) => {
    const failed = {
      stdout: '',
      stderr: 'ERROR: cannot write the output: ENOSPC: no space left on device, write\n',
      status: 1,
    };
    expect(await runBptop(['-q', ...options, '-o', '/dev/full', '-e', program])).toEqual(failed);
    const words = [process.execPath, ENTRY, '-q', ...options, '-e', program].map((word) => `'${word}'`);
    expect(await runTool(['sh', '-c', `${words.join(' ')} > /dev/full`])).toEqual(failed);
  });

  test('the second SIGINT leaves at once', async () => {
    const result = await runBptop(['-q', '--unsafe', '-e', 'interval:ms:50 { printf("now\\n"); system("sleep 8"); }'], {
      onOutput: (stdout, child) => {
        if (stdout !== 'now\n') return;
        child.kill('SIGINT');
        setTimeout(() => child.kill('SIGINT'), 500);
      },
    });
    expect(result.status).toBe(130);
  });
});

describe('one-liners against real activity', () => {
  const workload = (count: number): string => `${compileWorkload('syscalls')} ${count} 0`;

  test.each<readonly [program: string, expected: RegExp]>([
    ['tracepoint:syscalls:sys_enter_execve { join(args->argv); }', /^\/\S*syscalls-\S* 100 0$/m],
    [
      'tracepoint:syscalls:sys_enter_openat /pid == cpid/ { printf("%s %s\\n", comm, str(args->filename)); }',
      /^syscalls-\S+ \/etc\/ld\.so\.cache$/m,
    ],
    ['tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }', /^@\[syscalls-\S+\]: 1\d\d$/m],
    ['tracepoint:syscalls:sys_enter_* { @[probe] = count(); }', /^@\[tracepoint:syscalls:sys_enter_getppid\]: 1\d\d$/m],
    ['tracepoint:raw_syscalls:sys_enter { @[pid, comm] = count(); }', /^@\[\d+, syscalls-\S+\]: 1\d\d$/m],
    ['tracepoint:syscalls:sys_exit_read /args->ret/ { @[comm] = sum(args->ret); }', /^@\[syscalls-\S+\]: \d+$/m],
    [
      'tracepoint:syscalls:sys_exit_read { @[comm] = hist(args->ret); }',
      /^@\[syscalls-\S+\]:\n\[512, 1K\) +\d+ \|@+ *\|\n/m,
    ],
    ['software:faults:1 { @[comm] = count(); }', /^@\[syscalls-\S+\]: \d+$/m],
  ])('%s', async (program, expected) => {
    const file = join(folder, 'one-liner');
    const { stderr, status } = await runBptop(['-q', '--no-warnings', '-o', file, '-c', workload(100), '-e', program]);
    expect(readFileSync(file, 'utf8'), stderr).toMatch(expected);
    expect(status).toBe(0);
  });

  test('a probe on a source line; paths are shown as they were written', async () => {
    const path = compileWorkload('syscalls').replace(/\/(?=[^/]*$)/, '/./');
    const line = `uprobe:${path}@syscalls.c:38`;
    const program = `${line} { @[probe] = count(); } uprobe:${path}:main { @main[probe] = 1 }`;
    const { stdout, stderr } = await runBptop(['-q', '-c', workload(5), '-e', program]);
    expect(stdout, stderr).toContain(`@[${line}]: 5\n`);
    expect(stdout).toContain(`@main[uprobe:${path}:main]: 1\n`);
    const nowhere = await runBptop(['-e', `uprobe:${path}@syscalls.c:9999 { }`]);
    expect(nowhere.stderr).toContain("ERROR: No code found for line 9999 of 'syscalls.c'");
  });

  test('profile with user stacks names the function that burns the CPU', async () => {
    const file = join(folder, 'profile');
    const program = 'profile:hz:199 /pid == cpid/ { @[ustack] = count(); }';
    await runBptop(['-q', '-o', file, '-c', workload(3_000_000), '-e', program]);
    expect(readFileSync(file, 'utf8')).toMatch(/^ {8}(main|syscall)\+\d+(@.*)?$/m);
  });
});

describe('markers that are gated by a semaphore', () => {
  const program = compileWorkload('targets', ['-no-pie']);

  test.each([
    ['as in old command lines', ['--usdt-file-activation']],
    ['by itself', []],
  ])('are switched on through the file in whichever process, %s', async (_, options) => {
    const workloads = [await Workload.start(program, ['100'])];
    try {
      const script = `usdt:${program}:targets:gated { @[pid] = count(); }`;
      let isStarted = false;
      const { stdout, status } = await runBptop(['-q', ...options, '-e', `BEGIN { printf("go\\n"); } ${script}`], {
        onOutput: (text, child) => {
          if (isStarted || !text.includes('go')) return;
          isStarted = true;
          runAll(workloads).finally(() => child.kill('SIGINT'));
        },
      });
      const counts = workloads.map(({ pid }) => `@[${pid}]: 100`);
      expect(
        stdout
          .trim()
          .split('\n')
          .slice(1)
          .filter((line) => line !== '')
          .sort(),
      ).toEqual(counts.sort());
      expect(status).toBe(0);
    } finally {
      for (const workload of workloads) workload.kill();
    }
  });

  /** One that ran before the probe was there, and one that is started behind it. */
  async function runAll(workloads: Workload[]): Promise<void> {
    workloads.push(await Workload.start(program, ['100']));
    await Promise.all(
      workloads.map((workload) => {
        const line = workload.nextLine();
        workload.go();
        return line;
      }),
    );
  }
});
